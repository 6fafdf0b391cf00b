"""A log made ready to be lived again: what is known of its calls, its drives and its turnouts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tocsin.lab.city.model import CallKind, Longs, Turnout
from tocsin.lab.journal.rows import Heard, IncidentRow
from tocsin.lab.relived.demand import Targets
from tocsin.lab.relived.drives import FittedDrives, fit_drives, turnouts_of
from tocsin.lab.relived.ground import Ground
from tocsin.views.trips import Trip

WAITED_MS = 300_000
"""Whoever was sent later than this after the opening is taken to have waited for a unit: the call could be acted on before."""


class Past(NamedTuple):
    """A log ready to be lived again."""

    heard: Heard
    rows: tuple[IncidentRow, ...]
    """Those to which somebody was sent and whose place is known, in the order of arrival."""
    place: Longs
    """Of each row."""
    ground: Ground
    drives: FittedDrives
    turnouts: tuple[Turnout, ...]
    targets: Targets
    waited: int
    """Rows that are taken to have waited for a unit."""
    ready_ms: Longs
    """By row: from the call's arrival until it could be acted on."""


class Kinds(NamedTuple):
    """Kinds of call that two services share, but for the units wanted."""

    base: tuple[CallKind, ...]
    changed: tuple[CallKind, ...]
    of_row: Longs
    width: int
    """Most units that a call of either wants."""


def past_of(heard: Heard, trips: Sequence[Trip], ground: Ground, targets: Targets) -> Past:
    """Of a log with at least one row that can be lived again."""
    chosen = [nth for nth, row in enumerate(heard.rows) if row.place is not None and row.first_sent is not None]
    rows = tuple(heard.rows[nth] for nth in chosen)
    drives = fit_drives(trips, ground, frozenset(one.name for one in targets.classes if one.is_urgent))
    ready_ms, waited = _ready_ms(rows)
    return Past(
        heard=heard,
        rows=rows,
        place=ground.call_place[chosen],
        ground=ground,
        drives=drives,
        turnouts=turnouts_of(heard, trips, drives.lights.constant_ms),
        targets=targets,
        waited=waited,
        ready_ms=ready_ms,
    )


def _ready_ms(rows: Sequence[IncidentRow]) -> tuple[Longs, int]:
    sent = np.array([row.first_sent if row.first_sent is not None else row.opened for row in rows], np.int64)
    opened, arrived = (np.array([getattr(row, name) for row in rows], np.int64) for name in ("opened", "arrived"))
    decided_ms = sent - opened
    has_waited = decided_ms > WAITED_MS
    usual_ms = int(np.median(decided_ms[~has_waited])) if (~has_waited).any() else 0
    ready = np.where(has_waited, opened + max(usual_ms, 0), sent)
    return np.maximum(ready - arrived, 0), int(has_waited.sum())
