"""Verbs about one incident: hold, close, priority, type, place, alarm level, marks, notes."""

from typing import get_args

from tocsin.base.instants import Instant
from tocsin.core.messages.incident import (
    CancelIncident,
    CloseIncident,
    HoldIncident,
    Mark,
    MarkIncident,
    RaiseAlarm,
    ReclassifyIncident,
    RelocateIncident,
    ReopenIncident,
)
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.sealed import Plain
from tocsin.formats.line.clauses import Word
from tocsin.formats.line.labels import MOST_CANDIDATES, incident_label, typed_incident
from tocsin.formats.line.names import Names, key_of, names_of
from tocsin.formats.line.reading import Act, Candidate, Told
from tocsin.formats.line.scene import Draft, Job, Scene
from tocsin.formats.line.targets import leading_incident, named, read_place, typed_or_id
from tocsin.formats.line.view import IncidentSeen

HOLD_MIN = 30
MOST_HOLD_MIN = 24 * 60
MINUTE_MS = 60_000
MARKS: Names = names_of(get_args(Mark))


def _why(scene: Scene) -> str:
    return f" why/{scene.why()}" if scene.why() else ""


def one_number(scene: Scene, words: tuple[Word, ...], *, most: int) -> int | None:
    """The only word left, a whole number up to ``most``; None when nothing is left."""
    if not words:
        return None
    if len(words) > 1:
        raise scene.stuck("word_too_much", words[1], typed=words[1].text)
    text = words[0].text
    if words[0].kind != "word" or not text.isdecimal() or len(text) > 6 or int(text) > most:
        raise scene.stuck("number_wanted", words[0], typed=text, most=str(most))
    return int(text)


def only_word(scene: Scene, words: tuple[Word, ...]) -> Word | None:
    """The only word left."""
    if len(words) > 1:
        raise scene.stuck("word_too_much", words[1], typed=words[1].text)
    return words[0] if words else None


def read_hold(scene: Scene) -> Draft:
    """``h 42 30``: nobody is sent for 30 minutes; ``h 42 0`` takes it up again."""
    incident, words = leading_incident(scene)
    span_min = one_number(scene, words, most=MOST_HOLD_MIN)
    span_min = HOLD_MIN if span_min is None else span_min
    until = Instant(scene.view.now + span_min * MINUTE_MS) if span_min else None
    told = Told("hold" if span_min else "take_up", {"incident": incident_label(incident), "minutes": str(span_min)})
    plain = f"h {typed_incident(incident)} {span_min}{_why(scene)}"
    return Draft(told, plain, (HoldIncident(incident.incident, until, scene.why()),), incident=incident.incident)


def read_close(scene: Scene) -> Draft:
    """``c 42 disp/K``; where nobody was ever sent, not without saying why."""
    incident, words = leading_incident(scene)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    left = [unit for unit in incident.units if scene.job_of(scene.view.get_unit(unit)).incident == incident.incident]
    notes = (Told("has_units", {"units": ", ".join(left)}),) if left else ()
    disposition = scene.value("disp") or scene.why()
    if not (disposition or incident.is_sent_to or left):
        where = scene.end()
        offered = (Candidate(" disp/", scene.tongue.say("key.disp"), "key", where.start, where.end),)
        raise scene.stuck("close_unsent", where, offered, incident=typed_or_id(incident), typed=typed_incident(incident).removeprefix("#"))
    values = {"incident": incident_label(incident), "disposition": disposition}
    plain = f"c {typed_incident(incident)}" + _close_keys(scene)
    told = Told("close_as" if disposition else "close", values)
    return Draft(told, plain, (CloseIncident(incident.incident, disposition),), notes=notes, incident=incident.incident)


def _close_keys(scene: Scene) -> str:
    return f" disp/{scene.value('disp')}" if scene.value("disp") else _why(scene)


