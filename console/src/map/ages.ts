/** How old a position may be before the map says so (rule 16: hollow after two missed reports, out of recommendations after ten minutes). */

export type Age = "fresh" | "late" | "stale";

export const STALE_MS = 600_000;
export const MISSED_REPORTS = 2;

/** What crews' devices are asked for: a report every ten seconds on the road, every minute at rest. */
export const DRIVING_EVERY_MS = 10_000;
export const RESTING_EVERY_MS = 60_000;

const DRIVING = new Set(["dispatched", "acknowledged", "en_route", "transporting", "moving_up", "returning"]);
const SLOWEST_DRIVE_MPS = 1;

/** How often this unit is expected to report where it is, ms. */
export function reportEvery(phase: string, speed_mps: number | null): number {
  return DRIVING.has(phase) || (speed_mps ?? 0) > SLOWEST_DRIVE_MPS ? DRIVING_EVERY_MS : RESTING_EVERY_MS;
}

/** Whether a phase is one of driving to a job: its route is worth drawing. */
export function isDriving(phase: string): boolean {
  return DRIVING.has(phase);
}

export function ageOf(at: number, now: number, every_ms: number): Age {
  const age = now - at;
  if (age > STALE_MS) return "stale";
  return age > MISSED_REPORTS * every_ms ? "late" : "fresh";
}

/**
 * Which of two statements of a place counts: the reported position, but not one that has been missing for two reports while something
 * surer was said since.
 */
export function isFixTrusted(fix_at: number, place_at: number | null, now: number, every_ms: number): boolean {
  return place_at === null || place_at <= fix_at || ageOf(fix_at, now, every_ms) === "fresh";
}
