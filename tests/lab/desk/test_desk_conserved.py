"""What must hold of every journal of a city, whatever goes on in it: nothing is lost, nobody has two jobs, nobody is sent who cannot be."""

from collections import Counter
from functools import cache

import pytest
from desk_cities import cities
from desk_stage import Run, calls_of, run

from promises.checkers import check_board, one_job_each
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import CallAttached, CallReceived
from tocsin.core.messages.incident import IncidentClosed, IncidentOpened
from tocsin.core.messages.moveup import MoveUpOrdered
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.station import StationClosed, StationOpened
from tocsin.core.messages.unit import UnitStatusChanged, phase_of
from tocsin.lab.city.model import City
from tocsin.lab.desk_run import start_of
from tocsin.lab.desked.opening import station_ids, unit_ids

CITIES = dict(cities())
EVERY = pytest.mark.parametrize("name", CITIES)


@cache
def lived(name: str) -> tuple[City, Run]:
    city = CITIES[name]
    return city, run(city, calls_of(city, days=0.5, seed=5), "default")


@EVERY
def test_every_call_is_taken_and_opened_once_and_ends_or_waits(name: str) -> None:
    _, told = lived(name)
    opened = Counter(record.says.incident for record in told.said(IncidentOpened))
    closed = Counter(record.says.incident for record in told.said(IncidentClosed))
    assert set(opened.values()) <= {1} and set(closed.values()) <= {1} and closed.keys() <= opened.keys()
    assert {*opened} - {*closed} == told.board().open_incidents.keys()
    if told.outcome.is_overloaded:
        assert len(opened) - len(closed) >= told.outcome.longest_queue
    else:
        assert opened.total() == told.calls.size
        reached = {f"inc-{nth:06d}" for nth, at in enumerate(told.outcome.on_scene_ms.tolist()) if at >= 0}
        assert reached == closed.keys(), "who was reached has ended, and nobody else"
    assert not told.board().loose_calls or told.outcome.is_overloaded
    assert len(told.said(CallReceived)) == opened.total() + len(told.said(CallAttached)) + len(told.board().loose_calls)


@EVERY
def test_a_unit_has_one_job_from_being_sent_to_being_free(name: str) -> None:
    city, told = lived(name)
    crew = {unit_id: unit.crew or unit_id for unit_id, unit in zip(unit_ids(city), city.units, strict=True)}
    job: dict[str, str] = {}
    for record in told.records():
        event = record.says
        if isinstance(event, UnitsDispatched):
            for unit in event.units:
                assert crew[unit] not in job
                job[crew[unit]] = event.incident
        elif isinstance(event, UnitCleared | AssignmentCancelled):
            assert job.pop(crew[event.unit]) == event.incident
        elif isinstance(event, UnitDiverted):
            assert job.pop(crew[event.unit]) == event.left
    still = {unit.crew: unit.incident for unit in told.board().units.values() if unit.incident is not None}
    assert sorted(job.values()) == sorted(still.values())


@EVERY
def test_who_is_sent_was_recommended_in_the_answer_before(name: str) -> None:
    _, told = lived(name)
    latest: dict[str, tuple[str, ...]] = {}
    for record in told.records():
        if isinstance(record.says, UnitsRecommended):
            latest[record.says.incident] = tuple(dict.fromkeys(pick.unit for pick in record.says.receipt.picks))
        elif isinstance(record.says, UnitsDispatched):
            assert record.says.units == latest[record.says.incident]
            assert record.says.receipt and not record.says.override and record.says.regret is None


