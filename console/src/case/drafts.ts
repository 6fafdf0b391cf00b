/**
 * What a call taker has typed of calls that are not sent yet. It lives in memory only: these are words of people,
 * and nothing of them may stay on the machine when the window is closed.
 */
import { fitting } from "./types";
import type { Answered, Channel, IncidentId, IntakeAnswer, IntakeBody, Place, PlanRow, Problem } from "./shapes";

/** How the place came about. `typed`: nobody has settled yet what the text means. `unknown`: it was sent on as typed, on purpose. */
export type PlaceFrom = "typed" | "candidate" | "map" | "unknown";

export type Field = "place" | "incident_type" | "priority" | "caller_name" | "caller_number" | "words";

/** The order in which the keyboard passes: where, what, how urgent, who. */
export const FIELDS: readonly Field[] = ["place", "incident_type", "priority", "caller_number", "caller_name", "words"];

/** `asked`: under way. `live/ask.ts` goes on with the same key until it is answered, so the words may not change meanwhile. */
export type Stage = "open" | "asked";

export interface Draft {
  /** Name of the draft within this window. */
  id: string;
  arrived: number;
  answered: number;
  channel: Channel;
  placeText: string;
  place: Place | null;
  placeFrom: PlaceFrom;
  placeKind: string;
  placeReason: string;
  typeText: string;
  /** Code of the plan; empty = the text fits no code and goes as it is, flagged. */
  typeCode: string;
  priority: string;
  caller_name: string;
  caller_number: string;
  words: string;
  /** The call itself was noted by an earlier try; only the incident is missing. */
  call: string | null;
  stage: Stage;
  /** What is being asked, unchanged until it is answered. */
  body: IntakeBody | null;
  problem: Problem | null;
  hasTried: boolean;
}

/** What the place field works on: a call, or an incident whose place is being edited. */
export type PlaceDraft = Pick<Draft, "placeText" | "place" | "placeFrom" | "placeKind" | "placeReason">;

export function newDraft(now_ms: number, draw: () => string): Draft {
  return {
    id: draw(), arrived: now_ms, answered: now_ms, channel: "voice",
    placeText: "", place: null, placeFrom: "typed", placeKind: "", placeReason: "",
    typeText: "", typeCode: "", priority: "",
    caller_name: "", caller_number: "", words: "",
    call: null, stage: "open", body: null, problem: null, hasTried: false,
  };
}

/** Anything in it that would be lost with the window. */
export function holdsWords(draft: Draft): boolean {
  const texts = [draft.placeText, draft.typeText, draft.priority, draft.caller_name, draft.caller_number, draft.words];
  return draft.stage !== "open" || draft.place !== null || texts.some((text) => text.trim() !== "");
}

/** The text changed: what was settled for another text holds no longer. */
export function typePlace(draft: PlaceDraft, text: string): void {
  if (text === draft.placeText) return;
  draft.placeText = text;
  draft.place = null;
  draft.placeFrom = "typed";
  draft.placeKind = draft.placeReason = "";
}

export interface Chosen {
  text: string;
  kind: string;
  lon: number;
  lat: number;
  uncertainty_m: number;
  reason?: string;
  area?: string;
}

/** One of the candidates is meant. The caller's own words stay the text of the field until then; from now on it is the place's name. */
export function choosePlace(draft: PlaceDraft, chosen: Chosen, from: "candidate" | "map" = "candidate"): void {
  draft.placeText = chosen.text;
  draft.place = {
    at: [chosen.lon, chosen.lat],
    text: chosen.text,
    uncertainty_m: chosen.uncertainty_m,
    ...(chosen.area ? { district: chosen.area } : {}),
  };
  draft.placeFrom = from;
  draft.placeKind = chosen.kind;
  draft.placeReason = chosen.reason ?? "";
}

/** Goes on as typed: there is an incident, and nobody knows where yet. Flagged on every screen, as it has no point. */
export function leavePlaceUnknown(draft: PlaceDraft): void {
  draft.place = { text: draft.placeText.trim() };
  draft.placeFrom = "unknown";
  draft.placeKind = draft.placeReason = "";
}

/** The text changed: a code only if it is exactly one; words stay words until somebody chooses. */
export function typeType(draft: Draft, text: string, plan: PlanRow | null): void {
  draft.typeText = text;
  const wanted = text.trim().toLowerCase();
  draft.typeCode = plan?.incident_types.find((one) => one.code.toLowerCase() === wanted)?.code ?? "";
}

/** Leaving the field: words that fit exactly one type of the plan become its code, on the screen. */
export function completeType(draft: Pick<Draft, "typeText" | "typeCode">, plan: PlanRow | null): void {
  if (draft.typeCode || draft.typeText.trim() === "" || !plan) return;
  const fits = fitting(plan.incident_types, draft.typeText);
  if (fits.length === 1) draft.typeText = draft.typeCode = fits[0]!.code;
}

