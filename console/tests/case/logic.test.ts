import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as advice from "../../src/case/advice";
import { reportOf, stepsFrom } from "../../src/case/buttons";
import { beginEdit, commandFor, judge, placeKey, seen } from "../../src/case/conflict";
import { Latest } from "../../src/case/latest";
import { EVERYTHING, isAtEnd, passing, valuesOf, visible } from "../../src/case/logs";
import { keepMarked, move } from "../../src/case/places";
import { isFor, recipients } from "../../src/case/recipients";
import type { Candidate, Found, IncidentRow, LogRow, Pick } from "../../src/case/shapes";
import { age, clock, dayAndClock, difference, distance, doubt, elapsed, interval, isLateEntry, span } from "../../src/case/told";
import { byDiscipline, fitting } from "../../src/case/types";
import { undoable } from "../../src/case/undo";
import { LIFE, UNDO_WITHIN_MS } from "../../src/generated/life";

const row = (changes: Partial<IncidentRow> = {}): IncidentRow => ({
  incident: "20261123-0042", number: 42, version: 3, incident_type: "FIRE", is_type_known: true, priority: "P2",
  place: { at: [-71.3, -29.9], text: "Aldunate 812" }, opened: 0, life: "open", status: "Active", alarm_level: 1, is_held: false,
  calls: [], assignments: [], marks: {}, advice: null, notes: 0, changed_at: 9, changed_by: "K2", ...changes,
});

const logRow = (changes: Partial<LogRow>): LogRow => ({
  pos: 1, at: 0, recorded: 0, actor: "D2", what: "UnitStatusChanged", stream: "unit:E1", incident: null, unit: "E1", values: {}, ...changes,
});

describe("spans and distances", () => {
  it("tells an arrival in minutes and seconds, and never a negative one", () => {
    expect([span(250_000), span(0), span(-5_000), span(3_723_000), span(59_600)]).toEqual(["4:10", "0:00", "0:00", "1:02:03", "1:00"]);
  });
  it("counts whole seconds that have passed", () => {
    expect([elapsed(41_999), elapsed(1_503_000), age(90_000_000)]).toEqual(["00:41", "25:03", "1 d"]);
  });
  it("makes up no interval", () => {
    expect(interval(220_000, 305_000)).toBe("3:40–5:05");
    expect([interval(null, 305_000), interval(220_000, undefined)]).toEqual(["", ""]);
  });
  it("shows on which side a difference lies", () => {
    expect([difference(65_000), difference(-20_000)]).toEqual(["+1:05", "−0:20"]);
  });
  it("rounds doubt up and tells unknown from none", () => {
    expect([doubt(24.2), doubt(0), doubt(null), distance(638), distance(2_420), distance(31_400)]).toEqual(["±25 m", "±0 m", "", "640 m", "2.4 km", "31 km"]);
  });
  it("shows the centre's wall clock, whatever the browser's zone", () => {
    const at = Date.UTC(2026, 10, 23, 3, 4, 5);
    expect(clock(at, "America/Santiago")).toBe("00:04:05");
    expect(dayAndClock(at, "Europe/Paris")).toBe("2026-11-23 04:04:05");
    expect(clock(at, "Nowhere/Land")).toBe("03:04:05");
  });
  it("marks what was typed in afterwards", () => {
    expect([isLateEntry(0, 9_999), isLateEntry(0, 10_000)]).toEqual([false, true]);
  });
});

describe("buttons of a unit", () => {
  it("are the life table and nothing else, for every phase", () => {
    for (const phase of Object.keys(LIFE.next) as (keyof typeof LIFE.next)[]) {
      const steps = stepsFrom(phase, LIFE).map((one) => one.phase);
      expect(new Set(steps)).toEqual(new Set(LIFE.next[phase].filter((one) => one !== "dispatched")));
      expect(new Set(steps).size).toBe(steps.length);
    }
  });
  it("go on before they end", () => {
    const steps = stepsFrom("dispatched", LIFE);
    expect(steps[0]).toEqual({ phase: "acknowledged", isEnd: false });
    expect(steps.findIndex((one) => one.isEnd)).toBeGreaterThan(steps.findLastIndex((one) => !one.isEnd));
  });
  it("report the status as the server states it", () => {
    expect(reportOf("E1", "i", "on_scene", LIFE)).toEqual({ type: "ReportUnitStatus", unit: "E1", status: LIFE.status.on_scene, incident: "i" });
  });
  it("of a phase that this page does not know are none", () => expect(stepsFrom("flying", LIFE)).toEqual([]));
});

