/**
 * Draws units over the base map. Pure but for the canvas that it is given: columns of numbers in, pixels out, so that it can be timed
 * alone (`benchmarks/`) and drawn over MapLibre or over a plain ground alike.
 */

import { EASE_MS, type Fleet } from "./fleet";
import { LabelGrid, placeLabel } from "./labels";
import { cornersOf, LETTER_AT, type Look, type Palette } from "./marks";
import { type Camera, scaleOf } from "./projection";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export const UNIT_PX = 8.5;
export const SMALL_PX = 6;
export const FAR_PX = 5.5;
/** Below this zoom markers are small and bare: a city of them must not hide its streets. */
export const LETTERS_FROM = 11.5;
export const LABELS_FROM = 12;
/** From this zoom on, marks of one place stand around it; further away their number stands beside them. */
const FAN_FROM = 13;
const MOST_FANNED = 12;
const UNDER_PX = 12;
/** Two marks nearer than this (widths of the world, about 4 m) stand at one place. */
const ONE_PLACE = 1e-7;
const MOST_LABELS = 400;
const LABEL_H = 14;
const LABEL_CHAR = 7.2;
const HIT_MARGIN = 20;
/** From so many markers in view on, those that lie on each other are drawn once. */
const CROWD = 1000;
const THIN_PX = 3;

/** Places on the screen, and which rows are in view. Reused from frame to frame. */
export class Seen {
  x = new Float32Array(0);
  y = new Float32Array(0);
  row = new Uint32Array(0);
  count = 0;

  fit(count: number): void {
    if (this.x.length >= count) return;
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    this.row = new Uint32Array(count);
  }
}

/** How far a slide is, 0 to 1: quick at first, gentle at the end. */
export function eased(since_ms: number): number {
  if (!(since_ms < EASE_MS)) return 1;
  const left = 1 - Math.max(0, since_ms) / EASE_MS;
  return 1 - left * left * left;
}

/** Projects all units and keeps those in view, in the order of the fleet. */
export function look(fleet: Fleet, camera: Camera, clock: number, into: Seen): Seen {
  into.fit(fleet.count);
  const scale = scaleOf(camera);
  const [halfW, halfH] = [camera.width / 2, camera.height / 2];
  let count = 0;
  for (let row = 0; row < fleet.count; row++) {
    let x = fleet.x[row]!;
    let y = fleet.y[row]!;
    const since = clock - fleet.movedAt[row]!;
    if (since < EASE_MS) {
      const part = eased(since);
      x = fleet.fromX[row]! + (x - fleet.fromX[row]!) * part;
      y = fleet.fromY[row]! + (y - fleet.fromY[row]!) * part;
    }
    const away = x - camera.x;
    const px = (away - Math.round(away)) * scale + halfW;
    const py = (y - camera.y) * scale + halfH;
    // NaN (place unknown) fails these
    if (px > -HIT_MARGIN && px < camera.width + HIT_MARGIN && py > -HIT_MARGIN && py < camera.height + HIT_MARGIN) {
      into.x[count] = px;
      into.y[count] = py;
      into.row[count++] = row;
    }
  }
  into.count = count;
  return into;
}

/** Marks that stand at one place and hide each other, told by their number. */
export interface Crowded {
  x: number;
  y: number;
  count: number;
}

/** Fans out what stands at one place, or under one of `marks` (pins, houses; on the screen), where there is room for it; what stays on one another is returned with its number. */
export function spread(fleet: Fleet, seen: Seen, zoom: number, marks: readonly (readonly [number, number])[] = []): Crowded[] {
  if (seen.count > CROWD) return [];
  const places = new Map<string, number[]>();
  for (let i = 0; i < seen.count; i++) {
    const row = seen.row[i]!;
    const key = `${Math.round(fleet.x[row]! / ONE_PLACE)}|${Math.round(fleet.y[row]! / ONE_PLACE)}`;
    const there = places.get(key);
    if (there) there.push(i);
    else places.set(key, [i]);
  }
  const crowded: Crowded[] = [];
  for (const there of places.values()) {
    const count = there.length;
    const [px, py] = [seen.x[there[0]!]!, seen.y[there[0]!]!];
    const isUnder = zoom >= FAN_FROM && marks.some(([x, y]) => Math.abs(x - px) < UNDER_PX && Math.abs(y - py) < UNDER_PX);
    if (count < 2 && !isUnder) continue;
    if (zoom < FAN_FROM || count > MOST_FANNED) {
      crowded.push({ x: px, y: py, count });
      continue;
    }
    const away = Math.max(UNIT_PX * 2, (count * (UNIT_PX * 2 + 6)) / (2 * Math.PI), isUnder ? UNDER_PX + UNIT_PX : 0);
    there.forEach((i, nth) => {
      // The first below: a pin stands above its place.
      const angle = (2 * Math.PI * nth) / count + Math.PI / 2;
      seen.x[i]! += Math.cos(angle) * away;
      seen.y[i]! += Math.sin(angle) * away;
    });
  }
  return crowded;
}

