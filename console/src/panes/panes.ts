import type { Pane } from "../panes";
import Alarms from "./Alarms.svelte";
import Queue from "./Queue.svelte";
import Units from "./Units.svelte";

export const panes: Pane[] = [
  { id: "queue", title: "console.queue.title", zone: "queue", key: "F2", digit: 2, component: Queue, isPoppable: true },
  { id: "units", title: "console.units.title", zone: "units", key: "F3", digit: 3, component: Units, isPoppable: true },
  { id: "alarms", title: "console.alarm.title", zone: "foot", digit: 9, order: 90, component: Alarms },
];
