"""From streets to a region: directed edges, lengths, whole-millisecond times, the strongly connected part, turns, names."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tocsin.base.faults import BadInput
from tocsin.base.geometry import EARTH_RADIUS_M
from tocsin.roads.region import DEGREES_E7, Region, RegionHeader
from tocsin.roads.streets import AGAINST, ALONG, UNKNOWN, Progress, Streets, class_speeds_kmh, no_progress

Ints = NDArray[np.int64]

ROWS_AT_ONCE = 1 << 16

LONGEST_MS = 2**30 - 1
"""Times stay below the infinity that the kernel to come uses (12.4 days)."""


def build_region(streets: Streets, *, name: str, progress: Progress = no_progress) -> Region:
    """The graph of these streets. Equal streets give equal arrays.

    A street of unknown direction becomes two-way; one without a speed gets its class's; both are counted in ``header.assumed``.
    Times are ``length / speed``, rounded half up to whole milliseconds, at least 1. Raises BadInput ``network_empty``.
    """
    if not len(streets):
        raise BadInput("network_empty", file=streets.source or None)
    progress(0, len(streets), "graph")
    assumed = defaultdict(int, streets.assumed)
    edges = _edges(streets, assumed)
    arrays: dict[str, NDArray[Any]] = {
        "node_lon_e7": streets.node_lon_e7,
        "node_lat_e7": streets.node_lat_e7,
        "node_is_strong": _strong(len(streets.node_lon_e7), edges["edge_tail"], edges["edge_head"]),
        "node_may_join": np.ones(len(streets.node_lon_e7)) if streets.node_may_join is None else streets.node_may_join,
        **edges,
        "street_start": streets.start,
        "point_lon_e7": streets.point_lon_e7,
        "point_lat_e7": streets.point_lat_e7,
        **_names(streets.names),
    }
    dropped = defaultdict(int, streets.dropped)
    arrays |= _turns(streets, edges, dropped)
    header = RegionHeader(
        name=name,
        source=streets.source,
        attribution=streets.attribution,
        licence=streets.licence,
        classes=tuple(class_speeds_kmh()),
        dropped=_sorted(dropped),
        assumed=_sorted(assumed),
    )
    progress(len(streets), len(streets), "graph")
    return Region(arrays, header)


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return {reason: int(counts[reason]) for reason in sorted(counts) if counts[reason]}


def _edges(streets: Streets, assumed: dict[str, int]) -> dict[str, NDArray[Any]]:
    """Arrays per directed edge: street by street, along its line first."""
    count = len(streets)
    exists = np.stack([streets.way != AGAINST, streets.way != ALONG], axis=1)
    # whole numbers of 32 bits throughout: on a country's streets, what is wider and only in between is what memory runs out of
    both = np.flatnonzero(exists)
    street, is_against = (both // 2).astype(np.int32), (both % 2).astype(bool)
    del both
    is_two_way: NDArray[np.bool_] = np.all(exists, axis=1)
    number = np.cumsum(exists, dtype=np.int32).reshape(count, 2)
    number -= 1
    length_cm = street_lengths_cm(streets)
    edge_ms, speed = _times(streets, street, is_against, length_cm, _speeds(streets, assumed))
    assumed["oneway_unknown"] += int((streets.way == UNKNOWN).sum())
    return {
        "edge_tail": np.where(is_against, streets.head[street], streets.tail[street]),
        "edge_head": np.where(is_against, streets.tail[street], streets.head[street]),
        "edge_ms": edge_ms,
        "edge_cm": _narrow(length_cm)[street],
        "edge_speed_dkmh": speed,
        "edge_twin": np.where(is_two_way[street], number[street, (~is_against).view(np.int8)], np.int32(-1)),
        "edge_name": streets.name[street],
        "edge_class": streets.klass[street],
        "edge_street": street,
        "edge_is_against": is_against,
        "edge_signals": _met(streets.signals, street, is_against),
        "edge_stops": _met(streets.stops, street, is_against),
    }


def _narrow(numbers: Ints) -> NDArray[Any]:
    """In 32 bits where they fit; ``Region`` refuses what does not."""
    return numbers.astype(np.int32) if numbers.max(initial=0) < 2**31 else numbers


def _met(counts: NDArray[np.uint8] | None, street: NDArray[Any], is_against: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Signals or signs per edge from those per street and direction."""
    return np.zeros(len(street), dtype=np.uint8) if counts is None else counts[street, is_against.view(np.int8)]


def _parts(count: int) -> Iterator[slice]:
    """So many rows at a time."""
    return (slice(first, min(first + ROWS_AT_ONCE, count)) for first in range(0, count, ROWS_AT_ONCE))


def street_lengths_cm(streets: Streets) -> Ints:
    """Great-circle length of each line in whole centimetres."""
    lengths: Ints = np.empty(len(streets), dtype=np.int64)
    for part in _parts(len(streets)):
        lengths[part] = _lengths_cm(streets, part)
    return lengths


