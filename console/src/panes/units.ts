/** The unit board: who is where in its life, and how old what we know of its place is. */

import type { Fix, IncidentRow, Phase, StationRow, UnitRow } from "../generated/api";
import { FREE, PHASES } from "../looks/status";

export type Grouping = "status" | "station" | "distance";

export type BoardRow = { id: string; heading: string } | { id: string; heading: null; unit: UnitRow; distance_m: number | null };

/** A place older than this is said to be old, and no recommendation uses it (console note, rule 16). */
export const STALE_MS = 600_000;
/** What a radio that reports sends this often; a fix older than twice that is drawn hollow. */
export const REPORT_MS = 30_000;

export type Age = "fresh" | "late" | "stale";

export function ageOf(age_ms: number): Age {
  return age_ms > STALE_MS ? "stale" : age_ms > 2 * REPORT_MS ? "late" : "fresh";
}

/** Where a unit was last, and when: its fix, or what it reported by radio if that is later. */
export function whereabouts(unit: UnitRow, fix: Fix | undefined): { lon: number; lat: number; at: number; isFix: boolean } | null {
  if (fix && (fix[3] >= unit.place_at || !unit.place)) return { lon: fix[1], lat: fix[2], at: fix[3], isFix: true };
  return unit.place ? { lon: unit.place[0], lat: unit.place[1], at: unit.place_at, isFix: false } : null;
}

const EARTH_M = 6_371_008.8;

/** On a plane that touches the earth between the two: good enough for a list in order of distance. */
export function flat_m(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const radian = Math.PI / 180;
  return EARTH_M * Math.hypot((lon2 - lon1) * radian * Math.cos(((lat1 + lat2) / 2) * radian), (lat2 - lat1) * radian);
}

/** Units that stand free while their crew is at work with another one → that other one. */
export function crewsOut(units: Iterable<UnitRow>): ReadonlyMap<string, string> {
  const all = [...units];
  const busy = new Map<string, string>();
  for (const unit of all) if (unit.crew && unit.incident !== null) busy.set(unit.crew, unit.unit);
  const out = new Map<string, string>();
  for (const unit of all) {
    const other = unit.crew ? busy.get(unit.crew) : undefined;
    if (other !== undefined && other !== unit.unit && unit.incident === null && FREE.has(unit.phase)) out.set(unit.unit, other);
  }
  return out;
}

export function isFree(unit: UnitRow, out: ReadonlyMap<string, string>): boolean {
  return FREE.has(unit.phase) && !out.has(unit.unit);
}

const CREW_OUT = "crew_out";
/** Those without a crew at hand stand behind the free ones. */
const GROUPS: readonly string[] = PHASES.flatMap((phase) => (phase === "dispatched" ? [CREW_OUT, phase] : [phase]));

export interface BoardAsk {
  crewOut?: string;
  units: Iterable<UnitRow>;
  by: Grouping;
  incident: IncidentRow | undefined;
  fixOf: (unit: string) => Fix | undefined;
  stationOf: (id: string) => StationRow | undefined;
  phaseName: (phase: Phase) => string;
  noStation: string;
}

export function board({ units, by, incident, fixOf, stationOf, phaseName, noStation, crewOut = "" }: BoardAsk): BoardRow[] {
  const all = [...units].sort((one, other) => collator.compare(one.unit, other.unit));
  if (by === "distance") return byDistance(all, incident, fixOf);
  const out = crewsOut(all);
  const groups = new Map<string, UnitRow[]>();
  for (const unit of all) {
    const key = by === "status" ? (out.has(unit.unit) ? CREW_OUT : unit.phase) : (unit.station ?? "");
    const group = groups.get(key);
    if (group) group.push(unit);
    else groups.set(key, [unit]);
  }
  const keys =
    by === "status"
      ? GROUPS.filter((group) => groups.has(group))
      : [...groups.keys()].sort((one, other) => Number(!one) - Number(!other) || collator.compare(nameOf(one), nameOf(other)));
  function nameOf(key: string): string {
    return stationOf(key)?.name || key;
  }
  return keys.flatMap((key) => {
    const members = groups.get(key)!;
    const name = key === CREW_OUT ? crewOut : by === "status" ? phaseName(key as Phase) : key ? nameOf(key) : noStation;
    return [
      { id: `group:${key}`, heading: `${name} (${members.length})` },
      ...members.map((unit): BoardRow => ({ id: unit.unit, heading: null, unit, distance_m: null })),
    ];
  });
}

/** `E2` before `E10`. */
const collator = new Intl.Collator("en", { numeric: true });

function byDistance(units: UnitRow[], incident: IncidentRow | undefined, fixOf: BoardAsk["fixOf"]): BoardRow[] {
  const at = incident?.place.at;
  const rows = units.map((unit) => {
    const place = whereabouts(unit, fixOf(unit.unit));
    const distance_m = at && place ? flat_m(at[0], at[1], place.lon, place.lat) : null;
    return { id: unit.unit, heading: null, unit, distance_m };
  });
  return rows.sort((one, other) => (one.distance_m ?? Infinity) - (other.distance_m ?? Infinity) || collator.compare(one.id, other.id));
}
