"""What a log's drives say of roads and of what comes before; its calls as a week's calls."""

import numpy as np
import pytest

from relived_town import Told, at, past_of_town, service
from tocsin.base.identifiers import IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.lab.city.model import NO_WAY_MS, PriorityClass, Span
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import Streams
from tocsin.lab.journal.rows import HospitalSeen
from tocsin.lab.relived.drives import (
    AS_IS,
    FEWEST,
    LONGEST_TURNOUT_MS,
    MOST_VALUES,
    Fitted,
    FittedDrives,
    drawn,
    fit_drives,
    observed,
    turnouts_of,
)
from tocsin.lab.relived.ground import Ground, straight_roads
from tocsin.lab.relived.on_city import city_of_log
from tocsin.lab.relived.past import WAITED_MS, Past
from tocsin.lab.relived.week_calls import LEAST_PPM, MOST_PPM, calls_of
from tocsin.lab.relived.weeks import kinds_for, weeks
from tocsin.views.trips import StartSource, Trip

UNITS = {"E1": ("engine", "A"), "E2": ("engine", "B"), "M1": ("ambulance", "A")}


def a_ground() -> Ground:
    """Twenty places on a line, a hundredth of a degree apart."""
    lon, lat = np.arange(20) / 100, np.zeros(20)
    return Ground(lon, lat, 20, 0, np.zeros(0, np.int64), 0.0, straight_roads(lon, lat))


GROUND = a_ground()


def trip(
    start: int,
    end: int,
    drive_ms: int,
    *,
    priority: str = "1",
    kind: str = "engine",
    turnout_ms: int = 60_000,
    source: StartSource = "station",
) -> Trip:
    rolled = Instant(10_000_000)
    who = IncidentId("i"), UnitId("u"), kind, priority
    told, there = Instant(rolled - turnout_ms), Instant(rolled + drive_ms)
    return Trip(*who, told, rolled, there, 0, source, at(start), Millis(0), (), None, at(end))


def table_ms(start: int, end: int) -> int:
    return int(GROUND.roads.lights_ms[start, end])


def drives(count: int, factor: float, *, more_ms: int = 0, priority: str = "1", kind: str = "engine") -> list[Trip]:
    ends = [1 + nth % 15 for nth in range(count)]
    return [trip(0, end, round(table_ms(0, end) * factor) + more_ms, priority=priority, kind=kind) for end in ends]


# ---- the pace


def test_exact_drives_are_found_exactly() -> None:
    found = fit_drives(drives(60, 1.5, more_ms=30_000), GROUND, frozenset({"1"})).lights
    assert found.factor == pytest.approx(1.5, rel=1e-3) and found.constant_ms == pytest.approx(30_000, abs=60)
    assert found.spread == 0.05 and found.drives == 60, "never less than a twentieth: no log is that exact"


def test_a_line_never_cuts_below_the_origin() -> None:
    """Drives that pay back for being long would have a constant below 0: nobody arrives before rolling."""
    found = fit_drives(drives(60, 2.0, more_ms=-60_000), GROUND, frozenset({"1"})).lights
    assert found.constant_ms == 0 and 1.0 < found.factor < 2.0


def test_both_ways_of_driving_are_fitted_apart() -> None:
    found = fit_drives([*drives(40, 0.8), *drives(40, 1.6, priority="2")], GROUND, frozenset({"1"}))
    assert found.lights.factor == pytest.approx(0.8, rel=0.01) and found.normal.factor == pytest.approx(1.6, rel=0.01)


@pytest.mark.parametrize(("count", "is_fitted"), [(FEWEST - 1, False), (FEWEST, True)])
def test_thirty_drives_are_enough_and_one_way_serves_for_the_other(count: int, is_fitted: bool) -> None:
    with_lights = fit_drives(drives(count, 0.8), GROUND, frozenset({"1"}))
    assert (with_lights.lights != AS_IS) is is_fitted and with_lights.normal == with_lights.lights
    without = fit_drives(drives(count, 0.8, priority="2"), GROUND, frozenset({"1"}))
    assert without.lights == without.normal and (without.normal != AS_IS) is is_fitted


def test_drives_that_go_nowhere_and_those_from_nowhere_say_nothing() -> None:
    nowhere = [trip(3, 3, 60_000)] * 40
    unsure = [trip(0, 5, 60_000, source="last_known")] * 40
    assert fit_drives([*nowhere, *unsure], GROUND, frozenset({"1"})) == FittedDrives(AS_IS, AS_IS)


