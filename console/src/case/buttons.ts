/** The buttons of a unit come from its life, which the server states: no rule lives here. */

/** `NEXT`, `BUSY`, `FREE` and `STATUS` of core/messages/unit.py, as scripts/console_sources.py writes them out. */
export interface Life {
  next: Readonly<Record<string, readonly string[]>>;
  busy: readonly string[];
  free: readonly string[];
  status: Readonly<Record<string, readonly [string, readonly string[]]>>;
}

export interface Step {
  phase: string;
  /** It ends the job in hand. */
  isEnd: boolean;
}

/** What may come next, in the order of a job; being free again, and out of service, last. Being told to go is not a step of the unit's own. */
export function stepsFrom(phase: string, life: Life): Step[] {
  const next = new Set(life.next[phase] ?? []);
  next.delete("dispatched");
  const onward = life.busy.filter((one) => next.has(one)).map((one) => ({ phase: one, isEnd: false }));
  const ends = [...life.free, ...Object.keys(life.next).filter((one) => !life.free.includes(one) && !life.busy.includes(one))];
  return [...onward, ...ends.filter((one) => next.has(one)).map((one) => ({ phase: one, isEnd: true }))];
}

/** The command for a step, as the unit itself would report it. */
export function reportOf(unit: string, incident: string, phase: string, life: Life): Record<string, unknown> {
  return { type: "ReportUnitStatus", unit, status: life.status[phase], incident };
}
