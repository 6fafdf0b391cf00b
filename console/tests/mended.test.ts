import "./browser";
import { expect, test } from "vitest";
import { recipients } from "../src/case/recipients";
import { next } from "../src/frame/speeds";
import { creditLine } from "../src/map/credit";
import { todoOf } from "../src/panes/todo";

test("whose data the map is, once each", () => {
  const streets = "Streets © OpenStreetMap contributors, ODbL 1.0, by way of the Coquimbo example";
  expect(creditLine(["© OpenStreetMap contributors", "ODbL-1.0", streets])).toBe(streets);
  expect(creditLine(["One", "one", "Two"])).toBe("One · Two");
  expect(creditLine(["Land", "Landscape office"])).toBe("Land · Landscape office");
  expect(creditLine([])).toBe("");
});

test("a told shift goes faster and slower by steps, and no further than the last", () => {
  expect(next(1, 1)).toBe(4);
  expect(next(60, 1)).toBe(60);
  expect(next(10, -1)).toBe(4);
  expect(next(2.5, -1)).toBe(1);
  expect(next(0.5, -1)).toBe(0.5);
});

test("every alarm has an act; what is not known is a call to the unit", () => {
  expect(["nobody_sent", "closure_ends", "not_arrived", "of_a_newer_server"].map(todoOf)).toEqual(["send", "closure", "call", "call"]);
});

test("a seat whose name has blanks in it stands in quotes", () => {
  const seats = new Set(["Desk 2", "ana"]);
  expect(recipients('"desk 2", ana E1', new Set(["E1"]), seats)).toEqual({ to: ["Desk 2", "ana", "unit:E1"], unknown: [] });
  expect(recipients("Desk 2", new Set(), seats)).toEqual({ to: [], unknown: ["Desk", "2"] });
});
