/** The base map's look, light and dark: quiet greys, so that only what matters has colour (rule 8). Our own tiles, the system's own fonts. */

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

export type Theme = "light" | "dark" | "forced";

export interface Ground {
  readonly land: string;
  readonly water: string;
  readonly green: string;
  readonly building: string;
  readonly rail: string;
  readonly casing: string;
  readonly great: string;
  readonly middle: string;
  readonly small: string;
  readonly text: string;
  readonly place: string;
  readonly halo: string;
  readonly point: string;
}

export const GROUNDS: Readonly<Record<"light" | "dark", Ground>> = {
  light: {
    land: "#e9eaec", water: "#c9d1d8", green: "#dfe3df", building: "#dcdde0", rail: "#b9bcc1", casing: "#b4b8be", great: "#ffffff",
    middle: "#ffffff", small: "#f8f9fa", text: "#4a4f56", place: "#33373c", halo: "#f4f5f6", point: "#6a7078",
  },
  dark: {
    land: "#1d2024", water: "#14191f", green: "#202622", building: "#262a2f", rail: "#3d4249", casing: "#14171a", great: "#555c65",
    middle: "#474d55", small: "#363b42", text: "#b9bfc6", place: "#d6dade", halo: "#1a1d20", point: "#9aa1a9",
  },
};

/** Of the user's own colours: lines and names only. */
export function forcedGround(ground: string, text: string): Ground {
  return {
    land: ground, water: ground, green: ground, building: ground, rail: text, casing: ground, great: text, middle: text, small: text,
    text, place: text, halo: ground, point: text,
  };
}

const GREAT = ["motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"];
const MIDDLE = ["secondary", "tertiary", "secondary_link", "tertiary_link", "busway"];
const FONT = ["Noto Sans", "system-ui", "sans-serif"];

const width = (...stops: (readonly [number, number])[]): ExpressionSpecification =>
  ["interpolate", ["exponential", 1.5], ["zoom"], ...stops.flat()] as unknown as ExpressionSpecification;

const isIn = (property: string, values: readonly string[]): ExpressionSpecification => ["in", ["get", property], ["literal", [...values]]];

function street(id: string, filter: ExpressionSpecification, colour: string, wide: ExpressionSpecification, minzoom?: number): LayerSpecification {
  return {
    id, type: "line", source: "ground", "source-layer": "streets", filter,
    ...(minzoom === undefined ? {} : { minzoom }),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": wide },
  } as LayerSpecification;
}

function streets(ground: Ground): LayerSpecification[] {
  const isGreat = isIn("class", GREAT);
  const isMiddle = isIn("class", MIDDLE);
  const isSmall: ExpressionSpecification = ["!", isIn("class", [...GREAT, ...MIDDLE])];
  const great = [[6, 1], [11, 2.2], [14, 5], [18, 26]] as const;
  const middle = [[9, 0.6], [12, 1.6], [14, 4], [18, 22]] as const;
  const small = [[11, 0.4], [13, 1.2], [14, 2.4], [18, 18]] as const;
  const wider = (stops: readonly (readonly [number, number])[]) => width(...stops.map(([zoom, px]) => [zoom, px + (zoom < 12 ? 0.8 : 1.8)] as const));
  return [
    street("small-casing", isSmall, ground.casing, wider(small), 13),
    street("middle-casing", isMiddle, ground.casing, wider(middle), 11),
    street("great-casing", isGreat, ground.casing, wider(great)),
    street("small", isSmall, ground.small, width(...small)),
    street("middle", isMiddle, ground.middle, width(...middle)),
    street("great", isGreat, ground.great, width(...great)),
  ];
}

