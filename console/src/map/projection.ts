/**
 * The plane on which maps are drawn (web Mercator): the world is a square of side 1, x to the east, y to the south.
 * A camera looks straight down, north up: so a place becomes a pixel by one multiplication and one addition on each axis.
 */

/** Width of the world at zoom 0, CSS pixels: that of the tiles. */
export const WORLD_PX = 512;
export const EARTH_CIRCUMFERENCE_M = 40_075_016.686;
export const MOST_LATITUDE = 85.051_128_78;

export type LonLat = readonly [number, number];

export interface Camera {
  /** Middle of the view, in widths of the world. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export function worldX(lon: number): number {
  return lon / 360 + 0.5;
}

export function worldY(lat: number): number {
  const sin = Math.sin((Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
}

export function lonOf(x: number): number {
  return (x - 0.5) * 360;
}

export function latOf(y: number): number {
  return (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
}

/** CSS pixels of one width of the world. */
export function scaleOf(camera: Camera): number {
  return WORLD_PX * 2 ** camera.zoom;
}

/** Of a place east or west of the ±180° line, the copy that is nearest to the camera. */
export function nearestCopy(camera: Camera, x: number): number {
  return x - Math.round(x - camera.x);
}

export function toScreen(camera: Camera, x: number, y: number): [number, number] {
  const scale = scaleOf(camera);
  return [(nearestCopy(camera, x) - camera.x) * scale + camera.width / 2, (y - camera.y) * scale + camera.height / 2];
}

export function toLonLat(camera: Camera, px: number, py: number): [number, number] {
  const scale = scaleOf(camera);
  const x = camera.x + (px - camera.width / 2) / scale;
  return [lonOf(x - Math.floor(x)), latOf(camera.y + (py - camera.height / 2) / scale)];
}

/** Metres that one CSS pixel covers in the middle of the view. */
export function metresPerPixel(camera: Camera): number {
  return (EARTH_CIRCUMFERENCE_M * Math.cos((latOf(camera.y) * Math.PI) / 180)) / scaleOf(camera);
}

/** The camera that shows all of the bounds with so many pixels around them. */
export function fitted(bounds: Bounds, width: number, height: number, padding: number, mostZoom: number): Camera {
  const west = worldX(bounds.west);
  const north = worldY(bounds.north);
  const wide = Math.max(worldX(bounds.east) - west, 1e-12);
  const high = Math.max(worldY(bounds.south) - north, 1e-12);
  const scale = Math.min(Math.max(width - 2 * padding, 32) / wide, Math.max(height - 2 * padding, 32) / high);
  const zoom = Math.max(0, Math.min(mostZoom, Math.log2(scale / WORLD_PX)));
  return { x: west + wide / 2, y: north + high / 2, zoom, width, height };
}

/** Bounds of places; null without any. */
export function boundsOf(places: readonly LonLat[]): Bounds | null {
  const first = places[0];
  if (first === undefined) return null;
  let [west, south] = first;
  let [east, north] = first;
  for (const [lon, lat] of places) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return { west, south, east, north };
}

/** Length of a scale bar of at most so many pixels: 1, 2 or 5 times a power of ten metres. */
export function scaleBar(camera: Camera, mostPx: number): { metres: number; px: number } {
  const perPx = metresPerPixel(camera);
  const most = perPx * mostPx;
  const ten = 10 ** Math.floor(Math.log10(most));
  const metres = most >= 5 * ten ? 5 * ten : most >= 2 * ten ? 2 * ten : ten;
  return { metres, px: metres / perPx };
}
