"""Replay: the same questions and facts give the same answers, and each real dispatch stands beside the engine's choice."""

import pytest

from board_state import state_of
from shift_page import Shift, asks_of, drawn_from, play
from tocsin.base.faults import Broken
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Desk, fold_journal
from tocsin.clocks.replay import Decision, Passed, RecordedFacts, compare, questions, redecide
from tocsin.core.messages.facts import Learned
from tocsin.core.messages.line import decode, encode
from tocsin.core.messages.refusal import Refused
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

STAGE = """
station S1 at 0.0 0.01
station S2 at 0.0 0.02
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit L1 ladder can ladder at S1
card fire: engine needs pump
card tower: engine needs pump; ladder needs ladder
road E1 -> I1 400s
road E2 -> I1 200s
road E1 -> I2 100s
road E2 -> I2 300s
road L1 -> I2 90s
road L1 -> I1 90s
road E1 -> I3 50s
"""

SHIFT = """
08:00 open I1 fire      | I1 opened fire · I1 needs engine: E2 200s
08:01 send I1 E1        | E1 dispatched to I1
08:02 open I2 tower     | I2 opened tower · I2 needs engine: E2 300s; ladder: L1 90s
08:03 send I2 E2 L1     | E2, L1 dispatched to I2
08:03 send I2 E1        | refused UnitNotFree units
08:05 E1 on_scene             | E1 on_scene
08:10 E1 on_radio       | E1 on_radio · E1 cleared from I1 · I1 closed
08:11 open I3 fire      | I3 opened fire · I3 needs engine: E1 50s
08:12 send I3 L1 override "asked for" | L1 diverted from I2 · L1 dispatched to I3 by override · I2 needs ladder: NOBODY_FREE
"""


def decisions(shift: Shift, **how: object) -> dict[str, Decision]:
    return {one.incident: one for one in compare(shift.journal, None, **how) if isinstance(one, Decision)}


def test_the_same_questions_and_facts_give_the_same_answers() -> None:
    shift = play(STAGE + SHIFT)
    tally = redecide(shift.journal)
    assert (tally.differing, tally.first_differing) == (0, None)
    assert tally.questions == sum(decode(stored.body).n == 0 for stored in shift.journal.read())


def test_another_answer_in_the_journal_is_found() -> None:
    shift = play(STAGE + SHIFT)
    forged, changed_at = MemoryJournal("forged"), None
    for stored in shift.journal.read():
        body = stored.body
        if b'"UnitsRecommended"' in body and changed_at is None and b'"I2"' in body:
            body, changed_at = body.replace(b'"eta_ms":300000', b'"eta_ms":300001'), stored.pos
        forged.append([encode(decode(body))], expected=forged.head().pos)
    tally = redecide(forged)
    assert tally.differing == 1
    assert tally.first_differing == changed_at - 1  # the question's own position


def test_what_was_learned_is_in_the_journal_and_decides_again() -> None:
    """The journal alone, without the file of learned speeds: the same receipts; another interval in the facts is another receipt."""
    sure = "road E1 -> I1 100s learned 170s 200s 400s"
    page = f"unit E1 engine can pump\ncard fire: engine needs pump\n{sure}\n08:00 open I1 fire | I1 opened fire · I1 needs engine: "
    shift = play(page + "E1 270s (200s-400s)")
    assert redecide(shift.journal).differing == 0
    [facts] = [one.facts for one in questions(shift.journal) if one.facts.learned]
    assert facts.learned == {"E1": Learned(Millis(170_000), Millis(200_000), Millis(400_000))}
    forged = MemoryJournal("forged")
    for stored in shift.journal.read():
        forged.append(
            [encode(decode(stored.body.replace(b"[170000,200000,400000]", b"[170000,200000,400001]")))], expected=forged.head().pos
        )
    assert redecide(forged).differing == 1


def test_questions_carry_what_followed() -> None:
    shift = play(STAGE + SHIFT)
    asked = list(questions(shift.journal))
    assert sum(len(one.records) for one in asked) == shift.journal.head().pos
    assert all(one.ask.id == record.cmd for one in asked for record in one.records)
    assert [one.pos for one in asked] == [stored.pos for stored in shift.journal.read() if decode(stored.body).n == 0]


