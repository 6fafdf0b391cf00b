"""Advice that does not go stale: who is asked for again when roads or the free units change, and what is sent without a person."""

import msgspec
import pytest

from shift_page import asks_of, drawn_from, play
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Desk
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.said import ClockSource
from tocsin.core.reactions import MOST_SHOWN_THE_FREED
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

TWO = """
unit E1 engine can pump
unit E2 engine can pump
card fire: engine needs pump
"""


def _roads(units: int, incidents: int) -> str:
    return "".join(f"road E{unit} -> I{nth} {90 * unit}s\n" for unit in range(1, units + 1) for nth in range(1, incidents + 1))


def test_a_unit_that_is_taken_is_no_longer_shown_to_others() -> None:
    play(
        TWO
        + _roads(2, 3)
        + """
        08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E1 90s
        08:00 open I2 fire low      | I2 opened fire · I2 needs engine: E1 90s
        08:00 open I3 fire high     | I3 opened fire · I3 needs engine: E1 90s
        08:01 send I2 E1            | E1 dispatched to I2 · I3 needs engine: E2 180s · I1 needs engine: E2 180s
        08:02 send I3 E2            | E2 dispatched to I3 · I1 needs engine: NOBODY_FREE
        """
    )


def test_a_crew_mate_that_is_taken_takes_the_others_with_it() -> None:
    play(
        """
        unit E1 engine can pump crew K
        unit L1 ladder crew K
        card fire: engine needs pump
        card fall: ladder needs ladder
        road E1 -> I1 90s
        road L1 -> I2 90s
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 open I2 fall          | I2 opened fall · I2 needs ladder: L1 90s
        08:01 send I2 L1            | L1 dispatched to I2 · I1 needs engine: NOBODY_FREE
        """
    )


def test_a_unit_that_is_free_again_is_shown_to_the_most_urgent_only() -> None:
    waiting = "".join(f"08:0{nth} open I{nth} fire low | I{nth} opened fire · I{nth} needs engine: E2 180s\n" for nth in range(2, 7))
    told = " · ".join(f"I{nth} needs engine: E1 90s" for nth in range(2, 2 + MOST_SHOWN_THE_FREED))
    play(
        TWO
        + _roads(2, 6)
        + "08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 90s\n08:00 send I1 E1 | E1 dispatched to I1\n"
        + waiting
        + f"08:09 E1 on_scene | E1 on_scene\n08:10 E1 on_radio | E1 on_radio · E1 cleared from I1 · I1 closed · {told}\n"
        + "08:11 E1 returning | E1 returning\n"
        + f"08:12 E1 off | E1 off\n08:13 E1 on_radio | E1 on_radio · {told}\n"
    )


def test_other_roads_are_asked_about_for_all_that_wait_or_lack_somebody() -> None:
    play(
        TWO
        + "card two: engine x2 needs pump\n"
        + _roads(1, 3)
        + """
        08:00 open I1 two low       | I1 opened two · I1 needs engine: E1 90s, NOBODY_REACHABLE
        08:00 send I1 E1            | E1 dispatched to I1 · I1 needs engine: NOBODY_REACHABLE
        08:00 open I2 fire low      | I2 opened fire · I2 needs engine: NOBODY_REACHABLE
        08:00 open I3 fire high     | I3 opened fire · I3 needs engine: NOBODY_REACHABLE
        08:01 close_road K1 points 0 0  | K1 closed from 08:01 · I3 needs engine: NOBODY_REACHABLE
                                        | I1 needs engine: NOBODY_REACHABLE · I2 needs engine: NOBODY_REACHABLE
        08:02 send I1 E2            | E2 dispatched to I1 · I1 needs nobody
        08:03 reopen_road K1        | K1 open again · I3 needs engine: NOBODY_FREE · I2 needs engine: NOBODY_FREE
        """
    )


AT_ONCE = """
unit E1 engine can pump
unit E2 engine can pump
unit E3 engine can pump
card fire at_once: engine needs pump; second? needs ladder
card big: engine x2 needs pump
"""


