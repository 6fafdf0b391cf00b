/** The selected incident whole: asked for when it is selected and again when its row changes; the row itself is always the live one. */
import { desk } from "../live/desk.svelte";
import { got, sentences } from "../live/http";
import { Latest } from "./latest";
import type { IncidentDetail, LogRow, Receipt } from "./shapes";

class Detail {
  /** Of the incident that it names, and of no other. */
  told: IncidentDetail | null = $state.raw(null);
  /** Desk's time at which it was told. */
  at = $state(0);
  problem = $state("");
  /** How often the recommendation was made anew since the incident was selected. */
  refreshed = $state(0);
  #receipt = "";

  readonly #ask = new Latest<IncidentDetail | string>(
    async (incident, signal) => {
      const answer = await got<IncidentDetail>(`/api/incidents/${encodeURIComponent(incident)}`, signal);
      return answer.is === "got" ? answer.answer : answer.is === "problem" ? sentences(answer.problem) : "";
    },
    (answer) => {
      this.problem = typeof answer === "string" ? answer : "";
      if (typeof answer === "string") return;
      this.told = answer;
      this.at = desk.now;
    },
    () => {},
    250,
  );

  /** Another incident is looked at, or the same one has moved on. */
  follow(incident: string | null, receipt: string, isOther: boolean): void {
    if (isOther) {
      this.refreshed = 0;
      this.problem = "";
    } else if (receipt !== this.#receipt && this.#receipt !== "") this.refreshed += 1;
    this.#receipt = receipt;
    if (incident === null) this.#ask.stop();
    else this.#ask.ask(incident, isOther);
  }

  of(incident: string): IncidentDetail | null {
    return this.told?.incident.incident === incident ? this.told : null;
  }

  /** The receipt with all candidates, if it is the one that the row speaks of; else the reasons would be of other times. */
  receiptOf(incident: string): Receipt | null {
    const told = this.of(incident);
    const now = desk.incidents.get(incident)?.advice?.receipt_sha256;
    if (!told || told.incident.advice?.receipt_sha256 !== now) return null;
    return told.receipt as Receipt | null;
  }

  /** Everything on record of the incident, oldest first: what was told, and what came by the stream since. */
  timelineOf(incident: string): LogRow[] {
    const told = this.of(incident)?.timeline ?? [];
    const last = told.at(-1)?.pos ?? 0;
    const since = desk.log.filter((row) => row.pos > last && row.incident === incident);
    return [...told, ...since].sort((a, b) => a.at - b.at || a.pos - b.pos);
  }
}

export const detail = new Detail();
