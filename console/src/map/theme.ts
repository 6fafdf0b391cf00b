/** Which of the two grounds is on screen, or the user's own colours: read from what the page really paints, however it was chosen. */

import { DARK, forcedPalette, LIGHT, type Palette } from "./marks";
import { forcedGround, type Ground, GROUNDS } from "./style";

export interface Looks {
  readonly palette: Palette;
  readonly ground: Ground;
}

const FORCED = "(forced-colors: active)";
const WATCHED = ["(prefers-color-scheme: dark)", FORCED, "(prefers-contrast: more)"];

/** Red, green, blue of a colour as browsers write computed ones. */
export function rgbOf(colour: string): readonly [number, number, number] {
  const numbers = (colour.match(/[\d.]+/g) ?? []).map(Number);
  const isPart = colour.startsWith("color(");
  const [red = 255, green = 255, blue = 255] = isPart ? numbers.slice(-3).map((part) => part * 255) : numbers;
  return [red, green, blue];
}

export function isDark(colour: string): boolean {
  const [red, green, blue] = rgbOf(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

/** The looks for an element's place on the page. */
export function looksOf(host: HTMLElement): Looks {
  const read = (name: string) => {
    const probe = document.createElement("i");
    probe.style.color = name;
    probe.hidden = true;
    host.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const ground = read("Canvas");
  if (matchMedia(FORCED).matches) {
    const text = read("CanvasText");
    return { palette: forcedPalette(ground, text, read("Highlight")), ground: forcedGround(ground, text) };
  }
  return isDark(ground) ? { palette: DARK, ground: GROUNDS.dark } : { palette: LIGHT, ground: GROUNDS.light };
}

/** Calls `changed` when the looks may have changed. Returns how to stop. */
export function watchLooks(changed: () => void): () => void {
  const ends = new AbortController();
  for (const query of WATCHED) matchMedia(query).addEventListener("change", changed, { signal: ends.signal });
  const root = new MutationObserver(changed);
  root.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-look"] });
  return () => {
    ends.abort();
    root.disconnect();
  };
}
