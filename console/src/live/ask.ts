/**
 * Questions to the desk. Every one has its key before it leaves, and the same key goes again after a failure of the network: the server
 * answers it once. So nothing is lost and nothing is done twice; what is not answered yet stands in `acts`, for everybody to see.
 */

import { SvelteMap } from "svelte/reactivity";
import { desk } from "./desk.svelte";
import { type Got, posted } from "./http";
import { find, say } from "../words";
import { uuid7 } from "./keys7";
import type { Answered, Asked, Intake, IntakeAnswer, LineTold, Problem, Undone } from "./wire";

const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 4_000;
/** How long an answered act stays in sight. */
const SHOWN_MS = 4_000;
const NOT_ABLE = 503;

export interface Act {
  id: string;
  /** What it is, for people: the typed line or the command's name. */
  what: string;
  /** Desk's time when it was asked, ms. */
  since: number;
  state: "sent" | "again" | "done" | "refused";
  tries: number;
  /** Position from which on its effect is on the screen, once answered. */
  pos: number;
}

/** Acts that are under way, and for a moment those that were answered. */
export const acts = new SvelteMap<string, Act>();

/** What comes of an act. `not_live`: it was not sent, as this screen has lost the desk. */
export type Outcome<Answer> = { is: "got"; answer: Answer } | { is: "problem"; status: number; problem: Problem } | { is: "not_live" };

export interface AskWith {
  /** Version of the subject that the person saw; the desk refuses when somebody has changed it since. */
  expected?: number;
  /** When it happened, if not now. */
  at?: number;
  clock?: "paper";
  /** What to show while it is under way; the command's name otherwise. */
  what?: string;
}

/** What a command is called by people. */
function called(type: string): string {
  return find(`console.act.${type}`) ?? type;
}

/** Asks one command. */
export function ask(command: Asked, { what, ...more }: AskWith = {}): Promise<Outcome<Answered>> {
  return act<Answered>("/api/commands", { command, ...more }, what ?? called(command.type), (answer) => [answer]);
}

/** Hands a call over. */
export function intake(call: Intake, what = called("TakeCall")): Promise<Outcome<IntakeAnswer>> {
  return act<IntakeAnswer>("/api/calls", call, what, (answer) => answer.answers);
}

/** Takes back the latest act of this seat, or the named one, within a minute. */
export function undo(cmd?: string, what = say("console.line.undo")): Promise<Outcome<Undone>> {
  return act<Undone>("/api/undo", cmd ? { cmd } : {}, what, (told) => told.answers);
}

/** What is asked and not answered yet → its answer to come. */
const unanswered = new Map<string, Promise<Outcome<unknown>>>();

/**
 * Any other POST that must happen once: message words, personal data, the clock of a demo. The same again before there is an answer (a key
 * or a button pressed twice) is the same question.
 */
export function act<Answer>(
  path: string,
  body: object,
  what: string,
  answersOf: (answer: Answer) => Answered[] = () => [],
): Promise<Outcome<Answer>> {
  if (!desk.isLive) return Promise.resolve({ is: "not_live" });
  const same = JSON.stringify([path, body]);
  const known = unanswered.get(same);
  if (known) return known as Promise<Outcome<Answer>>;
  const id = uuid7();
  acts.set(id, { id, what, since: desk.instant(), state: "sent", tries: 1, pos: 0 });
  const outcome = untilAnswered<Answer>(id, path, { id, ...body }, answersOf).finally(() => unanswered.delete(same));
  unanswered.set(same, outcome);
  return outcome;
}

let previewing: AbortController | null = null;

/** Previews a typed line, or asks what it says. Only the newest preview is of interest: an older one is broken off and gives null. */
export async function typed(text: string, isPreview: boolean, cursor = text.length, digest = ""): Promise<Outcome<LineTold> | null> {
  const selected = desk.selected ? { selected: desk.selected } : {};
  const body = { text, is_preview: isPreview, cursor, ...selected, language: document.documentElement.lang };
  // With the digest of what was shown, the desk asks nothing when the line would do something else by now.
  if (!isPreview) return act<LineTold>("/api/line", digest ? { ...body, digest } : body, text, (told) => told.answers);
  previewing?.abort();
  const mine = new AbortController();
  previewing = mine;
  const got = await posted<LineTold>("/api/line", body, mine.signal);
  if (mine.signal.aborted) return null;
  return got.is === "down" ? { is: "not_live" } : got;
}

/** Whether anything is still without an answer. */
export function isUnanswered(): boolean {
  return [...acts.values()].some((one) => one.state === "sent" || one.state === "again");
}

async function untilAnswered<Answer>(
  id: string,
  path: string,
  body: object,
  answersOf: (answer: Answer) => Answered[],
): Promise<Outcome<Answer>> {
  for (let tries = 1; ; tries += 1) {
    const got: Got<Answer> = await posted<Answer>(path, body);
    if (got.is === "got") {
      const answers = answersOf(got.answer);
      const isRefused = answers.some((one) => one.refusal) || (!answers.length && hasProblem(got.answer));
      settle(id, isRefused ? "refused" : "done", Math.max(0, ...answers.map((one) => one.pos)));
      return got;
    }
    if (got.is === "problem" && got.status !== NOT_ABLE) {
      settle(id, "refused", 0);
      return got;
    }
    acts.set(id, { ...acts.get(id)!, state: "again", tries: tries + 1 });
    await pause(id, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1)));
  }
}

/** A line that could not be read is answered, too; nothing was asked of the desk then. */
function hasProblem(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "problem" in answer && answer.problem !== null;
}

/** Acts that wait for their next try, and how to end the wait. */
const waits = new Map<string, () => void>();

async function pause(id: string, wait_ms: number): Promise<void> {
  await new Promise<void>((done) => {
    waits.set(id, done);
    setTimeout(done, wait_ms);
  });
  waits.delete(id);
}

/** Asks again at once, by the same key, instead of waiting for the next try. */
export function askAgain(id: string): void {
  waits.get(id)?.();
}

function settle(id: string, state: Act["state"], pos: number): void {
  acts.set(id, { ...acts.get(id)!, state, pos });
  setTimeout(() => acts.delete(id), SHOWN_MS);
}

if (typeof window !== "undefined") {
  addEventListener("beforeunload", (event) => {
    if (isUnanswered()) event.preventDefault();
  });
}
