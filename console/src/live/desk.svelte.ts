/**
 * The one store: what this screen knows of the desk. Only the live stream writes rows; people's choices (what is selected) stand here too.
 * Time comes from the server: see `now`.
 */

import { SvelteSet } from "svelte/reactivity";
import type {
  AlarmRow,
  CallRow,
  CentreRow,
  Change,
  ClosureRow,
  Fix,
  IncidentRow,
  LogRow,
  MessageRow,
  MoveRow,
  PlanRow,
  StationRow,
  UnitRow,
} from "../generated/api";
import { Table } from "./table.svelte";
import type { Beat, ClockTold, Session, SituationTold } from "./wire";

export type Link = "live" | "late" | "lost";

/** A beat comes every 2 s. */
const LATE_AFTER_MS = 3_000;
const LOST_AFTER_MS = 5_000;
/** How much further than the monotonic clock the wall clock may run before it counts as a sleep of the machine. */
const SLEEP_MS = 3_000;
/** Log rows kept; older ones are asked for by whoever shows them. */
const LOG_KEPT = 2_000;

const NO_CLOCK: ClockTold = { now: 0, mode: "live", speed: 1, is_paused: false, zone: "UTC" };

class Desk {
  readonly incidents = new Table<IncidentRow>();
  readonly units = new Table<UnitRow>();
  readonly stations = new Table<StationRow>();
  readonly closures = new Table<ClosureRow>();
  readonly alarms = new Table<AlarmRow>();
  readonly messages = new Table<MessageRow>();
  readonly calls = new Table<CallRow>();
  /** Advice to cover elsewhere, by unit. */
  readonly moves = new Table<MoveRow>();
  /** Oldest first. */
  log: readonly LogRow[] = $state.raw([]);
  centre: CentreRow | null = $state.raw(null);
  plan: PlanRow | null = $state.raw(null);
  clock: ClockTold = $state.raw(NO_CLOCK);
  session: Session | null = $state.raw(null);
  /** Id of the incident that all panes speak of. */
  selected: string | null = $state(null);
  selectedUnit: string | null = $state(null);
  /** Incidents whose rows this screen has not shown as seen yet: for "3 new". */
  readonly unseen = new SvelteSet<string>();
  journal = $state("");
  pos = $state(0);
  /** Whether a situation was ever loaded: before that nothing may look like "no calls". */
  isLoaded = $state(false);
  /** Server time, ms, of the last sign of life; 0 = none yet. */
  lastBeat = $state(0);
  link: Link = $state("lost");
  /** Desk's time, UTC ms, moved once a second. For a stamp of this instant use `instant()`. */
  now = $state(0);
  /** Whole seconds of our own time since the last sign of life. */
  silent_s = $state(0);

  /** Latest position of each unit. Plain: whoever draws subscribes with `onFixes`. */
  readonly fixes = new Map<string, Fix>();
  #fixListeners = new Set<(fixes: readonly Fix[]) => void>();
  #beatAt: number | null = null;
  #beatWall = 0;

  get incident(): IncidentRow | undefined {
    return this.incidents.get(this.selected);
  }

  get unit(): UnitRow | undefined {
    return this.units.get(this.selectedUnit);
  }

  get isLive(): boolean {
    return this.link !== "lost";
  }

  /** Everything anew. */
  load(told: SituationTold): void {
    this.journal = told.journal;
    this.pos = told.pos;
    this.centre = told.centre;
    this.plan = told.plan;
    this.incidents.replace(told.incidents, (row) => row.incident);
    this.units.replace(told.units, (row) => row.unit);
    this.stations.replace(told.stations, (row) => row.station);
    this.closures.replace(told.closures, (row) => row.closure);
    this.alarms.replace(told.alarms, (row) => row.alarm);
    this.messages.replace(told.messages, (row) => row.message);
    this.calls.replace(told.calls, (row) => row.call);
    this.moves.replace(told.moves ?? [], (row) => row.unit);
    this.log = told.log;
    this.isLoaded = true;
    this.hear({ now: told.clock.now, pos: told.pos, clock: told.clock });
    this.fixes.clear();
    this.setFixes(told.fixes);
  }

