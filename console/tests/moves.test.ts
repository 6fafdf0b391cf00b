import { describe, expect, it } from "vitest";
import type { Change, MoveRow } from "../src/generated/api";
import { desk } from "../src/live/desk.svelte";
import type { SituationTold } from "../src/live/wire";
import { adviceKey, areasTold, inOrder, whyTold } from "../src/panes/moves";
import { speak } from "../src/words";
import situation from "./situation.json";

const row = (unit: string, gain_ppb: number, at = 1000): MoveRow => ({
  unit,
  station: "S3",
  instead_of: "S1",
  at,
  drive_ms: 300_000,
  gain_ppb,
  change_ppb: { north: -105_000_000, south: 210_000_000, mid: 4_000_000 },
  reasons: [{ code: "ADDS_COVER", area: "south", ppb: gain_ppb }],
  others: [],
});

describe("advice to cover elsewhere", () => {
  it("comes with a change and is gone with one", () => {
    desk.load({ ...(situation as unknown as SituationTold), moves: [row("E1", 5)] });
    expect([...desk.moves.keys()]).toEqual(["E1"]);
    const next = { pos: desk.pos + 1, at: 0 } as Change;
    desk.take({ ...next, moves: [row("E2", 7)], gone: { moves: ["E1"] } });
    expect([...desk.moves.keys()]).toEqual(["E2"]);
  });

  it("is none where a server is older and tells of none", () => {
    desk.load(situation as unknown as SituationTold);
    expect(desk.moves.size).toBe(0);
  });

  it("stands with the most worth first, by unit where they are worth the same", () => {
    expect(inOrder([row("E3", 5), row("E2", 9), row("E1", 5)]).map((one) => one.unit)).toEqual(["E2", "E1", "E3"]);
  });

  it("is ignored once, not for ever", () => {
    expect(adviceKey(row("E1", 5, 1000))).not.toBe(adviceKey(row("E1", 5, 2000)));
  });

  it("says why, and which areas change most", async () => {
    await speak("en");
    expect(whyTold(row("E1", 105_000_000))).toBe("+10.5 % more covered, most in south");
    expect(areasTold(row("E1", 1).change_ppb)).toBe("south +21\u00a0% · north −10.5\u00a0% · mid +0.4\u00a0%");
    expect(areasTold({})).toBe("");
  });
});
