"""Tuning: what it hands out keeps the limits on the calls it was tuned on, comes nearest where nothing does, and is judged on others."""

import tomllib

import numpy as np
import pytest

from tocsin.core.engine.move_up import PRICE_PPB_PER_S
from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.cover import cover_model, with_areas
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.square import square_city
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.experiment.tuning import DEAREST_PPB_PER_S, Limits, Setting, Tuned, Tuner
from tocsin.views.tuning_answer import Try
from tocsin.wiring.tune import settings_text

SIDE = 20
CROWDED = np.exp(-(np.arange(SIDE * SIDE) % SIDE + np.arange(SIDE * SIDE) // SIDE) / 20.0)
"""Most people live in one corner: cover draws units from the others."""
CITY = sealed(square_city(SIDE, 6, stations=6, calls_per_hour=3.5)._replace(place_weights=(CROWDED / CROWDED.sum())[None, :]))
MODEL = cover_model(CITY)
GROUND = Ground({CITY.digest: CITY}, {CITY.digest: MODEL})
ONE = Experiment((Arm("closest", CITY.digest, POLICIES["closest"]), Arm("default", CITY.digest, POLICIES["default"])), 30.0, 1.0, 3, 3, 1.0)


def tuned(limits: Limits) -> Tuned:
    return Tuner(ONE, GROUND, InProcess(), limits).tune(lambda _done, _of: None)


def told(found: Tuned) -> Try:
    return next(one for one in found.tries if one.price_ppm_per_min == found.setting.price_ppm_per_min and one.holds == found.holds)


@pytest.fixture(scope="module")
def free() -> Try:
    """The policy as it is."""
    return tuned(Limits(None, 99.0)).tries[0]


def test_a_cap_that_is_kept_anyway_changes_nothing() -> None:
    found = tuned(Limits(None, 99.0))
    assert found.setting == Setting(PRICE_PPB_PER_S, (1000,) * len(CITY.areas))
    assert (found.holds, len(found.tries)) == (True, 1)


def test_a_cap_on_driving_is_kept_and_costs_gain(free: Try) -> None:
    cap = free.driving_more / 3
    found = tuned(Limits(None, cap))
    assert found.holds
    assert 0 < found.setting.price_ppb_per_s <= DEAREST_PPB_PER_S
    kept = [one for one in found.tries if one.driving_more <= cap]
    assert {one.holds for one in kept} == {True}
    assert {one.holds for one in found.tries if one not in kept} == {False}
    assert max(one.gain_points for one in kept) == told(found).gain_points


def test_a_guard_is_kept_on_the_calls_that_are_tuned_on(free: Try) -> None:
    assert free.worst_points > 0.5, "the city must have an area that loses"
    found = tuned(Limits(free.worst_points / 2, None))
    assert found.holds
    assert told(found).worst_points <= free.worst_points / 2
    assert len(set(found.setting.area_permille)) > 1


def test_where_nothing_keeps_the_limits_the_nearest_is_given_and_said_so() -> None:
    found = tuned(Limits(-50.0, 0.0))
    assert not found.holds
    assert not any(one.holds for one in found.tries)
    assert len(found.tries) > 10, "everything was tried before giving up"


def test_weights_move_cover_between_areas_and_add_up_to_the_same() -> None:
    first = CITY.areas[0]
    (other,) = with_areas((MODEL,), {first: 2000})
    assert sum(row.weight_ppb for row in other.rows) == sum(row.weight_ppb for row in MODEL.rows)
    before, after = (sum(row.weight_ppb for row in model.rows if row.area == first) for model in (MODEL, other))
    assert after / before == pytest.approx(2 / (1 + before / 1_000_000_000), rel=1e-6)
    assert with_areas((MODEL,), {}) == with_areas((MODEL,), dict.fromkeys(CITY.areas, 1000)) == (MODEL,)
    assert with_areas((MODEL,), dict.fromkeys(CITY.areas, 0)) == (MODEL,), "no weight at all is no model"
    assert with_areas((MODEL,), {"elsewhere": 5000}) == (MODEL,)


def test_settings_are_written_as_a_plan_reads_them() -> None:
    text = settings_text(2400, {'St. "John"\\ North': 1500, "Süd": 800}, "fr")
    assert tomllib.loads(text)["cover"] == {"price_ppm_per_min": 2400, "area_permille": {'St. "John"\\ North': 1500, "Süd": 800}}
    assert "area_permille" not in tomllib.loads(settings_text(0, {}, "en"))["cover"]
