"""Which open incidents a call may be about, and why."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres
from tocsin.core.board.incident import IncidentState
from tocsin.core.messages.place import Place
from tocsin.views.duplicates import MOST, Told, duplicates

NOW = Instant(1_586_260_800_000)
M = 1 / 111_195
"""Degrees of latitude."""


def incident(name: str, away_m: float, minutes_ago: float = 5, kind: str = "fire", uncertainty_m: float | None = None) -> IncidentState:
    place = Place(LonLat(0.0, away_m * M), uncertainty_m=None if uncertainty_m is None else Metres(uncertainty_m))
    return IncidentState(IncidentId(name), kind, "high", place, Instant(NOW - round(minutes_ago * 60_000)))


def found(states: list[IncidentState], kind: str = "fire", uncertainty_m: float = 0.0) -> list[tuple[str, tuple[str, ...]]]:
    told = Told(LonLat(0.0, 0.0), Metres(uncertainty_m), kind, NOW)
    return [(one.incident, one.why) for one in duplicates(told, states)]


def test_near_and_recent_or_the_same_a_little_farther() -> None:
    states = [
        incident("next door", 20, kind="crash"),
        incident("same", 140),
        incident("same, old", 100, minutes_ago=31),
        incident("other, old", 20, minutes_ago=31, kind="crash"),
        incident("same, farther", 390),
        incident("same, too far", 410),
        incident("other, farther", 160, kind="crash"),
        IncidentState(IncidentId("nowhere"), "fire", "high", Place(), NOW),
    ]
    assert found(states) == [
        ("same", ("near", "recent", "same_type")),
        ("next door", ("near", "recent")),
        ("same, old", ("near", "same_type")),
        ("same, farther", ("recent", "same_type")),
    ]
    assert [name for name, _ in found(states, kind="")] == ["next door", "same"]


def test_two_uncertain_places_meet_where_their_circles_do_but_a_cell_says_nothing() -> None:
    states = [incident("I1", 600, kind="crash", uncertainty_m=300)]
    assert found(states, uncertainty_m=250) == []
    assert found(states, uncertainty_m=310) == [("I1", ("near", "recent"))]
    assert found([incident("I2", 2_500, kind="crash")], uncertainty_m=50_000) == []


@given(st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 90), st.sampled_from(("fire", "crash"))), max_size=20))
def test_most_reasons_first_then_the_nearest(rows: list[tuple[float, float, str]]) -> None:
    states = [incident(f"I{nth}", away_m, ago, kind) for nth, (away_m, ago, kind) in enumerate(rows)]
    told = duplicates(Told(LonLat(0.0, 0.0), Metres(0.0), "fire", NOW), states)
    assert len(told) <= MOST
    assert told == sorted(told, key=lambda one: (-len(one.why), one.distance_m, one.incident))
    assert all(one.why for one in told)