def read_reopen(scene: Scene) -> Draft:
    """``reopen 42``: an ended incident is dealt with again."""
    incident, words = leading_incident(scene, is_open=False)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    if incident.is_open or incident.incident in scene.reopened:
        raise scene.stuck("not_ended", scene.words[0] if scene.words else scene.verb, incident=typed_or_id(incident))
    scene.reopened.add(incident.incident)
    told = Told("reopen", {"incident": incident_label(incident)})
    plain = f"reopen {typed_incident(incident)}{_why(scene)}"
    return Draft(told, plain, (ReopenIncident(incident.incident, scene.why()),), incident=incident.incident)


def read_cancel(scene: Scene) -> Draft:
    """``cancel 42 why/false alarm``: it needs nobody; units on it are called off. Never without a reason."""
    incident, words = leading_incident(scene)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    if not scene.why():
        where = scene.end()
        raise scene.stuck("why_missing", where, (Candidate(" why/", scene.tongue.say("key.why"), "key", where.start, where.end),))
    on_it = [unit for unit in incident.units if scene.job_of(scene.view.get_unit(unit)).incident == incident.incident]
    notes = (Told("called_off", {"units": ", ".join(on_it)}),) if on_it else ()
    for unit in on_it:
        scene.jobs[unit] = Job("on_radio", None)
    told = Told("cancel", {"incident": incident_label(incident)})
    plain = f"cancel {typed_incident(incident)}{_why(scene)}"
    return Draft(told, plain, (CancelIncident(incident.incident, scene.why()),), notes=notes, incident=incident.incident)


def find_priority(scene: Scene, typed: str) -> str | None:
    """One of the plan's, whatever its case; ``P1`` for ``1``."""
    by_key = {key_of(one): one for one in scene.view.priorities}
    key = key_of(typed)
    return by_key.get(key) or (by_key.get(key.removeprefix("p")) if key != "p" else None)


def priority_candidates(scene: Scene, word: Word, begin: str = "") -> tuple[Candidate, ...]:
    """All of the plan's, most urgent first."""
    return named([one for one in scene.view.priorities if key_of(one).startswith(key_of(begin) if begin else "")], word, "priority")


def read_priority(scene: Scene) -> Draft:
    """``pri 42 P1``."""
    incident, words = leading_incident(scene)
    word = only_word(scene, words)
    if word is None:
        raise scene.stuck("priority_missing", None, priority_candidates(scene, scene.end()))
    priority = find_priority(scene, word.text)
    if priority is None:
        raise scene.stuck("priority_unknown", word, priority_candidates(scene, word), typed=word.text)
    told = Told("priority", {"incident": incident_label(incident), "priority": priority})
    command = ReclassifyIncident(incident.incident, priority=priority, reason=scene.why())
    plain = f"pri {typed_incident(incident)} {_as_typed(word)}{_why(scene)}"
    return Draft(told, plain, (command,), incident=incident.incident)


def _as_typed(word: Word) -> str:
    return f'"{word.text}"' if word.kind == "quoted" else word.text


def find_type(scene: Scene, typed: str) -> str | None:
    """A code of the plan, whatever its case."""
    codes = names_of(tuple(code for code, _ in scene.view.incident_types))
    found = codes.exact(typed)
    return found[0] if len(found) == 1 else None


def type_candidates(scene: Scene, word: Word, begin: str = "") -> tuple[Candidate, ...]:
    """Codes and names that begin so; for a slip, those that look like it."""
    key = key_of(begin) if begin else ""
    known = dict(scene.view.incident_types)
    begun = [code for code, name in known.items() if key_of(code).startswith(key) or key_of(name).startswith(key)]
    codes = begun or names_of(tuple(known)).close(begin)
    return tuple(Candidate(code, f"{code}  {known[code]}", "type", word.start, word.end) for code in codes[:MOST_CANDIDATES])


