"""What one unit more or fewer is worth, held against adding up the rows one by one; and the compiled count against the live one."""

from importlib import import_module
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.identifiers import StationId
from tocsin.core.engine.cover import MOST_COUNTED, Cover, counted, worth_ppb
from tocsin.core.messages.cover import PPB, CoverModel, CoverRow
from tocsin.lab.run import find_kernel

STATIONS = 7
AREAS = ("north", "mid", "south")
rows = st.lists(
    st.builds(
        CoverRow,
        st.sampled_from(AREAS),
        st.sets(st.integers(0, STATIONS - 1), max_size=4).map(lambda near: tuple(sorted(near))),
        st.one_of(st.integers(0, PPB // 20), st.just(0), st.just(1)),
    ),
    max_size=20,
)
NAMES = tuple(StationId(f"S{nth}") for nth in range(STATIONS))
models = st.builds(lambda told, busy: CoverModel("", NAMES, tuple(told), busy), rows, st.sampled_from([0, 1, 300_000, 700_000, 999_999]))
stations = st.integers(0, STATIONS - 1)
placed = st.lists(stations, max_size=25)


def reach(model: CoverModel, at: list[int]) -> list[int]:
    return [sum(station in row.stations for station in at) for row in model.rows]


def nth_worth(row: CoverRow, model: CoverModel, nth: int) -> int:
    """What the nth unit in reach of a row is worth, from 0; beyond the count nothing."""
    return worth_ppb(row.weight_ppb, model.busy_ppm)[nth] if nth < MOST_COUNTED else 0


def recounted(model: CoverModel, at: list[int]) -> tuple[list[int], list[int]]:
    """By station what one more adds and what one fewer loses, row by row."""
    counts = reach(model, at)
    gain, loss = [0] * STATIONS, [0] * STATIONS
    for row, count in zip(model.rows, counts, strict=True):
        for station in row.stations:
            gain[station] += nth_worth(row, model, count)
            loss[station] += nth_worth(row, model, count - 1) if count else 0
    return gain, loss


def numbers(cover: Cover) -> tuple[list[int], list[int], list[int]]:
    return cover.counts, cover.gain_ppb, cover.loss_ppb


@settings(max_examples=250)
@given(models, placed, placed)
def test_gain_and_loss_are_what_a_recount_of_all_rows_gives(model: CoverModel, at: list[int], gone: list[int]) -> None:
    cover, there = counted(model, at), list(at)
    for station in gone:
        if station in there:
            cover.take(station)
            there.remove(station)
    assert cover.counts == reach(model, there)
    assert (cover.gain_ppb, cover.loss_ppb) == recounted(model, there)


@given(models, placed, stations, stations, stations)
def test_moved_twice_is_moved_once(model: CoverModel, at: list[int], start: int, between: int, end: int) -> None:
    twice, once = counted(model, [*at, start]), counted(model, [*at, start])
    twice.take(start)
    twice.put(between)
    twice.take(between)
    twice.put(end)
    once.take(start)
    once.put(end)
    assert numbers(twice) == numbers(once) == numbers(counted(model, [*at, end]))


@given(models, placed, st.randoms(use_true_random=False))
def test_the_order_in_which_units_came_does_not_matter(model: CoverModel, at: list[int], dice: Random) -> None:
    other = list(at)
    dice.shuffle(other)
    assert numbers(counted(model, at)) == numbers(counted(model, other))


@given(models, placed, stations)
def test_what_one_adds_is_what_is_lost_when_it_goes(model: CoverModel, at: list[int], station: int) -> None:
    cover = counted(model, at)
    gain_ppb, covered_ppb = cover.gain_ppb[station], cover.covered_ppb()
    cover.put(station)
    assert cover.loss_ppb[station] == gain_ppb
    assert cover.covered_ppb() == covered_ppb + gain_ppb
    assert cover.gain_ppb[station] <= gain_ppb, "the next one is worth no more"


@given(models, placed)
def test_nothing_is_worth_less_than_nothing_or_more_than_all(model: CoverModel, at: list[int]) -> None:
    cover, total = counted(model, at), sum(row.weight_ppb for row in model.rows)
    assert all(0 <= ppb <= total for ppb in (*cover.gain_ppb, *cover.loss_ppb, cover.covered_ppb()))


@given(models, st.lists(stations, min_size=1, max_size=12), st.data())
def test_several_that_go_lose_what_they_lose_one_after_the_other(model: CoverModel, at: list[int], data: st.DataObject) -> None:
    going = data.draw(st.lists(st.sampled_from(range(len(at))), unique=True))
    cover = counted(model, at)
    told = cover.lost_by_area([at[nth] for nth in going])
    one_by_one: dict[str, int] = {}
    for nth in going:
        for area, ppb in cover.lost_by_area([at[nth]]).items():
            one_by_one[area] = one_by_one.get(area, 0) + ppb
        cover.take(at[nth])
    assert told == one_by_one
    assert 0 not in told.values(), "areas that lose nothing are left out"


@given(models, placed, stations)
def test_areas_add_up_to_the_whole(model: CoverModel, at: list[int], station: int) -> None:
    cover = counted(model, at)
    assert sum(cover.gained_by_area(station).values()) == cover.gain_ppb[station]
    if station in at:
        assert sum(cover.lost_by_area([station]).values()) == cover.loss_ppb[station]


def test_more_than_are_counted_are_worth_nothing_and_come_back() -> None:
    """One that is busy 999,999 times in a million: each further one is worth nearly as much, up to the 64th."""
    model = CoverModel("", (StationId("S0"),), (CoverRow("a", (0,), PPB),), 999_999)
    cover = Cover(model)
    gains = []
    for _ in range(MOST_COUNTED + 6):
        gains.append(cover.gain_ppb[0])
        cover.put(0)
    assert gains[0] == 1_000 and gains[MOST_COUNTED - 1] > 0
    assert gains[MOST_COUNTED:] == [0] * 6
    assert cover.loss_ppb == [0], "the seventieth is missed by nobody"
    assert cover.lost_by_area([0] * 7) == {"a": gains[MOST_COUNTED - 1]}, "of seven that go the last one is missed"
    for _ in range(7):
        cover.take(0)
    assert (cover.gain_ppb[0], cover.loss_ppb[0]) == (gains[63], gains[62])
    for _ in range(63):
        cover.take(0)
    assert numbers(cover) == numbers(Cover(model))


def test_rows_of_two_areas_that_the_same_stations_reach_are_told_apart() -> None:
    rows_told = (CoverRow("a", (0, 1), 300_000_000), CoverRow("b", (0, 1), 500_000_000), CoverRow("b", (), 200_000_000))
    cover = counted(CoverModel("", (StationId("S0"), StationId("S1")), rows_told), [0])
    assert cover.counts == [1, 1, 0]
    assert cover.lost_by_area([0]) == {"a": 210_000_000, "b": 350_000_000}
    assert cover.gained_by_area(1) == {"a": 63_000_000, "b": 105_000_000}
    assert cover.covered_ppb() == 560_000_000


def test_rows_are_rounded_down_each_for_itself() -> None:
    """1 ppb by 0.7 is nothing, however many such rows one ring has: adding weights first would make 2 of 3."""
    model = CoverModel("", (StationId("S0"),), tuple(CoverRow("a", (0,), 1) for _ in range(3)))
    assert Cover(model).gain_ppb == [0]


def test_a_model_that_nobody_reaches() -> None:
    cover = Cover(CoverModel("", (StationId("S0"),), (CoverRow("a", (), PPB),)))
    cover.put(0)
    assert (cover.gain_ppb, cover.loss_ppb, cover.counts, cover.covered_ppb()) == ([0], [0], [0], 0)
    assert cover.lost_by_area([0]) == cover.gained_by_area(0) == {}


@given(models, placed, stations)
def test_what_is_tried_on_a_copy_stays_there(model: CoverModel, at: list[int], station: int) -> None:
    cover = counted(model, at)
    before = [list(one) for one in numbers(cover)]
    twin = cover.copy()
    twin.put(station)
    assert [list(one) for one in numbers(cover)] == before
    assert numbers(twin) == numbers(counted(model, [*at, station]))
    cover.put(station)
    assert numbers(cover) == numbers(twin), "and the other way round"


# ---- the compiled count


@pytest.mark.skipif(find_kernel() is None, reason="Numba cannot be loaded here: the plain engine serves alone")
@settings(max_examples=120)
@given(models, st.lists(st.tuples(st.booleans(), stations), max_size=80))
def test_the_compiled_engine_counts_the_same(model: CoverModel, moves: list[tuple[bool, int]]) -> None:
    arrays, loop, twin = (import_module(f"tocsin.lab.kernel.{name}") for name in ("arrays", "loop", "twin"))
    cover, at = Cover(model), list[int]()
    told = twin._cover_rows(SimpleNamespace(cover=cover))
    nothing = {
        name: np.zeros((1,) * kind.ndim, kind.dtype.name) for name, kind in zip(arrays.World._fields, arrays.WORLD.types, strict=True)
    }
    world = arrays.World(**nothing)._replace(rows_from=told[0], rows=told[1], stations_from=told[2], stations=told[3], worth=told[4])
    empty = {name: np.zeros((1,) * kind.ndim, kind.dtype.name) for name, kind in zip(arrays.State._fields, arrays.STATE.types, strict=True)}
    state = arrays.State(**empty)._replace(
        counts=np.zeros(len(model.rows), np.int64), gain_ppb=np.array(cover.gain_ppb, np.int64), loss_ppb=np.zeros(STATIONS, np.int64)
    )
    for is_put, station in moves:
        if is_put:
            cover.put(station)
            loop.put(world, state, station)
            at.append(station)
        elif station in at:
            cover.take(station)
            loop.take(world, state, station)
            at.remove(station)
        assert (state.gain_ppb.tolist(), state.loss_ppb.tolist()) == (cover.gain_ppb, cover.loss_ppb)
    assert state.counts.tolist() == cover.counts
