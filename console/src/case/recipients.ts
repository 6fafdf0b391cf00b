/** To whom a message goes: seats by account, units, everybody, the shift log. */

export const EVERYBODY = "all";
export const SHIFT_LOG = "log";

export interface Read {
  to: string[];
  unknown: string[];
}

/** Names apart by blanks, commas or semicolons; one with blanks in it stands in quotes. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|[^\s,;"]+/g)].map((found) => (found[1] ?? found[0]).trim()).filter(Boolean);
}

/** `D2 E1 all` → recipients. A word is a unit if there is one of that name, else a seat that is known; the rest is named, never guessed. */
export function recipients(text: string, units: ReadonlySet<string>, seats: ReadonlySet<string>): Read {
  const read: Read = { to: [], unknown: [] };
  const add = (one: string): void => void (read.to.includes(one) || read.to.push(one));
  for (const word of wordsOf(text)) {
    const unit = [...units].find((one) => one.toLowerCase() === word.toLowerCase().replace(/^unit:/, ""));
    const seat = [...seats].find((one) => one.toLowerCase() === word.toLowerCase());
    const lower = word.toLowerCase();
    if (lower === EVERYBODY || lower === SHIFT_LOG) add(lower);
    else if (seat && !lower.startsWith("unit:")) add(seat);
    else if (unit) add(`unit:${unit}`);
    else read.unknown.push(word);
  }
  return read;
}

/** It is meant for this seat, and this seat did not send it. */
export function isFor(to: readonly string[], sender: string, seat: string): boolean {
  return sender !== seat && (to.includes(EVERYBODY) || to.includes(SHIFT_LOG) || to.includes(seat));
}
