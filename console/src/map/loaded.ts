/** What the map asks the server for besides the stream: routes of an incident, and how far free units get. */

import { got, type Got } from "../live/http";
import { type Drawn, drawn } from "./lines";
import type { LonLat, MapTold, RouteSeen } from "./types";

interface Reach {
  features: readonly { properties: { minutes: number }; geometry: { coordinates: readonly (readonly (readonly LonLat[])[])[] } }[];
}

export function mapTold(): Promise<Got<MapTold>> {
  return got<MapTold>("/api/map");
}

/** Routes of the incident: under way as solid lines, only recommended as dashed ones. */
export function routeLines(routes: readonly RouteSeen[]): Record<"route" | "picks", Drawn[]> {
  const of = (isUnderWay: boolean) =>
    routes.filter((one) => one.is_under_way === isUnderWay && one.line.length > 1).map((one) => drawn(isUnderWay ? "route" : "picks", one.unit, "line", [one.line]));
  return { route: of(true), picks: of(false) };
}

export async function routesOf(incident: string): Promise<Got<{ routes: RouteSeen[] }>> {
  return got(`/api/routes?${new URLSearchParams({ incident })}`);
}

export async function reach(minutes: readonly number[]): Promise<Got<Reach>> {
  return got(`/api/reach?minutes=${minutes.join(",")}`);
}

/** Areas of reach, the widest first. */
export function reachAreas(told: Reach): Drawn[] {
  return [...told.features]
    .sort((one, other) => other.properties.minutes - one.properties.minutes)
    .map((feature, rank) => drawn("reach", String(feature.properties.minutes), "polygon", feature.geometry.coordinates.flat(), rank));
}
