"""The grammar as a table: what is typed, and what is asked. Board: ``line_world``."""

import pytest

from line_world import NOW, incident, view, world
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import AlarmId, MessageId, StationId, UnitId
from tocsin.core.messages.alarm import AcknowledgeAlarm, ConfirmWelfare, SetWelfareCheck, ShelveAlarm
from tocsin.core.messages.assignment import DispatchUnits, UnassignUnit
from tocsin.core.messages.incident import (
    CancelIncident,
    CloseIncident,
    HoldIncident,
    MarkIncident,
    RaiseAlarm,
    ReclassifyIncident,
    RelocateIncident,
    ReopenIncident,
)
from tocsin.core.messages.message import SendMessage
from tocsin.core.messages.moveup import AcknowledgeMoveUp, EndMoveUp, OrderMoveUp
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.unit import STATUS, ReportUnitStatus, Status
from tocsin.formats.line.read import read_line
from tocsin.formats.line.reading import Act, Reading, with_message_id
from tocsin.formats.line.told import tell_step
from tocsin.formats.line.verbs import VERBS
from tocsin.words import languages
from tocsin.words.line import aliases_of, tongue_of

BOARD = world()
EN = tongue_of("en")
I39, I41, I42, I77 = incident(39), incident(41), incident(42), incident(77)
SHOWN = "f" * 64
CHB = Place(at=LonLat(-71.2, -29.95), text="Coquimbo hospital")


def read(text: str, selected: int | None = None) -> Reading:
    """A line on the staged board."""
    return read_line(text, view(BOARD, selected), EN)


def asked(text: str, selected: int | None = None) -> list[object]:
    """All commands of a line that must be complete."""
    reading = read(text, selected)
    assert reading.problem is None, reading.problem
    assert reading.is_complete
    return [command for step in reading.steps for command in step.commands]


def says(unit: str, phase: str, **more: object) -> ReportUnitStatus:
    """A unit's report."""
    return ReportUnitStatus(UnitId(unit), STATUS[phase], **more)  # type: ignore[index, arg-type]  # staged by name


def send(number: int, *units: str, receipt: str = "", override: str = "") -> DispatchUnits:
    """A dispatch."""
    return DispatchUnits(incident(number), tuple(UnitId(one) for one in units), receipt, override)


