/** What a line asks of the frame itself. Panes bring their own: the intake `open`, the detail `pick_place`, the map `close_road`. */

import { desk } from "../live/desk.svelte";
import type { LineAct } from "../live/wire";
import { show } from "../panes";
import { typedName } from "../panes/queue";
import { search } from "../panes/search.svelte";
import { line, onAct } from "./line.svelte";

function select(act: LineAct): void {
  line.isHelp = false;
  if (act.incident) desk.selected = act.incident;
  if (act.unit) desk.selectedUnit = act.unit;
  show(act.incident ? "detail" : "units", { focus: false });
}

/** A call on the radio that changes no status: its unit comes into view, and its record stands ready for Enter. */
function radio(act: LineAct): void {
  if (!act.unit) return;
  desk.selectedUnit = act.unit;
  show("units", { focus: false });
  const incident = desk.incidents.get(desk.units.get(act.unit)?.incident);
  line.put(incident ? `note ${typedName(incident)} ; ${act.unit}: ${act.text ?? ""}` : `msg log ; ${act.unit}: ${act.text ?? ""}`);
}

function find(act: LineAct): void {
  search.set(act.text ?? "", act.incidents ?? []);
  const only = act.incidents?.length === 1 ? act.incidents[0] : undefined;
  if (only) desk.selected = only;
  show("queue", { focus: false });
}

onAct("select", select);
onAct("radio", radio);
onAct("search", find);
onAct("help", (act) => line.help(act.verb ?? ""));
onAct("undo", () => void line.undo());
