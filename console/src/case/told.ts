/** Spans and distances as dispatchers read them. Pure: what time it is comes from the caller, who has it from the server. */

const HOUR_MS = 3_600_000;

const two = (value: number): string => String(value).padStart(2, "0");

/** How long until somebody is there: `4:10`, beyond an hour `1:02:03`. Never negative: who is late is "0:00", and said to be late beside it. */
export function span(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** How long it has been: `00:41`, `25:03`, `3:05:00`. Whole seconds that have passed. */
export function elapsed(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

/** `3:40–5:05`; empty where no interval is known: none is made up. */
export function interval(low_ms: number | null | undefined, high_ms: number | null | undefined): string {
  if (low_ms == null || high_ms == null) return "";
  return `${span(low_ms)}–${span(high_ms)}`;
}

/** A difference with its sign: `+1:05`, `−0:20`. */
export function difference(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${span(Math.abs(ms))}`;
}

/** Distances in as many digits as say something: `25 m`, `640 m`, `2.4 km`, `31 km`. */
export function distance(m: number): string {
  if (m < 1000) return `${m < 100 ? Math.ceil(m) : Math.round(m / 10) * 10} m`;
  const km = m / 1000;
  return `${km < 10 ? km.toFixed(1) : Math.round(km)} km`;
}

/** Radius of doubt: `±25 m`; the empty text where it was not stated, which is not the same as none. */
export function doubt(uncertainty_m: number | null | undefined): string {
  return uncertainty_m == null ? "" : `±${distance(uncertainty_m)}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Wall clock of the centre, 24 h with seconds. An unknown zone reads as UTC, which the caller shows beside it. */
export function clock(at_ms: number, zone: string): string {
  return formatOf(zone, false).format(at_ms);
}

/** The same with the day in front, for records and paper. */
export function dayAndClock(at_ms: number, zone: string): string {
  const part = Object.fromEntries(formatOf(zone, true).formatToParts(at_ms).map((one) => [one.type, one.value]));
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
}

function formatOf(zone: string, isDated: boolean): Intl.DateTimeFormat {
  const key = `${zone}/${isDated}`;
  const known = clocks.get(key);
  if (known) return known;
  const day = isDated ? ({ year: "numeric", month: "2-digit", day: "2-digit" } as const) : {};
  const style = { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone });
  } catch {
    made = new Intl.DateTimeFormat("en-GB", { ...style, timeZone: "UTC" });
  }
  clocks.set(key, made);
  return made;
}

/** An entry counts as late when it was written down this long after it happened: somebody typed it in afterwards. */
export const LATE_ENTRY_MS = 10_000;

export const isLateEntry = (at_ms: number, recorded_ms: number): boolean => recorded_ms - at_ms >= LATE_ENTRY_MS;

/** Ages that people look at: up to an hour `mm:ss`, then `h:mm:ss`; beyond a day in whole days. */
export function age(ms: number): string {
  return ms >= 24 * HOUR_MS ? `${Math.floor(ms / (24 * HOUR_MS))} d` : elapsed(ms);
}
