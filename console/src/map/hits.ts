/** What lies under the pointer: points sorted into square cells, so that asking costs a handful of distances. */

const CELL_PX = 32;

export class HitGrid {
  private columns = 0;
  private rows = 0;
  private start = new Uint32Array(1);
  private order = new Uint32Array(0);
  private xs: ArrayLike<number> = [];
  private ys: ArrayLike<number> = [];

  /** Takes `count` points in pixels; those outside the view are left out. The arrays are read, not copied: build anew when they change. */
  build(xs: ArrayLike<number>, ys: ArrayLike<number>, count: number, width: number, height: number): void {
    this.columns = Math.max(1, Math.ceil(width / CELL_PX));
    this.rows = Math.max(1, Math.ceil(height / CELL_PX));
    this.xs = xs;
    this.ys = ys;
    const cells = new Int32Array(count);
    const start = new Uint32Array(this.columns * this.rows + 1);
    for (let i = 0; i < count; i++) {
      const cell = this.cell(xs[i]!, ys[i]!);
      cells[i] = cell;
      if (cell >= 0) start[cell + 1]!++;
    }
    for (let cell = 0; cell < this.columns * this.rows; cell++) start[cell + 1]! += start[cell]!;
    this.order = new Uint32Array(start[start.length - 1]!);
    const next = start.slice();
    for (let i = 0; i < count; i++) if (cells[i]! >= 0) this.order[next[cells[i]!]!++] = i;
    this.start = start;
  }

  /** The nearest point within so many pixels; of equals the one that is drawn last, hence on top. -1 = none. */
  nearest(px: number, py: number, radius: number): number {
    const [west, east] = [this.column(px - radius), this.column(px + radius)];
    const [north, south] = [this.line(py - radius), this.line(py + radius)];
    let best = -1;
    let least = radius * radius;
    for (let row = north; row <= south; row++) {
      for (let k = this.start[row * this.columns + west]!; k < this.start[row * this.columns + east + 1]!; k++) {
        const i = this.order[k]!;
        const distance = (this.xs[i]! - px) ** 2 + (this.ys[i]! - py) ** 2;
        if (distance < least || (distance === least && i > best)) {
          least = distance;
          best = i;
        }
      }
    }
    return best;
  }

  private cell(x: number, y: number): number {
    const column = Math.floor(x / CELL_PX);
    const row = Math.floor(y / CELL_PX);
    // NaN fails every comparison and lands outside
    return column >= 0 && column < this.columns && row >= 0 && row < this.rows ? row * this.columns + column : -1;
  }

  private column(px: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor(px / CELL_PX)));
  }

  private line(py: number): number {
    return Math.max(0, Math.min(this.rows - 1, Math.floor(py / CELL_PX)));
  }
}
