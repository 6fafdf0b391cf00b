/** Which kind of desk this is. Everything but a live one is framed, and says so in words. */

import { desk } from "../live/desk.svelte";
import type { ClockMode } from "../live/wire";

export type Shown = ClockMode | "imported";

export function modeNow(): Shown {
  if (desk.clock.mode !== "live") return desk.clock.mode;
  return desk.centre?.footing ?? "live";
}