def test_asking_again_with_recorded_facts_writes_the_same_journal() -> None:
    shift = play(STAGE + SHIFT)
    journal = MemoryJournal("page")
    desk = Desk(journal, RecordedFacts(shift.journal), MemoryVault(drawn_from("page")))
    for one in questions(shift.journal):
        if one.ask.cause is None:
            desk.answer([one.ask], one.records[0].recorded)
    assert [stored.body for stored in journal.read()] == [stored.body for stored in shift.journal.read()]
    assert state_of(desk.board) == state_of(shift.desk.board) == state_of(fold_journal(journal))


def test_each_dispatch_beside_the_engines_choice() -> None:
    by_road = decisions(play(STAGE + SHIFT))
    assert list(by_road) == ["I1", "I2", "I3"]
    first = by_road["I1"]
    assert (first.chosen, first.recommended, first.is_first_same, first.difference) == (("E1",), ("E2",), False, "CHOSEN_FARTHER")
    assert (first.chosen_ms, first.recommended_ms, first.regret_ms) == (400_000, 200_000, 200_000)
    second = by_road["I2"]
    assert (second.is_first_same, second.is_all_same, second.difference, second.regret_ms) == (True, True, "SAME", 0)
    third = by_road["I3"]
    assert third.recommended == ("E1",)
    assert (third.is_all_same, third.like_is_all_same, third.difference) == (False, False, "NOBODY_RECOMMENDED")
    assert not any(one.is_follow_up for one in by_road.values())


def test_another_policy_decides_otherwise_on_the_same_facts() -> None:
    shift = play(STAGE + SHIFT)
    by_road, by_crow = decisions(shift), decisions(shift, policy="straight-line")
    assert by_road["I1"].recommended == ("E2",)
    assert by_crow["I1"].recommended == ("E1",)  # its station is nearer as the crow flies
    assert by_crow["I1"].is_all_same
    assert by_crow["I1"].receipt.policy == "straight-line"
    with pytest.raises(Refused):
        list(compare(shift.journal, None, policy="astrology"))


def test_another_plan_asks_for_others() -> None:
    shift = play(STAGE + SHIFT)
    in_force = shift.desk.board.plan.plan
    _, asks = asks_of(STAGE.replace("card fire: engine needs pump", "card fire: engine x2 needs pump"))
    other = asks[-1][1].command.plan
    assert other.version() != in_force.version()
    asked = decisions(shift, plan=other)
    assert asked["I1"].recommended == ("E2", "E1")
    assert asked["I1"].receipt.plan_version == other.version()
    assert asked["I1"].difference == "CHOSEN_FARTHER"


def test_follow_ups_and_units_that_the_record_does_not_show_as_free() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I2 tower     | I2 opened tower · I2 needs engine: E1 100s; ladder: L1 90s
        08:01 send I2 L1        | L1 dispatched to I2
        08:02 E2 off            | E2 off
        08:03 send I2 E2 override "they are on board" | E2 dispatched to I2 by override
        """
    )
    first, second = compare(shift.journal, None)
    assert (first.is_follow_up, second.is_follow_up) == (False, True)
    assert first.like_is_all_same
    assert first.difference == "PLAN_ASKS_OTHERWISE"  # the ladder was right, and the engine was left out
    assert (second.chosen, second.recommended, second.difference) == (("E2",), ("E1",), "CHOSEN_NOT_FREE")


def test_a_dispatch_without_a_place_or_a_plan_is_passed_over() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire at nowhere   | I1 opened fire
        08:01 send I1 E1                | E1 dispatched to I1
        """
    )
    assert list(compare(shift.journal, None)) == [Passed("no_place")]
    shift = play(
        "no plan\nunit E1 engine can pump\n08:00 open I1 fire | I1 opened fire (type unknown)\n08:01 send I1 E1 | E1 dispatched to I1"
    )
    assert list(compare(shift.journal, None)) == [Passed("no_plan")]


def test_a_journal_that_cannot_be_is_not_replayed() -> None:
    shift = play(STAGE + SHIFT)
    torn = MemoryJournal("torn")
    lines = [encode(decode(stored.body)) for stored in shift.journal.read()]
    sent = next(nth for nth, line in enumerate(lines) if line.type == "UnitsDispatched")
    torn.append([*lines[:sent], *lines[sent + 1 :]], expected=0)
    with pytest.raises(Broken) as caught:
        fold_journal(torn)
    assert caught.value.code == "belief"


def test_the_desk_reopened_is_the_desk_that_was() -> None:
    shift = play(STAGE + SHIFT)
    reopened = Desk(shift.journal, GatherTable({}), shift.vault)
    assert state_of(reopened.board) == state_of(shift.desk.board)
