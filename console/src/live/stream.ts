/**
 * From situation to stream without a gap: listen first, then ask for the situation, then take in what was heard meanwhile. Changes are whole
 * rows, so what comes twice does no harm; what is behind the situation's position is left out.
 */

import { desk, startTicking } from "./desk.svelte";
import { Feed } from "./feed";
import type { Wish } from "./shared";
import { fetched } from "./http";
import type { Heard, SituationTold } from "./wire";

const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 2_000;

interface Hub {
  open(journal: string, from: number): void;
  leave(): void;
}

/** Follows the desk until the returned function is called. `lost` is called when the session has ended. */
export function follow(lost: () => void): () => void {
  let isOver = false;
  let waiting: Heard[] | null = [];
  const take = (heard: Heard) => {
    if (waiting) waiting.push(heard);
    else apply(heard);
  };
  const apply = (heard: Heard) => {
    if (heard.is === "change") desk.take(heard.data);
    else if (heard.is === "fixes") desk.setFixes(heard.data.fixes, heard.data.gone, heard.data.is_whole);
    else if (heard.is === "beat") desk.hear(heard.data);
    else if (heard.is === "reset") {
      if (heard.why === "signed_out") end();
      else void load();
    } else desk.tick();
  };
  const hub = sharedHub(take) ?? ownHub(take);
  const load = async () => {
    waiting = [];
    const told = await situation(() => isOver);
    if (isOver) return;
    if (!told) return end();
    desk.load(told);
    const heard: Heard[] = waiting ?? [];
    waiting = null;
    // A reset that came meanwhile spoke of what stood before this situation, unless the session itself is over.
    for (const one of heard) if (one.is !== "reset") apply(one);
    hub.open(told.journal, told.pos);
  };
  const end = () => {
    stop();
    lost();
  };
  const leave = () => hub.leave();
  // A page that comes back from the browser's cache of pages has missed what went by.
  const back = (event: PageTransitionEvent) => event.persisted && void load();
  addEventListener("pagehide", leave);
  addEventListener("pageshow", back);
  const stopTicking = startTicking();
  const stop = () => {
    isOver = true;
    stopTicking();
    removeEventListener("pagehide", leave);
    removeEventListener("pageshow", back);
    hub.leave();
  };
  void load();
  return stop;
}

/** The situation, asked for until it comes; null when nobody is signed in. */
async function situation(isOver: () => boolean): Promise<SituationTold | null> {
  for (let failures = 0; !isOver(); failures += 1) {
    const answer = await fetched("/api/situation");
    if (answer?.status === 200) return (await answer.json()) as SituationTold;
    if (answer?.status === 401) return null;
    await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + Math.random() / 2));
  }
  return null;
}

function pause(span_ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, span_ms));
}

function sharedHub(take: (heard: Heard) => void): Hub | null {
  if (typeof SharedWorker === "undefined") return null;
  const worker = new SharedWorker(new URL("./shared.ts", import.meta.url), { type: "module", name: "tocsin-stream" });
  worker.port.onmessage = ({ data }: MessageEvent<Heard>) => take(data);
  const wish = (what: Wish) => worker.port.postMessage(what);
  return { open: (journal, from) => wish({ do: "open", journal, from }), leave: () => wish({ do: "leave" }) };
}

/** Some browsers of phones have no shared workers; they show one window at a time anyway. */
function ownHub(take: (heard: Heard) => void): Hub {
  const feed = new Feed(take);
  return { open: (journal, from) => feed.open(journal, from), leave: () => feed.close() };
}