  /** Whole rows: taking one in twice does no harm, and one that is behind us is left out. */
  take(change: Change): void {
    if (change.pos <= this.pos) return;
    const gone = change.gone ?? {};
    if (change.centre) this.centre = change.centre;
    if (change.plan) this.plan = change.plan;
    this.incidents.put(change.incidents, (row) => row.incident, gone["incidents"]);
    this.units.put(change.units, (row) => row.unit, gone["units"]);
    this.stations.put(change.stations, (row) => row.station, gone["stations"]);
    this.closures.put(change.closures, (row) => row.closure, gone["closures"]);
    this.alarms.put(change.alarms, (row) => row.alarm, gone["alarms"]);
    this.messages.put(change.messages, (row) => row.message, gone["messages"]);
    this.calls.put(change.calls, (row) => row.call, gone["calls"]);
    this.moves.put(change.moves, (row) => row.unit, gone["moves"]);
    for (const unit of gone["units"] ?? []) this.fixes.delete(unit);
    if (change.log?.length) this.#append(change.log);
    this.pos = change.pos;
  }

  /** `gone`: units that have left duty; whatever else was known stays, unless these are all. */
  setFixes(fixes: readonly Fix[], gone: readonly string[] = [], isWhole = false): void {
    if (isWhole) this.fixes.clear();
    for (const unit of gone) this.fixes.delete(unit);
    for (const fix of fixes) this.fixes.set(fix[0], fix);
    for (const listener of this.#fixListeners) listener(fixes);
  }

  /** Calls `listener` with the fixes of each frame, at most once a second. Returns how to stop it. */
  onFixes(listener: (fixes: readonly Fix[]) => void): () => void {
    this.#fixListeners.add(listener);
    return () => this.#fixListeners.delete(listener);
  }

  /** A sign of life with the server's time. */
  hear(beat: Beat): void {
    this.#beatAt = performance.now();
    this.#beatWall = Date.now();
    this.clock = beat.clock;
    this.lastBeat = beat.clock.now;
    this.link = "live";
    this.tick();
  }

  /** The desk's time right now, UTC ms. */
  instant(): number {
    const { now, speed, is_paused } = this.clock;
    if (this.#beatAt === null) return 0;
    return is_paused ? now : now + this.silence() * speed;
  }

  /** Milliseconds since the last sign of life, sleep of the machine included; infinite before the first. */
  silence(): number {
    if (this.#beatAt === null) return Infinity;
    const steady = performance.now() - this.#beatAt;
    const wall = Date.now() - this.#beatWall;
    // A monotonic clock stands still while a machine sleeps; the wall clock does not, but may be set. Only a clear difference counts.
    return wall - steady > SLEEP_MS ? wall : steady;
  }

  /** Once a second. */
  tick(): void {
    const silence = this.silence();
    this.link = silence > LOST_AFTER_MS ? "lost" : silence > LATE_AFTER_MS ? "late" : "live";
    this.silent_s = Number.isFinite(silence) ? Math.floor(silence / 1000) : 0;
    this.now = Math.floor(this.instant() / 1000) * 1000;
  }

  #append(rows: readonly LogRow[]): void {
    const last = this.log.at(-1)?.pos ?? 0;
    const fresh = rows.filter((row) => row.pos > last);
    if (fresh.length) this.log = [...this.log, ...fresh].slice(-LOG_KEPT);
  }
}

export const desk = new Desk();

/** Starts the second hand; returns how to stop it. */
export function startTicking(): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const next = () => {
    desk.tick();
    // On the second where the desk's seconds are ours; a replay's are not.
    const wait_ms = desk.clock.speed === 1 && !desk.clock.is_paused ? 1000 - (desk.instant() % 1000) + 5 : 1000;
    timer = setTimeout(next, wait_ms);
  };
  next();
  return () => clearTimeout(timer);
}