def test_kinds_whose_beginnings_are_rarely_known_count_as_often_as_they_drive() -> None:
    """Forty engines with known beginnings; 200 medics, 40 known and slower: means are to be those of all drives."""
    unsure = [trip(0, 5, 60_000, kind="medic", source="last_known")] * 160
    plain = fit_drives([*drives(40, 1.0), *drives(40, 2.0, kind="medic")], GROUND, frozenset({"1"})).lights
    found = fit_drives([*drives(40, 1.0), *drives(40, 2.0, kind="medic"), *unsure], GROUND, frozenset({"1"})).lights
    assert found.constant_ms + found.factor * table_ms(0, 8) > plain.constant_ms + plain.factor * table_ms(0, 8)


def test_tables_are_stretched_each_by_its_own_and_what_has_no_way_keeps_none() -> None:
    cut = GROUND.roads.lights_ms.copy()
    cut[0, 19] = NO_WAY_MS
    roads = FittedDrives(Fitted(0, 0.5, 0.2, 99), Fitted(0, 2.0, 0.2, 99)).roads(GROUND.roads._replace(lights_ms=cut))
    assert roads.lights_ms[0, 19] == NO_WAY_MS and roads.lights_ms[0, 4] == round(table_ms(0, 4) * 0.5)
    assert roads.normal_ms[0, 4] == table_ms(0, 4) * 2 and roads.lights_ms.dtype == np.int32


# ---- turnouts


def heard_with(past: Past, *kinds: str):  # type: ignore[no-untyped-def]
    units = {UnitId(f"U{nth}"): UnitEnrolled(UnitId(f"U{nth}"), kind, (), StationId("A")) for nth, kind in enumerate(kinds)}
    return past.heard._replace(units=units)


@pytest.fixture(scope="module")
def past() -> Past:
    calls = [Told(600 + nth * 3_000, 0.5 * nth, ("E1", "E2", "M1")[nth % 3], drive_s=100, scene_s=300 + nth) for nth in range(12)]
    return past_of_town(calls, UNITS)


def test_turnouts_are_the_kind_s_own_where_thirty_are_known(past: Past) -> None:
    trips = [trip(0, 1, 9_000, turnout_ms=80_000)] * FEWEST + [trip(0, 1, 9_000, kind="medic", turnout_ms=20_000)] * (FEWEST - 1)
    found = {one.kind: one for one in turnouts_of(heard_with(past, "engine", "medic"), trips, 5_000)}
    assert sorted(found) == ["*", "engine", "medic"]
    assert found["engine"].at_station.mean_ms == 85_000, "with what every drive takes beside driving"
    every = round((FEWEST * 80 + (FEWEST - 1) * 20) / (2 * FEWEST - 1) * 1000) + 5_000
    assert found["medic"].at_station.mean_ms == found["*"].on_road.mean_ms == every
    assert found["engine"].on_road.mean_ms == 85_000, "few were on the road: those in quarters serve"


def test_on_the_road_is_told_apart_and_a_forgotten_button_is_none(past: Past) -> None:
    quarters = [trip(0, 1, 9_000, turnout_ms=90_000)] * FEWEST
    road = [trip(0, 1, 9_000, turnout_ms=10_000, source="on_route")] * FEWEST
    forgotten = [trip(0, 1, 9_000, turnout_ms=LONGEST_TURNOUT_MS + 1)] * 50
    (one, rest) = turnouts_of(heard_with(past, "engine"), [*quarters, *road, *forgotten], 0)
    assert (one.at_station.mean_ms, one.on_road.mean_ms) == (90_000, 10_000) and rest.kind == "*"


def test_without_drives_units_roll_at_once(past: Past) -> None:
    assert [one.at_station for one in turnouts_of(heard_with(past, "engine"), [], 0)] == [Span(0, "observed", values_ms=(0,))] * 2


def test_what_is_drawn_was_observed() -> None:
    span = observed([5, 1, 9], 100)
    assert span.values_ms == (101, 105, 109) and span.mean_ms == 105
    found = drawn(span, np.random.default_rng(1), 500)
    assert set(found.tolist()) == {101, 105, 109}
    many = observed(list(range(MOST_VALUES * 3)))
    assert len(many.values_ms) == MOST_VALUES and many.values_ms[0] == 0 and many.values_ms[-1] == MOST_VALUES * 3 - 1


# ---- a week's calls


def week_of(past: Past, replication: int = 0, seed: int = 1):  # type: ignore[no-untyped-def]
    own = service(past)
    ((begin, rows),) = list(weeks(past))
    return calls_of(past, kinds_for(past, own, own), rows, begin, Streams(seed, replication))


