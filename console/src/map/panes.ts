import type { Pane } from "../panes";

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
