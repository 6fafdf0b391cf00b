/** The shared worker: one stream for all windows of this browser (HTTP/1.1 allows six connections to a server). */

import { Feed } from "./feed";
import type { Heard } from "./wire";

export type Wish = { do: "open"; journal: string; from: number } | { do: "leave" };

const ports = new Set<MessagePort>();

const feed = new Feed((heard: Heard) => {
  for (const port of ports) port.postMessage(heard);
});

/** `onconnect` belongs to shared workers only, which the page's type library does not know. */
const here = self as unknown as { onconnect: (event: MessageEvent) => void };

here.onconnect = (event) => {
  const port = event.ports[0]!;
  ports.add(port);
  port.onmessage = ({ data: wish }: MessageEvent<Wish>) => {
    if (wish.do === "open") {
      ports.add(port);
      feed.open(wish.journal, wish.from);
      return;
    }
    ports.delete(port);
    if (!ports.size) feed.close();
  };
};