function streetNames(ground: Ground): LayerSpecification[] {
  const rows: readonly (readonly [string, ExpressionSpecification, number, number])[] = [
    ["small", ["!", isIn("class", [...GREAT, ...MIDDLE])], 15, 11.5],
    ["middle", isIn("class", MIDDLE), 14, 12],
    ["great", isIn("class", GREAT), 12.5, 12.5],
  ];
  return rows.map(([id, filter, minzoom, size]) => ({
    id: `${id}-name`, type: "symbol", source: "ground", "source-layer": "streets", filter: ["all", ["has", "name"], filter], minzoom,
    layout: {
      "symbol-placement": "line", "symbol-spacing": 320, "text-field": ["get", "name"], "text-font": FONT, "text-size": size,
      "text-padding": 6, "text-max-angle": 30,
    },
    paint: { "text-color": ground.text, "text-halo-color": ground.halo, "text-halo-width": 1.75 },
  })) as LayerSpecification[];
}

function grounds(ground: Ground, hasBuildings: boolean): LayerSpecification[] {
  const isLine: ExpressionSpecification = ["==", ["geometry-type"], "LineString"];
  const isArea: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];
  const buildings: LayerSpecification[] = hasBuildings
    ? [{ id: "buildings", type: "fill", source: "ground", "source-layer": "buildings", minzoom: 14, paint: { "fill-color": ground.building } }]
    : [];
  return [
    { id: "land", type: "background", paint: { "background-color": ground.land } },
    { id: "green", type: "fill", source: "ground", "source-layer": "green", filter: isArea, paint: { "fill-color": ground.green, "fill-antialias": false } },
    { id: "water", type: "fill", source: "ground", "source-layer": "water", filter: isArea, paint: { "fill-color": ground.water } },
    {
      id: "rivers", type: "line", source: "ground", "source-layer": "water", filter: isLine,
      paint: { "line-color": ground.water, "line-width": width([8, 1], [14, 3], [18, 10]) },
    },
    ...buildings,
    {
      id: "rails", type: "line", source: "ground", "source-layer": "railways", filter: isLine,
      paint: { "line-color": ground.rail, "line-width": width([9, 0.6], [14, 1.4], [18, 3]), "line-dasharray": [4, 2] },
    },
  ] as LayerSpecification[];
}

function names(ground: Ground): LayerSpecification[] {
  const places: readonly (readonly [string, readonly string[], number, number, number])[] = [
    ["hamlets", ["hamlet", "locality", "suburb"], 12, 24, 12.5],
    ["villages", ["village"], 10, 24, 13],
    ["towns", ["town", "city"], 4, 15, 15],
  ];
  return [
    {
      id: "points", type: "symbol", source: "ground", "source-layer": "points", minzoom: 14, filter: ["has", "name"],
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11.5, "text-max-width": 9, "text-padding": 8 },
      paint: { "text-color": ground.point, "text-halo-color": ground.halo, "text-halo-width": 1.5 },
    },
    ...places.map(([id, kinds, minzoom, maxzoom, size]) => ({
      id, type: "symbol", source: "ground", "source-layer": "places", filter: isIn("kind", kinds), minzoom, maxzoom,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": size, "text-max-width": 8, "text-padding": 6 },
      paint: { "text-color": ground.place, "text-halo-color": ground.halo, "text-halo-width": 2 },
    })),
  ] as LayerSpecification[];
}

export interface Source {
  /** `https://…/api/tiles/<hash>/{z}/{x}/{y}`, absolute: the map's worker has no page to be relative to. */
  readonly tiles: string;
  readonly min_zoom: number;
  readonly max_zoom: number;
  readonly bounds: readonly [number, number, number, number] | null;
}

/** On software drawing (`isSoft`) buildings are left out and nothing fades. */
export function baseStyle(ground: Ground, source: Source, isSoft: boolean): StyleSpecification {
  return {
    version: 8,
    transition: { duration: 0, delay: 0 },
    sources: {
      ground: {
        type: "vector",
        tiles: [source.tiles],
        minzoom: source.min_zoom,
        maxzoom: source.max_zoom,
        ...(source.bounds ? { bounds: [...source.bounds] as [number, number, number, number] } : {}),
      },
    },
    layers: [...grounds(ground, !isSoft), ...streets(ground), ...streetNames(ground), ...names(ground)],
  };
}

/** Renderers that draw with the processor: SwiftShader, Mesa's llvmpipe, Microsoft's Basic Render. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|basic render|software/i.test(renderer);
}
