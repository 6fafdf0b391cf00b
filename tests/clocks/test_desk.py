"""The desk: one order, all or nothing, and nobody is told before it is durable."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board_state import state_of
from shift_page import asks_of, drawn_from, play
from tocsin.base.faults import Broken, Fault
from tocsin.base.identifiers import CommandId, KeyName
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk, fold_journal
from tocsin.core.board.board import Board
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.line import Head, Line, Stored, decode, link
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

PAGE = """
station S1
unit E1 engine can pump at S1
unit E2 engine can pump at S1
unit L1 ladder can ladder at S1 crew K1
unit T1 tanker can water at S1 crew K1
card fire: engine needs pump
card pair: engine x2 needs pump; ladder? needs ladder
divert low -> high gains 60s near 60s
road E1 -> I1 90s
road E2 -> I1 240s
road E1 -> I2 95s
road E2 -> I2 300s
road L1 -> I2 80s
road E1 -> I3 70s
08:00 call C1 says "smoke"
08:00 open I1 fire low calls C1
08:00 send I1 E1
08:00 note I1 "gate locked"
08:00 open I2 pair high
08:00 send I2 E1 E2
08:00 E1 en_route
08:00 send I1 T1 override "water"
08:00 E9 on_scene
08:00 E1 on_scene
08:00 open I3 fire high
08:00 recommend I3 by astrology
08:00 E2 on_radio
08:00 E2 on_radio
08:00 send I3 E2
08:00 cancel I3
08:00 T1 off
08:00 reopen I3
08:00 E1 on_radio
08:00 erase I1
08:00 note I1 "too late"
08:00 close I2
08:00 send I3 E1 #again
08:00 send I3 E1 #again
"""


def desk_of(page: str) -> tuple[Desk, MemoryJournal, list[tuple[Instant, Ask]]]:
    """A fresh desk for a page, and what the page says."""
    roads, asks = asks_of(page)
    journal = MemoryJournal("page")
    return Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page"))), journal, asks


def lines_of(journal: MemoryJournal) -> list[bytes]:
    return [stored.body for stored in journal.read()]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 9), min_size=40, max_size=40))
def test_where_batches_end_changes_no_byte(sizes: list[int]) -> None:
    desk, journal, asks = desk_of(PAGE)
    for now, ask in asks:
        desk.answer([ask], now)
    cut, cut_journal, asks = desk_of(PAGE)
    rest, hour = [ask for _, ask in asks[:-24]], asks[0][0]
    start = len(rest)
    cut.answer(rest, hour)
    for size in sizes:
        batch = [ask for _, ask in asks[start : start + size]]
        if batch:
            cut.answer(batch, asks[start][0])
        start += size
    assert lines_of(cut_journal) == lines_of(journal)
    assert cut_journal.head() == journal.head()
    assert state_of(cut.board) == state_of(desk.board)


def test_what_an_event_causes_stands_right_behind_it() -> None:
    desk, journal, asks = desk_of(PAGE)
    desk.answer([ask for _, ask in asks], asks[-1][0])
    order = [record.cmd for record in map(decode, lines_of(journal)) if record.n == 0]
    for nth, cmd in enumerate(order):
        if "/" in cmd:
            assert order[nth - 1].startswith(cmd.rpartition("/")[0])


class Unwilling:
    """A journal whose disk refuses while ``is_full``; otherwise the one it wraps."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal, self.is_full, self.on_append = journal, False, lambda: None
        self.journal_id = journal.journal_id

    def head(self) -> Head:
        return self.journal.head()

    def append(self, lines: Sequence[Line], *, expected: int) -> Head:
        self.on_append()
        if self.is_full:
            raise Broken("journal_write", file="page")
        return self.journal.append(lines, expected=expected)

    def read(self, *, from_pos: int = 1, limit: int | None = None) -> Iterator[Stored]:
        return self.journal.read(from_pos=from_pos, limit=limit)

    def find_command(self, cmd: CommandId) -> list[Stored]:
        return self.journal.find_command(cmd)

    def wait(self, pos: int, timeout_s: float) -> bool:
        return self.journal.wait(pos, timeout_s)

    def close(self) -> None:
        self.journal.close()


