"""Rows of the situation: whoever takes in every change has what somebody gets who opens a screen now; and nothing of a person."""

from itertools import count

import msgspec
import pytest

from shift_page import asks_of, drawn_from
from tocsin.base.identifiers import CommandId, IncidentId, MessageId, UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.board.timers import due
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.incident import HoldIncident
from tocsin.core.messages.line import decode
from tocsin.core.messages.message import SendMessage
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.unit import UndoStatus
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.views.log_rows import number_of
from tocsin.views.situation import Change
from tocsin.views.situation_rows import ENDED_SHOWN_MS, Rows

PAGE = """
card fire: engine needs pump, truck needs ladder
unit E1 engine can pump
unit E2 engine can pump
unit T1 truck can ladder
road E1 -> I1 90s
road E2 -> I1 190s
road T1 -> I1 200s
road E1 -> I2 90s
road E2 -> I2 50s
road T1 -> I2 60s
08:00 call C1 arrives
08:01 open I1 fire
08:02 send I1 E1 T1
08:03 E1 en_route
08:04 T1 en_route
08:05 open I2 fire
08:06 E1 on_scene
08:07 send I2 E2
08:20 E1 on_radio
08:30 T1 on_radio
08:31 close I1
"""
TABLES = {
    "incidents": "incident",
    "units": "unit",
    "stations": "station",
    "closures": "closure",
    "alarms": "alarm",
    "messages": "message",
    "calls": "call",
    "moves": "unit",
}


