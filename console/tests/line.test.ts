import "./browser";
import { afterEach, expect, test, vi } from "vitest";
import type { IncidentRow } from "../src/generated/api";
import { fitting, labelOf } from "../src/line/candidates";
import { acts, ask, askAgain, undo } from "../src/live/ask";
import { desk } from "../src/live/desk.svelte";
import type { SituationTold } from "../src/live/wire";
import { waiting } from "../src/panes/queue";
import { fits } from "../src/panes/search.svelte";
import recorded from "./situation.json";

test("what would be typed stands once, and beside it what that is", () => {
  expect(labelOf({ text: "E31", label: "E31  engine, Station 3, available" })).toBe("engine, Station 3, available");
  expect(labelOf({ text: "#42", label: "#42 red cardiac, 12 High St" })).toBe("red cardiac, 12 High St");
  expect(labelOf({ text: "=42", label: "42  engine" })).toBe("engine");
  expect(labelOf({ text: '"Engine 1"', label: "Engine 1  engine" })).toBe("engine");
  expect(labelOf({ text: "all", label: "all" })).toBe("");
});

test("a label that only begins alike stays whole", () => {
  expect(labelOf({ text: "E1", label: "E10 engine" })).toBe("E10 engine");
  expect(labelOf({ text: "#20261123-0042", label: "#42 red cardiac" })).toBe("#42 red cardiac");
});

test("chips stand in one row, and room is kept for what says that there are more", () => {
  expect(fitting([100, 200, 300], 300, 50)).toBe(3);
  expect(fitting([100, 200, 300], 299, 50)).toBe(2);
  expect(fitting([100, 200, 300], 249, 50)).toBe(1);
  expect(fitting([400, 800], 300, 50)).toBe(1);
  expect(fitting([], 300, 50)).toBe(0);
});

const incident = (number: number, more: Partial<IncidentRow> = {}): IncidentRow =>
  ({ incident: `i-${number}`, number, life: "open", incident_type: "FIRE", place: { text: "Avenida Pacífico 12" }, assignments: [], ...more }) as unknown as IncidentRow;

test("a search goes by number, type and street, whatever the accents", () => {
  expect(fits(incident(7), "Structure fire", "pacifico", new Set())).toBe(true);
  expect(fits(incident(7), "Structure fire", "structure", new Set())).toBe(true);
  expect(fits(incident(7), "Structure fire", "#7", new Set())).toBe(true);
  expect(fits(incident(17), "Structure fire", "7", new Set())).toBe(false);
  expect(fits(incident(7), "Structure fire", "medical", new Set())).toBe(false);
});

test("what the desk found stands in the queue even when it has ended; other ended ones do not", () => {
  const rows = [incident(1), incident(2, { life: "closed" }), incident(3, { life: "closed" })];
  const meant = (one: IncidentRow) => fits(one, "", "pacifico", new Set(["i-2"]));
  expect(waiting(rows, [], [], null, 0, meant).map((row) => row.id)).toEqual(["i-1", "i-2"]);
  expect(waiting(rows, [], [], null, 0).map((row) => row.id)).toEqual(["i-1"]);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("taking back reads what the server says: what is undone, and each answer", async () => {
  desk.load(structuredClone(recorded) as unknown as SituationTold);
  const answers = [{ cmd: "a", pos: 7, events: [{ type: "StatusUndone" }], refusal: null }];
  const told = { cmd: "k", pos: 7, events: [{ type: "StatusUndone" }], refusal: null, undone: "c", answers };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(told), { status: 200 })));
  acts.clear();
  const outcome = await undo();
  expect(outcome).toEqual({ is: "got", answer: told });
  expect([...acts.values()][0]).toMatchObject({ state: "done", pos: 7 });
});

test("whoever does not want to wait asks again at once, by the same key", async () => {
  vi.useFakeTimers();
  desk.load(structuredClone(recorded) as unknown as SituationTold);
  acts.clear();
  const keys: string[] = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    keys.push((JSON.parse(String(init.body)) as { id: string }).id);
    return keys.length < 3
      ? Promise.reject(new TypeError("network"))
      : Promise.resolve(new Response(JSON.stringify({ cmd: "x", pos: 1, events: [], refusal: null }), { status: 200 }));
  });
  const outcome = ask({ type: "AcknowledgeAlarm", alarm: "a" });
  await vi.advanceTimersByTimeAsync(0);
  const id = [...acts.keys()][0]!;
  for (let tries = 0; tries < 2; tries += 1) {
    askAgain(id);
    await vi.advanceTimersByTimeAsync(0);
  }
  expect((await outcome).is).toBe("got");
  expect(new Set(keys).size).toBe(1);
});
