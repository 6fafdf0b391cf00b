"""One contract, every journal. What only a file can promise stands in ``test_journal_file.py``."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal_lines import batches, chain_of, line, lines
from tocsin.base.faults import Broken
from tocsin.base.identifiers import CommandId
from tocsin.core.messages.line import GENESIS, Head, Line, decode
from tocsin.core.ports import Journal
from tocsin.edge.journal_chain import linked, unbroken
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.journal_sqlite import BATCH_LINES, SqliteJournal


class Adapter(Protocol):
    """How a test gets at one kind of journal."""

    def open(self) -> Journal:
        """A new, empty one."""
        ...

    def flip(self, journal: Journal, pos: int, part: str, byte: int) -> None:
        """Change one byte of a stored line behind the journal's back."""
        ...


def flipped(data: bytes, byte: int) -> bytes:
    """The same bytes but for one bit of one of them."""
    at = byte % len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


class InMemory:
    """Nothing outside the process."""

    def open(self) -> Journal:
        return MemoryJournal()

    def flip(self, journal: Journal, pos: int, part: str, byte: int) -> None:
        assert isinstance(journal, MemoryJournal)
        stored = journal._stored[pos - 1]
        journal._stored[pos - 1] = msgspec.structs.replace(stored, **{part: flipped(getattr(stored, part), byte)})


class InSqlite:
    """One file each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def open(self) -> Journal:
        self.count += 1
        return SqliteJournal.create(self.path)

    @property
    def path(self) -> Path:
        return self.folder / f"{self.count}.journal"

    def flip(self, journal: Journal, pos: int, part: str, byte: int) -> None:
        with closing(sqlite3.connect(self.path)) as direct, direct:
            data = direct.execute(f"SELECT {part} FROM event WHERE pos=?", (pos,)).fetchone()[0]
            direct.execute(f"UPDATE event SET {part}=? WHERE pos=?", (flipped(data, byte), pos))


@pytest.fixture(params=["memory", "sqlite"])
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Adapter:
    """Each journal in turn."""
    return InMemory() if request.param == "memory" else InSqlite(tmp_path)


@pytest.fixture
def journal(adapter: Adapter) -> Iterator[Journal]:
    """An empty journal."""
    with closing(adapter.open()) as opened:
        yield opened


def test_an_empty_journal_is_at_the_beginning(journal: Journal) -> None:
    assert journal.head() == Head(0, GENESIS)
    assert list(journal.read()) == []
    assert journal.find_command(CommandId("c0")) == []
    assert journal.journal_id


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=batches())
def test_what_is_appended_is_read_back_byte_for_byte_in_order_and_chained(adapter: Adapter, some: list[list[Line]]) -> None:
    flat = [one for batch in some for one in batch]
    wanted = chain_of(flat)
    with closing(adapter.open()) as journal:
        for batch in some:
            before = journal.head().pos
            head = journal.append(batch, expected=before)
            assert head == journal.head()
            assert head.pos == before + len(batch)
        assert list(journal.read()) == wanted
        assert journal.head() == (Head(len(flat), wanted[-1].hash) if flat else Head(0, GENESIS))


def test_stamps_order_nothing(journal: Journal) -> None:
    """The machine's clock steps back and forth; positions do not care."""
    stepping = [line(number, step_ms=(-1) ** number * 3_600_000) for number in range(20)]
    journal.append(stepping, expected=0)
    stored = [decode(one.body) for one in journal.read()]
    assert [record.at for record in stored] == [one.at for one in stepping]
    assert any(later.at < earlier.at for earlier, later in pairwise(stored))


@pytest.mark.parametrize(
    ("from_pos", "limit", "wanted"),
    [(1, None, (1, 2500)), (1, 0, None), (2, 1, (2, 2)), (2500, None, (2500, 2500)), (2501, None, None), (9000, 5, None),
     (1000, 1024, (1000, 2023)), (1, 1025, (1, 1025)), (2400, 5000, (2400, 2500)), (0, 2, (1, 2))],
)  # fmt: skip
def test_read_from_a_position_on(journal: Journal, from_pos: int, limit: int | None, wanted: tuple[int, int] | None) -> None:
    assert BATCH_LINES < 2500 < 3 * BATCH_LINES
    journal.append(lines(2500), expected=0)
    found = [stored.pos for stored in journal.read(from_pos=from_pos, limit=limit)]
    assert found == (list(range(wanted[0], wanted[1] + 1)) if wanted else [])