def test_a_failed_append_leaves_everything_as_before() -> None:
    roads, asks = asks_of(PAGE)
    journal = Unwilling(MemoryJournal("page"))
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page")))
    told: list[Answer] = []
    desk.listen(told.append)
    desk.answer([ask for _, ask in asks[:-10]], asks[0][0])
    before, head, count = state_of(desk.board), journal.head(), len(told)
    journal.is_full = True
    with pytest.raises(Broken) as caught:
        desk.answer([ask for _, ask in asks[-10:]], asks[-1][0])
    assert caught.value.code == "journal_write"
    assert (state_of(desk.board), journal.head(), len(told)) == (before, head, count)
    journal.is_full = False
    again = desk.answer([ask for _, ask in asks[-10:]], asks[-1][0])  # the same keys: they were never asked
    assert len(again) == 10
    assert journal.head().pos > head.pos


def test_nobody_is_told_before_the_append_has_returned() -> None:
    roads, asks = asks_of(PAGE)
    journal = Unwilling(MemoryJournal("page"))
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page")))
    told: list[tuple[Answer, int]] = []
    seen_at_append: list[int] = []
    journal.on_append = lambda: seen_at_append.append(len(told))
    desk.listen(lambda answer: told.append((answer, journal.head().pos)))
    for now, ask in asks:
        before = len(told)
        desk.answer([ask], now)
        assert not seen_at_append or seen_at_append[-1] <= before
    assert all(answer.pos <= head for answer, head in told)
    assert [record.cmd for record in map(decode, lines_of(journal.journal)) if record.n == 0] == [answer.cmd for answer, _ in told]


def test_answers_carry_their_lines_as_they_stand_in_the_journal() -> None:
    desk, journal, asks = desk_of(PAGE)
    answers = desk.answer([ask for _, ask in asks], asks[-1][0])
    stored = {line.pos: line.body for line in journal.read()}
    for ask, answer in zip((ask for _, ask in asks), answers, strict=True):
        assert answer.cmd == ask.id
        assert decode(stored[answer.pos]) == answer.records[-1]
        assert [record.n for record in answer.records] == list(range(len(answer.records)))
        assert (answer.refusal is not None) == (type(answer.events[0]).__name__ == "CommandRefused")


def test_the_chain_links_every_line() -> None:
    desk, journal, asks = desk_of(PAGE)
    desk.answer([ask for _, ask in asks], asks[-1][0])
    previous = bytes(32)
    for stored in journal.read():
        previous = link(pos=stored.pos, previous=previous, body=stored.body)
        assert stored.hash == previous
    assert journal.head().hash == previous


class Forgetful:
    """Gathers facts for a board that has moved on, ``stale`` times before it gathers well."""

    def __init__(self, well: GatherTable, stale: int) -> None:
        self.well, self.stale = well, stale

    def facts(self, ask: Ask, board: Board) -> Facts:
        facts = self.well.facts(ask, board)
        if facts.roads and self.stale:
            self.stale -= 1
            return Facts(facts.metric, facts.fleet - 1, facts.target, facts.local_minute_of_week, None, facts.roads)
        return facts


def _with_stale(stale: int) -> Callable[[], tuple[Desk, MemoryJournal, list[tuple[Instant, Ask]]]]:
    def stage() -> tuple[Desk, MemoryJournal, list[tuple[Instant, Ask]]]:
        roads, asks = asks_of(PAGE)
        journal = MemoryJournal("page")
        return Desk(journal, Forgetful(GatherTable(roads), stale), MemoryVault(drawn_from("page"))), journal, asks

    return stage


def test_stale_facts_are_gathered_once_more_and_both_tries_recorded() -> None:
    desk, journal, asks = _with_stale(1)()
    desk.answer([ask for _, ask in asks], asks[-1][0])
    tried = [record for record in map(decode, lines_of(journal)) if record.tried is not None]
    assert len(tried) == 1
    assert tried[0].tried.fleet == tried[0].facts.fleet - 1
    assert state_of(desk.board) == state_of(fold_journal(journal))


def test_facts_that_are_stale_twice_stop_the_batch() -> None:
    desk, journal, asks = _with_stale(2)()
    with pytest.raises(Broken) as caught:
        desk.answer([ask for _, ask in asks], asks[-1][0])
    assert caught.value.code == "facts_stale_twice"
    assert journal.head().pos == 0
    assert state_of(desk.board) == state_of(Board())
    assert len(desk.answer([ask for _, ask in asks], asks[-1][0])) == len(asks)  # by now it gathers well