ASKED = [
    ("d 42 E1 M3", [send(42, "E1", "M3")]),
    ("D.E1.42", [send(42, "E1")]),
    ("d E1, M3 #42", [send(42, "E1", "M3")]),
    ("d 42 E1 e1", [send(42, "E1")]),
    ("d 42 !", [send(42, "M3", "E1", receipt=SHOWN)]),
    ("d 42! E11", [send(42, "M3", "E1", "E11", receipt=SHOWN)]),
    ("d 42 E2", [send(42, "E2")]),
    ("d 41 M7 why/the only one near", [send(41, "M7", override="the only one near")]),
    ("d 42 R2 why/needed", [send(42, "R2", override="needed")]),
    ("d 42 L2 why/ready again", [send(42, "L2", override="ready again")]),
    ("d #77 =77", [send(77, "77")]),
    ("d 42 D OS", [send(42, "D", "OS")]),
    ('d 42 "Engine 9"', [send(42, "Engine 9")]),
    ("d 42 engine9", [send(42, "Engine 9")]),
    ("d 20261122-0180 E1", [DispatchUnits(incident(180, "20261122"), (UnitId("E1"),))]),
    ("de 42 E1", [send(42, "E1"), says("E1", "en_route", incident=I42)]),
    ("do 42 E1", [send(42, "E1"), says("E1", "on_scene", incident=I42)]),
    ("en E2", [says("E2", "en_route")]),
    ("os E1 M3", [says("E1", "on_scene"), says("M3", "on_scene")]),
    ("os 77", [says("77", "on_scene")]),
    ("os E2 #39", [says("E2", "on_scene", incident=I39)]),
    ("st E2 >North Gate", [says("E2", "staging", place=Place(text="North Gate"))]),
    ("ap M7", [says("M7", "at_patient")]),
    ("tr M7 >CHB", [says("M7", "transporting", place=CHB)]),
    ("tr M7>-29.95, -71.2", [says("M7", "transporting", place=Place(at=LonLat(-71.2, -29.95), text="-29.95, -71.2"))]),
    ("ho M7 >chb", [says("M7", "at_hospital", place=CHB)]),
    ("av E2", [says("E2", "on_radio")]),
    ("oos E1 mech", [ReportUnitStatus(UnitId("E1"), Status("NotAvailable", ("EquipmentIssues", "OutofService")), said="mech")]),
    ("oos E1 why/no driver", [says("E1", "off", said="no driver")]),
    ("ack R1", [says("R1", "acknowledged")]),
    ("ack E12", [AcknowledgeMoveUp(UnitId("E12"))]),
    ("ack 42", [AcknowledgeAlarm(AlarmId("nobody_sent/42"))]),
    ("x M7", [UnassignUnit(I39, UnitId("M7"))]),
    ("x E12 why/done", [EndMoveUp(UnitId("E12"), "done")]),
    ("h 42", [HoldIncident(I42, NOW + 30 * 60_000)]),
    ("h 42 5", [HoldIncident(I42, NOW + 5 * 60_000)]),
    ("h 42 0", [HoldIncident(I42, None)]),
    ("c 42 disp/K", [CloseIncident(I42, "K")]),
    ("c 42 why/prank", [CloseIncident(I42, "prank")]),
    ("c 41", [CloseIncident(I41)]),
    ("reopen 40 why/smoke again", [ReopenIncident(incident(40), "smoke again")]),
    ("reopen 40 / d 40 E1", [ReopenIncident(incident(40)), send(40, "E1")]),
    ("cancel 41 why/false alarm", [CancelIncident(I41, "false alarm")]),
    ("cancel 41 why/none / d 42 E2", [CancelIncident(I41, "none"), send(42, "E2")]),
    ("d 42 e-1", [send(42, "E1")]),
    ("pri 42 YELLOW", [ReclassifyIncident(I42, priority="yellow")]),
    ("typ 42 fire why/smoke seen", [ReclassifyIncident(I42, incident_type="FIRE", reason="smoke seen")]),
    ("loc 42 >chb", [RelocateIncident(I42, CHB)]),
    ("al 42 2", [RaiseAlarm(I42, 2)]),
    ("mark 42 water", [MarkIncident(I42, "water_on_fire")]),
    ("note 40 ; two patients / one trapped", [AddNote(incident(40), Plain("two patients / one trapped"))]),
    ("os E2 ; smoke, no flames", [says("E2", "on_scene"), AddNote(I41, Plain("smoke, no flames"))]),
    ("mv E11 >S3", [OrderMoveUp(UnitId("E11"), StationId("S3"))]),
    ("mv E11 >north", [OrderMoveUp(UnitId("E11"), StationId("N"))]),
    ("t E1 10", [SetWelfareCheck(UnitId("E1"), 10)]),
    ("t E1 0", [SetWelfareCheck(UnitId("E1"), None)]),
    ("ok E1", [ConfirmWelfare(UnitId("E1"))]),
    ("shelve 42 5 why/busy", [ShelveAlarm(AlarmId("nobody_sent/42"), NOW + 5 * 60_000, "busy")]),
    ("msg E1 desk2 ; call in", [SendMessage(MessageId(""), ("unit:E1", "desk2"), Plain("call in"))]),
    ("msg all #42 ; road is icy", [SendMessage(MessageId(""), ("all",), Plain("road is icy"), I42)]),
    ("msg =M9 ; hello", [SendMessage(MessageId(""), ("unit:M9",), Plain("hello"))]),
    ("d #77 ?", []),
    ("d 41 ?", [RecommendUnits(I41)]),
    ("os E1 / tr M7 >CHB", [says("E1", "on_scene"), says("M7", "transporting", place=CHB)]),
    ("av M7 / d 42 M7", [says("M7", "on_radio"), send(42, "M7")]),
    ("d 42 E1 / x E1", [send(42, "E1"), UnassignUnit(I42, UnitId("E1"))]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "commands"), ASKED, ids=[text for text, _ in ASKED])
def test_a_line_asks_for_this(text: str, commands: list[object]) -> None:
    assert asked(text) == commands


ACTS = [
    ("n", Act("open")),
    (
        "n >12 High St typ/FIRE pri/red",
        Act("open", text="12 High St", place=Place(text="12 High St"), incident_type="FIRE", priority="red"),
    ),
    ("d 42 ?", Act("show", incident=I42)),
    ("s 42", Act("select", incident=I42)),
    ("u E1", Act("select", unit=UnitId("E1"))),
    ("undo", Act("undo")),
    ("loc 42 >12 High St", Act("pick_place", incident=I42, text="12 High St")),
    ("rd >High St ; flooded", Act("close_road", place=Place(text="High St"), text="flooded")),
    ("?", Act("help")),
    ("? d", Act("help", verb="d")),
    ("?dispatch", Act("help", verb="d")),
    ("/High", Act("search", text="High", incidents=(I42,))),
    ("mill", Act("search", text="mill", incidents=(I41,))),
    ("cardiac", Act("search", text="cardiac", incidents=(I42, incident(40)))),
    ("42", Act("search", text="42", incidents=(I42,))),
]


