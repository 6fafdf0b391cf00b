"""When units without a station were on duty, read from their gaps: the log does not say, and who is in bed is not free. Pure."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import Instant, after, span_ms
from tocsin.base.quantities import Millis
from tocsin.core.messages.said import Ask
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus
from tocsin.formats.import_answer import Assumption
from tocsin.formats.sf_fire_asks import ACTOR, ASSUMED
from tocsin.formats.sf_fire_calls import LogCall, freed_at

GAP_H = 3
"""A longer time between two jobs is taken as off duty."""

LINGER_MIN = 60
"""How long after its last job a unit still counts as on duty."""

_GAP_MS, _LINGER_MS, _SECOND_MS = GAP_H * 3_600_000, Millis(LINGER_MIN * 60_000), Millis(1000)


def duty_asks(calls: Iterable[LogCall], homeless: Iterable[UnitId], start: Instant) -> list[Ask]:
    """Reports of going off and coming on duty, in the order of time. A unit comes on the second before it is sent."""
    jobs: dict[str, list[tuple[Instant, Instant]]] = {unit: [] for unit in homeless}
    for call in calls:
        for row in call.rows:
            if row.unit in jobs:
                jobs[row.unit].append((row.stamps["dispatch"], freed_at(row)))
    asks = [ask for unit, found in jobs.items() if found for ask in _duty(UnitId(unit), sorted(found), start)]
    return sorted(asks, key=lambda ask: (ask.at, ask.id))


def assumption(asks: Iterable[Ask]) -> Assumption:
    """How many duties were inferred, and by which rule."""
    duties = sum(ask.id.endswith(":off") and not ask.id.endswith(":0:off") for ask in asks)  # each ends with one
    return Assumption("duty", {"count": str(duties), "gap_h": str(GAP_H), "linger_min": str(LINGER_MIN)})


def _duty(unit: UnitId, jobs: list[tuple[Instant, Instant]], start: Instant) -> Iterator[Ask]:
    begin = after(jobs[0][0], Millis(-_SECOND_MS))
    if begin > start:  # else it works from the first moment, as it was enrolled
        yield _report(unit, 0, "off", start)
        yield _report(unit, 0, "on_radio", begin)
    free = jobs[0][1]
    for nth, (job, following) in enumerate(pairwise(jobs), start=1):
        free = max(free, job[1])
        if span_ms(start=free, end=following[0]) > _GAP_MS:
            yield _report(unit, nth, "off", after(free, _LINGER_MS))
            yield _report(unit, nth, "on_radio", after(following[0], Millis(-_SECOND_MS)))
    yield _report(unit, len(jobs), "off", after(max(free, jobs[-1][1]), _LINGER_MS))


def _report(unit: UnitId, nth: int, phase: Phase, at: Instant) -> Ask:
    name = "off" if phase == "off" else "on"
    return Ask(CommandId(f"sf:duty:{unit}:{nth}:{name}"), ACTOR, at, ReportUnitStatus(unit, STATUS[phase], said=ASSUMED), clock="log")