/** What is wrong with a type: `several` = the words fit more than one, and a person must say which. A text that fits none may go. */
export function typeTrouble(draft: Pick<Draft, "typeText" | "typeCode">, plan: PlanRow | null): "" | "empty" | "several" {
  if (draft.typeText.trim() === "") return "empty";
  return !draft.typeCode && plan && fitting(plan.incident_types, draft.typeText).length > 1 ? "several" : "";
}

/** Code of what is missing, by field; the words are `console.case.missing.<field>.<code>`. Nothing is filled in silently. */
export function missing(draft: Draft, plan: PlanRow | null): Partial<Record<Field, string>> {
  const told: Partial<Record<Field, string>> = {};
  if (draft.place === null) told.place = draft.placeText.trim() === "" ? "empty" : "unsettled";
  const type = typeTrouble(draft, plan);
  if (type) told.incident_type = type;
  if (draft.priority === "" || (plan !== null && !plan.priorities.includes(draft.priority))) told.priority = "empty";
  return told;
}

/** The body of `POST /api/calls`, made once and then unchanged. */
export function bodyOf(draft: Draft, attachTo: IncidentId | null = null): IntakeBody {
  const isJoined = attachTo !== null;
  return {
    ...(draft.call ? { call: draft.call } : {}),
    arrived: draft.arrived,
    answered: draft.answered,
    channel: draft.channel,
    ...(draft.caller_name.trim() ? { caller_name: draft.caller_name.trim() } : {}),
    ...(draft.caller_number.trim() ? { caller_number: draft.caller_number.trim() } : {}),
    ...(isJoined && draft.placeText.trim() ? { caller_place: draft.placeText.trim() } : {}),
    ...(draft.words.trim() ? { words: draft.words } : {}),
    place: isJoined ? null : draft.place,
    incident_type: isJoined ? "" : draft.typeCode || draft.typeText.trim(),
    priority: isJoined ? "" : draft.priority,
    attach_to: attachTo,
  };
}

/** Ask, or say what is missing. The body is frozen: its key never stands for anything else. */
export function send(draft: Draft, plan: PlanRow | null, attachTo: IncidentId | null = null): IntakeBody | null {
  if (draft.stage !== "open") return null;
  draft.hasTried = true;
  draft.problem = null;
  completeType(draft, plan);
  if (attachTo === null && Object.keys(missing(draft, plan)).length > 0) return null;
  draft.body = bodyOf(draft, attachTo);
  draft.stage = "asked";
  return draft.body;
}

/** It never left this screen. */
export function notSent(draft: Draft): void {
  draft.stage = "open";
  draft.body = null;
}

/** It was understood and refused, or not understood: the text stays, and what the server said stands at the field. */
export function refused(draft: Draft, problem: Problem, answer: Partial<IntakeAnswer> | null = null): void {
  draft.stage = "open";
  draft.body = null;
  draft.problem = problem;
  if (answer?.call && (answer.answers ?? []).some(isTaken)) draft.call = answer.call;
}

const isTaken = (answer: Answered): boolean => answer.refusal === null && answer.events.some((one) => one.type === "CallReceived");

/** Shown at this field; a problem that names none stands at the end of the form. */
export function problemAt(draft: Draft, field: Field | null): Problem | null {
  if (draft.problem === null) return null;
  const named = draft.problem.field?.split(".")[0] ?? "";
  const at = (FIELDS as readonly string[]).includes(named) ? named : null;
  return at === field ? draft.problem : null;
}

/** Of several calls the one in front; the others are parked, unchanged. */
export interface Drafts {
  all: Draft[];
  front: string | null;
}

/** A second call: whatever is in front is parked, unless nothing stands in it yet. Returns the one that is in front now. */
export function begin(drafts: Drafts, now_ms: number, draw: () => string): Draft {
  park(drafts);
  const made = newDraft(now_ms, draw);
  drafts.all.push(made);
  drafts.front = made.id;
  return made;
}

export function park(drafts: Drafts): void {
  const front = drafts.all.find((one) => one.id === drafts.front);
  if (front && !holdsWords(front)) drop(drafts, front.id);
  drafts.front = null;
}

export function resume(drafts: Drafts, id: string): Draft | null {
  const found = drafts.all.find((one) => one.id === id) ?? null;
  if (found) drafts.front = id;
  return found;
}

export function drop(drafts: Drafts, id: string): void {
  drafts.all = drafts.all.filter((one) => one.id !== id);
  if (drafts.front === id) drafts.front = null;
}
