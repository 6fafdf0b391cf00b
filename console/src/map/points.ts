/** Incidents and stations: few and slow, drawn over the units' canvas by the same rules as they. An incident is a pin whose tip is its place. */

import type { LabelGrid } from "./labels";
import { placeLabel } from "./labels";
import { type Palette, pinText, priorityRow } from "./marks";
import { drawPlate, LABELS_FROM, LETTERS_FROM } from "./overlay";
import { type Camera, toScreen, worldX, worldY } from "./projection";
import type { IncidentSeen, StationSeen } from "./types";

export const PIN_PX = 11;
const PIN_UP = 18;
const CHAR_PX = 7.4;
const LABEL_H = 15;

export interface Point {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly label: string;
  /** In its mark. */
  readonly text: string;
  /** Row of the palette's priorities; of a station 0 open, 1 closed. */
  readonly row: number;
}

/** Open incidents that have a place; the most urgent last, hence on top. */
export function incidentPoints(incidents: Iterable<IncidentSeen>, priorities: readonly string[]): Point[] {
  const points: Point[] = [];
  for (const one of incidents) {
    const at = one.place.at;
    if (!at || one.life !== "open") continue;
    const label = one.number === null ? one.incident : `#${one.number}`;
    points.push({
      id: one.incident, x: worldX(at[0]), y: worldY(at[1]), label, text: pinText(one.priority, one.is_held),
      row: priorityRow(one.priority, priorities),
    });
  }
  return points.sort((one, other) => other.row - one.row);
}

export function stationPoints(stations: Iterable<StationSeen>): Point[] {
  const points: Point[] = [];
  for (const one of stations) {
    const at = one.place.at;
    if (at) points.push({ id: one.station, x: worldX(at[0]), y: worldY(at[1]), label: one.station, text: "", row: one.is_open ? 0 : 1 });
  }
  return points;
}

/** Screen places of points, for the hit-test: a pin is touched at its head. */
export function headsOf(points: readonly Point[], camera: Camera, isPin: boolean): { x: Float32Array; y: Float32Array } {
  const x = new Float32Array(points.length);
  const y = new Float32Array(points.length);
  points.forEach((point, i) => {
    const [px, py] = toScreen(camera, point.x, point.y);
    x[i] = px;
    y[i] = py - (isPin ? PIN_UP : 0);
  });
  return { x, y };
}

type Context = CanvasRenderingContext2D;

function isIn(camera: Camera, px: number, py: number): boolean {
  return px > -30 && py > -10 && px < camera.width + 30 && py < camera.height + 40;
}

export function drawStations(ctx: Context, points: readonly Point[], camera: Camera, palette: Palette, ratio: number, grid: LabelGrid): void {
  const isNear = camera.zoom >= LETTERS_FROM;
  const size = isNear ? 8 : 4.5;
  for (const point of points) {
    const [px, py] = toScreen(camera, point.x, point.y);
    if (!isIn(camera, px, py)) continue;
    ctx.save();
    ctx.translate(px * ratio, py * ratio);
    ctx.scale(ratio, ratio);
    house(ctx, size);
    ctx.fillStyle = palette.station.fill;
    ctx.fill();
    ctx.strokeStyle = palette.rim ? palette.rim : palette.outline;
    ctx.lineWidth = 1.75;
    ctx.stroke();
    if (point.row && isNear) {
      ctx.beginPath();
      ctx.moveTo(-size, size);
      ctx.lineTo(size, -size);
      ctx.stroke();
    }
    ctx.restore();
    if (camera.zoom < LABELS_FROM) continue;
    const width = point.label.length * CHAR_PX + 6;
    const at = placeLabel(grid, px, py, size + 2, width, LABEL_H);
    if (at) drawPlate(ctx, point.label, at.left, at.top, width, LABEL_H, palette, ratio);
  }
}

