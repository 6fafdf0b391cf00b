/** What the map says in words: of units, incidents and stations, for the list, the tip and screen readers. */

import type { ClosureRow, IncidentRow, StationRow, UnitRow } from "../generated/api";
import { desk } from "../live/desk.svelte";
import { sentences } from "../live/http";
import { find, say, span, timeOfDay } from "../words";
import type { Age } from "./ages";
import type { Fleet } from "./fleet";

const numberOf = (row: IncidentRow) => (row.number === null ? row.incident : `#${row.number}`);

export function incidentName(id: string): string {
  const row = desk.incidents.get(id);
  return row ? numberOf(row) : id;
}

export function incidentTold(row: IncidentRow): string {
  const kind = desk.plan?.incident_types.find((one) => one.code === row.incident_type)?.name || row.incident_type;
  const values = { incident: numberOf(row), priority: row.priority, kind };
  return row.is_held ? say("console.map.incident.held", values) : say("console.map.incident.one", values);
}

export function unitTold(row: UnitRow, fleet: Fleet, now: number): string {
  const at = fleet.row(row.unit);
  const age: Age = fleet.age(at);
  const status = find(`codes.phase.${row.phase}`) ?? row.phase;
  const values = { unit: row.unit, status, age: span(now - (fleet.at[at] ?? row.place_at)) };
  const told =
    !fleet.isReported[at] ? say("console.map.unit.sure", values)
    : age === "stale" ? say("console.map.unit.stale", values)
    : say("console.map.unit.reported", values);
  return row.incident === null ? told : `${told}, ${say("console.map.unit.for", { incident: incidentName(row.incident) })}`;
}

export function stationTold(row: StationRow): string {
  const values = { station: row.station, name: row.name };
  return row.is_open ? say("console.map.station.one", values) : say("console.map.station.shut", values);
}

export function closureTold(row: ClosureRow, now: number): string {
  const kind = find(`console.map.draw.${row.kind}`) ?? row.kind;
  const parts = [
    row.since > now ? say("console.map.closure.planned", { since: timeOfDay(row.since, false) }) : say("console.map.closure.of", { kind, since: timeOfDay(row.since, false) }),
    row.until === null ? say("console.map.draw.until_reopened") : say("console.map.closure.until", { until: timeOfDay(row.until, false) }),
    row.vehicles.length ? say("console.map.closure.vehicles", { vehicles: row.vehicles.join(", ") }) : "",
    row.heading_deg === null ? "" : say("console.map.closure.heading"),
    row.reason,
    row.incident === null ? "" : say("console.map.draw.incident", { incident: incidentName(row.incident) }),
  ];
  return parts.filter(Boolean).join(" · ");
}

export function lengthTold(metres: number): string {
  return metres >= 1000 ? say("console.map.kilometres", { count: metres / 1000 }) : say("console.map.metres", { count: metres });
}

/** A place as coordinates, north first, as phones and radios say them. */
export function pointTold(lon: number, lat: number): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

/** What came of a wish that did not work. */
export function failureTold(got: { is: string; problem?: { what: string; do: string } }): string {
  return got.problem ? sentences(got.problem) : say("console.map.down");
}
