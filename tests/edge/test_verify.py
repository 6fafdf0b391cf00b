"""``verify`` against damage of every kind: the first bad line is named exactly, and no changed content is ever called whole."""

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal_lines import chain_of, fingerprints, lines
from tocsin.base.faults import BadInput
from tocsin.core.messages.line import GENESIS, Line, decode, encode, link
from tocsin.edge.journal_check import VerifyAnswer, check
from tocsin.edge.journal_sqlite import SqliteJournal

COUNT = 120
WHOLE = chain_of(lines(COUNT))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal that nobody may damage; tests work on copies."""
    path = tmp_path_factory.mktemp("whole") / "a.journal"
    with closing(SqliteJournal.create(path)) as journal:
        for start in range(0, COUNT, 8):
            journal.append(lines(8, start=start), expected=start)
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    copy = tmp_path / "a.journal"
    copy.write_bytes(whole.read_bytes())
    return copy


def tamper(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Change a file as somebody with SQLite would."""
    with closing(sqlite3.connect(path)) as direct, direct:
        for statement, values in statements:
            direct.execute(statement, values)


def up_to(first_bad: int, why: str) -> VerifyAnswer:
    """The answer for a journal whose lines hold before this one."""
    head = WHOLE[first_bad - 2].hash if first_bad > 1 else GENESIS
    return VerifyAnswer(ok=False, events=first_bad - 1, head=head.hex(), first_bad=first_bad, why=why)  # type: ignore[arg-type]  # a Why


def rewritten(bodies: list[bytes], start: int) -> list[tuple[str, tuple[object, ...]]]:
    """Statements that put these bodies in from a position on, with a chain that fits: what an insider could do."""
    previous, statements = WHOLE[start - 2].hash if start > 1 else GENESIS, []
    for pos, body in enumerate(bodies, start):
        previous = link(pos=pos, previous=previous, body=body)
        statements.append(("UPDATE event SET body=?, hash=? WHERE pos=?", (body, previous, pos)))
    return statements


# Whole ones.


def test_a_whole_journal(path: Path) -> None:
    before = fingerprints(path.parent)
    told: list[tuple[int, int]] = []
    answer = check(path, progress=lambda done, total: told.append((done, total)))
    assert answer == VerifyAnswer(True, COUNT, WHOLE[-1].hash.hex(), None)
    assert told[-1] == (COUNT, COUNT)
    assert fingerprints(path.parent) == before, "looking leaves no trace"
    assert set(msgspec.to_builtins(answer)) == {"ok", "events", "head", "first_bad", "why"}


def test_an_empty_journal(tmp_path: Path) -> None:
    SqliteJournal.create(tmp_path / "a").close()
    assert check(tmp_path / "a") == VerifyAnswer(True, 0, GENESIS.hex(), None)


def test_a_journal_that_is_being_written(tmp_path: Path) -> None:
    with closing(SqliteJournal.create(tmp_path / "a")) as journal:
        for start in range(0, 9000, 1000):
            journal.append(lines(1000, start=start), expected=start)
            told: list[tuple[int, int]] = []
            answer = check(tmp_path / "a", progress=lambda done, total, told=told: told.append((done, total)))  # type: ignore[misc]  # a default
            assert (answer.ok, answer.events, answer.head) == (True, start + 1000, journal.head().hash.hex())
            assert told == sorted(told)
            assert told[-1] == (start + 1000, start + 1000)


