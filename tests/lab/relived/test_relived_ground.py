"""Where a log lies, how its drives are fitted, who waits where."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_shift import moment
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.unit import Leg
from tocsin.core.messages.plan import Alternative, Slot
from tocsin.lab.city.model import Window
from tocsin.lab.journal.rows import OffDuty
from tocsin.lab.relived.drives import AS_IS, Fitted, fit_drives, observed, start_of
from tocsin.lab.relived.ground import STRAIGHT_M_PER_S, Ground, straight_roads
from tocsin.lab.relived.serving import (
    Service,
    Station,
    Stationed,
    add_unit,
    close_station,
    move_unit,
    rehomed,
    remove_unit,
)
from tocsin.lab.relived.weeks import shifts_of
from tocsin.views.trips import StartSource, Trip

WEEK_MS = 7 * 86_400_000

degrees = st.tuples(st.integers(0, 60), st.integers(0, 60))


@settings(max_examples=60)
@given(st.lists(degrees, min_size=1, max_size=25))
def test_straight_drives_are_a_metric_and_next_places_lead_there(points: list[tuple[int, int]]) -> None:
    lon, lat = (np.array(axis, np.float64) / 1000 for axis in zip(*points, strict=True))
    roads = straight_roads(lon, lat)
    ms, via = roads.lights_ms, roads.lights_via
    assert (ms >= 0).all() and (ms == ms.T).all() and (np.diag(ms) == 0).all()
    for start in range(len(points)):
        for end in range(len(points)):
            crow_m = flat_distance_m(start=LonLat(lon[start], lat[start]), end=LonLat(lon[end], lat[end]))
            crow_ms = crow_m / STRAIGHT_M_PER_S * 1000
            assert crow_ms * 0.999 - 2 <= ms[start, end] <= crow_ms * 1.5 + 5
            at, steps = start, 0
            while at != end:
                onward = int(via[at, end])
                assert ms[onward, end] < ms[at, end] or ms[at, onward] <= 1, "twins lie at no distance"
                at, steps = onward, steps + 1
                assert steps <= len(points)


# ---- drives


SQUARE = [LonLat(0.01 * (nth % 5), 0.01 * (nth // 5)) for nth in range(25)]


def a_ground() -> Ground:
    lon, lat = np.array([one.lon for one in SQUARE]), np.array([one.lat for one in SQUARE])
    return Ground(lon, lat, 25, 0, np.zeros(0, np.int64), 0.0, straight_roads(lon, lat))


def trip(start: int, end: int, drive_ms: int, *, source: StartSource = "station", priority: str = "1", legs: tuple[Leg, ...] = ()) -> Trip:
    rolled = moment("10:00:00")
    told, there = Instant(rolled - 60_000), Instant(rolled + drive_ms)
    place, target = SQUARE[start], SQUARE[end]
    return Trip(
        IncidentId("i"), UnitId("u"), "engine", priority, told, rolled, there, 0, source, place, 0, legs, SQUARE[0], target  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_fit_finds_what_drives_are_made_of() -> None:
    ground, dice = a_ground(), np.random.default_rng(1)
    trips = []
    for _ in range(600):
        start, end = dice.choice(25, 2, replace=False).tolist()
        factor = np.exp(dice.normal(0, 0.2) - 0.02)
        trips.append(trip(start, end, round((40_000 + 1.3 * int(ground.roads.lights_ms[start, end])) * factor)))
    strays = [trip(0, 1, 2_000_000) for _ in range(6)]
    found = fit_drives([*trips, *strays], ground, frozenset({"1"}))
    assert found.lights.constant_ms == pytest.approx(40_000, rel=0.4) and found.lights.factor == pytest.approx(1.3, rel=0.08)
    assert found.lights.spread == pytest.approx(0.2, rel=0.2)
    assert found.normal == found.lights, "no drive without lights: the other way of driving serves"


def test_few_drives_leave_the_table_as_it_is() -> None:
    assert fit_drives([], a_ground(), frozenset()).lights == AS_IS
    assert fit_drives([trip(0, 3, 90_000)] * 5, a_ground(), frozenset({"1"})).lights == AS_IS


def test_scaled_tables_keep_what_cannot_be_driven() -> None:
    ground = a_ground()
    roads = ground.roads._replace(lights_ms=np.where(np.eye(25, dtype=bool), 0, -1).astype(np.int32))
    fitted = fit_drives([], ground, frozenset())._replace(lights=Fitted(0, 1.5, 0.2, 99))
    assert (fitted.roads(roads).lights_ms == roads.lights_ms).all()
    assert (fitted.roads(ground.roads).lights_ms == np.rint(ground.roads.lights_ms * 1.5)).all()


def test_a_beginning_is_sure_at_a_station_and_after_a_quarter_of_an_hour_s_way_home() -> None:
    long_ago, just_now = Instant(moment("10:00:00") - 900_000), Instant(moment("10:00:00") - 60_000)
    assert start_of(trip(7, 3, 60_000)) == SQUARE[7]
    assert start_of(trip(7, 3, 60_000, source="on_route", legs=(Leg(SQUARE[0], long_ago),))) == SQUARE[0]
    assert start_of(trip(7, 3, 60_000, source="on_route", legs=(Leg(SQUARE[0], just_now),))) is None
    assert start_of(trip(7, 3, 60_000, source="on_route", legs=(Leg(SQUARE[9], long_ago),))) is None
    assert start_of(trip(7, 3, 60_000, source="last_known")) is None


def test_observed_spans_keep_their_mean_when_they_are_thinned() -> None:
    values = np.random.default_rng(3).exponential(600_000, 10_000).astype(np.int64).tolist()
    span = observed(values, 5_000)
    assert len(span.values_ms) == 2_000 and span.mean_ms == pytest.approx(np.mean(values) + 5_000, rel=0.01)


# ---- duty

MINUTES = 10_080


def off(*spans: tuple[int, int | None]) -> list[OffDuty]:
    """In minutes of the week."""
    return [OffDuty(Instant(first * 60_000), None if last is None else Instant(last * 60_000)) for first, last in spans]


@pytest.mark.parametrize(
    ("away", "shifts"),
    [
        ([], ()),
        ([(60, 120)], (Window(0, 60), Window(120, MINUTES))),
        ([(0, 120)], (Window(120, MINUTES),)),
        ([(-500, 120), (600, None)], (Window(120, 600),)),
        ([(-500, None)], None),
        ([(-500, -100)], ()),
        ([(MINUTES + 5, None)], ()),
        ([(9_000, None)], (Window(0, 9_000),)),
    ],
)
def test_duty_of_a_week(away: list[tuple[int, int | None]], shifts: tuple[Window, ...] | None) -> None:
    assert shifts_of(off(*away), Instant(0)) == shifts


@given(st.lists(st.integers(-3000, 14_000), max_size=8, unique=True))
def test_on_and_off_duty_fill_the_week(edges: list[int]) -> None:
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    spans = list(zip(ordered[::2], ordered[1::2], strict=True))
    is_on = np.ones(MINUTES, bool)
    for first, last in spans:
        is_on[max(first, 0) : max(last, 0)] = False
    shifts = shifts_of(off(*spans), Instant(0))
    told = np.zeros(MINUTES, bool) if shifts else np.full(MINUTES, shifts is not None)
    for window in shifts or ():
        told[window.begins : window.until] = True
    assert (told == is_on).all()


# ---- changes


def a_service() -> Service:
    stations = tuple(Station(name, SQUARE[nth], nth) for nth, name in ((0, "A"), (4, "B"), (24, "C")))
    posts = (stations[1]._replace(name="~B"),)
    units = (
        Stationed("E1", "engine", ("pump",), 0),
        Stationed("E2", "engine", ("pump",), 1),
        Stationed("M1", "ambulance", (), 3, "", True),
    )
    return Service((*stations, *posts), units, None)


def test_a_closed_station_s_units_wait_at_the_nearest_open_one_and_posts_stay() -> None:
    closed, moved = rehomed(close_station(a_service(), "B"), a_ground())
    assert moved == ("E2",) and closed.units[1].station == 0 and closed.units[2].station == 3


def test_units_come_move_and_go() -> None:
    service = add_unit(a_service(), "E9:engine:C")
    assert service.units[-1] == Stationed("E9", "engine", ("pump",), 2), "it can do what others of its kind can"
    assert add_unit(a_service(), "R1:rescue:C:pump+ladder").units[-1].capabilities == ("pump", "ladder")
    assert move_unit(a_service(), "E1:C").units[0].station == 2
    assert [unit.name for unit in remove_unit(a_service(), "E1").units] == ["E2", "M1"]


@pytest.mark.parametrize(
    ("change", "text", "code"),
    [
        (close_station, "Z", "whatif_station"),
        (close_station, "~", "whatif_station"),
        (add_unit, "E9:engine", "whatif_spec"),
        (add_unit, "E1:engine:A", "whatif_unit_taken"),
        (add_unit, "E9:engine:Z", "whatif_station"),
        (move_unit, "E1", "whatif_spec"),
        (move_unit, "E7:A", "whatif_unit"),
        (remove_unit, "E7", "whatif_unit"),
    ],
)
def test_slips_are_told(change, text: str, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match=code):
        change(a_service(), text)


def test_the_last_station_and_the_last_unit_stay() -> None:
    service = close_station(close_station(a_service(), "A"), "B")
    with pytest.raises(BadInput, match="whatif_all_closed"):
        close_station(service, "C")
    with pytest.raises(BadInput, match="whatif_no_units"):
        remove_unit(a_service()._replace(units=a_service().units[:1]), "E1")


def test_a_slot_may_be_filled_by_its_alternative() -> None:
    from tocsin.lab.relived.weeks import _can_be_filled  # noqa: PLC0415 - the one thing of it that has no other door

    able = [frozenset({"engine", "pump"})]
    assert _can_be_filled(Slot("a", ("pump",)), able) and not _can_be_filled(Slot("a", ("boat",)), able)
    assert _can_be_filled(Slot("a", ("boat",), alternatives=(Alternative(("engine",)),)), able)
