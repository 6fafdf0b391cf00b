import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Change, Fix, IncidentRow } from "../src/generated/api";
import { desk } from "../src/live/desk.svelte";
import type { SituationTold } from "../src/live/wire";
import recorded from "./situation.json";

const situation = recorded as unknown as SituationTold;
const incident = situation.incidents[0] as IncidentRow;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date", "setTimeout"] });
  desk.load(structuredClone(situation));
});
afterEach(() => void vi.useRealTimers());

test("a change replaces whole rows, and one that is behind us changes nothing", () => {
  desk.take({ pos: 12, at: 0, incidents: [{ ...incident, priority: "P1" }] });
  expect(desk.incidents.get(incident.incident)?.priority).toBe("P1");
  desk.take({ pos: 11, at: 0, incidents: [incident] });
  expect(desk.incidents.get(incident.incident)?.priority).toBe("P1");
  expect(desk.pos).toBe(12);
});

test("a change that was joined over our position doubles no log row", () => {
  const row = situation.log[0]!;
  desk.take({ pos: 13, at: 0, log: [row, { ...row, pos: 13 }] } as Change);
  expect(desk.log.map((one) => one.pos)).toEqual([10, 13]);
});

test("what is gone is gone, position included", () => {
  desk.take({ pos: 11, at: 0, gone: { units: ["E1"] } });
  expect(desk.units.has("E1")).toBe(false);
  expect(desk.fixes.has("E1")).toBe(false);
});

test("time runs from the server's and by our steady clock, whatever our wall clock says", () => {
  vi.setSystemTime(0);
  desk.hear({ now: 5_000, pos: 10, clock: { ...situation.clock, now: 1_000_000 } });
  vi.advanceTimersByTime(1_500);
  expect(desk.instant()).toBe(1_001_500);
});

test("a replay's clock runs at its own speed, and stands still when paused", () => {
  desk.hear({ now: 0, pos: 10, clock: { ...situation.clock, now: 1_000_000, speed: 4 } });
  vi.advanceTimersByTime(1_000);
  expect(desk.instant()).toBe(1_004_000);
  desk.hear({ now: 0, pos: 10, clock: { ...situation.clock, now: 1_000_000, is_paused: true } });
  vi.advanceTimersByTime(1_000);
  expect(desk.instant()).toBe(1_000_000);
});

test("without a beat it is late after 3 s and lost after 5 s; a beat heals it", () => {
  for (const [wait_ms, link] of [[2_900, "live"], [1_000, "late"], [1_500, "lost"]] as const) {
    vi.advanceTimersByTime(wait_ms);
    desk.tick();
    expect(desk.link).toBe(link);
  }
  desk.hear({ now: 0, pos: 10, clock: situation.clock });
  expect(desk.link).toBe("live");
});

test("after a sleep of the machine it is lost at once, though the steady clock stood still", () => {
  vi.setSystemTime(Date.now() + 8 * 3_600_000);
  desk.tick();
  expect(desk.link).toBe("lost");
});

test("fixes are told to whoever draws, as they come", () => {
  const seen: (readonly Fix[])[] = [];
  const stop = desk.onFixes((fixes) => seen.push(fixes));
  desk.setFixes([["E1", 1, 2, 3]]);
  stop();
  desk.setFixes([["E1", 4, 5, 6]]);
  expect(seen).toEqual([[["E1", 1, 2, 3]]]);
  expect(desk.fixes.get("E1")).toEqual(["E1", 4, 5, 6]);
});
