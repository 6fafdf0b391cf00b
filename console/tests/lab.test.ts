import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Difference, Fairness, Figures, LabResult, LabRun, LabTold } from "../src/generated/api";
import { LAB_LOADERS } from "../src/generated/lab_words";
import { areasOf, change, drawnAsItIs, drawnBetween, drawnOf, frameOf, isSameGround, level, marksOf, MEASURES, reach, signed, unitsAfter } from "../src/lab/figures";
import { lab } from "../src/lab/lab.svelte";
import { betweenTold, changeNamed, changeTold, levelTold, measureTold, nameOf, policyTold, secondsTold } from "../src/lab/told";
import { desk } from "../src/live/desk.svelte";
import { languages, learn, say, speak } from "../src/words";

beforeAll(async () => {
  await learn(LAB_LOADERS);
});

beforeEach(async () => {
  await speak("en");
});

const difference = (mean: number, half: number | null = null, more: Partial<Difference> = {}): Difference => ({
  mean,
  half_width: half,
  is_shown: half !== null && Math.abs(mean) > half,
  ...more,
});

test("a page's own words come in every language, and stay when it changes", async () => {
  const said = new Set<string>();
  for (const one of languages()) {
    await speak(one);
    said.add(say("console.lab.about"));
    expect(say("console.menu.title")).not.toContain("console.");
  }
  expect(said.size).toBe(languages().length);
  for (const name of Object.keys(MEASURES)) expect(measureTold(name)).not.toBe(name);
  expect(policyTold("move-up")).not.toBe("");
  expect(policyTold("of another server")).toBe("");
});

test("shares are told as per cent, their differences as points, with sign and half of the interval", async () => {
  expect(levelTold(0.3041, "points")).toBe("30.4 %");
  expect(levelTold(null, "seconds")).toBe("–");
  expect(changeTold(difference(0.0343, 0.0096), "points")).toBe("+3.43 ± 0.96 pts");
  expect(changeTold(difference(-2.66, 3.04), "seconds")).toBe("−2.7 ± 3.0 s");
  expect(changeTold(difference(-2.66), "seconds")).toBe("−2.7 s");
  await speak("fr");
  expect(changeTold(difference(-0.0001, 0.02), "points")).toBe("−0,01 ± 2,00 pts");
});

test("nothing has no sign", () => {
  const written = (value: number) => value.toFixed(1);
  expect([0.04, -0.04, 0.05, -1.25].map((value) => signed(value, 1, written))).toEqual(["0.0", "0.0", "+0.1", "−1.3"]);
  expect([level(0.5, "points").value, change(0.5, "points").value, change(0.5, "minutes").value]).toEqual([50, 50, 0.5]);
});

test("a scale holds every mark, and is a round number", () => {
  const drawn = [difference(1, 1, { relative: 0.08, relative_half_width: 0.01 }), difference(1, 1, { relative: -0.02, relative_half_width: 0.3 })].map(drawnOf);
  expect(reach(drawn)).toBe(0.15);
  expect(reach([])).toBe(0.01);
  expect(reach([drawnAsItIs(difference(3, 1))])).toBe(4);
  expect(drawnOf(difference(1, 1, { relative: null }))).toBeNull();
  expect(drawnAsItIs(difference(1))).toBeNull();
  expect(drawnAsItIs(difference(2, 1))).toEqual({ middle: 2, half: 1, isShown: true });
});

test("areas that become worse stand first, the worst at the top", () => {
  const fairness = {
    areas: { A1: difference(0.01, 0.02), A10: difference(0.001, 0.1), A2: difference(-0.002, 0.1), B: difference(0.2, 0.01), C: difference(-0.1, 0.01) },
    worse: ["B", "A1"],
    better: ["C"],
  } as unknown as Fairness;
  const figures = (share: number) => ({ areas: { B: { n: 1, late: 1, late_share: share } } }) as unknown as Figures;
  const told = areasOf(fairness, figures(0.1), figures(0.3));
  expect(told.worse.map((one) => one.area)).toEqual(["B", "A1"]);
  expect([told.worse[0]!.before, told.worse[0]!.after, told.worse[1]!.before]).toEqual([0.1, 0.3, null]);
  expect(told.better.map((one) => one.area)).toEqual(["C"]);
  expect(told.rest.map((one) => one.area)).toEqual(["A2", "A10"]);
});

