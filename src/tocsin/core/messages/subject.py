"""The subject of a command: the stream whose version it moves."""

from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import ReportUnitStatus


def subject_of(command: Command) -> str:
    """``closure:…`` or ``incident:…`` where one is named, else ``unit:…``, ``call:…``, ``station:…``, else ``centre``.

    A unit's report is the unit's, and a closure for an incident is the closure's.
    """
    if isinstance(command, ReportUnitStatus):
        return f"unit:{command.unit}"
    for field in ("closure", "incident", "unit", "call", "station"):
        name = getattr(command, field, None)
        if name is not None:
            return f"{field}:{name}"
    return "centre"
