"""A city on the real desk: its journal keeps every promise, and the same seed writes the same bytes."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from desk_stage import Run, calls_of, run

from board_state import state_of
from command_line import tocsin
from promises.checkers import check_board, check_journal
from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import CallAttached, CallReceived
from tocsin.core.messages.incident import IncidentClosed, IncidentOpened
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.unit import UnitStatusChanged, phase_of
from tocsin.edge.journal_places import new_journal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.city.square import square_city
from tocsin.lab.desk_run import run_on_desk, start_of

HERE = Path(__file__).resolve().parent
BUSY = square_city(9, 6, calls_per_hour=8.0)
"""Calls wait now and then, and units are diverted."""


@pytest.fixture(scope="module")
def busy() -> Run:
    return run(BUSY, calls_of(BUSY), "road-time")


def test_every_promise_of_a_journal_is_kept(busy: Run) -> None:
    check_journal(busy.journal, busy.board())


def test_every_promise_of_a_board_is_kept_after_every_moment() -> None:
    board, last = Board(), [Instant(0)]

    def check(answer: Answer, now: Instant) -> None:
        if now > last[0]:
            check_board(board)
            last[0] = now
        for record in answer.records:
            kernel.fold(board, record)

    listened = run(BUSY, calls_of(BUSY, days=1), "road-time", on_answer=check)
    assert listened.outcome.diverted
    assert state_of(board) == state_of(listened.board())


def test_nothing_is_refused_and_no_crew_surprises(busy: Run) -> None:
    assert busy.said(CommandRefused) == []
    assert not any(record.says.is_surprising for record in busy.said(UnitStatusChanged))


def test_every_call_is_taken_opened_served_and_closed(busy: Run) -> None:
    n = busy.calls.size
    assert len(busy.said(CallReceived)) == len(busy.said(IncidentOpened)) == len(busy.said(IncidentClosed)) == n
    opened = [record.at - start_of(BUSY) for record in busy.said(IncidentOpened)]
    assert opened == sorted(busy.calls.ready_ms.tolist())
    assert [record.says.arrived - start_of(BUSY) for record in busy.said(CallReceived)] == busy.calls.at_ms.tolist()


def test_the_outcome_is_what_the_journal_says(busy: Run) -> None:
    outcome, start = busy.outcome, start_of(BUSY)
    units = {unit.name: nth for nth, unit in enumerate(BUSY.units)}
    call_of = {record.says.incident: int(record.says.calls[0].removeprefix("call-")) for record in busy.said(IncidentOpened)}
    first: dict[int, tuple[int, int]] = {}
    for record in busy.said(UnitStatusChanged):
        if phase_of(record.says.status) == "on_scene":
            first.setdefault(call_of[record.says.incident], (record.at - start, units[record.says.unit]))
    assert [first[call] for call in range(busy.calls.size)] == list(
        zip(outcome.on_scene_ms.tolist(), outcome.first_unit.tolist(), strict=True)
    )
    assert len(busy.said(UnitDiverted)) == outcome.diverted > 0
    assert sum(len(record.says.units) for record in busy.said(UnitsDispatched)) == outcome.sent.sum() == busy.calls.size + outcome.diverted
    assert outcome.longest_queue > 0
    assert max(record.at for record in busy.records()) - start == outcome.ended_ms


def test_busy_time_is_the_time_from_being_sent_to_being_free(busy: Run) -> None:
    busy_ms = dict.fromkeys((unit.name for unit in BUSY.units), 0)
    since: dict[str, int] = {}
    for record in busy.records():
        if isinstance(record.says, UnitsDispatched):
            for unit in record.says.units:
                since.setdefault(unit, record.at)
        elif isinstance(record.says, UnitCleared):
            busy_ms[record.says.unit] += record.at - since.pop(record.says.unit)
    assert list(busy_ms.values()) == busy.outcome.busy_ms.tolist()


def test_further_reports_are_calls_of_the_same_incident() -> None:
    kinds = tuple(msgspec.structs.replace(kind, second_report_ppm=400_000) for kind in BUSY.kinds)
    city = BUSY._replace(kinds=kinds)
    calls = calls_of(city, days=0.5)
    told = run(city, calls)
    assert len(told.said(CallReceived)) == calls.size + len(told.said(CallAttached))
    assert 0 < len(told.said(CallAttached)) <= int((calls.reports - 1).sum())
    assert all(told.board().calls[record.says.call].incidents == [record.says.incident] for record in told.said(CallAttached))
    check_journal(told.journal, told.board())


def test_with_few_call_takers_nobody_says_when_a_call_was_answered() -> None:
    told = run(BUSY._replace(call_takers=1), calls_of(BUSY._replace(call_takers=1), days=0.2))
    assert all(record.says.answered is None for record in told.said(CallReceived))


def test_the_same_city_calls_and_policy_write_the_same_bytes_in_every_process(busy: Run) -> None:
    program = (
        "from desk_stage import calls_of, run; from tocsin.lab.city.square import square_city;"
        "city = square_city(9, 6, calls_per_hour=8.0); print(run(city, calls_of(city), 'road-time').head())"
    )
    heads = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parents[1])))},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("0", "4711")
    }
    assert heads == {busy.head()}


def test_another_seed_or_policy_writes_another_journal(busy: Run) -> None:
    heads = {run(BUSY, calls_of(BUSY, seed=seed), policy).head() for seed, policy in ((1, "closest"), (2, "road-time"))}
    assert len(heads | {busy.head()}) == 3


def test_a_journal_that_is_somebodys_already_is_refused(busy: Run) -> None:
    with pytest.raises(BadInput, match="journal_exists"):
        run_on_desk(BUSY, busy.calls, "closest", journal=busy.journal, vault=MemoryVault())


def test_a_run_stops_when_more_wait_than_will_ever_be_served() -> None:
    city = square_city(9, 2, calls_per_hour=60.0)
    outcome = run(city, calls_of(city, days=1)).outcome
    assert outcome.is_overloaded
    assert outcome.longest_queue == 201
    assert outcome.ended_ms < 86_400_000
    assert (outcome.on_scene_ms >= 0).any()
    assert (outcome.on_scene_ms < 0).any()


def test_the_journal_on_a_disk_is_verified_reported_and_replayed(tmp_path: Path) -> None:
    file = tmp_path / "lab.journal"
    calls = calls_of(BUSY, days=0.5)
    with new_journal(file) as journal:
        outcome = run_on_desk(BUSY, calls, "road-time", journal=journal, vault=MemoryVault())
    assert tocsin("verify", file).status == 0
    told = tocsin("replay", file, "--json")
    assert told.status == 0, told.err
    assert told.json["redecided"]["differing"] == 0
    assert told.json["agreement"] == {"first_unit": 1.0, "all_units": 1.0}
    answer = tocsin("report", file, "--json")
    assert answer.status == 0, answer.err
    assert answer.json["counts"]["incidents"] == calls.size
    assert outcome.sent.sum() >= calls.size
