"""``d``, ``de``, ``do``, ``x``: sending units and taking them back."""

from tocsin.base.identifiers import UnitId
from tocsin.core.messages.assignment import DispatchUnits, UnassignUnit
from tocsin.core.messages.moveup import EndMoveUp
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus
from tocsin.formats.line.clauses import Word
from tocsin.formats.line.labels import incident_label, typed_incident, unit_candidates
from tocsin.formats.line.reading import Act, Candidate, Told
from tocsin.formats.line.scene import Draft, Job, Scene, StuckError
from tocsin.formats.line.targets import (
    check_open,
    get_incident,
    get_unit,
    incidents_meant,
    plain_units,
    selected_incident,
    typed_or_id,
    units_in,
)
from tocsin.formats.line.view import IncidentSeen, UnitSeen


def read_dispatch(scene: Scene) -> Draft:
    """``d 42 E1 M3``, ``d 42 ?``, ``d 42 !``."""
    return _dispatch(scene, None)


def read_dispatch_en_route(scene: Scene) -> Draft:
    """``de``: told and already rolling."""
    return _dispatch(scene, "en_route")


def read_dispatch_on_scene(scene: Scene) -> Draft:
    """``do``: it came upon the scene, or was there already."""
    return _dispatch(scene, "on_scene")


def _dispatch(scene: Scene, phase: Phase | None) -> Draft:
    incident, named = _sort(scene)
    marks = {word.text: word for word in scene.words if word.kind == "mark"}
    if "?" in marks:
        return _show(scene, incident, named)
    units = _picked(scene, incident, marks["!"]) if "!" in marks else []
    units = list({one.unit: one for one in [*units, *units_in(scene, named, incident.picks)]}.values())
    if not units:
        where = scene.end()
        raise scene.stuck(
            "units_missing", where, _forms(incident, where) + unit_candidates(scene, incident.picks, where), verb=scene.verb.text
        )
    notes = tuple(note for one in units for note in _taking(scene, one, incident))
    is_shown = "!" in marks or incident.incident == scene.view.selected
    names = tuple(one.unit for one in units)
    commands: list[Command] = [DispatchUnits(incident.incident, names, incident.receipt_sha256 if is_shown else "", scene.why())]
    if phase is not None:
        commands += [ReportUnitStatus(name, STATUS[phase], incident=incident.incident) for name in names]
    for name in names:
        scene.jobs[name] = Job(phase or "dispatched", incident.incident)
    values = {"units": ", ".join(names), "incident": incident_label(incident)}
    code = "dispatch" if phase is None else "dispatch_en_route" if phase == "en_route" else "dispatch_on_scene"
    plain = f"{_VERB[phase]} {typed_incident(incident)} {plain_units(units)}" + (f" why/{scene.why()}" if scene.why() else "")
    return Draft(Told(code, values), plain, tuple(commands), notes=notes, incident=incident.incident)


_VERB: dict[Phase | None, str] = {None: "d", "en_route": "de", "on_scene": "do"}


def _sort(scene: Scene) -> tuple[IncidentSeen, list[Word]]:
    """The one incident of the clause, in whatever order it stands, and the words that name units."""
    incidents: list[Word] = []
    units: list[Word] = []
    for word in scene.words:
        if word.kind == "mark":
            continue
        is_unit = word.kind == "word" and not word.text.startswith("#") and bool(scene.view.units.exact(word.text.removeprefix("=")))
        is_incident = bool(incidents_meant(scene, word))
        if is_unit and is_incident:
            raise _either(scene, word)
        is_number = word.kind == "word" and (word.text.startswith("#") or word.text.isdecimal())
        (incidents if is_incident or (is_number and not is_unit) else units).append(word)
    if len(incidents) > 1:
        raise scene.stuck("incident_twice", incidents[1])
    incident = get_incident(scene, incidents[0]) if incidents else selected_incident(scene)
    check_open(scene, incident, incidents[0] if incidents else scene.verb)
    return incident, units


def _either(scene: Scene, word: Word) -> StuckError:
    """A number that is a unit's and an incident's."""
    incidents = [scene.view.get_incident(one) for one in incidents_meant(scene, word)]
    as_incidents = tuple(Candidate(f"#{word.text}", incident_label(one), "incident", word.start, word.end) for one in incidents)
    return scene.stuck(
        "number_ambiguous", word, as_incidents + unit_candidates(scene, scene.view.units.exact(word.text), word), typed=word.text
    )


def _forms(incident: IncidentSeen, where: Word) -> tuple[Candidate, ...]:
    """``!`` where there is something to accept."""
    if not incident.picks:
        return ()
    return (Candidate("!", f"!  {', '.join(incident.picks)}", "form", where.start, where.end),)


