/** What the queue is narrowed down to: by number, type or street, as the desk found it; never by a person, whom no row names. */

import type { IncidentRow } from "../generated/api";

class Search {
  /** What was searched for; empty = the queue is whole. */
  text = $state("");
  /** What the desk found then, ended ones too. */
  found: ReadonlySet<string> = $state.raw(new Set());

  get isOn(): boolean {
    return this.text !== "";
  }

  set(text: string, found: readonly string[]): void {
    this.text = text.trim();
    this.found = new Set(found);
  }

  /** True where there was something to clear. */
  clear(): boolean {
    const was = this.isOn;
    this.text = "";
    this.found = new Set();
    return was;
  }
}

export const search = new Search();

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether an incident is meant: found by the desk, or come since and fitting the same words. */
export function fits(incident: IncidentRow, typeName: string, text: string, found: ReadonlySet<string>): boolean {
  if (found.has(incident.incident)) return true;
  const wanted = plain(text.trim());
  if (!wanted || incident.life !== "open") return false;
  if (/^#?\d+$/.test(wanted)) return `${incident.number ?? ""}` === wanted.replace("#", "");
  return [incident.incident_type, typeName, incident.place.text ?? ""].some((one) => plain(one).includes(wanted));
}
