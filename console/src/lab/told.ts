/** Figures and experiments in the reader's words. */

import type { Between, Difference, LabChange, LabWish } from "../generated/api";
import { find, language, say } from "../words";
import { change, drawnBetween, level, signed, type Kind, type Shown } from "./figures";

const NOTHING = "–";

/** With exactly so many places: columns of figures stand under one another. */
function written(value: number, digits: number): string {
  return new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

function withUnit(one: Shown, text: string): string {
  return find(`console.lab.result.${one.kind}`, { value: text }) ?? text;
}

export function levelTold(value: number | null | undefined, kind: Kind): string {
  if (value == null) return NOTHING;
  const shown = level(value, kind);
  return withUnit(shown, written(shown.value, shown.digits));
}

/** `7:05`: minutes and seconds of a response. */
export function secondsTold(value: number): string {
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** `−1.20 ± 0.40 pts`. */
export function changeTold(one: Difference, kind: Kind): string {
  const shown = change(one.mean, kind);
  const text = signed(shown.value, shown.digits, (value) => written(value, shown.digits));
  const half = one.half_width == null ? "" : ` ± ${written(change(one.half_width, kind).value, shown.digits)}`;
  return withUnit(shown, text + half);
}

/** `−0.73 (−3.03 … +1.52) pts`; without its interval where that means nothing. */
export function betweenTold(one: Between, kind: Kind): string {
  const [mean, ...ends] = [one.mean, ...(drawnBetween(one)?.ends ?? [])].map((value) => {
    const shown = change(value, kind);
    return signed(shown.value, shown.digits, (size) => written(size, shown.digits));
  });
  return withUnit(change(one.mean, kind), ends.length ? `${mean!} (${ends.join(" … ")})` : mean!);
}

/** A share of the base, or of 1, with its sign. */
export function shareTold(value: number, digits = 0): string {
  return say("console.lab.result.percent", { value: signed(value * 100, digits, (one) => written(one, digits)) });
}

export function halfTold(value: number, digits = 1): string {
  return say("console.lab.result.percent", { value: written(value * 100, digits) });
}

export function measureTold(name: string): string {
  return find(`lab.page.measure.${name}`) ?? name;
}

/** A name of the lab's own arms in words; a policy's as it is. */
export function armTold(name: string): string {
  return find(`console.lab.arm.${name}`) ?? name;
}

export function policyTold(name: string): string {
  return find(`console.lab.policy.${name}`) ?? "";
}

export function changeNamed(one: LabChange): string {
  return find(`console.lab.change.${one.what}`, { subject: one.subject, station: one.station ?? "" }) ?? one.what;
}

/** What an experiment is called when nobody gave it a name. */
export function nameOf(wish: Pick<LabWish, "policies" | "changes">): string {
  const parts = wish.changes?.length ? wish.changes.map(changeNamed) : [...wish.policies];
  return parts.join(", ").slice(0, 80);
}
