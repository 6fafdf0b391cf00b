/** Events and codes in the reader's language. */
import { desk } from "../live/desk.svelte";
import { find, say } from "../words";
import { numberOf } from "./advice";
import { addedTo, valuesOf } from "./logs";
import type { IncidentRow, LogRow, Place } from "./shapes";
import { clock, doubt } from "./told";

/** `#42`; an incident from elsewhere by its whole id. */
export function incidentName(incident: string): string {
  const number = desk.incidents.get(incident)?.number ?? numberOf(incident);
  return number === null ? incident : `#${number}`;
}

/** Who did it, as people say it: a unit by its call sign, the desk's own acts by its name, a seat by its account. */
export function actorTold(actor: string): string {
  if (actor.startsWith("unit:")) return actor.slice("unit:".length);
  return actor === "tocsin" || actor.startsWith("tocsin:") ? say("console.case.actor_desk") : actor;
}

export const phaseTold = (phase: string): string => find(`codes.phase.${phase}`) ?? phase;

/** Name of a type of the plan behind its code; a text that is no code as it is. */
export function typeTold(code: string): string {
  const known = desk.plan?.incident_types.find((one) => one.code === code);
  return known && known.name !== code ? `${code} ${known.name}` : code;
}

export function placeTold(place: Place): string {
  const point = place.at ? `${place.at[1].toFixed(5)}, ${place.at[0].toFixed(5)}` : "";
  const text = place.text || point || say("console.case.place_none");
  return [text, doubt(place.uncertainty_m), place.district ?? ""].filter((one) => one !== "").join(" · ");
}

/** What happened, in one sentence, with whatever a person has added. */
export function sentence(row: LogRow): string {
  const values = valuesOf(row, (kind, value) => {
    if (kind === "phase") return phaseTold(value);
    if (kind === "stamp") return find(`console.case.stamp.${value}`) ?? value;
    if (kind === "mark") return find(`console.case.mark.${value}`) ?? value;
    if (kind === "incident") return incidentName(value);
    if (kind === "time") return clock(Number(value), desk.clock.zone);
    return value;
  });
  if (row.what === "AlarmSounded") values["kind"] = find(`console.alarm.cause.${values["kind"]}`) ?? values["kind"] ?? "";
  if (row.what === "UnitsRecommended" && !values["units"]) values["units"] = say("console.case.advice.nobody");
  const told = find(`console.case.event.${nameOf(row)}`, values) ?? say("console.case.event.other", { what: row.what });
  const added = addedTo(row);
  return [told.trim(), added].filter((one) => one !== "").join(" · ");
}

/** The same beside who did it: a unit that reports of itself is not named twice. */
export function sentenceBeside(row: LogRow): string {
  const [told, self] = [sentence(row), `${actorTold(row.actor)}: `];
  return row.actor.startsWith("unit:") && told.startsWith(self) ? told.slice(self.length) : told;
}

/** Some events say two different things. */
function nameOf(row: LogRow): string {
  if (row.what === "IncidentHeld") return row.values["until"] ? "IncidentHeldUntil" : "IncidentResumed";
  if (row.what === "WelfareCheckSet" && !row.values["every_min"]) return "WelfareCheckEnded";
  if (row.what === "UnitsRecommended" && row.values["short"]) return "UnitsRecommendedShort";
  return row.what;
}

/** Names of events as they are offered in a filter: the sentence without its values. */
export function kindTold(what: string): string {
  const blank = new Proxy({}, { get: () => "…", has: () => true }) as Record<string, string>;
  return (find(`console.case.event.${what === "IncidentHeld" ? "IncidentHeldUntil" : what}`, blank) ?? what).replace(/(… ?,? ?)+$/, "").replace(/^…[: ]*/, "").trim() || what;
}

export const isEnded = (row: IncidentRow): boolean => row.life !== "open";
