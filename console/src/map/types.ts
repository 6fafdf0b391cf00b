/** What the map needs of the desk's rows (views/situation.py); the desk's own rows fit these. */

import type { Place } from "../generated/api";
import type { LonLat } from "./projection";

export type { LonLat, Place };

export interface UnitSeen {
  unit: string;
  kind: string;
  phase: string;
  incident: string | null;
  station: string | null;
  place: LonLat | null;
  place_at: number;
}

/** A reported position: unit, degrees east, degrees north, server time, heading (degrees), speed (m/s), uncertainty (m). */
export type FixSeen = readonly [string, number, number, number, (number | null)?, (number | null)?, (number | null)?];

export interface IncidentSeen {
  incident: string;
  number: number | null;
  priority: string;
  life: string;
  is_held: boolean;
  place: Place;
}

export interface StationSeen {
  station: string;
  name: string;
  place: Place;
  is_open: boolean;
}

export type ShapeKind = "points" | "line" | "polygon";

export interface ClosureSeen {
  closure: string;
  kind: string;
  places: readonly LonLat[];
  since: number;
  until: number | null;
  vehicles: readonly string[];
  reason: string;
  incident: string | null;
}

export interface RouteSeen {
  unit: string;
  line: readonly LonLat[];
  eta_ms: number | null;
  is_under_way: boolean;
}

export interface MapTold {
  bounds: readonly [number, number, number, number] | null;
  min_zoom: number;
  max_zoom: number;
  attribution: readonly string[];
  map_hash: string;
  layers: readonly string[];
}
