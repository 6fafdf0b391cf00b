"""The subject of a command: the stream whose version it moves."""

from tocsin.core.messages.cover import AdoptCover
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import ReportUnitStatus


def subject_of(command: Command) -> str:
    """``alarm:…``, ``message:…``, ``closure:…`` or ``incident:…`` where one is named, else ``unit:…`` and so on, else ``centre``.

    Cover has one stream: that a unit could stand elsewhere must not tell anybody who is changing the unit that it has changed.
    A unit's report is the unit's, a closure for an incident is the closure's. Alarms and messages have streams of their own: that one
    sounds or is read must not tell anybody who is changing the incident that it has changed meanwhile.
    """
    if isinstance(command, (AdoptCover, AdviseMoveUps)):
        return "cover"
    if isinstance(command, ReportUnitStatus):
        return f"unit:{command.unit}"
    for field in ("alarm", "message", "closure", "incident", "unit", "call", "station"):
        name = getattr(command, field, None)
        if name is not None:
            return f"{field}:{name}"
    return "centre"
