"""Calls, what is read of incidents, sealed words, undoing, and the line."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from shift_page import drawn_from
from tocsin.base.faults import Broken
from tocsin.base.identifiers import KeyName
from tocsin.core.messages.incident import PersonalDataSeen
from tocsin.core.messages.sealed import Sealed
from tocsin.core.messages.unit import STATUS, Phase
from tocsin.edge.vault_memory import MemoryVault
from tocsin.web.seat import SeatTold
from web_stage import Stage, opened

Shift = Callable[[Stage, httpx.AsyncClient], Awaitable[Any]]
NOON = 1_586_260_800_000
CALL = {
    "arrived": NOON - 20_000, "answered": NOON - 15_000, "caller_name": "Rosa Díaz", "caller_number": "+56 9 1234", "words": "smoke",
    "place": {"at": [0.002, 0.001], "text": "Aldunate 5"}, "incident_type": "fire", "priority": "high",
}  # fmt: skip


def played(folder: Path, shift: Shift, seat: str = "ana", **more: Any) -> Any:
    async def run() -> Any:
        async with opened(folder, **more) as stage, stage.client(seat) as client:
            return await shift(stage, client)

    return asyncio.run(run())


async def asked(client: httpx.AsyncClient, path: str, status: int = 200, **body: Any) -> Any:
    told = await client.post(path, json=body)
    assert told.status_code == status, told.text
    return told.json()


async def read(client: httpx.AsyncClient, path: str, status: int = 200) -> Any:
    told = await client.get(path)
    assert told.status_code == status, told.text
    return told.json() if told.content else None


def test_a_call_becomes_an_incident_whose_number_is_drawn_by_the_centres_day(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        told = await asked(ana, "/api/calls", id="c1", **CALL)
        assert (told["call"], told["incident"], told["number"]) == ("20200407-0001", "20200407-0001", 1)
        assert {"type": "IncidentOpened"} in told["answers"][1]["events"]
        assert await asked(ana, "/api/calls", id="c1", **CALL) == told  # the same key: nothing is drawn again
        other = await ana.post("/api/calls", json={"id": "c1", **CALL, "priority": "low"})
        assert (other.status_code, other.json()["code"]) == (409, "KeyUsedOtherwise")
        second = await asked(ana, "/api/calls", id="c2", arrived=NOON, attach_to=told["incident"])
        assert (second["call"], second["incident"]) == ("20200407-0002", told["incident"])
        alone = await asked(ana, "/api/calls", id="c3", arrived=NOON)
        assert (alone["call"], alone["incident"], len(alone["answers"])) == ("20200407-0003", None, 1)
        later = await asked(ana, "/api/calls", id="c4", **{**CALL, "call": alone["call"]})
        assert (later["call"], later["number"]) == ("20200407-0003", 2)
        assert b"Rosa" not in b"".join(stored.body for stored in stage.parts.journal.read())

    played(tmp_path, shift)


def test_numbers_are_never_drawn_twice_not_even_after_a_restart(tmp_path: Path) -> None:
    vault = MemoryVault(drawn_from("web"))

    async def shift(stage: Stage, ana: httpx.AsyncClient) -> list[int]:
        first = stage.parts.journal.head().pos
        async with stage.client("taker") as taker:
            seats = [ana if nth % 2 else taker for nth in range(20)]
            told = await asyncio.gather(*(asked(seat, "/api/calls", id=f"c{first}.{nth}", **CALL) for nth, seat in enumerate(seats)))
        return [one["number"] for one in told]

    async def next_day(stage: Stage, ana: httpx.AsyncClient) -> None:
        stage.clock.at += 16 * 3_600_000  # 04:00 UTC: midnight has passed in Santiago (UTC-4) as well
        told = await asked(ana, "/api/calls", id="next", **{**CALL, "arrived": stage.clock.at, "answered": None})
        assert told["incident"] == "20200408-0001"

    drawn = [*played(tmp_path, shift, vault=vault), *played(tmp_path, shift, vault=vault)]
    assert sorted(drawn) == list(range(1, 41))
    played(tmp_path, next_day, vault=vault)


def test_a_number_that_somebody_else_took_is_passed_over(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        opening = {"type": "OpenIncident", "incident": "20200407-0001", "incident_type": "fire", "priority": "high", "place": {}}
        assert (await asked(ana, "/api/calls", id="c0", arrived=NOON))["call"] == "20200407-0001"
        await asked(ana, "/api/commands", id="k1", command=opening)
        assert (await asked(ana, "/api/calls", id="c1", **CALL))["number"] == 2

    played(tmp_path, shift)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"arrived": NOON + 5000}, "at_ahead"), ({"answered": NOON - 90_000_000}, "at_far_back"), ({"priority": None}, "priority_missing"),
        ({"words": "x" * 4001}, "text_long"), ({"call": "a b"}, "id_unfit"), ({"place": {"at": [0, 99]}}, "off_earth"),
        ({"arrived": "now"}, "field_unfit"), ({"caller": "Rosa"}, "field_unfit"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_taken_takes_no_number(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        assert (await asked(ana, "/api/calls", 400, id="c1", **{**CALL, **change}))["code"] == code
        assert (await asked(ana, "/api/calls", id="c2", **CALL))["number"] == 1

    played(tmp_path, shift)


def test_sealed_words_are_opened_after_the_look_is_written_down(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        incident = (await asked(ana, "/api/calls", id="c1", **CALL))["incident"]
        words = {"as": "plain", "text": "gas bottle behind"}
        await asked(ana, "/api/commands", id="n1", command={"type": "AddNote", "incident": incident, "words": words})
        async with stage.client("taker") as taker, stage.client("wall") as wall:
            await asked(taker, f"/api/incidents/{incident}/personal", 403, id="t1", reason="curious")
            await read(wall, f"/api/incidents/{incident}", 403)
        assert not any(isinstance(record.says, PersonalDataSeen) for record in stage.recorded())
        told = await asked(ana, f"/api/incidents/{incident}/personal", id="p1", reason="call back")
        assert told["calls"] == [
            {
                "call": incident,
                "caller_name": "Rosa Díaz",
                "caller_number": "+56 9 1234",
                "caller_place": None,
                "words": "smoke",
            }
        ]
        assert [(note["actor"], note["words"]) for note in told["notes"]] == [("ana", "gas bottle behind")]
        assert told["is_erased"] is False
        assert [record.actor for record in stage.recorded() if isinstance(record.says, PersonalDataSeen)] == ["ana"]
        await asked(ana, "/api/commands", id="x1", command={"type": "CancelIncident", "incident": incident})
        async with stage.client("sup") as sup:
            await asked(sup, "/api/commands", id="e1", command={"type": "ErasePersonalData", "incident": incident, "reason": "asked"})
        after = await ana.post(f"/api/incidents/{incident}/personal", json={"id": "p2", "reason": "again"})
        assert "Rosa" not in after.text and (after.status_code == 409 or after.json()["is_erased"])
        await asked(ana, "/api/incidents/none/personal", 409, id="p3", reason="why")

    played(tmp_path, shift)


def test_a_message_is_read_by_whom_it_is_for_and_the_reading_is_written_down(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        words = {"as": "plain", "text": "hose at the corner"}
        await asked(ana, "/api/commands", id="m1", command={"type": "SendMessage", "message": "m1", "to": ["bia"], "words": words})
        async with stage.client("bia") as bia, stage.client("crew") as crew:
            assert await asked(bia, "/api/messages/m1/words", id="r1") == {"words": "hose at the corner"}
            assert await asked(bia, "/api/messages/m1/words", id="r2") == {"words": "hose at the corner"}
            assert (await crew.post("/api/messages/m1/words", json={"id": "r3"})).status_code == 404
            for to in ("unit:E1", "all"):
                told = {"type": "SendMessage", "message": f"to-{to[-2:]}", "to": [to], "words": words}
                await asked(ana, "/api/commands", id=f"k-{to}", command=told)
                assert await asked(crew, f"/api/messages/to-{to[-2:]}/words", id=f"r-{to}") == {"words": "hose at the corner"}
            situation = await read(bia, "/api/situation")
        assert [row["read_by"] for row in situation["messages"]] == [["bia"], ["crew"], ["crew"]]
        await asked(ana, "/api/messages/m9/words", 404, id="r4")

    played(tmp_path, shift)


def test_an_incident_whole_with_what_its_units_said_of_it(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        await asked(ana, "/api/commands", id="k1", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        stage.clock.at += 60_000
        on_scene = STATUS["on_scene"]
        told = {"type": "ReportUnitStatus", "unit": "E1", "status": [on_scene.primary, list(on_scene.qualifiers)]}
        await asked(ana, "/api/commands", id="k2", command=told)
        detail = await read(ana, "/api/incidents/I1")
        what = [row["what"] for row in detail["timeline"]]
        assert what[0] == "IncidentOpened" and what.index("UnitsDispatched") < what.index("UnitStatusChanged")
        assert detail["incident"]["assignments"][0]["stamps"].keys() >= {"dispatched", "on_scene"}
        assert {one["unit"] for one in detail["receipt"]["picks"]} == {"E1"}
        async with stage.client("crew") as crew:
            assert (await read(crew, "/api/incidents/I1"))["incident"]["incident"] == "I1"
        await read(ana, "/api/incidents/none", 404)

    played(tmp_path, shift)


def test_what_each_seat_sees_of_the_situation(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        await asked(ana, "/api/calls", id="c1", arrived=NOON)
        whole = await read(ana, "/api/situation")
        assert (whole["journal"], whole["pos"]) == (stage.parts.journal.journal_id, stage.parts.journal.head().pos)
        assert {row["unit"] for row in whole["units"]} == {"E1", "E2"} and len(whole["calls"]) == 1
        assert whole["clock"] == {"now": NOON, "mode": "live", "speed": 1.0, "is_paused": False, "zone": "America/Santiago"}
        async with stage.client("crew") as crew, stage.client("wall") as wall, stage.client("nobody") as nobody:
            mine = await read(crew, "/api/situation")
            assert ([row["unit"] for row in mine["units"]], mine["incidents"], mine["calls"]) == (["E1"], [], [])
            assert (await read(wall, "/api/situation"))["calls"] == []
            await read(nobody, "/api/situation", 401)
            assert (await read(nobody, "/health")) == {"is_live": True, "pos": whole["pos"], "now": NOON, "roads": "absent"}
            await read(crew, "/api/incidents/I1", 404)  # not its own

    played(tmp_path, shift)


def test_a_slip_is_taken_back_within_a_minute_and_each_only_once(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        async def phase(unit: str) -> str:
            return {row["unit"]: row["phase"] for row in (await read(ana, "/api/situation"))["units"]}[unit]

        await asked(ana, "/api/commands", id="k1", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1", "E2"]})
        route = STATUS["en_route"]
        told = {"type": "ReportUnitStatus", "unit": "E2", "status": [route.primary, list(route.qualifiers)]}
        await asked(ana, "/api/commands", id="k2", command=told)
        async with stage.client("bia") as bia:
            assert (await asked(bia, "/api/undo", 409, id="b1"))["code"] == "nothing_to_undo"  # it was not hers
        undone = await asked(ana, "/api/undo", id="u1")
        assert (undone["undone"], undone["refusal"], await phase("E2")) == ("k2", None, "dispatched")
        assert await asked(ana, "/api/undo", id="u1") == undone
        before = await asked(ana, "/api/undo", id="u2")
        assert (before["undone"], len(before["answers"])) == ("k1", 2)
        assert await phase("E1") in ("at_station", "returning", "on_radio")
        assert (await asked(ana, "/api/undo", 409, id="u3"))["code"] == "nothing_to_undo"
        await asked(ana, "/api/commands", id="k3", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        stage.clock.at += 61_000
        assert (await asked(ana, "/api/undo", 409, id="u4"))["code"] == "nothing_to_undo"

    played(tmp_path, shift)


def test_the_line_is_previewed_without_asking_and_asked_once(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        before = stage.parts.journal.head()
        line = {"text": "d E1 ; hydrant left", "selected": "I1"}
        shown = await asked(ana, "/api/line", is_preview=True, **line)
        assert shown["is_complete"] and "E1" in shown["preview"][0]["told"] and shown["answers"] == []
        assert stage.parts.journal.head() == before
        wrong = await asked(ana, "/api/line", is_preview=True, text="d E77", selected="I1", language="pt")
        assert wrong["problem"]["what"] and not wrong["is_complete"]
        told = await asked(ana, "/api/line", is_preview=False, id="l1", **line)
        assert [one["refusal"] for one in told["answers"]] == [None, None]
        head = stage.parts.journal.head()
        again = await asked(ana, "/api/line", is_preview=False, id="l1", **line)
        assert again["answers"] == told["answers"] and stage.parts.journal.head() == head
        refused = await asked(ana, "/api/line", is_preview=False, id="l2", text="d E1", selected="I1")
        assert refused["answers"] == [] or refused["answers"][-1]["refusal"] is not None
        await asked(ana, "/api/line", 400, is_preview=False, text="d E2")

    played(tmp_path, shift)


def test_open_incidents_that_a_call_may_be_about(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        await asked(ana, "/api/calls", id="c1", **CALL)
        found = await asked(ana, "/api/duplicates", lon=0.0025, lat=0.001, type="fire")
        assert found[0]["incident"] == "20200407-0001" and found[0]["why"] == ["near", "recent", "same_type"]
        await asked(ana, "/api/duplicates", 400, lon=999, lat=0)
        await asked(ana, "/api/duplicates", 400, lon="nan", lat=0)
        await asked(ana, "/api/duplicates", 400, lat=0)
        await read(ana, "/api/duplicates?lon=0&lat=0", 405)  # where callers are stands in no address

    played(tmp_path, shift)


STATIONS = """
centre page "Page" zone America/Santiago
station S1 at 0.0 0.0
station S2 at 0.1 0.0
unit E1 engine can pump at S1
card fire: engine needs pump
"""
"""Two stations on a line: S1 in the west, S2 in the east."""


def areas_of(stage: Stage) -> dict[str, str]:
    return {name: state.place.area for name, state in stage.desk.board.incidents.items()}


def test_the_nearest_open_station_answers_first_where_nobody_said_whose_area_it_is(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        told = await asked(ana, "/api/calls", id="c1", **{**CALL, "place": {"at": [0.08, 0.001], "text": "Aldunate 5"}})
        assert areas_of(stage)[told["incident"]] == "S2"
        again = await asked(ana, "/api/calls", id="c1", **{**CALL, "place": {"at": [0.08, 0.001], "text": "Aldunate 5"}})
        assert again == told
        moved = {"type": "RelocateIncident", "incident": told["incident"], "place": {"at": [0.01, 0.001], "text": "nearer"}}
        await asked(ana, "/api/commands", id="k1", command=moved)
        assert areas_of(stage)[told["incident"]] == "S1"
        said = {**moved, "place": {"at": [0.012, 0.001], "text": "by hand", "area": "S2"}}
        await asked(ana, "/api/commands", id="k2", command=said)
        assert areas_of(stage)[told["incident"]] == "S2"
        nowhere = await asked(ana, "/api/calls", id="c2", **{**CALL, "place": {"text": "somewhere"}})
        assert areas_of(stage)[nowhere["incident"]] == ""

    played(tmp_path, shift, page=STATIONS)


def test_the_same_question_is_the_same_after_the_nearest_station_has_closed(tmp_path: Path) -> None:
    async def shift(stage: Stage, sup: httpx.AsyncClient) -> None:
        place = {"at": [0.08, 0.001], "text": "Aldunate 5"}
        opening = {"type": "OpenIncident", "incident": "I7", "incident_type": "fire", "priority": "high", "place": place}
        first = await asked(sup, "/api/commands", id="o7", command=opening)
        await asked(sup, "/api/commands", id="s2", command={"type": "CloseStation", "station": "S2", "reason": "flooded"})
        assert await asked(sup, "/api/commands", id="o7", command=opening) == first
        other = await asked(sup, "/api/commands", id="o8", command={**opening, "incident": "I8"})
        assert other["refusal"] is None
        assert areas_of(stage) == {"I7": "S2", "I8": "S1"}

    played(tmp_path, shift, "sup", page=STATIONS)


def test_seats_are_told_to_desks_in_order_of_names(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        told = await read(ana, "/api/seats")
        assert told == [{"name": "bia", "role": "dispatcher"}, {"name": "zoe", "role": "supervisor"}]
        async with stage.client("wall") as wall:
            await read(wall, "/api/seats", 403)

    seated = (SeatTold("zoe", "supervisor"), SeatTold("bia", "dispatcher"))
    played(tmp_path, shift, seats=lambda: seated)


def test_a_look_that_stands_already_opens_nothing(tmp_path: Path) -> None:
    async def shift() -> None:
        async with opened(tmp_path) as stage, stage.client() as ana:
            told = await asked(ana, "/api/calls", id="c1", arrived=stage.clock.at, words="first", incident_type="fire", priority="high")
            path = f"/api/incidents/{told['incident']}/personal"
            await asked(ana, path, id="look", reason="call back")
            again = await ana.post(path, json={"id": "look", "reason": "call back"})
            assert (again.status_code, again.json()["code"]) == (409, "look_again")
            both = await asyncio.gather(*(ana.post(path, json={"id": "twice", "reason": "call back"}) for _ in range(2)))
            assert sorted(one.status_code for one in both) == [200, 409]
            seen = [record for record in stage.recorded() if type(record.says).__name__ == "PersonalDataSeen"]
            assert len(seen) == 2
            for reason in ("", "  x ", "no"):
                short = await ana.post(path, json={"id": "short", "reason": reason})
                assert (short.status_code, short.json()["code"]) == (400, "reason_short")

    asyncio.run(shift())


def test_enter_asks_what_was_shown_or_nothing(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        line = {"text": "d #I1 !", "selected": "I1"}
        shown = await asked(ana, "/api/line", is_preview=True, **line)
        assert shown["digest"] == (await asked(ana, "/api/line", is_preview=True, **line))["digest"]
        out = {"type": "ReportUnitStatus", "unit": "E1", "status": ["NotAvailable", ["OutofService"]]}
        await asked(ana, "/api/commands", id="x1", command=out)
        await asked(ana, "/api/commands", id="x2", command={"type": "RecommendUnits", "incident": "I1"})
        head = stage.parts.journal.head()
        told = await asked(ana, "/api/line", 409, is_preview=False, id="enter", digest=shown["digest"], **line)
        assert (told["problem"]["code"], told["answers"]) == ("preview_changed", [])
        assert told["preview"] != shown["preview"] and stage.parts.journal.head() == head
        again = await asked(ana, "/api/line", is_preview=False, id="enter2", digest=told["digest"], **line)
        assert [one["refusal"] for one in again["answers"]] == [None]

    played(tmp_path, shift)


def test_an_undoing_takes_back_what_this_seat_did_and_nobody_elses(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        async def unit(name: str) -> tuple[str, str | None]:
            row = next(row for row in (await read(ana, "/api/situation"))["units"] if row["unit"] == name)
            return row["phase"], row["incident"]

        def report(phase: Phase) -> dict[str, object]:
            status = STATUS[phase]
            return {"type": "ReportUnitStatus", "unit": "E1", "status": [status.primary, list(status.qualifiers)]}

        await asked(ana, "/api/commands", id="k1", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        await asked(ana, "/api/commands", id="k2", command=report("en_route"))
        async with stage.client("crew") as crew:
            await asked(crew, "/api/commands", id="c1", command=report("on_scene"))
        kept = await asked(ana, "/api/undo", 409, id="u1")
        assert (kept["undone"], kept["refusal"]["code"]) == ("k2", "NothingToUndo")
        assert await unit("E1") == ("on_scene", "I1")

    played(tmp_path, shift)


def test_a_unit_that_was_taken_from_another_incident_is_given_back(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        await asked(
            ana,
            "/api/commands",
            id="k0",
            command={"type": "OpenIncident", "incident": "I7", "incident_type": "fire", "priority": "high", "place": {}},
        )
        await asked(ana, "/api/commands", id="k1", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        taking = {"type": "DispatchUnits", "incident": "I7", "units": ["E1"], "override": "nearer"}
        await asked(ana, "/api/commands", id="k2", command=taking)
        undone = await asked(ana, "/api/undo", id="u1")
        assert (undone["undone"], undone["refusal"]) == ("k2", None)
        row = next(row for row in (await read(ana, "/api/situation"))["units"] if row["unit"] == "E1")
        assert (row["phase"], row["incident"]) == ("dispatched", "I1")
        assert await asked(ana, "/api/undo", id="u1") == undone

    played(tmp_path, shift)


def test_a_line_is_taken_back_whole_and_however_much_others_ask_meanwhile(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        told = await asked(ana, "/api/line", id="n1", text="de #I1 E1 E2", is_preview=False)
        assert len(told["answers"]) >= 2, told
        async with stage.client("bia") as bia:
            for nth in range(60):
                await asked(
                    bia, "/api/commands", id=f"b{nth}", command={"type": "AddNote", "incident": "I1", "words": {"as": "plain", "text": "x"}}
                )
        undone = await asked(ana, "/api/undo", id="u1")
        assert (undone["undone"], undone["refusal"]) == ("n1", None)
        units = {row["unit"]: row["incident"] for row in (await read(ana, "/api/situation"))["units"]}
        assert units == {"E1": None, "E2": None}
        assert (await asked(ana, "/api/undo", 409, id="u2"))["code"] == "nothing_to_undo"

    played(tmp_path, shift)


class Full(MemoryVault):
    """A store of keys whose disk is full."""

    def seal(self, text: str, *, key: KeyName, bound_to: str) -> Sealed:
        raise Broken("vault_write", file="keys", why="disk full")


def test_help_does_not_wait_for_a_disk_that_refuses_the_words(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        told = await asked(ana, "/api/calls", id="c1", **CALL)
        assert told["notes"] == ["words_not_kept"] and told["incident"] and not any(one["refusal"] for one in told["answers"])
        assert await asked(ana, "/api/calls", id="c1", **CALL) == told
        taken = next(record.says for record in stage.recorded() if type(record.says).__name__ == "CallReceived")
        assert taken.words is None

    played(tmp_path, shift, vault=Full(drawn_from("full")))


def test_a_message_by_line_is_sent_once(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        line = {"text": "msg E1 ; call in by radio"}
        shown = await asked(ana, "/api/line", is_preview=True, **line)
        assert "call in by radio" in shown["preview"][0]["told"]
        told = await asked(ana, "/api/line", is_preview=False, id="m1", digest=shown["digest"], **line)
        assert [one["refusal"] for one in told["answers"]] == [None]
        head = stage.parts.journal.head()
        assert (await asked(ana, "/api/line", is_preview=False, id="m1", **line))["answers"] == told["answers"]
        assert stage.parts.journal.head() == head
        long = await asked(ana, "/api/line", is_preview=False, id="k" * 64, **line)
        assert [one["refusal"] for one in long["answers"]] == [None]

    played(tmp_path, shift)


def test_nobody_is_forgotten_by_a_line_that_closes(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        unsent = await asked(ana, "/api/line", is_preview=False, id="c1", text="c #I1")
        assert (unsent["problem"]["code"], unsent["answers"]) == ("close_unsent", [])
        closed = await asked(ana, "/api/line", is_preview=False, id="c2", text="c #I1 disp/K")
        assert closed["answers"][0]["refusal"] is None
        again = await asked(ana, "/api/line", is_preview=False, id="c3", text="reopen #I1 / cancel #I1 why/false alarm")
        assert [one["refusal"] for one in again["answers"]] == [None, None]

    played(tmp_path, shift)


def test_what_was_entered_late_is_taken_back_within_a_minute_of_its_entering(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        await asked(ana, "/api/commands", id="k1", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        stage.clock.at += 20 * 60_000
        route = STATUS["en_route"]
        report = {"type": "ReportUnitStatus", "unit": "E1", "status": [route.primary, list(route.qualifiers)]}
        await asked(ana, "/api/commands", id="k2", command=report, at=stage.clock.at - 10 * 60_000, clock="paper")
        stage.clock.at += 1_000
        undone = await asked(ana, "/api/undo", id="u1")
        assert (undone["undone"], undone["refusal"], undone["told"]) == ("k2", None, "E1 on its way")
        assert await asked(ana, "/api/undo", id="u1") == undone
        row = next(row for row in (await read(ana, "/api/situation"))["units"] if row["unit"] == "E1")
        assert row["phase"] == "dispatched"

    played(tmp_path, shift)


def test_an_act_that_cannot_be_undone_bars_earlier_ones_of_its_units_only(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        def report(unit: str, phase: Phase) -> dict[str, object]:
            status = STATUS[phase]
            return {"type": "ReportUnitStatus", "unit": unit, "status": [status.primary, list(status.qualifiers)]}

        await asked(ana, "/api/commands", id="k1", command={"type": "DispatchUnits", "incident": "I1", "units": ["E1"]})
        await asked(ana, "/api/commands", id="k2", command=report("E2", "off"))
        await asked(ana, "/api/commands", id="k3", command=report("E1", "en_route"))
        async with stage.client("crew") as crew:
            await asked(crew, "/api/commands", id="c1", command=report("E1", "on_scene"))
        undone = await asked(ana, "/api/undo", id="u1")
        assert (undone["undone"], undone["refusal"]) == ("k2", None)
        assert undone["told"].startswith("E2 ")
        kept = await asked(ana, "/api/undo", 409, id="u2")
        assert (kept["undone"], kept["refusal"]["code"]) == ("k3", "NothingToUndo")
        assert kept["told"] == "E1 on its way"

    played(tmp_path, shift)
