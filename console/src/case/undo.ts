/** What this seat could still take back: told from the log, so that it also holds for the command line and after a reload. */
import type { LogRow } from "./shapes";

const UNDOABLE = new Set(["UnitStatusChanged", "UnitsDispatched", "MoveUpOrdered"]);
const TAKES_BACK = new Set(["StatusUndone", "AssignmentCancelled", "MoveUpEnded"]);

export interface Undoable {
  row: LogRow;
  left_ms: number;
}

/** The latest undoable act of the seat within the window; null when there is none or it has been taken back. `log` is oldest first. */
export function undoable(log: readonly LogRow[], seat: string, now_ms: number, within_ms: number): Undoable | null {
  let taken = 0;
  for (let index = log.length - 1; index >= 0; index -= 1) {
    const row = log[index]!;
    if (now_ms - row.recorded >= within_ms) return null;
    if (row.actor !== seat) continue;
    if (TAKES_BACK.has(row.what)) taken += 1;
    else if (UNDOABLE.has(row.what)) {
      if (taken === 0) return { row, left_ms: within_ms - (now_ms - row.recorded) };
      taken -= 1;
    }
  }
  return null;
}
