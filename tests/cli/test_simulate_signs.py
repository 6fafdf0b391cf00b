"""Bars, intervals and numbers of the lab's tables."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import Surge
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.experiment import Experiment
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.shown.lab_signs import BAR, PLOT, Told, bar, short, signed, strip
from tocsin.views.experiment_answer import Difference
from tocsin.wiring.experiment_pages import command_of
from tocsin.wiring.experiments import ExperimentAsked, Opened, calls_expected, city_map, executor_of, names_of

CITY = sealed(square_city(5, 3))


@given(st.floats(0, 1), st.floats(0.01, 1))
def test_bars_are_as_long_as_what_they_show(value: float, most: float) -> None:
    shown = min(value, most)
    assert abs((len(bar(shown, most)) - 1) * 8 - BAR * 8 * shown / most) <= 9
    assert bar(most, most) == "█" * BAR
    assert bar(0.0, most) == bar(0.0, 0.0) == ""


@given(st.floats(-1, 1), st.floats(0, 1))
def test_intervals_keep_their_line_and_their_side_of_nothing(middle: float, half: float) -> None:
    most = max(abs(middle) + half, 1e-9)
    line = strip(middle, half, most)
    assert len(line) == PLOT
    assert line.count("●") == 1
    at = line.index("●")
    if middle > most / PLOT:
        assert at > PLOT // 2
    if middle < -most / PLOT:
        assert at < PLOT // 2


def test_an_interval_is_drawn_where_it_lies() -> None:
    assert strip(-0.5, 0.25, 1.0) == "····├────●────┤···│··················"
    line = strip(0.0, 0.5, 1.0)
    assert (line.index("├"), line.index("●"), line.index("┤")) == (9, 18, 27)


@pytest.mark.parametrize(
    ("language", "one", "wanted"),
    [
        ("en", Difference(-0.05, 0.01, True), "−5.00 ± 1.00 pts"),
        ("fr", Difference(0.05, 0.01, True), "+5,00 ± 1,00 pts"),
        ("en", Difference(0.05, 0.06, False), "no difference shown"),
        ("en", Difference(0.05, 0.06, False, 0.1, 0.12, 8), "no difference shown"),
        ("en", Difference(-0.05, 0.6, False, -0.1, 1.2, 3), "too few replications"),
        ("pt", Difference(0.4, 0.7, False, None, None, 2), "replicações a menos"),
        ("en", Difference(-0.05, 0.6, False, -0.1, 1.2, 8), "no difference shown"),
        ("en", Difference(0.05, None, False), "+5.00 pts"),
    ],
)
def test_differences_are_told_in_points_or_not_at_all(language: str, one: Difference, wanted: str) -> None:
    assert Told(language).change("share", one) == wanted


def test_numbers_lose_no_digit_that_counts() -> None:
    assert [short(text) for text in ("10", "100", "1.50", "1.00", "0,60")] == ["10", "100", "1.5", "1", "0,6"]
    assert (signed("-1.0", -1.0), signed("1.0", 1.0)) == ("−1.0", "+1.0")


def test_names_come_with_commas_and_one_by_one() -> None:
    assert names_of("a, b,,c") == names_of(["a", "b,c"]) == ("a", "b", "c")


def test_expected_calls_are_those_that_come() -> None:
    surged = CITY._replace(surges=(Surge(0, 60_000, 0, 40, 3), Surge(10**12, 1, 0, 40, 3)))
    come = [draw_calls(surged, seed=1, replication=nth, days=5.0, load=1.5).size for nth in range(1, 9)]
    assert calls_expected(surged, 5.0, 1.5) == pytest.approx(sum(come) / 8, rel=0.05)


@pytest.mark.parametrize(("days", "policy", "workers"), [(1.0, "closest", 1), (5000.0, "closest", 2), (5000.0, "straight-line", 2)])
def test_processes_are_started_where_the_work_is_long(monkeypatch: pytest.MonkeyPatch, days: float, policy: str, workers: int) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    one = Experiment((Arm(policy, CITY.digest, POLICIES[policy]),), days, 1.0, 1, 8, 0.0)
    asked = ExperimentAsked(Path("town"), (policy,))
    assert executor_of(Opened(CITY, one, Ground({CITY.digest: CITY})), asked).workers == workers


def test_the_map_holds_every_place_and_all_demand() -> None:
    drawn = city_map(CITY)
    assert len(drawn.places) == CITY.places
    assert sum(dot.weight for dot in drawn.places) == pytest.approx(1.0)
    assert sum(pin.units for pin in drawn.stations) == len(CITY.units)
    assert (len(drawn.stations), len(drawn.hospitals)) == (4, 1)


def test_the_command_on_a_page_can_be_typed() -> None:
    asked = ExperimentAsked(Path("my town"), ("closest", "default"), 2.5, 0.6, 7, 8, 2, None, 1.0)
    wanted = "tocsin compare 'my town' --policies closest,default --days 2.5 --load 0.6 --seed 7 --replications 8 --guard 1"
    assert command_of("compare", asked) == wanted
