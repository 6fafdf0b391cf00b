/** Whether the guide is there: in a demo, for who may send units, until it is put away. Part of the shell; the guide itself is loaded late. */

import { modeNow } from "../frame/modes";
import { desk } from "../live/desk.svelte";

const KEPT = "tocsin.guide.off";
const ROLES: ReadonlySet<string> = new Set(["dispatcher", "commander", "supervisor"]);

class Guide {
  #isOff = $state(localStorage.getItem(KEPT) !== null);

  get isPossible(): boolean {
    return modeNow() === "demo" && ROLES.has(desk.session?.role ?? "");
  }

  get isShown(): boolean {
    return this.isPossible && desk.isLoaded && !this.#isOff;
  }

  putAway(): void {
    this.#isOff = true;
    localStorage.setItem(KEPT, "1");
  }

  callBack(): void {
    this.#isOff = false;
    localStorage.removeItem(KEPT);
  }
}

export const guide = new Guide();
