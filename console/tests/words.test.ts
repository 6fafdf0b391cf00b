import { beforeAll, expect, test } from "vitest";
import en from "../src/generated/words/en.json";
import { desk } from "../src/live/desk.svelte";
import { nameOfKey } from "../src/keys";
import { dayAndTime, find, languages, offsetOf, say, span, speak, timeOfDay } from "../src/words";

const NOON_UTC = Date.UTC(2026, 6, 18, 12, 0, 5);

beforeAll(() => {
  desk.clock = { now: 0, mode: "live", speed: 1, is_paused: false, zone: "America/Santiago" };
});

test("every language says the same keys, and a switch needs no reload", async () => {
  const said = [];
  for (const language of languages()) {
    await speak(language);
    expect(Object.keys(en).filter((key) => find(key) === null)).toEqual([]);
    said.push(say("console.queue.title"));
  }
  expect(new Set(said).size).toBe(languages().length);
});

test("plurals and figures are the language's own", async () => {
  await speak("fr");
  expect(say("console.units.count", { count: 0 })).toBe("0 unité");
  await speak("en");
  expect(say("console.units.count", { count: 0 })).toBe("0 units");
  expect(say("console.units.count", { count: 1 })).toBe("1 unit");
  expect(say("console.units.count", { count: 2_000 })).toBe("2,000 units");
});

test("times are the centre's, with 24 hours", async () => {
  await speak("en");
  expect(timeOfDay(NOON_UTC)).toBe("08:00:05");
  expect(offsetOf(NOON_UTC)).toBe("-04:00");
  expect(dayAndTime(NOON_UTC)).toContain("08:00:05");
  desk.clock = { ...desk.clock, zone: "UTC" };
  expect([timeOfDay(Date.UTC(2026, 0, 1, 0, 0, 0)), offsetOf(NOON_UTC)]).toEqual(["00:00:00", "+00:00"]);
});

test("spans count on past the hour and never below nothing", () => {
  expect([span(41_999), span(754_000), span(5_025_000), span(-5)]).toEqual(["00:41", "12:34", "1:23:45", "00:00"]);
});

test("values are put in as they are: nothing of them is read as a field", async () => {
  await speak("en");
  expect(say("console.line.done", { what: "{what} <b>" })).toBe("Done: {what} <b>");
});

test("keys are named by what is pressed; Alt's digits by their place", () => {
  const pressed = (key: string, code: string, more = {}) =>
    nameOfKey({ key, code, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more });
  expect(pressed("F5", "F5")).toBe("F5");
  expect(pressed("¡", "Digit1", { altKey: true })).toBe("Alt+1");
  expect(pressed("k", "KeyK", { ctrlKey: true })).toBe("Ctrl+K");
  expect(pressed("/", "Digit7", { shiftKey: true })).toBe("/");
});
