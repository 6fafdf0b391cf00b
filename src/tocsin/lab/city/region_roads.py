"""A region's roads as a city asks them: places hang in mid-street, as the live desk snaps them; signals, signs and turns count."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Ppm
from tocsin.lab.city.model import Floats
from tocsin.lab.city.ways import Net, Side
from tocsin.lab.city.web import Doors, KernelSearch, Rows, ScipySearch, Search, Web, web_of
from tocsin.roads.compiled_kernel import find_kernel_router
from tocsin.roads.drives import DriveRouter, as_arrays
from tocsin.roads.network import NO_EDGES, Conditions, Edges, RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.positions import FAR
from tocsin.roads.region import DEGREES_E7


class Routers(NamedTuple):
    """The two metrics that the live desk uses at no hour in particular."""

    lights: DriveRouter
    normal: DriveRouter


def routers_of(network: RoadNetwork, closed: Edges = NO_EDGES) -> Routers:
    """With these edges closed; all roads open without them."""
    return Routers(network.router(Conditions(is_lights=True), closed), network.router(Conditions(is_lights=False), closed))


def net_of(routers: Routers) -> Net:
    """Both ways of driving."""
    region = routers.lights.region
    lights, normal = (_side(router) for router in routers)
    return Net(lights, normal, region.node_lon_e7 / DEGREES_E7, region.node_lat_e7 / DEGREES_E7)


def _side(router: DriveRouter) -> Side:
    graph = router.graph
    web = web_of(graph.states, graph.arc_tail, graph.arc_head, router.costs.arc_ms(graph))
    return Side(web, _search(router, web))


def _search(router: DriveRouter, web: Web) -> Search:
    """The router's own hierarchy where it has one."""
    kernel = find_kernel_router()
    return KernelSearch(router.hierarchy, router.weights) if kernel and isinstance(router, kernel.KernelRouter) else ScipySearch(web)


class StreetAnchors(NamedTuple):
    """Places by their position on a street."""

    routers: Routers
    on: tuple[OnRoad, ...]

    @property
    def size(self) -> int:
        """See ``ways.Anchors``."""
        return len(self.on)

    def doors(self, *, is_lights: bool) -> Doors:
        """See ``ways.Anchors``."""
        positions = self._router(is_lights).positions
        leave = positions.departure_arrays(*as_arrays(self.on))
        is_way = leave.ms < FAR
        reach = []
        for on in self.on:
            arrivals = positions.arrivals(on)
            states = np.array([access.state for access in arrivals], dtype=np.int32)
            reach.append((states, np.array([access.ms for access in arrivals], dtype=np.uint32)))
        leave_state = np.where(is_way, leave.state, -1).astype(np.int32)
        return Doors(leave_state, np.where(is_way, leave.ms, 0).astype(np.uint32), tuple(reach))

    def straight(self, target: int, *, is_lights: bool) -> Iterator[tuple[int, int]]:
        """See ``ways.Anchors``."""
        yield from self._router(is_lights).positions.straight_rows(self.on[target], *as_arrays(self.on))

    def with_states(self, states: Rows) -> "StreetAnchors":
        """See ``ways.Anchors``: at the tails of streets that leave the nodes."""
        tails = self.routers.lights.region.edge_tail
        order = np.argsort(tails, kind="stable")
        edges = order[np.searchsorted(tails[order], states)]
        return StreetAnchors(self.routers, (*self.on, *(OnRoad(int(edge), Ppm(0)) for edge in edges)))

    def _router(self, is_lights: bool) -> DriveRouter:
        return self.routers.lights if is_lights else self.routers.normal


def anchored(network: RoadNetwork, routers: Routers, places: Sequence[LonLat]) -> tuple[StreetAnchors, Floats]:
    """Places on their streets, and how many metres off these they lie. Raises BadInput ``network_no_access``, ``coordinates``."""
    snaps = network.snapper.snap(places)
    return StreetAnchors(routers, tuple(snap.on for snap in snaps)), np.array([snap.distance_m for snap in snaps], dtype=np.float64)