@pytest.mark.parametrize(("text", "act"), ACTS, ids=[text for text, _ in ACTS])
def test_a_line_makes_the_screen_do_this(text: str, act: Act) -> None:
    reading = read(text)
    assert [step.act for step in reading.steps] == [act]


PROBLEMS = [
    ("d 42 E", "unit_ambiguous", ["E1", "E11", "E12"]),
    ("d 42 E1 E", "unit_ambiguous", ["E1"]),
    ("d 42 L", "unit_unknown", ["L2"]),  # the only one that begins so is offered, not taken
    ("os L", "unit_unknown", ["L2"]),
    ("ack L", "unit_unknown", ["L2"]),
    ("msg L ; hello", "recipient_unknown", ["L2"]),
    ("mv E11 >nor", "station_unknown", ["North"]),
    ("d 4 E1", "incident_unknown", []),
    ("c 42", "close_unsent", [" disp/"]),
    ("reopen 42", "not_ended", []),
    ("cancel 42", "why_missing", [" why/"]),
    ("cancel 40 why/x", "incident_ended", []),
    ("d 42 M7", "unit_busy", [" why/"]),
    ("d 42 L2", "unit_off", [" why/"]),
    ("d 42 R2", "crew_busy", [" why/"]),
    ("d 39 M7", "unit_on_it", []),
    ("d 77 E1", "number_ambiguous", ["#77", "=77"]),
    ("d 42 E1 41", "incident_twice", []),
    ("d 40 E1", "incident_ended", []),
    ("d 99 E1", "incident_unknown", ["#42"]),
    ("d E1", "incident_missing", ["#42"]),
    ("d 42", "units_missing", ["!", "M3"]),
    ("d 41 !", "recommendation_missing", []),
    ("d #77 !", "recommendation_empty", []),
    ("d 42 ambulence", "unit_unknown", []),
    ("d 42 E1 whi/x", "key_unknown", []),
    ("d 42 E1 >x", "place_not_wanted", []),
    ("d 42 E1 disp/K", "key_not_wanted", []),
    ("d 42 M31", "unit_unknown", ["M3"]),
    ("os", "units_missing", []),
    ("os #42", "units_missing", []),
    ("u #77", "unit_unknown", []),
    ("os 4", "unit_unknown", []),
    ("x R2", "no_job", []),
    ("ack", "alarm_ambiguous", []),
    ("ack E2", "nothing_to_acknowledge", []),
    ("mv E11", "station_missing", [">C"]),
    ("mv E11 >south", "station_ambiguous", ["South four", "South three"]),
    ("mv E11 >Nrth", "station_unknown", ["North"]),
    ("mv E2 >S3", "unit_not_free", []),
    ("mv E12 >N", "covers_already", []),
    ("t E1", "minutes_missing", []),
    ("t E1 x", "number_wanted", []),
    ("al 42", "level_missing", []),
    ("al 42 1", "level_not_higher", []),
    ("pri 42 purple", "priority_unknown", ["red", "yellow", "green"]),
    ("pri 42", "priority_missing", ["red"]),
    ("typ 42 FIR", "type_unknown", ["FIRE", "FIREV"]),
    ("typ 42", "type_missing", ["CARD"]),
    ("mark 42 primary", "mark_unknown", ["primary_search_begin"]),
    ("mark 42", "mark_missing", []),
    ("note 42 two patients", "note_needs_semicolon", []),
    ("note 42 ;", "words_missing", [" ; "]),
    ("loc 42", "place_missing", [" >"]),
    ("msg M9 ; hello", "recipient_ambiguous", []),
    ("msg nobody ; hello", "recipient_unknown", []),
    ("msg ; hello", "recipient_missing", ["all"]),
    ("shelve 42 10", "why_missing", [" why/"]),
    ("shelve 41 why/x", "no_alarm_there", []),
    ("ok E1 ; well", "comment_needs_incident", []),
    ("dipatch 42 E1", "nothing_found", ["d"]),
    ("os E1 / dipatch", "verb_unknown", ["d"]),
    ("os E1 /", "verb_missing", []),
    ("at 14:32", "verb_missing", []),
    ("undo E1", "word_too_much", []),
    ("c 42 K", "word_too_much", []),
    ("os E1 !", "word_too_much", []),
    ("fms E1 3", "no_status_table", []),
    ("x" * 10_000, "too_long", []),
]


