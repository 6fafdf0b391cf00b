/** Whatever the marks lie over: one camera that people move. Two of them: MapLibre's (`ground.ts`) and a plain one that needs nothing. */

import { type Camera, nearestCopy, scaleOf } from "./projection";

export const LEAST_ZOOM = 1;
export const MOST_ZOOM = 19;

export interface View {
  readonly kind: "map" | "plain";
  camera(): Camera;
  moveTo(x: number, y: number, zoom: number): void;
  resize(): void;
  close(): void;
}

/** A step of the arrow keys, in parts of the view. */
export const STEP = 0.25;

export function panned(camera: Camera, dx_px: number, dy_px: number): Camera {
  const scale = scaleOf(camera);
  return { ...camera, x: wrapped(camera.x + dx_px / scale), y: Math.max(0, Math.min(1, camera.y + dy_px / scale)) };
}

/** Nearer or farther, with what lies under (px, py) staying there. */
export function zoomed(camera: Camera, by: number, px: number, py: number): Camera {
  const zoom = Math.max(LEAST_ZOOM, Math.min(MOST_ZOOM, camera.zoom + by));
  const [away, down] = [px - camera.width / 2, py - camera.height / 2];
  const near = 1 / scaleOf(camera) - 1 / scaleOf({ ...camera, zoom });
  return { ...camera, zoom, x: wrapped(camera.x + away * near), y: Math.max(0, Math.min(1, camera.y + down * near)) };
}

export function isShown(camera: Camera, x: number, y: number, margin_px: number): boolean {
  const scale = scaleOf(camera);
  const [px, py] = [(nearestCopy(camera, x) - camera.x) * scale, (y - camera.y) * scale];
  return Math.abs(px) <= camera.width / 2 - margin_px && Math.abs(py) <= camera.height / 2 - margin_px;
}

function wrapped(x: number): number {
  return x - Math.floor(x);
}

/** The renderer's name; null = no WebGL 2 here. */
export function rendererName(): string | null {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return null;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return name;
}

const WHEEL_PER_ZOOM = 240;
const LINE_PX = 40;

/** Moves by pointer and wheel without any library: where there is no WebGL. */
export class PlainView implements View {
  readonly kind = "plain";
  private held: { id: number; x: number; y: number } | null = null;
  private readonly ends = new AbortController();

  constructor(
    private readonly host: HTMLElement,
    private present: Camera,
    private readonly moved: () => void,
  ) {
    const { signal } = this.ends;
    host.addEventListener("pointerdown", (event) => this.hold(event), { signal });
    host.addEventListener("pointermove", (event) => this.drag(event), { signal });
    for (const end of ["pointerup", "pointercancel"] as const) host.addEventListener(end, () => (this.held = null), { signal });
    host.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    this.resize();
  }

  camera(): Camera {
    return this.present;
  }

  moveTo(x: number, y: number, zoom: number): void {
    this.present = { ...this.present, x, y, zoom: Math.max(LEAST_ZOOM, Math.min(MOST_ZOOM, zoom)) };
    this.moved();
  }

  resize(): void {
    this.present = { ...this.present, width: this.host.clientWidth, height: this.host.clientHeight };
    this.moved();
  }

  close(): void {
    this.ends.abort();
  }

  private hold(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.held = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.host.setPointerCapture(event.pointerId);
  }

  private drag(event: PointerEvent): void {
    if (this.held?.id !== event.pointerId) return;
    this.present = panned(this.present, this.held.x - event.clientX, this.held.y - event.clientY);
    this.held = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.moved();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const box = this.host.getBoundingClientRect();
    const by = (-event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1)) / WHEEL_PER_ZOOM;
    this.present = zoomed(this.present, by, event.clientX - box.left, event.clientY - box.top);
    this.moved();
  }
}
