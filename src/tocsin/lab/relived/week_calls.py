"""The calls of one week of a log: its own stamps where it has them, draws where it has not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.base.instants import Instant
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import CallKind, Ints, Longs, Span
from tocsin.lab.draws import Streams
from tocsin.lab.journal.rows import IncidentRow
from tocsin.lab.relived.demand import LONGEST_ON_SCENE_MS, is_transport
from tocsin.lab.relived.drives import LONGEST_TURNOUT_MS, drawn
from tocsin.lab.relived.past import Kinds, Past

PPM = 1_000_000
LEAST_PPM, MOST_PPM = 200_000, 5_000_000


def calls_of(past: Past, kinds: Kinds, rows: Longs, begin: Instant, streams: Streams) -> Calls:
    """Of the rows of the week that begins then, in their order. What is drawn depends on the week and the streams only."""
    own = [past.rows[nth] for nth in rows.tolist()]
    rank = {one.name: nth for nth, one in enumerate(past.targets.classes)}
    at_ms = np.array([row.arrived - begin for row in own], np.int64)
    priority = np.array([rank[row.priority] for row in own], np.int16)
    told = np.array([rank.get(row.told_priority, rank[row.priority]) for row in own], np.int16)
    has_hospitals = bool(past.heard.hospitals)
    of_kind = [kinds.base[kind] for kind in kinds.of_row[rows].tolist()]
    is_lights = np.array([one.is_urgent for one in past.targets.classes])[told]
    dice = streams.named
    return Calls(
        at_ms=at_ms,
        ready_ms=at_ms + past.ready_ms[rows],
        kind=kinds.of_row[rows].astype(np.int16),
        priority=priority,
        told_priority=told,
        place=past.place[rows].astype(np.int32),
        on_scene_ms=_on_scene(own, _works(of_kind, kinds.width, streams, begin), has_hospitals=has_hospitals),
        is_transport=np.array([has_hospitals and is_transport(row) for row in own], np.bool_),
        handover_ms=_handover(own, of_kind, dice("relived", "handover", begin)),
        turnout_ms=_turnouts(past, own, is_lights, dice("relived", "turnout", begin)),
        travel_ppm=_travel(past, is_lights, dice("relived", "travel", begin)),
        reports=np.array([row.reports for row in own], np.int16),
    )


def _works(kinds: Sequence[CallKind], width: int, streams: Streams, begin: Instant) -> Longs:
    """(calls, units) as drawn: each unit's place has dice of its own, so that a plan that sends more units leaves the others' work as it
    was."""
    columns = []
    for nth in range(width):
        dice = streams.named("relived", "on_scene", begin, nth)
        columns.append([int(_drawn(kind.on_scene, dice, 1)[0]) for kind in kinds])
    return np.array(columns, np.int64).T


def _on_scene(rows: Sequence[IncidentRow], drawn_ms: Longs, *, has_hospitals: bool) -> Longs:
    """What the units that came took, in the order of their coming; others as drawn. Where nobody came, nobody works."""
    found, width = drawn_ms.copy(), drawn_ms.shape[1]
    for nth, row in enumerate(rows):
        came = sorted((one.on_scene, one) for one in row.sent if one.on_scene is not None)
        spans = [one.on_scene_ms if has_hospitals else one.stay_ms for _, one in came]
        known = [ms for ms in spans if ms is not None and ms <= LONGEST_ON_SCENE_MS][:width]
        found[nth, : len(known)] = known
        if not came:
            found[nth] = 0
    return found


def _handover(rows: Sequence[IncidentRow], kinds: Sequence[CallKind], dice: np.random.Generator) -> Longs:
    found = np.array([_drawn(kind.handover, dice, 1)[0] for kind in kinds], np.int64)
    for nth, row in enumerate(rows):
        own = [ms for one in row.sent if (ms := one.handover_ms) is not None and ms <= LONGEST_ON_SCENE_MS]
        if own:
            found[nth] = own[0]
    return found


def _drawn(span: Span, dice: np.random.Generator, size: int) -> Longs:
    return drawn(span, dice, size) if span.law == "observed" else np.full(size, span.mean_ms, np.int64)


def _turnouts(past: Past, rows: Sequence[IncidentRow], is_lights: NDArray[np.bool_], dice: np.random.Generator) -> Longs:
    """The log's own for kinds that rolled to the call; others as drawn."""
    found = np.zeros((len(rows), len(past.turnouts), 2), np.int64)
    column = {}
    for nth, turnout in enumerate(past.turnouts):
        column[turnout.kind] = nth
        found[:, nth, 0] = _drawn(turnout.at_station, dice, len(rows))
        found[:, nth, 1] = _drawn(turnout.on_road, dice, len(rows))
    for call, row in enumerate(rows):
        for one in reversed(row.sent):  # of several of a kind the first counts
            if one.kind in column and one.turnout_ms is not None and one.turnout_ms <= LONGEST_TURNOUT_MS:
                found[call, column[one.kind]] = one.turnout_ms + past.drives.lights.constant_ms
    # What a drive takes beside driving stands in the turnout; told here, as it differs by the way of driving.
    more_ms = past.drives.normal.constant_ms - past.drives.lights.constant_ms
    return np.maximum(found + np.where(is_lights, 0, more_ms)[:, None, None], 0)


def _travel(past: Past, is_lights: NDArray[np.bool_], dice: np.random.Generator) -> Ints:
    spreads = np.where(is_lights, past.drives.lights.spread, past.drives.normal.spread)
    factors = np.exp(dice.standard_normal(len(spreads)) * spreads - spreads**2 / 2)
    return np.asarray(np.clip(np.rint(factors * PPM), LEAST_PPM, MOST_PPM), np.int32)
