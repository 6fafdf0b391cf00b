/** Two canvases over the ground: lines and areas below, marks above, so that a unit that moves does not draw a border anew. */

import { Fleet } from "./fleet";
import { HitGrid } from "./hits";
import { LabelGrid } from "./labels";
import { distancePx, type Drawn, drawLines, isInView, type Kind } from "./lines";
import { LIGHT, type Palette } from "./marks";
import { Atlas, drawCounts, drawUnits, LETTERS_FROM, look, type NewCanvas, radiusOf, Seen, spread } from "./overlay";
import { drawCross, drawIncidents, drawRing, drawStations, headsOf, type Point } from "./points";
import { type Camera, latOf, lonOf, scaleBar, scaleOf, toScreen, worldX, worldY } from "./projection";
import type { FixSeen, UnitSeen } from "./types";

export type Hit = { is: "unit" | "incident" | "station" | "closure"; id: string };

const HIT_PX = 16;
const LINE_HIT_PX = 8;
/** More than this many markers do not slide but jump: sixty frames a second of them would cost a core. */
const MOST_SLIDING = 300;

export interface Chosen {
  incident: string | null;
  unit: string | null;
  closure: string | null;
}

export class Stage {
  readonly fleet = new Fleet();
  readonly seen = new Seen();
  chosen: Chosen = { incident: null, unit: null, closure: null };
  hovered: Hit | null = null;
  incidents: readonly Point[] = [];
  stations: readonly Point[] = [];
  /** A cross in the middle: somebody is picking a place by keyboard. */
  hasCross = false;
  /** A net of degrees, where there is no other ground. */
  hasNet = false;
  canSlide = false;
  private readonly lines = new Map<Kind, readonly Drawn[]>();
  private readonly grid = new LabelGrid();
  private readonly hits = { unit: new HitGrid(), incident: new HitGrid(), station: new HitGrid() };
  private areHitsOld = true;
  private readonly lineInk: CanvasRenderingContext2D;
  private readonly markInk: CanvasRenderingContext2D;
  private readonly newCanvas: NewCanvas;
  private palette: Palette = LIGHT;
  private atlases: { near: Atlas; far: Atlas } | null = null;
  private ratio = 1;
  private asked = 0;
  private areLinesOld = true;
  private areMarksOld = true;
  private news: { units: readonly UnitSeen[]; fixes: ReadonlyMap<string, FixSeen>; now: number } | null = null;

  constructor(
    private readonly lineCanvas: HTMLCanvasElement,
    private readonly markCanvas: HTMLCanvasElement,
    private readonly cameraNow: () => Camera,
    private readonly drawnNow: () => void,
    isSoft: boolean,
  ) {
    // Where the processor plays graphics card, a canvas that is kept in plain memory is several times faster than one "on the card".
    const how = { willReadFrequently: isSoft };
    this.lineInk = lineCanvas.getContext("2d", how) as CanvasRenderingContext2D;
    this.markInk = markCanvas.getContext("2d", how) as CanvasRenderingContext2D;
    this.newCanvas = (width, height) => {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      canvas.getContext("2d", how);
      return canvas;
    };
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.atlases = null;
    this.redraw();
  }

  /** Units and their fixes: taken in with the next frame, so that many changes at once cost one. */
  setUnits(units: readonly UnitSeen[], fixes: ReadonlyMap<string, FixSeen>, now: number): void {
    this.news = { units, fixes, now };
    this.redrawMarks();
  }

  /** Time has passed. */
  grow(now: number): void {
    if (this.fleet.grow(now)) this.redrawMarks();
  }

  setLines(kind: Kind, lines: readonly Drawn[]): void {
    this.lines.set(kind, lines);
    this.areLinesOld = true;
    this.request();
  }

  redrawMarks(): void {
    this.areMarksOld = true;
    this.request();
  }

  redraw(): void {
    this.areLinesOld = this.areMarksOld = true;
    this.request();
  }

  /** Draws at once: called in the frame in which the ground was drawn. */
  drawNow(): void {
    this.areLinesOld = this.areMarksOld = true;
    this.draw();
  }

  close(): void {
    cancelAnimationFrame(this.asked);
    this.asked = -1;
  }

  /** What lies under the pointer: incidents before units before stations before closures. */
  hitAt(px: number, py: number): Hit | null {
    const camera = this.cameraNow();
    if (this.areHitsOld) this.sortHits(camera);
    const incident = this.hits.incident.nearest(px, py, HIT_PX);
    if (incident >= 0) return { is: "incident", id: this.incidents[incident]!.id };
    const unit = this.hits.unit.nearest(px, py, HIT_PX);
    if (unit >= 0) return { is: "unit", id: this.fleet.ids[this.seen.row[unit]!]! };
    const station = this.hits.station.nearest(px, py, HIT_PX);
    if (station >= 0) return { is: "station", id: this.stations[station]!.id };
    const closures = [...(this.lines.get("closure") ?? []), ...(this.lines.get("planned") ?? [])].filter((one) => isInView(one, camera));
    const near = closures.find((one) => distancePx(one, camera, px, py) <= LINE_HIT_PX);
    return near ? { is: "closure", id: near.id } : null;
  }

  /** Units in view, in the order of the fleet. */
  unitsInView(): string[] {
    return Array.from(this.seen.row.subarray(0, this.seen.count), (row) => this.fleet.ids[row]!);
  }

