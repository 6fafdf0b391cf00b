/** Log rows: which are shown, and which values their sentence is made of. */
import type { LogRow } from "./shapes";

export interface LogFilter {
  incident: string;
  unit: string;
  /** Account of the seat, or `unit:E1`; never anybody's name. */
  seat: string;
  what: string;
}

export const EVERYTHING: LogFilter = { incident: "", unit: "", seat: "", what: "" };

/** Rows that pass the filter; an empty field lets all pass. */
export function passing(log: readonly LogRow[], by: LogFilter): LogRow[] {
  return log.filter(
    (row) =>
      (by.incident === "" || row.incident === by.incident) &&
      (by.unit === "" || row.unit === by.unit || named(row).includes(by.unit)) &&
      (by.seat === "" || row.actor === by.seat) &&
      (by.what === "" || row.what === by.what),
  );
}

const named = (row: LogRow): string[] => (row.values["units"] ?? "").split(", ");

/** Every value that a sentence may name, the unnamed ones empty: a sentence never shows a brace. */
export function valuesOf(row: LogRow, told: (kind: "phase" | "stamp" | "mark" | "place" | "incident" | "time", value: string) => string): Record<string, string> {
  const blank = new Proxy(
    { ...row.values },
    { get: (target, name) => (typeof name === "string" ? (target[name] ?? "") : undefined), has: () => true },
  );
  const incident = row.values["incident"] ?? row.incident ?? "";
  const dressed: Record<string, string> = {
    unit: row.values["unit"] ?? row.unit ?? "",
    incident: incident ? told("incident", incident) : "",
    phase: blank["phase"] ? told("phase", blank["phase"]) : "",
    stamp: blank["stamp"] ? told("stamp", blank["stamp"]) : "",
    mark: blank["mark"] ? told("mark", blank["mark"]) : "",
    left: blank["left"] ? told("incident", blank["left"]) : "",
    taken_by: blank["taken_by"] ? told("incident", blank["taken_by"]) : "",
    until: blank["until"] ? told("time", blank["until"]) : "",
    to: row.what === "StampCorrected" && blank["to"] ? told("time", blank["to"]) : (blank["to"] ?? ""),
    was: blank["was"] ? told("time", blank["was"]) : "",
  };
  for (const name of NAMED) dressed[name] ??= blank[name] ?? "";
  return dressed;
}

/** Plain values that the sentences use. */
const NAMED = [
  "incident_type", "priority", "place", "level", "disposition", "units", "short", "code", "call", "channel", "station", "closure",
  "kind", "message", "about", "every_min", "alarm", "owner", "name", "version", "reader", "day", "towards", "at_station",
] as const;

/** What people added of their own to an act: the reason, the override. Shown behind the sentence. */
export function addedTo(row: LogRow): string {
  return row.values["override"] || row.values["reason"] || row.values["said"] || "";
}

/** The lines of a list that stand in a window of the screen, a few more on both sides. */
export function visible(count: number, top_px: number, height_px: number, row_px: number, spare = 8): { from: number; to: number } {
  const from = Math.max(0, Math.floor(top_px / row_px) - spare);
  return { from, to: Math.min(count, Math.ceil((top_px + height_px) / row_px) + spare) };
}

/** Near enough to the newest end that the reader follows it; who has scrolled away is left where he reads. */
export function isAtEnd(top_px: number, height_px: number, whole_px: number, row_px: number): boolean {
  return top_px + height_px >= whole_px - row_px * 1.5;
}
