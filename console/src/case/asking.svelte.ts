/** One question at a time of one part of a pane, with what went wrong, which stays until the next try. */
import { announcer } from "../announce.svelte";
import { act, ask, undo, type AskWith, type Outcome } from "../live/ask";
import type { Asked } from "../live/wire";
import { sentences } from "../live/http";
import { say } from "../words";
import type { Answered, Refusal } from "./shapes";

export class Asking {
  isBusy = $state(false);
  /** What went wrong, in words; empty = nothing. */
  problem = $state("");
  refusal: Refusal | null = $state.raw(null);

  clear(): void {
    this.problem = "";
    this.refusal = null;
  }

  /** True when it was done. */
  async command(command: Asked, more: AskWith = {}): Promise<boolean> {
    return this.take(await this.#run(() => ask(command, more)));
  }

  /** Takes back the latest act of this seat. */
  async undo(what: string): Promise<boolean> {
    return this.take(await this.#run(() => undo(undefined, what)));
  }

  /** Any other question; null when it was not answered as wanted. */
  async get<Answer>(path: string, body: object, what: string): Promise<Answer | null> {
    const outcome = await this.#run(() => act<Answer>(path, body, what));
    return this.take(outcome) && outcome.is === "got" ? outcome.answer : null;
  }

  private take(outcome: Outcome<unknown>): boolean {
    if (outcome.is === "not_live") this.problem = say("console.case.not_live_refused");
    else if (outcome.is === "problem") this.problem = sentences(outcome.problem);
    else this.refusal = refusalOf(outcome.answer);
    if (this.refusal) this.problem = this.refusal.told;
    if (this.problem) announcer.say(this.problem);
    return this.problem === "";
  }

  async #run<Answer>(question: () => Promise<Outcome<Answer>>): Promise<Outcome<Answer>> {
    this.clear();
    this.isBusy = true;
    try {
      return await question();
    } finally {
      this.isBusy = false;
    }
  }
}

function refusalOf(answer: unknown): Refusal | null {
  const told = answer as { refusal?: Refusal | null; answers?: Answered[] };
  return told.refusal ?? told.answers?.find((one) => one.refusal)?.refusal ?? null;
}
