/** The base map by MapLibre GL JS: our own tiles, the system's fonts, north up, nothing from elsewhere. */

import { Map as GlMap, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "./maplibre.css";
import { type Camera, latOf, lonOf, worldX, worldY } from "./projection";
import { baseStyle, type Ground, isSoftware, type Source } from "./style";
import { LEAST_ZOOM, MOST_ZOOM, type View } from "./view";

setWorkerUrl(workerUrl);

/** After so many failed tiles in a row the map says that it has no ground. */
const FAILURES_TOLD = 4;

export interface Heard {
  /** The camera has moved: called in the frame in which the map was drawn, so that what is drawn over it keeps up. */
  moved: () => void;
  /** Tiles fail (true), or come again; `hasSome`: some were there before. */
  failing: (isFailing: boolean, hasSome: boolean) => void;
  /** The graphics card is gone. */
  lost: () => void;
}

export class MapView implements View {
  readonly kind = "map";
  readonly isSoft: boolean;
  private readonly map: GlMap;
  private failures = 0;
  private hasSome = false;
  private seen = "";

  constructor(
    private readonly host: HTMLElement,
    start: Camera,
    private ground: Ground,
    private readonly source: Source,
    renderer: string,
    private readonly heard: Heard,
  ) {
    this.isSoft = isSoftware(renderer);
    this.map = new GlMap({
      container: host,
      style: baseStyle(ground, source, this.isSoft),
      center: [lonOf(start.x), latOf(start.y)],
      zoom: start.zoom,
      minZoom: LEAST_ZOOM,
      maxZoom: MOST_ZOOM,
      attributionControl: false,
      keyboard: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      boxZoom: false,
      fadeDuration: 0,
      trackResize: false,
      refreshExpiredTiles: false,
      ...(this.isSoft ? { pixelRatio: 1 } : {}),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.on("render", () => this.tellMove());
    this.map.on("error", () => this.count(this.failures + 1));
    this.map.on("sourcedata", (event) => event.tile && event.tile.state === "loaded" && this.came());
    this.map.getCanvas().addEventListener("webglcontextlost", () => this.heard.lost());
    // The pane itself takes the keyboard and tells what is on the map.
    this.map.getCanvas().tabIndex = -1;
    this.map.getCanvas().setAttribute("aria-hidden", "true");
  }

  camera(): Camera {
    const centre = this.map.getCenter();
    return { x: worldX(centre.lng), y: worldY(centre.lat), zoom: this.map.getZoom(), width: this.host.clientWidth, height: this.host.clientHeight };
  }

  moveTo(x: number, y: number, zoom: number): void {
    this.map.jumpTo({ center: [lonOf(x), latOf(y)], zoom });
  }

  resize(): void {
    this.map.resize();
  }

  close(): void {
    this.map.remove();
  }

  setGround(ground: Ground): void {
    if (ground === this.ground) return;
    this.ground = ground;
    // What is not loaded yet has nothing to be compared with.
    this.map.setStyle(baseStyle(ground, this.source, this.isSoft), { diff: this.map.isStyleLoaded() === true });
  }

  /** Double clicks zoom, except while corners are set with them. */
  setDrawing(isDrawing: boolean): void {
    if (isDrawing) this.map.doubleClickZoom.disable();
    else this.map.doubleClickZoom.enable();
  }

  private tellMove(): void {
    const { x, y, zoom, width, height } = this.camera();
    const now = `${x} ${y} ${zoom} ${width} ${height}`;
    if (now === this.seen) return;
    this.seen = now;
    this.heard.moved();
  }

  private came(): void {
    this.hasSome = true;
    this.count(0);
  }

  private count(failures: number): void {
    const was = this.failures >= FAILURES_TOLD;
    this.failures = failures;
    if (was !== failures >= FAILURES_TOLD) this.heard.failing(!was, this.hasSome);
  }
}
