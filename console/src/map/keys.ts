/** The map by keyboard. */

import { fitSelected, step, zoom } from "./camera";
import { picking } from "./pick.svelte";
import { middleTaken } from "./pointer";
import type { Scene } from "./scene.svelte";

const KEYS: Readonly<Record<string, (scene: Scene) => void>> = {
  ArrowLeft: (scene) => step(scene, -1, 0),
  ArrowRight: (scene) => step(scene, 1, 0),
  ArrowUp: (scene) => step(scene, 0, -1),
  ArrowDown: (scene) => step(scene, 0, 1),
  "+": (scene) => zoom(scene, 1),
  "=": (scene) => zoom(scene, 1),
  "-": (scene) => zoom(scene, -1),
  f: fitSelected,
  l: toList,
  Enter: middleTaken,
  Escape: escape,
};

export function mapKeys(scene: Scene, event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || !scene.view) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act(scene);
}

/** Keys that mean the map also while the list has the keyboard. */
export function listKeys(scene: Scene, event: KeyboardEvent): void {
  if (["+", "=", "-", "f", "F", "ArrowLeft", "ArrowRight"].includes(event.key)) mapKeys(scene, event);
}

export function toList(scene: Scene): void {
  scene.isListOpen = true;
  requestAnimationFrame(() => scene.surface.parentElement?.querySelector<HTMLElement>("[role=listbox]")?.focus());
}

function escape(scene: Scene): void {
  if (scene.menu) scene.menu = null;
  else if (picking.asked) picking.asked.answer(null);
  else if (scene.draft) [scene.kept, scene.draft] = [scene.draft, null];
  else if (scene.here) scene.here = null;
  else scene.closure = null;
}