@pytest.mark.parametrize("content", [None, b"", b"no journal\n" * 500])
def test_what_is_no_journal(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        check(tmp_path / "a")
    assert caught.value.code == ("journal_absent" if content is None else "journal_foreign")


# Damage within one line.


@settings(max_examples=150)
@given(pos=st.integers(1, COUNT), part=st.sampled_from(["body", "hash"]), at=st.integers(0, 2**16), bit=st.integers(0, 7))
def test_any_flipped_bit_of_body_or_hash_names_its_line(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, pos: int, part: str, at: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("flip") / "a.journal"
    path.write_bytes(whole.read_bytes())
    data = bytearray(getattr(WHOLE[pos - 1], part))
    data[at % len(data)] ^= 1 << bit
    tamper(path, (f"UPDATE event SET {part}=? WHERE pos=?", (bytes(data), pos)))
    assert check(path) == up_to(pos, "hash")


COLUMNS: list[tuple[str, object]] = [
    ("stream", "incident:I99"), ("ver", 77), ("type", "IncidentOpened"), ("at_ms", 1), ("rec_ms", 1), ("actor", "eva"),
    ("cmd_id", "c999"), ("n", 9), ("at_ms", "soon"), ("actor", b"ana"), ("type", ""),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), COLUMNS)
@pytest.mark.parametrize("pos", [1, 64, COUNT])
def test_a_column_that_differs_from_the_bytes(path: Path, column: str, value: object, pos: int) -> None:
    tamper(path, (f"UPDATE event SET {column}=? WHERE pos=?", (value, pos)))
    assert check(path) == up_to(pos, "extract")


@pytest.mark.parametrize(("part", "value"), [("body", "text"), ("body", 7), ("body", b""), ("hash", b""), ("hash", "00"), ("hash", 0)])
def test_bytes_that_are_no_bytes(path: Path, part: str, value: object) -> None:
    tamper(path, (f"UPDATE event SET {part}=? WHERE pos=50", (value,)))
    assert check(path) == up_to(50, "hash")


# Damage to the row of lines.


@pytest.mark.parametrize("pos", [1, 2, 60, COUNT - 1])
def test_a_line_that_was_taken_out(path: Path, pos: int) -> None:
    tamper(path, ("DELETE FROM event WHERE pos=?", (pos,)))
    assert check(path) == up_to(pos, "gap")


def test_a_line_that_was_taken_out_and_the_rest_moved_up(path: Path) -> None:
    tamper(path, ("DELETE FROM event WHERE pos=60", ()), ("UPDATE event SET pos=pos-1 WHERE pos>60", ()))
    assert check(path) == up_to(60, "hash")


def test_two_lines_that_changed_places(path: Path) -> None:
    tamper(path, *[("UPDATE event SET pos=? WHERE pos=?", move) for move in ((0, 30), (30, 31), (31, 0))])
    assert check(path) == up_to(30, "hash")


def test_a_line_before_the_first(path: Path) -> None:
    """Positions below one are not in the row; the look-ups would still find them."""
    tamper(path, ("INSERT INTO event SELECT 0, 'x', 1, type, at_ms, rec_ms, actor, 'x', 0, body, hash FROM event WHERE pos=1", ()))
    assert check(path) == up_to(1, "gap")


def test_a_line_that_was_added_without_a_link(path: Path) -> None:
    tamper(
        path, (f"INSERT INTO event SELECT {COUNT + 1}, 'x', 1, type, at_ms, rec_ms, actor, 'x', 0, body, hash FROM event WHERE pos=1", ())
    )
    assert check(path) == VerifyAnswer(False, COUNT, WHOLE[-1].hash.hex(), COUNT + 1, "hash")


def test_cutting_off_the_end_makes_a_shorter_whole_journal(path: Path) -> None:
    """What no chain can see by itself: only a head that was noted elsewhere tells."""
    tamper(path, ("DELETE FROM event WHERE pos>100", ()))
    assert check(path) == VerifyAnswer(True, 100, WHOLE[99].hash.hex(), None)


# A chain that was computed anew.


def changed(body: bytes, **changes: object) -> bytes:
    """The bytes of a record that differs so."""
    return encode(msgspec.structs.replace(decode(body), **changes)).body


@pytest.mark.parametrize(
    ("bodies", "extra", "why"),
    [
        (lambda: [b"{}"], "", "record"),
        (lambda: [b'{"no":'], "", "record"),
        (lambda: [changed(WHOLE[89].body, actor="eva")], "", "extract"),
        (lambda: [changed(WHOLE[89].body, ver=12)], "ver=12", "version"),
        (lambda: [changed(WHOLE[89].body, stream="unit:E1")], "stream='unit:E1'", "version"),
        (lambda: [changed(WHOLE[89].body, cmd="c43", n=0)], "cmd_id='c43', n=-1", "extract"),
    ],
)  # fmt: skip
def test_a_rewritten_line_with_a_fitting_chain(path: Path, bodies: Callable[[], list[bytes]], extra: str, why: str) -> None:
    rest = [stored.body for stored in WHOLE[90:]]
    tamper(path, *rewritten([*bodies(), *rest], 90))
    if extra:
        tamper(path, (f"UPDATE event SET {extra} WHERE pos=90", ()))
    answer = check(path)
    assert (answer.ok, answer.events, answer.first_bad, answer.why) == (False, 89, 90, why)


def made_of(some: list[Line], path: Path) -> None:
    """A journal with these lines."""
    with closing(SqliteJournal.create(path)) as journal:
        journal.append(some, expected=0)


def test_numbers_of_a_command_must_rise(tmp_path: Path) -> None:
    """The writer takes any lines in order; a command whose second line came first was never answered so."""
    some = lines(4)
    turned = [some[0], some[1], some[3], some[2]]
    turned = [encode(msgspec.structs.replace(decode(one.body), ver=ver)) for ver, one in enumerate(turned, 1)]
    made_of(turned, tmp_path / "a")
    answer = check(tmp_path / "a")
    assert (answer.ok, answer.first_bad, answer.why) == (False, 4, "command")


# Damage to the file.


def content_of(path: Path) -> tuple[object, ...]:
    """All that a journal says: every column of every line, its id, and what look-ups find."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as direct:
        rows = direct.execute("SELECT * FROM event ORDER BY pos").fetchall()
        by_command = direct.execute("SELECT cmd_id, n, pos FROM event ORDER BY cmd_id, n").fetchall()
        by_version = direct.execute("SELECT stream, ver, pos FROM event ORDER BY stream, ver").fetchall()
        return rows, by_command, by_version, direct.execute("SELECT * FROM meta").fetchall()


def judged(path: Path) -> VerifyAnswer | None:
    """The answer; None when the file is refused as no journal at all."""
    try:
        return check(path)
    except BadInput as fault:
        assert fault.code in ("journal_foreign", "journal_newer", "journal_torn")
        return None


def test_no_flipped_bit_of_the_file_goes_unnoticed(whole: Path, tmp_path: Path) -> None:
    """Whole means: says exactly what was written. Flips in unused space may go by; they change nothing."""
    data, said, path = whole.read_bytes(), content_of(whole), tmp_path / "a.journal"
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    places = [*range(100), *dice.sample(range(100, len(data)), 500)]  # all of the header, and a part of the rest
    noticed = 0
    for at in places:
        torn = bytearray(data)
        torn[at] ^= 1 << dice.randrange(8)
        path.write_bytes(torn)
        answer = judged(path)
        if answer is not None and answer.ok:
            assert content_of(path) == said, f"seed {seed}, byte {at}"
            assert (answer.events, answer.head) == (COUNT, WHOLE[-1].hash.hex())
        else:
            noticed += 1
        assert path.read_bytes() == torn, "verify changed the file"
        assert [one.name for one in tmp_path.iterdir()] == [path.name], f"seed {seed}, byte {at}"
    assert noticed > 300, "so few flips can not have hit the lines"


@pytest.mark.parametrize("left", [0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_file_that_was_cut_off_holds_up_to_a_line(whole: Path, path: Path, left: float) -> None:
    os.truncate(path, int(whole.stat().st_size * left))
    before = fingerprints(path.parent)
    answer = check(path)
    assert not answer.ok
    assert answer.why in ("unreadable", "gap", "hash", "index", "structure")
    if answer.events:
        assert answer.head == WHOLE[answer.events - 1].hash.hex()
    if answer.events < COUNT:
        assert answer.first_bad == answer.events + 1
    assert fingerprints(path.parent) == before


def page_of(path: Path, pos: int) -> int:
    """Offset of the page that holds a line's bytes."""
    body = WHOLE[pos - 1].body
    return path.read_bytes().index(body) // 4096 * 4096


def test_a_page_that_was_wiped_ends_the_good_lines_there(path: Path) -> None:
    start = page_of(path, 60)
    first_on_page = next(pos for pos in range(1, COUNT + 1) if page_of(path, pos) == start)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * 4096)
    answer = check(path)
    assert answer == up_to(first_on_page, "unreadable")


