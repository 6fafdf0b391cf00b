/**
 * How things look on the map: shape and letter first, colour second (rule 9). A unit's shape is its status, its letter the first of its
 * name, as crews say it; an incident is a pin with its priority, a station a house.
 */

import type { Age } from "./ages";

export type State = "AVAIL" | "DISP" | "ENRT" | "ONSC" | "TRANS" | "HOSP" | "OOS";
export const STATES: readonly State[] = ["AVAIL", "DISP", "ENRT", "ONSC", "TRANS", "HOSP", "OOS"];

const STATE_OF: Readonly<Record<string, State>> = {
  off: "OOS",
  at_station: "AVAIL",
  on_radio: "AVAIL",
  returning: "AVAIL",
  moving_up: "AVAIL",
  dispatched: "DISP",
  acknowledged: "DISP",
  en_route: "ENRT",
  staging: "ONSC",
  on_scene: "ONSC",
  at_patient: "ONSC",
  transporting: "TRANS",
  at_hospital: "HOSP",
};

export function stateOf(phase: string): State {
  return STATE_OF[phase] ?? "OOS";
}

export interface Paint {
  readonly fill: string;
  /** Of the letter on it. */
  readonly letter: string;
}

/** Colours of one theme. Those of states are the same in all but forced colours: outline and shape carry them on any ground. */
export interface Palette {
  readonly states: Readonly<Record<State, Paint>>;
  readonly priorities: readonly Paint[];
  readonly outline: string;
  /** A thin light line around dark outlines on dark ground; empty = none. */
  readonly rim: string;
  readonly hollow: Paint;
  readonly station: Paint;
  readonly plate: string;
  readonly text: string;
  readonly ring: string;
  readonly ringUnder: string;
  readonly route: string;
  readonly routeUnder: string;
  readonly closure: string;
  readonly closureUnder: string;
  readonly reach: readonly string[];
  readonly reachLine: string;
  readonly doubt: string;
  readonly ground: string;
  readonly grid: string;
}

const BLACK = "#0b0d0f";
const WHITE = "#ffffff";

const STATE_PAINT: Readonly<Record<State, Paint>> = {
  AVAIL: { fill: "#009E73", letter: BLACK },
  DISP: { fill: "#E69F00", letter: BLACK },
  ENRT: { fill: "#56B4E9", letter: BLACK },
  ONSC: { fill: "#D55E00", letter: BLACK },
  TRANS: { fill: "#0072B2", letter: WHITE },
  HOSP: { fill: "#CC79A7", letter: BLACK },
  OOS: { fill: "#767676", letter: WHITE },
};

const PRIORITY_PAINT: readonly Paint[] = [
  { fill: "#b3001b", letter: WHITE },
  { fill: "#ffc53d", letter: BLACK },
  { fill: "#e8eaed", letter: BLACK },
];

export const LIGHT: Palette = {
  states: STATE_PAINT,
  priorities: PRIORITY_PAINT,
  outline: BLACK,
  rim: "",
  hollow: { fill: "#ffffff", letter: BLACK },
  station: { fill: "#ffffff", letter: "#22262b" },
  plate: "rgba(255,255,255,0.9)",
  text: "#14171a",
  ring: "#14171a",
  ringUnder: "#ffffff",
  route: "#17558c",
  routeUnder: "rgba(255,255,255,0.9)",
  closure: "#9c1111",
  closureUnder: "rgba(255,255,255,0.85)",
  reach: ["rgba(0,90,140,0.10)", "rgba(0,90,140,0.10)"],
  reachLine: "#3c5f78",
  doubt: "#14171a",
  ground: "#e9eaec",
  grid: "#cfd2d6",
};