def test_somebody_else_wrote() -> None:
    desk, journal, asks = desk_of(PAGE)
    other = Desk(journal, GatherTable({}), MemoryVault())
    desk.answer([asks[0][1]], asks[0][0])
    with pytest.raises(Broken) as caught:
        other.answer([asks[1][1]], asks[1][0])
    assert caught.value.code == "journal_moved"
    assert state_of(other.board) == state_of(desk.board)  # it has read up
    other.answer([asks[1][1]], asks[1][0])


def test_a_note_in_the_batch_that_erases_is_refused_like_one_after_it() -> None:
    page = "no plan\n08:00 open I1 fire\n08:01 close I1\n08:02 erase I1\n08:02 note I1 Rui"
    desk, _journal, asks = desk_of(page)
    together = desk.answer([ask for _, ask in asks], asks[-1][0])
    assert together[-1].refusal.code == "PersonalDataGone"


def test_a_crash_between_the_erasure_and_its_destroying_is_made_good_at_opening() -> None:
    shift = play('no plan\n08:00 open I1 fire | I1 opened fire (type unknown)\n08:00 note I1 "Rui" | I1 noted\n08:01 close I1 | I1 closed')
    sealed = shift.answers[1].events[0].words
    kept = MemoryVault(drawn_from("kept"))
    box = kept.seal("Rui", key=sealed.key, bound_to="x")
    play_erase = Desk(shift.journal, shift.gather, shift.vault)
    _, asks = asks_of("no plan\n08:02 erase I1 #gone")
    play_erase.answer([asks[-1][1]], asks[-1][0])
    Desk(shift.journal, shift.gather, kept)  # a vault that the destroying never reached, or that came back from a copy
    assert kept.open(box, bound_to="x") is None


class FullVault(MemoryVault):
    """A vault that cannot destroy for the time being."""

    def __init__(self) -> None:
        super().__init__(drawn_from("page"))
        self.refusals, self.destroyed = 0, list[str]()

    def destroy(self, keys: Iterable[KeyName]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Broken("key_lingers", file="keys")
        found = list(keys)
        self.destroyed += found
        super().destroy(found)


def test_keys_that_cannot_be_destroyed_fail_nobodys_answer_and_are_destroyed_later() -> None:
    """What stands in the journal is answered, and every listener hears it."""
    vault = FullVault()
    shift = play("no plan\nunit E1 engine\n08:00 open I1 fire | I1 opened fire (type unknown)\n08:01 close I1 | I1 closed", vault=vault)
    _, asks = asks_of("no plan\nunit E1 engine\n08:02 erase I1 #gone\n08:02 E1 off #off\n08:02:02 E1 at_station #in\n08:03 E1 off #out")
    told, faults = list[str](), list[Fault]()
    shift.desk.listen(lambda answer: told.append(answer.cmd))
    shift.desk.tell_faults(faults.append)
    vault.refusals = 1
    now = asks[-4][0]
    answers = shift.desk.answer([asks[-4][1], asks[-3][1]], now)
    assert [answer.refusal for answer in answers] == [None, None]
    assert told == ["gone", "off"]
    assert [fault.code for fault in faults] == ["key_lingers"]
    shift.desk.answer([asks[-2][1]], asks[-2][0])
    assert vault.destroyed == []
    shift.desk.answer([asks[-1][1]], asks[-1][0])
    assert vault.destroyed == ["incident:I1"]
    assert len(faults) == 1
    vault.refusals = 1
    again = Desk(shift.journal, shift.gather, vault)  # at opening as well: a centre opens all the same
    assert again.board.units["E1"].phase == "off"


def test_a_listener_that_fails_keeps_nobody_else_from_hearing() -> None:
    """The fault is told after the batch was answered."""
    desk, journal, asks = desk_of(PAGE)
    told, faults = list[str](), list[Fault]()

    def fails(answer: Answer) -> None:
        raise ValueError(answer.cmd)

    desk.listen(fails)
    desk.listen(lambda answer: told.append(answer.cmd))
    desk.tell_faults(faults.append)
    batch = [ask for _, ask in asks[:5]]
    assert len(desk.answer(batch, asks[0][0])) == 5
    assert told[:5] == [ask.id for ask in batch]
    assert [(fault.code, fault.values["cmd"]) for fault in faults] == [("listener_failed", cmd) for cmd in told]
    assert journal.head().pos > 5
