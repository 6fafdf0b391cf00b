/**
 * Units as the overlay draws them: columns of numbers, one row a unit, so that thousands move without an object each.
 * Rows stay where they are while the fleet's list stays the same; a new fix writes four numbers.
 */

import { type Age, ageOf, isFixTrusted, reportEvery } from "./ages";
import { letterOf, type Look, lookKey, stateOf } from "./marks";
import { worldX, worldY } from "./projection";
import type { FixSeen, UnitSeen } from "./types";

/** How long a marker slides to its new place; it never runs ahead of what was reported. */
export const EASE_MS = 600;
/** A jump further than this (widths of the world, about 2 km) is shown as a jump. */
const FURTHEST_EASE = 5e-5;

const UNKNOWN_AT = -1;

export class Fleet {
  count = 0;
  ids: string[] = [];
  labels: string[] = [];
  /** World units; NaN = nobody knows where. */
  x = new Float64Array(0);
  y = new Float64Array(0);
  fromX = new Float64Array(0);
  fromY = new Float64Array(0);
  /** When the slide to (x, y) began, on the page's clock. */
  movedAt = new Float64Array(0);
  /** Degrees clockwise from north; NaN = not reported, or not a reported position. */
  heading = new Float32Array(0);
  /** When the place was true (server time); -1 = unknown. */
  at = new Float64Array(0);
  every = new Float64Array(0);
  isReported = new Uint8Array(0);
  /** Row of `looks`. */
  look = new Uint16Array(0);
  looks: Look[] = [];
  incident: (string | null)[] = [];

  private readonly rows = new Map<string, number>();
  private readonly lookRows = new Map<string, number>();
  private hasLook = new Uint8Array(0);
  private phases: string[] = [];
  private ages: Age[] = [];

  row(unit: string): number {
    return this.rows.get(unit) ?? -1;
  }

  /** Takes the whole list of units with their latest fixes. `clock` = the page's own clock, for slides only. */
  set(units: readonly UnitSeen[], fixes: ReadonlyMap<string, FixSeen>, now: number, clock: number): void {
    if (!this.isSameList(units)) this.rebuild(units);
    for (let row = 0; row < units.length; row++) {
      const unit = units[row]!;
      this.phases[row] = unit.phase;
      this.incident[row] = unit.incident;
      this.place(row, unit, fixes.get(unit.unit), now, clock);
    }
    this.grow(now);
  }

  /** Ages alone: called as time passes without news. True where a marker's look changed. */
  grow(now: number): boolean {
    let isChanged = false;
    for (let row = 0; row < this.count; row++) {
      const age: Age = this.at[row]! < 0 || !this.isReported[row] ? "fresh" : ageOf(this.at[row]!, now, this.every[row]!);
      const before = this.look[row]!;
      this.look[row] = this.lookRow(row, age);
      isChanged ||= before !== this.look[row];
      this.ages[row] = age;
    }
    return isChanged;
  }

  /** Whether anything is still sliding. */
  isMoving(clock: number): boolean {
    for (let row = 0; row < this.count; row++) if (clock - this.movedAt[row]! < EASE_MS) return true;
    return false;
  }

  /** How many units have a reported position, and how many of those are older than ten minutes. */
  reported(): { units: number; stale: number; newest: number | null } {
    let units = 0;
    let stale = 0;
    let newest = UNKNOWN_AT;
    for (let row = 0; row < this.count; row++) {
      if (!this.isReported[row]) continue;
      units++;
      if (this.ages[row] === "stale") stale++;
      newest = Math.max(newest, this.at[row]!);
    }
    return { units, stale, newest: newest < 0 ? null : newest };
  }

  age(row: number): Age {
    return this.ages[row] ?? "fresh";
  }

  private place(row: number, unit: UnitSeen, fix: FixSeen | undefined, now: number, clock: number): void {
    const every = reportEvery(unit.phase, fix?.[5] ?? null);
    const isReported = fix !== undefined && isFixTrusted(fix[3], unit.place ? unit.place_at : null, now, every);
    const at = isReported ? [fix[1], fix[2]] : unit.place;
    this.every[row] = every;
    this.isReported[row] = isReported ? 1 : 0;
    this.at[row] = isReported ? fix[3] : unit.place ? unit.place_at : UNKNOWN_AT;
    this.heading[row] = isReported ? (fix[4] ?? NaN) : NaN;
    const x = at ? worldX(at[0]!) : NaN;
    const y = at ? worldY(at[1]!) : NaN;
    if (x === this.x[row] && y === this.y[row]) return;
    const isNear = Math.abs(x - this.x[row]!) + Math.abs(y - this.y[row]!) < FURTHEST_EASE;
    this.fromX[row] = isNear ? this.x[row]! : x;
    this.fromY[row] = isNear ? this.y[row]! : y;
    this.movedAt[row] = isNear ? clock : -Infinity;
    this.x[row] = x;
    this.y[row] = y;
  }

  private lookRow(row: number, age: Age): number {
    const state = stateOf(this.phases[row]!);
    const isSmall = !this.isReported[row];
    // Ages and phases rarely change, and a row's letter only with the list: most rows keep the look that they have, without a new object.
    const present = this.hasLook[row] ? this.looks[this.look[row]!]! : null;
    if (present && present.state === state && present.age === age && present.isSmall === isSmall) return this.look[row]!;
    const look: Look = { state, age, isSmall, letter: letterOf(this.ids[row]!) };
    this.hasLook[row] = 1;
    const key = lookKey(look);
    const known = this.lookRows.get(key);
    if (known !== undefined) return known;
    this.lookRows.set(key, this.looks.length);
    return this.looks.push(look) - 1;
  }

  private isSameList(units: readonly UnitSeen[]): boolean {
    if (units.length !== this.count) return false;
    for (let row = 0; row < units.length; row++) if (units[row]!.unit !== this.ids[row]) return false;
    return true;
  }

  private rebuild(units: readonly UnitSeen[]): void {
    const before = { rows: new Map(this.rows), x: this.x, y: this.y };
    this.count = units.length;
    this.ids = units.map((unit) => unit.unit);
    this.labels = this.ids;
    this.phases = new Array<string>(this.count).fill("off");
    this.ages = new Array<Age>(this.count).fill("fresh");
    this.incident = new Array<string | null>(this.count).fill(null);
    for (const column of ["x", "y", "fromX", "fromY", "movedAt", "at", "every"] as const) this[column] = new Float64Array(this.count).fill(NaN);
    this.movedAt.fill(-Infinity);
    this.heading = new Float32Array(this.count).fill(NaN);
    this.isReported = new Uint8Array(this.count);
    this.look = new Uint16Array(this.count);
    this.hasLook = new Uint8Array(this.count);
    this.rows.clear();
    this.ids.forEach((unit, row) => {
      this.rows.set(unit, row);
      const old = before.rows.get(unit);
      if (old === undefined) return;
      this.x[row] = this.fromX[row] = before.x[old]!;
      this.y[row] = this.fromY[row] = before.y[old]!;
    });
  }
}
