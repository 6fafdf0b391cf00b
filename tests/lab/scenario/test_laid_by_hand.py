"""What ``lab.toml`` makes of a city, number by number; and closures that overlap, with drives made by a rule that can be reckoned."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_texts import SQUARE, laid, told
from msgspec.structs import replace

from tocsin.base.faults import BadInput
from tocsin.core.messages.plan import Slot
from tocsin.lab.city.laid import is_laid, laid_over
from tocsin.lab.city.laid_wrong import FOR_GOOD_MS, MOST_CLOSINGS
from tocsin.lab.city.model import CallKind, City, Happening, Roads, Span, Surge, Turnout, Window
from tocsin.roads.closures import ClosedShape

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
URGENT, OTHER = SQUARE.kinds


def kind_of(text: str, name: str = "urgent", city: City = SQUARE) -> CallKind:
    return next(kind for kind in laid(text, city).kinds if kind.name == name)


# ---- numbers


def test_numbers_of_the_top_become_the_citys() -> None:
    hours = ", ".join(str(1 + nth / 10) for nth in range(24))
    city = laid(
        "call_takers = 3\ncall_taking = { mean_s = 75.5, law = 'gamma', spread = 2 }\ntravel_spread = 0.25\nwrong_priority = 0.125\n"
        f"travel_times = [{hours}]\n"
    )
    assert (city.call_takers, city.call_taking) == (3, Span(75_500, "gamma", 2.0))
    assert (city.travel_spread, city.wrong_priority_ppm) == (0.25, 125_000)
    assert city.travel_ppm == tuple(1_000_000 + 100_000 * nth for nth in range(24)) * 7


def test_observed_times_have_the_mean_of_what_was_seen() -> None:
    city = laid('call_taking = { mean_s = 9999, law = "observed", values_s = [60, 61, 64] }\n')
    assert city.call_taking == Span(round(185_000 / 3), "observed", 0.0, (60_000, 61_000, 64_000))


def test_a_turnout_of_a_known_kind_is_replaced_and_a_new_one_added() -> None:
    city = laid('[[turnout]]\nat_station = { mean_s = 45 }\n[[turnout]]\nkind = "boat"\non_road = { mean_s = 20 }\n')
    assert city.turnouts == (Turnout("*", Span(45_000), Span(0)), Turnout("boat", Span(0), Span(20_000)))


def test_targets_and_lights_of_a_priority_change_alone() -> None:
    urgent, other = laid('[[priority]]\nname = "other"\nis_urgent = true\n').priorities
    assert (urgent, other.target_ms, other.is_urgent) == (SQUARE.priorities[0], SQUARE.priorities[1].target_ms, True)
    changed = laid('[[priority]]\nname = "urgent"\ntarget_s = 333.5\n').priorities[0]
    assert (changed.target_ms, changed.is_urgent) == (333_500, True)


def test_what_is_said_of_sources_stands_in_the_place_of_what_was_known() -> None:
    known = SQUARE._replace(sources=("Streets © A",), data_to="2020")
    assert (laid("call_takers = 1\n", known).sources, laid("call_takers = 1\n", known).data_to) == (("Streets © A",), "2020")
    other = laid('sources = ["Streets © B"]\ndata_to = "2026-05"\n', known)
    assert (other.sources, other.data_to) == (("Streets © B",), "2026-05")
    assert not is_laid(told("# nothing\n")) and is_laid(told("call_takers = 0\n"))


# ---- units


def test_units_are_changed_by_what_is_said_and_by_nothing_else() -> None:
    text = '[[unit]]\nname = "U01"\nkind = "engine"\ncapabilities = ["pump"]\ncrew = "A"\n[[unit]]\nname = "U02"\nstation = "S00"\n'
    before, after = SQUARE.units, laid(text).units
    assert after[1] == replace(before[1], kind="engine", capabilities=("pump",), crew="A")
    assert after[2] == replace(before[2], station=0)
    assert (after[0], after[3:]) == (before[0], before[3:])


def test_a_crew_and_capabilities_can_be_taken_away() -> None:
    city = SQUARE._replace(units=(replace(SQUARE.units[0], crew="A", capabilities=("als",)), *SQUARE.units[1:]))
    assert laid('[[unit]]\nname = "U00"\ncrew = ""\ncapabilities = []\n', city).units[0] == SQUARE.units[0]


def test_hours_that_are_said_stand_in_the_place_of_hours_that_were_known() -> None:
    known = SQUARE._replace(units=(replace(SQUARE.units[0], shifts=(Window(0, 60),)), *SQUARE.units[1:]))
    text = '[[shift]]\nunits = ["U00"]\nfrom = "{}"\nuntil = "{}"\ndays = ["tue"]\n'
    assert laid(text.format("06:00", "08:30"), known).units[0].shifts == (Window(1_800, 1_950),)
    both = laid(text.format("06:00", "08:30") + text.format("20:00", "24:00"), known)
    assert both.units[0].shifts == (Window(1_800, 1_950), Window(2_640, 2_880))
    assert laid("call_takers = 1\n", known).units[0].shifts == (Window(0, 60),)


def test_a_whole_day_and_a_night_over_the_weeks_end() -> None:
    text = '[[shift]]\nunits = ["U00"]\nfrom = "{}"\nuntil = "{}"\ndays = ["sun"]\n'
    assert laid(text.format("00:00", "24:00")).units[0].shifts == (Window(8_640, 0),)
    assert laid(text.format("18:00", "06:00")).units[0].shifts == (Window(9_720, 360),)


def test_lent_units_and_meals_in_milliseconds() -> None:
    city = laid(
        '[[mutual_aid]]\nunits = ["U01", "U02"]\noffset_s = 61.5\ncost_s = 120\n'
        '[[break]]\nunits = ["U00"]\nfrom = "12:00"\nuntil = "14:00"\nminutes = 45\ndays = ["mon"]\n'
    )
    for unit in city.units[1:3]:
        assert (unit.is_outside, unit.offset_ms, unit.cost_ms) == (True, 61_500, 120_000)
    assert not city.units[0].is_outside and (city.units[0].breaks, city.units[0].break_ms) == ((Window(720, 840),), 2_700_000)


def test_bays_of_one_hospital() -> None:
    two = SQUARE._replace(hospitals=(SQUARE.hospitals[0], replace(SQUARE.hospitals[0], name="H1", place=3)))
    assert [site.bays for site in laid('[[hospital_bays]]\nhospital = "H1"\nbays = 2\n', two).hospitals] == [0, 2]


# ---- calls


def test_calls_a_day_keep_the_shape_of_the_week() -> None:
    shaped = SQUARE._replace(kinds=(replace(URGENT, per_hour=tuple(float(nth % 24) for nth in range(168))), OTHER))
    kind = kind_of('[[calls]]\nname = "urgent"\nper_day = 48\n', city=shaped)
    assert (
        sum(kind.per_hour) == pytest.approx(7 * 48) and kind.per_hour[0] == 0 and kind.per_hour[23] == pytest.approx(23 * kind.per_hour[1])
    )


def test_calls_a_day_of_what_never_came_come_evenly() -> None:
    never = SQUARE._replace(kinds=(replace(URGENT, per_hour=(0.0,) * 168), OTHER))
    assert kind_of('[[calls]]\nname = "urgent"\nper_day = 12\n', city=never).per_hour == (0.5,) * 168


def test_hours_say_when_and_days_say_how_many() -> None:
    hours = "[" + "0, " * 12 + "3, " * 12 + "]"
    alone = kind_of(f'[[calls]]\nname = "urgent"\nper_hour = {hours}\n')
    both = kind_of(f'[[calls]]\nname = "urgent"\nper_hour = {hours}\nper_day = 6\n')
    assert alone.per_hour == ((0.0,) * 12 + (3.0,) * 12) * 7
    assert both.per_hour == ((0.0,) * 12 + (0.5,) * 12) * 7


def test_one_more_kind_of_call() -> None:
    kind = kind_of(
        '[[calls]]\nname = "fire"\npriority = "other"\nper_day = 24\nneeds = [["engine"], ["engine", "als"]]\ntransport = 0.25\n'
        "on_scene = { mean_s = 1800 }\nhandover = { mean_s = 60 }\nsecond_report = 0.5\n",
        "fire",
    )
    assert (kind.priority, kind.per_hour, kind.transport_ppm, kind.second_report_ppm) == (1, (1.0,) * 168, 250_000, 500_000)
    assert kind.slots == (Slot("1", ("engine",)), Slot("2", ("engine", "als")))
    assert (kind.on_scene, kind.handover) == (Span(1_800_000), Span(60_000))


def test_needs_can_be_taken_away() -> None:
    wanting = SQUARE._replace(kinds=(replace(URGENT, slots=(Slot("1", ("engine",)),)), OTHER))
    assert kind_of('[[calls]]\nname = "urgent"\nneeds = []\n', city=wanting).slots == ()
    assert kind_of('[[calls]]\nname = "urgent"\ntransport = 1\n', city=wanting).slots == wanting.kinds[0].slots


def share_of(city: City, kind: CallKind, area: str) -> float:
    return float(city.place_weights[kind.places][city.place_area == city.areas.index(area)].sum())


@given(st.floats(0, 50), st.floats(0, 50))
@settings(max_examples=40)
def test_an_area_has_so_many_times_its_own_calls_and_others_keep_theirs(times: float, own: float) -> None:
    """Rates by area, before and after: multiplied there, and the same everywhere else."""
    text = f'[[area]]\nname = "S01"\ntimes = {times!r}\n[[calls]]\nname = "urgent"\nareas = {{ "S01" = {own!r} }}\n'
    city = laid(text)
    for before, after, factor in zip(SQUARE.kinds, city.kinds, (times * own, times), strict=True):
        for area in SQUARE.areas:
            was = sum(before.per_hour) * share_of(SQUARE, before, area)
            now = sum(after.per_hour) * share_of(city, after, area)
            assert now == pytest.approx(was * (factor if area == "S01" else 1), rel=1e-9, abs=1e-9)
    assert np.allclose(city.place_weights.sum(axis=1), 1)


def test_where_only_silenced_areas_called_nobody_calls() -> None:
    only = SQUARE._replace(place_weights=(SQUARE.place_area == 1)[None, :] / (SQUARE.place_area == 1).sum())
    kind = kind_of('[[calls]]\nname = "urgent"\nareas = { "S01" = 0 }\n', city=only)
    assert kind.per_hour == (0.0,) * 168


def test_factors_of_one_leave_the_row_of_weights_alone() -> None:
    city = laid('[[area]]\nname = "S01"\ntimes = 1\n')
    assert city.kinds == SQUARE.kinds and np.array_equal(city.place_weights, SQUARE.place_weights)


# ---- what happens


def test_moments_are_counted_from_the_first_monday() -> None:
    city = laid(
        '[[happening]]\nwhat = "slower"\ntimes = 1.25\nday = 3\nat = "06:30"\nhours = 1.5\n'
        '[[happening]]\nwhat = "unit_lost"\nunit = "U02"\n[[happening]]\nwhat = "station_lost"\nstation = "S01"\nday = 8\n'
        '[[happening]]\nwhat = "radio_lost"\nat = "24:00"\nhours = 24\n'
    )
    half_past_six = 2 * DAY_MS + 6 * HOUR_MS + HOUR_MS // 2
    assert city.happenings == (
        Happening("slower", half_past_six, half_past_six + 90 * 60_000, 1_250_000),
        Happening("unit_lost", 0, FOR_GOOD_MS, 2),
        Happening("station_lost", 7 * DAY_MS, FOR_GOOD_MS, 1),
        Happening("radio_lost", DAY_MS, 2 * DAY_MS),
    )


def test_surges_at_a_station_and_at_a_point() -> None:
    lon, lat = float(SQUARE.place_lon[40]), float(SQUARE.place_lat[40])
    city = laid(
        '[[surge]]\ncalls = 12\nkind = "other"\nday = 2\nat = "08:00"\nwithin_min = 2.5\nstation = "S02"\n'
        f'[[surge]]\ncalls = 3\nkind = "urgent"\npoint = [{lon + 0.001}, {lat - 0.001}]\n'
    )
    station = SQUARE.stations[2].place
    assert city.surges == (Surge(DAY_MS + 8 * HOUR_MS, 150_000, 1, 12, station), Surge(0, 600_000, 0, 3, 40))


def test_surges_and_happenings_are_added_to_those_that_there_were() -> None:
    before = SQUARE._replace(surges=(Surge(1, 2, 0, 3, 4),), happenings=(Happening("radio_lost", 1, 2),))
    text = '[[surge]]\ncalls = 1\nkind = "urgent"\nstation = "S00"\n[[happening]]\nwhat = "radio_lost"\n'
    city = laid(text, before)
    assert city.surges[0] == before.surges[0] and city.happenings[0] == before.happenings[0]
    assert len(city.surges) == len(city.happenings) == 2


# ---- closures that overlap


def drives_closed(city: City, shapes: Sequence[ClosedShape]) -> Roads:
    """Drives that say which shapes were closed when they were made: as many seconds longer as their first points' longitudes."""
    more_ms = sum(int(shape.places[0].lon * 1_000) for shape in shapes)
    return city.roads._replace(lights_ms=city.roads.lights_ms + np.int32(more_ms))


