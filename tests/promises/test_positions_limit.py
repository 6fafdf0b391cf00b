"""The hard limit for positions: only of units on duty, only while they are on duty, and nothing of the phone or of who carries it.

Whatever is reported, in whatever order, with whatever stamps, held back for however long: what is shown, gathered or stored lies within
a tour of duty of an enrolled unit.
"""

import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CrewId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.unit import STATUS, Phase, UnitEnrolled, UnitStatusChanged
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.positions_file import KIND
from tocsin.edge.positions_frame import ROW
from tocsin.edge.positions_store import PositionsStore
from tocsin.formats import osmand, owntracks
from tocsin.formats.position import Reported
from tocsin.views.situation import Fix

START = Instant(1_790_035_200_000)
UNITS = [UnitId("E1"), UnitId("M1")]
NOBODY = UnitId("+258 84 000 0000")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("status"), st.sampled_from(UNITS), st.sampled_from(["off", "at_station", "on_radio", "returning"])),
        st.tuples(st.just("report"), st.sampled_from([*UNITS, NOBODY]), st.lists(st.integers(-4000, 60), min_size=1, max_size=4)),
        st.tuples(st.just("flush"), st.none(), st.none()),
    ),
    max_size=40,
)


class Tours:
    """When each unit was on duty, kept by the test alone."""

    def __init__(self) -> None:
        self.spans: dict[UnitId, list[list[int | None]]] = {unit: [[START, None]] for unit in UNITS}

    def says(self, unit: UnitId, phase: str, at: int) -> None:
        spans = self.spans[unit]
        is_on = bool(spans) and spans[-1][1] is None
        if phase == "off" and is_on:
            spans[-1][1] = at
        elif phase != "off" and not is_on:
            spans.append([at, None])

    def had(self, fix: Fix) -> bool:
        return any(start <= fix.at and (end is None or fix.at <= end) for start, end in self.spans.get(fix.unit, []) if start is not None)

    def is_on(self, unit: UnitId) -> bool:
        return unit in self.spans and self.spans[unit][-1][1] is None


@settings(max_examples=60)
@given(steps)
def test_no_position_lies_outside_a_tour_of_duty(tmp_path_factory: pytest.TempPathFactory, drawn: list) -> None:
    board, roll, tours = Board(), DutyRoll(), Tours()
    for unit in UNITS:
        fold(board, UnitEnrolled(unit, "engine", (), None, CrewId("")), START)
    roll.look(board, START)
    book, store = PositionsBook(roll.since), PositionsStore(tmp_path_factory.mktemp("positions"))
    now = START
    for kind, unit, what in drawn:
        now = Instant(now + 30_000)
        if kind == "status":
            phase: Phase = what
            fold(board, UnitStatusChanged(unit, STATUS[phase], None), now)
            roll.look(board, now)
            tours.says(unit, phase, now)
        elif kind == "report":
            book.take(unit, [Reported(LonLat(10.0, 50.0), Instant(now + late_s * 1000)) for late_s in what], now)
        else:
            store.write(book.take_frame())
        for fix in book.fixes():
            assert tours.is_on(fix.unit) and tours.had(fix)
        assert [book.find(unit) for unit in (NOBODY, *UNITS) if not tours.is_on(unit)] == [None] * sum(
            not tours.is_on(unit) for unit in (NOBODY, *UNITS)
        )
    store.write(book.take_frame())
    for unit in (NOBODY, *UNITS):
        track = store.track(unit, Instant(0), Instant(now + 86_400_000))
        assert all(tours.had(fix) for fix in track.fixes) and track.faults == []
    store.close()


NOTHING_ELSE = {"place", "lon", "lat", "at", "unit", "heading_deg", "speed_mps", "uncertainty_m", "is_clock_ahead"}


def test_a_position_has_no_field_for_anything_else() -> None:
    assert {field.name for struct in (Reported, Fix) for field in msgspec.structs.fields(struct)} == NOTHING_ELSE
    assert ROW.names == ("unit", "at", "lon", "lat", "heading", "speed", "uncertainty", "spare")
    columns = {column for table in KIND.tables for column in re.findall(r"[(,] ?([a-z]+) (?:INTEGER|TEXT|BLOB)", table)}
    assert columns | {"team", "nth"} == {"number", "unit", "team", "nth", "base", "first", "last", "positions", "body"}


def test_what_devices_say_of_themselves_is_on_no_disk(tmp_path: Path) -> None:
    secret = "Zebra-7141"
    message = dict.fromkeys(("tid", "SSID", "BSSID", "topic", "poi", "imei", "driverUniqueId", "inregions", "conn", "batt"), secret)
    location = {"coords": {"latitude": -29.9, "longitude": -71.2, "floor": secret}, "extras": {"name": secret}, "battery": secret}
    heard = (
        owntracks.decode(json.dumps({**message, "_type": "location", "lat": -29.9, "lon": -71.2}).encode(), START),
        osmand.decode_form("&".join(f"{name}={secret}" for name in (*message, "id", "cell", "wifi")) + "&lat=-29.9&lon=-71.2", START),
        osmand.decode_json(json.dumps({"location": location, "device_id": secret}).encode(), START),
    )
    book, store = PositionsBook(lambda unit: START), PositionsStore(tmp_path)
    for nth, one in enumerate(heard):
        assert secret.encode() not in msgspec.json.encode(one) and one.ignored >= 3
        book.take(UnitId(f"E{nth}"), one.positions, START)
    store.write(book.take_frame())
    store.close()
    files = list(tmp_path.iterdir())
    assert files and not any(secret.encode() in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files), "for the server's own account only"
