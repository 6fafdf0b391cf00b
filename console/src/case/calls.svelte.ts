/** The calls that are being taken in this window: in memory only, in front of whatever pane shows them, untouched by the live stream. */
import { announcer } from "../announce.svelte";
import { intake, type Outcome } from "../live/ask";
import { desk } from "../live/desk.svelte";
import { uuid7 } from "../live/keys7";
import { inFront, isKeyboardIn, paneOf, show } from "../panes";
import { say } from "../words";
import * as drafts from "./drafts";
import type { CallRow, Channel, IntakeAnswer, Place } from "./shapes";
import { clock } from "./told";

export const calls: drafts.Drafts = $state({ all: [], front: null });

/** Problem that is of no field of the form: lost connection. */
export const notice = $state({ text: "" });

/** What callers said and the desk could not keep: it stands here until somebody has written it down. */
export interface Unkept {
  id: string;
  number: string;
  texts: string[];
}

export const unkept: { all: Unkept[] } = $state({ all: [] });

export function writtenDown(id: string): void {
  unkept.all = unkept.all.filter((one) => one.id !== id);
}

export interface Prefilled {
  place?: Place | null;
  text?: string;
  incident_type?: string;
  priority?: string;
}

/** `n` or F7: a call comes in. What is in front is parked; the moment counts by the desk's clock. */
export function beginCall(given: Prefilled = {}): drafts.Draft {
  const made = drafts.begin(calls, Math.floor(desk.instant() || desk.now), uuid7);
  const draft = calls.all.find((one) => one.id === made.id)!;
  if (given.place?.at) {
    draft.placeText = given.place.text ?? given.text ?? "";
    draft.place = given.place;
    draft.placeFrom = "candidate";
  } else if (given.place?.text || given.text) drafts.typePlace(draft, given.place?.text ?? given.text ?? "");
  if (given.incident_type) drafts.typeType(draft, given.incident_type, desk.plan);
  if (given.priority) draft.priority = given.priority;
  return draft;
}

/** The same, and the keyboard goes there: a person has asked for it. */
export function takeCall(given: Prefilled = {}): void {
  beginCall(given);
  show("intake");
}

/**
 * The intake of a call that is on record and belongs to no incident yet: what is handed over quotes this call, none is made anew.
 * Taking the same call up again brings its draft back.
 */
export function takeUp(call: string | CallRow): void {
  const row = typeof call === "string" ? desk.calls.get(call) : call;
  const id = typeof call === "string" ? call : call.call;
  const known = calls.all.find((one) => one.call === id);
  if (known) drafts.resume(calls, known.id);
  else {
    const draft = beginCall();
    draft.call = id;
    if (row) [draft.arrived, draft.answered, draft.channel] = [row.arrived, row.answered ?? draft.answered, row.channel as Channel];
  }
  show("intake");
}

export const frontCall = (): drafts.Draft | null => calls.all.find((one) => one.id === calls.front) ?? null;

/** Hands the call over, for a new incident or to be attached; what comes of it is told at the draft. */
export async function sendCall(draft: drafts.Draft, attachTo: string | null = null): Promise<void> {
  notice.text = "";
  const body = drafts.send(draft, desk.plan, attachTo);
  if (!body) return;
  take(draft, await intake(body, say("console.case.intake.title", { time: clock(draft.arrived, desk.clock.zone) })), attachTo);
}

function take(draft: drafts.Draft, outcome: Outcome<IntakeAnswer>, attachTo: string | null): void {
  if (outcome.is === "not_live") {
    drafts.notSent(draft);
    notice.text = say("console.case.not_live_refused");
    return;
  }
  if (outcome.is === "problem") return drafts.refused(draft, outcome.problem);
  const { answer } = outcome;
  const isLost = answer.notes?.includes("words_not_kept") ?? false;
  if (isLost) keepInSight(draft, answer.number === null ? answer.call : `#${answer.number}`);
  const refusal = answer.answers.find((one) => one.refusal)?.refusal;
  if (refusal) return drafts.refused(draft, { code: refusal.code, what: refusal.told, do: "", field: refusal.field, values: refusal.values }, answer);
  const isFront = calls.front === draft.id;
  drafts.drop(calls, draft.id);
  const number = answer.number === null ? (answer.incident ?? attachTo ?? "") : `#${answer.number}`;
  announcer.say(attachTo ? say("console.case.intake.attached", { number }) : say("console.case.intake.opened", { number }));
  // Whoever is in the middle of another call is left there.
  if (!isFront || answer.incident === null) return;
  desk.selected = answer.incident;
  if (isLost) return;
  const zone = paneOf("intake")?.zone;
  if (zone && (inFront(zone)?.id === "intake" || inFront("side", "foot")?.id === "intake")) show("detail", { focus: isKeyboardIn("intake") });
}

function keepInSight(draft: drafts.Draft, number: string): void {
  const texts = [draft.caller_number, draft.caller_name, draft.words].filter((text) => text.trim() !== "");
  unkept.all = [...unkept.all, { id: draft.id, number, texts }];
  announcer.say(say("console.case.intake.unkept", { number }));
}

if (typeof window !== "undefined") {
  addEventListener("beforeunload", (event) => {
    if (calls.all.some(drafts.holdsWords) || unkept.all.length > 0) event.preventDefault();
  });
}
