"""A centre's city with roads closed: the same places, other drives between them. What a drawn shape closes is what it closes live."""

from collections.abc import Sequence

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.lab.city.model import City, Roads
from tocsin.lab.city.region_roads import StreetAnchors, anchored, net_of, routers_of
from tocsin.lab.city.ways import Progress, roads_between
from tocsin.lab.city.web import Rows
from tocsin.roads.closures import ClosedShape
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region


def closed_roads(network: RoadNetwork, city: City, shapes: Sequence[ClosedShape], progress: Progress) -> Roads:
    """Drives between the city's places with the shapes closed. ``city``: made of this network.

    Raises BadInput ``lab_roads_open`` where a shape meets no street, ``coordinates``, ``closure_shape``.
    """
    for shape in shapes:
        if not len(network.closures.closed_edges(shape)):
            raise BadInput("lab_roads_open", kind=shape.kind)
    routers = routers_of(network, network.closures.all_closed(shapes))
    named = 1 + max([one.place for one in city.stations] + [one.place for one in city.hospitals])
    places = [LonLat(float(lon), float(lat)) for lon, lat in zip(city.place_lon[:named], city.place_lat[:named], strict=True)]
    anchors, _ = anchored(network, routers, places)
    whole: StreetAnchors = anchors.with_states(_way_points(network.region, city, named))
    return roads_between(net_of(routers), whole, progress)


def _way_points(region: Region, city: City, first: int) -> Rows:
    """The nodes that the city's further places stand at: they have the nodes' own coordinates."""
    net_lon, net_lat = region.node_lon_e7.tolist(), region.node_lat_e7.tolist()
    at = {place: node for node, place in reversed(list(enumerate(zip(net_lon, net_lat, strict=True))))}
    lon, lat = (np.rint(one[first:] * 1e7).astype(np.int64).tolist() for one in (city.place_lon, city.place_lat))
    return np.array([at[place] for place in zip(lon, lat, strict=True)], dtype=np.int32)
