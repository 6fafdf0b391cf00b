/**
 * Lines and areas between base map and markers: closures, routes, how far help gets, how unsure a place is, what is being drawn.
 * Places are put on the plane once, when they change; drawing is one multiplication a point.
 */

import { type Palette } from "./marks";
import { type Camera, EARTH_CIRCUMFERENCE_M, type LonLat, nearestCopy, scaleOf, worldX, worldY } from "./projection";

export type Kind = "closure" | "planned" | "route" | "picks" | "reach" | "doubt" | "draft";

export interface Drawn {
  readonly kind: Kind;
  readonly id: string;
  readonly shape: "points" | "line" | "polygon";
  /** Rings or lines: x, y, x, y … in world units. */
  readonly parts: readonly Float64Array[];
  readonly box: readonly [number, number, number, number];
  /** Of things of one kind the how-manieth: decides among its shades. */
  readonly rank: number;
}

export function onPlane(places: readonly LonLat[]): Float64Array {
  const plane = new Float64Array(places.length * 2);
  places.forEach(([lon, lat], i) => {
    plane[2 * i] = worldX(lon);
    plane[2 * i + 1] = worldY(lat);
  });
  return plane;
}

export function drawn(kind: Kind, id: string, shape: Drawn["shape"], parts: readonly (readonly LonLat[])[], rank = 0): Drawn {
  const planes = parts.filter((part) => part.length > 0).map(onPlane);
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const plane of planes) {
    for (let i = 0; i < plane.length; i += 2) {
      west = Math.min(west, plane[i]!);
      east = Math.max(east, plane[i]!);
      north = Math.min(north, plane[i + 1]!);
      south = Math.max(south, plane[i + 1]!);
    }
  }
  return { kind, id, shape, parts: planes, box: [west, north, east, south], rank };
}

const CIRCLE_POINTS = 48;

/** A circle of so many metres around a place, as a ring of places. */
export function circle(at: LonLat, radius_m: number): LonLat[] {
  const [lon, lat] = at;
  const perDegree = EARTH_CIRCUMFERENCE_M / 360;
  const wide = radius_m / (perDegree * Math.max(0.01, Math.cos((lat * Math.PI) / 180)));
  return Array.from({ length: CIRCLE_POINTS + 1 }, (_, i): LonLat => {
    const angle = (2 * Math.PI * (i % CIRCLE_POINTS)) / CIRCLE_POINTS;
    return [lon + wide * Math.sin(angle), lat + (radius_m / perDegree) * Math.cos(angle)];
  });
}

/** Whether any of it can be in view. */
export function isInView(one: Drawn, camera: Camera): boolean {
  const scale = scaleOf(camera);
  const [west, north, east, south] = one.box;
  const shift = nearestCopy(camera, (west + east) / 2) - (west + east) / 2;
  const [halfW, halfH] = [(camera.width / 2 + 16) / scale, (camera.height / 2 + 16) / scale];
  return east + shift >= camera.x - halfW && west + shift <= camera.x + halfW && south >= camera.y - halfH && north <= camera.y + halfH;
}

const ORDER: readonly Kind[] = ["reach", "doubt", "closure", "planned", "picks", "route", "draft"];

export function drawLines(ctx: CanvasRenderingContext2D, all: readonly Drawn[], camera: Camera, palette: Palette, ratio: number, selected: string | null): void {
  for (const kind of ORDER) {
    for (const one of all) {
      if (one.kind !== kind || !isInView(one, camera)) continue;
      DRAW[kind](ctx, one, camera, palette, ratio, one.id === selected);
    }
  }
  ctx.setLineDash([]);
}

type Draw = (ctx: CanvasRenderingContext2D, one: Drawn, camera: Camera, palette: Palette, ratio: number, isSelected: boolean) => void;

