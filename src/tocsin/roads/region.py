"""A region: streets as a directed graph with times, shapes and names, in flat arrays. Built by ``build.py``, kept by ``region_file.py``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.roads.metric import MetricKey

FORMAT_VERSION = 3
"""Of the region file and of the meaning of its arrays."""

SPEED_PROFILE = "posted-2"
"""Posted speed, else the class table of ``speeds.toml``; part of the metric's id. Change the table or the rounding: change this."""

DEGREES_E7 = 10_000_000
"""Coordinates are whole ten-millionths of a degree (about 1 cm), as OpenStreetMap keeps them."""

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Sections = Mapping[str, NDArray[Any]]


class RegionHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What a region says of itself beside its arrays."""

    name: str
    source: str = ""
    """File name that it was built from."""
    attribution: tuple[str, ...] = ()
    """Who must be named wherever the roads are shown."""
    licence: str = ""
    speed_profile: str = SPEED_PROFILE
    classes: tuple[str, ...] = ()
    """Road classes; ``edge_class`` counts into this list."""
    dropped: dict[str, int] = {}
    """Reason → how many things of the source were left out."""
    assumed: dict[str, int] = {}
    """What the source does not say and was assumed → on how many streets."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """The numbers of a region. Directed edges come street by street: first along its line, then against it."""

    node_lon_e7: Ints
    node_lat_e7: Ints
    node_is_strong: Bytes
    """1 = in the largest strongly connected part: reachable from there and back."""
    node_may_join: Bytes
    """0 = nobody gets on or off the road here (mid-motorway)."""
    edge_tail: Ints
    edge_head: Ints
    edge_ms: Ints
    """At least 1."""
    edge_cm: Ints
    edge_speed_dkmh: Ints
    """Tenths of km/h."""
    edge_twin: Ints
    """The same street the other way; -1 on a one-way street."""
    edge_name: Ints
    """Row of the names; -1 = none."""
    edge_class: Bytes
    edge_street: Ints
    """Whose line the edge follows."""
    edge_is_against: Bytes
    """1 = drives the street's line from its last point to its first."""
    edge_signals: Bytes
    """Traffic signals met while driving the edge, its head included, its tail not."""
    edge_stops: Bytes
    """Stop and give-way signs met in the same way."""
    street_start: Ints
    """Row of a street's first point; one longer than there are streets."""
    point_lon_e7: Ints
    point_lat_e7: Ints
    name_start: Ints
    """First byte of a name in ``name_utf8``; one longer than there are names."""
    name_utf8: Bytes
    turn_from: Ints
    """Edge before a restricted turn. What restrictions mean for the search: ``turns.py``."""
    turn_via: Ints
    """Node of the turn; -1 where it leads by way of other streets (``turn_via_edges``)."""
    turn_to: Ints
    turn_is_only: Bytes
    """1 = only this turn is allowed, 0 = this turn is forbidden."""
    turn_via_start: Ints
    turn_via_edges: Ints

    def items(self) -> list[tuple[str, NDArray[Any]]]:
        """Name and array, in the order of the file."""
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


class Region(Arrays):
    """Arrays with their header. Never changed after it is made; may be mapped from a file that several processes share."""

    header: RegionHeader
    sections: Sections
    """What was made from the streets or came with them and does not change road times: search order, gazetteer, map tiles …"""

    def __init__(self, arrays: Sections, header: RegionHeader, *, map_hash: str | None = None, sections: Sections | None = None) -> None:
        super().__init__(**{name: _of_file_type(name, array) for name, array in arrays.items()})
        object.__setattr__(self, "header", header)
        object.__setattr__(self, "sections", dict(sections or {}))
        object.__setattr__(self, "_map_hash", map_hash)

    def with_sections(self, sections: Sections) -> "Region":
        """The same streets with these sections beside those that are there."""
        return Region(dict(self.items()), self.header, map_hash=self.map_hash, sections={**self.sections, **sections})

    @cached_property
    def map_hash(self) -> str:
        """SHA-256 over names, types and bytes of all arrays; sections are not in it."""
        known: str | None = self.__dict__["_map_hash"]
        return known or hash_arrays(self.items())

    @property
    def metric(self) -> str:
        """Id of the metric of a drive with lights and sirens at no hour in particular, nothing closed."""
        return MetricKey(self.map_hash, self.header.speed_profile).id

    @property
    def nodes(self) -> int:
        """How many."""
        return len(self.node_lon_e7)

    @property
    def edges(self) -> int:
        """How many directed ones."""
        return len(self.edge_tail)

    @property
    def streets(self) -> int:
        """How many lines; a two-way one carries two directed edges."""
        return len(self.street_start) - 1

    @cached_property
    def node_degree(self) -> NDArray[np.int64]:
        """Streets that end at each node; a loop counts twice."""
        ends = self.edge_twin < np.arange(self.edges)  # of a two-way street only one of its edges
        return np.bincount(np.concatenate([self.edge_tail[ends], self.edge_head[ends]]), minlength=self.nodes)

    def node_place(self, node: int) -> LonLat:
        """Where a node lies."""
        return LonLat(int(self.node_lon_e7[node]) / DEGREES_E7, int(self.node_lat_e7[node]) / DEGREES_E7)

    def edge_length_m(self, edge: int) -> Metres:
        """Length of a directed edge."""
        return Metres(int(self.edge_cm[edge]) / 100)

    def name_of(self, edge: int) -> str | None:
        """Street name, None without one."""
        row = int(self.edge_name[edge])
        if row < 0:
            return None
        return bytes(self.name_utf8[self.name_start[row] : self.name_start[row + 1]]).decode("utf-8")


_TYPES = {field.name: np.dtype("<i4") if field.type is Ints else np.dtype("u1") for field in fields(Arrays)}


def _of_file_type(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """The array in the type that the file keeps; itself where it is so already. Raises ValueError for values that do not fit."""
    kind = _TYPES[name]
    if array.dtype == kind:
        return array
    if len(array) and not np.iinfo(kind).min <= array.min() <= array.max() <= np.iinfo(kind).max:
        raise ValueError(name)
    return array.astype(kind)


def hash_arrays(arrays: Iterable[tuple[str, NDArray[Any]]]) -> str:
    """SHA-256 over names, types and bytes of all arrays, in hexadecimal."""
    total = sha256()
    for name, array in arrays:
        total.update(f"{name} {array.dtype.str} {len(array)}\n".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
