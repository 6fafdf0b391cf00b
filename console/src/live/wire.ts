/** What is said over HTTP beyond the rows and messages that src/generated/api.ts takes from the Python code. */

import type {
  AcknowledgeAlarm,
  Change,
  Command,
  ConfirmWelfare,
  Fix,
  HoldIncident,
  LookAtPersonalData,
  Place,
  ReadMessage,
  SendMessage,
  SetWelfareCheck,
  ShelveAlarm,
  Situation,
} from "../generated/api";

/** All that a person may ask. */
export type Asked =
  | Command
  | AcknowledgeAlarm
  | ShelveAlarm
  | SetWelfareCheck
  | ConfirmWelfare
  | SendMessage
  | ReadMessage
  | HoldIncident
  | LookAtPersonalData;

export type ClockMode = "live" | "demo" | "exercise" | "replay" | "simulation";

export interface ClockTold {
  /** UTC milliseconds of the desk's clock. */
  now: number;
  mode: ClockMode;
  speed: number;
  is_paused: boolean;
  /** IANA name. */
  zone: string;
}

export type Role = "call_taker" | "dispatcher" | "commander" | "crew" | "supervisor" | "wall";

export interface Session {
  name: string;
  role: Role;
  unit?: string | null;
  csrf: string;
  language?: string | null;
  expires_at: number;
}

/** Why a request was not served, in the session's language. */
export interface Problem {
  code: string;
  what: string;
  do: string;
  field?: string | null;
  values?: Record<string, string>;
}

export interface Refusal {
  code: string;
  field: string;
  values: Record<string, string>;
  told: string;
}

export interface Answered {
  cmd: string;
  pos: number;
  events: { type: string }[];
  refusal: Refusal | null;
}

/** A call as the call taker writes it down. */
export interface Intake {
  call?: string;
  arrived: number;
  answered?: number | null;
  channel?: string;
  caller_name?: string;
  caller_number?: string;
  caller_place?: string;
  words?: string;
  place: Place | null;
  incident_type?: string;
  priority?: string;
  attach_to?: string | null;
}

export interface IntakeAnswer {
  call: string;
  incident: string | null;
  number: number | null;
  answers: Answered[];
}

export interface Suggestion {
  text: string;
  label: string;
}

/** Something that the screen does itself: `select` an incident or unit, `open` a pane, `help`, `undo`, `show`. */
export interface LineAct {
  do: string;
  [field: string]: unknown;
}

/** The command line's answer. */
export interface LineTold {
  is_complete: boolean;
  preview: { told: string; commands: unknown[] }[];
  problem: (Problem & { at?: number }) | null;
  candidates: Suggestion[];
  acts: LineAct[];
  answers: Answered[];
}

export interface SituationTold extends Situation {
  clock: ClockTold;
  fixes: Fix[];
}

export interface Beat {
  now: number;
  pos: number;
  clock: ClockTold;
}

export type ResetWhy = "other_journal" | "too_old" | "ahead" | "slow" | "signed_out";

/** What a stream brings, as it goes from the worker to the pages. */
export type Heard =
  | { is: "change"; data: Change }
  | { is: "fixes"; data: { now: number; fixes: Fix[] } }
  | { is: "beat"; data: Beat }
  | { is: "reset"; why: ResetWhy }
  | { is: "down"; since: number };
