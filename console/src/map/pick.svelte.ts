/** Between map and other panes: one asks for a place, the other answers. Works before the map is loaded, and costs nothing until then. */

import { away, inFront, show as showPane } from "../panes";
import type { Place } from "./types";

interface Asked {
  readonly answer: (place: Place | null) => void;
}

class Picking {
  /** Somebody waits for a place. */
  asked: Asked | null = $state.raw(null);
  /** A place that was chosen elsewhere and is to be shown. */
  shown: Place | null = $state.raw(null);
  /** Moves with each wish to see it, so that showing the same place again moves the map again. */
  wish = $state(0);
}

export const picking = new Picking();

class Closing {
  /** Roads are to be closed: where to begin, and why, as far as that was said. */
  wish: { place: Place | null; reason: string } | null = $state.raw(null);
  /** A closure that is to be shown, with what can be done about it. */
  shown: string | null = $state(null);
}

export const closing = new Closing();

/** The map in front, also where it stood in a window of its own. */
function toFront(): void {
  away.get("map")?.close();
  away.delete("map");
  showPane("map");
}

/** Asks for a place on the map, which comes to the front; what was there before comes back. Null when it was called off, or another one is asked for. */
export function pick(): Promise<Place | null> {
  picking.asked?.answer(null);
  const before = inFront("side", "foot")?.id;
  toFront();
  return new Promise((resolve) => {
    const asked: Asked = {
      answer: (place) => {
        if (picking.asked === asked) picking.asked = null;
        if (before) showPane(before, { focus: false });
        resolve(place);
      },
    };
    picking.asked = asked;
  });
}

/** Calls off what `pick` asked for. */
export function cancel(): void {
  picking.asked?.answer(null);
}

/** Shows a place with its uncertainty and moves the map there; null takes it away. */
export function show(place: Place | null): void {
  picking.shown = place;
  picking.wish += 1;
}

/** Brings the map to the front with the tool that closes roads. */
export function closeRoads(place: Place | null, reason: string): void {
  closing.wish = { place, reason };
  toFront();
}

/** Brings the map to the front with one closure chosen. */
export function showClosure(closure: string): void {
  closing.shown = closure;
  toFront();
}
