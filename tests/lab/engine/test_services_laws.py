"""Laws of conservation where the plain engine runs alone: calls for several units, shared crews, meals, agreements, closures, lost things.

A city is drawn with all of them at once; whatever it is, nothing may be lost, done twice, or done by who cannot.
"""

import numpy as np
from cities import cover_of, hourly
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, Happening, Window
from tocsin.lab.city.square import grid_roads, square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.figures import measure, span_of
from tocsin.lab.experiment.floor import duty_ms
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import has_twin, run

PATIENT = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
DAYS = 2
DAY_MS = 86_400_000
NAMES = ("closest", "road-time", "preserve", "default", "dmexclp")
SLOTS = (
    (),
    (Slot("engine", ("engine",)),),
    (Slot("engine", ("engine",), 2), Slot("medic", ("als",))),
    (Slot("engine", ("engine",)), Slot("chief", ("chief",), is_required=False)),
)


@st.composite
def services(draw: st.DrawFn) -> City:
    """A small fire and rescue service with everything that the kernel has no twin for."""
    side, stations = draw(st.integers(3, 8)), draw(st.integers(1, 4))
    city = square_city(side, 1, stations=stations, hospitals=draw(st.integers(1, 2)), calls_per_hour=draw(st.sampled_from([0.5, 2.0, 5.0])))
    units = tuple(drawn_unit(draw, nth, stations) for nth in range(draw(st.integers(2, 7))))
    happenings = draw(st.lists(st.sampled_from(happening_of(side, len(units), stations)), max_size=3))
    return city._replace(
        units=units,
        kinds=tuple(replace(kind, slots=draw(st.sampled_from(SLOTS)), transport_ppm=600_000) for kind in city.kinds),
        hospitals=tuple(replace(site, bays=draw(st.integers(0, 1))) for site in city.hospitals),
        other_roads=(grid_roads(side, lights_step_ms=41_000, normal_step_ms=53_000),),
        happenings=tuple(happenings),
        wrong_priority_ppm=draw(st.sampled_from([0, 150_000])),
        travel_spread=draw(st.sampled_from([0.0, 0.25])),
    )


def drawn_unit(draw: st.DrawFn, nth: int, stations: int) -> CrewedUnit:
    kind = draw(st.sampled_from(["engine", "ambulance", "car"]))
    is_outside = draw(st.integers(0, 4)) == 0
    return CrewedUnit(
        f"U{nth}",
        draw(st.integers(0, stations - 1)),
        kind,
        draw(st.sampled_from([(), ("als",), ("als", "transport"), ("chief",)])),
        crew=draw(st.sampled_from(["", "", "A", "B"])),
        shifts=hourly(nth) if draw(st.integers(0, 4)) == 0 else (),
        breaks=(Window(720, 780), Window(2_160, 2_220)) if draw(st.booleans()) else (),
        break_ms=draw(st.sampled_from([0, 1_800_000])),
        is_outside=is_outside,
        offset_ms=60_000 if is_outside else 0,
        cost_ms=90_000 if is_outside else 0,
    )


def happening_of(side: int, units: int, stations: int) -> list[Happening]:
    return [
        Happening("slower", 3_600_000, 50_000_000, 1_400_000),
        Happening("other_roads", 10_000_000, 90_000_000),
        Happening("radio_lost", 20_000_000, 60_000_000),
        Happening("unit_lost", 30_000_000, 100_000_000, (side + units) % units),
        Happening("station_lost", 15_000_000, 80_000_000, side % stations),
    ]


def lived(city: City, policy: str, seed: int) -> tuple[Calls, Outcome]:
    calls = draw_calls(city, seed=seed, replication=0, days=DAYS)
    return calls, run(city, calls, POLICIES[policy], cover=cover_of(city), engine="plain")


WORLDS = (services(), st.sampled_from(NAMES), st.integers(0, 999))


@given(*WORLDS)
@PATIENT
def test_no_call_is_lost_and_none_is_served_before_it_is_known(city: City, policy: str, seed: int) -> None:
    calls, outcome = lived(city, policy, seed)
    reached = outcome.on_scene_ms >= 0
    assert np.array_equal(reached, outcome.first_unit >= 0)
    assert np.all(outcome.on_scene_ms[reached] >= calls.ready_ms[reached])
    assert np.all(outcome.sent[reached] >= 1)
    full = outcome.full_ms >= 0
    assert np.all(reached[full]) and np.all(outcome.full_ms[full] >= outcome.on_scene_ms[full])
    assert np.all(outcome.on_scene_ms <= outcome.ended_ms) and np.all(outcome.full_ms <= outcome.ended_ms)


@given(*WORLDS)
@PATIENT
def test_who_came_first_can_do_something_that_was_wanted(city: City, policy: str, seed: int) -> None:
    calls, outcome = lived(city, policy, seed)
    for call in np.flatnonzero(outcome.first_unit >= 0).tolist():
        slots, unit = city.kinds[calls.kind[call]].slots, city.units[outcome.first_unit[call]]
        can = {unit.kind, *unit.capabilities}
        assert not slots or any(set(slot.needs) <= can for slot in slots), (unit, slots)