def test_an_index_that_would_miss_a_line(path: Path) -> None:
    """Every line is good, but the command of one would not be found and could be answered twice."""
    with closing(sqlite3.connect(path)) as direct, direct:
        direct.execute("PRAGMA writable_schema=ON")
        direct.execute("CREATE TABLE stray(cmd_id, n, PRIMARY KEY(cmd_id, n))")
        stray = direct.execute("SELECT rootpage FROM sqlite_master WHERE name='sqlite_autoindex_stray_1'").fetchone()[0]
        direct.execute("UPDATE sqlite_master SET rootpage=? WHERE name='sqlite_autoindex_event_2'", (stray,))
        direct.execute("DELETE FROM sqlite_master WHERE tbl_name='stray'")
    answer = check(path)
    assert (answer.ok, answer.events, answer.first_bad, answer.why) == (False, COUNT, 1, "index")


STRUCTURE = {
    "another id": ("UPDATE meta SET value='0123456789abcdef0123456789abcdef'",),
    "no id": ("DELETE FROM meta",),
    "more than an id": ("INSERT INTO meta VALUES ('hidden', 'x')",),
    "another table": ("CREATE TABLE hidden(x)",),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event WHERE pos=1; END",),
    "no meta": ("DROP TABLE meta",),
}


@pytest.mark.parametrize("kind", STRUCTURE)
def test_structure_that_is_not_ours(path: Path, kind: str) -> None:
    tamper(path, *[(statement, ()) for statement in STRUCTURE[kind]])
    assert check(path) == VerifyAnswer(False, COUNT, WHOLE[-1].hash.hex(), None, "structure")


def test_lines_that_are_not_there_at_all(path: Path) -> None:
    tamper(path, ("DROP TABLE event", ()))
    assert check(path) == up_to(1, "unreadable")


def test_the_oracle_of_these_tests_agrees_with_the_product(whole: Path) -> None:
    with closing(SqliteJournal.open_to_read(whole)) as journal:
        assert list(journal.read()) == WHOLE