/** The number of marks at one place, beside them. */
export function drawCounts(ctx: Context, crowded: readonly Crowded[], zoom: number, palette: Palette, ratio: number, grid: LabelGrid): void {
  for (const one of crowded) {
    const text = String(one.count);
    const width = text.length * LABEL_CHAR + 6;
    const radius = radiusOf(false, zoom);
    const at = placeLabel(grid, one.x, one.y, radius + 2, width, LABEL_H) ?? { left: one.x + radius, top: one.y - LABEL_H };
    drawPlate(ctx, text, at.left, at.top, width, LABEL_H, palette, ratio);
  }
}

export function radiusOf(isSmall: boolean, zoom: number): number {
  const near = isSmall ? SMALL_PX : UNIT_PX;
  return zoom < LETTERS_FROM ? Math.min(near, isSmall ? 4 : FAR_PX) : near;
}

/** Draws one marker around (0, 0). The outline is 1.75 px, dark, around shape and colour; a letter stands in it where there is room. */
export function drawMarker(ctx: Context, look: Look, palette: Palette, radius: number, hasLetter: boolean): void {
  const isHollow = look.age !== "fresh" || look.state === "OOS";
  const paint = palette.states[look.state];
  shape(ctx, look, radius);
  if (palette.rim) {
    ctx.strokeStyle = palette.rim;
    ctx.lineWidth = 4.5;
    ctx.stroke();
  }
  ctx.fillStyle = isHollow ? palette.hollow.fill : paint.fill;
  ctx.fill();
  if (isHollow) {
    // the state's colour as a ring within the dark outline
    ctx.strokeStyle = paint.fill;
    ctx.lineWidth = 5;
    ctx.save();
    ctx.clip();
    ctx.stroke();
    ctx.restore();
  }
  ctx.strokeStyle = palette.outline;
  ctx.lineWidth = 1.75;
  ctx.stroke();
  if (look.state === "OOS") strike(ctx, palette, -radius);
  if (look.state === "OOS" || look.age === "stale") strike(ctx, palette, radius);
  if (!hasLetter) return;
  const letter = look.age === "stale" ? "?" : look.letter;
  ctx.font = `700 ${Math.round(radius * 1.35)}px "Noto Sans", system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const [dx, dy] = LETTER_AT[look.state];
  if (isHollow) {
    ctx.strokeStyle = palette.hollow.fill;
    ctx.lineWidth = 3;
    ctx.lineJoin = "round";
    ctx.strokeText(letter, dx * radius, dy * radius);
  }
  ctx.fillStyle = isHollow ? palette.hollow.letter : paint.letter;
  ctx.fillText(letter, dx * radius, dy * radius);
}

function shape(ctx: Context, look: Look, radius: number): void {
  ctx.beginPath();
  ctx.lineJoin = "round";
  const corners = cornersOf(look.state);
  if (corners === null) ctx.arc(0, 0, radius, 0, 2 * Math.PI);
  else corners.forEach(([x, y], i) => (i ? ctx.lineTo(x * radius, y * radius) : ctx.moveTo(x * radius, y * radius)));
  ctx.closePath();
}

function strike(ctx: Context, palette: Palette, radius: number): void {
  ctx.beginPath();
  ctx.moveTo(-radius * 1.15, Math.abs(radius) * 1.15);
  ctx.lineTo(radius * 1.15, -Math.abs(radius) * 1.15);
  ctx.strokeStyle = palette.hollow.fill;
  ctx.lineWidth = 4;
  ctx.stroke();
  ctx.strokeStyle = palette.hollow.letter;
  ctx.lineWidth = 1.75;
  ctx.stroke();
}

export type NewCanvas = (width: number, height: number) => HTMLCanvasElement | OffscreenCanvas;

/** Every look drawn once into one picture, at the screen's own resolution. */
export class Atlas {
  private canvas: HTMLCanvasElement | OffscreenCanvas;
  private ctx: Context;
  private drawn = 0;
  private readonly side: number;

  constructor(
    private readonly newCanvas: NewCanvas,
    private readonly palette: Palette,
    private readonly ratio: number,
    private readonly isFar: boolean,
  ) {
    this.side = Math.ceil((isFar ? 20 : 32) * ratio);
    this.canvas = newCanvas(this.side * 16, this.side * 4);
    this.ctx = this.canvas.getContext("2d") as Context;
  }

  /** Adds looks that are new; those drawn stay where they are. */
  fit(looks: readonly Look[]): void {
    if (looks.length > this.capacity()) this.enlarge(looks.length);
    for (; this.drawn < looks.length; this.drawn++) {
      const [x, y] = this.corner(this.drawn);
      const one = looks[this.drawn]!;
      this.ctx.setTransform(this.ratio, 0, 0, this.ratio, x + this.side / 2, y + this.side / 2);
      drawMarker(this.ctx, one, this.palette, radiusOf(one.isSmall, this.isFar ? 0 : 22), !this.isFar);
    }
  }

  /** Draws a look around a point, in device pixels. */
  draw(ctx: Context, row: number, px: number, py: number): void {
    const [x, y] = this.corner(row);
    ctx.drawImage(this.canvas, x, y, this.side, this.side, Math.round(px - this.side / 2), Math.round(py - this.side / 2), this.side, this.side);
  }

  private corner(row: number): [number, number] {
    return [(row % 16) * this.side, (row >> 4) * this.side];
  }

  private capacity(): number {
    return Math.floor(this.canvas.height / this.side) * 16;
  }

  private enlarge(count: number): void {
    this.canvas = this.newCanvas(this.side * 16, this.side * Math.ceil((count * 2) / 16));
    this.ctx = this.canvas.getContext("2d") as Context;
    this.drawn = 0;
  }
}

export interface UnitsDrawn {
  readonly labels: number;
}

/** Draws what `look` found: heading ticks, markers, then labels where there is room. `ctx` is in device pixels, `ratio` of them to one CSS pixel. */
export function drawUnits(ctx: Context, fleet: Fleet, seen: Seen, atlas: Atlas, palette: Palette, camera: Camera, ratio: number, grid: LabelGrid): UnitsDrawn {
  atlas.fit(fleet.looks);
  drawHeadings(ctx, fleet, seen, palette, camera.zoom, ratio);
  // Pictures stand on whole pixels: nothing to smooth, and far quicker without.
  ctx.imageSmoothingEnabled = false;
  const isHidden = seen.count > CROWD ? thinned(fleet, seen, camera) : () => false;
  for (let i = 0; i < seen.count; i++) if (!isHidden(i)) atlas.draw(ctx, fleet.look[seen.row[i]!]!, seen.x[i]! * ratio, seen.y[i]! * ratio);
  return { labels: camera.zoom >= LABELS_FROM ? drawLabels(ctx, fleet, seen, palette, camera.zoom, ratio, grid) : 0 };
}

/** In a crowd: whether a marker of the same look stands within three pixels already, so that another would not be told from it. */
function thinned(fleet: Fleet, seen: Seen, camera: Camera): (i: number) => boolean {
  const columns = Math.ceil(camera.width / THIN_PX);
  const cells = new Uint16Array(columns * Math.ceil(camera.height / THIN_PX));
  return (i) => {
    const cell = Math.floor(seen.y[i]! / THIN_PX) * columns + Math.floor(seen.x[i]! / THIN_PX);
    const mark = fleet.look[seen.row[i]!]! + 1;
    if (cells[cell] === mark) return true;
    cells[cell] = mark;
    return false;
  };
}

function drawHeadings(ctx: Context, fleet: Fleet, seen: Seen, palette: Palette, zoom: number, ratio: number): void {
  // In a crowd no tick can be told from its neighbours', and stroking thousands costs twice what all the markers do.
  if (zoom < LETTERS_FROM || seen.count > CROWD) return;
  ctx.beginPath();
  for (let i = 0; i < seen.count; i++) {
    const row = seen.row[i]!;
    const heading = fleet.heading[row]!;
    if (heading !== heading) continue;
    const angle = (heading * Math.PI) / 180;
    const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
    const radius = UNIT_PX;
    ctx.moveTo((seen.x[i]! + dx * radius) * ratio, (seen.y[i]! + dy * radius) * ratio);
    ctx.lineTo((seen.x[i]! + dx * (radius + 8)) * ratio, (seen.y[i]! + dy * (radius + 8)) * ratio);
  }
  ctx.lineCap = "round";
  ctx.strokeStyle = palette.ringUnder;
  ctx.lineWidth = 5 * ratio;
  ctx.stroke();
  ctx.strokeStyle = palette.text;
  ctx.lineWidth = 2.25 * ratio;
  ctx.stroke();
}

function drawLabels(ctx: Context, fleet: Fleet, seen: Seen, palette: Palette, zoom: number, ratio: number, grid: LabelGrid): number {
  for (let i = 0; i < seen.count; i++) grid.keepOff(seen.x[i]!, seen.y[i]!, 5);
  let drawn = 0;
  for (let i = 0; i < seen.count && drawn < MOST_LABELS; i++) {
    const row = seen.row[i]!;
    const text = fleet.labels[row]!;
    const look = fleet.looks[fleet.look[row]!]!;
    const at = placeLabel(grid, seen.x[i]!, seen.y[i]!, radiusOf(look.isSmall, zoom) + 4, text.length * LABEL_CHAR + 6, LABEL_H);
    if (!at) continue;
    drawPlate(ctx, text, at.left, at.top, text.length * LABEL_CHAR + 6, LABEL_H, palette, ratio);
    drawn++;
  }
  return drawn;
}

/** A word on a small plate: readable over any street, and cheaper than a halo. */
export function drawPlate(ctx: Context, text: string, left: number, top: number, width: number, height: number, palette: Palette, ratio: number): void {
  ctx.fillStyle = palette.plate;
  ctx.fillRect(Math.round(left * ratio), Math.round(top * ratio), Math.round(width * ratio), Math.round(height * ratio));
  ctx.font = `600 ${12 * ratio}px "Noto Sans", system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = palette.text;
  ctx.fillText(text, Math.round((left + width / 2) * ratio), Math.round((top + height / 2 + 0.5) * ratio), width * ratio);
}
