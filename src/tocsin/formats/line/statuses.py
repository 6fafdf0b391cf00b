"""What units say of themselves: ``en os st ap tr ho av oos ack``, and a centre's own status codes."""

from collections.abc import Callable

from tocsin.base.identifiers import IncidentId
from tocsin.core.messages.alarm import AcknowledgeAlarm
from tocsin.core.messages.moveup import AcknowledgeMoveUp
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import BUSY, STATUS, Phase, ReportUnitStatus, Status, phase_of
from tocsin.formats.line.clauses import Word
from tocsin.formats.line.labels import MOST_CANDIDATES, incident_label, typed_incident, typed_name
from tocsin.formats.line.reading import Act, Candidate, Told
from tocsin.formats.line.scene import Draft, Job, Scene
from tocsin.formats.line.targets import get_incident, get_unit, plain_units, read_place, units_in
from tocsin.formats.line.view import AlarmSeen, IncidentSeen, UnitSeen

REASONS: dict[str, str] = {
    "mech": "EquipmentIssues", "break": "Break", "meal": "Meal", "training": "Training", "unmanned": "Unmanned", "roster": "Roster",
}  # fmt: skip
"""Words after ``oos`` that EIDO has a qualifier for; any other word is kept as it was said."""


def status_reader(verb: str, phase: Phase) -> Callable[[Scene], Draft]:
    """The reader of a verb that reports one phase of one or more units."""

    def read(scene: Scene) -> Draft:
        return _report(scene, verb, phase)

    return read


def _report(scene: Scene, verb: str, phase: Phase) -> Draft:
    job, words = _stated_job(scene)
    if not words:
        raise scene.stuck("units_missing", None, verb=scene.verb.text)
    units = units_in(scene, words)
    place = read_place(scene)
    commands = tuple(ReportUnitStatus(one.unit, STATUS[phase], job.incident if job else None, place) for one in units)
    plain = " ".join([verb, *([typed_incident(job)] if job else []), plain_units(units)]) + (f" >{scene.place_text()}" if place else "")
    return _drafted(scene, units, phase, commands, plain, place)


def _stated_job(scene: Scene) -> tuple[IncidentSeen | None, list[Word]]:
    """An incident after ``#``: the report speaks of that job, not of the one in hand."""
    said = [word for word in scene.words if word.kind == "word" and word.text.startswith("#")]
    if len(said) > 1:
        raise scene.stuck("incident_twice", said[1])
    return (get_incident(scene, said[0]) if said else None), [word for word in scene.words if word not in said]


def _drafted(
    scene: Scene, units: list[UnitSeen], phase: Phase, commands: tuple[ReportUnitStatus, ...], plain: str, place: Place | None = None
) -> Draft:
    jobs = [command.incident or scene.job_of(unit).incident for unit, command in zip(units, commands, strict=True)]
    notes = [Told("no_job", {"unit": unit.unit}) for unit, job in zip(units, jobs, strict=True) if phase in BUSY and job is None]
    values = {"units": ", ".join(one.unit for one in units), "phase": phase}
    code = "status"
    if place is not None:
        code, values["place"] = "status_at", place.text
        notes += [Told("place_unknown", {"place": place.text})] if place.at is None else []
    elif phase in BUSY and jobs[0] is not None and len(set(jobs)) == 1:
        code, values["incident"] = "status_on", incident_label(scene.view.get_incident(jobs[0]))
    for unit, command in zip(units, commands, strict=True):
        if command.incident is None:
            scene.jobs[unit.unit] = Job(phase, scene.job_of(unit).incident if phase in BUSY else None)
    return Draft(Told(code, values), plain, commands, notes=tuple(notes), incident=jobs[0])


def read_out_of_service(scene: Scene) -> Draft:
    """``oos E1 mech``: the last word is the reason when it is no unit."""
    words = list(scene.words)
    if not words:
        raise scene.stuck("units_missing", None, verb=scene.verb.text)
    reason = scene.why()
    if len(words) > 1 and not reason and words[-1].kind == "word" and not scene.view.units.find(words[-1].text.removeprefix("=")):
        reason = words.pop().text
    units = units_in(scene, words)
    qualifier = REASONS.get(reason.casefold())
    status = Status("NotAvailable", tuple(sorted({"OutofService", *([qualifier] if qualifier else [])})))
    commands = tuple(ReportUnitStatus(one.unit, status, said=reason) for one in units)
    plain = f"oos {plain_units(units)}" + (f" why/{reason}" if reason else "")
    draft = _drafted(scene, units, "off", commands, plain)
    if not reason:
        return draft
    return draft._replace(preview=Told("status_why", {**draft.preview.values, "why": reason}))


# A centre's own codes.


