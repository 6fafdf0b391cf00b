"""The outbox: in order, at least once, nobody waits for it; and every courier under one contract."""

import hmac
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal_lines import lines
from outbox_stage import EVENTS, QUICK, SECRET, SENDER, Hanging, Receiver, Told, dispatches, files_in, receiver, record_of, soon
from tocsin.base.faults import BadInput, Fault
from tocsin.base.identifiers import CallId, IncidentId, KeyName, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.said import Event
from tocsin.core.messages.sealed import Sealed
from tocsin.core.ports import Courier, CourierTold, Declined, Undelivered
from tocsin.edge.bookmarks import KIND, Bookmark, Bookmarks, open_or_create_bookmarks
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.outbox import KEPT_EVERY, Outbox, Waits
from tocsin.edge.outbox_folder import FolderCourier
from tocsin.edge.outbox_webhook import WebhookCourier, load_secret
from tocsin.formats.outbox_event import outbox_event
from tocsin.words import languages, tell

DISPATCH = UnitsDispatched(IncidentId("20261123-0042"), (UnitId("E1"), UnitId("M3")))


# The contract of couriers.


class Side(NamedTuple):
    """A courier and its other side."""

    courier: Courier
    received: Callable[[], list[dict[str, Any]]]
    away: Callable[[], None]
    """The other side cannot be reached …"""
    back: Callable[[], None]
    """… and can again."""


@pytest.fixture(params=["webhook", "folder"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    """Each courier of the product."""
    if request.param == "folder":
        folder = tmp_path / "out"
        folder.mkdir()
        courier = FolderCourier("one", EVENTS, SENDER, folder)
        yield Side(courier, lambda: files_in(folder), lambda: folder.rename(tmp_path / "aside") and None, lambda: _put_back(folder))
        return
    with receiver() as other:
        courier = WebhookCourier("one", EVENTS, SENDER, other.url, SECRET)
        yield Side(courier, lambda: other.taken, lambda: other.script.extend([503] * 100_000), other.script.clear)


def _put_back(folder: Path) -> None:
    (folder.parent / "aside").rename(folder)


def test_a_courier_wants_what_it_is_told_to_carry(side: Side) -> None:
    assert side.courier.wants(record_of(DISPATCH))
    assert not side.courier.wants(record_of(CallReceived(CallId("C1"), Instant(0))))


def test_a_courier_brings_the_event_whole(side: Side) -> None:
    side.courier.carry(7, record_of(DISPATCH))
    assert side.received() == [
        {
            "key": "j0-7", "journal": "j0", "pos": 7, "centre": "bay", "footing": "exercise",
            "at": "2020-04-07T12:00:01.000Z", "recorded": "2020-04-07T12:00:01.040Z", "clock": "server", "actor": "ana",
            "stream": "incident:I1",
            "event": {"type": "UnitsDispatched", "incident": "20261123-0042", "units": ["E1", "M3"]},
        }
    ]  # fmt: skip


def test_what_is_carried_again_is_known_again(side: Side) -> None:
    for _ in range(2):
        side.courier.carry(7, record_of(DISPATCH))
    received = side.received()
    assert {one["key"] for one in received} == {"j0-7"} and all(one == received[0] for one in received)


def test_a_courier_that_finds_nobody_says_so_and_brings_it_later(side: Side) -> None:
    side.away()
    with pytest.raises(Undelivered) as failed:
        side.courier.carry(3, record_of(DISPATCH))
    assert str(failed.value)
    side.back()
    assert side.received() == []
    side.courier.carry(3, record_of(DISPATCH))
    assert [one["pos"] for one in side.received()] == [3]


def test_a_courier_works_from_a_journal(side: Side, tmp_path: Path) -> None:
    """Both the order and the tries while the other side is away."""
    journal = MemoryJournal()
    with closing(open_or_create_bookmarks(tmp_path / "outbox.db")) as marks, Outbox(journal, marks, [side.courier], quiet, QUICK) as outbox:
        journal.append(dispatches(3), expected=0)
        assert soon(lambda: len(side.received()) == 3)
        side.away()
        journal.append(dispatches(3, start=3), expected=6)
        assert soon(lambda: outbox.told()[0].tries > 2)
        side.back()
        assert soon(lambda: outbox.told()[0].behind == 0)
    assert [one["pos"] for one in side.received()] == [2, 4, 6, 8, 10, 12]


def personal_events() -> list[type]:
    """Events that can hold sealed words, however deep: told by their schema, so that a new one is not forgotten."""
    return [kind for kind in get_args(Event) if '"sealed"' in json.dumps(msgspec.json.schema(kind))]


BOXES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789+/", max_size=60).map(
    lambda box: Sealed(KeyName(f"§key-{box[:12]}§"), f"§box-{box}§")
)


def test_the_events_with_sealed_words_are_found() -> None:
    assert {one.__name__ for one in personal_events()} == {"CallReceived", "NoteAdded", "MessageSent"}


@settings(max_examples=150)
@given(data=st.data())
def test_nothing_sealed_leaves(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(personal_events()))
    fields = {}
    for name, hint in get_type_hints(kind).items():
        if Sealed in get_args(hint):
            fields[name] = data.draw(BOXES if data.draw(st.booleans()) or type(None) not in get_args(hint) else st.none())
        else:
            fields[name] = data.draw(st.from_type(hint))
    record = record_of(kind(**fields))
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record, "what a journal can hold"
    told = outbox_event(SENDER, 1, record)
    sealed = [one for one in fields.values() if isinstance(one, Sealed)]
    assert all(one.box.encode() not in told and one.key.encode() not in told for one in sealed)
    left = {name for name, value in fields.items() if not isinstance(value, Sealed)}
    assert set(json.loads(told)["event"]) - {"type"} <= left


# The webhook.


@pytest.fixture
def other() -> Iterator[Receiver]:
    """Somebody who is posted to."""
    with receiver() as found:
        yield found


def test_a_post_is_signed_and_carries_its_key(other: Receiver) -> None:
    WebhookCourier("one", EVENTS, SENDER, f"{other.url}in/tocsin?centre=1", SECRET).carry(7, record_of(DISPATCH))
    [(path, headers, body)] = other.posts
    assert path == "/in/tocsin?centre=1"
    assert headers["content-type"] == "application/json" and headers["idempotency-key"] == "j0-7"
    assert headers["x-tocsin-signature"] == "sha256=" + hmac.new(SECRET, body, sha256).hexdigest()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_there(other: Receiver, status: int) -> None:
    other.script = [status]
    WebhookCourier("one", EVENTS, SENDER, other.url, SECRET).carry(7, record_of(DISPATCH))


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504])
def test_later_is_later_and_a_redirection_is_not_followed(other: Receiver, status: int) -> None:
    other.script = [status]
    with pytest.raises(Undelivered, match=f"HTTP {status}"):
        WebhookCourier("one", EVENTS, SENDER, other.url, SECRET).carry(7, record_of(DISPATCH))
    assert len(other.posts) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 415, 422])
