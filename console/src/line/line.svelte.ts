/** The command line's state. Lists and buttons type into it rather than act: one way to ask, with its preview before Enter. */

import { announcer } from "../announce.svelte";
import { type Outcome, typed, undo } from "../live/ask";
import type { LineAct, LineTold, Suggestion } from "../live/wire";
import { sentence } from "../live/http";
import { focusLine } from "../keys";
import { search } from "../panes/search.svelte";
import { say } from "../words";

const DEBOUNCE_MS = 50;
const HISTORY_KEPT = 200;
const KEPT = "tocsin.line";
/** Verbs of notes and messages, and what they are called in each language. */
const VERBS_OF_WORDS = new Set(
  ["note", "msg", "remark", "message", "tell", "nota", "obs", "mensagem", "avisar", "remarque", "dire", "mensaje"],
);

/** What is said of a line that did not become an act. */
interface Wrong {
  what: string;
  do: string;
}

type Handler = (act: LineAct) => void;

const handlers = new Map<LineAct["do"], Handler>();

/** Who does what a line asks of the screen: `open` the intake, `pick_place`, `close_road` … Returns how to let go of it. */
export function onAct(what: LineAct["do"], handler: Handler): () => void {
  handlers.set(what, handler);
  return () => {
    if (handlers.get(what) === handler) handlers.delete(what);
  };
}

/** Why nothing came of it. */
function wrongOf(outcome: Exclude<Outcome<unknown>, { is: "got" }>): Wrong {
  if (outcome.is === "not_live") return { what: say("console.line.not_live"), do: say("console.line.not_live_do") };
  return { what: sentence(outcome.problem.what), do: outcome.problem.do };
}

/** A dispatch that was refused sent none of its units; empty for anything else. */
function notSent(told: LineTold, place: number): string {
  const command = told.preview.flatMap((one) => one.commands)[place];
  return command?.type === "DispatchUnits" ? say("console.line.none_sent", { units: command.units.join(", ") }) : "";
}

