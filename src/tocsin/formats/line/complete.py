"""``complete``: what could stand at the cursor, best first. Reads no more of the line than it must, and asks nothing."""

from collections.abc import Callable, Iterator
from itertools import chain, islice

from tocsin.base.identifiers import UnitId
from tocsin.core.messages.message import EVERYBODY
from tocsin.formats.line.clauses import LONGEST, Clause, Word, clean, cut
from tocsin.formats.line.desk import SHIFT_LOG
from tocsin.formats.line.incidents import MARKS, mark_candidates, priority_candidates, type_candidates
from tocsin.formats.line.labels import MOST_CANDIDATES, incident_candidates, unit_candidates
from tocsin.formats.line.names import key_of
from tocsin.formats.line.reading import Candidate
from tocsin.formats.line.scene import Scene, StuckError
from tocsin.formats.line.statuses import REASONS, alarm_candidates
from tocsin.formats.line.targets import get_incident, incidents_meant, named
from tocsin.formats.line.times import read_time
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.line.verbs import VERBS, Verb
from tocsin.formats.line.view import IncidentSeen, LineView

_PARTING = " .,"


def complete(text: str, cursor: int, view: LineView, tongue: Tongue) -> list[Candidate]:
    """Candidates for the word that ends at the cursor: verbs, then what the verb takes. Units: those in the incident's recommendation,
    then free ones, then by name. Never raises."""
    head = clean(text[: max(0, cursor)])
    if len(head) > LONGEST or head.lstrip().startswith("/"):
        return []
    scene = Scene(view, tongue)
    try:
        return list(islice(_found(scene, cut(head)[-1], head), MOST_CANDIDATES))
    except StuckError as stuck:
        return list(stuck.candidates)


def _found(scene: Scene, clause: Clause, head: str) -> Iterator[Candidate]:
    if clause.comment is not None:
        return iter(())
    words = clause.words
    is_typing = bool(words) and words[-1].end == len(head) and head[-1:] not in _PARTING
    word = words[-1] if is_typing else Word("", len(head), len(head))
    before = words[:-1] if is_typing else words
    _, before = read_time(scene, before, None) if len(before) > 1 else (None, before)
    if not before:
        return verbs_begun(scene, word)
    verb = VERBS.get(scene.tongue.verb_of(before[0].text) or ("?" if before[0].text == "?" else ""))
    if verb is None or verb.name == "at":
        return iter(())
    scene.enter(clause, before[0], before[1:])
    if clause.place is not None:
        return _places(scene, verb, clause.place) if clause.place.end == len(head) else iter(())
    for key, typed in clause.keys.items():
        if typed.end == len(head):
            return _values(scene, key, typed)
    return chain.from_iterable(_OF[kind](scene, word) for kind in verb.takes if kind in _OF)


def verbs_begun(scene: Scene, word: Word) -> Iterator[Candidate]:
    """Verbs that begin so, by themselves or by an alias; each once, with help and an example."""
    key = key_of(word.text) if word.text else ""
    found = dict.fromkeys(verb for verb in VERBS if key_of(verb).startswith(key))
    found |= dict.fromkeys(verb for alias, verb in scene.tongue.aliases.items() if alias.startswith(key))
    for verb in found:
        label = f"{verb}  {scene.tongue.say(f'verb.{verb}')}  ({VERBS[verb].example})"
        yield Candidate(verb, label, "verb", word.start, word.end)


def _places(scene: Scene, verb: Verb, word: Word) -> Iterator[Candidate]:
    if verb.takes_place():
        is_station = "station" in verb.takes
        names = scene.view.stations if is_station else scene.view.places
        yield from named(names.begun(word.text), word, "station" if is_station else "place")


def _values(scene: Scene, key: str, word: Word) -> Iterator[Candidate]:
    if key == "typ":
        yield from type_candidates(scene, word, word.text)
    if key == "pri":
        yield from priority_candidates(scene, word, word.text)


def _said(scene: Scene) -> IncidentSeen | None:
    """The incident of the words before this one, else the selected one."""
    for word in scene.words:
        if len(incidents_meant(scene, word)) == 1:
            return get_incident(scene, word)
    selected = scene.view.selected
    return scene.view.get_incident(selected) if selected is not None and scene.view.is_incident(selected) else None


def _is_incident_said(scene: Scene) -> bool:
    return any(incidents_meant(scene, word) for word in scene.words)


