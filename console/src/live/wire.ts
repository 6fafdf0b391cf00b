/** What is said over HTTP, by the names of this side; the shapes come from the Python code (src/generated/api.ts). */

import type {
  AcknowledgeAlarm,
  Change,
  ClockTold as Told,
  Command,
  ConfirmWelfare,
  Fix,
  HoldIncident,
  Intake as IntakeBody,
  LookAtPersonalData,
  ReadMessage,
  SendMessage,
  Session,
  SetWelfareCheck,
  ShelveAlarm,
  Situation,
} from "../generated/api";

export type {
  Act as LineAct,
  Answered,
  CallTaken as IntakeAnswer,
  LineCandidate as Suggestion,
  LineTold,
  Problem,
  RefusalTold as Refusal,
  Session,
  Undone,
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

/** The clock that the screens count by. */
export interface ClockTold extends Told {
  mode: ClockMode;
}

export type Role = Session["role"];

/** A call as the call taker writes it down; `intake()` draws the key. */
export type Intake = Omit<IntakeBody, "id">;

export interface SituationTold extends Situation {
  clock: ClockTold;
  fixes: Fix[];
}

export interface Beat {
  now: number;
  pos: number;
  clock: ClockTold;
}

/** Reported positions: those that are new, or all (`is_whole`); `gone` = units that have left duty. */
export interface Fixes {
  now: number;
  fixes: Fix[];
  gone?: string[];
  is_whole?: boolean;
}

export type ResetWhy = "other_journal" | "too_old" | "ahead" | "slow" | "signed_out";

/** What a stream brings, as it goes from the worker to the pages. */
export type Heard =
  | { is: "change"; data: Change }
  | { is: "fixes"; data: Fixes }
  | { is: "beat"; data: Beat }
  | { is: "reset"; why: ResetWhy }
  | { is: "down"; since: number };
