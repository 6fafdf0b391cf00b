/** Advice to cover elsewhere, as it is read. Loaded with its strip, when there is any. */
import { reasonTold } from "../case/advice";
import type { MoveRow } from "../generated/api";
import { figure } from "../words";

/** The most worth first; then by unit, so that the order is always the same. */
export function inOrder(rows: Iterable<MoveRow>): MoveRow[] {
  return [...rows].sort((one, other) => other.gain_ppb - one.gain_ppb || (one.unit < other.unit ? -1 : 1));
}

/** Ignored is one piece of advice, not a unit: the next one is shown again. */
export const adviceKey = (row: MoveRow): string => `${row.unit}/${row.at}`;

export const AREAS_SHOWN = 4;

/** What changes most, area by area: `south +21.0 % · north −10.5 %`. */
export function areasTold(change_ppb: Readonly<Record<string, number>>): string {
  return Object.entries(change_ppb)
    .sort(([one, a], [other, b]) => Math.abs(b) - Math.abs(a) || (one < other ? -1 : 1))
    .slice(0, AREAS_SHOWN)
    .map(([area, ppb]) => `${area || "–"} ${ppb > 0 ? "+" : "−"}${figure(Math.abs(ppb) / 1e7, 1)}\u00a0%`)
    .join(" · ");
}

export const whyTold = (row: MoveRow): string => row.reasons.map((one) => reasonTold(one, (incident) => incident)).join(" · ");
