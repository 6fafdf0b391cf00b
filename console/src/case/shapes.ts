/** What the panes of one incident speak of: rows as the server writes them, and the answers of its routes. */
export type {
  AdviceRow, CallRow, Candidate, Channel, IncidentDetail, IncidentRow, IncidentType, LogRow, MessageRow, Pick, Place, PlanRow, Receipt, Shortfall, Slot, UnitRow,
} from "../generated/api";
export type { Answered, IntakeAnswer, Problem, Refusal } from "../live/wire";
import type { Channel, Place } from "../generated/api";

export type IncidentId = string;

/** `POST /api/calls`. */
export interface IntakeBody {
  call?: string;
  arrived: number;
  answered: number;
  channel: Channel;
  caller_name?: string;
  caller_number?: string;
  caller_place?: string;
  words?: string;
  place: Place | null;
  incident_type: string;
  priority: string;
  attach_to: IncidentId | null;
}


/** One place that a text may mean: `POST /api/places`. */
export interface Found {
  text: string;
  kind: string;
  lon: number;
  lat: number;
  uncertainty_m: number;
  score: number;
  source: string;
  reason?: string;
  area?: string;
  areas?: { layer: string; name: string }[];
}

export interface Located {
  candidates: Found[];
  notes?: string[];
}

/** `POST /api/duplicates`. */
export interface Duplicate {
  incident: IncidentId;
  distance_m: number;
  opened: number;
  incident_type: string;
  why: string[];
}

/** `POST /api/incidents/{id}/personal`. */
export interface PersonalWords {
  calls: { call: string; caller_name?: string | null; caller_number?: string | null; caller_place?: string | null; words?: string | null }[];
  notes: { at: number; actor: string; words: string }[];
  is_erased: boolean;
}
