"""The table of all verbs: what each takes, and who reads it. Help, completion and docs/command-line.md follow it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from tocsin.formats.line import desk, dispatching, incidents, statuses
from tocsin.formats.line.scene import Draft, Scene
from tocsin.formats.line.statuses import status_reader

Takes = Literal[
    "incident", "units", "unit", "place", "station", "type", "priority", "mark", "number", "words", "code", "verb", "recipient", "alarm",
    "form", "disposition", "why", "reason", "time",
]  # fmt: skip


class Verb(NamedTuple):
    """One verb. It is the same in every language; aliases are the language's."""

    name: str
    takes: tuple[Takes, ...]
    """In the order in which they are offered; the order of typing matters only where a number could be two things."""
    example: str
    read: Callable[[Scene], Draft]
    keys: tuple[str, ...] = ()
    """Keys that it knows."""
    is_comment_own: bool = False
    """What follows ``;`` is its own words, not a note."""

    def takes_place(self) -> bool:
        """Whether something may stand after ``>``."""
        return "place" in self.takes or "station" in self.takes


_ALL = (
    Verb("n", ("place", "type", "priority"), "n >12 High St", desk.read_new, ("typ", "pri")),
    Verb("d", ("incident", "units", "form", "why"), "d 42 E1 M3", dispatching.read_dispatch, ("why",)),
    Verb("de", ("incident", "units", "why"), "de 42 E1", dispatching.read_dispatch_en_route, ("why",)),
    Verb("do", ("incident", "units", "why"), "do 42 E1", dispatching.read_dispatch_on_scene, ("why",)),
    Verb("ack", ("units", "alarm"), "ack E1", statuses.read_acknowledge),
    Verb("en", ("units", "place"), "en E1", status_reader("en", "en_route")),
    Verb("st", ("units", "place"), "st E1 >North Gate", status_reader("st", "staging")),
    Verb("os", ("units", "place"), "os E1 M3", status_reader("os", "on_scene")),
    Verb("ap", ("units",), "ap M3", status_reader("ap", "at_patient")),
    Verb("tr", ("units", "place"), "tr M3 >CHB", status_reader("tr", "transporting")),
    Verb("ho", ("units", "place"), "ho M3 >CHB", status_reader("ho", "at_hospital")),
    Verb("av", ("units", "place"), "av E1", status_reader("av", "on_radio")),
    Verb("oos", ("reason", "units"), "oos E1 mech", statuses.read_out_of_service, ("why",)),
    Verb("fms", ("unit", "code", "place"), "fms E1 3", statuses.read_code),
    Verb("x", ("units", "why"), "x E1", dispatching.read_release, ("why",)),
    Verb("h", ("incident", "number", "why"), "h 42 30", incidents.read_hold, ("why",)),
    Verb("c", ("incident", "disposition"), "c 42 disp/K", incidents.read_close, ("disp", "why")),
    Verb("reopen", ("incident", "why"), "reopen 42", incidents.read_reopen, ("why",)),
    Verb("cancel", ("incident", "why"), "cancel 42 why/false alarm", incidents.read_cancel, ("why",)),
    Verb("pri", ("incident", "priority", "why"), "pri 42 P1", incidents.read_priority, ("why",)),
    Verb("typ", ("incident", "type", "why"), "typ 42 FIRE", incidents.read_type, ("why",)),
    Verb("loc", ("incident", "place", "why"), "loc 42 >12 High St", incidents.read_location, ("why",)),
    Verb("al", ("incident", "number", "why"), "al 42 2", incidents.read_level, ("why",)),
    Verb("mark", ("incident", "mark"), "mark 42 water_on_fire", incidents.read_mark),
    Verb("note", ("incident", "words"), "note 42 ; two patients", incidents.read_note, is_comment_own=True),
    Verb("mv", ("unit", "station"), "mv E7 >S3", desk.read_move_up),
    Verb("t", ("unit", "number"), "t E1 10", desk.read_welfare),
    Verb("ok", ("units",), "ok E1", desk.read_well),
    Verb("shelve", ("alarm", "number", "why"), "shelve E1 10 why/radio check", desk.read_shelve, ("why",)),
    Verb("rd", ("place",), "rd >High St", desk.read_road, is_comment_own=True),
    Verb("msg", ("recipient", "words"), "msg E1 ; call in", desk.read_message, is_comment_own=True),
    Verb("s", ("incident",), "s 42", desk.read_select),
    Verb("u", ("unit",), "u E1", desk.read_unit),
    Verb("undo", (), "undo", desk.read_undo),
    Verb("at", ("time",), "at 14:32 os E1", desk.read_nothing),
    Verb("?", ("verb",), "? d", desk.read_help),
)  # fmt: skip

VERBS: dict[str, Verb] = {verb.name: verb for verb in _ALL}
