/** Whose data the map is, as one line. */

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}.]+/gu, " ").trim();

/** Joined by " · ": nothing twice, and nothing that another part says already. */
export function creditLine(told: readonly string[]): string {
  const parts = [...new Set(told.map((one) => one.trim()).filter(Boolean))];
  const kept = parts.filter((one, at) =>
    !parts.some((other, n) => n !== at && ` ${plain(other)} `.includes(` ${plain(one)} `) && (plain(other) !== plain(one) || n < at)),
  );
  return kept.join(" · ");
}
