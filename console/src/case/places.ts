/** The gazetteer's answers as a list that a person chooses from. */
import type { Found } from "./shapes";

/** Same place, however often it is answered: the marked line stays marked when a newer answer arrives. */
export const identity = (one: Found): string => `${one.text}|${one.kind}|${one.lon}|${one.lat}`;

/** Where the marked candidate stands in the newer answer; -1 when it is gone or none was marked. */
export function keepMarked(before: readonly Found[], marked: number, now: readonly Found[]): number {
  const was = before[marked];
  if (!was) return -1;
  const name = identity(was);
  return now.findIndex((one) => identity(one) === name);
}

/** Arrow keys: round at both ends; -1 = the text itself. */
export function move(marked: number, by: 1 | -1, count: number): number {
  if (count === 0) return -1;
  if (marked === -1) return by === 1 ? 0 : count - 1;
  return (marked + by + count) % count;
}

/** Names of the areas that hold it, each once: what tells two places of one name apart. */
export function areaOf(one: Found): string {
  const names = (one.areas ?? []).map((area) => area.name);
  return [...new Set([one.area ?? "", ...names].filter((name) => name !== ""))].join(" · ");
}
