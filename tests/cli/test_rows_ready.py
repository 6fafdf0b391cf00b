"""Rows after a restart: what stands in the journal counts, however much was written since."""

from shift_page import asks_of, drawn_from
from tocsin.base.identifiers import CommandId, IncidentId, MessageId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Desk
from tocsin.core.messages.message import SendMessage
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.said import Ask
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.unit import STATUS, ReportUnitStatus
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.wiring.serving import rows_ready

PAGE = """
card fire: engine needs pump
unit E1 engine can pump
unit E2 engine can pump
road E1 -> I1 90s
road E2 -> I1 240s
08:00 open I1 fire
"""


def test_notes_and_senders_are_known_after_a_restart() -> None:
    roads, asks = asks_of(PAGE)
    journal = MemoryJournal("rows")
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("rows")))
    for at, ask in asks:
        desk.answer([ask], at)
    said = [AddNote(IncidentId("I1"), Plain("gas")), SendMessage(MessageId("m1"), ("bia",), Plain("hose"), None)]
    said += [ReportUnitStatus("E2", STATUS["on_radio"])] * 700
    for nth, command in enumerate(said):
        now = Instant(at + 1_000 * (nth + 1))
        desk.answer([Ask(CommandId(f"k{nth}"), "ana", now, command)], now)
    rows = rows_ready(journal, desk.board).situation(desk.board, journal="rows", pos=journal.head().pos, at=now)
    assert [(row.incident, row.notes) for row in rows.incidents] == [("I1", 1)]
    assert [(row.message, row.sender) for row in rows.messages] == [("m1", "ana")]
