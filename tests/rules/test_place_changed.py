"""The place of an incident changes while units roll: they are taken to roll to the new one, and somebody tells the crews."""

import pytest

from shift_page import play
from tocsin.base.geometry import LonLat
from tocsin.views.situation_rows import Rows

STAGE = """
spans acknowledge_s never, en_route_s never
station S1 at 0.0 0.0
unit E1 engine can pump at S1
unit E2 engine can pump at S1
card fire: engine x2 needs pump
road E1 -> I1 90s
road E2 -> I1 90s
08:00 open I1 fire at 0.1 0.1   | I1 opened fire · I1 needs engine: E1 90s, E2 90s
08:01 send I1 E1 E2             | E1, E2 dispatched to I1
08:02 E1 en_route               | E1 en_route
08:03 E2 on_scene               | E2 on_scene
08:04 relocate I1 at 0.2 0.2    | I1 is elsewhere · I1 needs nobody
"""


def test_units_roll_to_the_new_place_and_their_rows_are_told() -> None:
    shift = play(STAGE)
    unit = shift.desk.board.units["E1"]
    assert [leg.towards for leg in unit.legs] == [LonLat(0.1, 0.1), LonLat(0.2, 0.2)]
    assert unit.legs[0].until == unit.legs[1].since
    moved = next(answer for answer in shift.answers if type(answer.events[0]).__name__ == "IncidentRelocated")
    told = {row.unit: row.towards for row in Rows().change_of(moved.records, moved.pos, shift.desk.board).units}
    assert told["E1"] == LonLat(0.2, 0.2)


@pytest.mark.parametrize(
    "known",
    [
        "E1 acknowledged                     | E1 acknowledged (surprising)",
        "E1 on_scene                         | E1 on_scene",
        "acknowledge place_changed E1 08:04 by_seat D1 | place_changed E1 taken by D1",
        "recall I1 E1                        | E1 called off I1",
    ],
)
def test_the_crew_is_told_until_it_is_known_to_know(known: str) -> None:
    """Who is there has seen it; who rolls has not."""
    shift = play(
        STAGE
        + f"""
        08:04 timers            | ALARM place_changed E1 since 08:04
        08:05 timers            |
        08:06 {known}
        08:07 timers            |
        """
    )
    assert not [alarm for alarm in shift.desk.board.alarms.values() if alarm.kind == "place_changed"]


def test_to_be_on_the_way_is_no_sign_that_the_crew_knows() -> None:
    shift = play(STAGE + "08:04 timers | ALARM place_changed E1 since 08:04\n08:05 E1 en_route | E1 en_route")
    assert [alarm.kind for alarm in shift.desk.board.alarms.values()] == ["place_changed"]
