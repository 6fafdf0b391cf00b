"""Who was on duty, read from the gaps between jobs: off at the start, on a second before the first job, off an hour after the last."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_sf_fire import read, row
from test_sf_fire_real import MAIN, log

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, iso, local_text, span_ms
from tocsin.core.messages.said import Ask
from tocsin.core.messages.unit import phase_of
from tocsin.formats import sf_fire
from tocsin.formats.sf_fire_calls import freed_at
from tocsin.formats.sf_fire_duty import GAP_H, LINGER_MIN, assumption, duty_asks


def told(asks: list[Ask]) -> list[str]:
    """``10:02:00 M1 off`` for each ask, in local time."""
    return [f"{local_text(ask.at, sf_fire.ZONE)[11:19]} {ask.command.unit} {phase_of(ask.command.status)}" for ask in asks]  # type: ignore[union-attr]  # reports of units


def job(call: str, unit: str, begin: str, end: str) -> str:
    """A job from dispatch to available."""
    return row(call, unit, kind="MEDIC", received=begin, entry=begin, dispatch=begin, response=begin, on_scene=begin, available=end)


def duties(*rows: str, units: tuple[str, ...] = ("M1",)) -> list[str]:
    found = read(*rows)
    assert found.counts.first is not None
    return told(duty_asks(found.calls, [UnitId(unit) for unit in units], found.counts.first))


def test_one_job_is_one_duty() -> None:
    early = job("0", "E9", "09:00:00", "09:10:00")
    assert duties(early, job("1", "M1", "10:00:00", "10:30:00")) == ["09:00:00 M1 off", "09:59:59 M1 on_radio", "11:30:00 M1 off"]


@pytest.mark.parametrize("begin", ["09:00:00", "09:00:01"])
def test_a_unit_that_works_from_the_first_moment_is_not_sent_home_by_it(begin: str) -> None:
    early = job("0", "E9", "09:00:00", "09:10:00")
    assert duties(early, job("1", "M1", begin, "10:30:00")) == ["11:30:00 M1 off"]


def test_a_short_gap_keeps_a_unit_on_and_a_long_one_sends_it_home() -> None:
    early = job("0", "E9", "05:00:00", "05:10:00")  # somebody else's: the log begins here
    told_all = duties(
        early,
        job("1", "M1", "06:00:00", "06:30:00"),
        job("2", "M1", "09:30:00", "10:00:00"),  # three hours to the second: still on duty
        job("3", "M1", "13:00:01", "13:20:00"),  # a second more: it was off
    )
    assert told_all == [
        "05:00:00 M1 off",
        "05:59:59 M1 on_radio",
        "11:00:00 M1 off",
        "13:00:00 M1 on_radio",
        "14:20:00 M1 off",
    ]


def test_a_job_inside_another_does_not_end_the_duty_early() -> None:
    """The log sends a unit that it has not freed: the gap counts from the later end."""
    told_all = duties(
        job("0", "E9", "05:00:00", "05:10:00"), job("1", "M1", "06:00:00", "09:00:00"), job("2", "M1", "07:00:00", "07:10:00"),
        job("3", "M1", "11:00:00", "11:10:00"),
    )  # fmt: skip
    assert told_all == ["05:00:00 M1 off", "05:59:59 M1 on_radio", "12:10:00 M1 off"]


def test_units_with_a_home_or_without_a_job_are_not_spoken_of() -> None:
    rows = (job("1", "M1", "10:00:00", "10:30:00"), job("2", "E1", "11:00:00", "11:30:00"))
    assert {line.split()[1] for line in duties(*rows, units=("M1", "M7"))} == {"M1"}
    assert duties(*rows, units=()) == []


def test_the_rule_is_told_with_its_numbers() -> None:
    found = read(job("1", "M1", "10:00:00", "10:30:00"), job("2", "M1", "18:00:00", "18:30:00"))
    assert found.counts.first is not None
    said = assumption(duty_asks(found.calls, [UnitId("M1")], found.counts.first))
    assert (said.code, said.values) == ("duty", {"count": "2", "gap_h": str(GAP_H), "linger_min": str(LINGER_MIN)})


MINUTES = st.lists(st.tuples(st.integers(0, 1300), st.integers(1, 130)), min_size=1, max_size=8)


@given(MINUTES)
def test_a_unit_is_on_whenever_it_works_and_never_twice(jobs: list[tuple[int, int]]) -> None:
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}:00"

    rows = [job(str(nth), "M1", clock(begin), clock(min(begin + lasts, 1439))) for nth, (begin, lasts) in enumerate(jobs)]
    found = read(job("999", "E9", "00:00:00", "00:10:00"), *rows)
    assert found.counts.first is not None
    asks = duty_asks(found.calls, [UnitId("M1")], found.counts.first)
    assert [ask.at for ask in asks] == sorted(ask.at for ask in asks)
    phases = [phase_of(ask.command.status) for ask in asks]  # type: ignore[union-attr]  # reports of units
    assert len({ask.id for ask in asks}) == len(asks)
    assert phases[-1] == "off" and phases[::-1] == (["off", "on_radio"] * len(phases))[: len(phases)]
    for call in found.calls:
        for one in call.rows:
            if one.unit == "M1":
                assert state_at(asks, one.stamps["dispatch"]) == state_at(asks, freed_at(one)) == "on_radio"


def state_at(asks: list[Ask], at: Instant) -> str:
    """The last thing that was said by then; a unit without a station is enrolled on the radio."""
    return ["on_radio", *(phase_of(ask.command.status) for ask in asks if ask.at <= at)][-1]  # type: ignore[union-attr]  # reports of units


def test_duties_of_the_real_fortnight(shared: Path) -> None:
    found = log(shared, MAIN)
    assert found.counts.first is not None
    made = found.centre(sf_fire.CentreHead())
    homeless = [unit.unit for unit in made.centre.units if unit.station is None]
    asks = duty_asks(found.calls, homeless, found.counts.first)
    assert asks == duty_asks(found.calls, homeless, found.counts.first)
    worked = {row.unit for call in found.calls for row in call.rows if row.unit in set(homeless)}
    count = Counter(str(ask.command.unit) for ask in asks)  # type: ignore[union-attr]  # reports of units
    assert set(count) == worked and all(number % 2 == 1 for number in count.values()), "off, then pairs of on and off; or off alone"
    by_unit: dict[str, list[Ask]] = {}
    for ask in asks:
        by_unit.setdefault(str(ask.command.unit), []).append(ask)  # type: ignore[union-attr]  # reports of units
    hours = [
        span_ms(start=on.at, end=off.at) / 3_600_000
        for said in by_unit.values()
        for on, off in pairwise(said)
        if phase_of(on.command.status) == "on_radio"  # type: ignore[union-attr]  # reports of units
    ]
    assert len(hours) > 1000 and min(hours) >= LINGER_MIN / 60
    assert 1 < sorted(hours)[len(hours) // 2] < 24, iso(found.counts.first)


@pytest.mark.parametrize("name", ["off", "on"])
def test_keys_say_what_they_are(name: str) -> None:
    found = read(job("0", "E9", "09:00:00", "09:10:00"), job("1", "M1", "10:00:00", "10:30:00"))
    assert found.counts.first is not None
    asks = duty_asks(found.calls, [UnitId("M1")], found.counts.first)
    assert f"sf:duty:M1:0:{name}" in {ask.id for ask in asks}
