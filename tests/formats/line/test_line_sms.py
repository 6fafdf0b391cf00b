"""Short messages of units, and a centre's own status codes."""

from importlib.resources import files

import pytest

from line_world import incident, view, world
from tocsin.base.identifiers import UnitId
from tocsin.core.messages.assignment import UnassignUnit
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.unit import STATUS, ReportUnitStatus, Status
from tocsin.formats.line.read import read_line
from tocsin.formats.line.reading import Act, Reading
from tocsin.formats.line.sms import read_sms
from tocsin.formats.line.told import tell_step
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.status_codes import read_status_table
from tocsin.words.line import tongue_of

BOARD = world()
EN = tongue_of("en")


def sms(text: str, unit: str = "E2") -> Reading:
    """A message of a unit on the staged board; E2 is under way to #41."""
    return read_sms(text, UnitId(unit), view(BOARD), EN)


def report(unit: str, phase: str, said: str = "") -> ReportUnitStatus:
    """What a unit says of itself."""
    return ReportUnitStatus(UnitId(unit), STATUS[phase], said=said)  # type: ignore[index]  # staged by name


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("41.6", (report("E2", "acknowledged", "41.6"), AddNote(incident(41), Plain("E2: 41.6")))),
        (" #41 12 ", (report("E2", "acknowledged", "#41 12"), AddNote(incident(41), Plain("E2: #41 12")))),
        ("1", (report("E2", "on_scene", "1"),)),
        ("2", (AddNote(incident(41), Plain("E2: 2")),)),
        ("0", (UnassignUnit(incident(41), UnitId("E2"), "sms 0"),)),
        ("os", (report("E2", "on_scene"),)),
        ("OS E2", (report("E2", "on_scene"),)),
        ("os ; smoke seen", (report("E2", "on_scene"), AddNote(incident(41), Plain("smoke seen")))),
        ("os / av", (report("E2", "on_scene"), report("E2", "on_radio"))),
    ],
)
def test_a_unit_says(text: str, commands: tuple[object, ...]) -> None:
    reading = sms(text)
    assert reading.problem is None
    assert tuple(command for step in reading.steps for command in step.commands) == commands
    assert tell_step(reading.steps[0], EN)


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("42.6", "E2", "sms_not_that_job"),
        ("41.6", "E1", "sms_no_job"),
        ("1", "E1", "sms_no_job"),
        ("os E1", "E2", "own_unit_only"),
        ("os E2 M7", "E2", "own_unit_only"),
        ("note 42 ; hello", "E2", "own_unit_only"),
        ("d 42 E2", "E2", "not_by_sms"),
        ("c 39", "E2", "not_by_sms"),
        ("s 41", "E2", "not_by_sms"),
        ("/mill", "E2", "not_by_sms"),
    ],
)
def test_a_unit_speaks_for_itself_only(text: str, unit: str, code: str) -> None:
    reading = sms(text, unit)
    assert reading.problem is not None
    assert reading.problem.code == code
    assert reading.steps == ()


# Codes of a centre.


def tongue_with(table: str) -> Tongue:
    """English, with one of the tables that are shipped."""
    text = files("tocsin").joinpath("data", "status_codes", f"{table}.toml").read_text("utf-8")
    return tongue_of("en", read_status_table(text))


@pytest.mark.parametrize(
    ("table", "text", "status", "said"),
    [
        ("de-fms", "fms E1 3", Status("NotAvailable", ("Assigned", "EnRoute")), "3"),
        ("de-fms", "E1 4", Status("NotAvailable", ("Arrived", "OnScene")), "4"),
        ("de-fms", "e1.8003", Status("Available"), "8003"),
        ("nz-fire", "E1 k1", Status("NotAvailable", ("EnRoute",)), "k1"),
        ("us-words", "E1 in quarters", Status("Available", ("Station",)), "in quarters"),
        ("us-words", "=OS in quarters", Status("Available", ("Station",)), "in quarters"),
    ],
)
def test_a_centres_own_code_is_kept_as_said(table: str, text: str, status: Status, said: str) -> None:
    command = read_line(text, view(BOARD), tongue_with(table)).steps[0].commands[0]
    assert isinstance(command, ReportUnitStatus)
    assert (command.status, command.said) == (status, said)


def test_a_call_on_the_radio_is_no_status() -> None:
    step = read_line("E1 5", view(BOARD), tongue_with("de-fms")).steps[0]
    assert step.commands == ()
    assert step.act == Act("radio", unit=UnitId("E1"), text="request_to_speak")


def test_an_unknown_code_is_answered_with_the_known_ones() -> None:
    reading = read_line("E1 K9", view(BOARD), tongue_with("nz-fire"))
    assert reading.problem is not None
    assert reading.problem.code == "status_unknown"
    assert [one.text for one in reading.candidates] == ["K1", "K2", "K5", "K7"]
