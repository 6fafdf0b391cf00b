"""Every question: its key, the version that the person saw, and the refusals that exist."""

import re
from pathlib import Path
from typing import get_args

from shift_page import play
from tocsin.clocks.replay import redecide
from tocsin.core.messages.refusal import RefusalCode
from tocsin.core.messages.said import Ask

STAGE = """
unit E1 engine can pump
card fire: engine needs pump
road E1 -> I1 90s
"""


def test_the_same_key_gives_the_same_answer_once() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire #k           | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1 #s             | E1 dispatched to I1
        08:05 send I1 E1 #s             | E1 dispatched to I1
        08:06 send I1 E1 #t             | refused UnitHasJob units
        08:07 E1 off                    | E1 off (surprising) · E1 cleared from I1 · I1 needs engine: NOBODY_FREE
        08:08 send I1 E1 #t             | refused UnitHasJob units
        """
    )
    assert sum(stored.body.count(b'"cmd":"s"') for stored in shift.journal.read()) == 2


def test_the_same_key_within_a_batch_across_batches_and_after_reopening() -> None:
    shift = play(STAGE + "08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 90s")
    first = shift.answers[0].records[0]
    again = Ask(first.cmd, first.actor, first.at, first.says)
    desk, head = shift.desk, shift.journal.head()
    assert [answer.events for answer in desk.answer([again, again], first.at)] == [shift.answers[0].events] * 2
    assert [answer.events for answer in shift.reopened().answer([again], first.at)] == [shift.answers[0].events]
    assert shift.journal.head() == head


def test_twice_in_one_new_batch_happens_once() -> None:
    shift = play(STAGE + "08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 90s")
    first = shift.answers[0].records[0]
    closing = play("no plan\n08:00 open I7 fire | I7 opened fire (type unknown)").answers[0].records[0]
    fresh = Ask("fresh", "page", first.at, closing.says)
    one, two = shift.desk.answer([fresh, fresh], first.at)
    assert one is two
    assert len(shift.journal.find_command("fresh")) == 2


def test_a_key_that_looks_like_a_reactions_takes_nothing_from_it() -> None:
    shift = play(
        STAGE
        + """
        08:00 call C1 #k/1              | C1 received
        08:00 call C2 #k/1/             | C2 received
        08:00 open I1 fire #k           | I1 opened fire · I1 needs engine: E1 90s
        08:00 open I1 fire #k           | I1 opened fire
        """
    )
    assert [answer.cmd for answer in shift.answers] == ["k/1", "k/1/", "k", "k/1//", "k"]
    assert redecide(shift.journal).differing == 0


def test_a_person_who_saw_an_older_version_is_told() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01 alarm I1 2 seen 4         | I1 alarm 2 · I1 needs engine: E1 90s
        08:01 alarm I1 3 seen 4         | refused ChangedMeanwhile expected
        08:01 open I2 fire seen 3       | refused ChangedMeanwhile expected
        08:01 open I3 fire seen 0       | I3 opened fire · I3 needs engine: NOBODY_REACHABLE
        """
    )


def test_every_refusal_is_reached_by_a_page_of_these_rules() -> None:
    pages = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert set(re.findall(r"\| refused (\w+)", pages)) == set(get_args(RefusalCode))
