import { onAct } from "../line/line.svelte";
import type { Pane } from "../panes";
import { closeRoads } from "./pick.svelte";

// Panes and command line know each other: only once both are there.
queueMicrotask(() => onAct("close_road", ({ place = null, text = "" }) => closeRoads(place, text)));

/** Loaded when it is first seen: queue and command line do not wait for the map. */
export const panes: Pane[] = [
  {
    id: "map",
    title: "console.map.title",
    zone: "side",
    key: "F4",
    digit: 4,
    order: 10,
    load: () => import("./MapPane.svelte"),
    isPoppable: true,
  },
];
