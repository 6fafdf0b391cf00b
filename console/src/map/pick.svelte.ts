/** Between intake and map: one asks for a place, the other answers. Works before the map is loaded, and costs nothing until then. */

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

/** Asks for a place on the map; null when it was called off, or when another one is asked for. The caller brings the map to the front. */
export function pick(): Promise<Place | null> {
  picking.asked?.answer(null);
  return new Promise((resolve) => {
    const asked: Asked = {
      answer: (place) => {
        if (picking.asked === asked) picking.asked = null;
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
