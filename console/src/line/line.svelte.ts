/** The command line's state. Lists and buttons type into it rather than act: one way to ask, with its preview before Enter. */

import { announcer } from "../announce.svelte";
import { type Outcome, typed, undo } from "../live/ask";
import type { LineAct, LineTold, Suggestion } from "../live/wire";
import { focusLine } from "../keys";
import { search } from "../panes/search.svelte";
import { say } from "../words";

const DEBOUNCE_MS = 50;
const HISTORY_KEPT = 200;
const KEPT = "tocsin.line";

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
  #history: string[] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as string[];
  #at = this.#history.length;
  #draft = "";
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
    if (!text) return;
    clearTimeout(this.#timer);
    this.#remember(text);
    const outcome = await typed(text, false, text.length, this.#shown.text === text ? this.#shown.digest : "");
    if (outcome) this.#answered(text, outcome);
  }

  #answered(text: string, outcome: Outcome<LineTold>): void {
    if (outcome.is === "not_live") return this.#fail({ what: say("console.line.not_live"), do: say("console.line.not_live_do") });
    if (outcome.is === "problem") return this.#fail(outcome.problem);
    const told = outcome.answer;
    const refused = told.answers.find((one) => one.refusal)?.refusal;
    if (refused) return this.#fail({ what: refused.told, do: "" });
    if (told.problem || (told.candidates.length && !told.is_complete)) {
      // Somebody may have begun the next line meanwhile: then this one's candidates are not forced upon it.
      if (this.text.trim() === text) {
        this.told = told;
        this.#shown = { text, digest: told.digest ?? "" };
      }
      if (told.problem) this.#fail(told.problem);
      return;
    }
    this.#clear(text, told.preview.map((one) => one.told).join("; "));
    for (const act of told.acts) this.#act(act);
  }

  /** The line is free again, unless the next command is already being typed. */
  #clear(text: string, told: string): void {
    if (this.text.trim() === text) {
      this.text = "";
      this.told = null;
    }
    this.problem = null;
    this.done = told || text;
    announcer.say(say("console.line.done", { what: this.done }));
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
    const outcome = await undo();
    if (outcome.is === "not_live") return this.#fail({ what: say("console.line.not_live"), do: say("console.line.not_live_do") });
    if (outcome.is === "problem") return this.#fail(outcome.problem);
    if (outcome.answer.refusal) return this.#fail({ what: outcome.answer.refusal.told, do: "" });
    this.done = say("console.line.undone");
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

  #remember(text: string): void {
    if (this.#history.at(-1) !== text) this.#history = [...this.#history, text].slice(-HISTORY_KEPT);
    this.#at = this.#history.length;
    sessionStorage.setItem(KEPT, JSON.stringify(this.#history));
  }
}

export const line = new CommandLine();