class Screen:
    """What a browser does with changes: rows replace rows."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, object]] = {table: {} for table in TABLES}
        self.log: list[int] = []
        self.pos = 0

    def take(self, change: Change) -> None:
        for table, key in TABLES.items():
            for row in getattr(change, table):
                self.rows[table][getattr(row, key)] = row
            for name in change.gone.get(table, ()):
                self.rows[table].pop(name, None)
        self.log += [row.pos for row in change.log]
        self.pos = change.pos


class Staged:
    """A desk that is listened to, and a screen on it."""

    def __init__(self, page: str) -> None:
        roads, self.asks = asks_of(page)
        self.journal = MemoryJournal("page")
        self.desk = Desk(self.journal, GatherTable(roads), MemoryVault(drawn_from("page")))
        self.rows, self.screen, self.changes = Rows(), Screen(), []
        self.desk.listen(self.hear)
        self.keys = count(1)
        self.now = self.asks[0][0]

    def hear(self, answer: Answer) -> None:
        change = self.rows.change_of(answer.records, answer.pos, self.desk.board)
        self.changes.append(change)
        self.screen.take(change)

    def play(self) -> "Staged":
        for at, ask in self.asks:
            self.now = at
            self.desk.answer([ask], at)
        return self

    def say(self, command: Command, actor: str = "ana", after_ms: int = 1000) -> Answer:
        self.now = Instant(self.now + after_ms)
        return self.desk.answer([Ask(CommandId(f"more-{next(self.keys)}"), actor, self.now, command)], self.now)[0]

    def check(self) -> None:
        fresh = self.rows.situation(self.desk.board, journal="page", pos=self.journal.head().pos, at=self.now)
        for table, key in TABLES.items():
            assert self.screen.rows[table] == {getattr(row, key): row for row in getattr(fresh, table)}, table
        assert self.screen.pos == fresh.pos
        assert [row.pos for row in fresh.log] == self.screen.log[-len(fresh.log) :]


@pytest.fixture
def staged() -> Staged:
    return Staged(PAGE).play()


def test_who_followed_every_change_has_what_a_new_screen_gets(staged: Staged) -> None:
    staged.check()
    incident = staged.screen.rows["incidents"]["I1"]
    assert [one.unit for one in incident.assignments] == ["E1", "T1"] and incident.life == "closed"
    assert staged.screen.rows["units"]["E2"].incident == "I2"
    assert staged.screen.rows["calls"].keys() == {"C1"}


def test_alarms_come_and_go_with_their_causes(staged: Staged) -> None:
    staged.now = Instant(staged.now + 3_600_000)
    asked = due(staged.desk.board, staged.now)
    assert asked
    for command in asked:
        staged.say(command, "tocsin", 0)
    staged.check()
    sounded = set(staged.screen.rows["alarms"])
    assert sounded and all(row.owner == "" and row.rank in (1, 2, 3) for row in staged.screen.rows["alarms"].values())
    assert staged.changes[-1].is_urgent
    for unit in ("E2",):
        staged.desk.answer([], staged.now)
        staged.say(asks_of("09:59 E2 on_scene")[1][-1][1].command, f"unit:{unit}")
    staged.check()
    assert set(staged.screen.rows["alarms"]) < sounded


def test_notes_messages_holds_and_undone_reports_are_seen(staged: Staged) -> None:
    staged.say(AddNote(IncidentId("I2"), Plain("Ana Silva, second floor")))
    staged.say(SendMessage(MessageId("m1"), ("all",), Plain("Ana Silva has called again"), about=IncidentId("I2")), "rui")
    staged.say(HoldIncident(IncidentId("I2"), Instant(staged.now + 600_000)))
    staged.say(asks_of("09:59 E2 en_route")[1][-1][1].command, "unit:E2")
    staged.say(UndoStatus(UnitId("E2")), "unit:E2")
    staged.check()
    row = staged.screen.rows["incidents"]["I2"]
    assert row.notes == 1 and staged.screen.rows["messages"]["m1"].sender == "rui"
    assert staged.screen.rows["units"]["E2"].phase == "dispatched"
    told = msgspec.json.encode([staged.changes, staged.rows.situation(staged.desk.board, journal="page", pos=1, at=staged.now)])
    assert b"Silva" not in told and b"sealed" not in told and b"box" not in told


def test_nothing_of_a_caller_is_in_any_row(staged: Staged) -> None:
    answer = staged.say(TakeCall("C9", staged.now, staged.now, "voice", *(Plain(f"secret {nth}") for nth in range(4))))
    assert answer.refusal is None
    assert staged.screen.rows["calls"]["C9"].channel == "voice"
    assert b"secret" not in msgspec.json.encode(staged.changes)
    assert {row.what for row in staged.changes[-1].log} == {"CallReceived"}


def test_a_desk_that_begins_anew_takes_up_what_rows_need(staged: Staged) -> None:
    staged.say(AddNote(IncidentId("I2"), Plain("x")))
    fresh = Rows()
    fresh.take((stored.pos, decode(stored.body)) for stored in staged.journal.read())
    now = {"journal": "page", "pos": staged.journal.head().pos, "at": staged.now}
    assert fresh.situation(staged.desk.board, **now) == staged.rows.situation(staged.desk.board, **now)


def test_who_was_away_gets_present_rows_and_what_is_gone(staged: Staged) -> None:
    change = staged.rows.rows_of(
        {"incidents": ["I1", "I9"], "units": ["E1"], "calls": ["C1"]}, pos=99, at=staged.now, board=staged.desk.board
    )
    assert [row.incident for row in change.incidents] == ["I1"] and change.gone == {"incidents": ["I9"]}
    assert change.pos == 99 and change.centre is not None


def test_incidents_that_ended_long_ago_are_left_out(staged: Staged) -> None:
    later = Instant(staged.now + ENDED_SHOWN_MS + 3_600_000)
    shown = staged.rows.situation(staged.desk.board, journal="page", pos=1, at=later).incidents
    assert [row.incident for row in shown] == ["I2"]


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("20261123-0042", 42),
        ("20261123-12345", 12345),
        ("inc-0001", None),
        ("2026112-0042", None),
        ("20261123-", None),
        ("20261123-٤٢", None),
    ],
)
def test_the_number_that_people_say(name: str, number: int | None) -> None:
    assert number_of(IncidentId(name)) == number