def test_a_reader_gets_what_is_appended_while_it_reads(journal: Journal) -> None:
    journal.append(lines(BATCH_LINES + 1), expected=0)
    reader = journal.read()
    first = next(reader)
    journal.append(lines(10, start=BATCH_LINES + 1), expected=BATCH_LINES + 1)
    assert [first.pos, *(stored.pos for stored in reader)] == list(range(1, BATCH_LINES + 12))


def test_an_empty_batch_changes_nothing(journal: Journal) -> None:
    head = journal.append(lines(3), expected=0)
    assert journal.append([], expected=3) == head
    with pytest.raises(Broken, match="journal_moved"):
        journal.append([], expected=2)


def test_a_subject_is_read_alone_its_last_lines_in_order(journal: Journal) -> None:
    journal.append(lines(25), expected=0)
    assert [stored.body for stored in journal.read_stream("incident:I1", last=100)] == [line(number).body for number in range(10, 20)]
    assert [stored.pos for stored in journal.read_stream("incident:I1", last=3)] == [18, 19, 20]
    assert [stored.pos for stored in journal.read_stream("incident:I2", last=0)] == []
    assert journal.read_stream("incident:I", last=5) == []


def test_commands_whose_keys_begin_alike(journal: Journal) -> None:
    journal.append(lines(25), expected=0)
    assert [stored.pos for stored in journal.read_commands("c1")] == [3, 4, *range(21, 26)]
    assert [stored.body for stored in journal.read_commands("c12")] == [line(24).body]
    assert len(journal.read_commands("")) == 25 and journal.read_commands("d") == [] == journal.read_commands("c1:")


# All or nothing.


@pytest.mark.parametrize("expected", [0, 4, 6, -1, 10**12])
def test_somebody_else_has_written(journal: Journal, expected: int) -> None:
    journal.append(lines(5), expected=0)
    with pytest.raises(Broken) as caught:
        journal.append(lines(2, start=5), expected=expected)
    assert (caught.value.code, caught.value.values) == ("journal_moved", {"expected": str(expected), "found": "5"})
    assert list(journal.read()) == chain_of(lines(5))


def same_version(one: Line) -> Line:
    """Another command claims this version of the subject."""
    return one._replace(cmd="another", n=0)


def same_command(one: Line) -> Line:
    """Another subject claims this number of the command."""
    return one._replace(stream="unit:E9", ver=1)


@pytest.mark.parametrize("double", [same_version, same_command])
@pytest.mark.parametrize("of", [0, 4, 5, 8])
def test_a_doubled_line_refuses_the_whole_batch(journal: Journal, double: Callable[[Line], Line], of: int) -> None:
    """Of a line that is stored (0, 4) or of one in the same batch (5, 8): nothing of the batch stays, and the next one fits."""
    journal.append(lines(5), expected=0)
    with pytest.raises(Broken, match="line_doubled"):
        journal.append([*lines(4, start=5), double(line(of))], expected=5)
    assert list(journal.read()) == chain_of(lines(5))
    assert journal.find_command(CommandId("c3")) == []
    journal.append(lines(4, start=5), expected=5)
    assert list(journal.read()) == chain_of(lines(9))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4), st.integers(-1, 1)), max_size=12))
def test_good_and_bad_batches_in_any_order(adapter: Adapter, choices: list[tuple[int, int, int]]) -> None:
    """Against a list: a batch is taken whole when it fits behind the head and holds nothing that stands there, else not at all."""
    held: list[Line] = []
    with closing(adapter.open()) as journal:
        for start, count, off in choices:
            batch = lines(count, start=start)
            is_good = off == 0 and not set(batch) & set(held)
            try:
                journal.append(batch, expected=len(held) + off)
            except Broken as fault:
                assert not is_good, fault
            else:
                assert is_good
                held.extend(batch)
        assert list(journal.read()) == chain_of(held)


# Commands.


def test_find_a_command_in_the_order_of_its_numbers(journal: Journal) -> None:
    asked = [line(0)._replace(stream=f"unit:E{n}", ver=1, cmd="k", n=n) for n in (2, 0, 3, 1)]
    journal.append([*lines(4), *asked, *lines(2, start=4)], expected=0)
    assert [stored.pos for stored in journal.find_command(CommandId("k"))] == [6, 8, 5, 7]
    assert [stored.body for stored in journal.find_command(CommandId("c1"))] == [line(2).body, line(3).body]
    assert journal.find_command(CommandId("K")) == []


# Waiting and tailing.