def closed(*told_of: tuple[int, str, float | None]) -> City:
    """``(longitude, at, hours)`` of each closure."""
    text = "".join(
        f'[[happening]]\nwhat = "closed_road"\nat = "{at}"\npoints = [[{lon}, 0]]\n' + (f"hours = {hours}\n" if hours else "")
        for lon, at, hours in told_of
    )
    return laid_over(SQUARE, told(text), drives_closed)


def longer_at(city: City, hour: float) -> int:
    """Seconds that drives take longer then: of several tables the last in the list holds."""
    holding = [one for one in city.happenings if one.what == "other_roads" and one.begins_ms <= hour * HOUR_MS < one.until_ms]
    roads = city.other_roads[holding[-1].subject] if holding else city.roads
    return int(roads.lights_ms[0, 1] - city.roads.lights_ms[0, 1]) // 1_000


def test_closures_that_overlap_hold_together_and_each_alone_before_and_after() -> None:
    city = closed((1, "06:00", 4), (2, "08:00", 4))
    assert [longer_at(city, hour) for hour in (5.99, 6, 7.99, 8, 9.99, 10, 11.99, 12)] == [0, 1, 1, 3, 3, 2, 2, 0]
    assert len(city.other_roads) == 3


def test_the_same_set_of_closures_is_made_once() -> None:
    city = closed((1, "00:00", 12), (2, "03:00", 1), (4, "06:00", 1), (2, "08:00", None))
    assert [longer_at(city, hour) for hour in (1, 3.5, 5, 6.5, 7.5, 9, 13, 500)] == [1, 3, 1, 5, 1, 3, 2, 2]
    assert len(city.other_roads) == 5, "alone, with the second, with the third, with the fourth, and the fourth alone"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10), st.integers(1, 10)), min_size=1, max_size=4))
