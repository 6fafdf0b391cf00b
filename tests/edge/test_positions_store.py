"""Positions on disk: what was stored is read back, whoever is killed loses a second at most, a day goes when its time is over."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from position_writer import DAY, UNITS, place_at
from tocsin.base.faults import BadInput, Broken
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, iso
from tocsin.base.quantities import Metres
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.positions_file import PositionsFile, tail_path
from tocsin.edge.positions_frame import NONE, ROW, Frame, fix_of, pack, row_of, unpack
from tocsin.edge.positions_store import PositionsStore
from tocsin.formats.position import Reported
from tocsin.views.situation import Fix
from tocsin.words import tell

E1, E2 = UnitId("E1"), UnitId("E2")
WRITER = Path(__file__).parents[1] / "position_writer.py"
NEXT_DAY = 86_400_000

whole = st.integers
fixes = st.builds(
    lambda unit, lon, lat, late_ms, heading, speed, acc: (unit, lon / 1e7, lat / 1e7, late_ms, heading, speed, acc),
    st.sampled_from([E1, E2, UnitId("Ambulância 3")]), whole(-1_800_000_000, 1_800_000_000), whole(-900_000_000, 900_000_000),
    whole(0, 3_600_000), st.none() | whole(0, 3599).map(lambda n: n / 10), st.none() | whole(0, 30_000).map(lambda n: n / 100),
    st.none() | whole(1, 60_000).map(lambda n: n / 10),
)  # fmt: skip


def frame_of(fixes: Sequence[Fix], base: Instant) -> Frame:
    units = tuple(dict.fromkeys(fix.unit for fix in fixes))
    rows = np.array([row_of(units.index(fix.unit), fix, base) for fix in fixes], ROW)
    return Frame(base, units, rows.tobytes())


def said(unit: UnitId, at: int, lon: float = -71.25, lat: float = -29.9) -> Fix:
    return Fix(unit, lon, lat, Instant(at), 90.0, 10.0, Metres(5.0))


@given(st.lists(fixes, min_size=1, max_size=40))
def test_a_row_gives_the_position_again(drawn: list[tuple[UnitId, float, float, int, float | None, float | None, float | None]]) -> None:
    assert ROW.itemsize == 24
    base = Instant(DAY + 5_000_000)
    for unit, lon, lat, late_ms, heading, speed, acc in drawn:
        fix = Fix(unit, lon, lat, Instant(base - late_ms), heading, speed, None if acc is None else Metres(acc))
        assert fix_of(unit, row_of(3, fix, base), base) == fix


columns = st.tuples(whole(0, 2**32 - 1), *[whole(-(2**31), 2**31 - 1)] * 3, *[whole(0, NONE)] * 3)


@given(st.lists(columns, min_size=1, max_size=60))
def test_packing_loses_nothing(drawn: list[tuple[int, ...]]) -> None:
    rows = np.array([(*row, 0) for row in drawn], ROW)
    found = unpack(pack(rows), len(rows))
    assert sorted(found.tolist()) == sorted(rows.tolist())
    assert found[["unit", "at"]].tolist() == sorted(found[["unit", "at"]].tolist())


def test_bytes_that_are_no_minute_are_refused() -> None:
    packed = pack(np.zeros(7, ROW))
    for body, count in ((packed[:-3], 7), (b"what", 7), (packed, 6), (packed, 8), (b"", 1)):
        with pytest.raises(ValueError):
            unpack(body, count)


@settings(max_examples=25)
@given(st.lists(st.tuples(whole(0, 200), st.lists(fixes, min_size=1, max_size=6)), min_size=1, max_size=12))
def test_what_was_stored_is_read_back(tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, list]]) -> None:
    """Over several minutes, with what came late, with new units on the way, closed and opened in between."""
    folder = tmp_path_factory.mktemp("positions")
    store, wanted = PositionsStore(folder), set()
    for nth, (gap_s, some) in enumerate(drawn):
        base = Instant(DAY + sum(gap for gap, _ in drawn[:nth]) * 1000 + gap_s * 1000)
        made = [Fix(u, lon, lat, Instant(base - late), h, v, None if a is None else Metres(a)) for u, lon, lat, late, h, v, a in some]
        store.write(frame_of(made, base))
        wanted |= set(made)
        if nth % 4 == 3:
            store.close()
            store = PositionsStore(folder)
    other = PositionsStore(folder)  # somebody who reads beside it
    for unit in (E1, E2, UnitId("Ambulância 3"), UnitId("nobody")):
        own = {fix for fix in wanted if fix.unit == unit}
        for reader in (store, other):
            track = reader.track(unit, Instant(DAY - NEXT_DAY), Instant(DAY + NEXT_DAY))
            assert {(fix.at, fix.lon, fix.lat) for fix in track.fixes} == {(fix.at, fix.lon, fix.lat) for fix in own}
            assert set(track.fixes) <= own and track.faults == [] and track.fixes == sorted(track.fixes, key=lambda fix: fix.at)
    store.close()


def test_a_span_is_read_and_nothing_else(tmp_path: Path) -> None:
    store = PositionsStore(tmp_path)
    for second in range(300):
        store.write(frame_of([said(E1, DAY + second * 1000), said(E2, DAY + second * 1000)], Instant(DAY + second * 1000)))
    late = said(E1, DAY + 100_500)
    store.write(frame_of([late], Instant(DAY + 300_000)))
    track = store.track(E1, Instant(DAY + 100_000), Instant(DAY + 102_000)).fixes
    assert [fix.at - DAY for fix in track] == [100_000, 100_500, 101_000, 102_000]
    assert len(store.track(E1, Instant(DAY), Instant(DAY + 299_000)).fixes) == 301
    store.close()
    with PositionsFileOpened(tmp_path) as file:
        assert file.positions() == 601 and not tail_path(file.path).read_bytes(), "closed in order, everything is packed"


class PositionsFileOpened:
    """The file of the day, to be looked at."""

    def __init__(self, folder: Path) -> None:
        self.file = PositionsFile.open(folder / f"{iso(DAY)[:10]}.positions")

    def __enter__(self) -> PositionsFile:
        return self.file

    def __exit__(self, *_: object) -> None:
        self.file.close()


def test_a_minute_takes_few_bytes(tmp_path: Path) -> None:
    dice = random.Random(5)
    store = PositionsStore(tmp_path)
    for second in range(61):
        some = [said(unit, DAY + second * 1000, -71.2 + dice.gauss(0, 3e-5), -29.9 + dice.gauss(0, 3e-5)) for unit in UNITS[:100]]
        store.write(frame_of(some, Instant(DAY + second * 1000)))
    with PositionsFileOpened(tmp_path) as file:
        packed = file._connection.execute("SELECT sum(length(body)), sum(positions) FROM minutes").fetchone()
        assert packed[1] == 6000 and packed[0] / packed[1] <= 8
    store.close()


# Killed, damaged, full.


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_who_is_killed_loses_no_second_that_was_told(tmp_path: Path) -> None:
    seed, first = random.SystemRandom().randrange(2**32), 0
    dice = random.Random(seed)
    for turn in range(6):
        with subprocess.Popen([sys.executable, str(WRITER), str(tmp_path), str(first)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
            time.sleep(dice.uniform(0.02, 0.25))
            writer.kill()
            told = [int(line) for line in writer.stdout.read().split("\n")[:-1]]
        last = told[-1] if told else first - 1
        store = PositionsStore(tmp_path)
        for nth in (0, 99, 100, 249):
            track = store.track(UNITS[nth], DAY, Instant(DAY + NEXT_DAY))
            seconds = [(fix.at - DAY) // 1000 for fix in track.fixes]
            assert seconds == list(range(len(seconds))) and len(seconds) - 1 in (last, last + 1), f"seed {seed}, round {turn}"
            assert all(LonLat(fix.lon, fix.lat) == place_at(second, nth) for second, fix in zip(seconds, track.fixes, strict=True))
            assert track.faults == []
        first = last + 2 if len(seconds) == last + 2 else last + 1
    assert first > 60, "the writers wrote too little for this to prove anything"


def test_an_unfinished_frame_is_cut_off_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / f"{iso(DAY)[:10]}.positions"
    for cut, is_damage in ((-5, False), (None, True)):
        store = PositionsStore(tmp_path)
        for second in range(3):
            store.write(frame_of([said(E1, DAY + second * 1000)], Instant(DAY + second * 1000)))
        body = bytearray(tail_path(path).read_bytes())  # as after a kill: nothing was closed
        if is_damage:
            body[-3] ^= 1
        tail_path(path).write_bytes(body[:cut])
        after = PositionsStore(tmp_path)
        after.write(frame_of([said(E1, DAY + 9000)], Instant(DAY + 9000)))
        assert [fix.at - DAY for fix in after.track(E1, DAY, Instant(DAY + NEXT_DAY)).fixes] == [0, 1000, 9000]
        assert [fault.code for fault in after.faults] == (["positions_tail"] if is_damage else [])
        assert all("52" in tell(fault) for fault in after.faults)
        for name in os.listdir(tmp_path):
            (tmp_path / name).unlink()


@pytest.mark.parametrize("damage", ["nothing", "text", "middle", "short"])
def test_a_damaged_file_is_told_and_the_day_goes_on(tmp_path: Path, damage: str) -> None:
    path = tmp_path / f"{iso(DAY)[:10]}.positions"
    store = PositionsStore(tmp_path)
    for second in range(0, 600, 10):
        store.write(frame_of([said(unit, DAY + second * 1000) for unit in UNITS], Instant(DAY + second * 1000)))
    store.close()
    body = path.read_bytes()
    path.write_bytes(
        {"nothing": b"", "text": b"hello" * 3000, "short": body[:-4096], "middle": body[:100] + bytes(4000) + body[4100:]}[damage]
    )
    damaged = path.read_bytes()
    store = PositionsStore(tmp_path)
    for second in (700, 701):
        store.write(frame_of([said(E1, DAY + second * 1000)], Instant(DAY + second * 1000)))
    (fault,) = store.faults
    assert fault.code in ("positions_torn", "positions_foreign") and tell(fault, "pt") != tell(fault, "fr")
    track = store.track(E1, DAY, Instant(DAY + NEXT_DAY))
    assert [fix.at - DAY for fix in track.fixes] == [700_000, 701_000] and len(track.faults) == 1
    assert path.read_bytes() == damaged, "left as it was found"
    expired = store.expired(iso(Instant(DAY + NEXT_DAY))[:10])
    assert [(one.day, one.positions) for one in expired] == [(iso(DAY)[:10], 0), (iso(DAY)[:10], 2)]
    for one in expired:
        store.drop(one)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_to_stops_nobody(tmp_path: Path) -> None:
    store = PositionsStore(tmp_path / "here")
    (tmp_path / "here").rmdir()
    for second in range(3):
        with pytest.raises((Broken, OSError)) as caught:
            store.write(frame_of([said(E1, DAY + second * 1000)], Instant(DAY + second * 1000)))
        assert isinstance(caught.value, Broken) and caught.value.code == "positions_write"
    (tmp_path / "here").mkdir()
    store.write(None)
    assert len(store.track(E1, DAY, Instant(DAY + 9000)).fixes) == 3, "kept meanwhile"
    with pytest.raises(BadInput) as refused:
        (tmp_path / "file").write_text("x")
        PositionsStore(tmp_path / "file")
    assert refused.value.code == "positions_unwritable"


# Retention.


def test_a_day_is_hashed_first_and_deleted_then(tmp_path: Path) -> None:
    store = PositionsStore(tmp_path)
    for day in range(3):
        for second in (0, 1, 70):
            at = Instant(DAY + day * NEXT_DAY + second * 1000)
            store.write(frame_of([said(E1, at), said(E2, at)], at))
    days = [iso(Instant(DAY + nth * NEXT_DAY))[:10] for nth in range(4)]
    assert store.expired(days[0]) == []
    expired = store.expired(days[2])
    assert [(one.day, one.positions) for one in expired] == [(days[0], 6), (days[1], 6)]
    assert [hashlib.sha256(one.path.read_bytes()).hexdigest() for one in expired] == [one.sha256 for one in expired]
    assert store.expired(days[2]) == expired, "looking changes nothing"
    store.drop(expired[0])
    expired[1].path.write_bytes(b"another")
    with pytest.raises(Broken) as caught:
        store.drop(expired[1])
    assert caught.value.code == "positions_changed" and expired[1].path.exists()
    assert {one.name[:10] for one in tmp_path.iterdir()} == {days[1], days[2]}
    store.close()


def test_the_book_and_the_store_together(tmp_path: Path) -> None:
    book, store = PositionsBook(lambda unit: DAY), PositionsStore(tmp_path)
    for second in range(130):
        now = Instant(DAY + second * 1000)
        for unit in (E1, E2) if second % 2 else (E2, UnitId(f"M{second}")):
            book.take(unit, [Reported(LonLat(10.0, 50 + second / 1000), now, 90.0)], now)
        store.write(book.take_frame())
    assert len(store.track(E2, DAY, Instant(DAY + NEXT_DAY)).fixes) == 130
    assert [fix.lat for fix in store.track(E1, DAY, Instant(DAY + 5000)).fixes] == [50.001, 50.003, 50.005]
    assert store.track(UnitId("M128"), DAY, Instant(DAY + NEXT_DAY)).fixes == [
        Fix(UnitId("M128"), 10.0, 50.128, Instant(DAY + 128_000), 90.0)
    ]
    store.close()


def test_a_folder_that_is_gone_is_told_as_a_fault(tmp_path: Path) -> None:
    store = PositionsStore(tmp_path / "positions")
    (tmp_path / "positions").rmdir()
    with pytest.raises(Broken, match="positions_read"):
        store.expired("2026-01-01")
    store.close()