class CommandLine {
  text = $state("");
  told: LineTold | null = $state.raw(null);
  problem: Wrong | null = $state.raw(null);
  /** Which candidate the arrows are on; -1 = none. */
  chosen = $state(-1);
  isHelp = $state(false);
  /** Verb that help is wanted for; empty = all. */
  helpOn = $state("");
  /** Where the caret stands. */
  caret = 0;
  /** What was asked last, until typing goes on. */
  done = $state("");
  /** Whose preview stands there, and its name: Enter asks this and nothing else. */
  #shown = { text: "", digest: "" };
  /** Lines that are asked and not answered yet. */
  #asking = new Set<string>();
  #history: string[] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as string[];
  #at = this.#history.length;
  #draft = "";
  #isUndoing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get candidates(): Suggestion[] {
    return this.told?.candidates ?? [];
  }

  /** Puts a command into the line as if somebody had typed it, and the keyboard behind it. */
  put(text: string): void {
    this.text = text;
    this.caret = text.length;
    this.changed();
    focusLine();
  }

  /** Typing went on: what was said of the old text is no longer of interest. */
  changed(): void {
    this.problem = null;
    this.done = "";
    this.chosen = -1;
    this.isHelp = this.text.trim() === "?";
    this.helpOn = "";
    clearTimeout(this.#timer);
    if (!this.text.trim()) {
      this.told = null;
      return;
    }
    this.#timer = setTimeout(() => void this.#preview(), DEBOUNCE_MS);
  }

  async #preview(): Promise<void> {
    const text = this.text;
    const outcome = await typed(text, true, Math.min(this.caret, text.length));
    if (outcome?.is !== "got" || text !== this.text) return;
    this.told = outcome.answer;
    this.#shown = { text: text.trim(), digest: outcome.answer.digest ?? "" };
  }

  /** Enter: takes the chosen candidate, else asks what the line says. */
  async enter(): Promise<void> {
    if (this.chosen >= 0) return this.pick(this.chosen);
    const text = this.text.trim();
    if (!text || this.#asking.has(text)) return;
    this.#remember(text);
    const answer = typed(text, false, text.length, this.#shown.text === text ? this.#shown.digest : "");
    // Free at once: Enter pressed twice asks once, and the next line may begin.
    this.text = "";
    this.changed();
    this.#asking.add(text);
    const outcome = await answer;
    this.#asking.delete(text);
    if (outcome) this.#answered(text, outcome);
  }

  #answered(text: string, outcome: Outcome<LineTold>): void {
    if (outcome.is !== "got") {
      this.#putBack(text);
      return this.#fail(wrongOf(outcome));
    }
    const told = outcome.answer;
    const refused = told.answers.findIndex((one) => one.refusal);
    if (refused >= 0) {
      this.#putBack(text);
      return this.#fail({ what: told.answers[refused]!.refusal!.told, do: notSent(told, refused) });
    }
    if (told.problem || (told.candidates.length && !told.is_complete)) {
      if (this.#putBack(text)) {
        this.told = told;
        this.#shown = { text, digest: told.digest ?? "" };
      }
      if (told.problem) this.#fail(told.problem);
      return;
    }
    this.problem = null;
    this.done = told.preview.map((one) => one.told).join("; ") || text;
    announcer.say(say("console.line.done", { what: this.done }));
    for (const act of told.acts) this.#act(act);
  }

  /** What was not done stands in the line again, unless somebody has begun the next one. */
  #putBack(text: string): boolean {
    if (this.text.trim()) return false;
    this.text = text;
    this.caret = text.length;
    return true;
  }

  #fail(problem: Wrong): void {
    this.problem = problem;
    announcer.say(`${problem.what} ${problem.do}`);
  }

  #act(act: LineAct): void {
    const handler = handlers.get(act.do);
    if (handler) handler(act);
    else this.#fail({ what: say("console.line.no_pane"), do: "" });
  }

  /** All verbs with an example, or one. */
  help(verb = ""): void {
    this.isHelp = true;
    this.helpOn = verb;
  }

  /** Takes back the latest act of this seat. */
  async undo(): Promise<void> {
    if (this.#isUndoing) return;
    this.#isUndoing = true;
    const outcome = await undo();
    this.#isUndoing = false;
    if (outcome.is !== "got") return this.#fail(wrongOf(outcome));
    const { told, refusal } = outcome.answer;
    if (refusal) return this.#fail({ what: told ? say("console.line.not_undone", { what: told }) : "", do: refusal.told });
    this.done = told ? say("console.line.undone_what", { what: told }) : say("console.line.undone");
    announcer.say(this.done);
  }

  /** Arrow keys: through the candidates where there are any, else through what was typed before. */
  move(step: 1 | -1): void {
    if (this.candidates.length) {
      const count = this.candidates.length;
      this.chosen = this.chosen < 0 ? (step > 0 ? 0 : count - 1) : (this.chosen + step + count) % count;
      return;
    }
    if (this.#at === this.#history.length) this.#draft = this.text;
    const next = Math.min(this.#history.length, Math.max(0, this.#at + step));
    if (next === this.#at) return;
    this.#at = next;
    this.text = this.#history[next] ?? this.#draft;
    this.changed();
  }

  pick(place: number): void {
    const candidate = this.candidates[place];
    if (!candidate) return;
    const rest = this.text.slice(candidate.end);
    const head = this.text.slice(0, candidate.start) + candidate.text + (rest.startsWith(" ") ? "" : " ");
    this.put(head + rest);
  }

  /** Escape: first the chosen candidate, then help, then the text. */
  escape(): void {
    if (this.chosen >= 0) this.chosen = -1;
    else if (this.isHelp) this.isHelp = false;
    else if (!this.text && !this.problem && search.clear()) this.done = "";
    else {
      this.text = "";
      this.changed();
      this.told = null;
    }
  }

  /** At the end of a shift: nobody finds what somebody else typed. */
  forget(): void {
    this.#history = [];
    this.#at = 0;
    this.#draft = "";
    sessionStorage.removeItem(KEPT);
  }

  /** Without words that may be of persons: those of notes and messages, and whatever follows `;`. */
  #remember(line: string): void {
    const head = line.split(";")[0]!.trim();
    const verb = /^\S+/.exec(head)?.[0] ?? "";
    // Words without their sign are a slip, and still words.
    const text = VERBS_OF_WORDS.has(verb.toLowerCase()) ? (/^\S+(?:\s+#?\d+)?/.exec(head)?.[0] ?? "") : head;
    if (text && this.#history.at(-1) !== text) this.#history = [...this.#history, text].slice(-HISTORY_KEPT);
    this.#at = this.#history.length;
    sessionStorage.setItem(KEPT, JSON.stringify(this.#history));
  }
}

export const line = new CommandLine();
