"""Verbs about single units, alarms, roads, messages, and what the screen does by itself."""

from tocsin.base.identifiers import MessageId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.alarm import ConfirmWelfare, SetWelfareCheck, ShelveAlarm
from tocsin.core.messages.message import EVERYBODY, SendMessage
from tocsin.core.messages.moveup import OrderMoveUp
from tocsin.core.messages.sealed import Plain
from tocsin.formats.line.clauses import Word
from tocsin.formats.line.incidents import (
    MINUTE_MS,
    find_priority,
    find_type,
    one_number,
    priority_candidates,
    type_candidates,
)
from tocsin.formats.line.labels import incident_label, typed_incident, typed_name, unit_candidates, unit_label
from tocsin.formats.line.names import key_of
from tocsin.formats.line.reading import Act, Candidate, Told
from tocsin.formats.line.scene import Draft, Scene
from tocsin.formats.line.statuses import alarm_candidates, alarm_subject, alarms_at
from tocsin.formats.line.targets import (
    get_incident,
    get_station,
    get_unit,
    leading_incident,
    named,
    plain_units,
    read_place,
    units_in,
)
from tocsin.formats.line.view import UnitSeen

SHELVE_MIN = 10
MOST_SHELVE_MIN = 60
MOST_WELFARE_MIN = 240
SHIFT_LOG = "log"
MOST_SHOWN = 60
"""Signs of a message that its preview shows."""


def read_new(scene: Scene) -> Draft:
    """``n``: the intake opens, with what was typed already filled in."""
    if scene.words:
        raise scene.stuck("word_too_much", scene.words[0], typed=scene.words[0].text)
    typ, pri = scene.clause.keys.get("typ"), scene.clause.keys.get("pri")
    code = find_type(scene, typ.text) if typ is not None else ""
    if typ is not None and code is None:
        raise scene.stuck("type_unknown", typ, type_candidates(scene, typ, typ.text), typed=typ.text)
    priority = find_priority(scene, pri.text) if pri is not None else ""
    if pri is not None and priority is None:
        raise scene.stuck("priority_unknown", pri, priority_candidates(scene, pri), typed=pri.text)
    place = read_place(scene)
    act = Act("open", text=scene.place_text(), place=place, incident_type=code or "", priority=priority or "")
    pieces = ["n", f">{scene.place_text()}" if place else "", f"typ/{typ.text}" if typ else "", f"pri/{pri.text}" if pri else ""]
    return Draft(Told("new"), " ".join(piece for piece in pieces if piece), act=act)


def _one_unit(scene: Scene) -> tuple[UnitSeen, tuple[Word, ...]]:
    if not scene.words:
        raise scene.stuck("units_missing", None, verb=scene.verb.text)
    return get_unit(scene, scene.words[0]), scene.words[1:]


def read_move_up(scene: Scene) -> Draft:
    """``mv E7 >S3``."""
    unit, words = _one_unit(scene)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    station = get_station(scene)
    if unit.covers == station:
        raise scene.stuck("covers_already", None, unit=unit.unit, station=station)
    if not scene.job_of(unit).is_free():
        raise scene.stuck("unit_not_free", scene.words[0], unit=unit.unit, phase=scene.job_of(unit).phase)
    told = Told("move_up", {"unit": unit.unit, "station": station})
    return Draft(told, f"mv {typed_name(unit.unit)} >{scene.place_text()}", (OrderMoveUp(unit.unit, station),))


def read_welfare(scene: Scene) -> Draft:
    """``t E1 10``: asked every ten minutes; ``t E1 0`` ends it."""
    unit, words = _one_unit(scene)
    every_min = one_number(scene, words, most=MOST_WELFARE_MIN)
    if every_min is None:
        raise scene.stuck("minutes_missing", None, verb=scene.verb.text)
    told = Told("welfare" if every_min else "welfare_off", {"unit": unit.unit, "minutes": str(every_min)})
    command = SetWelfareCheck(unit.unit, every_min or None)
    return Draft(told, f"t {typed_name(unit.unit)} {every_min}", (command,), incident=scene.job_of(unit).incident)


def read_well(scene: Scene) -> Draft:
    """``ok E1``."""
    if not scene.words:
        raise scene.stuck("units_missing", None, verb=scene.verb.text)
    units = units_in(scene, scene.words)
    told = Told("well", {"units": ", ".join(one.unit for one in units)})
    commands = tuple(ConfirmWelfare(one.unit) for one in units)
    return Draft(told, f"ok {plain_units(units)}", commands, incident=scene.job_of(units[0]).incident)


def read_shelve(scene: Scene) -> Draft:
    """``shelve E1 10 why/radio check``: an hour at most, and never without a reason."""
    if not scene.words:
        where = scene.end()
        raise scene.stuck("alarm_missing", where, alarm_candidates(scene, list(scene.view.alarms()), where))
    alarms = alarms_at(scene, scene.words[0])
    span_min = one_number(scene, scene.words[1:], most=MOST_SHELVE_MIN) or SHELVE_MIN
    if not scene.why():
        where = scene.end()
        raise scene.stuck("why_missing", where, (Candidate(" why/", scene.tongue.say("key.why"), "key", where.start, where.end),))
    until = Instant(scene.view.now + span_min * MINUTE_MS)
    commands = tuple(ShelveAlarm(one.alarm, until, scene.why()) for one in alarms)
    told = Told("shelve", {"subject": alarm_subject(scene, alarms[0]), "minutes": str(span_min)})
    return Draft(told, f"shelve {scene.words[0].text} {span_min} why/{scene.why()}", commands, incident=alarms[0].incident)


