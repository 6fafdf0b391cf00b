/** What an alarm's button does: every alarm has an act, else it would be none. */

import { takeUp } from "../case/calls.svelte";
import type { AlarmRow } from "../generated/api";
import { line } from "../line/line.svelte";
import { desk } from "../live/desk.svelte";
import { show } from "../panes";
import { typedName } from "./queue";

/** Whom an alarm of this kind is about, and so what is to be done. */
export type Todo = "send" | "call" | "closure" | "intake";

const OF: Readonly<Record<string, Todo>> = { nobody_sent: "send", slot_empty: "send", closure_ends: "closure", call_unattached: "intake" };

export function todoOf(kind: string): Todo {
  return OF[kind] ?? "call";
}

/** Does it, or brings its person to the key before: the recommendation, the unit with a message to it, the closure on the map, the call's intake. */
export function doIt(alarm: AlarmRow): void {
  const todo = todoOf(alarm.kind);
  if (alarm.incident) desk.selected = alarm.incident;
  if (alarm.unit) desk.selectedUnit = alarm.unit;
  if (todo === "intake" && alarm.call) takeUp(alarm.call);
  else if (todo === "send" && alarm.incident) {
    show("detail", { focus: false });
    const incident = desk.incidents.get(alarm.incident);
    line.put(`d ${incident ? typedName(incident) : alarm.incident} !`);
  } else if (todo === "closure" && alarm.closure) void import("../map/pick").then(({ showClosure }) => showClosure(alarm.closure!));
  else if (alarm.unit) {
    show("units", { focus: false });
    const incident = desk.incidents.get(alarm.incident);
    line.put(`msg ${alarm.unit}${incident ? ` #${typedName(incident)}` : ""} ; `);
  } else show(alarm.incident ? "detail" : "queue");
}
