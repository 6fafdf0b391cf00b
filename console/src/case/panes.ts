import type { Pane } from "../panes";
import type { Prefilled } from "./calls.svelte";
import { onAct } from "../line/line.svelte";
import { takeCall } from "./calls.svelte";
import "./case.css";

// Panes and command line know each other: only once both are there.
queueMicrotask(() =>
  onAct("open", (act) => {
    const { place = null, incident_type = "", priority = "" } = act as unknown as Prefilled;
    takeCall({ place, incident_type, priority });
  }),
);

/** Detail is at hand at once; the rest is loaded when it is first seen. */
export const panes: Pane[] = [
  { id: "detail", title: "console.case.pane.detail", zone: "foot", key: "F5", digit: 5, order: 20, load: () => import("./Case.svelte"), isPersonal: true },
  { id: "intake", title: "console.case.pane.intake", zone: "foot", key: "F7", digit: 7, order: 25, load: () => import("./Intake.svelte"), isPersonal: true },
  { id: "log", title: "console.case.pane.log", zone: "foot", key: "F6", digit: 6, order: 30, load: () => import("./Log.svelte"), isPoppable: true, isPersonal: true },
  { id: "messages", title: "console.case.pane.messages", zone: "foot", key: "F8", digit: 8, order: 35, load: () => import("./Messages.svelte"), isPoppable: true, isPersonal: true },
];
