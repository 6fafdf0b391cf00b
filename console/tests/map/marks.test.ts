import { describe, expect, it } from "vitest";
import { ageOf, isFixTrusted, reportEvery, STALE_MS } from "../../src/map/ages";
import { EASE_MS, Fleet } from "../../src/map/fleet";
import { HitGrid } from "../../src/map/hits";
import { LabelGrid, placeLabel } from "../../src/map/labels";
import { cornersOf, letterOf, pinText, priorityRow, STATES, stateOf } from "../../src/map/marks";
import { eased, look, Seen } from "../../src/map/overlay";
import { type Camera, worldX, worldY } from "../../src/map/projection";
import type { FixSeen, UnitSeen } from "../../src/map/types";

const NOW = 1_800_000_000_000;
const unit = (name: string, more: Partial<UnitSeen> = {}): UnitSeen => ({
  unit: name, kind: "engine", phase: "at_station", incident: null, station: null, place: [9.5, 47.1], place_at: NOW - 5_000_000, ...more,
});
const fixes = (...all: FixSeen[]) => new Map(all.map((fix) => [fix[0], fix]));

describe("ages", () => {
  it("is late after two missed reports and stale after ten minutes, not a moment sooner", () => {
    expect(ageOf(NOW - 20_000, NOW, 10_000)).toBe("fresh");
    expect(ageOf(NOW - 20_001, NOW, 10_000)).toBe("late");
    expect(ageOf(NOW - STALE_MS, NOW, 10_000)).toBe("late");
    expect(ageOf(NOW - STALE_MS - 1, NOW, 10_000)).toBe("stale");
  });

  it("expects reports oftener from who drives", () => {
    expect(reportEvery("en_route", 0)).toBe(10_000);
    expect(reportEvery("at_station", 0)).toBe(60_000);
    expect(reportEvery("on_radio", 9)).toBe(10_000);
    expect(reportEvery("on_scene", null)).toBe(60_000);
  });

  it("trusts a report that came later than the last sure place, or is fresh", () => {
    expect(isFixTrusted(NOW - 500_000, NOW - 600_000, NOW, 10_000)).toBe(true);
    expect(isFixTrusted(NOW - 5_000, NOW - 1_000, NOW, 10_000)).toBe(true);
    expect(isFixTrusted(NOW - 500_000, NOW - 1_000, NOW, 10_000)).toBe(false);
    expect(isFixTrusted(NOW - 500_000, null, NOW, 10_000)).toBe(true);
  });
});

describe("fleet", () => {
  it("draws a unit without a report small, at its last sure place, and one without any place not at all", () => {
    const fleet = new Fleet();
    fleet.set([unit("E1"), unit("M2", { place: null })], fixes(), NOW, 0);
    expect(fleet.looks[fleet.look[0]!]).toEqual({ state: "AVAIL", age: "fresh", isSmall: true, letter: "E" });
    expect(fleet.x[0]).toBe(worldX(9.5));
    expect(fleet.x[1]).toBeNaN();
    const camera: Camera = { x: worldX(9.5), y: worldY(47.1), zoom: 12, width: 400, height: 300 };
    const seen = look(fleet, camera, Infinity, new Seen());
    expect([seen.count, seen.row[0], Math.round(seen.x[0]!), Math.round(seen.y[0]!)]).toEqual([1, 0, 200, 150]);
  });

  it("ages by itself and says whether that is to be seen", () => {
    const fleet = new Fleet();
    fleet.set([unit("E1", { phase: "en_route" })], fixes(["E1", 9.51, 47.11, NOW, 90, 12]), NOW, 0);
    expect(fleet.grow(NOW + 15_000)).toBe(false);
    expect(fleet.grow(NOW + 21_000)).toBe(true);
    expect(fleet.age(0)).toBe("late");
    expect(fleet.grow(NOW + STALE_MS + 1)).toBe(true);
    expect(fleet.reported()).toEqual({ units: 1, stale: 1, newest: NOW });
    expect(fleet.heading[0]).toBe(90);
  });

  it("slides between two reports, never beyond, and jumps when it is far", () => {
    const fleet = new Fleet();
    const camera: Camera = { x: worldX(9.51), y: worldY(47.11), zoom: 15, width: 800, height: 600 };
    const at = (clock: number) => look(fleet, camera, clock, new Seen()).x[0]!;
    fleet.set([unit("E1")], fixes(["E1", 9.51, 47.11, NOW]), NOW, 1000);
    fleet.set([unit("E1")], fixes(["E1", 9.511, 47.11, NOW + 1000]), NOW, 2000);
    const way = [0, 100, 300, EASE_MS, 5000].map((after) => at(2000 + after));
    expect(way[0]).toBeCloseTo(400, 2);
    expect(way).toEqual([...way].sort((one, other) => one - other));
    expect(way[3]).toBe(way[4]);
    fleet.set([unit("E1")], fixes(["E1", 9.52, 47.12, NOW + 2000]), NOW, 9000);
    fleet.set([unit("E1")], fixes(["E1", 9.511, 47.11, NOW + 3000]), NOW, 9000);
    expect(at(9000)).toBe(way[4]);
    expect(eased(-5)).toBe(0);
    expect(eased(NaN)).toBe(1);
  });

  it("keeps places and looks when units come and go", () => {
    const fleet = new Fleet();
    fleet.set([unit("E1"), unit("E2")], fixes(["E2", 9.52, 47.1, NOW]), NOW, 0);
    fleet.set([unit("E2"), unit("E9")], fixes(["E2", 9.52, 47.1, NOW]), NOW, 10_000);
    expect([fleet.row("E1"), fleet.row("E2"), fleet.row("E9")]).toEqual([-1, 0, 1]);
    expect(fleet.x[0]).toBe(worldX(9.52));
    expect(fleet.isMoving(10_001)).toBe(false);
  });
});

