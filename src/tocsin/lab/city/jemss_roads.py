"""A JEMSS road graph as a city asks it: places hang on the nearest node that may be joined, off the road at a speed of its own."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tocsin.base.faults import BadInput
from tocsin.formats.jemss import MS_PER_DAY, RoadTables, Travel
from tocsin.lab.city.model import Floats
from tocsin.lab.city.ways import Net, Side
from tocsin.lab.city.web import Doors, KernelSearch, Rows, ScipySearch, Search, web_of


def net_of(roads: RoadTables) -> Net:
    """Both ways of driving; one order of search for both."""
    webs = [web_of(len(roads.lon), roads.tail, roads.head, ms) for ms in (roads.lights_ms, roads.normal_ms)]
    searches: Sequence[Search] = KernelSearch.over(webs) or [ScipySearch(web) for web in webs]
    lights, normal = (Side(web, search) for web, search in zip(webs, searches, strict=True))
    return Net(lights, normal, roads.lon, roads.lat)


class NodeAnchors(NamedTuple):
    """Places by their node."""

    node: Rows
    lights_ms: NDArray[np.uint32]
    """Off the road, at either end."""
    normal_ms: NDArray[np.uint32]

    @property
    def size(self) -> int:
        """See ``ways.Anchors``."""
        return len(self.node)

    def doors(self, *, is_lights: bool) -> Doors:
        """See ``ways.Anchors``."""
        off_ms = self.lights_ms if is_lights else self.normal_ms
        reach = tuple((self.node[nth : nth + 1], off_ms[nth : nth + 1]) for nth in range(self.size))
        return Doors(self.node[None, :], off_ms[None, :], reach)

    def straight(self, target: int, *, is_lights: bool) -> Iterator[tuple[int, int]]:
        """See ``ways.Anchors``: only oneself."""
        yield target, 0

    def with_states(self, states: Rows) -> "NodeAnchors":
        """See ``ways.Anchors``."""
        nothing = np.zeros(len(states), dtype=np.uint32)
        return NodeAnchors(
            np.append(self.node, states).astype(np.int32), np.append(self.lights_ms, nothing), np.append(self.normal_ms, nothing)
        )


def anchored(roads: RoadTables, travel: Travel, scale: tuple[float, float], lon: Floats, lat: Floats) -> tuple[NodeAnchors, Floats]:
    """Places on their nodes, and how many kilometres off these they lie. ``scale``: km per degree east and north, as the city states it.

    Only nodes that may be joined and from which one gets everywhere and back. Raises BadInput ``city_roads_none``.
    """
    rows = np.flatnonzero(roads.may_join & strong(roads))
    if not len(rows):
        raise BadInput("city_roads_none", field="offRoadAccess")
    tree = cKDTree(np.stack([roads.lon[rows] * scale[0], roads.lat[rows] * scale[1]], axis=1))
    off_km, nearest = tree.query(np.stack([lon * scale[0], lat * scale[1]], axis=1))
    lights_ms, normal_ms = (
        np.floor(off_km / speed * MS_PER_DAY + 0.5).astype(np.uint32) for speed in (travel.lights_km_per_day, travel.normal_km_per_day)
    )
    return NodeAnchors(rows[nearest].astype(np.int32), lights_ms, normal_ms), off_km


def strong(roads: RoadTables) -> NDArray[np.bool_]:
    """Nodes of the largest part from which one gets everywhere in it and back."""
    count = len(roads.lon)
    graph = csr_array((np.ones(len(roads.tail), np.int8), (roads.tail, roads.head)), shape=(count, count))
    _, part = connected_components(graph, directed=True, connection="strong")
    is_strong: NDArray[np.bool_] = part == np.argmax(np.bincount(part))
    return is_strong
