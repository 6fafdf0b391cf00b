/** A closure being drawn by hand: a value and the few things that can be done to it. Nothing is sent before it is confirmed in place. */

import { boundsOf, type LonLat } from "./projection";
import type { ShapeKind } from "./types";

export interface Draft {
  readonly kind: ShapeKind;
  readonly places: readonly LonLat[];
}

export const LEAST_PLACES: Readonly<Record<ShapeKind, number>> = { points: 1, line: 2, polygon: 3 };
/** What may be drawn by hand; the desk itself takes more. */
export const MOST_PLACES = 500;
const DIGITS = 1e7;

export function begin(kind: ShapeKind): Draft {
  return { kind, places: [] };
}

/** With one more place; the same draft where that place is the last one again (a double click), off the earth, or one too many. */
export function withPlace(draft: Draft, place: LonLat): Draft {
  const [lon, lat] = place.map((degrees) => Math.round(degrees * DIGITS) / DIGITS) as [number, number];
  const last = draft.places[draft.places.length - 1];
  if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90) || draft.places.length >= MOST_PLACES) return draft;
  if (last && last[0] === lon && last[1] === lat) return draft;
  return { ...draft, places: [...draft.places, [lon, lat]] };
}

export function withoutLast(draft: Draft): Draft {
  return { ...draft, places: draft.places.slice(0, -1) };
}

/** The same places as another shape. */
export function asKind(draft: Draft, kind: ShapeKind): Draft {
  return { ...draft, kind };
}

/** How many different places are still missing. */
export function missing(draft: Draft): number {
  const different = new Set(draft.places.map(([lon, lat]) => `${lon},${lat}`)).size;
  return Math.max(0, LEAST_PLACES[draft.kind] - different);
}

export interface CloseRoad {
  type: "CloseRoad";
  closure: string;
  shape: { kind: ShapeKind; places: [number, number][] };
  until?: number;
  vehicles?: string[];
  reason?: string;
  incident?: string;
}

export interface Particulars {
  readonly closure: string;
  /** Server time, ms; null = until it is reopened. */
  readonly until: number | null;
  readonly vehicles: readonly string[];
  readonly reason: string;
  readonly incident: string | null;
}

export function commandOf(draft: Draft, of: Particulars): CloseRoad {
  return {
    type: "CloseRoad",
    closure: of.closure,
    shape: { kind: draft.kind, places: draft.places.map(([lon, lat]) => [lon, lat]) },
    ...(of.until === null ? {} : { until: of.until }),
    ...(of.vehicles.length ? { vehicles: [...of.vehicles].sort() } : {}),
    ...(of.reason.trim() ? { reason: of.reason.trim() } : {}),
    ...(of.incident === null ? {} : { incident: of.incident }),
  };
}

/** Durations that are offered, minutes; null = until it is reopened. */
export const DURATIONS: readonly (number | null)[] = [30, 60, 120, 240, 480, null];

/**
 * Two numbers as people type coordinates: `-29.904, -71.251` (north first, as maps and phones say them), decimal point or comma.
 * Null = no such thing: then it is a name to be looked up.
 */
export function coordinatesOf(text: string): LonLat | null {
  const found = /^\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*(?:[;\s]|,\s)\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*$/.exec(text) ?? /^\s*([+-]?\d{1,3}\.\d+),([+-]?\d{1,3}\.\d+)\s*$/.exec(text);
  if (!found) return null;
  const [lat, lon] = [found[1]!, found[2]!].map((number) => Number(number.replace(",", "."))) as [number, number];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

/** Where to look to see the whole of it. */
export function boundsOfDraft(draft: Draft): ReturnType<typeof boundsOf> {
  return boundsOf(draft.places);
}
