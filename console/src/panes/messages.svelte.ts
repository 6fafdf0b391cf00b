/** Messages for this seat that it has not read: counted where one looks anyway, said and sounded when they come. */

import { announcer } from "../announce.svelte";
import { isFor } from "../case/recipients";
import type { MessageRow } from "../generated/api";
import { desk } from "../live/desk.svelte";
import { say } from "../words";
import { sound } from "./sound.svelte";

/** Sent to `seat` by somebody else, and not read by it. */
export function unreadFor(messages: Iterable<MessageRow>, seat: string): MessageRow[] {
  return [...messages].filter((row) => isFor(row.to, row.sender, seat) && !row.read_by.includes(seat));
}

/** Of the seat that is signed in. */
export function unread(): MessageRow[] {
  return desk.session ? unreadFor(desk.messages.values(), desk.session.name) : [];
}

/** What was there at the beginning is only counted. Call within a component; it lives as long as that does. */
export function watchMessages(): void {
  let heard: Set<string> | null = null;

  $effect(() => {
    if (!desk.isLoaded) return;
    const rows = unread();
    const known = heard;
    heard = new Set([...(known ?? []), ...rows.map((row) => row.message)]);
    const fresh = known ? rows.filter((row) => !known.has(row.message)) : [];
    if (!fresh.length) return;
    announcer.say(say("console.message.come", { who: [...new Set(fresh.map((row) => row.sender.replace(/^unit:/, "")))].join(", ") }));
    sound.play(2);
  });
}