def test_no_is_no(other: Receiver, status: int) -> None:
    other.script = [status]
    with pytest.raises(Declined, match=f"HTTP {status}"):
        WebhookCourier("one", EVENTS, SENDER, other.url, SECRET).carry(7, record_of(DISPATCH))


def test_whatever_the_network_does_is_no_delivery(other: Receiver) -> None:
    other.script = [0]
    with pytest.raises(Undelivered):
        WebhookCourier("one", EVENTS, SENDER, other.url, SECRET).carry(7, record_of(DISPATCH))
    for url in ("http://127.0.0.1:9/", "http://no-such-host.invalid/", other.url.replace("http:", "https:")):
        with pytest.raises(Undelivered):
            WebhookCourier("one", EVENTS, SENDER, url, SECRET).carry(7, record_of(DISPATCH))


def test_a_secret_is_its_owners_and_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "pager.secret"
    assert code_of(load_secret, path) == "courier_secret_absent"
    path.write_bytes(SECRET + b"\n")
    path.chmod(0o600)
    assert load_secret(path) == SECRET
    if os.name == "posix":
        path.chmod(0o640)
        assert code_of(load_secret, path) == "courier_secret_open"
        path.chmod(0o600)
    path.write_bytes(b"short \n")
    assert code_of(load_secret, path) == "courier_secret_short"


def code_of(do: Callable[[Path], object], path: Path) -> str:
    """The code of what is wrong, which every language can tell."""
    with pytest.raises(BadInput) as fault:
        do(path)
    assert all(fault.value.code not in tell(fault.value, language) for language in languages())
    return fault.value.code


# The folder.


