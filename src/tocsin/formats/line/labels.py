"""Units and incidents in a few words, and how a name is typed so that it is read back as itself."""

import re
from collections.abc import Iterable
from typing import Final

from tocsin.base.identifiers import UnitId
from tocsin.formats.line.clauses import KEYS, Word
from tocsin.formats.line.reading import Candidate
from tocsin.formats.line.scene import Scene
from tocsin.formats.line.view import IncidentSeen, UnitSeen

MOST_CANDIDATES = 12
_NEEDS_QUOTES: Final = re.compile(rf"[\s.,;>\"?!]|^[=#/]|^(?:{'|'.join(KEYS)})/", re.IGNORECASE)


def typed_name(name: str) -> str:
    """How a name is typed where a number or a sign would mean something else: ``=42``, ``"Engine 1"``."""
    if _NEEDS_QUOTES.search(name):
        return '"' + name.replace('"', " ") + '"'
    return f"={name}" if name.isdecimal() else name


def typed_incident(incident: IncidentSeen) -> str:
    """``#42``; the whole id where it has no number."""
    return f"#{incident.number}" if incident.number is not None else f"#{incident.incident}"


def incident_label(incident: IncidentSeen) -> str:
    """``#42 red cardiac, 12 High St``."""
    head = f"{typed_incident(incident)} {incident.priority} {incident.type_name}"
    return f"{head}, {incident.where}" if incident.where else head


def unit_label(scene: Scene, unit: UnitSeen) -> str:
    """``E1  engine, Central, available``."""
    job = scene.job_of(unit)
    parts = [unit.kind, unit.station, scene.tongue.phase(job.phase)]
    if job.incident is not None:
        parts.append(typed_incident(scene.view.get_incident(job.incident)))
    return f"{unit.unit}  {', '.join(part for part in parts if part)}"


def unit_candidates(
    scene: Scene, names: Iterable[str], word: Word, picks: tuple[UnitId, ...] = (), *, is_free_first: bool = True
) -> tuple[Candidate, ...]:
    """Of names in their own order those in the incident's recommendation first, then free ones (or those at work).

    Only those shown are looked at closely: a fleet may have thousands.
    """
    wanted = [UnitId(name) for name in names]
    among = set(wanted)
    best = {unit: None for unit in picks if unit in among}
    for is_free in (is_free_first, not is_free_first):
        for unit in wanted:
            if len(best) >= MOST_CANDIDATES:
                break
            if unit not in best and scene.view.is_free(unit) is is_free:
                best[unit] = None
    return tuple(
        Candidate(typed_name(unit), unit_label(scene, scene.view.get_unit(unit)), "unit", word.start, word.end)
        for unit in list(best)[:MOST_CANDIDATES]
    )


def incident_candidates(incidents: Iterable[IncidentSeen], word: Word, *, is_whole: bool = False) -> tuple[Candidate, ...]:
    """In the order given; by their whole ids where the number says too little."""
    found: list[Candidate] = []
    for one in incidents:
        text = f"#{one.incident}" if is_whole else typed_incident(one)
        found.append(Candidate(text, incident_label(one), "incident", word.start, word.end))
        if len(found) == MOST_CANDIDATES:
            break
    return tuple(found)