def test_a_card_that_is_sent_at_once_is_sent_by_the_desk_itself() -> None:
    shift = play(
        AT_ONCE
        + _roads(3, 3)
        + """
        08:00 open I1 fire      | I1 opened fire · I1 needs engine: E1 90s; second?: NOBODY_CAPABLE · E1 dispatched to I1
                                | I1 needs second?: NOBODY_CAPABLE
        08:01 open I2 big       | I2 opened big · I2 needs engine: E2 180s, E3 270s
        08:02 open I3 fire      | I3 opened fire · I3 needs engine: E2 180s; second?: NOBODY_CAPABLE · E2 dispatched to I3
                                | I3 needs second?: NOBODY_CAPABLE · I2 needs engine: E3 270s, NOBODY_FREE
        08:03 recall I1 E1      | E1 called off I1 · I2 needs engine: E1 90s, E3 270s
        08:04 recommend I1      | I1 needs engine: E1 90s; second?: NOBODY_CAPABLE
        """
    )
    asked = [answer.records[0] for answer in shift.answers if any(isinstance(event, UnitsDispatched) for event in answer.events)]
    quoted = {event.receipt_sha256 for event in shift.events if isinstance(event, UnitsRecommended)}
    assert {record.actor for record in asked} == {"tocsin"}
    assert all(record.says.receipt in quoted for record in asked)


def test_a_person_decides_where_one_slot_is_empty_or_a_unit_must_be_diverted_or_is_held() -> None:
    play(
        """
        unit E1 engine can pump
        card fire at_once: engine x2 needs pump
        card fall at_once: engine needs pump
        divert low -> high gains 0s near 0s
        road E1 -> I1 90s
        road E1 -> I2 90s
        road E1 -> I3 90s
        08:00 open I1 fire low          | I1 opened fire · I1 needs engine: E1 90s, NOBODY_FREE
        08:01 hold I1 until 09:00       | I1 held until 09:00
        08:02 open I2 fall low          | I2 opened fall · I2 needs engine: E1 90s · E1 dispatched to I2
                                        | I1 needs engine: NOBODY_FREE, NOBODY_FREE
        08:03 reclassify I1 type fall   | I1 is fall, low · I1 needs engine: NOBODY_FREE
        08:03 E1 on_scene               | E1 on_scene
        08:04 E1 on_radio               | E1 on_radio · E1 cleared from I2 · I2 closed · I1 needs engine: E1 90s
        08:05 alarm I1 2                | I1 alarm 2 · I1 needs engine: E1 90s
        08:06 recommend I1 by straight-line | I1 needs engine: E1 0s
        """
    )


def test_the_second_alarm_is_a_persons_unless_its_card_says_so() -> None:
    play(
        """
        unit E1 engine can pump
        unit E2 engine can pump
        card fire at_once named one: engine needs pump
        card fire level 2 named two: engine needs pump
        road E1 -> I1 90s
        08:00 open I1 fire at nowhere   | I1 opened fire
        08:01 alarm I1 2                | I1 alarm 2
        08:02 relocate I1 at 0 0        | I1 is elsewhere · I1 needs engine: E1 90s, NOBODY_REACHABLE
        08:03 enrol E3 engine can pump  | E3 enrolled · I1 needs engine: E1 90s, NOBODY_REACHABLE
        """
    )


ALONE = """
unit E1 engine can pump
card fire at_once: engine needs pump
road E1 -> I1 90s
08:00 open I1 fire
"""


@pytest.mark.parametrize(
    ("clock", "late_ms", "is_sent"),
    [
        ("server", 0, True),
        ("simulated", 0, True),
        ("server", 119_000, True),
        ("server", 121_000, False),
        ("paper", 0, False),
        ("log", 0, False),
    ],
)
def test_only_what_is_told_as_it_happens_is_sent_at_once(clock: ClockSource, late_ms: int, is_sent: bool) -> None:
    """An incident that was copied from paper hours later sends nobody by itself."""
    roads, asks = asks_of(ALONE)
    desk = Desk(MemoryJournal("page"), GatherTable(roads), MemoryVault(drawn_from("page")))
    for now, ask in asks:
        desk.answer([msgspec.structs.replace(ask, clock=clock, at=Instant(now - late_ms)) if ask.id.startswith("line") else ask], now)
    assert (desk.board.units["E1"].incident == "I1") is is_sent


def test_a_later_recommendation_sends_nobody() -> None:
    """People have seen the incident by then; they may have their reasons."""
    play(
        """
        station S1
        card fire at_once: engine needs pump
        road E1 -> I1 90s
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: NOBODY_CAPABLE
        08:01 enrol E1 engine can pump at S1 | E1 enrolled · I1 needs engine: E1 90s
        08:01 recommend I1          | I1 needs engine: E1 90s
        """
    )
