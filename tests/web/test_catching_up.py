"""What a screen missed: subjects and log rows of every line behind its position, and never more than can be read."""

import pytest

from shift_page import asks_of, drawn_from
from tocsin.clocks.desk import Desk
from tocsin.core.messages.line import decode, decode_noted
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.views.log_rows import log_row
from tocsin.web import catching_up
from tocsin.web.catching_up import read_missed

PAGE = """
card fire: engine needs pump
unit E1 engine can pump
unit E2 engine can pump
road E1 -> I1 90s
road E2 -> I1 190s
08:00 open I1 fire
08:01 send I1 E1
08:02 E1 en_route
08:06 E1 on_scene
08:30 E1 on_radio
"""


@pytest.fixture(scope="module")
def journal() -> MemoryJournal:
    roads, asks = asks_of(PAGE)
    journal = MemoryJournal("page")
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page")))
    for at, ask in asks:
        desk.answer([ask], at)
    return journal


def test_every_event_behind_the_position_is_a_row_and_its_subjects_are_named(journal: MemoryJournal) -> None:
    head = journal.head().pos
    opened = next(stored.pos for stored in journal.read() if b'"IncidentOpened"' in stored.body)
    missed = read_missed(journal, opened)
    assert missed is not None and missed.pos == head
    told = [stored for stored in journal.read(from_pos=opened + 1) if decode(stored.body).n]
    assert [row.pos for row in missed.log] == [stored.pos for stored in told]
    assert set(missed.names["incidents"]) == {"I1"} and set(missed.names["units"]) == {"E1"}
    nothing = read_missed(journal, head)
    assert nothing is not None and nothing.log == [] and nothing.names == {} and nothing.pos == head


def test_what_is_too_much_to_read_is_told_so(journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catching_up, "MOST_BYTES", 3_000)
    assert read_missed(journal, 1) is None
    assert read_missed(journal, journal.head().pos - 1) is not None


def test_without_the_facts_a_line_says_the_same(journal: MemoryJournal) -> None:
    heavy = 0
    for stored in journal.read():
        whole, noted = decode(stored.body), decode_noted(stored.body)
        heavy += bool(whole.facts.roads)
        for field in noted.__struct_fields__:
            assert getattr(noted, field) == getattr(whole, field)
        if whole.n:
            assert log_row(noted, stored.pos) == log_row(whole, stored.pos)
    assert heavy > 0