def read_road(scene: Scene) -> Draft:
    """``rd``: a closure is drawn on the map."""
    if scene.words:
        raise scene.stuck("word_too_much", scene.words[0], typed=scene.words[0].text)
    place = read_place(scene)
    comment = scene.clause.comment.text if scene.clause.comment is not None else ""
    plain = " ".join(["rd", *([f">{scene.place_text()}"] if place else []), *([f"; {comment}"] if comment else [])])
    return Draft(Told("close_road"), plain, act=Act("close_road", place=place, text=comment))


def read_message(scene: Scene) -> Draft:
    """``msg E1 ; text``: to units, seats, ``all`` or the shift ``log``; an incident after ``#`` is what it is about."""
    about = [word for word in scene.words if word.kind == "word" and word.text.startswith("#")]
    words = [word for word in scene.words if word not in about]
    if len(about) > 1:
        raise scene.stuck("incident_twice", about[1])
    incident = get_incident(scene, about[0]) if about else None
    if not words:
        where = scene.end()
        raise scene.stuck("recipient_missing", where, named([EVERYBODY, SHIFT_LOG, *scene.view.seats.sorted], where, "recipient"))
    to = tuple(dict.fromkeys(_recipient(scene, word) for word in words))
    text = scene.clause.comment.text if scene.clause.comment is not None else ""
    if not text:
        where = scene.end()
        raise scene.stuck("words_missing", where, (Candidate(" ; ", scene.tongue.say("key.words"), "key", where.start, where.end),))
    command = SendMessage(MessageId(""), to, Plain(text), incident.incident if incident else None)
    pieces = ["msg", *(f'"{word.text}"' if word.kind == "quoted" else word.text for word in words)]
    plain = " ".join([*pieces, *([typed_incident(incident)] if incident else []), f"; {text}"])
    shown = ", ".join(one.removeprefix("unit:") for one in to)
    values = {"to": shown, "text": shortened(text), **({"incident": incident_label(incident)} if incident else {})}
    told = Told("message_about" if incident else "message", values)
    return Draft(told, plain, (command,))


def _recipient(scene: Scene, word: Word) -> str:
    """A seat and a unit of one name: a seat is meant only when no unit is."""
    text = word.text.removeprefix("=") if word.kind == "word" else word.text
    if word.kind == "mark" or not text:
        raise scene.stuck("recipient_unknown", word, typed=word.text)
    if key_of(text) in (EVERYBODY, SHIFT_LOG) and word.kind == "word" and not word.text.startswith("="):
        return key_of(text)
    is_unit = word.kind == "word" and word.text.startswith("=")
    seats, units = [] if is_unit else scene.view.seats.exact(text), scene.view.units.exact(text)
    if len(seats) + len(units) == 1:
        return seats[0] if seats else f"unit:{units[0]}"
    if not (seats or units):
        seats, units = [] if is_unit else scene.view.seats.find(text), scene.view.units.find(text)
    both = named(seats, word, "recipient") + unit_candidates(scene, units, word)
    if len(seats) + len(units) > 1:
        raise scene.stuck("recipient_ambiguous", word, both, typed=word.text)
    close = named([EVERYBODY, SHIFT_LOG, *scene.view.seats.close(text)], word, "recipient")
    close += unit_candidates(scene, scene.view.units.close(text), word)
    raise scene.stuck("recipient_unknown", word, both or close, typed=word.text)


def shortened(text: str) -> str:
    """As much of it as stands in a preview."""
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1].rstrip() + "…"


def read_select(scene: Scene) -> Draft:
    """``s 42``."""
    if not scene.words:
        raise scene.stuck("incident_missing", None, verb=scene.verb.text)
    incident, words = leading_incident(scene, is_open=False)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    told = Told("select", {"subject": incident_label(incident)})
    return Draft(told, f"s {typed_incident(incident)}", act=Act("select", incident=incident.incident), incident=incident.incident)


def read_unit(scene: Scene) -> Draft:
    """``u E1``."""
    unit, words = _one_unit(scene)
    if words:
        raise scene.stuck("word_too_much", words[0], typed=words[0].text)
    told = Told("select", {"subject": unit_label(scene, unit)})
    act = Act("select", unit=UnitId(unit.unit))
    return Draft(told, f"u {typed_name(unit.unit)}", act=act, incident=scene.job_of(unit).incident)


def read_undo(scene: Scene) -> Draft:
    """``undo``: the seat's latest act, within a minute."""
    return Draft(Told("undo"), "undo", act=Act("undo"))


def read_help(scene: Scene) -> Draft:
    """``?``, ``? d``."""
    word = next((one for one in scene.words if one.kind != "mark"), None)
    verb = scene.tongue.verb_of(word.text) if word is not None else ""
    if word is not None and not verb:
        raise scene.stuck("verb_unknown", word, typed=word.text)
    return Draft(Told("help_on" if verb else "help", {"verb": verb}), f"? {verb}".strip(), act=Act("help", verb=verb))


def read_nothing(scene: Scene) -> Draft:
    """``at`` is read before the verb that it belongs to; alone it says nothing."""
    raise scene.stuck("verb_missing", None)
