/**
 * Panes by zone. A folder that has panes exports them as `panes: Pane[]` from its `panes.ts` (`src/map/panes.ts`, `src/case/panes.ts`,
 * `src/panes/panes.ts`): nothing else needs to know of it.
 */

import type { Component } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import type { PlainKey } from "./generated/words";

/** The four fixed zones below the command line. `side` and `foot` share one place on a small monitor. */
export type Zone = "queue" | "units" | "side" | "foot";

export interface Pane {
  /** Also what `?pane=` in an address and `open` of the command line call it. */
  id: string;
  title: PlainKey;
  zone: Zone;
  /** Function key that brings it up … */
  key?: "F2" | "F3" | "F4" | "F5" | "F6" | "F7" | "F8";
  /** … and Alt with this digit, where a browser keeps the function key for itself. */
  digit?: number;
  /** Order of the tabs; small first. */
  order?: number;
  /** Either the component … */
  component?: Component;
  /** … or how to load it when it is first seen. */
  load?: () => Promise<{ default: Component }>;
  /** Whether it may be shown in a window of its own (`?pane=…`). */
  isPoppable?: boolean;
  /** Whether it shows or takes personal data: never on a wall display. */
  isPersonal?: boolean;
}

const found = import.meta.glob<{ panes: Pane[] }>("./*/panes.ts", { eager: true });

export const PANES: readonly Pane[] = Object.values(found)
  .flatMap((folder) => folder.panes)
  .sort((one, other) => (one.order ?? 50) - (other.order ?? 50));

/** Zone → id of the pane that is in front there. */
const front = new SvelteMap<string, string>();
/** Panes that stand in a window of their own. */
export const away = new SvelteMap<string, Window>();

export function paneOf(id: string): Pane | undefined {
  return PANES.find((pane) => pane.id === id);
}

export function panesIn(...zones: Zone[]): Pane[] {
  return PANES.filter((pane) => zones.includes(pane.zone));
}

/** The pane in front of a place that one or more zones share. */
export function inFront(...zones: Zone[]): Pane | undefined {
  const there = panesIn(...zones);
  const wanted = front.get(zones.join("+"));
  return there.find((pane) => pane.id === wanted) ?? there[0];
}

/** Brings a pane to the front and, unless told otherwise, the keyboard into it. */
export function show(id: string, options: { focus?: boolean } = {}): void {
  const pane = paneOf(id);
  if (!pane) return;
  front.set(pane.zone, id);
  if (pane.zone === "side" || pane.zone === "foot") front.set("side+foot", id);
  if (options.focus === false) return;
  // At once where it stands there already, so that the next key goes to it.
  if (document.querySelector<HTMLElement>(`[data-pane="${CSS.escape(id)}"]`)?.hidden === false) focusInto(id);
  const before = document.activeElement;
  // The tab's content may only be drawn after this; whoever has gone elsewhere meanwhile is left there.
  const isThere = () => [before, document.body].includes(document.activeElement) || document.activeElement?.closest(`[data-pane="${CSS.escape(id)}"]`);
  requestAnimationFrame(() => requestAnimationFrame(() => isThere() && focusInto(id)));
}

/** Whether the keyboard is in a pane, or nowhere. */
export function isKeyboardIn(id: string): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || activeElement.closest(`[data-pane="${CSS.escape(id)}"]`) !== null;
}

/** The part of a pane that wants the keyboard marks itself with `data-first`; else its first control; else the pane itself. */
export function focusInto(id: string): void {
  const place = document.querySelector<HTMLElement>(`[data-pane="${CSS.escape(id)}"]`);
  const others = "[role=grid], input, select, textarea, button, [tabindex='0']";
  const first = place?.querySelector<HTMLElement>("[data-first]") ?? place?.querySelector<HTMLElement>(others);
  (first ?? place)?.focus();
  // A page that scrolls, on a small screen: all of the zone, not just what took the keyboard.
  place?.closest(".zone")?.scrollIntoView({ block: "nearest" });
}