@EVERY
def test_a_crew_goes_through_its_job_step_by_step(name: str) -> None:
    """Acknowledged, on its way, there, perhaps to a hospital, and free: never back, never twice, and never earlier than the one before."""
    _, told = lived(name)
    steps = ["acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "returning", "off"]
    at: dict[tuple[str, str], tuple[int, int]] = {}
    for record in told.said(UnitStatusChanged):
        if record.says.incident is not None:
            key, step = (record.says.unit, record.says.incident), steps.index(phase_of(record.says.status))
            if step == 0:
                at.pop(key, None)  # sent there once more
            before, moment = at.get(key, (-1, record.at))
            assert step > before and record.at >= moment
            at[key] = step, record.at
        # Whoever goes off straight from work, because the shift is over or the vehicle broken, leaves out a step.
        assert not record.says.is_surprising or phase_of(record.says.status) == "off"


@EVERY
def test_no_hospital_has_more_at_its_bays_than_it_has(name: str) -> None:
    """A handover takes as long as was drawn, so it began that much before the crew was free again."""
    city, told = lived(name)
    start, places = start_of(city), {tuple(told_at): nth for nth, told_at in enumerate(_hospital_places(city))}
    there: dict[str, int] = {}
    spans: dict[int, list[tuple[int, int]]] = {}
    for record in told.said(UnitStatusChanged):
        phase = phase_of(record.says.status)
        if phase == "at_hospital":
            there[record.says.unit] = places[(record.says.place.at.lon, record.says.place.at.lat)]
        elif record.says.unit in there and phase in ("returning", "off"):
            handover_ms = int(told.calls.handover_ms[int(record.says.incident.removeprefix("inc-"))])
            end = record.at - start
            spans.setdefault(there.pop(record.says.unit), []).append((end - handover_ms, end))
    for hospital, handed in spans.items():
        bays = city.hospitals[hospital].bays
        most = max(sum(begins <= at < end for begins, end in handed) for at, _ in handed)
        assert not bays or most <= bays
    assert spans or not city.hospitals


def _hospital_places(city: City) -> list[tuple[float, float]]:
    return [(float(city.place_lon[one.place]), float(city.place_lat[one.place])) for one in city.hospitals]


@EVERY
def test_nobody_is_told_to_cover_at_a_station_that_is_closed(name: str) -> None:
    city, told = lived(name)
    is_open = dict.fromkeys(station_ids(city), False)
    for record in told.records():
        if isinstance(record.says, StationOpened | StationClosed):
            is_open[record.says.station] = isinstance(record.says, StationOpened)
        elif isinstance(record.says, MoveUpOrdered):
            assert is_open[record.says.station]
    assert len(told.said(MoveUpOrdered)) == told.outcome.moves.sum()


@EVERY
def test_those_of_other_agencies_and_those_off_duty_cover_nowhere_else(name: str) -> None:
    city, told = lived(name)
    off: set[str] = set()
    lent = {unit_id for unit_id, unit in zip(unit_ids(city), city.units, strict=True) if unit.is_outside}
    for record in told.records():
        if isinstance(record.says, UnitStatusChanged):
            (off.add if phase_of(record.says.status) == "off" else off.discard)(record.says.unit)
        elif isinstance(record.says, MoveUpOrdered):
            assert record.says.unit not in off | lent
        elif isinstance(record.says, UnitsDispatched):
            assert off.isdisjoint(record.says.units)


@EVERY
def test_time_goes_forward_and_everybody_is_an_invented_one(name: str) -> None:
    _, told = lived(name)
    moments = [record.recorded for record in told.records()]
    assert moments == sorted(moments)
    assert {record.clock for record in told.records()} == {"simulated"}
    assert {record.actor for record in told.records()} == {"tocsin", "crew", "dispatcher", "call-taker"}
    assert all(record.at == record.recorded for record in told.records())


@pytest.mark.parametrize("name", ["breaks", "breaks in shifts", "shared crews", "several units", "outside", "station_lost", "radio_lost"])
def test_every_promise_holds_after_every_moment(name: str) -> None:
    city, board, last = CITIES[name], Board(), [Instant(0)]

    def check(answer: Answer, now: Instant) -> None:
        if now > last[0]:
            one_job_each(board)
            if last[0] and (now // 60_000) % 3 == 0:
                check_board(board)
            last[0] = now
        for record in answer.records:
            kernel.fold(board, record)

    told = run(city, calls_of(city, days=0.25, seed=6), "default", on_answer=check)
    check_board(board)
    assert board.versions == told.board().versions