test("experiments with other calls are told apart", () => {
  const wish = { name: "x", policies: ["closest"], days: 28, load: 1, seed: 1, replications: 8 };
  expect(isSameGround([{ wish, digest: "a" }])).toBe(true);
  expect(isSameGround([{ wish, digest: "a" }, { wish: { ...wish, policies: ["default"], name: "y" }, digest: "a" }])).toBe(true);
  expect(isSameGround([{ wish, digest: "a" }, { wish: { ...wish, seed: 2 }, digest: "a" }])).toBe(false);
  expect(isSameGround([{ wish, digest: "a" }, { wish, digest: "b" }])).toBe(false);
});

test("who can be changed follows from the changes before", () => {
  const units = [{ unit: "E1", kind: "engine", station: "A" }, { unit: "E2", kind: "engine", station: "B" }];
  const after = unitsAfter(units, [
    { what: "add_unit", subject: "M9", station: "A" },
    { what: "move_unit", subject: "E2", station: "A" },
    { what: "remove_unit", subject: "E1" },
  ]);
  expect(after.map((one) => `${one.unit} ${one.station}`)).toEqual(["E2 A", "M9 A"]);
});

test("an experiment without a name is called by what is tried", () => {
  expect(changeNamed({ what: "move_unit", subject: "E1", station: "B" })).toBe("E1 to B");
  expect(nameOf({ policies: ["closest"], changes: [{ what: "close_station", subject: "A1" }, { what: "remove_unit", subject: "E1" }] })).toBe("A1 closed, without E1");
  expect(nameOf({ policies: ["closest", "default"], changes: [] })).toBe("closest, default");
});

test("an interval of a log has two sides of its own, and none where it means nothing", () => {
  const lopsided = { mean: -0.02, low: -0.06, high: -0.005, is_shown: true };
  expect(drawnBetween(lopsided)).toMatchObject({ middle: -0.02, isShown: true, ends: [-0.06, -0.005] });
  expect(drawnBetween(lopsided)!.half).toBeCloseTo(0.04, 9);
  expect(betweenTold(lopsided, "points")).toBe("−2.00 (−6.00 … −0.50) pts");
  expect(drawnBetween({ mean: -0.02 })).toBeNull();
  expect(drawnBetween({ ...lopsided, is_few: true })).toBeNull();
  expect(betweenTold({ ...lopsided, is_few: true }, "seconds")).toBe("0.0 s");
  expect(betweenTold({ mean: 12.34, low: -1, high: 20 }, "seconds")).toBe("+12.3 (−1.0 … +20.0) s");
});

test("responses are told in minutes and seconds", () => {
  expect(["0:00", "0:59", "1:00", "10:05"]).toEqual([0.4, 59.4, 59.5, 605].map(secondsTold));
});

test("a map keeps its shape wherever the town is, and everything is on it", () => {
  expect(frameOf([], 500)).toBeNull();
  for (const lat of [-60, -30, 0, 30, 60]) {
    const squeeze = Math.cos((lat * Math.PI) / 180);
    const corners = [{ lon: 10, lat: lat - 0.05 }, { lon: 10 + 0.1 / squeeze, lat: lat + 0.05 }];
    const frame = frameOf(corners, 500)!;
    expect(frame.x(10)).toBeCloseTo(24, 0);
    expect(frame.x(corners[1]!.lon)).toBeCloseTo(476, 0);
    expect(frame.y(lat + 0.05)).toBeCloseTo(24, 0);
    expect(frame.y(lat - 0.05)).toBeCloseTo(frame.height - 24, 0);
    expect(frame.height).toBe(500);
  }
  const alone = frameOf([{ lon: 5, lat: 5 }], 500)!;
  expect([alone.x(5), Number.isFinite(alone.y(5)), alone.height > 0]).toEqual([250, true, true]);
});