def test_the_log_s_own_work_turnout_and_reports_are_kept(past: Past) -> None:
    calls = week_of(past)
    assert calls.on_scene_ms[:, 0].tolist() == [(300 + nth) * 1000 for nth in range(12)]
    column = [one.kind for one in past.turnouts].index("engine")
    went = np.array([row.sent[0].kind == "engine" for row in past.rows])
    assert (calls.turnout_ms[went, column] == 50_000).all(), "in quarters or on the road"
    assert calls.reports.tolist() == [1] * 12 and not calls.is_transport.any() and (calls.handover_ms == 0).all()
    assert (calls.travel_ppm >= LEAST_PPM).all() and (calls.travel_ppm <= MOST_PPM).all()


def test_a_kind_that_did_not_go_rolls_as_it_usually_does(past: Past) -> None:
    calls = week_of(past)
    column = [one.kind for one in past.turnouts].index("ambulance")
    went = np.array([row.sent[0].kind == "ambulance" for row in past.rows])
    assert set(calls.turnout_ms[~went, column, 0].tolist()) <= set(past.turnouts[column].at_station.values_ms)


def test_what_a_drive_takes_beside_driving_differs_by_the_way_of_driving(past: Past) -> None:
    slower = past._replace(drives=FittedDrives(Fitted(10_000, 1.0, 0.2, 99), Fitted(70_000, 1.0, 0.2, 99)))
    classes = tuple(PriorityClass(one.name, one.target_ms, is_urgent=False) for one in past.targets.classes)
    column = [one.kind for one in past.turnouts].index("engine")
    went = np.array([row.sent[0].kind == "engine" for row in past.rows])
    lights = week_of(slower)
    plain = week_of(slower._replace(targets=past.targets._replace(classes=classes)))
    assert (lights.turnout_ms[went, column, 0] == 60_000).all() and (plain.turnout_ms[went, column, 0] == 120_000).all()


def test_a_priority_told_wrong_is_what_the_dispatcher_goes_by() -> None:
    calls = [Told(600 + nth * 3_000, 1.0, "E1", priority=("P1", "P2")[nth % 2]) for nth in range(4)]
    past = past_of_town(calls, UNITS)
    rows = tuple(row._replace(told_priority="P2") if nth == 0 else row._replace(told_priority="gone") for nth, row in enumerate(past.rows))
    week = week_of(past._replace(rows=rows))
    assert week.priority.tolist() == [0, 1, 0, 1]
    assert week.told_priority.tolist() == [1, 1, 0, 1], "one that the plan does not know is taken as the true one"


def test_with_hospitals_transports_are_driven_and_handed_over(past: Past) -> None:
    row = past.rows[2]
    (one,) = row.sent
    assert one.on_scene is not None
    leaves, door, free = (Instant(one.on_scene + after * 1000) for after in (200, 900, 1_500))
    taken = row._replace(sent=(one._replace(transporting=leaves, at_hospital=door, ended=free),))
    heard = past.heard._replace(hospitals=(HospitalSeen("H", at(9.0), 1),))
    rows = tuple(taken if nth == 2 else other for nth, other in enumerate(past.rows))
    week = week_of(past._replace(rows=rows, heard=heard))
    assert week.is_transport.tolist() == [nth == 2 for nth in range(12)]
    assert week.on_scene_ms[2, 0] == 200_000 and week.handover_ms[2] == 600_000
    assert week_of(past._replace(rows=rows)).on_scene_ms[2, 0] == 1_500_000, "without: the whole stay"


def test_of_several_units_each_works_as_it_did_in_the_order_of_their_coming() -> None:
    past = past_of_town([Told(600, 1.0, "E1"), Told(4_000, 1.0, "E2")], UNITS)
    row = past.rows[0]
    (first,) = row.sent
    assert first.on_scene is not None
    later = first._replace(unit=UnitId("E2"), on_scene=Instant(first.on_scene + 60_000), ended=Instant(first.on_scene + 160_000))
    sooner = first._replace(unit=UnitId("M1"), on_scene=Instant(first.on_scene - 60_000), ended=Instant(first.on_scene))
    week = week_of(past._replace(rows=(row._replace(sent=(later, first, sooner)), past.rows[1])))
    assert week.on_scene_ms[0].tolist() == [60_000, 600_000, 100_000]
    assert week.on_scene_ms[1, 0] == 600_000 and set(week.on_scene_ms[1, 1:].tolist()) <= {600_000, 60_000, 100_000}, "as drawn"