function house(ctx: Context, size: number): void {
  ctx.beginPath();
  ctx.lineJoin = "round";
  ctx.moveTo(-size, -size * 0.15);
  ctx.lineTo(0, -size * 1.15);
  ctx.lineTo(size, -size * 0.15);
  ctx.lineTo(size, size);
  ctx.lineTo(-size, size);
  ctx.closePath();
}

export function drawIncidents(
  ctx: Context, points: readonly Point[], camera: Camera, palette: Palette, ratio: number, grid: LabelGrid, selected: string | null,
): void {
  const ordered = selected === null ? points : [...points.filter((one) => one.id !== selected), ...points.filter((one) => one.id === selected)];
  for (const point of ordered) {
    const [px, py] = toScreen(camera, point.x, point.y);
    if (!isIn(camera, px, py)) continue;
    const isSelected = point.id === selected;
    ctx.save();
    ctx.translate(px * ratio, py * ratio);
    ctx.scale(ratio, ratio);
    drawPin(ctx, point, palette, isSelected);
    ctx.restore();
    const width = point.label.length * CHAR_PX + 6;
    const at = placeLabel(grid, px, py - PIN_UP, PIN_PX + 3, width, LABEL_H);
    if (at) drawPlate(ctx, point.label, at.left, at.top, width, LABEL_H, palette, ratio);
  }
}

function pin(ctx: Context): void {
  ctx.beginPath();
  ctx.lineJoin = "round";
  ctx.moveTo(0, 0);
  ctx.lineTo(-PIN_PX * 0.82, -PIN_UP + PIN_PX * 0.57);
  ctx.arc(0, -PIN_UP, PIN_PX, Math.PI - 0.61, 2 * Math.PI + 0.61);
  ctx.closePath();
}

function drawPin(ctx: Context, point: Point, palette: Palette, isSelected: boolean): void {
  const paint = palette.priorities[point.row]!;
  pin(ctx);
  if (isSelected) {
    ctx.strokeStyle = palette.ringUnder;
    ctx.lineWidth = 11;
    ctx.stroke();
    ctx.strokeStyle = palette.ring;
    ctx.lineWidth = 8;
    ctx.stroke();
    ctx.strokeStyle = palette.ringUnder;
    ctx.lineWidth = 4;
    ctx.stroke();
  } else if (palette.rim) {
    ctx.strokeStyle = palette.rim;
    ctx.lineWidth = 4;
    ctx.stroke();
  }
  ctx.fillStyle = paint.fill;
  ctx.fill();
  ctx.strokeStyle = palette.outline;
  ctx.lineWidth = 1.75;
  ctx.stroke();
  ctx.font = `700 ${point.text.length > 1 ? 11 : 14}px "Noto Sans", system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = paint.letter;
  ctx.fillText(point.text, 0, -PIN_UP + 0.5);
}

/** A ring around a selected unit, drawn beneath nothing: light and dark, so that it is seen on any ground. */
export function drawRing(ctx: Context, px: number, py: number, radius: number, palette: Palette, ratio: number): void {
  ctx.beginPath();
  ctx.arc(px * ratio, py * ratio, radius * ratio, 0, 2 * Math.PI);
  ctx.strokeStyle = palette.ringUnder;
  ctx.lineWidth = 5 * ratio;
  ctx.stroke();
  ctx.strokeStyle = palette.ring;
  ctx.lineWidth = 2.5 * ratio;
  ctx.stroke();
}

/** Where a place is being picked: a cross with an open middle. */
export function drawCross(ctx: Context, px: number, py: number, palette: Palette, ratio: number): void {
  ctx.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    ctx.moveTo((px + dx * 5) * ratio, (py + dy * 5) * ratio);
    ctx.lineTo((px + dx * 22) * ratio, (py + dy * 22) * ratio);
  }
  ctx.strokeStyle = palette.ringUnder;
  ctx.lineWidth = 5 * ratio;
  ctx.stroke();
  ctx.strokeStyle = palette.ring;
  ctx.lineWidth = 2 * ratio;
  ctx.stroke();
}
