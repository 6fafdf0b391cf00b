import "./browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "../src/panes";
import { line } from "../src/line/line.svelte";
import "../src/line/acts";
import { acts, ask, undo } from "../src/live/ask";
import { desk } from "../src/live/desk.svelte";
import { sentence, sentences } from "../src/live/http";
import type { SituationTold } from "../src/live/wire";
import { speak } from "../src/words";
import recorded from "./situation.json";

const READ = { is_complete: true, preview: [], problem: null, candidates: [], acts: [], answers: [], digest: "" };
const DONE = { cmd: "x", pos: 11, events: [], refusal: null };
const sent: { path: string; body: Record<string, unknown> }[] = [];
let answers: ((path: string) => [number, unknown])[] = [];
let letGo: (() => void)[] = [];

/** The desk answers when it is let go, in order. */
function network(...told: [number, unknown][]): void {
  answers = told.map((one) => () => one);
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as Record<string, unknown>;
    if (body["is_preview"]) return new Response(JSON.stringify(READ));
    sent.push({ path, body });
    const answer = answers.shift()!;
    await new Promise<void>((done) => letGo.push(done));
    const [status, said] = answer(path);
    return new Response(JSON.stringify(said), { status });
  });
}

async function answered(): Promise<void> {
  letGo.shift()!();
  await vi.advanceTimersByTimeAsync(1);
}

beforeEach(async () => {
  vi.stubGlobal("document", { documentElement: { lang: "en" }, querySelector: () => null, activeElement: null, body: null });
  await speak("en");
  vi.useFakeTimers();
  acts.clear();
  line.forget();
  sent.length = 0;
  letGo = [];
  line.text = "";
  line.problem = null;
  desk.load(structuredClone(recorded) as unknown as SituationTold);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("Enter pressed twice asks once, and the line is free at once", async () => {
  network([200, { ...READ, answers: [DONE] }]);
  line.text = "os E1";
  void line.enter();
  expect(line.text).toBe("");
  void line.enter();
  line.text = "os E1";
  void line.enter();
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toHaveLength(1);
  await answered();
  expect([...acts.values()].map((act) => act.state)).toEqual(["done"]);
});

test("a line that was refused stands there again, with the reason, and no tick", async () => {
  const refusal = { code: "UnitNotFree", field: "units", values: {}, told: "E1 is not free." };
  const preview = [{ told: "Dispatch", commands: [{ type: "DispatchUnits", incident: "i", units: ["E1", "E2"] }] }];
  network([200, { ...READ, preview, answers: [{ ...DONE, refusal }] }]);
  line.text = "d 42 E1 E2";
  void line.enter();
  await vi.advanceTimersByTimeAsync(1);
  await answered();
  expect(line.text).toBe("d 42 E1 E2");
  expect(line.problem).toEqual({ what: "E1 is not free.", do: "None of these was sent: E1, E2." });
  expect([...acts.values()][0]?.state).toBe("refused");
});

test("a line with a problem that came back with 200 is refused, not done", async () => {
  network([200, { ...READ, is_complete: false, problem: { code: "unit_unknown", what: "There is no unit E5.", do: "", at: 2, end: 4 } }]);
  line.text = "os E5";
  void line.enter();
  await vi.advanceTimersByTimeAsync(1);
  await answered();
  expect([...acts.values()][0]?.state).toBe("refused");
  expect(line.text).toBe("os E5");
  expect(line.problem?.what).toBe("There is no unit E5.");
});

test("whoever has begun the next line keeps it", async () => {
  network([403, { code: "not_granted", what: "this seat may not", do: "Ask.", values: {} }]);
  line.text = "os E1";
  void line.enter();
  await vi.advanceTimersByTimeAsync(1);
  line.text = "av E2";
  await answered();
  expect(line.text).toBe("av E2");
  expect(line.problem).toEqual({ what: "This seat may not.", do: "Ask." });
});

test("a button pressed twice asks once", async () => {
  network([200, DONE], [200, DONE]);
  const both = [ask({ type: "AcknowledgeAlarm", alarm: "a" }), ask({ type: "AcknowledgeAlarm", alarm: "a" })];
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toHaveLength(1);
  await answered();
  expect((await Promise.all(both)).every((one) => one.is === "got")).toBe(true);
  void ask({ type: "AcknowledgeAlarm", alarm: "a" });
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toHaveLength(2);
});

test("what is taken back is named, and asked once", async () => {
  network([200, { ...DONE, undone: "c", told: "M3 on scene", answers: [DONE] }]);
  void line.undo();
  void line.undo();
  void undo();
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toHaveLength(1);
  await answered();
  expect(line.done).toBe("Taken back: M3 on scene");
});

test("what cannot be taken back is named, too", async () => {
  const refusal = { code: "NothingToUndo", field: "unit", values: {}, told: "Something has been built on it." };
  network([409, { ...DONE, refusal, undone: "c", told: "M3 on scene", answers: [{ ...DONE, refusal }] }]);
  void line.undo();
  await vi.advanceTimersByTimeAsync(1);
  await answered();
  expect(line.problem).toEqual({ what: "Not taken back: M3 on scene.", do: "Something has been built on it." });
});

test("the history keeps no words of notes and messages, and ends with the shift", async () => {
  network(...Array.from({ length: 3 }, (): [number, unknown] => [200, { ...READ, answers: [DONE] }]));
  for (const text of ["note 42 ; Anna Silva, 3rd floor", "msg E1 Anna", "os E1"]) {
    line.text = text;
    void line.enter();
    await vi.advanceTimersByTimeAsync(1);
    await answered();
  }
  expect(JSON.parse(sessionStorage.getItem("tocsin.line")!)).toEqual(["note 42", "msg", "os E1"]);
  line.forget();
  expect(sessionStorage.getItem("tocsin.line")).toBeNull();
  line.told = null;
  line.move(-1);
  expect(line.text).toBe("");
});

test("a problem is told in sentences", () => {
  expect(sentence("the field is too long")).toBe("The field is too long.");
  expect(sentence("Done!")).toBe("Done!");
  expect(sentences({ what: "nothing to undo", do: "Correct it." })).toBe("Nothing to undo. Correct it.");
  expect(sentences({ what: "HTTP 500", do: "" })).toBe("HTTP 500.");
});
