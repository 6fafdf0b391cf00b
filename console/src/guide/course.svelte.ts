/** The course of this window: facts from the store, kept over a reload of the page. No words of anybody are in it. */

import { calls, frontCall } from "../case/calls.svelte";
import { desk } from "../live/desk.svelte";
import { inFront } from "../panes";
import { advance, back, begin, skip, type Course, type Facts } from "./steps";

const KEPT = "tocsin.guide";
const ROLLED = ["en_route", "staging", "on_scene"];

export interface Way {
  isTold: boolean;
  isRolling: boolean;
  isThere: boolean;
}

class CourseNow {
  #now: Course = $state.raw(kept() ?? begin(desk.journal, desk.pos));

  get now(): Course {
    return this.#now;
  }

  get facts(): Facts {
    const own = desk.log.filter((row) => row.pos > this.#now.from && row.actor === desk.session?.name);
    const incident = this.#now.incident ?? own.find((row) => row.what === "IncidentOpened")?.incident ?? null;
    const draft = frontCall();
    return {
      isTaking: calls.front !== null,
      hasPlace: draft?.place?.at != null,
      hasWhat: draft !== null && draft.typeText.trim() !== "" && draft.priority !== "",
      incident,
      isAdvised: desk.selected === incident && (desk.incidents.get(incident)?.advice?.picks.length ?? 0) > 0,
      isSent: this.#now.done.includes("send") || own.some((row) => row.what === "UnitsDispatched" && row.incident === incident),
      isRolling: wayOf(incident).isRolling,
      isLogSeen: inFront("foot")?.id === "log" || inFront("side", "foot")?.id === "log",
    };
  }

  /** How far the units are that were sent. */
  get way(): Way {
    return wayOf(this.#now.incident);
  }

  /** Number of the person's incident, as it is typed. */
  get number(): string {
    return String(desk.incidents.get(this.#now.incident)?.number ?? "");
  }

  /** Somebody else has sent units there: it was left alone for long. */
  get isOvertaken(): boolean {
    const row = desk.incidents.get(this.#now.incident);
    return row !== undefined && !this.facts.isSent && (row.life !== "open" || row.assignments.length > 0);
  }

  look(): void {
    if (this.#now.journal !== desk.journal) this.again();
    this.#set(advance(this.#now, this.facts));
  }

  back(): void {
    this.#set(back(this.#now));
  }

  skip(): void {
    this.#set(skip(this.#now));
  }

  again(): void {
    this.#set(begin(desk.journal, desk.pos));
  }

  #set(course: Course): void {
    if (course === this.#now) return;
    this.#now = course;
    sessionStorage.setItem(KEPT, JSON.stringify(course));
  }
}

function wayOf(incident: string | null): Way {
  const stamps = (desk.incidents.get(incident)?.assignments ?? []).flatMap((one) => Object.keys(one.stamps));
  const isRolling = stamps.some((one) => ROLLED.includes(one));
  return { isTold: isRolling || stamps.includes("acknowledged"), isRolling, isThere: stamps.includes("on_scene") };
}

function kept(): Course | null {
  const course = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Course | null;
  return course?.journal === desk.journal ? course : null;
}

export const course = new CourseNow();
