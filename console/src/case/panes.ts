import { onAct } from "../line/line.svelte";
import { desk } from "../live/desk.svelte";
import type { LineAct } from "../live/wire";
import { show, type Pane } from "../panes";
import { takeCall } from "./calls.svelte";
import { wishes } from "./wishes.svelte";
import "./case.css";

function open({ place = null, text = "", incident_type = "", priority = "" }: LineAct): void {
  takeCall({ place, text, incident_type, priority });
}

/** The place is not known yet: its editor opens with what was typed, and the gazetteer is asked. */
function pickPlace({ incident, text = "" }: LineAct): void {
  if (!incident) return;
  desk.selected = incident;
  wishes.place = { incident, text };
  show("detail", { focus: false });
}

function showAdvice({ incident }: LineAct): void {
  if (incident) desk.selected = incident;
  show("detail", { focus: false });
  wishes.advice += 1;
}

// Panes and command line know each other: only once both are there.
queueMicrotask(() => {
  onAct("open", open);
  onAct("pick_place", pickPlace);
  onAct("show", showAdvice);
});

/** Detail is at hand at once; the rest is loaded when it is first seen. */
export const panes: Pane[] = [
  { id: "detail", title: "console.case.pane.detail", zone: "foot", key: "F5", digit: 5, order: 20, load: () => import("./Case.svelte"), isPersonal: true },
  { id: "intake", title: "console.case.pane.intake", zone: "foot", key: "F7", digit: 7, order: 25, load: () => import("./Intake.svelte"), isPersonal: true },
  { id: "log", title: "console.case.pane.log", zone: "foot", key: "F6", digit: 6, order: 30, load: () => import("./Log.svelte"), isPoppable: true, isPersonal: true },
  { id: "messages", title: "console.case.pane.messages", zone: "foot", key: "F8", digit: 8, order: 35, load: () => import("./Messages.svelte"), isPoppable: true, isPersonal: true },
];
