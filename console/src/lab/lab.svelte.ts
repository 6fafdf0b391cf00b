/** What the server's lab has, asked for again and again while somebody looks. */

import { SvelteMap } from "svelte/reactivity";
import { announcer } from "../announce.svelte";
import type { LabResult, LabRun, LabTold, LabWish } from "../generated/api";
import { desk } from "../live/desk.svelte";
import { got, posted, sent, sentences, told as read, type Got } from "../live/http";
import { find, language, say } from "../words";

const BUSY_MS = 700;
const IDLE_MS = 5_000;

export const ENDED: readonly LabRun["state"][] = ["done", "cancelled", "failed"];

class Lab {
  told: LabTold | null = $state.raw(null);
  /** Why there is none; empty = there is. */
  absent = $state("");
  /** When the server was last heard of, by the desk's clock; 0 = never. */
  at = $state(0);
  isDown = $state(false);
  /** What went wrong with the last act, until the next one. */
  problem = $state("");
  /** Results that are on the screen, in the order of their choosing. */
  readonly results = new SvelteMap<string, LabResult>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  begin(): () => void {
    void this.#go();
    return () => clearTimeout(this.#timer);
  }

  get isBusy(): boolean {
    return this.told?.runs.some((one) => !ENDED.includes(one.state)) ?? false;
  }

  async #go(): Promise<void> {
    clearTimeout(this.#timer);
    await this.look();
    this.#timer = setTimeout(() => void this.#go(), this.isBusy ? BUSY_MS : IDLE_MS);
  }

  async look(): Promise<void> {
    const answer = await got<LabTold>(`/api/lab?language=${language()}`);
    this.isDown = answer.is === "down";
    if (answer.is === "problem") this.absent = sentences(answer.problem);
    if (answer.is !== "got") return;
    this.absent = "";
    this.at = desk.instant();
    this.#announce(answer.answer);
    this.told = answer.answer;
    const there = new Set(answer.answer.runs.map((one) => one.id));
    for (const id of this.results.keys()) if (!there.has(id)) this.results.delete(id);
  }

  /** True when it was taken up. Its result comes on the screen by itself. */
  async start(wish: LabWish): Promise<boolean> {
    const run = await this.#act(() => posted<LabRun>("/api/lab/runs", wish));
    if (run) this.#mine.add(run.id);
    return run !== null;
  }

  async cancel(id: string): Promise<void> {
    await this.#act(() => posted(`/api/lab/runs/${id}/cancel`, {}));
  }

  async forget(id: string): Promise<void> {
    await this.#act(async () => {
      const response = await sent("DELETE", `/api/lab/runs/${id}`);
      return response?.status === 204 ? { is: "got", answer: true } : read(response);
    });
  }

  async show(id: string): Promise<void> {
    const answer = await got<LabResult>(`/api/lab/runs/${id}?language=${language()}`);
    if (answer.is === "got") this.results.set(id, answer.answer);
    else this.problem = answer.is === "problem" ? sentences(answer.problem) : say("console.lab.setup.refused_not_live");
  }

  hide(id: string): void {
    this.results.delete(id);
  }

  /** The server's sentences in another language. */
  async again(): Promise<void> {
    await Promise.all([this.look(), ...[...this.results.keys()].map((id) => this.show(id))]);
  }

  /** Experiments that were started here and have not ended. */
  readonly #mine = new Set<string>();

  #announce(fresh: LabTold): void {
    for (const run of fresh.runs) {
      if (!this.#mine.has(run.id) || !ENDED.includes(run.state)) continue;
      this.#mine.delete(run.id);
      announcer.say(say("console.lab.runs.ended", { name: run.wish.name, state: find(`console.lab.runs.${run.state}`) ?? run.state }));
      if (run.has_result) void this.show(run.id);
    }
  }

  async #act<Answer>(question: () => Promise<Got<Answer>>): Promise<Answer | null> {
    this.problem = "";
    if (!desk.isLive) this.problem = say("console.lab.setup.refused_not_live");
    else {
      const answer = await question();
      if (answer.is === "got") {
        await this.#go();
        return answer.answer;
      }
      this.problem = answer.is === "problem" ? sentences(answer.problem) : say("console.lab.setup.refused_not_live");
    }
    announcer.say(this.problem);
    return null;
  }
}

export const lab = new Lab();
