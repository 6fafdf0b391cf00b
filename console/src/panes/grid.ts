/** Where a windowed list stands, so that the row in use keeps its place on the screen whatever comes above it. */

export interface Column {
  id: string;
  title: string;
  /** A track of `grid-template-columns`. */
  width: string;
  isSortable?: boolean;
  /** For figures: to the end of the cell. */
  isEnd?: boolean;
}

export interface Sort {
  by: string;
  isUp: boolean;
}

export interface Standing {
  scroll: number;
  /** Empty room above the first row, where holding a row still needs more than scrolling to the top. */
  lead: number;
}

/** How to stand after a change so that the row at `index`, which stood `y` below the top of the view, stands there again. */
export function held(index: number, y: number, rowHeight: number): Standing {
  const scroll = index * rowHeight - y;
  return scroll >= 0 ? { scroll, lead: 0 } : { scroll: 0, lead: -scroll };
}

export interface Hold {
  was: Standing;
  /** Where the row that must not move is now, and how far below the top of the view it stood; null: there is none. */
  row: { index: number; y: number } | null;
  /** Somebody is in the list, by keyboard or pointer. */
  isUsed: boolean;
  /** The row went past others itself, which in a full list takes it to its new place. */
  isMover: boolean;
  room: number;
  rowHeight: number;
  count: number;
}

/** How to stand after rows have changed: a list that fits stands at its top; only under somebody's hands does a row keep its place. */
export function standing({ was, row, isUsed, isMover, room, rowHeight, count }: Hold): Standing {
  const most = Math.max(0, count * rowHeight - room);
  if (most === 0) return { scroll: 0, lead: 0 };
  if (!isUsed || !row || row.index < 0) return isUsed ? was : { scroll: Math.min(was.scroll, most), lead: 0 };
  const kept = held(row.index, row.y, rowHeight);
  return isMover ? { scroll: Math.max(0, Math.min(kept.scroll, most)), lead: 0 } : kept;
}

/** How to stand so that a row is wholly in view: as before where it is, else with the row a third down. */
export function revealed(was: Standing, index: number, room: number, rowHeight: number, count: number): Standing {
  const top = was.lead + index * rowHeight - was.scroll;
  if (top >= 0 && top + rowHeight <= room) return was;
  const most = Math.max(0, count * rowHeight - room);
  return { scroll: Math.max(0, Math.min(most, index * rowHeight - Math.floor(room / 3))), lead: 0 };
}

/** What a list stands at once nobody is in it: what holding had shifted is given back. */
export function letGo(was: Standing, shift: number, room: number, rowHeight: number, count: number): Standing {
  const most = Math.max(0, count * rowHeight - room);
  return { scroll: Math.max(0, Math.min(most, was.scroll - Math.max(0, shift))), lead: 0 };
}

/** Whether a row went past others, rather than others coming or going round it: what is above it of those that were there before. */
export function hasMoved(before: readonly string[], after: readonly string[], id: string): boolean {
  const [was, is] = [before.indexOf(id), after.indexOf(id)];
  if (was < 0 || is < 0) return true;
  const stayed = new Set(after);
  const above = before.slice(0, was).filter((one) => stayed.has(one));
  const now = new Set(after.slice(0, is));
  const old = new Set(before);
  return above.some((one) => !now.has(one)) || after.slice(0, is).filter((one) => old.has(one)).length !== above.length;
}

/** First and one past the last row to draw. */
export function shown(standing: Standing, view: number, rowHeight: number, count: number, spare = 6): [number, number] {
  const first = Math.floor((standing.scroll - standing.lead) / rowHeight) - spare;
  const last = first + Math.ceil(view / rowHeight) + 2 * spare;
  return [Math.max(0, Math.min(first, count)), Math.max(0, Math.min(last, count))];
}

/** A sort that somebody chose stays, by browser. */
export function keptSort(name: string): Sort | null {
  try {
    return JSON.parse(localStorage.getItem(`tocsin.sort.${name}`) ?? "null") as Sort | null;
  } catch {
    return null;
  }
}

export function keepSort(name: string, sort: Sort | null): void {
  if (sort) localStorage.setItem(`tocsin.sort.${name}`, JSON.stringify(sort));
  else localStorage.removeItem(`tocsin.sort.${name}`);
}

/** What the next press on a heading makes of a sort: up, down, the house's own order. */
export function nextSort(sort: Sort | null, by: string): Sort | null {
  if (sort?.by !== by) return { by, isUp: true };
  return sort.isUp ? { by, isUp: false } : null;
}
