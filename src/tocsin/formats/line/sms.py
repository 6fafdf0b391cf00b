"""Short messages from a unit: ``42.6`` coming, there in six minutes; ``1`` on scene; ``2`` cannot find it; ``0`` cannot come. Besides, the
whole grammar as far as it speaks of the sender alone. The shape is Beacon's (console note, M7)."""

import re
from typing import Final

from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.core.messages.alarm import ConfirmWelfare
from tocsin.core.messages.assignment import UnassignUnit
from tocsin.core.messages.moveup import AcknowledgeMoveUp
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.said import Command
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus
from tocsin.formats.line.clauses import clean
from tocsin.formats.line.labels import incident_label
from tocsin.formats.line.read import read_line
from tocsin.formats.line.reading import Problem, Reading, Step, Told
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.line.view import LineView, UnitSeen

_ACCEPT: Final = re.compile(r"#?(\d{1,6})[.\s](\d{1,3})")
OWN_VERBS: Final = frozenset({"ack", "en", "st", "os", "ap", "tr", "ho", "av", "oos", "fms", "ok", "note"})
"""What a crew says of itself. Sending, closing and moving others is the centre's."""


MOST_STEPS = 4


def read_sms(text: str, unit: UnitId, view: LineView, tongue: Tongue) -> Reading:
    """What a unit's message asks for; always of that unit, and of its own job. Never raises.

    A note tells the centre what no status can: the minutes that were promised, or that the place cannot be found.
    """
    said = " ".join(clean(text).split())
    sender = view.get_unit(unit)
    accept = _ACCEPT.fullmatch(said)
    if accept is not None:
        return _accept(sender, accept[1], accept[2], view, said)
    if said in ("0", "1", "2"):
        return _digit(sender, said, view)
    return _line(text, sender, view, tongue)


def _stuck(code: str, said: str, **values: str) -> Reading:
    return Reading(problem=Problem(code, 0, len(said), values), cursor=len(said))


def _read(verb: str, told: Told, commands: tuple[Command, ...], said: str) -> Reading:
    return Reading((Step(verb, told, commands, plain=said),), is_complete=True, cursor=len(said))


def _accept(sender: UnitSeen, number: str, minutes: str, view: LineView, said: str) -> Reading:
    if sender.incident is None:
        return _stuck("sms_no_job", said, unit=sender.unit)
    if sender.incident not in view.numbered(int(number)):
        return _stuck("sms_not_that_job", said, unit=sender.unit, typed=f"#{int(number)}")
    told = Told("sms_accept", {"unit": sender.unit, "incident": _label(view, sender.incident), "minutes": str(int(minutes))})
    note = AddNote(sender.incident, Plain(f"{sender.unit}: {said}"))
    return _read("ack", told, (_status(sender, "acknowledged", said), note), said)


def _digit(sender: UnitSeen, said: str, view: LineView) -> Reading:
    if sender.incident is None:
        return _stuck("sms_no_job", said, unit=sender.unit)
    values = {"unit": sender.unit, "incident": _label(view, sender.incident)}
    if said == "1":
        return _read("os", Told("status_on", _on(values, "on_scene")), (_status(sender, "on_scene", said),), said)
    if said == "2":
        note = AddNote(sender.incident, Plain(f"{sender.unit}: {said}"))
        return _read("note", Told("sms_cannot_find", values), (note,), said)
    return _read("x", Told("sms_cancel", values), (UnassignUnit(sender.incident, sender.unit, f"sms {said}"),), said)


def _on(values: dict[str, str], phase: Phase) -> dict[str, str]:
    return {"units": values["unit"], "incident": values["incident"], "phase": phase}


def _status(sender: UnitSeen, phase: Phase, said: str) -> ReportUnitStatus:
    return ReportUnitStatus(sender.unit, STATUS[phase], said=said)


def _label(view: LineView, incident: IncidentId) -> str:
    return incident_label(view.get_incident(incident))


def _line(text: str, sender: UnitSeen, view: LineView, tongue: Tongue) -> Reading:
    """The whole grammar, read; then only what is the sender's own is let through."""
    reading = read_line(text, view, tongue)
    for _ in range(MOST_STEPS):  # a crew need not name itself: "os" is "os E1"
        if reading.problem is None or reading.problem.code != "units_missing":
            break
        text = f'{text[: reading.problem.end]} "{sender.unit}"{text[reading.problem.end :]}'
        reading = read_line(text, view, tongue)
    for step in reading.steps:
        if step.verb not in OWN_VERBS or (step.act is not None and step.act.do != "radio"):
            return _stuck("not_by_sms", text, verb=step.verb)
        if step.act is not None and step.act.unit != sender.unit:
            return _stuck("own_unit_only", text, unit=sender.unit)
        if not all(_is_own(command, sender) for command in step.commands):
            return _stuck("own_unit_only", text, unit=sender.unit)
    return Reading(reading.steps, reading.problem, (), reading.is_complete, reading.cursor)


def _is_own(command: Command, sender: UnitSeen) -> bool:
    if isinstance(command, ReportUnitStatus | AcknowledgeMoveUp | ConfirmWelfare):
        return command.unit == sender.unit
    return isinstance(command, AddNote) and command.incident == sender.incident