describe("editing while others edit", () => {
  it("is fresh while nothing has moved", () => {
    expect(judge(beginEdit(row(), "priority"), row())).toEqual({ is: "fresh", expected: 3 });
  });
  it("is merged when another field was changed, against the new version", () => {
    expect(judge(beginEdit(row(), "priority"), row({ version: 4, incident_type: "RTC" }))).toEqual({ is: "merged", expected: 4, by: "K2", at: 9 });
  });
  it("is a conflict on the same field, and says whose", () => {
    const edit = beginEdit(row(), "priority");
    const now = row({ version: 4, priority: "P1" });
    expect(judge(edit, now)).toEqual({ is: "conflict", expected: 4, theirs: "P1", by: "K2", at: 9 });
    expect(judge(seen(edit, now), now).is).toBe("fresh");
    expect(judge(seen(edit, now), row({ version: 5, priority: "P3" })).is).toBe("conflict");
  });
  it("compares places by point, text and doubt", () => {
    expect(placeKey({ at: [1, 2], text: "a" })).toBe(placeKey({ at: [1, 2], text: "a", uncertainty_m: null }));
    expect(judge(beginEdit(row(), "place"), row({ version: 4, place: { at: [-71.3, -29.8], text: "Aldunate 812" } })).is).toBe("conflict");
  });
  it("changes one field only", () => {
    expect(commandFor("priority", "i", "P1")).toEqual({ type: "ReclassifyIncident", incident: "i", priority: "P1" });
    expect(commandFor("place", "i", { text: "x" })).toEqual({ type: "RelocateIncident", incident: "i", place: { text: "x" } });
  });
});

describe("undoing", () => {
  const act = (recorded: number, changes: Partial<LogRow> = {}) => logRow({ recorded, at: recorded, ...changes });
  it("offers the seat's latest act for a minute", () => {
    const log = [act(1_000), act(2_000, { unit: "M3" }), act(3_000, { actor: "K2" })];
    expect(undoable(log, "D2", 10_000, UNDO_WITHIN_MS)).toMatchObject({ row: { unit: "M3" }, left_ms: 52_000 });
    expect(undoable(log, "D2", 2_000 + UNDO_WITHIN_MS, UNDO_WITHIN_MS)).toBeNull();
    expect(undoable(log, "D9", 10_000, UNDO_WITHIN_MS)).toBeNull();
  });
  it("counts from when it was recorded, not from a back-dated time", () => {
    expect(undoable([logRow({ at: -500_000, recorded: 1_000 })], "D2", 2_000, UNDO_WITHIN_MS)).not.toBeNull();
  });
  it("goes on to the one before when the last was taken back", () => {
    const log = [act(1_000, { unit: "A" }), act(2_000, { unit: "B" }), act(3_000, { what: "StatusUndone" })];
    expect(undoable(log, "D2", 4_000, UNDO_WITHIN_MS)?.row.unit).toBe("A");
  });
});

describe("recommendation", () => {
  const picks: Pick[] = [{ slot: "ambulance", unit: "M3", eta_ms: 1 }, { slot: "officer", unit: "M3", eta_ms: 1 }, { slot: "engine", unit: "E1", eta_ms: 2 }];
  it("sends a unit that fills two slots once", () => expect(advice.unitsOf(picks)).toEqual(["M3", "E1"]));
  it("has a line for every slot, the empty ones with their reason", () => {
    const lines = advice.bySlot(picks, [{ slot: "ladder", why: "NOBODY_FREE", is_required: false }], [{ name: "ladder", needs: ["ladder"], is_required: false }, { name: "engine", needs: ["pump", "hose"], count: 2 }]);
    expect(lines.map((one) => one.slot)).toEqual(["ladder", "engine", "ambulance", "officer"]);
    expect(lines[0]).toMatchObject({ isRequired: false, shortfall: { why: "NOBODY_FREE" } });
    expect(lines[1]).toMatchObject({ needs: "pump + hose", asked: 2 });
  });
  it("keeps what a person ticked when a newer one comes, and quotes the one that was seen", () => {
    const ticked = advice.toggle(null, picks, "old", "E1");
    expect(advice.chosen(ticked, [{ slot: "x", unit: "Z", eta_ms: 1 }])).toEqual(["M3"]);
    expect(advice.isOvertaken(ticked, "new")).toBe(true);
    expect(advice.quoted(ticked, "new")).toBe("old");
    expect(advice.quoted(null, "new")).toBe("new");
    expect(advice.chosen(advice.toggle(ticked, picks, "new", "E1"), [])).toEqual(["M3", "E1"]);
  });
  it("asks a reason for units that are not free, but not for its own diverts", () => {
    const candidates: Candidate[] = [{ unit: "M3", standing: "divertible" }, { unit: "B1", standing: "busy" }, { unit: "R1", standing: "returning" }];
    expect(advice.needReason(["M3", "B1", "R1", "?"], picks, candidates)).toEqual(["B1"]);
  });
  it("dispatches quoting the receipt, and nobody never", () => {
    expect(advice.dispatchOf("i", ["E1"], "h", " ")).toEqual({ type: "DispatchUnits", incident: "i", units: ["E1"], receipt: "h" });
    expect(advice.dispatchOf("i", ["E1"], "h", " why ")).toMatchObject({ override: "why" });
    expect(advice.dispatchOf("i", [], "h", "")).toBeNull();
  });
  it("ranks chosen, then by time, then unreachable", () => {
    const all: Candidate[] = [{ unit: "c", standing: "free" }, { unit: "b", standing: "free", eta_ms: 5 }, { unit: "a", standing: "free", eta_ms: 9, chosen_for: ["x"] }];
    expect(advice.ranked(all).map((one) => one.unit)).toEqual(["a", "b", "c"]);
    expect(advice.windowed([1, 2, 3], 2)).toEqual({ rows: [1, 2], more: 1 });
  });
  it("names incidents as they are said", () => {
    expect([advice.numberOf("20261123-0042"), advice.numberOf("SF-17")]).toEqual([42, null]);
  });
});

