/** Panes in windows of their own, on the same stream. What is selected in one is selected in all. */

import { desk } from "../live/desk.svelte";
import { away } from "../panes";

const CHECK_MS = 1_000;

/** Puts a pane into a window of its own; closing that brings it back. */
export function popOut(id: string): void {
  const opened = open(`/?pane=${encodeURIComponent(id)}`, `tocsin-${id}`, "popup,width=1000,height=800");
  if (!opened) return;
  away.set(id, opened);
  const timer = setInterval(() => {
    if (!opened.closed) return;
    clearInterval(timer);
    away.delete(id);
  }, CHECK_MS);
}

export function bringBack(id: string): void {
  away.get(id)?.close();
  away.delete(id);
}

interface Chosen {
  incident: string | null;
  unit: string | null;
}

/** Keeps what is selected the same in all windows. Call within a component. */
export function shareSelection(): void {
  // A window that has just opened chooses nothing for the others: it asks what is chosen.
  let heard = JSON.stringify({ incident: desk.selected, unit: desk.selectedUnit });
  const channel = new BroadcastChannel("tocsin-selected");
  channel.onmessage = ({ data }: MessageEvent<Chosen | null>) => {
    if (!data) return channel.postMessage({ incident: desk.selected, unit: desk.selectedUnit } satisfies Chosen);
    heard = JSON.stringify(data);
    desk.selected = data.incident;
    desk.selectedUnit = data.unit;
  };
  $effect(() => {
    const chosen: Chosen = { incident: desk.selected, unit: desk.selectedUnit };
    if (JSON.stringify(chosen) !== heard) channel.postMessage(chosen);
    heard = JSON.stringify(chosen);
  });
  channel.postMessage(null);
  $effect(() => () => channel.close());
}
