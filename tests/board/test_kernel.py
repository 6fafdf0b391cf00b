"""Deciding changes nothing; every command has its rule and its subject."""

from typing import get_args

import msgspec
import pytest

from board_state import state_of
from shift_page import asks_of, play
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.facts import NO_FACTS, Facts
from tocsin.core.messages.refusal import CommandRefused, StaleFacts
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.subject import subject_of
from tocsin.core.reactions import REACTIONS

STAGE = """
station S1
unit E1 engine can pump at S1
unit E2 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
road E2 -> I1 99s
08:00 call C1                       | C1 received
08:00 open I1 fire calls C1         | I1 opened fire · I1 needs engine: E1 90s
08:01 send I1 E1                    | E1 dispatched to I1
"""

LINES = """
08:02 call C2
08:02 attach C1 I1
08:02 open I2 fire
08:02 reclassify I1 type wood
08:02 relocate I1 at 1 1
08:02 alarm I1 2
08:02 mark I1 water_on_fire
08:02 close I1
08:02 cancel I1
08:02 reopen I1
08:02 erase I1
08:02 recommend I1
08:02 send I1 E2
08:02 recall I1 E1
08:02 E1 on_scene
08:02 correct I1 E1 on_scene 08:03
08:02 cover E2 at S1
08:02 advise_moves E2
08:02 advise_moves
08:02 adopt_cover pump: north 1000 S1
08:02 will_cover E2
08:02 uncover E2
08:02 close_road K1 points 0 0
08:02 extend K1 until 09:00
08:02 reopen_road K1
08:02 lapse K1
08:02 enrol E3 engine can pump
08:02 withdraw E2
08:02 station S2
08:02 close_station S1
08:02 centre page
08:02 import x.csv 1 2
08:02 plan again
08:02 undo E1
08:02 hold I2 until 09:00
08:02 look I1
08:02 overdue nobody_sent I1 08:00
08:02 acknowledge nobody_sent I1 08:00
08:02 shelve nobody_sent I1 08:00 until 09:00
08:02 check E1 20
08:02 well E1
08:02 read M1
08:02 drop 2020-04-06 9
"""

ASKS = [ask for _, ask in asks_of("no plan\n" + LINES)[1][1:]]


def test_the_lines_ask_everything_that_can_be_asked() -> None:
    asked = {type(ask.command) for ask in ASKS}
    assert {kind.__name__ for kind in set(get_args(Command)) - asked} == {"AddNote", "SendMessage"}  # their words go to the vault first


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: type(ask.command).__name__)
def test_deciding_changes_nothing(ask: Ask) -> None:
    shift = play(STAGE)
    before = state_of(shift.desk.board)
    facts = shift.gather.facts(ask, shift.desk.board)
    once = kernel.decide(shift.desk.board, ask, facts)
    assert kernel.decide(shift.desk.board, ask, facts) == once
    assert len(once) >= 1
    assert state_of(shift.desk.board) == before


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: type(ask.command).__name__)
def test_an_empty_board_answers_everything(ask: Ask) -> None:
    assert len(kernel.decide(Board(), ask, NO_FACTS)) == 1


SUBJECTS = {
    "TakeCall": "call:C2", "AttachCall": "incident:I1", "OpenIncident": "incident:I2", "DispatchUnits": "incident:I1",
    "UnassignUnit": "incident:I1", "CorrectStamp": "incident:I1", "ReportUnitStatus": "unit:E1", "EnrolUnit": "unit:E3",
    "OrderMoveUp": "unit:E2", "OpenStation": "station:S2", "OpenCentre": "centre", "AdoptPlan": "centre", "RecordImport": "centre",
    "CloseRoad": "closure:K1", "ExtendClosure": "closure:K1", "ReopenRoad": "closure:K1", "LapseClosure": "closure:K1",
    "UndoStatus": "unit:E1", "HoldIncident": "incident:I2", "LookAtPersonalData": "incident:I1", "ReadMessage": "message:M1",
    "NoteOverdue": "alarm:nobody_sent:I1:1586246400000", "AcknowledgeAlarm": "alarm:nobody_sent:I1:1586246400000",
    "AdviseMoveUps": "cover", "AdoptCover": "cover",
    "SetWelfareCheck": "unit:E1", "ConfirmWelfare": "unit:E1", "DropPositions": "centre",
}  # fmt: skip


@pytest.mark.parametrize(("name", "subject"), SUBJECTS.items())
def test_whose_version_a_command_moves(name: str, subject: str) -> None:
    command = next(ask.command for ask in ASKS if type(ask.command).__name__ == name)
    assert subject_of(command) == subject


def test_a_report_is_the_units_whatever_incident_it_names() -> None:
    report = next(ask.command for ask in ASKS if type(ask.command).__name__ == "ReportUnitStatus")
    assert subject_of(msgspec.structs.replace(report, incident="I1")) == "unit:E1"


def test_a_closure_is_a_subject_of_its_own_whatever_incident_it_is_for() -> None:
    closing = next(ask.command for ask in ASKS if type(ask.command).__name__ == "CloseRoad")
    assert subject_of(msgspec.structs.replace(closing, incident="I1")) == "closure:K1"


def test_facts_of_another_board_are_not_decided_upon() -> None:
    shift = play(STAGE)
    ask = next(ask for ask in ASKS if type(ask.command).__name__ == "RecommendUnits")
    facts = shift.gather.facts(ask, shift.desk.board)
    for stale in (msgspec.structs.replace(facts, fleet=facts.fleet + 1), msgspec.structs.replace(facts, target=None), Facts()):
        with pytest.raises(StaleFacts):
            kernel.decide(shift.desk.board, ask, stale)


def test_a_refusal_is_an_answer_and_raises_nothing_further() -> None:
    shift = play(STAGE)
    ask = next(ask for ask in ASKS if type(ask.command).__name__ == "CloseIncident")
    events = kernel.decide(shift.desk.board, ask, NO_FACTS)
    assert [type(event) for event in events] == [CommandRefused]
    assert kernel.reactions_to(shift.desk.board, ask, events, ask.at) == []
    assert CommandRefused not in REACTIONS


def test_a_reaction_has_a_key_that_its_cause_determines() -> None:
    shift = play(STAGE)
    opened = shift.answers[1]
    raised = kernel.reactions_to(shift.desk.board, ASKS[2], opened.events, ASKS[2].at)
    assert [(ask.id, ask.cause, ask.actor) for ask in raised] == [(f"{ASKS[2].id}/1", ASKS[2].id, "tocsin")]