def test_wait_for_what_is_there_and_for_what_never_comes(journal: Journal) -> None:
    assert journal.wait(0, 0.0)
    assert not journal.wait(1, 0.0)
    assert not journal.wait(1, 0.06)
    journal.append(lines(3), expected=0)
    assert journal.wait(3, 0.0)
    assert not journal.wait(4, 0.0)


def test_wait_ends_when_the_line_comes(journal: Journal) -> None:
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(journal.wait(3, 30.0)))
    waiting.start()
    journal.append(lines(2), expected=0)
    journal.append(lines(1, start=2), expected=2)
    waiting.join(10.0)
    assert told == [True]


def test_wait_ends_when_the_journal_is_closed(adapter: Adapter) -> None:
    journal = adapter.open()
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(journal.wait(1, 30.0)))
    waiting.start()
    journal.close()
    waiting.join(10.0)
    assert told == [False]


def test_tailing_readers_see_every_line_once_and_in_order(journal: Journal) -> None:
    total = 600
    seen: list[list[int]] = [[] for _ in range(3)]

    def tail(into: list[int]) -> None:
        while len(into) < total and journal.wait(len(into) + 1, 30.0):
            into.extend(stored.pos for stored in journal.read(from_pos=len(into) + 1))

    tails = [threading.Thread(target=tail, args=(into,)) for into in seen]
    for thread in tails:
        thread.start()
    for start in range(0, total, 6):
        journal.append(lines(6, start=start), expected=start)
    for thread in tails:
        thread.join(30.0)
    assert seen == [list(range(1, total + 1))] * 3


def test_of_writers_that_race_for_a_position_one_wins(journal: Journal) -> None:
    won: list[int] = []

    def write(name: int) -> None:
        for ver in range(1, 40):
            mine = line(0)._replace(stream=f"unit:E{name}", ver=ver, cmd=f"{name}/{ver}")
            is_stored = False
            while not is_stored:
                try:
                    won.append(journal.append([mine], expected=journal.head().pos).pos)
                    is_stored = True
                except Broken as fault:
                    assert fault.code == "journal_moved"

    writers = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join(60.0)
    assert sorted(won) == list(range(1, 4 * 39 + 1))
    assert len(list(journal.read())) == 4 * 39


# Tampering and the end.


@pytest.mark.parametrize("part", ["body", "hash"])
@pytest.mark.parametrize(("pos", "byte"), [(1, 0), (7, 31), (12, 5), (20, -1)])
def test_one_flipped_byte_stops_every_reader_at_that_line(adapter: Adapter, part: str, pos: int, byte: int) -> None:
    with closing(adapter.open()) as journal:
        journal.append(lines(20), expected=0)
        adapter.flip(journal, pos, part, byte)
        for start in {1, max(1, pos - 1), pos}:
            read = []
            with pytest.raises(Broken) as caught:
                for stored in journal.read(from_pos=start):
                    read.append(stored.pos)
            assert (caught.value.code, caught.value.values) == ("chain_broken", {"pos": str(pos)})
            assert read == list(range(start, pos))


@pytest.mark.parametrize("digest", [None, b"", "", "same"])
@pytest.mark.parametrize("body", [None, 7, "{}"])
def test_what_is_not_bytes_ends_the_chain_whatever_hash_it_brings(body: object, digest: object) -> None:
    first, second = chain_of(lines(2))
    rows = [(first.pos, first.body, first.hash), (second.pos, body, first.hash if digest == "same" else digest)]
    reader = unbroken(rows, Head(0, GENESIS))  # type: ignore[arg-type]  # a tampered file may hold anything
    assert next(reader) == first
    with pytest.raises(Broken, match="chain_broken pos=2"):
        next(reader)


def test_a_reader_checks_the_link_that_the_writer_makes() -> None:
    rows = [(one.pos, one.body, one.hash) for one in linked(lines(300), Head(0, GENESIS))]
    assert list(unbroken(rows, Head(0, GENESIS))) == chain_of(lines(300))


def test_a_closed_journal_takes_nothing(adapter: Adapter) -> None:
    journal = adapter.open()
    journal.close()
    journal.close()
    with pytest.raises(Broken, match="journal_closed"):
        journal.append(lines(1), expected=0)


def test_lines_are_found_by_what_they_say(journal: Journal) -> None:
    some = [line(number) for number in range(5)]
    journal.append(some, expected=0)
    kind = type(decode(some[0].body).says).__name__
    assert [stored.body for stored in journal.read_types("NoSuchThing", kind)] == [one.body for one in some if one.type == kind]
    assert journal.read_types("NoSuchThing") == []