test("areas are marked at the middle of their calls, by shape and size", () => {
  const frame = frameOf([{ lon: 0, lat: 0 }, { lon: 1, lat: 1 }], 500)!;
  const places: [number, number, number, number?][] = [[0, 0, 0, 1], [1, 0, 0, 3], [0.5, 0.5, 1, 2], [0.2, 0.2, 2], [0.9, 0.9, 3, 1], [0.1, 0.1, 9, 1]];
  const changes = { A: difference(0.05, 0.01), B: difference(-0.01, 0.005), C: difference(0.2, 0.01), D: difference(0.1, 0.3) };
  const marks = marksOf(places, ["A", "B", "C", "D", "E"], changes, frame);
  expect(marks.map((one) => [one.area, one.shape, one.isMuch])).toEqual([["A", "worse", true], ["B", "better", false], ["D", "none", true]]);
  expect(marks[0]!.x).toBeCloseTo(frame.x(0.75), 6);
  expect(marks[0]!.y).toBeCloseTo(frame.y(0), 6);
});

// The state, against a server of a few lines.

const run = (id: string, state: LabRun["state"], more: Partial<LabRun> = {}): LabRun => ({
  id, wish: { name: id, policies: ["closest", "default"] }, by: "sofia", asked_at: 1, state, stage: "", done: 0, of: null, ended_at: null, has_result: state === "done", is_kept: false, problem: null, ...more,
});

function answers(table: Record<string, () => { status: number; body: unknown }>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit = {}) => {
    const key = `${init.method ?? "GET"} ${path.split("?")[0]}`;
    asked.push(key);
    const { status, body } = table[key]!();
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  });
  return asked;
}

const told = (...runs: LabRun[]): LabTold => ({ choices: { stations: [], units: [], policies: [], policy: "" }, runs, since: 1, most_kept: 24, days_kept: null });

test("what was started here comes on the screen when it ends, and is gone when the server has forgotten it", async () => {
  vi.useFakeTimers();
  vi.spyOn(desk, "isLive", "get").mockReturnValue(true);
  let runs = [run("r1", "running", { of: 4, done: 1 }), run("r0", "done")];
  const asked = answers({
    "GET /api/lab": () => ({ status: 200, body: told(...runs) }),
    "POST /api/lab/runs": () => ({ status: 200, body: runs[0] }),
    "GET /api/lab/runs/r1": () => ({ status: 200, body: { run: runs[0] } as Partial<LabResult> }),
  });
  expect(await lab.start({ name: "r1", policies: ["closest", "default"] })).toBe(true);
  expect(lab.isBusy).toBe(true);
  runs = [run("r1", "done"), run("r0", "done")];
  await lab.look();
  await vi.waitFor(() => expect([...lab.results.keys()]).toEqual(["r1"]));
  expect(lab.isBusy).toBe(false);
  expect(asked.filter((one) => one.endsWith("/r0"))).toEqual([]);
  runs = [];
  await lab.look();
  expect(lab.results.size).toBe(0);
  vi.useRealTimers();
});

test("what the server refuses is told, and without a living desk nothing is asked", async () => {
  vi.useFakeTimers();
  const live = vi.spyOn(desk, "isLive", "get").mockReturnValue(true);
  const asked = answers({
    "GET /api/lab": () => ({ status: 200, body: told() }),
    "POST /api/lab/runs": () => ({ status: 400, body: { code: "lab_policies", what: "too few", do: "Choose more.", values: {} } }),
  });
  const wish = { name: "x", policies: ["closest"] };
  expect(await lab.start(wish)).toBe(false);
  expect(lab.problem).toBe("Too few. Choose more.");
  live.mockReturnValue(false);
  const before = asked.length;
  expect(await lab.start(wish)).toBe(false);
  expect(asked.length).toBe(before);
  expect(lab.problem).toContain("Not live");
  vi.useRealTimers();
});

test("a server that does not answer is told as such; one without a lab says why", async () => {
  answers({ "GET /api/lab": () => ({ status: 404, body: { code: "lab_absent", what: "none", do: "", values: {} } }) });
  await lab.look();
  expect([lab.absent, lab.isDown]).toEqual(["None.", false]);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("down")));
  await lab.look();
  expect(lab.isDown).toBe(true);
});