describe("type-ahead", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  it("asks once the typing pauses and uses only the answer to the last question", async () => {
    const used: string[] = [];
    const waiting = new Map<string, (answer: string) => void>();
    const latest = new Latest<string>((text) => new Promise((done) => waiting.set(text, done)), (answer) => used.push(answer), () => {}, 100);
    latest.ask("a");
    latest.ask("al");
    await vi.advanceTimersByTimeAsync(100);
    latest.ask("ald");
    await vi.advanceTimersByTimeAsync(100);
    expect([...waiting.keys()]).toEqual(["al", "ald"]);
    waiting.get("ald")!("second");
    waiting.get("al")!("first");
    await vi.advanceTimersByTimeAsync(0);
    expect(used).toEqual(["second"]);
  });
  it("keeps the mark on the same place when a newer answer comes", () => {
    const place = (text: string): Found => ({ text, kind: "street", lon: 1, lat: 2, uncertainty_m: 3, score: 1, source: "osm" });
    expect(keepMarked([place("a"), place("b")], 1, [place("x"), place("y"), place("b")])).toBe(2);
    expect(keepMarked([place("a")], 0, [place("x")])).toBe(-1);
    expect([move(-1, 1, 3), move(2, 1, 3), move(0, -1, 3), move(-1, -1, 0)]).toEqual([0, 0, 2, -1]);
  });
  it("finds types by code, word and without accents", () => {
    const types = [{ code: "CARD", name: "Paro cardíaco", discipline: "m" }, { code: "FALL", name: "Caída", discipline: "m" }, { code: "CA", name: "Auto", discipline: "r" }];
    expect(fitting(types, "ca").map((one) => one.code)).toEqual(["CA", "CARD", "FALL"]);
    expect(fitting(types, "cardiaco").map((one) => one.code)).toEqual(["CARD"]);
    expect(fitting(types, "zz")).toEqual([]);
    expect(byDiscipline(fitting(types, "")).map((one) => [one.discipline, one.types.length])).toEqual([["m", 2], ["r", 1]]);
  });
});

describe("log and messages", () => {
  const log = [logRow({ pos: 1, incident: "i" }), logRow({ pos: 2, actor: "K2", what: "UnitsDispatched", unit: null, values: { units: "E1, M3" } })];
  it("filters by incident, unit, seat and kind", () => {
    expect(passing(log, { ...EVERYTHING, unit: "M3" }).map((one) => one.pos)).toEqual([2]);
    expect(passing(log, { ...EVERYTHING, seat: "D2", incident: "i" }).map((one) => one.pos)).toEqual([1]);
    expect(passing(log, { ...EVERYTHING, what: "UnitsDispatched", seat: "D2" })).toEqual([]);
  });
  it("never leaves a value of a sentence open", () => {
    const values = valuesOf(log[1]!, (_, value) => value);
    expect(values["units"]).toBe("E1, M3");
    expect(Object.values(values).every((one) => typeof one === "string")).toBe(true);
    expect(values["disposition"]).toBe("");
  });
  it("draws only a window, and follows only from the end", () => {
    expect(visible(2_000, 2_600, 260, 26)).toEqual({ from: 92, to: 118 });
    expect([isAtEnd(740, 260, 1_000, 26), isAtEnd(300, 260, 1_000, 26)]).toEqual([true, false]);
  });
  it("guesses no recipient", () => {
    const read = recipients("d2, E1 ALL nobody unit:m3", new Set(["E1", "M3"]), new Set(["D2"]));
    expect(read).toEqual({ to: ["D2", "unit:E1", "all", "unit:M3"], unknown: ["nobody"] });
    expect([isFor(["all"], "K2", "D2"), isFor(["all"], "D2", "D2"), isFor(["unit:E1"], "K2", "D2")]).toEqual([true, false, false]);
  });
});
