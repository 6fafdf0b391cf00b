import "./browser";
import { expect, test } from "vitest";
import type { MessageRow, UnitRow } from "../src/generated/api";
import { letGo, revealed, standing, type Hold } from "../src/panes/grid";
import { unreadFor } from "../src/panes/messages.svelte";
import { todoOf } from "../src/panes/todo";
import { board, crewsOut, isFree } from "../src/panes/units";
import recorded from "./situation.json";

const pattern = recorded.units[0] as unknown as UnitRow;
const unit = (name: string, more: Partial<UnitRow>): UnitRow => ({ ...pattern, unit: name, crew: name, incident: null, phase: "at_station", ...more });
const hold: Hold = { was: { scroll: 100, lead: 0 }, row: { index: 7, y: 60 }, isUsed: true, isMover: false, room: 300, rowHeight: 30, count: 40 };

test("a list that fits stands at its top, whoever is in it", () => {
  for (const isUsed of [true, false]) {
    expect(standing({ ...hold, count: 10, isUsed })).toEqual({ scroll: 0, lead: 0 });
    expect(standing({ ...hold, count: 10, isUsed, was: { scroll: 0, lead: 90 } })).toEqual({ scroll: 0, lead: 0 });
  }
});

test("a row keeps its place only under somebody's hands", () => {
  const held = standing(hold);
  expect(held.lead + 7 * 30 - held.scroll).toBe(60);
  expect(standing({ ...hold, isUsed: false })).toEqual({ scroll: 100, lead: 0 });
  expect(standing({ ...hold, isUsed: false, was: { scroll: 0, lead: 60 } })).toEqual({ scroll: 0, lead: 0 });
  expect(standing({ ...hold, isUsed: false, was: { scroll: 5_000, lead: 0 } })).toEqual({ scroll: 900, lead: 0 });
});

test("a row that goes itself takes its new place, never behind the end", () => {
  expect(standing({ ...hold, isMover: true, row: { index: 0, y: 60 } })).toEqual({ scroll: 0, lead: 0 });
  expect(standing({ ...hold, isMover: true, row: { index: 39, y: 0 } })).toEqual({ scroll: 900, lead: 0 });
});

test("what holding has shifted is given back when nobody is there", () => {
  expect(letGo({ scroll: 210, lead: 0 }, 210, 300, 30, 40)).toEqual({ scroll: 0, lead: 0 });
  expect(letGo({ scroll: 310, lead: 0 }, 210, 300, 30, 40)).toEqual({ scroll: 100, lead: 0 });
  expect(letGo({ scroll: 0, lead: 90 }, -90, 300, 30, 40)).toEqual({ scroll: 0, lead: 0 });
});

test("a row chosen elsewhere comes into view; one in view moves nothing", () => {
  const was = { scroll: 0, lead: 0 };
  expect(revealed(was, 3, 300, 30, 40)).toBe(was);
  const far = revealed(was, 30, 300, 30, 40);
  expect(30 * 30 - far.scroll).toBeGreaterThanOrEqual(0);
  expect(30 * 30 - far.scroll + 30).toBeLessThanOrEqual(300);
  expect(revealed(was, 39, 300, 30, 40)).toEqual({ scroll: 900, lead: 0 });
  expect(revealed({ scroll: 900, lead: 0 }, 0, 300, 30, 40)).toEqual({ scroll: 0, lead: 0 });
});

test("a unit whose crew is out with another is not free, and stands by itself", () => {
  const units = [
    unit("E1", { crew: "c1" }), unit("W31", { crew: "c1", incident: "i1", phase: "en_route" }),
    unit("M1", { crew: "" }), unit("M2", { crew: "", incident: "i1", phase: "on_scene" }), unit("M3", { crew: "c3" }),
  ];
  const out = crewsOut(units);
  expect([...out]).toEqual([["E1", "W31"]]);
  expect(units.filter((one) => isFree(one, out)).map((one) => one.unit)).toEqual(["M1", "M3"]);
  const rows = board({
    units, by: "status", incident: undefined, fixOf: () => undefined, stationOf: () => undefined, phaseName: (phase) => phase, noStation: "", crewOut: "out",
  });
  expect(rows.map((row) => row.heading ?? row.id)).toEqual(["at_station (2)", "M1", "M3", "out (1)", "E1", "en_route (1)", "W31", "on_scene (1)", "M2"]);
});

test("unread is what others sent to this seat, to all or to the log, and it has not read", () => {
  const message = (id: string, more: Partial<MessageRow>): MessageRow => ({ message: id, at: 0, sender: "ben", to: ["ana"], incident: null, read_by: [], ...more });
  const rows = [
    message("1", {}), message("2", { read_by: ["ana"] }), message("3", { to: ["all"] }), message("4", { sender: "ana", to: ["all"] }), message("5", { to: ["unit:E1"] }),
  ];
  expect(unreadFor(rows, "ana").map((row) => row.message)).toEqual(["1", "3"]);
});

test("a call without an incident is taken up, not taken again", () => {
  expect(["call_unattached", "place_changed", "slot_empty"].map(todoOf)).toEqual(["intake", "call", "send"]);
});
