/** What is overdue, in order of rank; the sound and the tab's title that go with it. */

import { announcer } from "../announce.svelte";
import type { AlarmKind, AlarmRow } from "../generated/api";
import { desk } from "../live/desk.svelte";
import { find, say } from "../words";
import { named } from "./queue";
import { sound } from "./sound.svelte";

/** More than so many within this and they are shown as a group (console note, rule 18). */
const FLOOD = 10;
const FLOOD_MS = 600_000;
const REPEAT_MS = 5_000;

export const RANKS = [1, 2, 3] as const;

export function isShelved(alarm: AlarmRow, now: number): boolean {
  return (alarm.shelved_until ?? 0) > now;
}

/** Nobody takes care of it, and nobody has put it aside. */
export function isOpen(alarm: AlarmRow, now: number): boolean {
  return !alarm.owner && !isShelved(alarm, now);
}

/** Open ones first, then by rank, then the oldest. */
export function inOrder(alarms: Iterable<AlarmRow>, now: number): AlarmRow[] {
  return [...alarms].sort(
    (one, other) => Number(!isOpen(one, now)) - Number(!isOpen(other, now)) || one.rank - other.rank || one.since - other.since,
  );
}

export function countByRank(alarms: Iterable<AlarmRow>, now: number): Record<number, number> {
  const counts: Record<number, number> = { 1: 0, 2: 0, 3: 0 };
  for (const alarm of alarms) if (isOpen(alarm, now)) counts[alarm.rank] = (counts[alarm.rank] ?? 0) + 1;
  return counts;
}

/** Alarms of the last ten minutes by cause, when there are so many that a list says nothing; else none. */
export function flood(alarms: Iterable<AlarmRow>, now: number): [AlarmKind, number][] {
  const recent = [...alarms].filter((alarm) => now - alarm.since < FLOOD_MS);
  if (recent.length <= FLOOD) return [];
  const counts = new Map<AlarmKind, number>();
  for (const alarm of recent) counts.set(alarm.kind as AlarmKind, (counts.get(alarm.kind as AlarmKind) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1]);
}

/** What an alarm is about: `#42`, `E1`. */
export function subjectOf(alarm: AlarmRow): string {
  const incident = desk.incidents.get(alarm.incident);
  const call = alarm.call ? desk.calls.get(alarm.call) : undefined;
  const about = [call && (find(`console.case.channel.${call.channel}`) ?? call.channel), incident ? named(incident) : alarm.incident, alarm.unit];
  about.push(desk.closures.get(alarm.closure)?.reason || alarm.closure);
  return about.filter(Boolean).join(" · ");
}

export function causeOf(alarm: AlarmRow): string {
  return find(`console.alarm.cause.${alarm.kind}`) ?? alarm.kind;
}

export function actionOf(alarm: AlarmRow): string {
  return find(`console.alarm.action.${alarm.kind}`) ?? "";
}

/** Sounds, says and shows in the tab's title what is new. Call within a component; it lives as long as that does. */
export function watchAlarms(): void {
  const heard = new Set<string>();
  let lastTone = -Infinity;

  $effect(() => {
    const now = desk.now;
    const open = [...desk.alarms.values()].filter((alarm) => isOpen(alarm, now));
    const fresh = open.filter((alarm) => !heard.has(alarm.alarm));
    for (const alarm of fresh) heard.add(alarm.alarm);
    const loudest = Math.min(4, ...fresh.map((alarm) => alarm.rank));
    const isHighOpen = open.some((alarm) => alarm.rank === 1);
    if (loudest <= 2) announcer.say(fresh.filter((alarm) => alarm.rank <= 2).map((alarm) => `${causeOf(alarm)} ${subjectOf(alarm)}`).join("; "));
    if (loudest <= 2 || (isHighOpen && now - lastTone >= REPEAT_MS)) {
      lastTone = now;
      sound.play(loudest === 2 && !isHighOpen ? 2 : 1);
    }
  });

  $effect(() => {
    const open = [...desk.alarms.values()].filter((alarm) => isOpen(alarm, desk.now) && alarm.rank === 1).length;
    const plain = [desk.centre?.name, say("console.app.name")].filter(Boolean).join(" – ");
    const isAlternate = Math.floor(desk.now / 1000) % 2 === 1;
    document.title = !desk.isLive && desk.isLoaded ? `⚠ ${say("console.link.lost")} – ${plain}` : open && isAlternate ? `▲ ${say("console.alarm.open", { count: open })}` : plain;
  });
}