def read_type(scene: Scene) -> Draft:
    """``typ 42 FIRE``."""
    incident, words = leading_incident(scene)
    word = only_word(scene, words)
    if word is None:
        raise scene.stuck("type_missing", None, type_candidates(scene, scene.end()))
    code = find_type(scene, word.text)
    if code is None:
        raise scene.stuck("type_unknown", word, type_candidates(scene, word, word.text), typed=word.text)
    told = Told("type", {"incident": incident_label(incident), "type": dict(scene.view.incident_types)[code]})
    command = ReclassifyIncident(incident.incident, incident_type=code, reason=scene.why())
    return Draft(told, f"typ {typed_incident(incident)} {_as_typed(word)}{_why(scene)}", (command,), incident=incident.incident)


def read_location(scene: Scene) -> Draft:
    """``loc 42 >place``: moved at once where the place is known, else the screen asks the gazetteer."""
    incident, words = leading_incident(scene)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    place = read_place(scene)
    if place is None:
        raise scene.stuck(
            "place_missing", None, (Candidate(" >", scene.tongue.say("key.place"), "key", scene.end().start, scene.end().end),)
        )
    plain = f"loc {typed_incident(incident)} >{scene.place_text()}{_why(scene)}"
    values = {"incident": incident_label(incident), "place": place.text}
    if place.at is None:
        act = Act("pick_place", incident=incident.incident, text=place.text)
        return Draft(Told("pick_place", values), plain, act=act, incident=incident.incident)
    command = RelocateIncident(incident.incident, place, scene.why())
    return Draft(Told("relocate", values), plain, (command,), incident=incident.incident)


def read_level(scene: Scene) -> Draft:
    """``al 42 2``."""
    incident, words = leading_incident(scene)
    level = one_number(scene, words, most=99)
    if level is None:
        raise scene.stuck("level_missing", None, verb=scene.verb.text)
    if level <= incident.alarm_level:
        raise scene.stuck("level_not_higher", words[0], level=str(incident.alarm_level), incident=typed_or_id(incident))
    told = Told("level", {"incident": incident_label(incident), "level": str(level)})
    plain = f"al {typed_incident(incident)} {level}{_why(scene)}"
    return Draft(told, plain, (RaiseAlarm(incident.incident, level, scene.why()),), incident=incident.incident)


def read_mark(scene: Scene) -> Draft:
    """``mark 42 water_on_fire``; the beginning of the mark is enough."""
    incident, words = leading_incident(scene)
    word = only_word(scene, words)
    if word is None:
        raise scene.stuck("mark_missing", None, mark_candidates(scene, MARKS.sorted, scene.end()))
    found = MARKS.find(word.text)
    if len(found) != 1:
        known = found or MARKS.close(word.text) or list(MARKS.sorted)
        raise scene.stuck("mark_unknown", word, mark_candidates(scene, known, word), typed=word.text)
    mark = next(one for one in get_args(Mark) if one == found[0])
    told = Told("mark", {"incident": incident_label(incident), "mark": mark})
    return Draft(told, f"mark {typed_incident(incident)} {mark}", (MarkIncident(incident.incident, mark),), incident=incident.incident)


def mark_candidates(scene: Scene, marks: list[str] | tuple[str, ...], word: Word) -> tuple[Candidate, ...]:
    """With what they mean."""
    return tuple(Candidate(one, f"{one}  {scene.tongue.say(f'mark.{one}')}", "mark", word.start, word.end) for one in marks)


def read_note(scene: Scene) -> Draft:
    """``note 42 ; text``. A note may come after the end: people remember later."""
    incident, words = leading_incident(scene, is_open=False)
    if words:
        raise scene.stuck("note_needs_semicolon", words[0], typed=words[0].text)
    text = scene.clause.comment.text if scene.clause.comment is not None else ""
    if not text:
        where = scene.end()
        raise scene.stuck("words_missing", where, (Candidate(" ; ", scene.tongue.say("key.words"), "key", where.start, where.end),))
    return Draft(_noted(incident), f"note {typed_incident(incident)} ; {text}", (AddNote(incident.incident, Plain(text)),))


def _noted(incident: IncidentSeen) -> Told:
    return Told("note", {"incident": incident_label(incident)})
