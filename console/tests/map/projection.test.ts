import { describe, expect, it } from "vitest";
import { boundsOf, type Camera, EARTH_CIRCUMFERENCE_M, fitted, latOf, lonOf, metresPerPixel, scaleBar, toLonLat, toScreen, worldX, worldY } from "../../src/map/projection";
import { isShown, panned, zoomed } from "../../src/map/view";

const LA_SERENA: Camera = { x: worldX(-71.2542), y: worldY(-29.9027), zoom: 14.3, width: 900, height: 600 };

describe("plane", () => {
  it("puts the corners of the tiled world where tiles have them", () => {
    expect([worldX(-180), worldX(0), worldX(180)]).toEqual([0, 0.5, 1]);
    expect(worldY(0)).toBeCloseTo(0.5, 12);
    expect(worldY(85.05112878)).toBeCloseTo(0, 9);
    expect(worldY(90)).toBe(worldY(85.05112878));
  });

  it("is its own inverse to a hundredth of a millimetre", () => {
    for (const [lon, lat] of [[-71.25, -29.9], [9.52, 47.14], [179.9999, 66.5], [-0.0001, -84]] as const) {
      expect(lonOf(worldX(lon))).toBeCloseTo(lon, 10);
      expect(latOf(worldY(lat))).toBeCloseTo(lat, 10);
    }
  });

  it("goes to the screen and back", () => {
    for (const [px, py] of [[0, 0], [450, 300], [899, 1], [-40, 720]] as const) {
      const [lon, lat] = toLonLat(LA_SERENA, px, py);
      const [x, y] = toScreen(LA_SERENA, worldX(lon), worldY(lat));
      expect(x).toBeCloseTo(px, 5);
      expect(y).toBeCloseTo(py, 5);
    }
  });

  it("shows the near copy of a place across the 180th meridian", () => {
    const fiji: Camera = { x: worldX(179.99), y: worldY(-17), zoom: 12, width: 800, height: 600 };
    const [x] = toScreen(fiji, worldX(-179.99), worldY(-17));
    expect(x).toBeGreaterThan(400);
    expect(x).toBeLessThan(800);
    expect(toLonLat(fiji, x, 300)[0]).toBeCloseTo(-179.99, 9);
  });
});

describe("measures", () => {
  it("knows the metres of a pixel at the equator", () => {
    expect(metresPerPixel({ ...LA_SERENA, y: 0.5, zoom: 0 })).toBeCloseTo(EARTH_CIRCUMFERENCE_M / 512, 6);
  });

  it("makes a scale bar of 1, 2 or 5 that fits", () => {
    for (let zoom = 1; zoom < 20; zoom += 0.37) {
      const bar = scaleBar({ ...LA_SERENA, zoom }, 110);
      expect([1, 2, 5]).toContain(Number(String(bar.metres)[0]));
      expect(bar.px).toBeLessThanOrEqual(110.0001);
      expect(bar.px).toBeGreaterThan(110 / 2.51);
    }
  });
});

describe("moving", () => {
  it("keeps what lies under the pointer while it zooms", () => {
    const before = toLonLat(LA_SERENA, 120, 480);
    const after = toLonLat(zoomed(LA_SERENA, 1.7, 120, 480), 120, 480);
    expect(after[0]).toBeCloseTo(before[0], 9);
    expect(after[1]).toBeCloseTo(before[1], 9);
  });

  it("moves by as many pixels as asked", () => {
    const [x, y] = toScreen(panned(LA_SERENA, 100, -50), LA_SERENA.x, LA_SERENA.y);
    expect(x).toBeCloseTo(350, 6);
    expect(y).toBeCloseTo(350, 6);
  });

  it("shows all of what it is fitted to, and no nearer than told", () => {
    const bounds = boundsOf([[-71.34, -29.99], [-71.22, -29.87]])!;
    const camera = fitted(bounds, 700, 500, 40, 16);
    for (const [lon, lat] of [[-71.34, -29.99], [-71.22, -29.87]] as const) expect(isShown(camera, worldX(lon), worldY(lat), 39)).toBe(true);
    expect(fitted(boundsOf([[9.5, 47.1]])!, 700, 500, 40, 16).zoom).toBe(16);
    expect(boundsOf([])).toBeNull();
  });
});
