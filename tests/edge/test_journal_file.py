"""What a journal that is a file promises beyond the contract: durable, one writer, nothing foreign touched, full disks survived."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from journal_lines import chain_of, fingerprints, lines
from tocsin.base.faults import BadInput, Broken
from tocsin.core.messages.line import Head
from tocsin.edge.file_lock import FileLock
from tocsin.edge.journal_check import check
from tocsin.edge.journal_sqlite import KIND, SqliteJournal, is_journal_id
from tocsin.edge.vault_file import create_vault
from tocsin.words import languages, tell

OPENINGS = {"write": SqliteJournal.open, "read": SqliteJournal.open_to_read}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be made; the folder is otherwise empty."""
    folder = tmp_path / "centre of São João #1?"  # names that an address would have to escape
    folder.mkdir()
    return folder / "a%20b.journal"


def closed_journal(path: Path, count: int = 200) -> None:
    """A journal that was closed in order."""
    with closing(SqliteJournal.create(path)) as journal:
        journal.append(lines(count), expected=0)


def killed_journal(path: Path, count: int = 200) -> None:
    """Files as a killed writer leaves them: part in the file, the rest in its log."""
    living = path.with_name("living")
    with closing(SqliteJournal.create(living)) as journal:
        journal.append(lines(count // 2), expected=0)
        with closing(sqlite3.connect(living)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        journal.append(lines(count - count // 2, start=count // 2), expected=count // 2)
        for end in ("", "-wal"):
            shutil.copyfile(f"{living}{end}", f"{path}{end}")
    for end in ("", "-lock"):
        os.unlink(f"{living}{end}")


def refused(act: Callable[[], object]) -> BadInput:
    """The fault of something that must be refused; told in every language."""
    with pytest.raises(BadInput) as caught:
        act()
    for language in languages():
        assert "faults." not in tell(caught.value, language)
    return caught.value


# Made, closed, opened again.


def test_a_journal_goes_on_where_it_was_closed(path: Path) -> None:
    with closing(SqliteJournal.create(path)) as journal:
        first = journal.journal_id
        head = journal.append(lines(7), expected=0)
    for count in (7, 10, 13):
        with closing(SqliteJournal.open_or_create(path)) as journal:
            assert journal.journal_id == first
            assert journal.head() == head
            head = journal.append(lines(3, start=count), expected=count)
    with closing(SqliteJournal.open_to_read(path)) as journal:
        assert list(journal.read()) == chain_of(lines(16))
        assert journal.head() == head
    assert sorted(fingerprints(path.parent)) == [path.name, f"{path.name}-lock"]


def test_every_journal_draws_its_own_id(tmp_path: Path) -> None:
    drawn = set()
    for name in "abcdef":
        with closing(SqliteJournal.open_or_create(tmp_path / name)) as journal:
            drawn.add(journal.journal_id)
    assert len(drawn) == 6
    assert all(is_journal_id(one) for one in drawn)
    assert not any(is_journal_id(wrong) for wrong in ("", "0" * 32, min(drawn)[:-1], None, 7))


def test_the_file_says_what_it_is(path: Path) -> None:
    """As ``file`` and sqlite.org/fileformat2.html see it: application id at byte 68, format at byte 60."""
    closed_journal(path)
    header = path.read_bytes()[:100]
    assert header[68:72] == b"TOCS"
    assert int.from_bytes(header[60:64], "big") == KIND.format
    assert header[18:20] == b"\x02\x02", "write-ahead log"


def test_a_commit_is_synced_to_disk(path: Path) -> None:
    with closing(SqliteJournal.create(path)) as journal:
        assert journal._writer is not None
        assert journal._writer.execute("PRAGMA synchronous").fetchone() == (2,)
        assert journal._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_columns_are_extracts_of_the_bytes(path: Path) -> None:
    closed_journal(path, 4)
    with closing(sqlite3.connect(path)) as direct:
        direct.row_factory = sqlite3.Row
        for row in direct.execute("SELECT * FROM event"):
            body = json.loads(row["body"])
            assert (row["stream"], row["ver"], row["type"]) == (body["stream"], body["ver"], body["says"]["type"])
            assert (row["at_ms"], row["rec_ms"], row["actor"]) == (body["at"], body["recorded"], body["actor"])
            assert (row["cmd_id"], row["n"]) == (body["cmd"], body["n"])


def test_a_journal_is_never_overwritten(path: Path) -> None:
    closed_journal(path)
    before = fingerprints(path.parent)
    assert refused(lambda: SqliteJournal.create(path)).code == "journal_exists"
    assert fingerprints(path.parent) == before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert refused(lambda: SqliteJournal.open_or_create(tmp_path / "none" / "a.journal")).code == "journal_unwritable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert refused(lambda: SqliteJournal.create(tmp_path / "a.journal")).code == "journal_unwritable"
    finally:
        tmp_path.chmod(0o700)


# Files that are not ours, or not whole.


def other_database(path: Path, *, mode: str, application_id: int = 0, version: int = 0) -> None:
    """Somebody else's SQLite file."""
    with closing(sqlite3.connect(path)) as direct:
        direct.execute(f"PRAGMA journal_mode={mode}")
        direct.execute(f"PRAGMA application_id={application_id}")
        direct.execute(f"PRAGMA user_version={version}")
        direct.execute("CREATE TABLE event(pos INTEGER PRIMARY KEY, body BLOB)")


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "one byte": lambda path: path.write_bytes(b"S"),
    "text": lambda path: path.write_text("incident,opened\n" * 400),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "sqlite": lambda path: other_database(path, mode="DELETE"),
    "sqlite with a log": lambda path: other_database(path, mode="WAL"),
    "our number, no format": lambda path: other_database(path, mode="WAL", application_id=KIND.application_id),
    "a vault": lambda path: create_vault(path, master_file=path.with_name("m")).close(),
}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_refused_and_not_touched(path: Path, kind: str, opening: str) -> None:
    FOREIGN[kind](path)
    before = fingerprints(path.parent)
    fault = refused(lambda: OPENINGS[opening](path))
    assert (fault.code, fault.file) == ("journal_foreign", str(path))
    assert refused(lambda: check(path)).code == "journal_foreign"
    assert fingerprints(path.parent) == before


@pytest.mark.parametrize("act", [*OPENINGS.values(), check])
def test_no_file_and_a_folder_instead_of_a_file(path: Path, act: Callable[[Path], object]) -> None:
    assert refused(lambda: act(path)).code == "journal_absent"
    path.mkdir()
    assert refused(lambda: act(path)).code == "journal_foreign"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_newer_format_is_refused_and_not_touched(path: Path, opening: str) -> None:
    closed_journal(path)
    with closing(sqlite3.connect(path)) as direct:
        direct.execute(f"PRAGMA user_version={KIND.format + 1}")
    before = fingerprints(path.parent)
    fault = refused(lambda: OPENINGS[opening](path))
    assert (fault.code, fault.values) == ("journal_newer", {"found": str(KIND.format + 1), "known": str(KIND.format)})
    assert refused(lambda: check(path)).code == "journal_newer"
    assert fingerprints(path.parent) == before


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("left", [100, 512, 4095, 4096, 4097, 0.3, 0.5, 0.9, -4096, -100, -1])
def test_a_truncated_journal_is_refused_and_not_touched(path: Path, left: float, opening: str) -> None:
    closed_journal(path)
    size = path.stat().st_size
    os.truncate(path, int(left * size) if 0 < left < 1 else int(left) % size)
    before = fingerprints(path.parent)
    assert refused(lambda: OPENINGS[opening](path)).code == "journal_torn"
    assert fingerprints(path.parent) == before


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_journal_with_other_tables_is_refused_and_not_touched(path: Path, opening: str) -> None:
    closed_journal(path)
    with closing(sqlite3.connect(path)) as direct:
        direct.execute("ALTER TABLE event ADD COLUMN hidden TEXT")
    before = fingerprints(path.parent)
    assert refused(lambda: OPENINGS[opening](path)).code == "journal_torn"
    assert fingerprints(path.parent) == before


def test_a_page_that_was_wiped_is_met_where_it_is(path: Path) -> None:
    """Readers get every line before it, then the position."""
    closed_journal(path, 400)
    wanted = chain_of(lines(400))
    page = path.read_bytes().index(wanted[299].body) // 4096
    first = next(stored.pos for stored in wanted if path.read_bytes().index(stored.body) // 4096 == page)
    with path.open("r+b") as file:
        file.seek(4096 * page)
        file.write(b"\xff" * 4096)
    with closing(SqliteJournal.open_to_read(path)) as journal:
        read = []
        with pytest.raises(Broken) as caught:
            for stored in journal.read():
                read.append(stored)
    assert (caught.value.code, caught.value.values["pos"]) == ("journal_unreadable", str(first))
    assert read == wanted[: first - 1]


def test_a_killed_writers_journal_is_taken_up_whole(path: Path) -> None:
    killed_journal(path)
    with closing(SqliteJournal.open_to_read(path)) as journal:
        assert list(journal.read()) == chain_of(lines(200))
    with closing(SqliteJournal.open(path)) as journal:
        journal.append(lines(5, start=200), expected=200)
        assert list(journal.read()) == chain_of(lines(205))
    assert not path.with_name(f"{path.name}-wal").exists()


def test_a_writer_killed_while_its_log_was_being_moved_into_the_file(path: Path) -> None:
    """The header is first to be moved, and then names pages that are not there yet; the log still has them all."""
    killed_journal(path)
    moved = path.with_name("moved")
    for end in ("", "-wal"):
        shutil.copyfile(f"{path}{end}", f"{moved}{end}")
    with closing(sqlite3.connect(moved)) as direct:
        direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size < moved.stat().st_size
    with path.open("r+b") as file:
        file.write(moved.read_bytes()[:4096])
    assert check(path).ok
    assert check(path).events == 200
    for opening in (SqliteJournal.open_to_read, SqliteJournal.open):
        with closing(opening(path)) as journal:
            assert list(journal.read()) == chain_of(lines(200))


def test_a_journal_killed_and_then_torn_is_refused_and_not_touched(path: Path) -> None:
    killed_journal(path)
    os.truncate(path, path.stat().st_size // 2)
    before = fingerprints(path.parent)
    assert refused(lambda: SqliteJournal.open(path)).code == "journal_torn"
    after = fingerprints(path.parent)
    scratch = {f"{path.name}-shm", f"{path.name}-lock"}  # SQLite's index of the log, and the lock that was let go again
    assert {name: found for name, found in after.items() if name not in scratch} == before


# One writer, any readers.


def in_another_process(code: str, *arguments: object) -> str:
    """What a few lines print that run in a Python of their own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


OPEN_ELSEWHERE = """
import sys
from pathlib import Path
from tocsin.base.faults import BadInput
from tocsin.edge.journal_sqlite import SqliteJournal
try:
    SqliteJournal.open(Path(sys.argv[1])).close()
    print("opened")
except BadInput as fault:
    print(fault.code)
"""


def test_a_second_writer_is_refused_while_there_is_a_first(path: Path) -> None:
    with closing(SqliteJournal.create(path)) as journal:
        journal.append(lines(3), expected=0)
        assert refused(lambda: SqliteJournal.open(path)).code == "journal_in_use"
        assert in_another_process(OPEN_ELSEWHERE, path) == "journal_in_use"
        journal.append(lines(3, start=3), expected=3)
    assert in_another_process(OPEN_ELSEWHERE, path) == "opened"
    with closing(SqliteJournal.open(path)) as journal:
        assert journal.head().pos == 6


def test_a_writer_that_got_past_the_lock_meets_the_fence(path: Path) -> None:
    first = SqliteJournal.create(path)
    assert first._lock is not None
    first._lock.release()  # as on a network drive that ignores locks
    with closing(first), closing(SqliteJournal.open(path)) as second:
        first.append(lines(3), expected=0)
        with pytest.raises(Broken, match="journal_moved"):
            second.append(lines(2), expected=0)
        second.append(lines(2, start=3), expected=3)
        with pytest.raises(Broken, match="journal_moved"):
            first.append(lines(4, start=3), expected=3)
        assert list(first.read()) == chain_of(lines(5))


def test_the_lock_is_let_go_of(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "l")
    with pytest.raises(BlockingIOError):
        FileLock(tmp_path / "l")
    lock.release()
    lock.release()
    FileLock(tmp_path / "l").release()
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "none" / "l")


TAIL_ELSEWHERE = """
import sys
from pathlib import Path
from tocsin.edge.journal_sqlite import SqliteJournal
journal, seen, total = SqliteJournal.open_to_read(Path(sys.argv[1])), [], int(sys.argv[2])
print("ready", flush=True)
while len(seen) < total and journal.wait(len(seen) + 1, 20.0):
    seen += [stored.pos for stored in journal.read(from_pos=len(seen) + 1)]
print(seen == list(range(1, total + 1)), journal.head().hash.hex())
"""


def test_a_reader_in_another_process_follows_the_writer(path: Path) -> None:
    with closing(SqliteJournal.create(path)) as journal:
        command = [sys.executable, "-c", TAIL_ELSEWHERE, str(path), "1500"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tail:
            assert tail.stdout is not None
            assert tail.stdout.readline() == "ready\n"
            for start in range(0, 1500, 10):
                head = journal.append(lines(10, start=start), expected=start)
            assert tail.stdout.read().split() == ["True", head.hash.hex()]


def test_who_opened_to_read_cannot_write(path: Path) -> None:
    closed_journal(path)
    before = fingerprints(path.parent)
    with closing(SqliteJournal.open_to_read(path)) as journal:
        with pytest.raises(Broken, match="journal_closed"):
            journal.append(lines(1, start=200), expected=200)
        with pytest.raises(sqlite3.OperationalError):
            journal._reader.execute("DELETE FROM event")
        assert journal.wait(200, 0.0)
        assert not journal.wait(201, 0.06)
    assert fingerprints(path.parent) == before, "looking leaves no trace"


CLOSE_LAST_ELSEWHERE = """
import sqlite3, sys
direct = sqlite3.connect(sys.argv[1])
print(direct.execute("SELECT max(pos) FROM event").fetchone()[0])
direct.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="locks that a second descriptor drops are a POSIX affair")
def test_looking_at_a_journal_that_this_process_writes_drops_no_locks(path: Path) -> None:
    """Were the writer's locks gone, another program that closes the file would take the log away under it."""
    with closing(SqliteJournal.create(path)) as journal:
        journal.append(lines(30), expected=0)
        assert check(path).ok
        SqliteJournal.open_to_read(path).close()
        refused(lambda: SqliteJournal.open(path))
        log = path.with_name(f"{path.name}-wal")
        before = log.stat().st_ino
        assert in_another_process(CLOSE_LAST_ELSEWHERE, path) == "30"
        assert log.stat().st_ino == before
        journal.append(lines(30, start=30), expected=30)
    with closing(SqliteJournal.open_to_read(path)) as journal:
        assert list(journal.read()) == chain_of(lines(60))


def test_readers_do_not_hold_the_log_back(path: Path) -> None:
    """A reader that stops in the middle keeps no transaction open: the log is folded into the file and stays small."""
    with closing(SqliteJournal.create(path)) as journal, closing(SqliteJournal.open_to_read(path)) as beside:
        journal.append(lines(2000), expected=0)
        idle = [journal.read(), beside.read()]
        assert [next(reader).pos for reader in idle] == [1, 1]
        for start in range(2000, 12000, 1000):
            journal.append(lines(1000, start=start), expected=start)
        assert path.with_name(f"{path.name}-wal").stat().st_size < 6_000_000
        assert path.stat().st_size > 3_000_000
        assert all(sum(1 for _ in reader) == 11_999 for reader in idle)


def test_threads_may_share_a_journal(path: Path) -> None:
    faults: list[BaseException] = []
    with closing(SqliteJournal.create(path)) as journal:

        def look() -> None:
            try:
                for _ in range(40):
                    told = journal.head().pos
                    seen = [stored.pos for stored in journal.read()]
                    assert seen == list(range(1, len(seen) + 1))
                    assert len(seen) >= told
                    assert len(seen) % 4 == 0, "half a batch"
                    assert not told or len(journal.find_command(lines(1)[0].cmd)) == 2
            except BaseException as fault:  # noqa: BLE001 - told below, in the thread that can fail the test
                faults.append(fault)

        readers = [threading.Thread(target=look) for _ in range(3)]
        for thread in readers:
            thread.start()
        for start in range(0, 400, 4):
            journal.append(lines(4, start=start), expected=start)
        for thread in readers:
            thread.join(60.0)
    assert faults == []


# The disk refuses.


def test_a_full_database_refuses_cleanly_and_resumes(path: Path) -> None:
    with closing(SqliteJournal.create(path)) as journal:
        head = journal.append(lines(100), expected=0)
        assert journal._writer is not None
        pages = journal._writer.execute("PRAGMA page_count").fetchone()[0]
        journal._writer.execute(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(Broken) as caught:
            journal.append(lines(1000, start=100), expected=100)
        assert caught.value.code == "journal_write"
        assert "full" in caught.value.values["why"]
        assert journal.head() == head
        assert list(journal.read()) == chain_of(lines(100))
        journal.append(lines(1000, start=100), expected=100)  # the new handle has no such limit: there is room again
        assert list(journal.read()) == chain_of(lines(1100))


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
@pytest.mark.parametrize("room", [0, 1, 4096, 40_000, 100_000])
def test_a_disk_that_takes_no_more_bytes_loses_nothing_that_was_told(path: Path, room: int) -> None:
    """The system itself cuts writes off in the middle of the log; what was told before stays, and writing goes on once there is room."""
    import resource  # noqa: PLC0415 - absent on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(SqliteJournal.create(path)) as journal:
        told = journal.append(lines(50), expected=0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(f"{path.name}-wal").stat().st_size + room, hard))
        try:
            for _ in range(10_000):
                told = journal.append(lines(20, start=told.pos), expected=told.pos)
        except Broken as fault:
            assert fault.code == "journal_write"
        else:
            pytest.fail("the disk was never full")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert journal.head() == told
        assert list(journal.read()) == chain_of(lines(told.pos))
        journal.append(lines(20, start=told.pos), expected=told.pos)
    assert check(path).ok
    assert check(path).events == told.pos + 20


def test_a_journal_whose_files_are_gone_says_so_each_time(path: Path) -> None:
    """A failed handle is dropped; while no new one can be had, every append is refused and none is lost in silence."""
    with closing(SqliteJournal.create(path)) as journal:
        journal.append(lines(2), expected=0)
        journal._abandon()
        assert journal.head() == Head(2, chain_of(lines(2))[-1].hash)
        away = path.with_name("away")
        path.rename(away)
        journal._abandon()
        for _ in range(2):
            with pytest.raises(Broken, match="journal_write"):
                journal.append(lines(2, start=2), expected=2)
        away.rename(path)
        journal.append(lines(2, start=2), expected=2)
        assert list(journal.read()) == chain_of(lines(4))


def test_a_number_that_does_not_fit_leaves_no_half_batch_open(tmp_path: Path) -> None:
    with closing(SqliteJournal.create(tmp_path / "a.journal")) as journal:
        [line] = lines(1)
        with pytest.raises(OverflowError):
            journal.append([line._replace(at=2**70)], expected=0)
        assert journal.append([line], expected=0).pos == 1