describe("marks", () => {
  it("has a shape of its own for each state but the two circles, of which one is crossed out", () => {
    const shapes = STATES.map((state) => JSON.stringify(cornersOf(state)));
    expect(new Set(shapes).size).toBe(STATES.length - 1);
    expect([cornersOf("DISP"), cornersOf("OOS")]).toEqual([null, null]);
    expect([stateOf("at_patient"), stateOf("something new")]).toEqual(["ONSC", "OOS"]);
  });

  it("puts letters and priorities on them in any script", () => {
    expect([letterOf("e11"), letterOf("  "), letterOf("سيارة"), letterOf("🚒7")]).toEqual(["E", "?", "س", "🚒"]);
    expect([pinText("P1", false), pinText("P12", false), pinText("high", false), pinText("P1", true), pinText("", false)]).toEqual(["1", "12", "h", "H", "?"]);
    expect([priorityRow("P1", ["P1", "P2", "P3"]), priorityRow("P3", ["P1", "P2", "P3"]), priorityRow("x", ["P1"])]).toEqual([0, 2, 2]);
  });
});

describe("hit-test", () => {
  it("finds what a search of all finds", () => {
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const xs = Float32Array.from({ length: 2000 }, () => random() * 900 - 50);
    const ys = Float32Array.from({ length: 2000 }, () => random() * 700 - 50);
    const grid = new HitGrid();
    grid.build(xs, ys, 2000, 800, 608);
    for (let n = 0; n < 300; n++) {
      const [px, py] = [random() * 800, random() * 600];
      let best = -1;
      let least = 16 * 16;
      for (let i = 0; i < 2000; i++) {
        if (!(xs[i]! >= 0 && xs[i]! < 800 && ys[i]! >= 0 && ys[i]! < 608)) continue;
        const distance = (xs[i]! - px) ** 2 + (ys[i]! - py) ** 2;
        if (distance < least) [best, least] = [i, distance];
      }
      expect(grid.nearest(px, py, 16)).toBe(best);
    }
  });

  it("takes the one on top of equals, and nothing of an empty or unknown place", () => {
    const grid = new HitGrid();
    grid.build([10, 10, NaN], [10, 10, 5], 3, 100, 100);
    expect(grid.nearest(10, 10, 8)).toBe(1);
    expect(grid.nearest(60, 60, 8)).toBe(-1);
    grid.build([], [], 0, 0, 0);
    expect(grid.nearest(0, 0, 8)).toBe(-1);
  });
});

describe("labels", () => {
  it("never lie over each other, over marks, or beyond the edge", () => {
    const grid = new LabelGrid();
    grid.reset(400, 300);
    const boxes: { left: number; top: number }[] = [];
    for (let i = 0; i < 60; i++) {
      const at = placeLabel(grid, 150 + (i % 10) * 12, 100 + Math.floor(i / 10) * 12, 8, 30, 14);
      if (at) boxes.push(at);
    }
    expect(boxes.length).toBeGreaterThan(3);
    expect(boxes.length).toBeLessThan(60);
    for (const [i, one] of boxes.entries()) {
      expect(one.left >= 0 && one.top >= 0 && one.left + 30 <= 412 && one.top + 14 <= 304).toBe(true);
      for (const other of boxes.slice(i + 1)) expect(Math.abs(one.left - other.left) >= 30 || Math.abs(one.top - other.top) >= 14).toBe(true);
    }
    grid.reset(400, 300);
    for (let x = 0; x < 400; x += 10) for (let y = 0; y < 300; y += 6) grid.keepOff(x, y, 6);
    expect(placeLabel(grid, 200, 150, 8, 30, 14)).toBeNull();
  });
});
