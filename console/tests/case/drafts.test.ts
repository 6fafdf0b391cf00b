import { describe, expect, it } from "vitest";
import * as drafts from "../../src/case/drafts";
import type { PlanRow } from "../../src/case/shapes";

const PLAN: PlanRow = { name: "p", version: "1", priorities: ["P1", "P2"], incident_types: [{ code: "FALL", name: "Fall", discipline: "medical" }] };
let count = 0;
const draw = () => `id${(count += 1)}`;
const fresh = () => drafts.newDraft(1_000, draw);
const PLACE = { text: "Aldunate 812", kind: "address", lon: -71.3, lat: -29.9, uncertainty_m: 40, area: "Coquimbo" };

function whole(): drafts.Draft {
  const draft = fresh();
  drafts.choosePlace(draft, PLACE);
  drafts.typeType(draft, "fall", PLAN);
  draft.priority = "P1";
  return draft;
}

describe("a call that is being taken", () => {
  it("is stamped when it is opened and chooses nothing by itself", () => {
    const draft = fresh();
    expect([draft.arrived, draft.answered, draft.priority, draft.place]).toEqual([1_000, 1_000, "", null]);
    expect(drafts.missing(draft, PLAN)).toEqual({ place: "empty", incident_type: "empty", priority: "empty" });
  });
  it("does not take typed words for a place until a person has chosen", () => {
    const draft = fresh();
    drafts.typePlace(draft, "by the mill");
    expect(drafts.missing(draft, PLAN).place).toBe("unsettled");
    drafts.leavePlaceUnknown(draft);
    expect(draft.place).toEqual({ text: "by the mill" });
    expect(drafts.missing(draft, PLAN).place).toBeUndefined();
    drafts.typePlace(draft, "by the mills");
    expect([draft.place, draft.placeFrom]).toEqual([null, "typed"]);
  });
  it("keeps a type that is no code as it was typed", () => {
    const draft = whole();
    drafts.typeType(draft, " gas smell? ", PLAN);
    expect(drafts.bodyOf(draft)).toMatchObject({ incident_type: "gas smell?" });
    drafts.typeType(draft, "fall", PLAN);
    expect(drafts.bodyOf(draft)).toMatchObject({ incident_type: "FALL" });
  });
  it("does not take a priority that the plan no longer has", () => {
    const draft = whole();
    draft.priority = "P9";
    expect(drafts.missing(draft, PLAN)).toEqual({ priority: "empty" });
  });
  it("is not sent while something is missing, and then once", () => {
    const draft = whole();
    draft.priority = "";
    expect(drafts.send(draft, PLAN)).toBeNull();
    expect(draft.hasTried).toBe(true);
    draft.priority = "P1";
    expect(drafts.send(draft, PLAN)).toMatchObject({ priority: "P1", place: { at: [-71.3, -29.9], uncertainty_m: 40 }, attach_to: null });
    expect(drafts.send(draft, PLAN)).toBeNull();
  });
  it("is attached with nothing but the call, where and what stay the incident's", () => {
    const draft = fresh();
    drafts.typePlace(draft, "near the mill");
    draft.words = "smoke";
    expect(drafts.send(draft, PLAN, "20261123-0039")).toMatchObject({ attach_to: "20261123-0039", place: null, incident_type: "", priority: "", words: "smoke", caller_place: "near the mill" });
  });
  it("keeps its text when it is refused, shows it at the field, and does not note the call twice", () => {
    const draft = whole();
    drafts.send(draft, PLAN);
    const answers = [{ cmd: "a", pos: 1, events: [{ type: "CallReceived" }], refusal: null }];
    drafts.refused(draft, { code: "X", what: "no", do: "", field: "priority" } as never, { call: "c7", incident: null, number: null, answers });
    expect([draft.stage, draft.placeText, draft.call]).toEqual(["open", "Aldunate 812", "c7"]);
    expect(drafts.problemAt(draft, "priority")?.what).toBe("no");
    expect(drafts.problemAt(draft, null)).toBeNull();
    expect(drafts.send(draft, PLAN)).toMatchObject({ call: "c7" });
  });
  it("shows a problem of no field of the form at its end", () => {
    const draft = whole();
    drafts.refused(draft, { code: "X", what: "no", do: "", field: "place.at" } as never);
    expect(drafts.problemAt(draft, "place")).not.toBeNull();
    drafts.refused(draft, { code: "X", what: "no", do: "", field: "units" } as never);
    expect(drafts.problemAt(draft, null)).not.toBeNull();
  });
  it("that never left the screen can be sent again", () => {
    const draft = whole();
    drafts.send(draft, PLAN);
    drafts.notSent(draft);
    expect(drafts.send(draft, PLAN)).not.toBeNull();
  });
});

describe("several calls at once", () => {
  it("parks the one in front untouched and takes it up again", () => {
    const all: drafts.Drafts = { all: [], front: null };
    const first = drafts.begin(all, 1, draw);
    drafts.typePlace(first, "mill");
    const second = drafts.begin(all, 2, draw);
    expect([all.front, all.all.length]).toEqual([second.id, 2]);
    expect(drafts.resume(all, first.id)?.placeText).toBe("mill");
    expect(all.front).toBe(first.id);
  });
  it("leaves no empty one behind, and stamps the new one anew", () => {
    const all: drafts.Drafts = { all: [], front: null };
    drafts.begin(all, 1, draw);
    const second = drafts.begin(all, 5, draw);
    expect(all.all.map((one) => one.arrived)).toEqual([5]);
    drafts.drop(all, second.id);
    expect(all).toEqual({ all: [], front: null });
    expect(drafts.resume(all, "gone")).toBeNull();
  });
  it("warns only for what would be lost", () => {
    const draft = fresh();
    expect(drafts.holdsWords(draft)).toBe(false);
    draft.caller_number = "1";
    expect(drafts.holdsWords(draft)).toBe(true);
  });
});
