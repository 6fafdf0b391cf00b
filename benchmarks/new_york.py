"""New York's road network of the 9th DIMACS challenge as streets, once or as a square of copies: what a metropolis and a country cost.

All its streets are two-way, without names, bends or restrictions. Nothing here is run by ``run.py``.
"""

import gzip
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.streets import BOTH, Streets, class_codes

FOLDER: Final = "data/roads/new-york-dimacs"
LINKS: Final = 8
"""Streets between two neighbouring copies."""


def new_york(shared: Path, side: int = 1) -> Streets:
    """``side`` x ``side`` copies beside each other. A tenth of a metre at the full speed of its class takes 3.6 ms (100 km/h)."""
    lon, lat = (column * 10 for column in _table(shared / FOLDER / "USA-road-d.NY.co.gz", b"v", 3)[:, 1:].T)
    arcs = _table(shared / FOLDER / "USA-road-t.NY.gr.gz", b"a", 3)
    arcs = arcs[arcs[:, 0] < arcs[:, 1]]  # each street stands twice, equally long
    tail, head, ms = arcs[:, 0] - 1, arcs[:, 1] - 1, (arcs[:, 2] * 18 + 2) // 5
    nodes, copies = len(lon), np.arange(side * side)
    wide, high = np.ptp(lon) + 10_000, np.ptp(lat) + 10_000
    all_lon = (lon + (copies % side * wide)[:, None]).ravel()
    all_lat = (lat + (copies // side * high)[:, None]).ravel()
    link_tail, link_head = _links(lon, lat, nodes, side)
    tail = np.concatenate([(tail + (copies * nodes)[:, None]).ravel(), link_tail])
    head = np.concatenate([(head + (copies * nodes)[:, None]).ravel(), link_head])
    return _streets(all_lon, all_lat, tail, head, np.concatenate([np.tile(ms, len(copies)), np.full(len(link_tail), 60_000)]))


def _table(path: Path, kind: bytes, columns: int) -> NDArray[np.int64]:
    """Rows of one kind, without the letter before them."""
    lines = [line[2:] for line in gzip.decompress(path.read_bytes()).split(b"\n") if line[:1] == kind]
    return np.array(b" ".join(lines).split(), dtype=np.int64).reshape(-1, columns)


def _links(lon: NDArray[np.int64], lat: NDArray[np.int64], nodes: int, side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From the outermost nodes of a copy to those of the next one to the east and to the north."""
    edges = {axis: np.argsort(place, kind="stable") for axis, place in enumerate((lon, lat))}
    tail, head = [], []
    for copy in range(side * side):
        for axis, beside, is_last in ((0, copy + 1, copy % side == side - 1), (1, copy + side, copy // side == side - 1)):
            if not is_last:
                tail.append(copy * nodes + edges[axis][-LINKS:])
                head.append(beside * nodes + edges[axis][:LINKS])
    return (np.concatenate(tail), np.concatenate(head)) if tail else (np.empty(0, np.int64), np.empty(0, np.int64))


def _streets(
    lon: NDArray[np.int64], lat: NDArray[np.int64], tail: NDArray[np.int64], head: NDArray[np.int64], ms: NDArray[np.int64]
) -> Streets:
    count, ends = len(tail), np.stack([tail, head], axis=1).ravel()
    return Streets(
        node_lon_e7=lon.astype(np.int32),
        node_lat_e7=lat.astype(np.int32),
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        start=np.arange(0, 2 * count + 1, 2),
        point_lon_e7=lon[ends].astype(np.int32),
        point_lat_e7=lat[ends].astype(np.int32),
        way=np.full(count, BOTH, dtype=np.uint8),
        klass=np.full(count, class_codes()["road"], dtype=np.uint8),
        name=np.full(count, -1, dtype=np.int32),
        speed_along_dkmh=np.zeros(count, dtype=np.int32),
        speed_against_dkmh=np.zeros(count, dtype=np.int32),
        names=(),
        along_ms=ms.astype(np.int32),
        against_ms=ms.astype(np.int32),
        source="USA-road-t.NY.gr.gz",
    )
