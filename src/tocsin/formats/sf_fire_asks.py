"""Calls of the San Francisco log told to the desk: one stream of questions in the order in which things happened. Pure.

At one instant: a unit's release, then call, opening, dispatch, the unit's life in its order, and the closing last. A stamp that comes
before what it needs (a hospital before the dispatch) keeps its own time and is told right after it.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from tocsin.base.identifiers import CallId, CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import DispatchUnits, UnassignUnit
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.incident import CloseIncident, OpenIncident
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus
from tocsin.formats.sf_fire_calls import LogCall, freed_at, is_worked
from tocsin.formats.sf_fire_rows import LogRow

ACTOR = "import:sf-fire"
OVERRIDE = "log"
"""Reason given where the log itself sends a unit that it has not freed yet."""

ASSUMED = "assumed"
"""What a report says in place of a local code when the log leaves the stamp empty."""

_PHASES: tuple[tuple[str, Phase], ...] = (
    ("response", "en_route"),
    ("on_scene", "on_scene"),
    ("transport", "transporting"),
    ("hospital", "at_hospital"),
)


class _Job(NamedTuple):
    """What a unit is at, as the stream has told it so far."""

    call: str
    since: Instant
    """Stamp of the last thing that it said or was told about this call."""


Kind = Literal["take", "open", "dispatch", "report", "free", "close"]


class Step(NamedTuple):
    """One thing that happened, with its place in the stream."""

    order: Instant
    rank: int
    call: LogCall
    nth: int
    kind: Kind
    at: Instant
    rows: list[LogRow]
    phase: Phase = "on_radio"


_EARLY_FREE, _TAKE, _OPEN, _DISPATCH, _REPORT, _FREE, _CLOSE = 0, 1, 2, 3, 4, 8, 9


def asks(calls: Iterable[LogCall]) -> Iterator[Ask]:
    """The stream. Command ids are ``sf:<call>:<what>``: the same log gives the same ids for ever."""
    steps = [step for call in calls for step in _steps(call)]
    steps.sort(key=lambda step: (step.order, step.rank, step.call.received, step.call.number, step.nth))
    jobs: dict[str, _Job] = {}
    for step in steps:
        yield from _tell(step, jobs)


def _steps(call: LogCall) -> Iterator[Step]:
    opened = max(call.received, call.entry)
    yield Step(call.received, _TAKE, call, 0, "take", call.received, [])
    yield Step(opened, _OPEN, call, 0, "open", call.entry, [])
    last = opened
    by_dispatch = groupby(sorted(call.rows, key=_dispatched), key=_dispatched)
    for nth, (dispatched, group) in enumerate(by_dispatch):
        rows = list(group)
        order = max(opened, dispatched)
        yield Step(order, _DISPATCH, call, nth, "dispatch", dispatched, rows)
        for row in rows:
            for step in _life(call, row, order):
                last = max(last, step.order)
                yield step
    yield Step(last, _CLOSE, call, 0, "close", last, [])


def _dispatched(row: LogRow) -> Instant:
    return row.stamps["dispatch"]


def _life(call: LogCall, row: LogRow, dispatched: Instant) -> Iterator[Step]:
    nth = call.rows.index(row)
    latest = dispatched
    for place, (name, phase) in enumerate(_PHASES):
        if name in row.stamps:
            at = row.stamps[name]
            latest = max(latest, at)
            yield Step(max(dispatched, at), _REPORT + place, call, nth, "report", at, [row], phase)
    freed = freed_at(row)
    # Free before anybody's dispatch of the same second, so that it can be that dispatch's unit; but not before its own last stamp.
    rank = _EARLY_FREE if freed > latest else _FREE
    yield Step(max(dispatched, freed), rank, call, nth, "free", freed, [row])


def _tell(step: Step, jobs: dict[str, _Job]) -> Iterator[Ask]:
    call = step.call
    match step.kind:
        case "take":
            # The log says where the incident is, not where its caller was.
            yield _ask(step, "take", TakeCall(CallId(call.number), arrived=call.received))
        case "open":
            opening = OpenIncident(_incident(call), call.incident_type, call.priority, call.place, (CallId(call.number),))
            yield _ask(step, "open", opening)
        case "dispatch":
            yield from _dispatch(step, jobs)
        case "report":
            row = step.rows[0]
            report = ReportUnitStatus(UnitId(row.unit), STATUS[step.phase], _incident(call))
            job = jobs.get(row.unit)
            if job is not None and job.call == call.number and step.at > job.since:
                jobs[row.unit] = _Job(call.number, step.at)
            yield _ask(step, f"{step.phase}:{row.unit}", report)
        case "free":
            yield _free(step, jobs)
        case "close":
            yield _ask(step, "close", CloseIncident(_incident(call), call.disposition))


def _dispatch(step: Step, jobs: dict[str, _Job]) -> Iterator[Ask]:
    """Free units together; those that the log has not freed yet on their own, with the override that a rule asks for."""
    for what, override in (("dispatch", ""), ("divert", OVERRIDE)):
        units = tuple(UnitId(row.unit) for row in step.rows if (row.unit in jobs) == bool(override))
        if units:
            command = DispatchUnits(_incident(step.call), units, override=override)
            yield _ask(step, f"{what}:{step.nth}", command)
    jobs.update({row.unit: _Job(step.call.number, step.at) for row in step.rows})


def _free(step: Step, jobs: dict[str, _Job]) -> Ask:
    """A unit that never got there was called off; one that worked, or was taken for another call meanwhile, says that it is free."""
    row = step.rows[0]
    job = jobs.get(row.unit)
    if job is not None and job.call == step.call.number:
        del jobs[row.unit]
        # A release from before what was told already would be taken as a late stamp, and the unit would never be free.
        if not is_worked(row) or step.at < job.since:
            return _ask(step, f"off:{row.unit}", UnassignUnit(_incident(step.call), UnitId(row.unit), step.call.disposition))
    said = "" if "available" in row.stamps else ASSUMED
    report = ReportUnitStatus(UnitId(row.unit), STATUS["on_radio"], _incident(step.call), said=said)
    return _ask(step, f"free:{row.unit}", report)


def _incident(call: LogCall) -> IncidentId:
    return IncidentId(call.number)


def _ask(step: Step, what: str, command: Command) -> Ask:
    return Ask(CommandId(f"sf:{step.call.number}:{what}"), ACTOR, step.at, command, clock="log")