export const DARK: Palette = {
  ...LIGHT,
  rim: "rgba(255,255,255,0.75)",
  hollow: { fill: "#14171a", letter: WHITE },
  station: { fill: "#31363d", letter: "#e6e8eb" },
  plate: "rgba(20,23,26,0.88)",
  text: "#f0f2f4",
  ring: "#ffffff",
  ringUnder: "#0b0d0f",
  route: "#8fcbf5",
  routeUnder: "rgba(11,13,15,0.85)",
  closure: "#ff8f85",
  closureUnder: "rgba(11,13,15,0.85)",
  reach: ["rgba(120,190,235,0.11)", "rgba(120,190,235,0.11)"],
  reachLine: "#86a9c0",
  doubt: "#f0f2f4",
  ground: "#1d2024",
  grid: "#33383f",
};

/** Of the user's own few colours: every mark is outline, shape and letter. */
export function forcedPalette(ground: string, text: string, highlight: string): Palette {
  const paint = { fill: ground, letter: text };
  const states = Object.fromEntries(STATES.map((state) => [state, paint])) as Record<State, Paint>;
  return {
    states,
    priorities: [{ fill: text, letter: ground }, paint, paint],
    outline: text,
    rim: "",
    hollow: paint,
    station: paint,
    plate: ground,
    text,
    ring: highlight,
    ringUnder: ground,
    route: highlight,
    routeUnder: ground,
    closure: text,
    closureUnder: ground,
    reach: ["transparent", "transparent"],
    reachLine: highlight,
    doubt: text,
    ground,
    grid: text,
  };
}

/** What a unit's marker looks like; equal looks share one picture. */
export interface Look {
  readonly state: State;
  readonly age: Age;
  /** Without a reported position: at its last sure place. */
  readonly isSmall: boolean;
  readonly letter: string;
}

export function letterOf(name: string): string {
  return (Array.from(name.trim())[0] ?? "?").toLocaleUpperCase();
}

export function lookKey(look: Look): string {
  return `${look.state}|${look.age}|${look.isSmall ? 1 : 0}|${look.letter}`;
}

/** Row of the palette's priorities: the first is the most urgent, all after the second are equal. */
export function priorityRow(priority: string, order: readonly string[]): number {
  const at = order.indexOf(priority);
  return at < 0 ? 2 : Math.min(at, 2);
}

/** What stands in an incident's pin: H when held, else the shortest that tells its priority. */
export function pinText(priority: string, isHeld: boolean): string {
  if (isHeld) return "H";
  const digits = /\d+/.exec(priority);
  return (digits ? digits[0] : Array.from(priority).slice(0, 1).join("")).slice(0, 2) || "?";
}

/** Corners of a state's shape around (0, 0), radius 1; null = a circle. Chosen to be told apart in grey and without the letter. */
export function cornersOf(state: State): readonly (readonly [number, number])[] | null {
  return CORNERS[state];
}

function regular(count: number, turn_deg: number, radius: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const angle = ((turn_deg + (360 * i) / count) * Math.PI) / 180;
    return [Math.sin(angle) * radius, -Math.cos(angle) * radius];
  });
}

/** As `looks/Mark.svelte` draws them in lists. Out of service is a circle that is hollow and crossed out. */
const CORNERS: Readonly<Record<State, readonly (readonly [number, number])[] | null>> = {
  AVAIL: [[0, -1.35], [1.3, 0.95], [-1.3, 0.95]],
  DISP: null,
  ENRT: [[-0.95, -1.3], [1.4, 0], [-0.95, 1.3]],
  ONSC: regular(4, 45, 1.35),
  TRANS: regular(4, 0, 1.45),
  HOSP: [
    [-0.55, -1.3], [0.55, -1.3], [0.55, -0.55], [1.3, -0.55], [1.3, 0.55], [0.55, 0.55],
    [0.55, 1.3], [-0.55, 1.3], [-0.55, 0.55], [-1.3, 0.55], [-1.3, -0.55], [-0.55, -0.55],
  ],
  OOS: null,
};

/** Middle of the letter, in radii from the middle of the shape: triangles are wide elsewhere. */
export const LETTER_AT: Readonly<Record<State, readonly [number, number]>> = {
  AVAIL: [0, 0.3], DISP: [0, 0.08], ENRT: [-0.28, 0.08], ONSC: [0, 0.08], TRANS: [0, 0.08], HOSP: [0, 0.08], OOS: [0, 0.08],
};
