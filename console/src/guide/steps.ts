/**
 * One call, step by step. Pure: what the store tells goes in, which steps are ticked and which one is shown comes out. A step is ticked by
 * what has happened, never by time, and stays ticked.
 */

export const STEPS = ["take", "where", "what", "open", "advice", "send", "watch", "log"] as const;
export type Step = (typeof STEPS)[number];

/** Ticked by the desk, not by the person: shown until the person has read them and goes on. */
const TO_BE_READ: ReadonlySet<Step> = new Set<Step>(["advice", "watch"]);

/** What the store tells of this person's call. */
export interface Facts {
  isTaking: boolean;
  hasPlace: boolean;
  hasWhat: boolean;
  /** Incident that this seat has opened since the guide began. */
  incident: string | null;
  /** It is in front, with a recommendation. */
  isAdvised: boolean;
  /** This seat has sent units there. */
  isSent: boolean;
  /** One of its units rolls. */
  isRolling: boolean;
  /** The log is in front. */
  isLogSeen: boolean;
}

export interface Course {
  /** Position of the journal from which on things count. */
  from: number;
  journal: string;
  incident: string | null;
  done: readonly Step[];
  /** Step that is shown; as many as there are steps = the end. */
  at: number;
}

export function begin(journal: string, from: number): Course {
  return { from, journal, incident: null, done: [], at: 0 };
}

/** What has happened meanwhile; the very same course where nothing has. */
export function advance(course: Course, facts: Facts): Course {
  const incident = course.incident ?? facts.incident;
  const fresh = STEPS.filter((step) => !course.done.includes(step) && isDone(step, facts, course.done));
  if (fresh.length === 0) return incident === course.incident ? course : { ...course, incident };
  const done = STEPS.filter((step) => course.done.includes(step) || fresh.includes(step));
  return { ...course, incident, done, at: shownAfter(course.at, fresh, done) };
}

export function back(course: Course): Course {
  return { ...course, at: Math.max(0, course.at - 1) };
}

export function skip(course: Course): Course {
  return { ...course, at: Math.min(STEPS.length, course.at + 1) };
}

function isDone(step: Step, facts: Facts, done: readonly Step[]): boolean {
  const isOpen = facts.incident !== null;
  switch (step) {
    case "take":
      return facts.isTaking || isOpen;
    case "where":
      return facts.hasPlace || isOpen;
    case "what":
      return facts.hasWhat || isOpen;
    case "open":
      return isOpen;
    case "advice":
      return isOpen && (facts.isAdvised || facts.isSent);
    case "send":
      return isOpen && facts.isSent;
    case "watch":
      return facts.isSent && facts.isRolling;
    case "log":
      return done.includes("watch") && facts.isLogSeen;
  }
}

/** Goes on only by what happens at the step that is shown or after it: who has gone back to read something is left there. */
function shownAfter(at: number, fresh: readonly Step[], done: readonly Step[]): number {
  const last = STEPS.indexOf(fresh.at(-1)!);
  if (last < at) return at;
  if (TO_BE_READ.has(STEPS[last]!)) return last;
  const next = STEPS.findIndex((step, n) => n > last && !done.includes(step));
  return next < 0 ? STEPS.length : next;
}