def test_a_file_is_never_seen_by_halves(tmp_path: Path) -> None:
    courier, stop, seen = FolderCourier("one", EVENTS, SENDER, tmp_path), threading.Event(), []

    def watch() -> None:
        while not stop.is_set():
            seen.extend(path.read_text("utf-8")[-1:] for path in tmp_path.glob("*.json"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for pos in range(60):
        courier.carry(pos, record_of(DISPATCH))
    stop.set()
    watcher.join()
    assert set(seen) <= {"\n"} and len(list(tmp_path.iterdir())) == 60
    assert [one["pos"] for one in files_in(tmp_path)] == list(range(60))


# The outbox.


def quiet(_: Fault) -> None:
    """Nobody listens."""


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[Bookmarks]:
    """A new file of bookmarks."""
    with closing(open_or_create_bookmarks(tmp_path / "outbox.db")) as found:
        yield found


def carried(outbox: Outbox, count: int) -> bool:
    """All couriers have got through with so many."""
    return soon(lambda: all(one.carried >= count for one in outbox.told()))


def test_only_what_is_wanted_is_carried_once_and_in_order(marks: Bookmarks) -> None:
    journal, courier = MemoryJournal(), Told()
    with Outbox(journal, marks, [courier], quiet, QUICK) as outbox:
        for nth in range(40):
            journal.append(dispatches(1, start=nth), expected=2 * nth)
        assert carried(outbox, 40)
        assert outbox.told() == [CourierTold("told", True, 80, 0, 40, 0, 0, "")]
    assert courier.tried == courier.brought == list(range(2, 81, 2))
    assert not outbox.told()[0].is_at_work


def test_a_new_courier_begins_at_the_head(marks: Bookmarks) -> None:
    journal, courier = MemoryJournal(), Told()
    journal.append(dispatches(5), expected=0)
    with Outbox(journal, marks, [courier], quiet, QUICK) as outbox:
        journal.append(dispatches(1, start=5), expected=10)
        assert carried(outbox, 1)
    assert courier.brought == [12]


def test_bookmarks_outlive_the_process_each_courier_its_own(marks: Bookmarks) -> None:
    journal, first = MemoryJournal(), Told("a")
    with Outbox(journal, marks, [first], quiet, QUICK) as outbox:
        journal.append(dispatches(2), expected=0)
        assert carried(outbox, 2)
    journal.append(dispatches(2, start=2), expected=4)
    again, new = Told("a"), Told("b")
    with Outbox(journal, marks, [again, new], quiet, QUICK) as outbox:
        journal.append(dispatches(1, start=4), expected=8)
        assert soon(lambda: all(one.behind == 0 for one in outbox.told()))
        assert [(one.name, one.carried) for one in outbox.told()] == [("a", 5), ("b", 1)]
    assert (again.brought, new.brought) == ([6, 8, 10], [10])


def test_another_journal_has_other_bookmarks_and_a_shorter_one_is_not_waited_for(marks: Bookmarks) -> None:
    journal = MemoryJournal()
    marks.put("elsewhere", "told", Bookmark(900, 7, 1))
    marks.put(journal.journal_id, "told", Bookmark(900, 7, 1))
    courier = Told()
    with Outbox(journal, marks, [courier], quiet, QUICK) as outbox:
        assert outbox.told()[0].pos == 0
        journal.append(dispatches(1), expected=0)
        assert carried(outbox, 8)
    assert courier.brought == [2]
    assert marks.find("elsewhere", "told") == Bookmark(900, 7, 1)


def test_a_failure_is_tried_again_told_once_and_holds_the_order(marks: Bookmarks) -> None:
    journal, told = MemoryJournal(), []
    courier = Told(script=[None, *[Undelivered("away")] * 5])
    with Outbox(journal, marks, [courier], told.append, QUICK) as outbox:
        journal.append(dispatches(3), expected=0)
        assert carried(outbox, 3)
        assert outbox.told()[0].tries == 0 and outbox.told()[0].why == "away"
    assert courier.tried == [2, 4, 4, 4, 4, 4, 4, 6] and courier.brought == [2, 4, 6]
    assert [fault.code for fault in told] == ["courier_undelivered"]
    assert all("away" in tell(told[0], language) for language in languages())


def test_what_is_declined_is_left_out_counted_and_told(marks: Bookmarks) -> None:
    journal, told = MemoryJournal(), []
    courier = Told(script=[Declined("HTTP 410"), None, Declined("HTTP 410")])
    with Outbox(journal, marks, [courier], told.append, QUICK) as outbox:
        journal.append(dispatches(4), expected=0)
        assert carried(outbox, 2)
        assert soon(lambda: outbox.told()[0].behind == 0)
        assert outbox.told()[0] == CourierTold("told", True, 8, 0, 2, 2, 0, "HTTP 410")
    assert courier.brought == [4, 8] and [fault.code for fault in told] == ["courier_declined"] * 2
    assert marks.find(journal.journal_id, "told") == Bookmark(8, 2, 2)


def test_one_that_hangs_holds_up_neither_another_nor_the_journal_nor_the_end(tmp_path: Path) -> None:
    hanging, other, path = Hanging(), Told(), tmp_path / "outbox.db"
    with closing(SqliteJournal.create(tmp_path / "a.journal")) as journal, closing(open_or_create_bookmarks(path)) as marks:
        with Outbox(journal, marks, [hanging, other], quiet, QUICK) as outbox:
            journal.append(dispatches(1), expected=0)
            assert hanging.is_there.wait(20)
            for nth in range(1, 20):
                assert journal.append(dispatches(1, start=nth), expected=2 * nth).pos == 2 * nth + 2
            assert soon(lambda: len(other.brought) == 20)
            slow = outbox.told()[0]
            assert (slow.is_at_work, slow.pos, slow.behind, slow.carried) == (True, 1, 39, 0)
        assert outbox.told()[0].is_at_work, "left although it hangs"
    hanging.go.set()  # it comes back when everything around it is closed, does no harm and ends
    assert soon(lambda: all(thread.name != "courier hanging" for thread in threading.enumerate()))
    assert hanging.brought == [2]
    with closing(open_or_create_bookmarks(path)) as marks:
        assert marks.find(journal.journal_id, "hanging") == Bookmark(0), "so it carries the same again at the next start"


def test_an_outbox_stops_at_once_in_the_middle_of_a_long_wait(marks: Bookmarks) -> None:
    journal, courier = MemoryJournal(), Told(script=[Undelivered("away")] * 100)
    with Outbox(journal, marks, [courier], quiet, Waits(60.0, 60.0, 20.0)) as outbox:
        journal.append(dispatches(1), expected=0)
        assert soon(lambda: outbox.told()[0].tries == 1)
        begin = time.perf_counter()
    assert time.perf_counter() - begin < 5 and not outbox.told()[0].is_at_work
    assert marks.find(journal.journal_id, "told") == Bookmark(1, 0, 0), "not looked at yet"


def test_waits_grow_to_their_limit() -> None:
    assert Waits() == (1.0, 60.0, 2.0)


def test_what_nobody_wants_moves_the_bookmark_now_and_then(marks: Bookmarks) -> None:
    journal = MemoryJournal()
    with Outbox(journal, marks, [Told()], quiet, QUICK) as outbox:
        journal.append(lines(2 * KEPT_EVERY + 10), expected=0)
        assert soon(lambda: outbox.told()[0].behind == 0)
        assert soon(lambda: (marks.find(journal.journal_id, "told") or Bookmark(0)).pos >= KEPT_EVERY)
    assert marks.find(journal.journal_id, "told") == Bookmark(2 * KEPT_EVERY + 10, 0, 0)


def test_a_disk_that_refuses_bookmarks_is_told_and_costs_no_event(marks: Bookmarks, tmp_path: Path) -> None:
    journal, courier, told = MemoryJournal(), Told(), []
    outbox = Outbox(journal, marks, [courier], told.append, QUICK)
    marks.close()
    with outbox:
        journal.append(dispatches(3), expected=0)
        assert soon(lambda: courier.brought == [2, 4, 6])
    assert told[0].code == "outbox_write"


# The file of bookmarks.


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_text("something else")
    assert code_of(open_or_create_bookmarks, path) == "outbox_foreign"
    assert path.read_text() == "something else"
    with closing(SqliteJournal.create(tmp_path / "a.journal")):
        assert code_of(open_or_create_bookmarks, tmp_path / "a.journal") == "outbox_foreign"


def test_bookmarks_are_their_owners_and_open_again(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    with closing(open_or_create_bookmarks(path)) as found:
        assert found.find("j", "a") is None
        found.put("j", "a", Bookmark(4, 2, 1))
    with closing(open_or_create_bookmarks(path)) as found:
        assert found.find("j", "a") == Bookmark(4, 2, 1)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert KIND.format == 1


# Killed without warning.

ROUNDS = 12
PROCESS = Path(__file__).parents[1] / "outbox_process.py"


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_every_event_is_carried_at_least_once_and_in_order_through_kills(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    for turn in range(ROUNDS):
        with subprocess.Popen([sys.executable, str(PROCESS), str(tmp_path), str(seed + turn)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            time.sleep(dice.uniform(0, 0.08))
            process.kill()
    done = subprocess.run([sys.executable, str(PROCESS), str(tmp_path), "finish"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with closing(SqliteJournal.open_to_read(tmp_path / "a.journal")) as journal:
        wanted = list(range(2, journal.head().pos + 1, 2))
    assert len(wanted) > 5 * ROUNDS, "too little was written for this to prove anything"
    assert [one["pos"] for one in files_in(tmp_path / "files")] == wanted
    told = [int(line) for line in (tmp_path / "carried.txt").read_text().split()]
    assert [pos for nth, pos in enumerate(told) if nth == 0 or pos != told[nth - 1]] == wanted, "in order, some twice in a row"
    assert len(told) - len(wanted) <= ROUNDS, "no more than one event is carried again per kill"


def test_what_people_type_freely_does_not_leave() -> None:
    record = record_of(UnitsDispatched(IncidentId("I1"), (UnitId("E1"),), override="call back Maria Lopez"))
    assert b"Maria" in msgspec.json.encode(record) and b"Maria" not in outbox_event(SENDER, 1, record)