def _show(scene: Scene, incident: IncidentSeen, named: list[Word]) -> Draft:
    if named:
        raise scene.stuck("word_too_much", named[0], typed=named[0].text)
    commands: tuple[Command, ...] = () if incident.receipt_sha256 else (RecommendUnits(incident.incident),)
    told = Told("show", {"incident": incident_label(incident)})
    return Draft(told, f"d {typed_incident(incident)} ?", commands, Act("show", incident=incident.incident), incident=incident.incident)


def _picked(scene: Scene, incident: IncidentSeen, mark: Word) -> list[UnitSeen]:
    """Units of the latest recommendation that are not there already."""
    if not incident.receipt_sha256:
        raise scene.stuck("recommendation_missing", mark, incident=typed_or_id(incident))
    if not incident.picks:
        raise scene.stuck("recommendation_empty", mark, incident=typed_or_id(incident))
    known = [name for name in incident.picks if scene.view.units.exact(name) == [name]]
    seen = [scene.view.get_unit(name) for name in known]
    left = [one for one in seen if scene.job_of(one).incident != incident.incident]
    if not left:
        raise scene.stuck("recommendation_done", mark, incident=typed_or_id(incident))
    return left


def _taking(scene: Scene, unit: UnitSeen, incident: IncidentSeen) -> list[Told]:
    """What taking the unit means; stuck where only a stated reason would take it."""
    job = scene.job_of(unit)
    word = _word_of(scene, unit.unit)
    if job.incident == incident.incident:
        raise scene.stuck("unit_on_it", word, unit=unit.unit, incident=typed_or_id(incident))
    if job.incident is not None:
        return [_diverted(scene, unit, scene.view.get_incident(job.incident), incident, word)]
    mate = _busy_mate(scene, unit)
    if mate is not None:
        if not scene.why():
            raise scene.stuck("crew_busy", word, _why(scene), unit=unit.unit, mate=mate.unit)
        return [Told("crew_taken", {"unit": unit.unit, "mate": mate.unit})]
    if not job.is_free():
        if not scene.why():
            raise scene.stuck("unit_off", word, _why(scene), unit=unit.unit, phase=job.phase)
        return [Told("taken_off", {"unit": unit.unit, "phase": job.phase})]
    return []


def _diverted(scene: Scene, unit: UnitSeen, left: IncidentSeen, to: IncidentSeen, word: Word | None) -> Told:
    values = {"unit": unit.unit, "incident": typed_or_id(left), "phase": scene.job_of(unit).phase}
    if unit.unit not in scene.jobs and scene.view.may_divert(unit=unit.unit, to=to.incident):
        return Told("diverted", values)
    if not scene.why():
        raise scene.stuck("unit_busy", word, _why(scene), **values)
    return Told("taken", values)


def _busy_mate(scene: Scene, unit: UnitSeen) -> UnitSeen | None:
    if unit.crew_mate is None:
        return None
    mate = scene.view.get_unit(unit.crew_mate)
    return mate if scene.job_of(mate).incident is not None else None


def _why(scene: Scene) -> tuple[Candidate, ...]:
    where = scene.end()
    return (Candidate(" why/", scene.tongue.say("key.why"), "key", where.start, where.end),)


def _word_of(scene: Scene, unit: UnitId) -> Word | None:
    """Where it was typed, if it was."""
    names = scene.view.units
    return next((one for one in scene.words if one.kind != "mark" and unit in names.exact(one.text.removeprefix("="))), None)


def read_release(scene: Scene) -> Draft:
    """``x E1``: called off, or sent back from where it covers."""
    if not scene.words:
        raise scene.stuck("units_missing", None, verb=scene.verb.text)
    commands: list[Command] = []
    notes: list[Told] = []
    units: list[UnitSeen] = []
    job = None
    for word in scene.words:
        unit = get_unit(scene, word)
        if unit in units:
            continue
        units.append(unit)
        job = scene.job_of(unit).incident
        if job is not None:
            commands.append(UnassignUnit(job, unit.unit, scene.why()))
            notes.append(Told("leaves", {"unit": unit.unit, "incident": incident_label(scene.view.get_incident(job))}))
        elif unit.covers is not None:
            commands.append(EndMoveUp(unit.unit, scene.why()))
            notes.append(Told("leaves_cover", {"unit": unit.unit, "station": unit.covers}))
        else:
            raise scene.stuck("no_job", word, unit=unit.unit)
        scene.jobs[unit.unit] = Job("on_radio", None)
    told = Told("release", {"units": ", ".join(one.unit for one in units)})
    plain = f"x {plain_units(units)}" + (f" why/{scene.why()}" if scene.why() else "")
    return Draft(told, plain, tuple(commands), notes=tuple(notes), incident=job)
