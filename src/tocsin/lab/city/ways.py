"""Drives between all places of a city, both ways of driving, with the next place on each way."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import NO_WAY_MS, Floats, Ints, Roads, Shorts
from tocsin.lab.city.web import FAR_MS, WIDE, Doors, Millis32, Rows, Search, Web, nearest_places
from tocsin.roads.compiled_kernel import find_kernel_router

Progress = Callable[[int, int | None, str], None]

MOST_PLACES: Final = 32_000
"""Places are numbered in 16 bits."""


class Side(NamedTuple):
    """One way of driving: with lights and sirens, or without."""

    web: Web
    search: Search


class Anchors(Protocol):
    """Where places hang on the streets."""

    @property
    def size(self) -> int:
        """How many."""
        ...

    def doors(self, *, is_lights: bool) -> Doors:
        """In one way of driving."""
        ...

    def straight(self, target: int, *, is_lights: bool) -> Iterator[tuple[int, int]]:
        """(place, ms) of those that come to the target without leaving its street; itself with 0."""
        ...

    def with_states(self, states: Rows) -> "Anchors":
        """These and, after them, places at nodes of the streets."""
        ...


class Net(NamedTuple):
    """A road network in both ways of driving."""

    lights: Side
    normal: Side
    state_lon: Floats
    """Of the states that a way point may stand at: the first ones."""
    state_lat: Floats


def roads_between(net: Net, anchors: Anchors, progress: Progress) -> Roads:
    """All drives. Exact: what the search says, and straight on where that is less."""
    lights_ms, lights_via = _tables(net.lights, anchors, progress, is_lights=True)
    normal_ms, normal_via = _tables(net.normal, anchors, progress, is_lights=False)
    return Roads(lights_ms, normal_ms, lights_via, normal_via)


def _tables(side: Side, anchors: Anchors, progress: Progress, *, is_lights: bool) -> tuple[Ints, Shorts]:
    doors, count = anchors.doors(is_lights=is_lights), anchors.size
    near = nearest_places(side.web, doors).place
    all_ms, all_via = np.empty((count, count), np.int32), np.empty((count, count), np.int16)
    follow = _follower(side.web, doors, near)
    for first in range(0, count, WIDE):
        last = min(first + WIDE, count)
        progress(first + (0 if is_lights else count), 2 * count, "city_drives")
        state_ms = side.search.to(doors.reach[first:last])
        part = _part_ms(state_ms, doors, last - first)
        for target in range(first, last):
            for place, ms in anchors.straight(target, is_lights=is_lights):
                if part[place, target - first] < 0 or ms < part[place, target - first]:
                    part[place, target - first] = ms
        all_ms[:, first:last] = part
        all_via[:, first:last] = follow(state_ms, part, first)
    return all_ms, all_via


def _part_ms(state_ms: Millis32, doors: Doors, count: int) -> Ints:
    """(places, count): out by the better door."""
    best = np.full((doors.leave_state.shape[1], count), FAR_MS, dtype=np.int64)
    for states, leave_ms in zip(doors.leave_state, doors.leave_ms, strict=True):
        ways = state_ms[states, :count].astype(np.int64) + leave_ms[:, None]
        best = np.minimum(best, np.where(states[:, None] >= 0, ways, FAR_MS))
    return np.where(best < FAR_MS, best, NO_WAY_MS).astype(np.int32)


Follow = Callable[[Millis32, Ints, int], Shorts]


def _follower(web: Web, doors: Doors, near: Rows) -> Follow:
    """Compiled where that runs."""
    if find_kernel_router() is None:
        return lambda state_ms, table_ms, first: next_places_plain(web, state_ms, doors, near, table_ms, first)
    from tocsin.roads.kernel.next_places import next_places  # noqa: PLC0415 - compiled code is loaded when roads are asked

    start, run = web.start(), cast(Callable[..., None], next_places)

    def follow(state_ms: Millis32, table_ms: Ints, first: int) -> Shorts:
        via = np.empty(table_ms.shape, np.int16)
        run(start, web.arc_head, web.arc_ms, state_ms, doors.leave_state, doors.leave_ms, near, np.ascontiguousarray(table_ms), first, via)
        return via

    return follow


def next_places_plain(web: Web, state_ms: Millis32, doors: Doors, near: Rows, table_ms: Ints, first: int) -> Shorts:
    """``roads/kernel/next_places.py`` in NumPy: all places of one target step together, one arc at a time."""
    via = np.empty(table_ms.shape, np.int16)
    for column in range(table_ms.shape[1]):
        to_ms = state_ms[:, column].astype(np.int64)
        onward = _onward(web, to_ms)
        via[:, column] = _followed(to_ms, onward, doors, near, table_ms[:, column], first + column)
    return via


def _onward(web: Web, to_ms: NDArray[np.int64]) -> Rows:
    """Of each state the next one on its quickest way, by its first arc that lies on it; -1 = the door of the target."""
    onward = np.full(web.states, -1, dtype=np.int32)
    is_on = (web.arc_ms + to_ms[web.arc_head] == to_ms[web.arc_tail]) & (to_ms[web.arc_tail] < FAR_MS)
    rows = np.flatnonzero(is_on)[::-1]  # of several arcs the first stays
    onward[web.arc_tail[rows]] = web.arc_head[rows]
    return onward


def _followed(to_ms: NDArray[np.int64], onward: Rows, doors: Doors, near: Rows, left_ms: Ints, target: int) -> Shorts:
    ways = np.where(doors.leave_state >= 0, to_ms[doors.leave_state] + doors.leave_ms, 1 << 40)
    row = np.argmin(ways, axis=0)
    places = np.arange(len(left_ms))
    via = np.full(len(left_ms), target, dtype=np.int16)
    is_open = (left_ms > 0) & (ways[row, places] == left_ms)
    here = places[is_open]
    state = doors.leave_state[row, places][here]
    while len(here):
        other = near[state]
        is_found = (other != here) & (other >= 0) & (left_ms[other] >= 0) & (left_ms[other] < left_ms[here])
        via[here[is_found]] = other[is_found]
        state = onward[state]
        goes_on = ~is_found & (state >= 0)
        here, state = here[goes_on], state[goes_on]
    return via


def via_by_neighbours(ms: Ints, *, neighbours: int = 24, slack: float = 0.15) -> Shorts:
    """Next places where only a table of times is known: of the places nearest to the start the nearest from which less is left and by
    which the way is at most this share longer; the end where there is none."""
    count = len(ms)
    via = np.tile(np.arange(count, dtype=np.int16), (count, 1))
    far = np.where(ms < 0, FAR_MS, ms)
    for place in range(count):
        own = far[place].astype(np.int64)
        near = np.argsort(own, kind="stable")[1 : neighbours + 1]
        near = near[(own[near] > 0) & (own[near] < FAR_MS)]
        if not len(near):
            continue
        onward = far[near].astype(np.int64)  # (neighbours, targets)
        fits = (onward < own) & (own[near][:, None] + onward <= own * (1 + slack)) & (own < FAR_MS)
        is_any = fits.any(axis=0)
        via[place, is_any] = near[np.argmax(fits, axis=0)][is_any]
    return via
