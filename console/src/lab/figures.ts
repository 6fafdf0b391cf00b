/** What is shown of a result: which measures, in which unit, drawn how, and which areas first. Nothing of the screen itself. */

import type { Against, Between, CompareAnswer, Difference, Dot, Fairness, Figures, LabChange, LabResult, LabWish } from "../generated/api";

/** A result of drawn calls. */
export type DrawnResult = LabResult & { answer: CompareAnswer };

export type Kind = "points" | "seconds" | "minutes" | "times";

interface Measure {
  kind: Kind;
  of: (figures: Figures) => number | null | undefined;
}

/** In the order in which they are told. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  high_late_share: { kind: "points", of: (one) => one.high.late_share },
  high_avoidable_late_share: { kind: "points", of: (one) => one.avoidable_late_share },
  high_mean_s: { kind: "seconds", of: (one) => one.high.mean_s },
  high_p90_s: { kind: "seconds", of: (one) => one.high.p90_s },
  mean_response_s: { kind: "seconds", of: (one) => one.mean_response_s },
  low_mean_s: { kind: "seconds", of: (one) => one.low.mean_s },
  low_late_share: { kind: "points", of: (one) => one.low.late_share },
  utilisation: { kind: "points", of: (one) => one.utilisation },
  return_min_per_call: { kind: "minutes", of: (one) => one.return_min_per_call },
  moves_per_unit_h: { kind: "times", of: (one) => one.moves_per_unit_h },
  spread: { kind: "points", of: (one) => one.spread },
};

/** A number that is shown: the kind of its sentence, the value in that unit, and how many places it has. */
export interface Shown {
  kind: Kind | "percent";
  value: number;
  digits: number;
}

const DIGITS: Readonly<Record<Kind, number>> = { points: 2, seconds: 1, minutes: 2, times: 3 };

/** A level: shares as percentages. */
export function level(value: number, kind: Kind): Shown {
  return kind === "points" ? { kind: "percent", value: value * 100, digits: 1 } : { kind, value, digits: DIGITS[kind] };
}

/** A difference: of shares in percentage points. */
export function change(value: number, kind: Kind): Shown {
  return { kind, value: kind === "points" ? value * 100 : value, digits: DIGITS[kind] };
}

/** `+1.2`, `−0.4`, and `0.0` for what is written as nothing. */
export function signed(value: number, digits: number, written: (value: number) => string): string {
  const text = written(Math.abs(value));
  if (Number(Math.abs(value).toFixed(digits)) === 0) return text;
  return (value > 0 ? "+" : "−") + text;
}

/** An interval drawn as a share of the base: centre and half, both of 1. None where there is none, or where the base is 0. */
export interface Drawn {
  middle: number;
  half: number;
  isShown: boolean;
  /** Its ends, where they are not as far from the middle as one another. */
  ends?: readonly [number, number];
}

export function drawnOf(one: Difference): Drawn | null {
  if (one.relative == null || one.relative_half_width == null) return null;
  return { middle: one.relative, half: one.relative_half_width, isShown: one.is_shown };
}

/** The same of a difference of shares, drawn as it is. */
export function drawnAsItIs(one: Difference): Drawn | null {
  return one.half_width == null ? null : { middle: one.mean, half: one.half_width, isShown: one.is_shown };
}

const STEPS = [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1];

/** How far to either side a scale goes so that all marks are on it: a round number; intervals that are longer are cut, marks never. */
export function reach(all: readonly (Drawn | null)[]): number {
  const there = all.filter((one) => one !== null);
  const farthest = Math.max(0, ...there.map((one) => Math.abs(one.middle)));
  const whole = Math.max(0, ...there.map((one) => Math.abs(one.middle) + one.half));
  const wanted = Math.min(whole, Math.max(farthest * 1.5, 0.01));
  return STEPS.find((step) => step >= wanted) ?? Math.ceil(wanted);
}

/** An area, and what happened to it. */
export interface AreaRow {
  area: string;
  late: Difference;
  before: number | null;
  after: number | null;
}

export interface Areas {
  worse: AreaRow[];
  better: AreaRow[];
  rest: AreaRow[];
}

