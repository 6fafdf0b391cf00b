/**
 * Everything that people read. `say("console.header.live")`, `say("console.queue.new", { count: 3 })`: an unknown key or a missing value is
 * a type error; a language may be changed at any time, and every screen follows.
 */

import { SvelteMap } from "svelte/reactivity";
import { desk } from "./live/desk.svelte";
import { LOADERS, REFERENCE, type Key, type Language, type Sentences } from "./generated/words";

export type { Key, Language, PlainKey } from "./generated/words";
export { REFERENCE } from "./generated/words";

interface Spoken {
  language: Language;
  sentences: Record<string, string>;
}

const KEPT = "tocsin.language";
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
/** Shared holder, so that whoever has said something is told when the language changes. */
const now = new SvelteMap<"spoken", Spoken>();

type ValuesOf<K extends Key> = Sentences[K] extends null ? [] : [Sentences[K]];

/** The sentence of a key with its values put in. */
export function say<K extends Key>(key: K, ...values: ValuesOf<K>): string {
  return fill(key, values[0] as Record<string, string | number> | undefined);
}

/** For keys that are put together from codes of the server, which may be newer than this page: null where there is no such sentence. */
export function find(key: string, values?: Record<string, string | number>): string | null {
  const { sentences } = spoken();
  return key in sentences || `${key}.other` in sentences ? fill(key, values) : null;
}

export function languages(): Language[] {
  return Object.keys(LOADERS) as Language[];
}

export function language(): Language {
  return spoken().language;
}

/** Name of a language in itself. */
export function nameOf(one: Language): string {
  return new Intl.DisplayNames([one], { type: "language" }).of(one) ?? one;
}

type Loaders = typeof LOADERS;
/** Where sentences come from; a page that has more than others adds its own. */
const sources: Loaders[] = [LOADERS];

/** Further sentences, in the present language and in any that is chosen later. */
export async function learn(more: Loaders): Promise<void> {
  if (!sources.includes(more)) sources.push(more);
  await speak(language());
}

/** Changes the language of everything on the screen. */
export async function speak(wanted: Language): Promise<void> {
  const parts = await Promise.all(sources.map((one) => one[wanted]()));
  const sentences = Object.assign({}, ...parts.map((one) => one.default)) as Record<string, string>;
  now.set("spoken", { language: wanted, sentences });
  formats.clear();
  if (typeof document === "undefined") return;
  document.documentElement.lang = wanted;
  document.documentElement.dir = RIGHT_TO_LEFT.has(wanted) ? "rtl" : "ltr";
  localStorage.setItem(KEPT, wanted);
}

/** What somebody chose here before, else what the browser prefers, else English. */
export function preferred(): Language {
  const known = languages();
  const wishes = [localStorage.getItem(KEPT), ...navigator.languages.map((one) => one.slice(0, 2))];
  return (wishes.find((wish) => known.includes(wish as Language)) as Language | undefined) ?? REFERENCE;
}

// Figures and times.

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules>();

function kept<Format extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.PluralRules>(name: string, make: () => Format): Format {
  const found = formats.get(name) ?? make();
  formats.set(name, found);
  return found as Format;
}

/** A figure as the language writes it. */
export function figure(value: number, digits = 0): string {
  const tongue = language();
  return kept(`figure ${tongue} ${digits}`, () => new Intl.NumberFormat(tongue, { maximumFractionDigits: digits })).format(value);
}

/** `14:32:07` by the centre's clock. */
export function timeOfDay(at: number, withSeconds = true): string {
  return clockFormat(withSeconds).format(at);
}

/** Date and time of the centre's clock, for anything that may be of another day. */
export function dayAndTime(at: number): string {
  const zone = desk.clock.zone;
  const tongue = language();
  return kept(
    `day ${tongue} ${zone}`,
    () => new Intl.DateTimeFormat(tongue, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23", timeZone: zone }),
  ).format(at);
}

/** `+01:00`: how far the centre's clock is from UTC at that moment. */
export function offsetOf(at: number): string {
  const zone = desk.clock.zone;
  const parts = kept(`offset ${zone}`, () => new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" })).formatToParts(at);
  return parts.find((part) => part.type === "timeZoneName")?.value.replace("GMT", "") || "+00:00";
}

/** A span as `mm:ss`, from an hour on `h:mm:ss`; figures and colons only, the same in every language. */
export function span(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

function clockFormat(withSeconds: boolean): Intl.DateTimeFormat {
  const zone = desk.clock.zone;
  return kept(
    `clock ${zone} ${withSeconds}`,
    () =>
      new Intl.DateTimeFormat("en-GB", {
        hour: "2-digit",
        minute: "2-digit",
        ...(withSeconds ? { second: "2-digit" } : {}),
        hourCycle: "h23",
        timeZone: zone,
      }),
  );
}

// Inside.

function spoken(): Spoken {
  return now.get("spoken") ?? { language: REFERENCE, sentences: {} };
}

function fill(key: string, values: Record<string, string | number> | undefined): string {
  const { language: tongue, sentences } = spoken();
  const text = sentences[key] ?? plural(key, sentences, tongue, values) ?? key;
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? figure(value, 1) : value;
  });
}

function plural(
  key: string,
  sentences: Record<string, string>,
  tongue: Language,
  values: Record<string, string | number> | undefined,
): string | undefined {
  const form = kept(`plural ${tongue}`, () => new Intl.PluralRules(tongue)).select(Number(values?.["count"] ?? 0));
  return sentences[`${key}.${form}`] ?? sentences[`${key}.other`];
}
