"""One event as the outbox tells it to others: JSON that stands for itself. Pure.

Sealed words do not leave, not even sealed: whoever is outside has no business with the boxes either. Nor does what people type freely:
reasons may name a caller.
"""

from typing import NamedTuple

import msgspec

from tocsin.base.canonical import canonical
from tocsin.base.instants import iso
from tocsin.core.messages.centre import Footing
from tocsin.core.messages.said import Record

FREE_TEXT = frozenset({"reason", "override", "said", "disposition"})
"""Fields of events that hold what somebody typed."""


class Sender(NamedTuple):
    """Who tells."""

    journal: str
    centre: str
    footing: Footing
    """So that nobody takes an exercise for the real thing."""


def key_of(sender: Sender, pos: int) -> str:
    """What receivers know an event by when it is told again."""
    return f"{sender.journal}-{pos}"


def outbox_event(sender: Sender, pos: int, record: Record) -> bytes:
    """The JSON of one event (n > 0): canonical, so that telling it again gives the same bytes."""
    told = {
        "key": key_of(sender, pos),
        "journal": sender.journal,
        "pos": pos,
        "centre": sender.centre,
        "footing": sender.footing,
        "at": iso(record.at),
        "recorded": iso(record.recorded),
        "clock": record.clock,
        "actor": record.actor,
        "stream": record.stream,
        "event": _without_sealed(msgspec.to_builtins(record.says)),
    }
    return canonical(told)


def _without_sealed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_sealed(one) for key, one in value.items() if key not in FREE_TEXT and not _is_personal(one)}
    if isinstance(value, list | tuple):
        return [_without_sealed(one) for one in value if not _is_personal(one)]
    return value


def _is_personal(value: object) -> bool:
    return isinstance(value, dict) and value.get("as") in ("sealed", "plain")
