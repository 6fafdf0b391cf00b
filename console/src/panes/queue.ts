/** What stands in the queue, and in which order. Priority and what is overdue come from the desk; nothing is decided here. */

import type { AlarmRow, CallRow, IncidentRow, PlanRow } from "../generated/api";
import type { Sort } from "./grid";

export interface Waiting {
  id: string;
  call: CallRow | null;
  incident: IncidentRow | null;
  /** Since when, ms. */
  since: number;
  /** Active assignments. */
  units: number;
  /** The most urgent alarm of it that nobody has put aside. */
  alarm: AlarmRow | null;
  group: number;
  /** Place in the plan's order of priorities; behind all of them when unknown. */
  urgency: number;
}

/** Somebody must act: a call without incident, an alarm that nobody has taken, nobody sent. */
const CALL = 0;
const ALARMED = 1;
const UNSENT = 2;
const AT_WORK = 3;
const HELD = 4;
/** Only where somebody has searched for it. */
const ENDED = 5;

/** With `isMeant` only those that were searched for, ended ones too. */
export function waiting(
  incidents: Iterable<IncidentRow>,
  calls: Iterable<CallRow>,
  alarms: Iterable<AlarmRow>,
  plan: PlanRow | null,
  now: number,
  isMeant: ((incident: IncidentRow) => boolean) | null = null,
): Waiting[] {
  const worst = worstAlarms(alarms, now);
  const priorities = plan?.priorities ?? [];
  const rows: Waiting[] = [];
  for (const call of isMeant ? [] : calls) {
    rows.push({ id: `call:${call.call}`, call, incident: null, since: call.arrived, units: 0, alarm: null, group: CALL, urgency: 0 });
  }
  for (const incident of incidents) {
    if (isMeant ? !isMeant(incident) : incident.life !== "open") continue;
    const units = incident.assignments.filter((one) => one.is_active).length;
    const alarm = worst.get(incident.incident) ?? null;
    const place = priorities.indexOf(incident.priority);
    const group = incident.life !== "open" ? ENDED : alarm && !alarm.owner ? ALARMED : incident.is_held ? HELD : units ? AT_WORK : UNSENT;
    const urgency = place < 0 ? priorities.length : place;
    rows.push({ id: incident.incident, call: null, incident, since: incident.opened, units, alarm, group, urgency });
  }
  return rows;
}

export function worstAlarms(alarms: Iterable<AlarmRow>, now: number): Map<string, AlarmRow> {
  const worst = new Map<string, AlarmRow>();
  for (const alarm of alarms) {
    if (!alarm.incident || (alarm.shelved_until ?? 0) > now) continue;
    const other = worst.get(alarm.incident);
    if (!other || Number(!!other.owner) - Number(!!alarm.owner) > 0 || (!!other.owner === !!alarm.owner && alarm.rank < other.rank)) {
      worst.set(alarm.incident, alarm);
    }
  }
  return worst;
}

type Order = (one: Waiting, other: Waiting) => number;

const text = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const HOUSE: Order = (one, other) =>
  one.group - other.group || one.urgency - other.urgency || one.since - other.since || text(one.id, other.id);

const BY: Record<string, Order> = {
  priority: (one, other) => one.urgency - other.urgency,
  number: (one, other) => (one.incident?.number ?? 0) - (other.incident?.number ?? 0),
  type: (one, other) => text(one.incident?.incident_type ?? "", other.incident?.incident_type ?? ""),
  place: (one, other) => text(one.incident?.place.text ?? "", other.incident?.place.text ?? ""),
  units: (one, other) => one.units - other.units,
  since: (one, other) => other.since - one.since,
};

/** The house's order, or somebody's own with the house's behind it. */
export function inOrder(rows: readonly Waiting[], sort: Sort | null): Waiting[] {
  const by = sort ? BY[sort.by] : undefined;
  if (!by) return rows.toSorted(HOUSE);
  const way = sort!.isUp ? 1 : -1;
  return rows.toSorted((one, other) => way * by(one, other) || HOUSE(one, other));
}

/** `#42`, or the whole id of one that has no number. */
export function named(incident: Pick<IncidentRow, "number" | "incident">): string {
  return incident.number === null ? incident.incident : `#${incident.number}`;
}

/** The same as it is typed. */
export function typedName(incident: Pick<IncidentRow, "number" | "incident">): string {
  return incident.number === null ? incident.incident : String(incident.number);
}
