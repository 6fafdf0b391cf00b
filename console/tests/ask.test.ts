import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { acts, ask, isUnanswered } from "../src/live/ask";
import { desk } from "../src/live/desk.svelte";
import type { SituationTold } from "../src/live/wire";
import recorded from "./situation.json";

interface Sent {
  id: string;
  expected?: number;
}

const answered = { cmd: "x", pos: 11, events: [], refusal: null };
let sent: Sent[] = [];

/** The network, one answer after the other: a status with a body, or null for a failure. */
function network(...answers: ([number, unknown] | null)[]): void {
  sent = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)) as Sent);
    const answer = answers.shift() ?? null;
    return answer ? Promise.resolve(new Response(JSON.stringify(answer[1]), { status: answer[0] })) : Promise.reject(new TypeError("network"));
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  acts.clear();
  desk.load(structuredClone(recorded) as unknown as SituationTold);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("after failures of the network the same key goes again, until there is an answer", async () => {
  network(null, [503, { code: "not_able", what: "", do: "", values: {} }], [200, answered]);
  const outcome = ask({ type: "AcknowledgeAlarm", alarm: "a" }, { expected: 7 });
  await vi.advanceTimersByTimeAsync(100);
  expect([...acts.values()][0]).toMatchObject({ state: "again", tries: 2 });
  expect(isUnanswered()).toBe(true);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await outcome).toEqual({ is: "got", answer: answered });
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map((one) => one.id)).size).toBe(1);
  expect(sent.every((one) => one.expected === 7)).toBe(true);
  expect([...acts.values()][0]).toMatchObject({ state: "done", pos: 11 });
});

test("a refusal is an answer, and is not sent again", async () => {
  network([409, { ...answered, refusal: { code: "UnitNotFree", field: "", values: {}, told: "no" } }]);
  const outcome = await ask({ type: "AcknowledgeAlarm", alarm: "a" });
  expect(outcome).toMatchObject({ is: "got", answer: { refusal: { told: "no" } } });
  expect([...acts.values()][0]?.state).toBe("refused");
  expect(sent).toHaveLength(1);
});

test("a problem is told and not sent again", async () => {
  network([403, { code: "not_granted", what: "w", do: "d", values: {} }]);
  expect(await ask({ type: "AcknowledgeAlarm", alarm: "a" })).toMatchObject({ is: "problem", status: 403, problem: { what: "w" } });
  expect(sent).toHaveLength(1);
});

test("without the desk nothing is sent, and that is said", async () => {
  network([200, answered]);
  vi.advanceTimersByTime(6_000);
  desk.tick();
  expect(await ask({ type: "AcknowledgeAlarm", alarm: "a" })).toEqual({ is: "not_live" });
  expect(sent).toHaveLength(0);
});

test("two acts never share a key, and keys sort by time", async () => {
  network([200, answered], [200, answered]);
  await ask({ type: "AcknowledgeAlarm", alarm: "a" });
  vi.advanceTimersByTime(5);
  await ask({ type: "AcknowledgeAlarm", alarm: "a" });
  const [first, second] = sent.map((one) => one.id) as [string, string];
  expect(first < second).toBe(true);
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
