/**
 * Editing a field of an incident while others may edit it, too. Merged by field; on the same field nobody wins by being last:
 * both values are shown and a person chooses (rule 26).
 */
import type { IncidentRow, LogRow, Place } from "./shapes";

export type Edited = "incident_type" | "priority" | "place";

export interface Edit {
  field: Edited;
  /** What stood there when the editing began. */
  base: string;
  baseVersion: number;
}

export type Standing =
  | { is: "fresh"; expected: number }
  /** Somebody changed something else: goes together with it. */
  | { is: "merged"; expected: number; by: string; at: number }
  /** Somebody changed this very field. `expected` is what to quote if the person decides for the own value all the same. */
  | { is: "conflict"; expected: number; theirs: string; by: string; at: number };

/** A value as text that is equal exactly when the value is. */
export function valueOf(row: IncidentRow, field: Edited): string {
  return field === "place" ? placeKey(row.place) : row[field];
}

export function placeKey(place: Place): string {
  const at = place.at ?? null;
  return JSON.stringify([at ? [at[0], at[1]] : null, place.text ?? "", place.uncertainty_m ?? null]);
}

export function beginEdit(row: IncidentRow, field: Edited): Edit {
  return { field, base: valueOf(row, field), baseVersion: row.version };
}

/** How the edit stands against the row as it is now. */
export function judge(edit: Edit, row: IncidentRow): Standing {
  if (row.version === edit.baseVersion) return { is: "fresh", expected: row.version };
  const theirs = valueOf(row, edit.field);
  const told = { expected: row.version, by: row.changed_by, at: row.changed_at };
  return theirs === edit.base ? { is: "merged", ...told } : { is: "conflict", theirs, ...told };
}

/** Who changed this very field last: the row only names who changed the incident last, and that may have been anything else. */
export function changeOf(log: readonly LogRow[], incident: string, field: Edited): LogRow | undefined {
  const what = field === "place" ? "IncidentRelocated" : "IncidentReclassified";
  return log.findLast((one) => one.incident === incident && one.what === what && (field === "place" || Boolean(one.values[field])));
}

/** The person has seen the other value and keeps the own one: from now on it is edited against that. */
export function seen(edit: Edit, row: IncidentRow): Edit {
  return beginEdit(row, edit.field);
}

/** What the commands change, by the name of the field. */
export function commandFor(field: Edited, incident: string, value: string | Place): Record<string, unknown> {
  if (field === "place") return { type: "RelocateIncident", incident, place: value };
  return { type: "ReclassifyIncident", incident, [field]: value };
}
