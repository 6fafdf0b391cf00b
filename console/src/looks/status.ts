/** How a unit's status looks: code, shape and colour (console note, section 7). Codes are the same in every language. */

import type { Phase } from "../generated/api";

export interface Look {
  code: string;
  /** Name of the shape, see `Mark.svelte`, and of the colour's custom property, `--status-…`. */
  name: "avail" | "disp" | "enrt" | "onsc" | "trans" | "hosp" | "oos";
  /** Colour for the canvas, which knows no custom properties. */
  colour: string;
}

const AVAIL: Look = { code: "AVAIL", name: "avail", colour: "#009E73" };
const DISP: Look = { code: "DISP", name: "disp", colour: "#E69F00" };
const ENRT: Look = { code: "ENRT", name: "enrt", colour: "#56B4E9" };
const ONSC: Look = { code: "ONSC", name: "onsc", colour: "#D55E00" };

export const LOOK: Record<Phase, Look> = {
  off: { code: "OOS", name: "oos", colour: "#767676" },
  at_station: AVAIL,
  on_radio: { ...AVAIL, code: "RADIO" },
  returning: { ...AVAIL, code: "RETN" },
  moving_up: { ...AVAIL, code: "COVER" },
  dispatched: DISP,
  acknowledged: { ...DISP, code: "ACK" },
  en_route: ENRT,
  staging: { ...ONSC, code: "STAGE" },
  on_scene: ONSC,
  at_patient: { ...ONSC, code: "PATNT" },
  transporting: { code: "TRANS", name: "trans", colour: "#0072B2" },
  at_hospital: { code: "HOSP", name: "hosp", colour: "#CC79A7" },
};

/** Order of the groups on the unit board: who is free first, who is out last. */
export const PHASES: readonly Phase[] = [
  "at_station", "on_radio", "returning", "moving_up", "dispatched", "acknowledged", "en_route", "staging", "on_scene", "at_patient",
  "transporting", "at_hospital", "off",
];

export const FREE: ReadonlySet<Phase> = new Set(["at_station", "on_radio", "returning", "moving_up"]);
