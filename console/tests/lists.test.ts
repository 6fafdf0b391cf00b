import { expect, test } from "vitest";
import type { AlarmRow, IncidentRow, PlanRow, UnitRow } from "../src/generated/api";
import { hasMoved, held, nextSort, shown } from "../src/panes/grid";
import { inOrder, waiting } from "../src/panes/queue";
import { ageOf, board, whereabouts } from "../src/panes/units";
import recorded from "./situation.json";

const plan = recorded.plan as PlanRow;
const pattern = recorded.incidents[0] as unknown as IncidentRow;
const unit = recorded.units[0] as unknown as UnitRow;

const incident = (number: number, more: Partial<IncidentRow>): IncidentRow => ({ ...pattern, incident: `i${number}`, number, assignments: [], ...more });
const alarm = (about: string, more: Partial<AlarmRow> = {}): AlarmRow => ({
  alarm: about, kind: "nobody_sent", rank: 1, incident: about, unit: null, closure: null, since: 0, owner: "", shelved_until: null, ...more,
});

test("what needs somebody stands first: calls, alarms, nobody sent; then priority, then the oldest; held last", () => {
  const rows = waiting(
    [
      incident(1, { priority: "P1", assignments: pattern.assignments }),
      incident(2, { priority: "P3" }),
      incident(3, { priority: "P1", opened: 5 }),
      incident(4, { priority: "P1", opened: 4 }),
      incident(5, { priority: "P3", assignments: pattern.assignments }),
      incident(6, { is_held: true }),
      incident(7, { life: "closed" }),
    ],
    [{ call: "c1", arrived: 9, answered: null, channel: "voice" }],
    [alarm("i5")],
    plan,
    0,
  );
  expect(inOrder(rows, null).map((row) => row.id)).toEqual(["call:c1", "i5", "i4", "i3", "i2", "i1", "i6"]);
  expect(inOrder(rows, { by: "number", isUp: false }).map((row) => row.id).slice(0, 3)).toEqual(["i6", "i5", "i4"]);
});

test("an alarm that somebody has taken or put aside moves no row up", () => {
  const of = (more: Partial<AlarmRow>) => waiting([incident(1, {})], [], [alarm("i1", more)], plan, 100)[0]!;
  expect(of({}).group).toBeLessThan(of({ owner: "d1" }).group);
  expect(of({ shelved_until: 200 }).alarm).toBeNull();
  expect(of({ shelved_until: 50 }).alarm).not.toBeNull();
});

test("the row in use keeps its place on the screen, whatever comes above it or goes", () => {
  for (const [index, y] of [[53, 90], [0, 90], [3, 0]] as const) {
    const standing = held(index, y, 30);
    expect(standing.lead + index * 30 - standing.scroll).toBe(y);
    expect(standing.scroll).toBeGreaterThanOrEqual(0);
  }
});

test("others coming and going are told from a row that goes itself", () => {
  expect(hasMoved(["a", "b", "c"], ["x", "a", "y", "b", "c"], "b")).toBe(false);
  expect(hasMoved(["a", "b", "c"], ["b", "c"], "b")).toBe(false);
  expect(hasMoved(["a", "b", "c"], ["a", "c", "b"], "b")).toBe(true);
  expect(hasMoved(["a", "b"], ["a"], "b")).toBe(true);
});

test("of two thousand rows some fifty are drawn", () => {
  const [first, last] = shown({ scroll: 30_000, lead: 0 }, 900, 30, 2_000);
  expect(first).toBeLessThan(1_000);
  expect(last).toBeGreaterThan(1_030);
  expect(last - first).toBeLessThan(60);
  expect(shown({ scroll: 0, lead: 0 }, 900, 30, 3)).toEqual([0, 3]);
});

test("a heading sorts up, then down, then as the house does", () => {
  const up = nextSort(null, "since");
  const down = nextSort(up, "since");
  expect([up, down, nextSort(down, "since"), nextSort(down, "units")]).toEqual([
    { by: "since", isUp: true }, { by: "since", isUp: false }, null, { by: "units", isUp: true },
  ]);
});

test("the board groups by status and by station, and counts E2 before E10", () => {
  const units = ["E10", "E2", "M1"].map((name) => ({ ...unit, unit: name, station: name === "M1" ? null : "S1" }));
  const ask = {
    units, incident: undefined, fixOf: () => undefined, stationOf: () => undefined, phaseName: (phase: string) => phase, noStation: "none",
  };
  expect(board({ ...ask, by: "status" }).map((row) => row.heading ?? row.id)).toEqual(["en_route (3)", "E2", "E10", "M1"]);
  expect(board({ ...ask, by: "station" }).map((row) => row.heading ?? row.id)).toEqual(["S1 (2)", "E2", "E10", "none (1)", "M1"]);
});

test("by distance the nearest comes first and those without a place last", () => {
  const units = [{ ...unit, unit: "A", place: null }, { ...unit, unit: "B" }, { ...unit, unit: "C" }] as UnitRow[];
  const rows = board({
    units, by: "distance", incident: { ...pattern, place: { at: [-71.3, -29.9] } },
    fixOf: (name) => (name === "C" ? ["C", -71.3, -29.9001, unit.place_at + 1] : name === "B" ? ["B", -71.3, -29.95, unit.place_at + 1] : undefined),
    stationOf: () => undefined, phaseName: (phase) => phase, noStation: "",
  });
  expect(rows.map((row) => row.id)).toEqual(["C", "B", "A"]);
});

test("the later of fix and report is where a unit is; ages have three steps", () => {
  expect(whereabouts(unit, ["E1", 1, 2, unit.place_at - 1])).toMatchObject({ isFix: false });
  expect(whereabouts(unit, ["E1", 1, 2, unit.place_at + 1])).toMatchObject({ lon: 1, isFix: true });
  expect([ageOf(60_000), ageOf(60_001), ageOf(600_001)]).toEqual(["fresh", "late", "stale"]);
});