def _lengths_cm(streets: Streets, part: slice) -> Ints:
    start = streets.start[part.start : part.stop + 1]
    points, start = slice(int(start[0]), int(start[-1])), start - start[0]
    lon, lat = np.radians(streets.point_lon_e7[points] / DEGREES_E7), np.radians(streets.point_lat_e7[points] / DEGREES_E7)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2) ** 2
    piece_m = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    piece_m[start[1:-1] - 1] = 0.0  # from one street's last point to the next one's first is no road
    cm: Ints = np.rint(np.add.reduceat(piece_m, start[:-1]) * 100).astype(np.int64)
    return cm


def _speeds(streets: Streets, assumed: dict[str, int]) -> NDArray[np.int32]:
    """Tenths of km/h per street and direction."""
    by_class = np.array([speed * 10 for speed in class_speeds_kmh().values()], dtype=np.int32)[streets.klass]
    stated = np.stack([streets.speed_along_dkmh, streets.speed_against_dkmh], axis=1)
    if streets.along_ms is None:
        assumed["speed_by_class"] += int((stated == 0).all(axis=1).sum())
    return np.where(stated > 0, stated, by_class[:, None]).astype(np.int32, copy=False)


def _times(
    streets: Streets, street: NDArray[np.int32], is_against: NDArray[np.bool_], length_cm: Ints, speeds_dkmh: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Milliseconds and tenths of km/h per edge, without waiting at signals. Whole-number arithmetic: the same on every machine."""
    edge_ms, speed = np.empty(len(street), dtype=np.int32), np.empty(len(street), dtype=np.int32)
    for part in _parts(len(street)):
        rows, against = street[part], is_against[part].view(np.int8)
        if streets.along_ms is None or streets.against_ms is None:
            # cm x 360 / (tenths of km/h) = ms
            speed[part] = speeds_dkmh[rows, against]
            wide = speed[part].astype(np.int64)
            edge_ms[part] = np.clip((2 * 360 * length_cm[rows] + wide) // (2 * wide), 1, LONGEST_MS)
        else:
            given = np.where(against == 1, streets.against_ms[rows], streets.along_ms[rows]).astype(np.int64)
            edge_ms[part] = np.clip(given, 1, LONGEST_MS)
            speed[part] = np.minimum(360 * length_cm[rows] // edge_ms[part], 9_999)
    return edge_ms, speed


def _strong(nodes: int, tail: NDArray[Any], head: NDArray[Any]) -> NDArray[np.bool_]:
    """Nodes of the largest strongly connected part; of equal parts the one with the lowest node."""
    graph = csr_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes))
    _, part = connected_components(graph, directed=True, connection="strong")
    sizes = np.bincount(part)
    largest = np.flatnonzero(sizes[part] == sizes.max())[0]
    strong: NDArray[np.bool_] = np.equal(part, part[largest])
    return strong


def _names(names: Any) -> dict[str, NDArray[Any]]:
    coded = [name.encode() for name in names]
    start = np.concatenate([[0], np.cumsum([len(name) for name in coded])]) if coded else np.zeros(1)
    return {"name_start": start, "name_utf8": np.frombuffer(b"".join(coded), dtype=np.uint8)}


def _turns(streets: Streets, edges: dict[str, NDArray[Any]], dropped: dict[str, int]) -> dict[str, NDArray[Any]]:
    """Restrictions as directed edges. One that asks to drive against a one-way street says nothing and is counted."""
    out: dict[tuple[int, bool], int] = {}
    wanted = {street for turn in streets.turns for street in (turn.from_street, turn.to_street, *turn.via_streets)}
    for edge in np.flatnonzero(np.isin(edges["edge_street"], list(wanted))) if wanted else ():
        out[int(edges["edge_street"][edge]), bool(edges["edge_is_against"][edge])] = int(edge)
    rows: list[tuple[int, int, int, bool]] = []
    via: list[list[int]] = []
    for turn in streets.turns:
        path = _turn_path(streets, out, turn.from_street, turn.via_node, (*turn.via_streets, turn.to_street))
        if path is None:
            dropped["turn_against_oneway"] += 1
            continue
        rows.append((path[0], -1 if turn.via_streets else turn.via_node, path[-1], turn.is_only))
        via.append(path[1:-1])
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return {
        "turn_from": table[:, 0],
        "turn_via": table[:, 1],
        "turn_to": table[:, 2],
        "turn_is_only": table[:, 3],
        "turn_via_start": np.cumsum([0, *(len(part) for part in via)]),
        "turn_via_edges": np.array([edge for part in via for edge in part], dtype=np.int64),
    }


def _turn_path(streets: Streets, out: dict[tuple[int, bool], int], start: int, node: int, onward: tuple[int, ...]) -> list[int] | None:
    """Directed edges of a turn: into ``node`` by ``start``, then over ``onward``; None where one of them may not be driven."""
    first = out.get((start, int(streets.head[start]) != node))
    path = [first]
    for street in onward:
        is_against = int(streets.tail[street]) != node
        path.append(out.get((street, is_against)))
        node = int(streets.tail[street]) if is_against else int(streets.head[street])
    known = [edge for edge in path if edge is not None]
    return known if len(known) == len(path) else None