@given(*WORLDS)
@PATIENT
def test_so_many_are_sent_as_were_wanted_and_those_in_the_place_of_who_left(city: City, policy: str, seed: int) -> None:
    """Without diverts and breakdowns nobody is sent in another's place: never more than the card's units."""
    city = city._replace(diverts=(), happenings=tuple(one for one in city.happenings if one.what != "unit_lost"))
    calls, outcome = lived(city, policy, seed)
    wanted = np.array([sum(slot.count for slot in kind.slots) or 1 for kind in city.kinds])[calls.kind]
    assert outcome.diverted == 0 and np.all(outcome.sent <= wanted)
    is_full = outcome.full_ms >= 0
    least = np.array([sum(slot.count for slot in kind.slots if slot.is_required) or 1 for kind in city.kinds])[calls.kind]
    assert np.all(outcome.sent[is_full] >= np.minimum(least, wanted)[is_full])


@given(*WORLDS)
@PATIENT
def test_time_at_work_and_on_the_way_home_is_time_that_there_was(city: City, policy: str, seed: int) -> None:
    _, outcome = lived(city, policy, seed)
    for spent_ms in (outcome.busy_ms, outcome.return_ms, outcome.overrun_ms):
        assert np.all(spent_ms >= 0) and np.all(spent_ms <= outcome.ended_ms)
    assert np.all(outcome.busy_ms + outcome.return_ms <= outcome.ended_ms)
    always = np.array([not unit.shifts for unit in city.units])
    assert not outcome.overrun_ms[always].any(), "who has no shift cannot overrun one"
    on_duty_ms = duty_ms(city, outcome.ended_ms)
    assert np.all(outcome.busy_ms <= on_duty_ms + outcome.overrun_ms), "work is on duty or overrun"


@given(*WORLDS)
@PATIENT
def test_units_of_one_crew_work_one_after_the_other(city: City, policy: str, seed: int) -> None:
    """What they do together fits into the time that one of them has; and one's work at a scene is over before another is at its own."""
    calls, outcome = lived(city, policy, seed)
    for crew in {unit.crew for unit in city.units if unit.crew}:
        members = [nth for nth, unit in enumerate(city.units) if unit.crew == crew]
        assert sum(int(outcome.busy_ms[nth]) for nth in members) <= outcome.ended_ms
        mine = np.flatnonzero(np.isin(outcome.first_unit, members))
        mine = mine[np.argsort(outcome.on_scene_ms[mine], kind="stable")]
        leaves_ms = outcome.on_scene_ms[mine] + calls.on_scene_ms[mine, 0]
        assert np.all(outcome.on_scene_ms[mine][1:] >= leaves_ms[:-1])


@given(*WORLDS)
@PATIENT
def test_the_same_world_is_lived_the_same_twice_and_names_mean_nothing(city: City, policy: str, seed: int) -> None:
    calls, one = lived(city, policy, seed)
    renamed = city._replace(units=tuple(replace(unit, name=f"Z{9 - nth}", crew=unit.crew.lower()) for nth, unit in enumerate(city.units)))
    for again in (city, renamed):
        for field, a, b in zip(Outcome._fields, one, lived(again, policy, seed)[1], strict=True):
            assert np.array_equal(a, b), field
    assert calls.size == len(one.on_scene_ms)


@given(*WORLDS)
@PATIENT
def test_figures_add_up_to_what_happened(city: City, policy: str, seed: int) -> None:
    calls, outcome = lived(city, policy, seed)
    row = measure(city, calls, outcome, span_of(DAYS, 0.0), 1)
    late_or_reached = sum(one.n for one in row.priorities)
    assert row.every.n == late_or_reached == row.high.n + row.low.n
    assert row.every.late == sum(one.late for one in row.priorities) == row.high.late + row.low.late
    assert sum(one.n for one in row.areas) == row.high.n and sum(one.late for one in row.areas) == row.high.late
    assert 0 <= row.high.late <= row.high.n <= row.calls <= row.all_calls <= calls.size
    assert row.all_calls == calls.size or outcome.is_overloaded, "only a run that was broken off leaves calls out"
    assert sum(row.high_by_minute) <= row.high.n and sum(row.hours_n) == row.high.n and sum(row.hours_late) == row.high.late


@given(services(), st.integers(0, 999))
@PATIENT
def test_what_has_no_twin_says_so(city: City, seed: int) -> None:
    """Automatic choice of the engine is the plain one's answer, to the last bit, where the compiled one knows not all."""
    calls = draw_calls(city, seed=seed, replication=0, days=1)
    policy = POLICIES["closest"]
    crews = [unit.crew for unit in city.units if unit.crew]
    is_special = len(set(crews)) < len(crews) or any(kind.slots for kind in city.kinds) or any(unit.breaks for unit in city.units)
    assert not (is_special and has_twin(city, policy))
    for one, other in zip(run(city, calls, policy), run(city, calls, policy, engine="plain"), strict=True):
        assert np.array_equal(one, other)