function path(ctx: CanvasRenderingContext2D, one: Drawn, camera: Camera, ratio: number): void {
  const scale = scaleOf(camera) * ratio;
  const middle = (one.box[0] + one.box[2]) / 2;
  const left = (camera.width * ratio) / 2 + (nearestCopy(camera, middle) - middle - camera.x) * scale;
  const top = (camera.height * ratio) / 2 - camera.y * scale;
  ctx.beginPath();
  for (const part of one.parts) {
    if (one.shape === "points") {
      for (let i = 0; i < part.length; i += 2) {
        const [x, y] = [part[i]! * scale + left, part[i + 1]! * scale + top];
        ctx.moveTo(x + 6 * ratio, y);
        ctx.arc(x, y, 6 * ratio, 0, 2 * Math.PI);
      }
      continue;
    }
    for (let i = 0; i < part.length; i += 2) {
      const [x, y] = [part[i]! * scale + left, part[i + 1]! * scale + top];
      if (i) ctx.lineTo(x, y);
      else ctx.moveTo(x, y);
    }
    if (one.shape === "polygon") ctx.closePath();
  }
}

function stroke(ctx: CanvasRenderingContext2D, colour: string, width: number, dash: readonly number[], ratio: number): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * ratio;
  ctx.setLineDash(dash.map((part) => part * ratio));
  ctx.stroke();
}

function hatch(ctx: CanvasRenderingContext2D, one: Drawn, camera: Camera, colour: string, ratio: number): void {
  const [west, north, east, south] = one.box;
  const scale = scaleOf(camera) * ratio;
  const shift = nearestCopy(camera, (west + east) / 2) - (west + east) / 2;
  const x = (world: number) => (world + shift - camera.x) * scale + (camera.width * ratio) / 2;
  const y = (world: number) => (world - camera.y) * scale + (camera.height * ratio) / 2;
  const [left, right] = [Math.max(0, x(west)), Math.min(camera.width * ratio, x(east))];
  const [top, bottom] = [Math.max(0, y(north)), Math.min(camera.height * ratio, y(south))];
  const step = 9 * ratio;
  ctx.save();
  ctx.clip("evenodd");
  ctx.beginPath();
  // The lines hang on the map, not on the window: they do not swim while it is moved.
  const first = Math.floor((left + top - (x(west) + y(north))) / step) * step + x(west) + y(north);
  for (let sum = first; sum < right + bottom; sum += step) {
    ctx.moveTo(sum - top, top);
    ctx.lineTo(sum - bottom, bottom);
  }
  stroke(ctx, colour, 1.75, [], ratio);
  ctx.restore();
}

function closureLike(isPlanned: boolean): Draw {
  return (ctx, one, camera, palette, ratio, isSelected) => {
    ctx.lineJoin = "round";
    ctx.lineCap = "butt";
    path(ctx, one, camera, ratio);
    if (one.shape === "polygon") hatch(ctx, one, camera, palette.closure, ratio);
    path(ctx, one, camera, ratio);
    if (isSelected) stroke(ctx, palette.ring, 12, [], ratio);
    stroke(ctx, palette.closureUnder, 8, [], ratio);
    if (one.shape === "points") {
      ctx.fillStyle = palette.closureUnder;
      ctx.fill();
    }
    if (one.shape === "line") stroke(ctx, palette.closure, 6, isPlanned ? [2, 6] : [4, 3], ratio);
    stroke(ctx, palette.closure, one.shape === "line" ? 1.5 : 2.5, isPlanned ? [4, 4] : [], ratio);
    if (one.shape === "points") crosses(ctx, one, camera, palette.closure, ratio);
  };
}

function crosses(ctx: CanvasRenderingContext2D, one: Drawn, camera: Camera, colour: string, ratio: number): void {
  const scale = scaleOf(camera) * ratio;
  ctx.beginPath();
  for (const part of one.parts) {
    for (let i = 0; i < part.length; i += 2) {
      const x = (nearestCopy(camera, part[i]!) - camera.x) * scale + (camera.width * ratio) / 2;
      const y = (part[i + 1]! - camera.y) * scale + (camera.height * ratio) / 2;
      ctx.moveTo(x - 4 * ratio, y - 4 * ratio);
      ctx.lineTo(x + 4 * ratio, y + 4 * ratio);
      ctx.moveTo(x + 4 * ratio, y - 4 * ratio);
      ctx.lineTo(x - 4 * ratio, y + 4 * ratio);
    }
  }
  stroke(ctx, colour, 2.5, [], ratio);
}