/** Those that become worse first, the worst of them at the top; then those that become better; then all others by name. */
export function areasOf(fairness: Fairness, base: Figures, other: Figures): Areas {
  const row = (area: string): AreaRow => ({
    area,
    late: fairness.areas[area]!,
    before: base.areas[area]?.late_share ?? null,
    after: other.areas[area]?.late_share ?? null,
  });
  const named = new Set([...fairness.worse, ...fairness.better]);
  const rest = Object.keys(fairness.areas).filter((area) => !named.has(area));
  rest.sort((one, two) => one.localeCompare(two, undefined, { numeric: true }));
  return { worse: fairness.worse.map(row), better: fairness.better.map(row), rest: rest.map(row) };
}

/** Measures that there is a difference of, in order. */
export function measured(one: Against): [string, Difference][] {
  return Object.keys(MEASURES).flatMap((name): [string, Difference][] => {
    const found = one.measures[name];
    return found ? [[name, found]] : [];
  });
}

/** Whether experiments had the same calls: only then a difference between them comes from what was tried. */
export function isSameGround(all: readonly { wish: LabWish; digest: string }[]): boolean {
  const told = all.map(({ wish, digest }) => JSON.stringify([wish.days, wish.load, wish.seed, wish.replications, digest]));
  return new Set(told).size <= 1;
}

/** What can be added to changes that are made in their order: who is there by then. */
export function unitsAfter<Unit extends { unit: string; station: string }>(units: readonly Unit[], changes: readonly LabChange[]): { unit: string; station: string }[] {
  let there: { unit: string; station: string }[] = [...units];
  for (const one of changes) {
    if (one.what === "remove_unit") there = there.filter((unit) => unit.unit !== one.subject);
    else if (one.what === "add_unit") there = [...there, { unit: one.subject, station: one.station ?? "" }];
    else if (one.what === "move_unit") there = there.map((unit) => (unit.unit === one.subject ? { ...unit, station: one.station ?? "" } : unit));
  }
  return there;
}

/** A difference of a log lived twice: its interval has two sides of their own. None where the log is too short to have one. */
export function drawnBetween(one: Between): Drawn | null {
  if (one.low == null || one.high == null || one.is_few) return null;
  return { middle: one.mean, half: Math.max(one.mean - one.low, one.high - one.mean), isShown: one.is_shown ?? false, ends: [one.low, one.high] };
}

/** An area on the map: where, and what became of it. Up and large is far worse, down is better; nothing shown is a ring. */
export interface MapMark {
  area: string;
  x: number;
  y: number;
  shape: "worse" | "better" | "none";
  isMuch: boolean;
  /** Of 1. */
  change: number;
}

const MUCH = 0.03;

export interface Frame {
  width: number;
  height: number;
  x: (lon: number) => number;
  y: (lat: number) => number;
}

/** A plane for points: as wide as told, as high as they need; a degree of longitude is shorter the farther from the equator. */
export function frameOf(points: readonly { lon: number; lat: number }[], width: number): Frame | null {
  if (!points.length) return null;
  const [lon, lat] = [points.map((one) => one.lon), points.map((one) => one.lat)];
  const [west, east, south, north] = [Math.min(...lon), Math.max(...lon), Math.min(...lat), Math.max(...lat)];
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180) || 1;
  const margin = 24;
  const wide = Math.max((east - west) * squeeze, 0.005);
  const high = Math.max(north - south, 0.005);
  const scale = Math.min((width - 2 * margin) / wide, (width - 2 * margin) / high);
  return {
    width,
    height: Math.round(high * scale + 2 * margin),
    x: (one) => width / 2 + (one - (west + east) / 2) * squeeze * scale,
    y: (one) => margin + (north - one) * scale,
  };
}

/** Of each area with a difference, at the middle of its calls. */
export function marksOf(places: readonly Dot[], areas: readonly string[], changes: Fairness["areas"], frame: Frame): MapMark[] {
  const sums = areas.map(() => ({ lon: 0, lat: 0, weight: 0 }));
  for (const [lon, lat, area, weight = 0] of places) {
    const sum = sums[area];
    if (!sum) continue;
    sum.lon += lon * weight;
    sum.lat += lat * weight;
    sum.weight += weight;
  }
  return areas.flatMap((area, nth): MapMark[] => {
    const [sum, found] = [sums[nth]!, changes[area]];
    if (!found || !sum.weight) return [];
    const shape = !found.is_shown ? "none" : found.mean > 0 ? "worse" : "better";
    return [{ area, x: frame.x(sum.lon / sum.weight), y: frame.y(sum.lat / sum.weight), shape, isMuch: Math.abs(found.mean) >= MUCH, change: found.mean }];
  });
}