@pytest.mark.parametrize(("text", "code", "offered"), PROBLEMS, ids=[text[:30] for text, _, _ in PROBLEMS])
def test_a_line_is_not_guessed_at(text: str, code: str, offered: list[str]) -> None:
    reading = read(text)
    assert reading.problem is not None
    assert reading.problem.code == code
    assert reading.steps == ()
    assert not reading.is_complete
    texts = [one.text for one in reading.candidates]
    assert texts[: len(offered)] == offered or set(offered) <= set(texts)


def test_the_selected_incident_is_meant_where_none_is_named() -> None:
    assert asked("d E1", 42) == [send(42, "E1", receipt=SHOWN)]  # its recommendation is on the screen
    assert asked("c", 41) == [CloseIncident(I41)]  # units are on it: the desk refuses it then
    assert asked("note ; words", 42) == [AddNote(I42, Plain("words"))]


def test_a_candidate_put_in_place_goes_on() -> None:
    reading = read("d 42 E")
    for one in reading.candidates:
        text = "d 42 E"[: one.start] + one.text + "d 42 E"[one.end :]
        problem = read(text).problem
        assert problem is None or problem.code in ("unit_busy",), text


def test_the_preview_of_a_message_has_its_words_shortened() -> None:
    step = read("msg E1 ; call in").steps[0]
    assert tell_step(step, EN) == "Message to E1: call in"
    told = tell_step(read("msg all #42 ; " + "word " * 40).steps[0], EN)
    assert told.endswith("…")
    assert len(told) < 130


def test_a_patient_taken_nowhere_known_by_a_unit_without_a_job_is_warned_of() -> None:
    assert [note.code for note in read("tr E1 >NOPE").steps[0].notes] == ["no_job", "place_unknown"]


def test_labels_say_what_a_unit_is() -> None:
    assert read("d 42 E").candidates[0].label == "E1  engine, Central, at its station"
    assert read("d 99 E1").candidates[0].label == "#42 red cardiac arrest, 12 High St"


def test_the_problem_says_where() -> None:
    problem = read("d 42 E1 M31").problem
    assert problem is not None
    assert (problem.start, problem.end) == (8, 11)


def test_two_days_may_share_a_number() -> None:
    board = world()
    from line_world import Instant, fold, opened  # noqa: PLC0415 - one staged event

    fold(board, opened(42, "FIRE", "red", "yesterday", "20261122"), Instant(NOW - 86_400_000))
    reading = read_line("d 42 E1", view(board), EN)
    assert reading.problem is not None
    assert reading.problem.code == "incident_ambiguous"
    assert {one.text for one in reading.candidates} == {"#20261123-0042", "#20261122-0042"}
    again = read_line("d #20261122-0042 E1", view(board), EN)
    assert again.steps[0].commands == (DispatchUnits(incident(42, "20261122"), (UnitId("E1"),)),)


def test_a_message_gets_its_id_from_the_caller() -> None:
    message = read("msg all ; hello").steps[0].commands[0]
    assert with_message_id(message, MessageId("m1")) == SendMessage(MessageId("m1"), ("all",), Plain("hello"))
    other = read("os E1").steps[0].commands[0]
    assert with_message_id(other, MessageId("m1")) is other


# Languages.


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_understood_in_every_language(language: str, verb: str) -> None:
    tongue = tongue_of(language)
    assert tongue.verb_of(verb) == verb
    assert tongue.verb_of(verb.upper()) == verb
    aliases = aliases_of(verb, language)
    assert aliases
    for alias in aliases:
        assert tongue.verb_of(alias) == verb, f"{alias} is taken by another verb"


@pytest.mark.parametrize("language", languages())
def test_every_example_means_the_same_in_every_language(language: str) -> None:
    for text, commands in ASKED:
        head, blank, rest = text.partition(" ")
        if head not in VERBS or " / " in text or not blank:
            continue
        for alias in aliases_of(head, language):
            reading = read_line(f"{alias} {rest}", view(BOARD), tongue_of(language))
            assert [command for step in reading.steps for command in step.commands] == commands, f"{alias} {rest}"


@pytest.mark.parametrize("language", languages())
def test_no_alias_has_two_meanings(language: str) -> None:
    meant: dict[str, str] = {}
    for verb in VERBS:
        for alias in (verb, *aliases_of(verb, language)):
            assert meant.setdefault(alias, verb) == verb, f"{alias}: {meant[alias]} and {verb}"
