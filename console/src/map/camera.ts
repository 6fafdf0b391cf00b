/** Where the map looks: steps, zoom, and what is to be seen as a whole. */

import { desk } from "../live/desk.svelte";
import { boundsOfDraft } from "./draft";
import { type Bounds, boundsOf, type Camera, fitted, latOf, type LonLat, lonOf } from "./projection";
import { FIT_ZOOM, type Scene } from "./scene.svelte";
import type { MapTold } from "./types";
import { panned, STEP, zoomed } from "./view";

const FIT_MARGIN_PX = 48;

const placesOf = (rows: Iterable<{ place: { at?: [number, number] | null } }>): LonLat[] => [...rows].flatMap((one) => (one.place.at ? [one.place.at] : []));

/** What the desk serves counts before what the map happens to hold. */
export function homeBounds(told: MapTold | null): Bounds {
  const stations = boundsOf(placesOf(desk.stations.values()));
  if (told?.bounds) {
    const [west, south, east, north] = told.bounds;
    return stations && stations.east - stations.west < east - west ? grown(stations) : { west, south, east, north };
  }
  return stations ?? boundsOf(placesOf(desk.incidents.values())) ?? { west: -170, south: -60, east: 170, north: 70 };
}

function grown(bounds: Bounds): Bounds {
  const [wide, high] = [Math.max(0.005, (bounds.east - bounds.west) * 0.15), Math.max(0.005, (bounds.north - bounds.south) * 0.15)];
  return { west: bounds.west - wide, east: bounds.east + wide, south: bounds.south - high, north: bounds.north + high };
}

function go(scene: Scene, next: Camera): void {
  scene.view?.moveTo(next.x, next.y, next.zoom);
}

/** A part of the view to one side. */
export function step(scene: Scene, dx: number, dy: number): void {
  if (!scene.view) return;
  const from = scene.view.camera();
  go(scene, panned(from, dx * from.width * STEP, dy * from.height * STEP));
}

export function zoom(scene: Scene, by: number): void {
  if (!scene.view) return;
  const from = scene.view.camera();
  go(scene, zoomed(from, by, from.width / 2, from.height / 2));
}

function fit(scene: Scene, bounds: Bounds | null): void {
  if (!scene.view || !bounds) return;
  const from = scene.view.camera();
  go(scene, fitted(bounds, from.width, from.height, FIT_MARGIN_PX, FIT_ZOOM));
}

export function fitAll(scene: Scene): void {
  fit(scene, homeBounds(scene.told));
}

/** The selected incident with its units; while something is drawn, that; else everything. */
export function fitSelected(scene: Scene): void {
  const [row, stage] = [desk.incident, scene.stage];
  if (scene.draft?.places.length) return fit(scene, boundsOfDraft(scene.draft));
  if (!row || !stage) return fitAll(scene);
  const places: LonLat[] = row.place.at ? [row.place.at] : [];
  for (const one of row.assignments) {
    const at = stage.fleet.row(one.unit);
    if (one.is_active && at >= 0 && stage.fleet.x[at]! >= 0) places.push([lonOf(stage.fleet.x[at]!), latOf(stage.fleet.y[at]!)]);
  }
  fit(scene, boundsOf(places));
}

/** What lies under the cross. */
export function middleOf(scene: Scene): LonLat {
  const now = scene.view?.camera();
  return now ? [lonOf(now.x), latOf(now.y)] : [0, 0];
}
