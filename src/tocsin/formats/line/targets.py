"""Which unit, incident, station or place a word means. Takes what is exact; of what only begins a name it says what it could be."""

import re
from collections.abc import Iterable
from typing import Final

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, StationId, UnitId
from tocsin.core.messages.place import Place
from tocsin.formats.line.clauses import Word
from tocsin.formats.line.labels import (
    MOST_CANDIDATES,
    incident_candidates,
    typed_name,
    unit_candidates,
)
from tocsin.formats.line.reading import Candidate, CandidateKind
from tocsin.formats.line.scene import Scene
from tocsin.formats.line.view import IncidentSeen, UnitSeen

_DEGREES: Final = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,12})?)\s*[,\s]\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*", re.ASCII)
"""Latitude first, as people say it. Other notations are the gazetteer's."""


def incidents_meant(scene: Scene, word: Word) -> list[IncidentId]:
    """By today's number, else by the whole id; none for a word that is quoted or marked as a unit."""
    if word.kind != "word" or word.text.startswith("="):
        return []
    bare = word.text.removeprefix("#")
    if bare.isdecimal() and len(bare) <= 6:
        found = scene.view.numbered(int(bare))
        if found:
            return found
    ids = (IncidentId(one) for one in dict.fromkeys((bare, bare.lower(), bare.upper())))
    return [one for one in ids if bare and scene.view.is_incident(one)][:1]


def looks_like_incident(scene: Scene, word: Word) -> bool:
    """A number, something after ``#``, or a whole id."""
    is_said = word.kind == "word" and (word.text.startswith("#") or word.text.isdecimal())
    return is_said or bool(incidents_meant(scene, word))


def get_incident(scene: Scene, word: Word) -> IncidentSeen:
    """The incident that a word means."""
    found = incidents_meant(scene, word)
    if len(found) > 1:
        seen = [scene.view.get_incident(one) for one in found]
        raise scene.stuck("incident_ambiguous", word, incident_candidates(seen, word, is_whole=True), typed=word.text)
    if not found:
        raise scene.stuck("incident_unknown", word, incident_candidates(scene.view.open_incidents(), word), typed=word.text)
    return scene.view.get_incident(found[0])


def selected_incident(scene: Scene) -> IncidentSeen:
    """The one that the seat works on, for a line that names none."""
    if scene.view.selected is None or not scene.view.is_incident(scene.view.selected):
        where = scene.end()
        raise scene.stuck("incident_missing", where, incident_candidates(scene.view.open_incidents(), where), verb=scene.verb.text)
    return scene.view.get_incident(scene.view.selected)


def leading_incident(scene: Scene, *, is_open: bool = True) -> tuple[IncidentSeen, tuple[Word, ...]]:
    """The incident of a clause that names it first, else the selected one; and the words that are left."""
    words = scene.words
    if words and looks_like_incident(scene, words[0]):
        incident, words = get_incident(scene, words[0]), words[1:]
    else:
        incident = selected_incident(scene)
    if is_open:
        check_open(scene, incident, scene.words[0] if scene.words else scene.verb)
    return incident, words


def check_open(scene: Scene, incident: IncidentSeen, word: Word) -> None:
    """Stuck on an incident that has ended."""
    if not incident.is_open and incident.incident not in scene.reopened:
        raise scene.stuck("incident_ended", word, incident=typed_or_id(incident))


def typed_or_id(incident: IncidentSeen) -> str:
    """``42`` or the whole id, for sentences."""
    return f"#{incident.number}" if incident.number is not None else incident.incident


def get_unit(scene: Scene, word: Word, picks: tuple[UnitId, ...] = ()) -> UnitSeen:
    """The unit that a word means: its whole name. The beginning of one is offered, never taken: E5 is not E51."""
    typed = word.text.removeprefix("=") if word.kind == "word" else word.text
    names = scene.view.units
    is_name = bool(typed) and word.kind != "mark" and not (word.kind == "word" and typed.startswith("#"))
    found = names.exact(typed) if is_name else []
    begun = found or (names.find(typed) if is_name else [])
    if len(begun) > 1:
        raise scene.stuck("unit_ambiguous", word, unit_candidates(scene, begun, word, picks), typed=word.text)
    if not found:
        head, slash, _ = typed.partition("/")
        if slash and head.isalpha() and len(head) > 1:
            raise scene.stuck("key_unknown", word, key=head)
        close = begun or (names.close(typed) if is_name else [])
        raise scene.stuck("unit_unknown", word, unit_candidates(scene, close, word, picks), typed=word.text)
    return scene.view.get_unit(UnitId(found[0]))


def units_in(scene: Scene, words: Iterable[Word], picks: tuple[UnitId, ...] = ()) -> list[UnitSeen]:
    """Each once, in the order typed."""
    found = {unit.unit: unit for unit in (get_unit(scene, word, picks) for word in words)}
    return list(found.values())


def get_station(scene: Scene) -> StationId:
    """The station after ``>``."""
    word = scene.clause.place
    if word is None or not word.text:
        where = scene.end()
        raise scene.stuck("station_missing", where, named(scene.view.stations.sorted, where, "station", lead=">"))
    found = scene.view.stations.exact(word.text)
    ids = tuple(dict.fromkeys(station for name in found for station in scene.view.station_named(name)))
    begun = found or scene.view.stations.find(word.text)
    if len(ids) > 1 or len(begun) > 1:
        raise scene.stuck("station_ambiguous", word, named(begun, word, "station"), typed=word.text)
    if not ids:
        close = begun or scene.view.stations.close(word.text)
        raise scene.stuck("station_unknown", word, named(close, word, "station"), typed=word.text)
    return ids[0]


def named(names: Iterable[str], word: Word, kind: CandidateKind, *, lead: str = "") -> tuple[Candidate, ...]:
    """Names that stand for themselves."""
    return tuple(Candidate(lead + name, name, kind, word.start, word.end) for name in list(names)[:MOST_CANDIDATES])


def read_place(scene: Scene) -> Place | None:
    """The place after ``>``: coordinates, a known place, else the words alone. None without one. Stuck when several are called that."""
    word = scene.clause.place
    if word is None or not word.text:
        return None
    point = read_degrees(word.text)
    if point is not None:
        return Place(at=point, text=word.text)
    found = scene.view.find_places(word.text)
    if len(found) > 1:
        raise scene.stuck("place_ambiguous", word, named([name for name, _ in found], word, "place"), typed=word.text)
    if not found:
        return Place(text=word.text)
    place = found[0][1]
    return Place(at=place.at, text=place.text or found[0][0], area=place.area, district=place.district, uncertainty_m=place.uncertainty_m)


def read_degrees(text: str) -> LonLat | None:
    """``-29.9, -71.25``: latitude and longitude in degrees; None for anything else."""
    match = _DEGREES.fullmatch(text)
    if match is None:
        return None
    point = LonLat(float(match[2]), float(match[1]))
    return point if point.is_on_earth() else None


def plain_units(units: Iterable[UnitSeen]) -> str:
    """As they would be typed."""
    return " ".join(typed_name(one.unit) for one in units)