def test_who_waited_for_a_unit_is_sent_to_when_the_others_were() -> None:
    waits = (30, 40, 50, WAITED_MS // 1000, WAITED_MS // 1000 + 1)
    past = past_of_town([Told(600 + nth * 5_000, 1.0, "E1", told_s=wait) for nth, wait in enumerate(waits)], UNITS)
    assert past.waited == 1
    assert past.ready_ms.tolist() == [30_000, 40_000, 50_000, 300_000, 45_000], "the median of the four others"


def test_weeks_begin_on_monday_and_each_has_its_own_calls() -> None:
    past = past_of_town([Told(600, 1.0, "E1"), Told(4_000, 1.0, "E1")], UNITS)
    later = past.rows[1]._replace(arrived=Instant(past.rows[1].arrived + 5 * 86_400_000))
    found = list(weeks(past._replace(rows=(past.rows[0], later))))
    assert [rows.tolist() for _, rows in found] == [[0], [1]] and found[1][0] - found[0][0] == 7 * 86_400_000


def test_a_plan_that_sends_more_units_leaves_the_work_of_the_first_as_it_was(past: Past) -> None:
    """Else what stands under "as it was" would depend on the change that it is held against."""
    own = service(past)
    ((begin, rows),) = list(weeks(past))
    nobody_came = past._replace(rows=tuple(row._replace(sent=(row.sent[0]._replace(ended=None),)) for row in past.rows))
    kinds = kinds_for(past, own, own)
    narrow, wide = (calls_of(nobody_came, kinds._replace(width=width), rows, begin, Streams(1, 0)) for width in (1, 3))
    assert (narrow.on_scene_ms[:, 0] == wide.on_scene_ms[:, 0]).all() and len(set(narrow.on_scene_ms[:, 0].tolist())) > 1
    assert wide.on_scene_ms.shape == (12, 3) and (wide.on_scene_ms[:, 1] != wide.on_scene_ms[:, 0]).any()
    assert (narrow.travel_ppm == wide.travel_ppm).all() and (narrow.turnout_ms == wide.turnout_ms).all()


def test_dice_go_by_seed_replication_and_week_only(past: Past) -> None:
    one, again, other, seeded = week_of(past), week_of(past), week_of(past, 1), week_of(past, seed=2)
    assert (one.travel_ppm == again.travel_ppm).all()
    assert (one.travel_ppm != other.travel_ppm).any() and (one.travel_ppm != seeded.travel_ppm).any()


# ---- a log's calls on a city


def test_a_city_with_a_log_s_calls_keeps_its_own_stations_and_says_so(past: Past) -> None:
    own = square_city(5, 4, stations=2)._replace(remarks=(("demand_invented", ()), ("kept", ())), target_from=("plan", "lab"))
    city = city_of_log(own, past.heard, [])
    assert (city.stations, city.units, city.hospitals) == (own.stations, own.units, own.hospitals)
    assert city.kinds and all(kind.name.startswith("fire P1") for kind in city.kinds)
    assert [code for code, _ in city.remarks] == ["kept", "demand_of_log"]
    assert dict(city.remarks)["demand_of_log"] == (("calls", 12), ("kinds", len(city.kinds)), ("drives", 0))
    assert city.place_weights.shape == (1, own.places) and city.place_weights.sum() == pytest.approx(1)
    assert city.target_from == ("log",) and city.digest not in ("", own.digest), "P1 is none of the city's"
    assert (city.roads.lights_ms == own.roads.lights_ms).all(), "too few drives to stretch them by"


def test_a_city_s_own_priorities_keep_their_targets(past: Past) -> None:
    own = square_city(5, 4, stations=2)
    own = own._replace(priorities=(PriorityClass("P1", 123_000), own.priorities[1]), target_from=("lab", "default"))
    city = city_of_log(own, past.heard, [])
    assert city.priorities == (PriorityClass("P1", 123_000),) and city.target_from == ("lab",)


def test_hospitals_are_the_log_s_where_the_city_has_none(past: Past) -> None:
    heard = past.heard._replace(hospitals=(HospitalSeen("H", at(1.0, 1.0), 3),))
    own = square_city(5, 4, stations=2)
    assert city_of_log(own, heard, []).hospitals == own.hospitals
    (told,) = city_of_log(own._replace(hospitals=()), heard, []).hospitals
    assert told.name == "H" and (own.place_lon[told.place], own.place_lat[told.place]) == (0.01, 0.01)
