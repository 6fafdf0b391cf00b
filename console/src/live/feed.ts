/** One connection to the server's stream, kept up. Runs in the shared worker, or in the page where there are no shared workers. */

import type { Beat, Fixes, Heard, ResetWhy } from "./wire";
import type { Change } from "../generated/api";

const FIRST_RETRY_MS = 300;
/** Low, as a server that was started again should be seen within two seconds. */
const LONGEST_RETRY_MS = 2_000;
/** A connection that has not even brought a beat for so long is dead, whatever the browser thinks. */
const SILENT_MS = 7_000;

/** What of an EventSource is used; tests bring their own. */
export interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface Surroundings {
  open(url: string): Source;
  /** Status of the session: 200, 401 …; 0 when the server cannot be reached. */
  sessionStatus(): Promise<number>;
  random(): number;
}

const BROWSER: Surroundings = {
  open: (url) => new EventSource(url),
  sessionStatus: () =>
    fetch("/api/session", { cache: "no-store" }).then(
      (response) => response.status,
      () => 0,
    ),
  random: Math.random,
};

export class Feed {
  journal = "";
  /** Position of the last change that came. */
  pos = 0;
  #source: Source | null = null;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #hear: (heard: Heard) => void;
  readonly #around: Surroundings;

  constructor(hear: (heard: Heard) => void, around: Surroundings = BROWSER) {
    this.#hear = hear;
    this.#around = around;
  }

  get isOpen(): boolean {
    return this.#source !== null || this.#timer !== undefined;
  }

  /** Brings everything behind `from` and whatever comes. A stream that is already behind `from` goes on as it is. */
  open(journal: string, from: number): void {
    if (this.isOpen && journal === this.journal && from >= this.pos) return;
    this.close();
    this.journal = journal;
    this.pos = from;
    this.#connect();
  }

  close(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #connect(): void {
    const query = new URLSearchParams({ journal: this.journal, from: String(this.pos) });
    const source = this.#around.open(`/api/stream?${query}`);
    this.#source = source;
    const listen = (type: string, take: (data: string) => void) =>
      source.addEventListener(type, (event) => {
        if (this.#source !== source) return;
        this.#alive();
        take(event.data);
      });
    listen("change", (data) => {
      const change = JSON.parse(data) as Change;
      this.pos = Math.max(this.pos, change.pos);
      this.#hear({ is: "change", data: change });
    });
    listen("fixes", (data) => this.#hear({ is: "fixes", data: JSON.parse(data) as Fixes }));
    listen("beat", (data) => this.#hear({ is: "beat", data: JSON.parse(data) as Beat }));
    listen("reset", (data) => {
      this.close();
      this.#hear({ is: "reset", why: (JSON.parse(data) as { why: ResetWhy }).why });
    });
    source.addEventListener("error", () => {
      if (this.#source === source) this.#retry();
    });
    this.#watch();
  }

  #alive(): void {
    this.#failures = 0;
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#retry(), SILENT_MS);
  }

  /** Our own retry rather than the browser's: it also goes on after an answer that is no stream (503 while a server starts). */
  #retry(): void {
    this.close();
    this.#hear({ is: "down", since: this.pos });
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#tryAgain(), longest * (0.5 + this.#around.random() / 2));
  }

  async #tryAgain(): Promise<void> {
    const timer = this.#timer;
    const status = await this.#around.sessionStatus();
    if (this.#timer !== timer) return;
    if (status === 401) {
      this.close();
      this.#hear({ is: "reset", why: "signed_out" });
    } else if (status === 200) this.#connect();
    else this.#retry();
  }
}
