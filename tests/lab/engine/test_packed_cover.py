"""Packed cover against the cover that the live engine counts with."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.identifiers import StationId
from tocsin.core.engine.cover import Cover
from tocsin.core.messages.cover import CoverModel, CoverRow
from tocsin.lab.plain.packed_cover import PackedCover, WideCover, cover_for

STATIONS = 5
rows = st.lists(st.tuples(st.sets(st.integers(0, STATIONS - 1)), st.integers(0, 10**9)), max_size=12)


@given(rows, st.lists(st.integers(0, STATIONS - 1), max_size=12), st.integers(0, 1_000_000))
def test_after_every_change_all_say_the_same(made: list[tuple[set[int], int]], at: list[int], busy_ppm: int) -> None:
    names = tuple(StationId(f"S{nth}") for nth in range(STATIONS))
    model = CoverModel("", names, tuple(CoverRow("A", tuple(sorted(near)), weight) for near, weight in made), busy_ppm)
    cover, packed = Cover(model), PackedCover(model, 12)
    wide = WideCover(model, 12)
    steps = [(cover.put, packed.put, wide.put, station) for station in at] + [
        (cover.take, packed.take, wide.take, station) for station in at[::-1]
    ]
    for *changes, station in steps:
        for change in changes:
            change(station)
        assert packed.gain_ppb == wide.gain_ppb == cover.gain_ppb
        assert packed.loss_ppb == wide.loss_ppb == cover.loss_ppb


def test_what_would_take_too_much_room_is_counted_as_live_does() -> None:
    names = tuple(StationId(f"S{nth}") for nth in range(200))
    model = CoverModel("", names, tuple(CoverRow("A", (nth % 200,), 1) for nth in range(399)))
    assert isinstance(cover_for(model, 60), Cover)
    assert isinstance(cover_for(model, 3), PackedCover)
    assert isinstance(cover_for(model, 64), Cover)
    large = CoverModel("", names, model.rows * 2)
    assert isinstance(cover_for(large, 3), WideCover)