def _incidents(scene: Scene, word: Word) -> Iterator[Candidate]:
    digits = word.text.removeprefix("#")
    if _is_incident_said(scene) or (digits and not digits.isdecimal()):
        return
    selected = _said(scene) if not word.text else None
    if _name(scene) == "reopen":
        yield from incident_candidates(scene.view.ended_incidents(digits), word)
        return
    yield from incident_candidates((selected,) if selected is not None else scene.view.open_incidents(digits), word)


def _units(scene: Scene, word: Word) -> Iterator[Candidate]:
    typed = word.text.removeprefix("=")
    if word.text.startswith("#") or (not typed and "incident" in VERBS[_name(scene)].takes and _said(scene) is None):
        return
    taken = {name for one in scene.words for name in scene.view.units.exact(one.text.removeprefix("="))}
    incident = _said(scene)
    names = [name for name in scene.view.units.begun(typed) if name not in taken]
    is_sending = _name(scene) in ("d", "de", "do", "mv")  # others speak of units at work
    picks = incident.picks if incident is not None and is_sending else ()
    yield from unit_candidates(scene, names or scene.view.units.close(typed), word, picks, is_free_first=is_sending)


def _name(scene: Scene) -> str:
    return scene.tongue.verb_of(scene.verb.text) or "?"


def _unit(scene: Scene, word: Word) -> Iterator[Candidate]:
    return _units(scene, word) if not scene.words else iter(())


def _marks(scene: Scene, word: Word) -> Iterator[Candidate]:
    if _said(scene) is not None and len(scene.words) <= _is_incident_said(scene):
        yield from mark_candidates(scene, MARKS.begun(word.text), word)


def _types(scene: Scene, word: Word) -> Iterator[Candidate]:
    if _said(scene) is not None and len(scene.words) <= _is_incident_said(scene):
        yield from type_candidates(scene, word, word.text)


def _priorities(scene: Scene, word: Word) -> Iterator[Candidate]:
    if _said(scene) is not None and len(scene.words) <= _is_incident_said(scene):
        yield from priority_candidates(scene, word, word.text)


def _recipients(scene: Scene, word: Word) -> Iterator[Candidate]:
    key = key_of(word.text) if word.text else ""
    yield from named([one for one in (EVERYBODY, SHIFT_LOG) if one.startswith(key)], word, "recipient")
    yield from named(scene.view.seats.begun(word.text), word, "recipient")
    yield from unit_candidates(scene, scene.view.units.begun(word.text), word)


def _alarms(scene: Scene, word: Word) -> Iterator[Candidate]:
    if not scene.words:
        key = key_of(word.text) if word.text else ""
        found = alarm_candidates(scene, [one for one in scene.view.alarms() if not one.is_owned], word)
        yield from (one for one in found if key_of(one.text.strip()).startswith(key))


def _reasons(scene: Scene, word: Word) -> Iterator[Candidate]:
    if scene.words and word.text:
        yield from named([one for one in REASONS if one.startswith(key_of(word.text))], word, "code")


def _codes(scene: Scene, word: Word) -> Iterator[Candidate]:
    table = scene.tongue.statuses
    if table is not None and len(scene.words) == 1:
        key = key_of(word.text) if word.text else ""
        for one in table.codes:
            if key_of(one.code).startswith(key):
                yield Candidate(one.code, f"{one.code}  {one.meaning}", "code", word.start, word.end)


def _forms(scene: Scene, word: Word) -> Iterator[Candidate]:
    incident = _said(scene)
    if incident is not None and not word.text and not any(UnitId(one.text) in incident.picks for one in scene.words):
        if incident.picks:
            yield Candidate("!", f"!  {', '.join(incident.picks)}", "form", word.start, word.end)
        yield Candidate("?", f"?  {scene.tongue.say('verb.d')}", "form", word.start, word.end)


def _verbs(scene: Scene, word: Word) -> Iterator[Candidate]:
    return verbs_begun(scene, word) if not scene.words else iter(())


_OF: dict[str, Callable[[Scene, Word], Iterator[Candidate]]] = {
    "incident": _incidents, "units": _units, "unit": _unit, "mark": _marks, "type": _types, "priority": _priorities,
    "recipient": _recipients, "alarm": _alarms, "reason": _reasons, "code": _codes, "form": _forms, "verb": _verbs,
}  # fmt: skip
