"""The floor: the calls that came which a unit waiting at every open station would not have reached in time."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.calls import Calls
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.edit import close_station
from tocsin.lab.city.model import City, CrewedUnit, PriorityClass, Span, Turnout
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, compared, gather, remarks
from tocsin.lab.experiment.figures import Row, measure, span_of
from tocsin.lab.experiment.floor import DAY_MS, out_of_reach
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.experiment.summary import against, figures
from tocsin.lab.run import run
from tocsin.words import languages, say

CITY = sealed(square_city(6, 4, calls_per_hour=2.0))
APART_MS = 6 * 3_600_000


def one_by_one(city: City, calls: Calls) -> Calls:
    """The same calls, six hours from each to the next: everybody is home by then."""
    at_ms = np.arange(calls.size, dtype=np.int64) * APART_MS
    return calls._replace(at_ms=at_ms, ready_ms=at_ms + calls.ready_ms - calls.at_ms)


def late(city: City, calls: Calls, engine: Any) -> list[bool]:
    outcome = run(city, calls, POLICIES["closest"], engine=engine)
    target_ms = np.array([one.target_ms for one in city.priorities])[calls.priority]
    return (outcome.on_scene_ms - calls.at_ms > target_ms).tolist()


@settings(max_examples=12)
@given(
    seed=st.integers(0, 99),
    targets_s=st.tuples(st.integers(150, 600), st.integers(150, 600)),
    spread=st.sampled_from([0.0, 0.4]),
    wrong_ppm=st.sampled_from([0, 500_000]),
    hours=st.booleans(),
    engine=st.sampled_from(["plain", "compiled"]),
)
def test_one_call_at_a_time_is_late_just_where_it_is_out_of_reach(
    seed: int, targets_s: tuple[int, int], spread: float, wrong_ppm: int, hours: bool, engine: str
) -> None:
    """The engines themselves, with nothing else to do: to the millisecond the same."""
    priorities = tuple(msgspec.structs.replace(one, target_ms=1000 * s) for one, s in zip(CITY.priorities, targets_s, strict=True))
    city = CITY._replace(priorities=priorities, travel_spread=spread, wrong_priority_ppm=wrong_ppm)
    if hours:
        city = city._replace(travel_ppm=tuple(700_000 + 50_000 * (hour % 24) for hour in range(168)))
    calls = one_by_one(city, draw_calls(city, seed=seed, replication=1, days=1.5))
    told = out_of_reach(city, calls).tolist()
    assert told == late(city, calls, engine)


def test_closed_stations_reach_nobody() -> None:
    whole = tight_city()
    city = close_station(close_station(whole, "S00"), "S01")
    calls = one_by_one(city, draw_calls(city, seed=2, replication=1, days=2.0))
    assert out_of_reach(city, calls).tolist() == late(city, calls, "plain")
    assert out_of_reach(city, calls).sum() > out_of_reach(whole, calls).sum() > 0


def test_where_no_road_leads_nobody_is_in_time() -> None:
    island = 7
    tables = []
    for table in (CITY.roads.lights_ms, CITY.roads.normal_ms):
        cut = table.copy()
        cut[:, island] = -1
        tables.append(cut)
    patient = tuple(msgspec.structs.replace(one, target_ms=7 * DAY_MS) for one in CITY.priorities)
    city = CITY._replace(roads=CITY.roads._replace(lights_ms=tables[0], normal_ms=tables[1]), priorities=patient)
    calls = draw_calls(city, seed=1, replication=1, days=3.0)
    assert out_of_reach(city, calls).tolist() == (calls.place == island).tolist()
    assert (calls.place == island).any()


@pytest.mark.parametrize(
    ("kinds", "turnouts", "least_s"),
    [
        (("ambulance",), (), 0),
        (("ambulance",), (("engine", 10), ("*", 90)), 90),
        (("ambulance", "engine"), (("engine", 10), ("*", 90)), 10),
        (("ambulance", "engine"), (("engine", 10),), 0),
        (("ambulance",), (("ambulance", 40), ("*", 5)), 40),
    ],
)
def test_the_turnout_is_the_shortest_of_the_kinds_that_there_are(
    kinds: tuple[str, ...], turnouts: tuple[tuple[str, int], ...], least_s: int
) -> None:
    """A unit at every place: nothing but call taking and turnout. Late exactly where the target is less than both."""
    told = tuple(Turnout(kind, Span(1000 * s)) for kind, s in turnouts)
    units = tuple(CrewedUnit(kind, nth, kind) for nth, kind in enumerate(kinds))
    still = CITY.roads._replace(lights_ms=np.zeros_like(CITY.roads.lights_ms), normal_ms=np.zeros_like(CITY.roads.normal_ms))
    city = CITY._replace(units=units, turnouts=told, roads=still, call_taking=Span(30_000), travel_spread=0.0)
    for target_s, is_far in ((30 + least_s, False), (29 + least_s, True)):
        tight = city._replace(priorities=tuple(msgspec.structs.replace(one, target_ms=1000 * target_s) for one in city.priorities))
        calls = draw_calls(tight, seed=1, replication=1, days=1.0)
        assert set(out_of_reach(tight, calls).tolist()) == {is_far}


# ---- in the figures


def tight_city() -> City:
    """Some urgent calls are out of reach, and units are busy."""
    return sealed(CITY._replace(priorities=(PriorityClass("urgent", 240_000), CITY.priorities[1])))


def row_of(city: City, replication: int = 1, days: float = 3.0, warm_up: float = 1.0, policy: str = "closest") -> Row:
    calls = draw_calls(city, seed=8, replication=replication, days=days)
    return measure(city, calls, run(city, calls, POLICIES[policy], engine="plain"), span_of(days, warm_up), replication)


def test_only_high_calls_that_count_are_in_the_floor() -> None:
    city = tight_city()
    row, calls = row_of(city), draw_calls(city, seed=8, replication=1, days=3.0)
    counted = (calls.priority == 0) & (calls.at_ms >= DAY_MS)
    assert row.high_out_of_reach == int(out_of_reach(city, calls)[counted].sum()) > 0
    assert row.high.n == int(counted.sum())
    assert row.floor == row.high_out_of_reach / row.high.n
    assert row.avoidable == pytest.approx((row.high.late or 0) / row.high.n - row.floor)


def test_a_city_where_nobody_called_has_no_floor() -> None:
    row = row_of(tight_city())
    empty = row._replace(high=row.high._replace(n=0, late=0, reached=0, sum_ms=0, p90_ms=-1), high_out_of_reach=0)
    assert empty.floor is None and empty.avoidable is None
    told = figures(CITY, Arm("closest", "", POLICIES["closest"]), [empty])
    assert told.avoidable_late_share is None and told.floor_late_share == 0.0


def test_shares_are_means_of_the_replications_and_have_intervals() -> None:
    city = tight_city()
    rows = [row_of(city, nth) for nth in (1, 2, 3, 4)]
    told = figures(city, Arm("closest", "", POLICIES["closest"]), rows)
    floors = [row.floor for row in rows]
    assert told.floor_late_share == pytest.approx(np.mean([one for one in floors if one is not None]))
    assert told.avoidable_late_share == pytest.approx((told.high.late_share or 0) - told.floor_late_share)
    assert told.half_widths is not None
    spread = np.std([one for one in floors if one is not None], ddof=1)
    assert told.half_widths["floor_late_share"] == pytest.approx(3.182446 * spread / 2, rel=1e-5), "Student's t, 3 degrees of freedom"


def test_on_one_city_the_floor_leaves_every_difference_as_it_is() -> None:
    city = tight_city()
    base, other = ([row_of(city, nth, policy=policy) for nth in (1, 2, 3)] for policy in ("closest", "road-time"))
    told = against(city, base, Arm("road-time", "", POLICIES["road-time"]), other, None).measures
    assert told["high_avoidable_late_share"].mean == pytest.approx(told["high_late_share"].mean)
    assert told["high_avoidable_late_share"].half_width == pytest.approx(told["high_late_share"].half_width)


def test_each_arm_has_the_floor_of_its_own_city() -> None:
    """A closed station: what is late because it is closed is not avoidable there."""
    city = tight_city()
    without = close_station(city, "S00")
    arms = (Arm("as it is", city.digest, POLICIES["closest"]), Arm("without", without.digest, POLICIES["closest"]))
    one = Experiment(arms, 4.0, 1.0, 3, 4, 1.0)
    ground = Ground({city.digest: city, without.digest: without})
    answer = compared(one, ground, gather(one, ground, InProcess(), lambda done, of: None))
    before, after = answer.policies["as it is"], answer.policies["without"]
    assert after.floor_late_share > before.floor_late_share
    change = answer.differences[0].measures
    assert before.avoidable_late_share is not None and after.avoidable_late_share is not None
    assert change["high_avoidable_late_share"].mean == pytest.approx(after.avoidable_late_share - before.avoidable_late_share)
    rise = after.floor_late_share - before.floor_late_share
    assert change["high_late_share"].mean - change["high_avoidable_late_share"].mean == pytest.approx(rise)


# ---- less than nothing is said, not shown as it were sound


def test_fewer_late_than_out_of_reach_is_remarked_on() -> None:
    city = tight_city()
    rows = [row_of(city, nth) for nth in (1, 2)]
    sound = figures(city, Arm("closest", "", POLICIES["closest"]), rows)
    lucky = [row._replace(high_out_of_reach=row.high.late + 1) for row in rows]
    strange = figures(city, Arm("driven by luck", "", POLICIES["closest"]), lucky)
    assert strange.avoidable_late_share is not None and strange.avoidable_late_share < 0
    assert [one.code for one in remarks(city, [sound])] == []
    (told,) = remarks(city, [sound, strange])
    assert (told.code, told.values) == ("below_floor", {"policies": "driven by luck"})
    sentences = {say(f"lab.remark.{told.code}", language, **told.values) for language in languages()}
    assert len(sentences) == 4 and all("driven by luck" in one for one in sentences)


def test_nothing_is_a_share_of_less_than_nothing() -> None:
    """A base that is below its floor: the change is told in points, never in per cent."""
    city = tight_city()
    rows = [row_of(city, nth) for nth in (1, 2)]
    lucky = [row._replace(high_out_of_reach=row.high.late + 1) for row in rows]
    told = against(city, lucky, Arm("closest", "", POLICIES["closest"]), rows, None).measures["high_avoidable_late_share"]
    assert told.relative is None and told.relative_half_width is None
    assert told.mean > 0
