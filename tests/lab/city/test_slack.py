"""What is left of a target for the drive: by hand where all is certain, and against a hundred thousand draws where it is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.lab.city.model import City, Span, Turnout
from tocsin.lab.city.slack import LAYERS, slack_ms
from tocsin.lab.city.square import square_city

SQUARE = square_city(5, 2)
TARGET_MS = 480_000


def city_of(call_taking: Span, *turnouts: Turnout, travel_spread: float = 0.0) -> City:
    return SQUARE._replace(call_taking=call_taking, turnouts=turnouts, travel_spread=travel_spread)


def drawn_ms(span: Span, dice: np.random.Generator, count: int) -> np.ndarray:
    match span.law:
        case "exponential":
            return dice.exponential(span.mean_ms, count)
        case "lognormal":
            return dice.lognormal(np.log(span.mean_ms) - span.spread**2 / 2, span.spread, count)
        case "gamma":
            return dice.gamma(span.spread, span.mean_ms / span.spread, count)
        case "observed":
            return dice.choice(np.array(span.values_ms, float), count)
    return np.full(count, float(span.mean_ms))


def test_what_is_certain_is_taken_off() -> None:
    city = city_of(Span(90_000), Turnout("*", Span(60_000), Span(10_000)), Turnout("car", Span(20_000), Span(0)))
    assert slack_ms(city, "ambulance", TARGET_MS) == (330_000,)
    assert slack_ms(city, "car", TARGET_MS) == (370_000,), "its own turnout before that of all"
    assert slack_ms(city_of(Span(90_000)), "car", TARGET_MS) == (390_000,), "none is known: none is taken off"


def test_a_mean_of_nothing_is_certain_whatever_its_law() -> None:
    assert slack_ms(city_of(Span(0, "exponential"), Turnout("*", Span(0, "gamma", 2.0), Span(5))), "x", TARGET_MS) == (TARGET_MS,)


def test_what_is_longer_than_the_target_leaves_less_than_nothing() -> None:
    assert slack_ms(city_of(Span(TARGET_MS + 1)), "x", TARGET_MS) == (-1,)


SPREAD = {
    "exponential": Span(90_000, "exponential"),
    "lognormal": Span(90_000, "lognormal", 0.5),
    "gamma": Span(90_000, "gamma", 3.0),
    "observed": Span(0, "observed", values_ms=tuple(range(30_000, 151_000, 1_000))),
}


@pytest.mark.parametrize("law", SPREAD)
@pytest.mark.parametrize("travel_spread", [0.0, 0.3])
def test_four_equally_likely_lengths_are_the_quantiles_of_what_is_drawn(law: str, travel_spread: float) -> None:
    """(target - call taking - turnout) / factor: its 12.5th, 37.5th, 62.5th and 87.5th percentiles, on twelve points each."""
    span, turnout = SPREAD[law], Span(60_000, "lognormal", 0.3)
    span = span if span.mean_ms else Span(90_000, "observed", values_ms=span.values_ms)
    city = city_of(span, Turnout("*", turnout, Span(0)), travel_spread=travel_spread)
    dice, count = np.random.default_rng(5), 100_000
    factors = dice.lognormal(-(travel_spread**2) / 2, travel_spread, count) if travel_spread else 1.0
    left = (TARGET_MS - drawn_ms(span, dice, count) - drawn_ms(turnout, dice, count)) / factors
    told = slack_ms(city, "ambulance", TARGET_MS)
    assert len(told) == LAYERS and list(told) == sorted(told)
    assert told == pytest.approx(np.quantile(left, [0.125, 0.375, 0.625, 0.875]).tolist(), rel=0.03, abs=3_000)


@given(st.sampled_from(sorted(SPREAD)), st.floats(0, 0.5), st.integers(200_000, 900_000), st.integers(10, 300_000))
@settings(max_examples=30)
def test_a_longer_target_leaves_more(law: str, travel_spread: float, target_ms: int, more_ms: int) -> None:
    span = SPREAD[law] if SPREAD[law].mean_ms else Span(90_000, "observed", values_ms=SPREAD[law].values_ms)
    city = city_of(span, Turnout("*", Span(60_000), Span(0)), travel_spread=travel_spread)
    short, long = slack_ms(city, "x", target_ms), slack_ms(city, "x", target_ms + more_ms)
    assert all(less < more for less, more in zip(short, long, strict=True))


def test_without_a_spread_of_drives_a_longer_target_leaves_just_so_much_more() -> None:
    city = city_of(Span(90_000, "exponential"), Turnout("*", Span(60_000, "gamma", 2.0), Span(0)))
    one, other = slack_ms(city, "x", TARGET_MS), slack_ms(city, "x", TARGET_MS + 60_000)
    assert [b - a for a, b in zip(one, other, strict=True)] == [60_000] * LAYERS
