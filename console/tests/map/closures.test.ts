import { describe, expect, it } from "vitest";
import { asKind, begin, commandOf, coordinatesOf, missing, withoutLast, withPlace } from "../../src/map/draft";
import { circle, distancePx, drawn, isInView } from "../../src/map/lines";
import { type Camera, EARTH_CIRCUMFERENCE_M, type LonLat, worldX, worldY } from "../../src/map/projection";
import { isDark, rgbOf } from "../../src/map/theme";
import { baseStyle, GROUNDS, isSoftware } from "../../src/map/style";

const CAMERA: Camera = { x: worldX(9.52), y: worldY(47.14), zoom: 15, width: 800, height: 600 };
const SQUARE: LonLat[] = [[9.518, 47.142], [9.522, 47.142], [9.522, 47.138], [9.518, 47.138]];

describe("drawing a closure", () => {
  it("asks for as many different places as its shape needs", () => {
    let draft = begin("polygon");
    expect(missing(draft)).toBe(3);
    for (const place of SQUARE.slice(0, 2)) draft = withPlace(draft, place);
    draft = withPlace(draft, SQUARE[0]!);
    expect(missing(draft)).toBe(1);
    expect(missing(asKind(draft, "line"))).toBe(0);
    expect(missing(withoutLast(withoutLast(withoutLast(draft))))).toBe(3);
    expect(withoutLast(begin("line")).places).toEqual([]);
  });

  it("takes a double click once and nothing that is not on the earth", () => {
    const one = withPlace(begin("line"), [9.5, 47.1]);
    expect(withPlace(one, [9.5, 47.10000000001])).toBe(one);
    expect(withPlace(one, [200, 47])).toBe(one);
    expect(withPlace(one, [NaN, 47])).toBe(one);
    let many = begin("line");
    for (let i = 0; i < 700; i++) many = withPlace(many, [i / 1000, 0]);
    expect(many.places.length).toBe(500);
  });

  it("becomes the command, without fields that say nothing", () => {
    const draft = withPlace(withPlace(begin("line"), [9.5, 47.1]), [9.6, 47.2]);
    expect(commandOf(draft, { closure: "k", until: null, vehicles: [], reason: "  ", incident: null })).toEqual({
      type: "CloseRoad", closure: "k", shape: { kind: "line", places: [[9.5, 47.1], [9.6, 47.2]] },
    });
    expect(commandOf(draft, { closure: "k", until: 5, vehicles: ["truck", "engine"], reason: " flood ", incident: "i" })).toEqual({
      type: "CloseRoad", closure: "k", shape: { kind: "line", places: [[9.5, 47.1], [9.6, 47.2]] },
      until: 5, vehicles: ["engine", "truck"], reason: "flood", incident: "i",
    });
  });

  it("reads coordinates north first and leaves names to the gazetteer", () => {
    expect(coordinatesOf("-29.904, -71.251")).toEqual([-71.251, -29.904]);
    expect(coordinatesOf("-29.904,-71.251")).toEqual([-71.251, -29.904]);
    expect(coordinatesOf("47,14 9,52")).toEqual([9.52, 47.14]);
    expect(coordinatesOf("47,14; 9,52")).toEqual([9.52, 47.14]);
    expect(coordinatesOf("91, 9")).toBeNull();
    expect(coordinatesOf("Calle 12")).toBeNull();
    expect(coordinatesOf("12 34 56")).toBeNull();
  });
});

describe("lines and areas", () => {
  it("are hit inside an area, near a line, and not beside", () => {
    const area = drawn("closure", "a", "polygon", [SQUARE]);
    expect(distancePx(area, CAMERA, 400, 300)).toBe(0);
    expect(distancePx(area, CAMERA, 10, 10)).toBeGreaterThan(100);
    const line = drawn("closure", "l", "line", [[[9.51, 47.14], [9.53, 47.14]]]);
    expect(distancePx(line, CAMERA, 420, 305)).toBeCloseTo(5, 3);
    expect(distancePx(drawn("closure", "p", "points", [SQUARE]), CAMERA, 400, 300)).toBeGreaterThan(20);
    expect(distancePx(drawn("closure", "none", "line", []), CAMERA, 400, 300)).toBe(Infinity);
  });

  it("are left out where they are not in view", () => {
    expect(isInView(drawn("closure", "a", "polygon", [SQUARE]), CAMERA)).toBe(true);
    expect(isInView(drawn("closure", "a", "line", [[[8, 47], [8.1, 47]]]), CAMERA)).toBe(false);
    expect(isInView(drawn("closure", "none", "line", []), CAMERA)).toBe(false);
  });

  it("draws a circle of so many metres, closed", () => {
    const ring = circle([9.52, 47.14], 250);
    expect(ring[0]).toEqual(ring[ring.length - 1]);
    const degree_m = EARTH_CIRCUMFERENCE_M / 360;
    for (const [lon, lat] of ring) expect(Math.hypot((lon - 9.52) * degree_m * Math.cos((47.14 * Math.PI) / 180), (lat - 47.14) * degree_m)).toBeCloseTo(250, 3);
  });
});

describe("looks", () => {
  it("tells dark from light however the browser writes colours", () => {
    expect([isDark("rgb(255, 255, 255)"), isDark("rgb(18, 18, 18)"), isDark("color(srgb 0.07 0.07 0.07)"), isDark("rgba(0, 0, 0, 1)")]).toEqual([false, true, true, true]);
    expect(rgbOf("rgb(1, 2, 3)")).toEqual([1, 2, 3]);
  });

  it("knows drawing by the processor", () => {
    expect(isSoftware("ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)")).toBe(true);
    expect(isSoftware("llvmpipe (LLVM 15.0.7, 256 bits)")).toBe(true);
    expect(isSoftware("ANGLE (Intel, Mesa Intel(R) UHD Graphics 620)")).toBe(false);
  });

  it("keeps the ground grey, without glyphs or pictures from elsewhere", () => {
    for (const ground of [GROUNDS.light, GROUNDS.dark]) {
      for (const colour of Object.values(ground)) {
        const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(16);
      }
      const style = baseStyle(ground, { tiles: "http://x/{z}/{x}/{y}", min_zoom: 4, max_zoom: 14, bounds: null }, true);
      expect(style.glyphs ?? style.sprite).toBeUndefined();
      expect(style.layers.some((layer) => layer.id === "buildings")).toBe(false);
    }
  });
});
