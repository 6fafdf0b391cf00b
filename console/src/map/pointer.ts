/** What a finger or mouse on the map means: choosing, picking a place, setting a corner, the menu of a point. */

import type { Described } from "../generated/api";
import { desk } from "../live/desk.svelte";
import { got } from "../live/http";
import { say } from "../words";
import { middleOf } from "./camera";
import { withPlace } from "./draft";
import { picking } from "./pick.svelte";
import { type LonLat, metresPerPixel, toLonLat } from "./projection";
import type { Scene } from "./scene.svelte";
import type { Item } from "./SeenList.svelte";
import type { Hit } from "./stage";
import { pointTold } from "./told";
import type { Place } from "./types";
import { isShown } from "./view";

/** A press that has moved further was a drag. */
const CLICK_PX = 5;
const LEAST_DOUBT_M = 10;
const FINGER_PX = 8;

interface Point {
  x: number;
  y: number;
}

export function pointOf(scene: Scene, event: MouseEvent): Point {
  const box = scene.surface.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

export function hover(scene: Scene, event: PointerEvent): void {
  if (event.buttons || !scene.stage || !scene.view || picking.asked || scene.draft) {
    if (scene.hovered) scene.hovered = null;
    return;
  }
  const at = pointOf(scene, event);
  const hit = scene.stage.hitAt(at.x, at.y);
  if (hit?.id !== scene.hovered?.hit.id || hit?.is !== scene.hovered?.hit.is) scene.hovered = hit ? { hit, ...at } : null;
}

export function click(scene: Scene, event: MouseEvent, pressed: Point | null): void {
  const isOnMap = event.target instanceof HTMLCanvasElement || event.target === scene.surface || scene.groundHost.contains(event.target as Node);
  if (!scene.view || !scene.stage || !isOnMap) return;
  const at = pointOf(scene, event);
  if (pressed && Math.hypot(at.x - pressed.x, at.y - pressed.y) > CLICK_PX) return;
  mean(scene, toLonLat(scene.view.camera(), at.x, at.y), scene.stage.hitAt(at.x, at.y));
}

/** The cross in the middle, for whoever has no pointer. */
export function middleTaken(scene: Scene): void {
  mean(scene, middleOf(scene), scene.stage?.hitAt(scene.camera.width / 2, scene.camera.height / 2) ?? null);
}

function mean(scene: Scene, place: LonLat, hit: Hit | null): void {
  if (picking.asked) void take(scene, place);
  else if (scene.draft) scene.draft = withPlace(scene.draft, place);
  else choose(scene, hit);
}

function choose(scene: Scene, hit: Hit | null): void {
  if (!hit) return;
  if (hit.is === "incident") {
    scene.shownSelection = `${hit.id} ${desk.selectedUnit}`;
    desk.selected = hit.id;
  } else if (hit.is === "unit") desk.selectedUnit = hit.id;
  else if (hit.is === "closure") scene.closure = hit.id;
}

/** Something in the list of what is in view. */
export function chooseItem(scene: Scene, item: Item): void {
  if (item.is === "incident") {
    desk.selected = item.id;
    return;
  }
  desk.selectedUnit = item.id;
  const { stage, view } = scene;
  const at = stage?.fleet.row(item.id) ?? -1;
  if (!stage || !view || at < 0) return;
  const [x, y] = [stage.fleet.x[at]!, stage.fleet.y[at]!];
  if (!isShown(view.camera(), x, y, 10)) view.moveTo(x, y, view.camera().zoom);
}

export function openMenu(scene: Scene, event: MouseEvent): void {
  event.preventDefault();
  if (!scene.view) return;
  const box = scene.surface.getBoundingClientRect();
  const isByKey = event.clientX === 0 && event.clientY === 0;
  const at = isByKey ? { x: box.width / 2, y: box.height / 2 } : pointOf(scene, event);
  scene.menu = { ...at, at: toLonLat(scene.view.camera(), at.x, at.y) };
}

async function nameOf(at: LonLat): Promise<string> {
  const answer = await got<Described>(`/api/places/at?${new URLSearchParams({ lon: at[0].toFixed(7), lat: at[1].toFixed(7) })}`);
  return answer.is === "got" ? (answer.answer.nearest[0]?.text ?? "") : "";
}

/** A place that was picked is as sure as a finger on the screen is. */
export async function take(scene: Scene, at: LonLat): Promise<void> {
  const asked = picking.asked;
  if (!asked || !scene.view || scene.isLooking) return;
  const uncertainty_m = Math.max(LEAST_DOUBT_M, Math.round(FINGER_PX * metresPerPixel(scene.view.camera())));
  scene.isLooking = true;
  const text = await nameOf(at);
  scene.isLooking = false;
  const place: Place = { at: [Number(at[0].toFixed(7)), Number(at[1].toFixed(7))], text: text || pointTold(at[0], at[1]), uncertainty_m };
  picking.shown = place;
  asked.answer(place);
}

export async function tellHere(scene: Scene, at: LonLat): Promise<void> {
  scene.here = { at, text: "…" };
  const text = await nameOf(at);
  if (scene.here?.at === at) scene.here = { at, text: text || say("console.map.nothing_here") };
}
