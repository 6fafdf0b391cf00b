"""The stream: everybody the same bytes, nobody waits for anybody, and whoever was away misses nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shift_page import drawn_from
from tocsin.base.faults import Broken
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.timers import due
from tocsin.core.messages.alarm import NoteOverdue
from tocsin.core.messages.said import Ask
from tocsin.core.messages.unit import STATUS
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.position import Reported
from tocsin.views.situation import Change, Fix, UnitRow
from tocsin.web import hub as hubs
from tocsin.web import stream as streams
from tocsin.web.audiences import EVERYTHING, Audience
from tocsin.web.frames import change_frame, joined
from tocsin.web.hub import LEAST_REST_S, MOST_BYTES, MOST_FRAMES, MOST_REST_S, Hub, Listener, rest_s
from web_stage import Hand, Reader, Stage, served, stream

STATUSES = [(f"s{nth}", what) for nth, what in enumerate(("en_route", "on_scene", "on_radio") * 2)]
"""A unit that says so in quick succession."""

Shift = Callable[[Stage, int], Awaitable[Any]]


def played(folder: Path, shift: Shift, **more: Any) -> Any:
    async def run() -> Any:
        async with served(folder, **more) as (stage, port):
            return await shift(stage, port)

    return asyncio.run(run())


async def say(stage: Stage, key: str, command: dict[str, Any], seat: str = "ana") -> int:
    async with stage.client(seat) as client:
        told = await client.post("/api/commands", json={"id": key, "command": command})
    assert told.status_code == 200, told.text
    return int(told.json()["pos"])


def status(unit: str, what: str) -> dict[str, Any]:
    told = STATUS[what]  # type: ignore[index]  # a phase
    return {"type": "ReportUnitStatus", "unit": unit, "status": [told.primary, list(told.qualifiers)]}


async def until(reader: Reader, pos: int) -> list[Any]:
    """Changes up to a position."""
    seen = []
    while not seen or seen[-1].data["pos"] < pos:
        seen.append(await reader.next("change"))
        assert seen[-1].id == str(seen[-1].data["pos"])
    return [event.data for event in seen]


def here(stage: Stage) -> str:
    return f"journal={stage.parts.journal.journal_id}&from={stage.parts.journal.head().pos}"


def test_the_first_things_that_a_stream_brings(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        reader = await stream(port, here(stage))
        assert reader.status == 200
        await reader.next("retry")
        beat = await reader.next("beat")
        assert beat.data == {"now": stage.clock.at, "pos": stage.parts.journal.head().pos, "clock": beat.data["clock"]}
        assert beat.data["clock"]["zone"] == "America/Santiago"
        pos = await say(stage, "k1", {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        change = (await until(reader, pos))[-1]
        assert {row["unit"]: row["phase"] for row in change["units"]} == {"E1": "dispatched"}
        assert change["log"][0]["what"] == "UnitsDispatched"
        stage.parts.positions.take(UnitId("E1"), [Reported(LonLat(0.5, 0.25), stage.clock.at)], stage.clock.at)
        assert [fix[:3] for fix in (await reader.next("fixes")).data["fixes"]] == [["E1", 0.5, 0.25]]
        assert (await reader.next("beat")).data["pos"] == pos

    played(tmp_path, shift)


def test_two_hundred_clients_get_the_same_bytes(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        readers = await asyncio.gather(*(stream(port, here(stage), f"ana#{nth}") for nth in range(200)))
        for key, what in STATUSES:
            pos = await say(stage, key, status("E1", what))
        await asyncio.gather(*(until(reader, pos) for reader in readers))
        assert len(stage.parts.hub) == 200
        assert len({b"|".join(reader.raw) for reader in readers}) == 1

    played(tmp_path, shift)


def test_one_session_holds_so_many_streams_and_no_more(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        readers = [await stream(port, here(stage)) for _ in range(streams.MOST_STREAMS)]
        assert {reader.status for reader in readers} == {200}
        assert (await stream(port, here(stage))).status == 429
        readers[0].close()
        async with asyncio.timeout(5):
            while (await stream(port, here(stage))).status != 200:
                pass

    played(tmp_path, shift)


def test_resuming_from_the_ring_brings_what_was_missed_joined(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        reader = await stream(port, here(stage))
        pos = await say(stage, "k1", status("E1", "on_radio"))
        last = (await until(reader, pos))[-1]
        reader.close()
        for key, what in STATUSES:
            pos = await say(stage, key, status("E1", what))
        back = await stream(port, here(stage), **{"Last-Event-ID": str(last["pos"])})
        changes = await until(back, pos)
        assert len(changes) <= 2  # from the ring, and what was still waiting to be flushed
        log = [row for change in changes for row in change["log"]]
        assert [row["what"] for row in log].count("UnitStatusChanged") == len(STATUSES)
        assert all(len(change["units"]) == 1 for change in changes)  # whole rows, the last one of each

    played(tmp_path, shift)


def test_a_server_that_was_killed_and_began_anew_goes_on_where_its_clients_were(tmp_path: Path) -> None:
    vault = MemoryVault(drawn_from("web"))

    async def before(stage: Stage, port: int) -> tuple[str, int, int]:
        query = here(stage)
        reader = await stream(port, query)
        pos = await say(stage, "k1", {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        await until(reader, pos)
        for key, what in STATUSES:
            last = await say(stage, key, status("E1", what))
        return query, pos, last

    async def after(stage: Stage, port: int) -> None:
        back = await asyncio.gather(*(stream(port, query, f"ana#{nth}", **{"Last-Event-ID": str(seen)}) for nth in range(20)))
        for [change] in await asyncio.gather(*(until(one, last) for one in back)):
            wanted = [record for record in stage.recorded()[seen:] if record.n]
            assert [row["what"] for row in change["log"]] == [type(record.says).__name__ for record in wanted]
            assert [row["pos"] for row in change["log"]] == [pos for pos, one in enumerate(stage.recorded(), 1) if pos > seen and one.n]
            assert [row["unit"] for row in change["units"]] == ["E1"]
        pos = await say(stage, "later", status("E2", "on_radio"))  # and the stream goes on
        assert (await until(back[0], pos))[-1]["units"][0]["unit"] == "E2"

    query, seen, last = played(tmp_path, before, vault=vault)
    played(tmp_path, after, vault=vault)


def test_an_alarm_that_ended_while_a_screen_was_away_is_told_to_be_gone(tmp_path: Path) -> None:
    vault = MemoryVault(drawn_from("web"))

    async def before(stage: Stage, port: int) -> tuple[str, int]:
        stage.clock.at += 600_000
        overdue = [one for one in due(stage.desk.board, stage.clock.at) if isinstance(one, NoteOverdue)]
        for nth, command in enumerate(overdue):
            await stage.parts.desk.ask(Ask(CommandId(f"t{nth}"), "tocsin", stage.clock.at, command))
        query, pos = here(stage), stage.parts.journal.head().pos
        async with stage.client() as ana:
            [alarm] = (await ana.get("/api/situation")).json()["alarms"]
        await say(stage, "a1", {"type": "AcknowledgeAlarm", "alarm": alarm["alarm"]})
        await say(stage, "k1", {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        return query, pos

    async def after(stage: Stage, port: int) -> None:
        back = await stream(port, query, **{"Last-Event-ID": str(pos)})
        change = (await back.next("change")).data
        assert [name.partition(":")[0] for name in change["gone"]["alarms"]] == ["nobody_sent"]
        assert change.get("alarms", []) == []

    query, pos = played(tmp_path, before, vault=vault)
    played(tmp_path, after, vault=vault)


@pytest.mark.parametrize(
    "hostile",
    ["-1", "1e3", "٣", "0x10", "9" * 400, "1;DROP", "", " ", "null", "1.5", "\xff", "99999999999999999999"],
)  # fmt: skip
def test_a_position_that_is_none_asks_for_the_situation_anew(tmp_path: Path, hostile: str) -> None:
    async def shift(stage: Stage, port: int) -> None:
        headers = {"Last-Event-ID": hostile.encode().decode("latin-1")}
        reader = await stream(port, f"journal={stage.parts.journal.journal_id}", **headers)
        assert (await reader.next()).data == {"why": "too_old"}
        with pytest.raises(EOFError):
            await reader.next()

    played(tmp_path, shift)


def test_another_journal_and_a_position_that_is_not_there_yet(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        for query, why in (("journal=other&from=1", "other_journal"), ("from=1", "other_journal"), (f"{here(stage)}9", "ahead")):
            assert (await (await stream(port, query)).next("reset")).data == {"why": why}
        assert (await stream(port, here(stage), "nobody")).status == 401

    played(tmp_path, shift)


def test_a_session_that_ends_takes_its_streams_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SIGNED_IN_S", 0.05)

    async def shift(stage: Stage, port: int) -> None:
        ana, bia, crew = await stream(port, here(stage)), await stream(port, here(stage), "bia"), await stream(port, here(stage), "crew")
        for reader in (ana, bia, crew):
            await reader.next("beat")
        stage.parts.hub.close_session("s-ana")  # signed out at this server
        stage.doors.gone.add("s-bia")  # disabled from outside
        for reader in (ana, bia):
            assert (await reader.next("reset")).data == {"why": "signed_out"}
        assert (await crew.next("beat")).name == "beat"

    played(tmp_path, shift)


def test_a_crew_and_a_wall_get_less(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        seats = {seat: await stream(port, here(stage), seat) for seat in ("ana", "crew", "wall")}
        words = {"as": "plain", "text": "hose"}
        await say(stage, "m1", {"type": "SendMessage", "message": "m1", "to": ["bia"], "words": words})
        await say(stage, "k1", status("E2", "on_radio"))
        pos = await say(stage, "k2", {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        got = {seat: await until(reader, pos) for seat, reader in seats.items()}
        rows = {
            seat: {
                (table, row.get("unit") or row.get("incident") or row.get("message"))
                for change in changes
                for table in ("units", "incidents", "messages")
                for row in change.get(table, [])
            }
            for seat, changes in got.items()
        }
        assert rows["ana"] == {("units", "E1"), ("units", "E2"), ("incidents", "I1"), ("messages", "m1")}
        assert rows["wall"] == {("units", "E1"), ("units", "E2"), ("incidents", "I1")}
        assert rows["crew"] == {("units", "E1"), ("incidents", "I1")}
        logs = {seat: [row["what"] for change in changes for row in change["log"]] for seat, changes in got.items()}
        assert "MessageSent" in logs["ana"] and "MessageSent" not in logs["wall"]
        assert "hose" not in str(got)

    played(tmp_path, shift)


def test_a_client_that_never_reads_is_let_go_and_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SEND_S", 0.3)

    async def shift(stage: Stage, port: int) -> None:
        deaf = await stream(port, here(stage), "bia")
        deaf.reader._transport.pause_reading()  # type: ignore[attr-defined]  # its side of the connection fills up
        good = await stream(port, here(stage))
        await good.next("beat")
        hub = stage.parts.hub
        [mine] = [one for one in hub._listeners if one.session == "s-bia"]
        fat = b"event: fat\ndata: " + b"1" * 300_000 + b"\n\n"
        async with asyncio.timeout(10):
            while mine in hub._listeners:
                mine.put(fat)
                assert mine.waiting_bytes <= MOST_BYTES
                await asyncio.sleep(0)
        pos = await say(stage, "k1", status("E1", "on_radio"))
        assert (await until(good, pos))[-1]["units"]

    played(tmp_path, shift)


def test_a_buffer_is_bounded_by_count_and_by_bytes_and_then_says_why() -> None:
    async def shift() -> None:
        for data, most in ((b"x", MOST_FRAMES), (b"x" * 100_000, MOST_BYTES // 100_000)):
            listener = Listener(EVERYTHING, "s")
            for _ in range(most):
                listener.put(data)
            assert not listener.is_ending
            listener.put(data)
            assert listener.is_ending and b"slow" in await listener.take()
            listener.put(data)
            assert listener.waiting_bytes == 0
        lone = Listener(EVERYTHING, "s")
        lone.put(b"x" * (2 * MOST_BYTES))  # one that is larger by itself still goes: else it never could
        assert len(await lone.take()) == 2 * MOST_BYTES

    asyncio.run(shift())


def test_streams_end_when_the_server_goes(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (stage, port):
            readers = [await stream(port, here(stage), f"ana#{nth}") for nth in range(5)]
            for reader in readers:
                await reader.next("beat")
        for reader in readers:  # leaving ``served`` waits for the server, which waits for nobody
            with pytest.raises(EOFError):
                await reader.next()

    asyncio.run(run())


def unit_row(name: str, version: int) -> UnitRow:
    return UnitRow(name, version, "engine", "", (), None, name, "on_radio", "Available", 0, None, None, 0, None, None, False, None, "ana")  # type: ignore[arg-type]  # ids and instants are plain here


def test_joined_changes_keep_the_last_row_and_what_is_gone() -> None:
    first = Change(5, 50, units=[unit_row("E1", 1), unit_row("E2", 1)], gone={"closures": ["c1"], "units": ["E3"]})
    then = Change(7, 70, units=[unit_row("E1", 2), unit_row("E3", 1)], gone={"units": ["E2"]}, is_urgent=True)
    both = joined(first, then)
    assert [(row.unit, row.version) for row in both.units] == [("E1", 2), ("E3", 1)]
    assert both.gone == {"closures": ["c1"], "units": ["E2"]}
    assert (both.pos, both.at, both.is_urgent) == (7, 70, True)
    assert first.units[0].version == 1 and len(first.units) == 2  # neither was changed
    assert json.loads(change_frame(both).split(b"data: ")[1])["pos"] == 7


def test_a_flood_is_joined_and_what_is_urgent_is_not_held_back() -> None:
    async def shift() -> None:
        hand = Hand()
        async with Hub(journal="j", pos=0, clock=hand.told, fixes=list) as hub:
            listener = Listener(EVERYTHING, "s")
            hub.attach(listener, 0)
            await listener.take()
            for pos in range(1, 501):
                hub.tell(Change(pos, pos, units=[unit_row("E1", pos)]))
            data = b""
            async with asyncio.timeout(5):
                while b"id: 500\n" not in data:
                    data += await listener.take()
            assert data.count(b"event: change") <= 3
            hub.tell(Change(501, 501, units=[unit_row("E1", 501)], is_urgent=True))
            hub.tell(Change(502, 502, units=[unit_row("E1", 502)]))
            async with asyncio.timeout(0.1):  # well within the rest
                assert b"id: 502\n" in await listener.take()

    asyncio.run(shift())


def test_flushes_are_as_quick_as_the_number_of_screens_allows() -> None:
    assert rest_s(0) == rest_s(20) == LEAST_REST_S <= 0.05
    assert LEAST_REST_S < rest_s(500) <= MOST_REST_S
    assert rest_s(100_000) == MOST_REST_S


def test_a_client_that_has_nothing_to_take_is_not_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SEND_S", 0.01)

    async def shift(stage: Stage, port: int) -> None:
        quiet = await stream(port, here(stage))
        for _ in range(2):  # two seconds lie between two beats
            assert (await quiet.next("beat")).name == "beat"
        assert len(stage.parts.hub._listeners) == 1

    played(tmp_path, shift)


def test_a_unit_that_leaves_duty_leaves_every_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "FIXES_S", 0.01)
    fixes = [Fix(UnitId("E1"), 1.0, 2.0, Instant(1_000)), Fix(UnitId("E2"), 3.0, 4.0, Instant(1_000))]

    async def shift() -> tuple[list[Any], Any]:
        hand = Hand()
        async with Hub(journal="j", pos=0, clock=hand.told, fixes=lambda: list(fixes)) as hub:
            listeners = [Listener(audience, "s") for audience in (EVERYTHING, Audience("crew", UnitId("E2")))]
            for listener in listeners:
                hub.attach(listener, 0)
            await asyncio.sleep(0.05)
            del fixes[0]
            await asyncio.sleep(0.1)
            late = Listener(EVERYTHING, "s")
            hub.attach(late, 0)
            return [fixes_in(await listener.take()) for listener in listeners], fixes_in(await late.take())

    (everybody, crew), late = asyncio.run(shift())
    assert everybody[-1]["gone"] == ["E1"]
    assert all("gone" not in told for told in crew)
    assert [([fix[0] for fix in told["fixes"]], told["is_whole"]) for told in late] == [(["E2"], True)]


def fixes_in(data: bytes) -> list[Any]:
    blocks = [block.split(b"data: ")[1] for block in data.split(b"\n\n") if block.startswith(b"event: fixes")]
    return [json.loads(block) for block in blocks]


def test_no_beat_is_heard_of_a_desk_that_is_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "BEAT_S", 0.01)
    live = [True]

    async def shift() -> tuple[bytes, bytes]:
        async with Hub(journal="j", pos=0, clock=Hand().told, fixes=list, is_live=lambda: live[0]) as hub:
            listener = Listener(EVERYTHING, "s")
            hub.attach(listener, 0)
            await asyncio.sleep(0.1)
            before = await listener.take()
            live[0] = False
            await asyncio.sleep(0.1)
            late = Listener(EVERYTHING, "s")
            hub.attach(late, 0)
            listener.put(b"end")
            return before, await listener.take() + await late.take()

    before, after = asyncio.run(shift())
    assert before.count(b"event: beat") > 2
    assert after.count(b"event: beat") <= 1  # one may have been under way


def test_a_stream_ends_when_nobody_can_say_whether_its_session_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SIGNED_IN_S", 0.05)

    async def shift(stage: Stage, port: int) -> None:
        async def cannot_say(seat: Any) -> bool:
            raise Broken("accounts_unreadable", file="x")

        stage.doors.is_signed_in = cannot_say  # type: ignore[method-assign]
        reader = await stream(port, here(stage))
        with pytest.raises(EOFError):
            while True:
                await reader.next("change")

    played(tmp_path, shift)


def test_a_wall_and_a_crew_see_no_free_text_and_only_supervisors_who_looked(tmp_path: Path) -> None:
    async def shift(stage: Stage, port: int) -> None:
        secret = "call back Maria Lopez"
        sent = {"type": "DispatchUnits", "incident": "I1", "units": ["E1"], "override": secret}
        await say(stage, "k1", sent)
        readers = {seat: await stream(port, here(stage), seat) for seat in ("ana", "sup", "wall", "crew")}
        await say(stage, "k2", {"type": "CancelIncident", "incident": "I1", "reason": secret})
        async with stage.client() as ana:
            assert (await ana.post("/api/incidents/I1/personal", json={"id": "look", "reason": secret})).status_code == 200
        last = await say(stage, "k3", status("E1", "on_radio"))
        told = {seat: [row for change in await until(reader, last) for row in change.get("log", ())] for seat, reader in readers.items()}
        for seat, streamed in told.items():
            async with stage.client(seat) as client:
                rows = streamed + (await client.get("/api/situation")).json()["log"]
            assert ("PersonalDataSeen" in {row["what"] for row in rows}) == (seat == "sup")
            seen = [row for row in rows if row["what"] == "PersonalDataSeen"]
            assert secret not in json.dumps(seen)
            assert (secret in json.dumps(rows)) == (seat in ("ana", "sup"))
        async with stage.client("crew") as crew:
            assert secret not in (await crew.get("/api/incidents/I1")).text

    played(tmp_path, shift)
