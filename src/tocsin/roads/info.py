"""What a region says of itself, and road times as rows for people and programs: the shapes behind ``tocsin region``."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres, Millis
from tocsin.roads.drives import DriveRouter
from tocsin.roads.manoeuvres import Manoeuvre, manoeuvres
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import DEGREES_E7, FORMAT_VERSION, Region
from tocsin.roads.speeds import ANY


class SearchInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the compiled kernel searches. A bad order is a silent tenfold loss: depth and arcs tell."""

    states: int
    copies: int
    """States beyond the nodes: places where a turn restriction looks back."""
    arcs: int
    upward_arcs: int
    depth_mean: float
    """Of labels."""
    depth_max: int


class RegionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of a region file."""

    name: str
    bbox: tuple[float, float, float, float]
    """West, south, east, north, of all points."""
    nodes: int
    directed_edges: int
    strong_nodes: int
    """In the largest strongly connected part."""
    named: int
    """Directed edges that carry a street name."""
    dropped: dict[str, int]
    """Reason → what was left out of the source."""
    version: int
    streets: int = 0
    assumed: dict[str, int] = {}
    """What the source did not say → on how many streets it was assumed."""
    turn_restrictions: int = 0
    attribution: tuple[str, ...] = ()
    licence: str = ""
    map_hash: str = ""
    metric: str = ""
    sections: dict[str, int] = {}
    """What else the file holds → bytes."""
    search: SearchInfo | None = None
    """None where the compiled kernel does not run."""


class RouteRow(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """One way to a place."""

    from_: LonLat
    to: LonLat
    time_ms: Millis | None
    """None (null) = there is no way."""
    distance_m: Metres | None
    """Length of the way on the road; None without one."""
    snap_m: Metres
    """The farther of the two ends from its road."""
    metric: str = ""
    """Under this id the same question gives the same milliseconds."""
    interval_ms: tuple[Millis, Millis] | None = None
    """Rolling to on scene, four times out of five, of a unit of no particular kind: ``time_ms`` and what learned speeds say is not driving
    (late buttons, the way from the kerb), with how far real drives were from that. None where nothing was learned."""
    steps: tuple[Manoeuvre, ...] | msgspec.UnsetType = msgspec.UNSET
    """What to do on the way, when asked for; empty without a way."""
    geometry: tuple[LonLat, ...] | msgspec.UnsetType = msgspec.UNSET
    """The line that is driven, when asked for; empty without a way."""


def info(region: Region) -> RegionInfo:
    """Counts and origin of a region."""
    header = region.header
    corners = (region.point_lon_e7.min(), region.point_lat_e7.min(), region.point_lon_e7.max(), region.point_lat_e7.max())
    west, south, east, north = (int(corner) / DEGREES_E7 for corner in corners)
    return RegionInfo(
        name=header.name,
        bbox=(west, south, east, north),
        nodes=region.nodes,
        directed_edges=region.edges,
        strong_nodes=int(region.node_is_strong.sum()),
        named=int((region.edge_name >= 0).sum()),
        dropped=header.dropped,
        version=FORMAT_VERSION,
        streets=region.streets,
        assumed=header.assumed,
        turn_restrictions=len(region.turn_from),
        attribution=header.attribution,
        licence=header.licence,
        map_hash=region.map_hash,
        metric=region.metric,
        sections={name: int(array.nbytes) for name, array in sorted(region.sections.items())},
    )


def info_with_search(network: RoadNetwork) -> RegionInfo:
    """The same with what the kernel searches."""
    found = info(network.region)
    if not network.is_compiled:
        return found
    graph, hierarchy = network.graph, network.hierarchy
    search = SearchInfo(
        states=graph.states,
        copies=graph.states - network.region.nodes,
        arcs=graph.arcs,
        upward_arcs=hierarchy.arcs,
        depth_mean=round(hierarchy.mean_depth, 1),
        depth_max=hierarchy.most_depth,
    )
    return msgspec.structs.replace(found, search=search)


class Shown(NamedTuple):
    """What is told of a way beside its time and length."""

    geometry: bool = False
    steps: bool = False


NO_MORE = Shown()


def route_rows(
    network: RoadNetwork, froms: Sequence[LonLat], to: LonLat, *, router: DriveRouter | None = None, shown: Shown = NO_MORE
) -> list[RouteRow]:
    """Ways from many places to one, in the order of the places. Raises BadInput ``coordinates``."""
    by = router or network.router()
    target, *starts = network.snapper.snap([to, *froms])
    times = by.times_to(target.on, [start.on for start in starts])
    routes = [by.route(start.on, target.on) for start in starts]
    return [
        RouteRow(
            from_=place,
            to=to,
            time_ms=time_ms,
            distance_m=route.distance_m if route else None,
            snap_m=Metres(max(start.distance_m, target.distance_m)),
            metric=by.metric,
            interval_ms=_interval(network, time_ms) if time_ms is not None else None,
            steps=tuple(manoeuvres(network.region, route) if route else ()) if shown.steps else msgspec.UNSET,
            geometry=(route.coordinates if route else ()) if shown.geometry else msgspec.UNSET,
        )
        for place, start, time_ms, route in zip(froms, starts, times, routes, strict=True)
    ]


def _interval(network: RoadNetwork, road_ms: Millis) -> tuple[Millis, Millis] | None:
    constant_ms = network.speeds.constant_ms(ANY, is_at_station=False, since="rolled")
    return None if constant_ms is None else network.speeds.interval_ms(Millis(road_ms + constant_ms), since="rolled")
