"""Which move is advised where several would help, and what an advice says of the others."""

import pytest

from shift_page import play
from tocsin.base.identifiers import StationId
from tocsin.core.messages.cover import PPB, AdoptCover, CoverAdopted, CoverModel, CoverRow
from tocsin.core.messages.refusal import Refused
from tocsin.core.rules.cover import adopt_cover

FIELD = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
station S3 at 0.5 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit E3 engine can pump at S3
card fire: engine needs pump
road E1 -> I1 100s
road E2 -> I1 230s
road E3 -> I1 340s
road E2 -> S2 0s
road E2 -> S1 {second}
road E2 -> S3 200s
road E3 -> S3 0s
road E3 -> S1 60s
road E3 -> S2 200s
road E1 -> S1 100s
road E1 -> S2 150s
"""
COVERED = "adopt_cover pump: north {north} S1; mid {mid} S2; south {south} S3\npolicy move-up\nrules at_rest_gain_ppm 1000\n"


def told(advice: str, *, second: str = "300s", north: int = 500, mid: int = 100, south: int = 400) -> None:
    """What is said when E1 of S1 is sent."""
    stage = FIELD.format(second=second) + COVERED.format(north=north, mid=mid, south=south)
    play(f"{stage}08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 130s)\n08:01 send I1 E1 | {advice}")


def test_the_move_that_wins_most_comes_before_the_shorter_one() -> None:
    """S1 without anybody is worth 350; leaving S2 costs 70 of it, leaving S3 280, though E3 is soon there. A second one at S3: 84."""
    told("E1 dispatched to I1 · advised: E2 to S1 instead of S2 for 280‰ in 300s (ADDS_COVER 280‰ north) or S3 14‰")


def test_of_equal_ones_the_nearer_and_then_the_lower_unit() -> None:
    told("E1 dispatched to I1 · advised: E3 to S1 instead of S3 for 175‰ in 60s (ADDS_COVER 175‰ north)", north=500, mid=250, south=250)
    same = "E1 dispatched to I1 · advised: E2 to S1 instead of S2 for 175‰ in 60s (ADDS_COVER 175‰ north)"
    told(same, second="60s", north=500, mid=250, south=250)


@pytest.mark.parametrize(
    ("rest", "is_asked"),
    [
        ("rest_from_minute 1320, rest_to_minute 482", False),
        ("rest_from_minute 1320, rest_to_minute 481", True),
        ("rest_from_minute 481, rest_to_minute 480", False),
        ("rest_from_minute 482, rest_to_minute 480", True),
        ("rest_from_minute 480, rest_to_minute 482", False),
        ("rest_from_minute 400, rest_to_minute 481", True),
        ("rest_from_minute 470", True),
        ("rest_to_minute 490", True),
    ],
)
def test_rest_may_go_over_midnight(rest: str, is_asked: bool) -> None:
    """E1 is sent at 08:01, the 481st minute of the day."""
    stage = FIELD.format(second="300s") + COVERED.format(north=500, mid=100, south=400).replace("ppm 1000", f"ppm 1000, {rest}")
    advice = "E2 to S1 instead of S2 for 280‰ in 300s (ADDS_COVER 280‰ north) or S3 14‰" if is_asked else "everybody stays"
    play(
        f"{stage}08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 130s)\n"
        f"08:01 send I1 E1 | E1 dispatched to I1 · advised: {advice}"
    )


TABLE = """
policy compliance
urgent high
rules at_rest_gain_ppm never, table {table}
08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 130s)
08:01 send I1 E1            | E1 dispatched to I1
08:10 E1 on_scene           | E1 on_scene
08:30 E1 returning          | E1 returning · E1 cleared from I1 · I1 closed · advised: {advice}
"""


def by_table(table: str, advice: str) -> None:
    play(FIELD.format(second="300s") + TABLE.format(table=table, advice=advice))


def test_who_is_wanted_at_its_own_station_does_not_count_there_itself() -> None:
    """S1 wants one and has none but E1, whatever else is lacking: it goes home. Were E1 counted, S2 would get it."""
    by_table("3 S1 S2 S2", "E1 goes home")
    by_table("3 S2 S2 S3", "E1 to S2 instead of S1 for 0‰ in 150s (TABLE_SHORT)")
    by_table("3 S1 S2 S3", "E1 goes home")
    by_table("4 S2 S2 S2 S2", "E1 goes home")


def test_who_cannot_get_home_is_advised_where_it_can_get_to() -> None:
    """At home E1 would be worth 350, at S2 no more than 21: but no road leads home."""
    blocked = FIELD.format(second="300s").replace("road E1 -> S1 100s\n", "")
    shift = """
        adopt_cover pump: north 500 S1; mid 100 S2; south 400 S3
        policy move-up
        rules at_rest_gain_ppm never
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 130s)
        08:01 send I1 E1            | E1 dispatched to I1
        08:10 E1 on_scene           | E1 on_scene
        08:30 E1 returning          | E1 returning · E1 cleared from I1 · I1 closed · {advice}
        """
    play(FIELD.format(second="300s") + shift.format(advice="advised: E1 goes home"))
    play(blocked + shift.format(advice="advised: E1 to S2 instead of S1 for -329‰ in 150s (NO_WAY_HOME)"))


def test_stations_that_cannot_be_reached_are_no_alternatives() -> None:
    """E1 adds most at S3, where no road is known to it; S2 comes next; the advice names neither as an alternative to itself."""
    fleet = FIELD.format(second="300s").replace("unit E3 engine can pump at S3", "unit E3 engine can pump at S1")
    shift = play(
        fleet
        + """
        adopt_cover pump: north 300 S1; mid 100 S2; far 200 S2; south 400 S3
        station S4 at 0.6 0.6
        policy move-up
        rules at_rest_gain_ppm never
        08:00 E2 off                | E2 off
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 240s)
        08:01 send I1 E1            | E1 dispatched to I1
        08:10 E1 on_scene           | E1 on_scene
        08:30 E1 returning          | E1 returning · E1 cleared from I1 · I1 closed · advised: {to_s2}
        """.replace("        ", "").format(to_s2="E1 to S2 instead of S1 for 147‰ in 150s (ADDS_COVER 147‰ far)")
    )
    advice = shift.desk.board.move_advice["E1"].advice
    assert advice.others == (), "S3 is worth more than home, but there is no way"
    assert advice.change_ppb == {"far": 140_000_000, "mid": 70_000_000, "north": -63_000_000}


def model(*rows: tuple[tuple[int, ...], int], busy_ppm: int = 300_000, stations: tuple[str, ...] = ("S1", "S2", "S3")) -> AdoptCover:
    made = tuple(CoverRow("north", reached, weight) for reached, weight in rows)
    return AdoptCover((CoverModel("pump", tuple(map(StationId, stations)), made, busy_ppm),))


@pytest.mark.parametrize(
    "wrong",
    [
        model(((0,), PPB + 5), ((1,), -5)),
        model(((0,), PPB - 1)),
        model(((0,), PPB), ((1,), 1)),
        model(((0, 0), PPB)),
        model(((1, 0), PPB)),
        model(((3,), PPB)),
        model(((-1, 0), PPB)),
        model(((0,), PPB), busy_ppm=1_000_000),
        model(((0,), PPB), busy_ppm=-1),
        model(((0,), PPB), stations=("S1", "S1")),
        model(),
    ],
)
def test_a_model_that_does_not_hold_all_demand_once_is_refused(wrong: AdoptCover) -> None:
    board = play(FIELD.format(second="300s")).desk.board
    with pytest.raises(Refused) as refused:
        adopt_cover(board, wrong)
    assert (refused.value.event.code, refused.value.event.field) == ("CoverUnusable", "models")
    assert board.cover is None


def test_a_model_at_the_edge_of_what_holds_is_taken() -> None:
    board = play(FIELD.format(second="300s")).desk.board
    for right in (model(((), PPB)), model(((0, 1, 2), PPB), busy_ppm=0), model(((0,), 0), ((1,), PPB), busy_ppm=999_999)):
        (event,) = adopt_cover(board, right)
        assert isinstance(event, CoverAdopted) and event.models == right.models and len(event.version) == 12
