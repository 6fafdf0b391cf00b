import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed, type Source } from "../src/live/feed";
import type { Heard } from "../src/live/wire";

class Line implements Source {
  #listeners = new Map<string, (event: MessageEvent<string>) => void>();
  isClosed = false;
  constructor(readonly url: string) {}
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }
  close(): void {
    this.isClosed = true;
  }
  say(type: string, data: unknown = null): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data) } as MessageEvent<string>);
  }
}

function begin(status = 200) {
  const lines: Line[] = [];
  const heard: Heard[] = [];
  const around = {
    status,
    open: (url: string) => {
      const line = new Line(url);
      lines.push(line);
      return line;
    },
    sessionStatus: () => Promise.resolve(around.status),
    random: () => 1,
  };
  return { lines, heard, around, feed: new Feed((one) => heard.push(one), around) };
}

const change = (pos: number) => ({ pos, at: 0 });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("it begins behind the situation and takes up where it was cut off", async () => {
  const { lines, feed } = begin();
  feed.open("j1", 10);
  expect(lines[0]!.url).toBe("/api/stream?journal=j1&from=10");
  lines[0]!.say("change", change(14));
  lines[0]!.say("error");
  expect(lines[0]!.isClosed).toBe(true);
  await vi.advanceTimersByTimeAsync(400);
  expect(lines[1]!.url).toBe("/api/stream?journal=j1&from=14");
});

test("it tries again ever more slowly, two seconds apart at most", async () => {
  const { lines, around, feed } = begin(0);
  feed.open("j1", 1);
  lines[0]!.say("error");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(lines).toHaveLength(1);
  around.status = 200;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(lines).toHaveLength(2);
});

test("a line that brings not even a beat is given up", async () => {
  const { lines, feed } = begin();
  feed.open("j1", 1);
  await vi.advanceTimersByTimeAsync(6_000);
  lines[0]!.say("beat", { now: 1, pos: 1, clock: {} });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(lines).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(lines).toHaveLength(2);
});

test("a second window behind the stream makes it begin further back; one ahead does not", () => {
  const { lines, feed } = begin();
  feed.open("j1", 10);
  lines[0]!.say("change", change(20));
  feed.open("j1", 25);
  expect(lines).toHaveLength(1);
  feed.open("j1", 15);
  expect(lines[1]!.url).toContain("from=15");
});

test("an ended session is told, and not asked for again", async () => {
  const { lines, heard, feed } = begin(401);
  feed.open("j1", 1);
  lines[0]!.say("error");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(heard.at(-1)).toEqual({ is: "reset", why: "signed_out" });
  expect(lines).toHaveLength(1);
});

test("what an old line still says after a reset is not heard", () => {
  const { lines, heard, feed } = begin();
  feed.open("j1", 1);
  lines[0]!.say("reset", { why: "slow" });
  lines[0]!.say("change", change(2));
  expect(heard).toEqual([{ is: "reset", why: "slow" }]);
  expect(feed.isOpen).toBe(false);
});
