"""Whatever hours and areas a text names: the city has just those, minute by minute and call by call."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_texts import SQUARE, laid

from tocsin.formats.lab_laid import DAYS
from tocsin.lab.experiment.floor import duty_ms
from tocsin.lab.plain.duty import is_within

MINUTE_MS, WEEK_MIN, DAY_MIN = 60_000, 10_080, 1_440
MINUTES = st.integers(0, DAY_MIN - 1)


@st.composite
def shifts(draw: st.DrawFn) -> tuple[int, int, list[str]]:
    begins = draw(MINUTES)
    until = draw(MINUTES.filter(lambda minute: minute != begins))
    return begins, until, draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def on_duty(begins: int, until: int, days: list[str]) -> set[int]:
    """Minutes of the week, counted one by one."""
    length = (until - begins) % DAY_MIN
    return {(DAYS.index(day) * DAY_MIN + begins + minute) % WEEK_MIN for day in days for minute in range(length)}  # type: ignore[arg-type]  # one of them


@settings(max_examples=40)
@given(told=st.lists(shifts(), min_size=1, max_size=3), look=st.lists(st.integers(0, WEEK_MIN - 1), max_size=20))
def test_shifts_are_the_minutes_that_they_say(told: list[tuple[int, int, list[str]]], look: list[int]) -> None:
    text = "".join(
        f'[[shift]]\nunits = ["U02"]\nfrom = "{clock(begins)}"\nuntil = "{clock(until)}"\ndays = {days!r}\n' for begins, until, days in told
    )
    city = laid(text)
    wanted = set().union(*(on_duty(*one) for one in told))
    assert duty_ms(city, WEEK_MIN * MINUTE_MS)[2] == len(wanted) * MINUTE_MS
    edges = [minute for begins, until, _ in told for minute in (begins, until)]
    for minute in (*look, *(day * DAY_MIN + edge for edge in edges for day in range(7))):
        assert is_within(city.units[2].shifts, minute * MINUTE_MS) == (minute in wanted), clock(minute % DAY_MIN)
    assert not any(unit.shifts for nth, unit in enumerate(city.units) if nth != 2)


@settings(max_examples=40)
@given(
    times=st.dictionaries(st.sampled_from(SQUARE.areas), st.floats(0, 5), max_size=4),
    own=st.dictionaries(st.sampled_from(SQUARE.areas), st.floats(0, 5), max_size=4),
    per_day=st.floats(1, 500),
)
def test_areas_have_so_many_times_their_calls(times: dict[str, float], own: dict[str, float], per_day: float) -> None:
    areas = ", ".join(f'"{name}" = {factor!r}' for name, factor in own.items())
    text = f'[[calls]]\nname = "urgent"\nper_day = {per_day!r}\nareas = {{ {areas} }}\n'
    text += "".join(f'[[area]]\nname = "{name}"\ntimes = {factor!r}\n' for name, factor in times.items())
    factors = np.array([times.get(name, 1.0) for name in SQUARE.areas])
    both = factors * np.array([own.get(name, 1.0) for name in SQUARE.areas])
    usual = np.bincount(SQUARE.place_area, weights=SQUARE.place_weights[0], minlength=4)
    if not (factors * usual).any():
        return  # nobody calls at all: refused, see test_lab_file.py
    city = laid(text)
    for kind, factor, whole in ((city.kinds[0], both, per_day), (city.kinds[1], factors, sum(SQUARE.kinds[1].per_hour) / 7)):
        weights = np.bincount(city.place_area, weights=city.place_weights[kind.places], minlength=4)
        np.testing.assert_allclose(
            weights * sum(kind.per_hour) / 7 if sum(kind.per_hour) else 0 * weights, whole * factor * usual, atol=1e-6
        )
    np.testing.assert_allclose(city.place_weights.sum(axis=1), 1.0)
