import { describe, expect, it } from "vitest";
import { advance, back, begin, skip, STEPS, type Course, type Facts } from "../../src/guide/steps";

const NOTHING: Facts = {
  isTaking: false,
  hasPlace: false,
  hasWhat: false,
  incident: null,
  isAdvised: false,
  isSent: false,
  isRolling: false,
  isLogSeen: false,
};
const OPENED: Facts = { ...NOTHING, incident: "20260718-0012" };
const ADVISED: Facts = { ...OPENED, isAdvised: true };
const SENT: Facts = { ...ADVISED, isSent: true };
const ROLLING: Facts = { ...SENT, isRolling: true };

const stepOf = (course: Course) => STEPS[course.at];
const after = (...facts: Facts[]): Course => facts.reduce(advance, begin("journal", 100));

describe("the guide", () => {
  it("walks through a call by what happens", () => {
    const shown: (string | undefined)[] = [];
    let course = begin("journal", 100);
    const told: Facts[] = [
      NOTHING,
      { ...NOTHING, isTaking: true },
      { ...NOTHING, isTaking: true, hasPlace: true },
      { ...NOTHING, isTaking: true, hasPlace: true, hasWhat: true },
      OPENED,
      ADVISED,
      SENT,
      ROLLING,
      { ...ROLLING, isLogSeen: true },
    ];
    for (const facts of told) {
      course = advance(course, facts);
      shown.push(stepOf(course));
    }
    expect(shown).toEqual(["take", "where", "what", "open", "advice", "advice", "watch", "watch", undefined]);
    expect(course.done).toEqual([...STEPS]);
    expect(course.incident).toBe("20260718-0012");
  });

  it("does nothing where nothing has happened: the very same course", () => {
    const course = after(ADVISED);
    expect(advance(course, ADVISED)).toBe(course);
  });

  it("ticks what an opened incident implies, for who was quicker than the guide", () => {
    expect(after(OPENED).done).toEqual(["take", "where", "what", "open"]);
  });

  it("stays at the recommendation until it was read, or acted on", () => {
    const course = after(OPENED, ADVISED);
    expect(stepOf(course)).toBe("advice");
    expect(course.done).toContain("advice");
    expect(stepOf(skip(course))).toBe("send");
    expect(stepOf(advance(course, SENT))).toBe("watch");
  });

  it("unticks nothing: a call that is gone from the screen was taken all the same", () => {
    const course = advance(after({ ...NOTHING, isTaking: true, hasPlace: true }), NOTHING);
    expect(course.done).toEqual(["take", "where"]);
  });

  it("leaves who has gone back where they are, and goes on with what happens after it", () => {
    const behind = back(back(after({ ...NOTHING, isTaking: true, hasPlace: true })));
    expect(stepOf(behind)).toBe("take");
    expect(stepOf(advance(behind, { ...NOTHING, isTaking: true, hasPlace: true, hasWhat: true }))).toBe("open");
    const ahead = skip(skip(begin("journal", 100)));
    expect(stepOf(advance(ahead, { ...NOTHING, isTaking: true }))).toBe("what");
  });

  it("counts the log only once the crew rolls, and nobody else's dispatch", () => {
    expect(after({ ...OPENED, isLogSeen: true }).done).not.toContain("log");
    expect(after({ ...ADVISED, isRolling: true }).done).not.toContain("watch");
  });

  it("ends, and goes no further than its ends", () => {
    let course = begin("journal", 100);
    for (let n = 0; n < 20; n += 1) course = skip(course);
    expect(course.at).toBe(STEPS.length);
    for (let n = 0; n < 20; n += 1) course = back(course);
    expect(course.at).toBe(0);
  });
});
