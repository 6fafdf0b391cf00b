/** The recommendation as it is read: a line for every slot, all candidates with their reasons, and what a person ticks instead. */
import { figure, find, say } from "../words";
import { span } from "./told";
import type { Candidate, IncidentRow, Pick, Receipt, Shortfall, Slot } from "./shapes";

export interface SlotLine {
  slot: string;
  needs: string;
  asked: number;
  picks: Pick[];
  shortfall: Shortfall | null;
  isRequired: boolean;
}

/** One line for each slot of the cards, in their order. Without the receipt the slots are told from picks and shortfalls. */
export function bySlot(picks: readonly Pick[], shortfalls: readonly Shortfall[], slots: readonly Slot[] | null): SlotLine[] {
  const names = slots?.map((one) => one.name) ?? [];
  const all = [...new Set([...names, ...picks.map((one) => one.slot), ...shortfalls.map((one) => one.slot)])];
  return all.map((name) => {
    const slot = slots?.find((one) => one.name === name);
    const filled = picks.filter((one) => one.slot === name);
    const shortfall = shortfalls.find((one) => one.slot === name) ?? null;
    return {
      slot: name,
      needs: slot?.needs.join(" + ") ?? "",
      asked: slot?.count ?? Math.max(1, filled.length),
      picks: filled,
      shortfall,
      isRequired: slot ? (slot.is_required ?? true) : (shortfall?.is_required ?? true),
    };
  });
}

/** Units of the picks, each once (one may fill two slots), the order kept: what accepting sends. */
export const unitsOf = (picks: readonly Pick[]): string[] => [...new Set(picks.map((one) => one.unit))];

/** What a person has ticked against a recommendation. `null` = nothing changed: follow whatever is recommended now. */
export type Ticked = { receipt: string; units: string[] } | null;

export function chosen(ticked: Ticked, picks: readonly Pick[]): string[] {
  return ticked?.units ?? unitsOf(picks);
}

export function toggle(ticked: Ticked, picks: readonly Pick[], receipt: string, unit: string): Ticked {
  const now = chosen(ticked, picks);
  const units = now.includes(unit) ? now.filter((one) => one !== unit) : [...now, unit];
  return { receipt: ticked?.receipt ?? receipt, units };
}

/** A newer recommendation stands while somebody is ticking against an older one: it is said, and nothing is changed under the hand. */
export const isOvertaken = (ticked: Ticked, receipt: string): boolean => ticked !== null && ticked.receipt !== receipt;

/** The hash that a dispatch quotes: of the recommendation that was on the screen when the choice was made. */
export const quoted = (ticked: Ticked, receipt: string): string => ticked?.receipt ?? receipt;

/** Ticked units that are not free and that the recommendation does not itself divert: taking them needs a stated reason. */
export function needReason(units: readonly string[], picks: readonly Pick[], candidates: readonly Candidate[]): string[] {
  const picked = new Set(unitsOf(picks));
  const standing = new Map(candidates.map((one) => [one.unit, one.standing]));
  return units.filter((unit) => {
    const now = standing.get(unit);
    return !picked.has(unit) && now !== undefined && now !== "free" && now !== "returning";
  });
}

/** `DispatchUnits` of a choice; null when nobody is ticked. */
export function dispatchOf(incident: string, units: readonly string[], receipt: string, override: string): Record<string, unknown> | null {
  if (units.length === 0) return null;
  return { type: "DispatchUnits", incident, units: [...units], receipt, ...(override.trim() ? { override: override.trim() } : {}) };
}

/** Chosen ones first, then those with a time by time, then those without; the unit's name breaks ties, so that the order is always the same. */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  const first = (one: Candidate): number => ((one.chosen_for?.length ?? 0) > 0 ? 0 : one.eta_ms == null ? 2 : 1);
  return [...candidates].sort(
    (a, b) => first(a) - first(b) || (a.eta_ms ?? 0) - (b.eta_ms ?? 0) || (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : 0),
  );
}

export const SHOWN_AT_FIRST = 12;

/** What stands on the screen, and how many more there are. */
export function windowed<T>(all: readonly T[], shown: number): { rows: readonly T[]; more: number } {
  return { rows: all.slice(0, shown), more: Math.max(0, all.length - shown) };
}

/** `#39`; an incident from elsewhere by its whole id. */
export function numberTold(incident: string, rows: ReadonlyMap<string, IncidentRow> | null): string {
  const number = rows?.get(incident)?.number ?? numberOf(incident);
  return number === null ? incident : `#${number}`;
}

/** The running number of `20261123-0042`; null for ids from elsewhere. */
export function numberOf(incident: string): number | null {
  const found = /^\d{8}-(\d+)$/.exec(incident);
  return found ? Number(found[1]) : null;
}

/** A receipt that cannot be of the advice shown: its times would be explained by the wrong reasons. */
export function isOf(receipt: Receipt | null, incident: string): receipt is Receipt {
  return receipt !== null && receipt.incident === incident;
}

/** A share of all demand, as the cover of areas is told. */
const share = (ppb: number): string => `${ppb > 0 ? "+" : ""}${figure(ppb / 1e7, 1)} %`;

/** Why a unit was picked, in one phrase. */
export function reasonTold(reason: NonNullable<Pick["reasons"]>[number], nameOf: (incident: string) => string): string {
  const incident = reason.incident ? nameOf(reason.incident) : "";
  if (reason.code === "DIVERTED_FROM" && reason.ms == null) return say("console.case.advice.diverted_alone", { incident });
  const values = { unit: reason.unit ?? "", incident, area: reason.area || "–", time: span(Math.max(0, reason.ms ?? 0)), share: share(reason.ppb ?? 0) };
  return find(`codes.reason.${reason.code}`, values) ?? reason.code;
}

/** Areas that would be covered less, the worst first. */
export const AREAS_SHOWN = 4;

/** What happens to the cover of others if the picks go; empty where nothing is weighed or nothing changes. */
export function coverTold(cover: { version?: string; change_ppb?: Record<string, number> } | null | undefined): string {
  if (!cover) return "";
  if (!cover.version) return say("console.case.advice.cover_none");
  const worst = Object.entries(cover.change_ppb ?? {}).sort(([one, a], [other, b]) => a - b || one.localeCompare(other));
  const changes = worst.slice(0, AREAS_SHOWN).map(([area, ppb]) => `${area || "–"} ${share(ppb)}`);
  return changes.length > 0 ? say("console.case.advice.cover_change", { changes: changes.join(" · ") }) : "";
}
