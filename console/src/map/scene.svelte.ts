/** What one map pane knows of itself, and how its ground comes and goes. */

import { Stage, type Hit } from "./stage";
import { homeBounds } from "./camera";
import type { Draft } from "./draft";
import type { MapView } from "./ground";
import { mapTold } from "./loaded";
import { type Camera, fitted, type LonLat } from "./projection";
import { isSoftware } from "./style";
import { looksOf } from "./theme";
import type { MapTold } from "./types";
import { PlainView, rendererName, type View } from "./view";

export const WORLD: Camera = { x: 0.5, y: 0.5, zoom: 2, width: 0, height: 0 };
export const FIT_ZOOM = 16.5;
/** What stands in words beside the map follows five times a second at most. */
const TOLD_EVERY_MS = 200;

/** Why there is no street map, or not all of it. */
type PlainWhy = "no_gl" | "no_tiles" | "some_tiles" | "lost";

export class Scene {
  view: View | null = $state.raw(null);
  stage: Stage | null = $state.raw(null);
  told: MapTold | null = $state.raw(null);
  plainWhy: PlainWhy | null = $state(null);
  isReady = $state(false);
  camera: Camera = $state.raw(WORLD);
  /** Units in view. */
  inView: readonly string[] = $state.raw([]);
  isListOpen = $state(false);
  hasReach = $state(false);
  draft: Draft | null = $state.raw(null);
  /** What was drawn and put aside without being sent: it is there again when the drawing is opened again. */
  kept: Draft | null = $state.raw(null);
  /** Why the roads are closed, where that was said already. */
  reason = $state("");
  /** Words of the first place, where nobody knows yet where it is. */
  placeText = $state("");
  closure: string | null = $state(null);
  hovered: { hit: Hit; x: number; y: number } | null = $state.raw(null);
  menu: { x: number; y: number; at: LonLat } | null = $state.raw(null);
  here: { at: LonLat; text: string } | null = $state.raw(null);
  isLooking = $state(false);
  trouble = $state("");
  /** A selection that was made on the map itself: it moves nothing. */
  shownSelection = "";
  surface!: HTMLElement;
  groundHost!: HTMLElement;
  readonly #renderer = rendererName();
  #toldAt = 0;
  #waiting = 0;

  /** Once the page has its elements. Returns how to end it. */
  begin(surface: HTMLElement, groundHost: HTMLElement, lineCanvas: HTMLCanvasElement, markCanvas: HTMLCanvasElement): () => void {
    [this.surface, this.groundHost] = [surface, groundHost];
    const cameraNow = () => this.view?.camera() ?? { ...WORLD, width: surface.clientWidth, height: surface.clientHeight };
    const isSoft = this.#renderer === null || isSoftware(this.#renderer);
    this.stage = new Stage(lineCanvas, markCanvas, cameraNow, () => this.#afterDrawing(), isSoft);
    const resized = new ResizeObserver(() => {
      this.view?.resize();
      if (this.view) this.moved();
    });
    resized.observe(surface);
    void this.#start();
    return () => {
      resized.disconnect();
      clearTimeout(this.#waiting);
      this.stage?.close();
      this.view?.close();
      this.view = this.stage = null;
    };
  }

  async #start(): Promise<void> {
    const answer = await mapTold();
    if (!this.stage) return;
    this.told = answer.is === "got" ? answer.answer : null;
    const home = fitted(homeBounds(this.told), this.surface.clientWidth, this.surface.clientHeight, 12, FIT_ZOOM);
    if (this.told) await this.#overMap(this.told, home);
    else this.#bePlain("no_tiles", home);
    this.dress();
    this.isReady = true;
  }

  async #overMap(source: MapTold, home: Camera): Promise<void> {
    const renderer = this.#renderer;
    if (renderer === null) return this.#bePlain("no_gl", home);
    const { MapView: Ground } = await import("./ground");
    if (!this.stage) return;
    const tiles = `${location.origin}/api/tiles/${source.map_hash}/{z}/{x}/{y}`;
    const heard = {
      moved: () => this.moved(),
      failing: (isFailing: boolean, hasSome: boolean) => this.#tellFailing(isFailing, hasSome),
      lost: () => this.#bePlain("lost", this.view?.camera() ?? home),
    };
    try {
      const map = new Ground(this.groundHost, home, looksOf(this.surface).ground, { ...source, tiles }, renderer, heard);
      this.view = map;
      this.stage.canSlide = !map.isSoft && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    } catch {
      this.#bePlain("no_gl", home);
    }
  }

  #bePlain(why: PlainWhy, at: Camera): void {
    this.view?.close();
    this.plainWhy = why;
    if (this.stage) this.stage.hasNet = true;
    this.view = new PlainView(this.surface, { ...at, width: this.surface.clientWidth, height: this.surface.clientHeight }, () => this.moved());
    this.moved();
  }

  /** A ground without any tile is told and gets its net. Where some came, they stay, and it is said that others are missing. */
  #tellFailing(isFailing: boolean, hasSome: boolean): void {
    this.plainWhy = !isFailing ? null : hasSome ? "some_tiles" : "no_tiles";
    if (this.stage) this.stage.hasNet = isFailing && !hasSome;
    this.stage?.redraw();
  }

  /** In the colours of the theme. */
  dress(): void {
    if (!this.stage) return;
    const looks = looksOf(this.surface);
    this.stage.setPalette(looks.palette);
    if (this.view?.kind === "map") (this.view as MapView).setGround(looks.ground);
  }

  moved(): void {
    this.stage?.drawNow();
  }

  #afterDrawing(): void {
    const now = performance.now();
    clearTimeout(this.#waiting);
    if (now - this.#toldAt > TOLD_EVERY_MS) this.#tell();
    else this.#waiting = window.setTimeout(() => this.#tell(), TOLD_EVERY_MS);
  }

  #tell(): void {
    this.#toldAt = performance.now();
    if (!this.view || !this.stage) return;
    this.camera = this.view.camera();
    const seen = this.stage.unitsInView();
    if (seen.length !== this.inView.length || seen.some((id, i) => id !== this.inView[i])) this.inView = seen;
  }
}