def read_code(scene: Scene) -> Draft:
    """``fms E1 3``; also ``E1 3`` and ``E1 K1``. The code is kept as it was said."""
    table = scene.tongue.statuses
    if table is None:
        raise scene.stuck("no_status_table", scene.verb)
    if not scene.words:
        raise scene.stuck("units_missing", None, verb=scene.verb.text)
    unit = get_unit(scene, scene.words[0])
    said = " ".join(word.text for word in scene.words[1:])
    code = table.find(said) if said else None
    if code is None:
        where = Word(said, scene.words[1].start, scene.words[-1].end) if said else scene.end()
        known = [Candidate(one.code, f"{one.code}  {one.meaning}", "code", where.start, where.end) for one in table.codes]
        raise scene.stuck(
            "status_unknown" if said else "status_missing", where, tuple(known[:MOST_CANDIDATES]), typed=said, table=table.name
        )
    plain = f"fms {typed_name(unit.unit)} {said}"
    status = code.status()
    if status is None:
        event = str(code.event)
        told = Told("radio", {"unit": unit.unit, "said": said, "meaning": code.meaning})
        return Draft(told, plain, act=Act("radio", unit=unit.unit, text=event), incident=scene.job_of(unit).incident)
    place = read_place(scene)
    command = ReportUnitStatus(unit.unit, status, place=place, said=said)
    return _drafted(scene, [unit], phase_of(status), (command,), plain + (f" >{scene.place_text()}" if place else ""), place)


# Acknowledging.


def read_acknowledge(scene: Scene) -> Draft:
    """``ack E1``: the crew has understood; ``ack``, ``ack 42``: somebody takes care of the alarm."""
    if not scene.words:
        return _acknowledge_alarms(scene, _only_alarm(scene), None)
    word = scene.words[0]
    if len(scene.words) == 1 and _is_no_unit(scene, word):
        return _acknowledge_alarms(scene, alarms_at(scene, word, is_owned=False), word)
    units = units_in(scene, scene.words)
    commands: list[Command] = []
    for unit in units:
        commands += _acknowledgements(scene, unit)
    told = Told("acknowledge", {"units": ", ".join(one.unit for one in units)})
    job = scene.job_of(units[0]).incident
    return Draft(told, f"ack {plain_units(units)}", tuple(commands), incident=job)


def _is_no_unit(scene: Scene, word: Word) -> bool:
    return word.text.startswith("#") or (word.kind == "word" and not scene.view.units.find(word.text.removeprefix("=")))


def _acknowledgements(scene: Scene, unit: UnitSeen) -> list[Command]:
    """What of this unit waits for an acknowledgement: its dispatch, its order to cover, an alarm."""
    job = scene.job_of(unit)
    if job.phase == "dispatched" and job.incident is not None:
        scene.jobs[unit.unit] = Job("acknowledged", job.incident)
        return [ReportUnitStatus(unit.unit, STATUS["acknowledged"])]
    if unit.covers is not None and not unit.is_cover_acknowledged:
        return [AcknowledgeMoveUp(unit.unit)]
    alarms: list[Command] = [AcknowledgeAlarm(one.alarm) for one in scene.view.alarms() if one.unit == unit.unit and not one.is_owned]
    if not alarms:
        raise scene.stuck("nothing_to_acknowledge", None, unit=unit.unit)
    return alarms


def _only_alarm(scene: Scene) -> list[AlarmSeen]:
    waiting = [one for one in scene.view.alarms() if not one.is_owned]
    if len(waiting) > 1:
        raise scene.stuck("alarm_ambiguous", None, alarm_candidates(scene, waiting, scene.end()))
    if not waiting:
        raise scene.stuck("no_alarm", scene.verb)
    return waiting


def alarm_subject(scene: Scene, alarm: AlarmSeen) -> str:
    """What an alarm is typed by: the unit before the incident before the closure."""
    if alarm.unit is not None:
        return typed_name(alarm.unit)
    if alarm.incident is not None and scene.view.is_incident(alarm.incident):
        return typed_incident(scene.view.get_incident(alarm.incident))
    return str(alarm.closure or alarm.alarm)


def alarm_candidates(scene: Scene, alarms: list[AlarmSeen], word: Word) -> tuple[Candidate, ...]:
    """By what they are about."""
    lead = "" if word.text else " "
    texts = {alarm_subject(scene, one): scene.tongue.say(f"alarm.{one.kind}") for one in alarms}
    return tuple(
        Candidate(lead + text, f"{text}  {label}", "alarm", word.start, word.end) for text, label in list(texts.items())[:MOST_CANDIDATES]
    )


def alarms_at(scene: Scene, word: Word, *, is_owned: bool | None = None) -> list[AlarmSeen]:
    """Active alarms about a unit, an incident or a closure."""
    alarms = [one for one in scene.view.alarms() if is_owned is None or one.is_owned == is_owned]
    incident: IncidentId | None = None
    unit = None
    if _is_no_unit(scene, word):
        about = [one for one in alarms if word.text in (one.closure, one.alarm)]
        if about:
            return about
        incident = get_incident(scene, word).incident
    else:
        unit = get_unit(scene, word).unit
    found = [one for one in alarms if (unit is not None and one.unit == unit) or (incident is not None and one.incident == incident)]
    if not found:
        raise scene.stuck("no_alarm_there", word, alarm_candidates(scene, alarms, word), typed=word.text)
    return found


def _acknowledge_alarms(scene: Scene, alarms: list[AlarmSeen], word: Word | None) -> Draft:
    commands = tuple(AcknowledgeAlarm(one.alarm) for one in alarms)
    told = Told("acknowledge_alarm", {"subject": alarm_subject(scene, alarms[0]), "alarms": ", ".join(one.kind for one in alarms)})
    plain = f"ack {word.text}" if word is not None else "ack"
    return Draft(told, plain, commands, incident=alarms[0].incident)
