/** Choosing a type of incident from the plan, by code prefix or by a word of its name. */
import type { IncidentType } from "./shapes";

/** Without accents and case: a call taker does not stop to type them. */
export const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

/** Best first: the exact code, codes that begin so, names of which a word begins so, names that contain it. The plan's order within each. */
export function fitting(types: readonly IncidentType[], text: string): IncidentType[] {
  const wanted = plain(text);
  if (wanted === "") return [...types];
  const ranked = types.map((one, order) => ({ one, order, rank: rankOf(one, wanted) })).filter((entry) => entry.rank < 4);
  return ranked.sort((a, b) => a.rank - b.rank || a.order - b.order).map((entry) => entry.one);
}

function rankOf(one: IncidentType, wanted: string): number {
  const [code, name] = [plain(one.code), plain(one.name)];
  if (code === wanted) return 0;
  if (code.startsWith(wanted)) return 1;
  if (name.startsWith(wanted) || name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 2;
  return name.includes(wanted) ? 3 : 4;
}

export interface Group {
  discipline: string;
  types: IncidentType[];
}

/** By discipline, in the order in which the disciplines first come up: the best fit stays on top. */
export function byDiscipline(types: readonly IncidentType[]): Group[] {
  const groups = new Map<string, IncidentType[]>();
  for (const one of types) {
    const discipline = one.discipline ?? "";
    groups.set(discipline, [...(groups.get(discipline) ?? []), one]);
  }
  return [...groups].map(([discipline, members]) => ({ discipline, types: members }));
}
