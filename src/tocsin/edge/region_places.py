"""The streets of a region as rows of the gazetteer: every region has its names and crossings searchable, whatever it was built from."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.places.rows import Piece
from tocsin.roads.region import DEGREES_E7, Region


def pieces(region: Region) -> Iterator[Piece]:
    """Each named street once, along its line."""
    streets, first = np.unique(region.edge_street, return_index=True)
    for street, edge in zip(streets.tolist(), first.tolist(), strict=True):
        name = region.name_of(edge)
        if name:
            start, end = int(region.street_start[street]), int(region.street_start[street + 1])
            ends = (int(region.edge_tail[edge]), int(region.edge_head[edge]))
            tail, head = ends[::-1] if region.edge_is_against[edge] else ends
            yield Piece(name, tail, head, _line(region, slice(start, end)))


def _line(region: Region, part: slice) -> tuple[LonLat, ...]:
    points: Any = np.stack([region.point_lon_e7[part], region.point_lat_e7[part]], axis=1) / DEGREES_E7
    return tuple(LonLat(lon, lat) for lon, lat in points.tolist())