@settings(max_examples=60)
def test_at_every_hour_those_are_closed_that_are_said_to_be(told_of: list[tuple[int, int, int]]) -> None:
    try:
        city = closed(*((1 << power, f"{begins}:00", hours) for power, begins, hours in told_of))
    except BadInput as fault:
        assert fault.code == "lab_closings_many"
        return
    for hour in range(22):
        assert longer_at(city, hour + 0.5) == sum(1 << power for power, begins, hours in told_of if begins <= hour < begins + hours)


def test_more_sets_of_closures_than_can_be_held_are_told() -> None:
    """Nine that begin one after the other and stay: nine different sets."""
    assert len(closed(*((1, f"{hour}:00", None) for hour in range(MOST_CLOSINGS))).other_roads) == MOST_CLOSINGS
    with pytest.raises(BadInput) as caught:
        closed(*((1, f"{hour}:00", None) for hour in range(MOST_CLOSINGS + 1)))
    assert (caught.value.code, caught.value.values["most"], caught.value.file) == ("lab_closings_many", str(MOST_CLOSINGS), "lab.toml")
    assert caught.value.line == 4 * MOST_CLOSINGS + 1


def test_a_closure_that_meets_no_street_is_told_where_it_stands() -> None:
    def none(_city: City, _shapes: Sequence[ClosedShape]) -> Roads:
        raise BadInput("lab_roads_open")

    text = 'call_takers = 1\n\n[[happening]]\nwhat = "closed_road"\nline = [[0, 0], [1, 1]]\n'
    with pytest.raises(BadInput) as caught:
        laid_over(SQUARE, told(text), none)
    assert (caught.value.code, caught.value.file, caught.value.line) == ("lab_roads_open", "lab.toml", 3)


def test_lines_and_points_of_one_closure_are_both_closed() -> None:
    heard: list[Sequence[ClosedShape]] = []

    def close(city: City, shapes: Sequence[ClosedShape]) -> Roads:
        heard.append(shapes)
        return city.roads

    text = '[[happening]]\nwhat = "closed_road"\nline = [[0, 0], [1, 1]]\npoints = [[2, 2], [3, 3]]\n'
    city = laid_over(SQUARE, told(text), close)
    assert [shape.kind for shape in heard[0]] == ["line", "points"] and len(heard) == 1
    assert city.happenings[-1] == Happening("other_roads", 0, FOR_GOOD_MS, 0)
