"""Events of the stream as bytes (server-sent events, WHATWG HTML 9.2). JSON has no line ends of its own: one ``data`` line each."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tocsin.views.situation import Change

_ENCODER: Final = msgspec.json.Encoder()
LEAST_RETRY_MS, RETRY_SPAN_MS = 500, 1_500
_STEP: Final = 617
"""Coprime to the span: those who come one after the other come back spread out, without dice."""


def change_frame(change: Change) -> bytes:
    """A change; its position is what a browser comes back with (``Last-Event-ID``)."""
    return b"id: %d\nevent: change\ndata: %b\n\n" % (change.pos, _ENCODER.encode(change))


def frame(event: str, data: object) -> bytes:
    """An event that moves no position."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), _ENCODER.encode(data))


def reset_frame(why: str) -> bytes:
    """Load the situation anew."""
    return frame("reset", {"why": why})


def retry_frame(ordinal: int) -> bytes:
    """How long to wait before coming back: no two neighbours the same."""
    return b"retry: %d\n\n" % (LEAST_RETRY_MS + ordinal * _STEP % (RETRY_SPAN_MS + 1))


def joined(first: Change, then: Change) -> Change:
    """Both as one: of two rows of one subject the later one, what came and went, the logs one behind the other."""
    tables: dict[str, Any] = {
        table: _later(getattr(first, table), getattr(then, table), then.gone.get(table, ()), key) for table, key in KEYS.items()
    }
    return Change(
        pos=max(first.pos, then.pos),
        at=max(first.at, then.at),
        centre=then.centre or first.centre,
        plan=then.plan or first.plan,
        gone=_gone(first, then),
        log=[*first.log, *then.log],
        is_urgent=first.is_urgent or then.is_urgent,
        **tables,
    )


KEYS: Final = {
    "incidents": "incident",
    "units": "unit",
    "stations": "station",
    "closures": "closure",
    "alarms": "alarm",
    "messages": "message",
    "calls": "call",
    "moves": "unit",
}
"""Table → the field that names its rows."""


def _later(first: list[Any], then: list[Any], gone: Sequence[str], key: str) -> list[Any]:
    if not first or not (then or gone):
        return first or then
    rows = {getattr(row, key): row for row in first}
    for name in gone:
        rows.pop(name, None)
    for row in then:
        rows.pop(getattr(row, key), None)  # to the end: in the order in which they changed last
        rows[getattr(row, key)] = row
    return list(rows.values())


def _gone(first: Change, then: Change) -> dict[str, list[str]]:
    gone: dict[str, list[str]] = {}
    for table in dict.fromkeys([*first.gone, *then.gone]):
        back = {getattr(row, KEYS[table]) for row in getattr(then, table)} if table in KEYS else set()
        kept = [name for name in first.gone.get(table, ()) if name not in back]
        if names := list(dict.fromkeys([*kept, *then.gone.get(table, ())])):
            gone[table] = names
    return gone
