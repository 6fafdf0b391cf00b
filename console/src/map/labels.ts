/** Where labels may stand: first come, first served on a coarse grid of the view. Cheap, and stable as long as the order is. */

const CELL_W = 12;
const CELL_H = 8;

export class LabelGrid {
  private columns = 0;
  private rows = 0;
  private taken = new Uint8Array(0);

  reset(width: number, height: number): void {
    this.columns = Math.max(1, Math.ceil(width / CELL_W));
    this.rows = Math.max(1, Math.ceil(height / CELL_H));
    const cells = this.columns * this.rows;
    if (this.taken.length === cells) this.taken.fill(0);
    else this.taken = new Uint8Array(cells);
  }

  /** Takes the room if all of it is free and within the view. */
  take(left: number, top: number, width: number, height: number): boolean {
    const west = Math.floor(left / CELL_W);
    const east = Math.floor((left + width) / CELL_W);
    const north = Math.floor(top / CELL_H);
    const south = Math.floor((top + height) / CELL_H);
    if (!(west >= 0 && north >= 0 && east < this.columns && south < this.rows)) return false;
    for (let row = north; row <= south; row++) {
      for (let column = west; column <= east; column++) if (this.taken[row * this.columns + column]) return false;
    }
    for (let row = north; row <= south; row++) this.taken.fill(1, row * this.columns + west, row * this.columns + east + 1);
    return true;
  }

  /** Takes the room of a mark, whatever stood there: labels keep off it. */
  keepOff(x: number, y: number, radius: number): void {
    const west = Math.max(0, Math.floor((x - radius) / CELL_W));
    const east = Math.min(this.columns - 1, Math.floor((x + radius) / CELL_W));
    const north = Math.max(0, Math.floor((y - radius) / CELL_H));
    const south = Math.min(this.rows - 1, Math.floor((y + radius) / CELL_H));
    for (let row = north; row <= south; row++) if (west <= east) this.taken.fill(1, row * this.columns + west, row * this.columns + east + 1);
  }
}

export type Side = "end" | "start" | "below" | "above";

/** The first side of a mark on which its label fits; null = it is left out. Room is taken. */
export function placeLabel(grid: LabelGrid, x: number, y: number, radius: number, width: number, height: number): { left: number; top: number } | null {
  const gap = 2;
  const tries: readonly (readonly [number, number])[] = [
    [x + radius + gap, y - height / 2],
    [x - radius - gap - width, y - height / 2],
    [x - width / 2, y + radius + gap],
    [x - width / 2, y - radius - gap - height],
  ];
  for (const [left, top] of tries) if (grid.take(left, top, width, height)) return { left, top };
  return null;
}
