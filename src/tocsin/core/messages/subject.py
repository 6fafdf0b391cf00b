"""The subject of a command: the stream whose version it moves."""

from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import ReportUnitStatus


def subject_of(command: Command) -> str:
    """``incident:…`` where one is named, else ``unit:…``, ``call:…``, ``station:…``, else ``centre``. A unit's report is the unit's."""
    if isinstance(command, ReportUnitStatus):
        return f"unit:{command.unit}"
    for field in ("incident", "unit", "call", "station"):
        name = getattr(command, field, None)
        if name is not None:
            return f"{field}:{name}"
    return "centre"