function routeLike(dash: readonly number[]): Draw {
  return (ctx, one, camera, palette, ratio, isSelected) => {
    ctx.lineJoin = ctx.lineCap = "round";
    path(ctx, one, camera, ratio);
    stroke(ctx, palette.routeUnder, isSelected ? 9 : 7, [], ratio);
    stroke(ctx, palette.route, isSelected ? 5 : 3.5, dash, ratio);
  };
}

const DRAW: Readonly<Record<Kind, Draw>> = {
  closure: closureLike(false),
  planned: closureLike(true),
  route: routeLike([]),
  picks: routeLike([7, 7]),
  reach: (ctx, one, camera, palette, ratio) => {
    ctx.lineJoin = "round";
    path(ctx, one, camera, ratio);
    ctx.fillStyle = palette.reach[Math.min(one.rank, palette.reach.length - 1)]!;
    ctx.fill("evenodd");
    stroke(ctx, palette.reachLine, one.rank ? 1.25 : 2, one.rank ? [2, 4] : [], ratio);
  },
  doubt: (ctx, one, camera, palette, ratio) => {
    path(ctx, one, camera, ratio);
    stroke(ctx, palette.ringUnder, 4, [], ratio);
    stroke(ctx, palette.doubt, 1.75, [3, 4], ratio);
  },
  draft: (ctx, one, camera, palette, ratio) => {
    ctx.lineJoin = "round";
    path(ctx, one, camera, ratio);
    if (one.shape === "polygon") hatch(ctx, one, camera, palette.closure, ratio);
    path(ctx, one, camera, ratio);
    stroke(ctx, palette.ringUnder, 7, [], ratio);
    stroke(ctx, palette.closure, 3, [6, 4], ratio);
    corners(ctx, one, camera, palette, ratio);
  },
};

/** Corners of what is being drawn, as squares that can be seen and counted. */
function corners(ctx: CanvasRenderingContext2D, one: Drawn, camera: Camera, palette: Palette, ratio: number): void {
  const scale = scaleOf(camera) * ratio;
  ctx.setLineDash([]);
  for (const part of one.parts) {
    for (let i = 0; i < part.length; i += 2) {
      const x = (nearestCopy(camera, part[i]!) - camera.x) * scale + (camera.width * ratio) / 2;
      const y = (part[i + 1]! - camera.y) * scale + (camera.height * ratio) / 2;
      ctx.fillStyle = palette.ringUnder;
      ctx.fillRect(x - 5 * ratio, y - 5 * ratio, 10 * ratio, 10 * ratio);
      ctx.strokeStyle = palette.closure;
      ctx.lineWidth = 2 * ratio;
      ctx.strokeRect(x - 5 * ratio, y - 5 * ratio, 10 * ratio, 10 * ratio);
    }
  }
}

/** Metres-free distance in pixels from a point to the nearest line of it; 0 inside a polygon. Infinity without any. */
export function distancePx(one: Drawn, camera: Camera, px: number, py: number): number {
  const scale = scaleOf(camera);
  const middle = (one.box[0] + one.box[2]) / 2;
  const shift = nearestCopy(camera, middle) - middle;
  const x = camera.x - shift + (px - camera.width / 2) / scale;
  const y = camera.y + (py - camera.height / 2) / scale;
  let least = Infinity;
  let isInside = false;
  for (const part of one.parts) {
    const count = part.length / 2;
    const isRing = one.shape === "polygon";
    for (let i = 0; i < count; i++) {
      const [ax, ay] = [part[2 * i]!, part[2 * i + 1]!];
      const next = one.shape === "points" || (i === count - 1 && !isRing) ? i : (i + 1) % count;
      const [bx, by] = [part[2 * next]!, part[2 * next + 1]!];
      least = Math.min(least, toSegment(x, y, ax, ay, bx, by));
      if (isRing && ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
    }
  }
  return isInside ? 0 : least * scale;
}

function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const part = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - part * dx, y - ay - part * dy);
}