  private request(): void {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.draw();
    });
  }

  private draw(): void {
    const camera = this.cameraNow();
    if (camera.width < 2 || camera.height < 2) return;
    this.fit(camera);
    if (this.areLinesOld) this.drawGroundLines(camera);
    if (this.areMarksOld) this.drawMarks(camera);
    this.areLinesOld = this.areMarksOld = false;
    this.drawnNow();
  }

  private fit(camera: Camera): void {
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (ratio !== this.ratio) this.atlases = null;
    this.ratio = ratio;
    for (const canvas of [this.lineCanvas, this.markCanvas]) {
      if (canvas.width === width && canvas.height === height) continue;
      canvas.width = width;
      canvas.height = height;
      this.areLinesOld = this.areMarksOld = true;
    }
  }

  private drawGroundLines(camera: Camera): void {
    const ctx = this.lineInk;
    ctx.clearRect(0, 0, this.lineCanvas.width, this.lineCanvas.height);
    if (this.hasNet) drawNet(ctx, camera, this.palette, this.ratio);
    drawLines(ctx, [...this.lines.values()].flat(), camera, this.palette, this.ratio, this.chosen.closure);
  }

  private drawMarks(camera: Camera): void {
    const began = performance.now();
    if (this.news) this.fleet.set(this.news.units, this.news.fixes, this.news.now, began);
    this.news = null;
    const ctx = this.markInk;
    ctx.clearRect(0, 0, this.markCanvas.width, this.markCanvas.height);
    const { palette, ratio, fleet, seen, grid } = this;
    grid.reset(camera.width, camera.height);
    look(fleet, camera, this.canSlide ? began : Infinity, seen);
    const isSliding = this.canSlide && seen.count <= MOST_SLIDING && fleet.isMoving(began);
    if (!isSliding && seen.count > MOST_SLIDING) look(fleet, camera, Infinity, seen);
    const pins = [...this.incidents, ...this.stations].map((one) => toScreen(camera, one.x, one.y));
    const crowded = spread(fleet, seen, camera.zoom, pins);
    drawStations(ctx, this.stations, camera, palette, ratio, grid);
    this.drawRings(ctx, camera);
    drawUnits(ctx, fleet, seen, this.atlas(camera), palette, camera, ratio, grid);
    drawCounts(ctx, crowded, camera.zoom, palette, ratio, grid);
    drawIncidents(ctx, this.incidents, camera, palette, ratio, grid, this.chosen.incident);
    if (this.hasCross) drawCross(ctx, camera.width / 2, camera.height / 2, palette, ratio);
    this.areHitsOld = true;
    // For whoever measures: main-thread time of this drawing.
    this.markCanvas.dataset["ms"] = (performance.now() - began).toFixed(1);
    if (isSliding) requestAnimationFrame(() => this.redrawMarks());
  }

  private drawRings(ctx: CanvasRenderingContext2D, camera: Camera): void {
    for (let i = 0; i < this.seen.count; i++) {
      const id = this.fleet.ids[this.seen.row[i]!]!;
      const isHovered = this.hovered?.is === "unit" && this.hovered.id === id;
      if (id === this.chosen.unit || isHovered) drawRing(ctx, this.seen.x[i]!, this.seen.y[i]!, radiusOf(false, camera.zoom) + 6, this.palette, this.ratio);
    }
    const station = this.hovered?.is === "station" ? this.stations.find((one) => one.id === this.hovered?.id) : undefined;
    if (station) drawRing(ctx, ...toScreen(camera, station.x, station.y), 14, this.palette, this.ratio);
  }

  private atlas(camera: Camera): Atlas {
    const make = (isFar: boolean) => new Atlas(this.newCanvas, this.palette, this.ratio, isFar);
    this.atlases ??= { near: make(false), far: make(true) };
    return camera.zoom < LETTERS_FROM ? this.atlases.far : this.atlases.near;
  }

  private sortHits(camera: Camera): void {
    this.hits.unit.build(this.seen.x, this.seen.y, this.seen.count, camera.width, camera.height);
    const heads = headsOf(this.incidents, camera, true);
    this.hits.incident.build(heads.x, heads.y, this.incidents.length, camera.width, camera.height);
    const houses = headsOf(this.stations, camera, false);
    this.hits.station.build(houses.x, houses.y, this.stations.length, camera.width, camera.height);
    this.areHitsOld = false;
  }
}

const NET_PX = 120;

/** Lines of equal longitude and latitude, about as far apart as the scale bar is long. */
function drawNet(ctx: CanvasRenderingContext2D, camera: Camera, palette: Palette, ratio: number): void {
  ctx.fillStyle = palette.ground;
  ctx.fillRect(0, 0, camera.width * ratio, camera.height * ratio);
  const step = (scaleBar(camera, NET_PX * 1.6).metres / 40_000_000) * 360;
  const scale = scaleOf(camera);
  const [halfW, halfH] = [camera.width / 2 / scale, camera.height / 2 / scale];
  ctx.beginPath();
  for (let lon = Math.ceil(lonOf(camera.x - halfW) / step) * step; lon < lonOf(camera.x + halfW); lon += step) {
    const x = Math.round(((worldX(lon) - camera.x) * scale + camera.width / 2) * ratio) + 0.5;
    ctx.moveTo(x, 0);
    ctx.lineTo(x, camera.height * ratio);
  }
  for (let lat = Math.ceil(latOf(Math.min(1, camera.y + halfH)) / step) * step; lat < latOf(Math.max(0, camera.y - halfH)); lat += step) {
    const y = Math.round(((worldY(lat) - camera.y) * scale + camera.height / 2) * ratio) + 0.5;
    ctx.moveTo(0, y);
    ctx.lineTo(camera.width * ratio, y);
  }
  ctx.strokeStyle = palette.grid;
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.stroke();
}
