/** Candidates as chips: what would be typed stands once, and beside it what that is. */

import type { Suggestion } from "../live/wire";

/** A name as it is typed where a number or a sign would mean something else: `=42`, `"Engine 1"`. */
function bare(text: string): string {
  return text.replace(/^=/, "").replace(/^"(.*)"$/, "$1").trim();
}

/** What a candidate is, without the text itself, with which the server's labels begin. Empty = the text says all. */
export function labelOf({ text, label }: Pick<Suggestion, "text" | "label">): string {
  for (const name of [text.trim(), bare(text)]) {
    if (!name || !label.startsWith(name)) continue;
    const rest = label.slice(name.length);
    // `E1` is not the beginning of `E10`.
    if (rest === "" || /^[\s,·–-]/.test(rest)) return rest.replace(/^[\s,·–-]+/, "");
  }
  return label;
}

/** How many of a row of chips stand within `room`, all of it in pixels; the last place is kept for what says that there are more. */
export function fitting(ends: readonly number[], room: number, more: number): number {
  const all = ends.length;
  if (!all || ends[all - 1]! <= room) return all;
  return Math.max(1, ends.filter((end) => end <= room - more).length);
}
