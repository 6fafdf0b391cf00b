"""Drives along roads: what a fit is taught with and judged on, their routes by a metric, and their times by a file's factors."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tocsin.base.quantities import Metres, Millis
from tocsin.roads.graph import Graph
from tocsin.roads.learning.drives_taken import Drives, find_drives
from tocsin.roads.learning.model import Floats
from tocsin.roads.metric import Metric, MetricKey
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.speeds import ANY, Constants, Fitted, scaled_ms, zone_of_edges


class Trip(NamedTuple):
    """One drive along roads."""

    group: str
    """Drives to the same incident have the same."""
    start: OnRoad
    end: OnRoad
    source: str
    is_sure: bool
    """Its start is known well enough to learn factors from it; others only tell how wide the interval is."""
    kind: str
    is_lights: bool
    hour_of_week: int
    drive_ms: Millis
    """Rolled to on scene."""
    response_ms: Millis
    """Told to on scene."""
    straight_m: Metres

    @property
    def is_from_road(self) -> bool:
        """Did not start from quarters."""
        return self.source != "station"


def routes(region: Region, graph: Graph, trips: Sequence[Trip], fitted: Fitted | None) -> Drives:
    """The quickest drives on paper, or by fitted times: each by the metric of its hour's bin."""
    wait_ms, is_closed = np.zeros(region.edges, dtype=np.int64), np.zeros(region.edges, dtype=np.bool_)
    bin_of = (lambda trip: 0) if fitted is None else (lambda trip: fitted.bin_of_hour[trip.hour_of_week])
    order = sorted(range(len(trips)), key=lambda row: bin_of(trips[row]))
    found: list[Drives] = []
    for bin_, rows in groupby(order, key=lambda row: bin_of(trips[row])):
        some = [trips[row] for row in rows]
        edge_ms = region.edge_ms.astype(np.int64) if fitted is None else _bin_ms(region, fitted, bin_)
        metric = Metric(MetricKey(region.map_hash, "fit"), edge_ms, wait_ms, is_closed)
        found.append(find_drives(region, graph, metric, [trip.start for trip in some], [trip.end for trip in some]))
    return _in_order(found, np.argsort(order), region.edges)


def _in_order(found: Sequence[Drives], back: NDArray[np.intp], edges: int) -> Drives:
    if not found:
        return Drives(csr_array((0, edges)), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
    starts = np.cumsum([0, *(part.shares.shape[0] for part in found)])
    parts = [part.shares.tocoo() for part in found]
    row = np.concatenate([part.coords[0] + start for part, start in zip(parts, starts, strict=False)])
    shares = csr_array(
        (np.concatenate([part.data for part in parts]), (row, np.concatenate([part.coords[1] for part in parts]))),
        shape=(starts[-1], edges),
    )
    wait_ms, is_reached = (np.concatenate([getattr(part, name) for part in found])[back] for name in ("wait_ms", "is_reached"))
    return Drives(shares[back], wait_ms, is_reached)


def _bin_ms(region: Region, fitted: Fitted, bin_: int) -> NDArray[np.int64]:
    factor = np.array(fitted.factors_permille[bin_], dtype=np.int64)[
        zone_of_edges(region, fitted.zones, fitted.cos_permille), region.edge_class
    ]
    return scaled_ms(region.edge_ms.astype(np.int64), factor)


def driven_ms(region: Region, fitted: Fitted, drives: Drives, trips: Sequence[Trip]) -> Floats:
    """Road time of drives whose routes are known, by the stored factors, plain drives slower."""
    bins = np.array([fitted.bin_of_hour[trip.hour_of_week] for trip in trips], dtype=np.int64)
    found = np.zeros(len(trips))
    for bin_ in np.unique(bins).tolist():
        edge_ms = _bin_ms(region, fitted, bin_)
        for is_lights in (True, False):
            rows = np.flatnonzero((bins == bin_) & (np.array([trip.is_lights for trip in trips]) == is_lights))
            by_ms = edge_ms if is_lights else scaled_ms(edge_ms, np.int64(fitted.plain_permille))
            found[rows] = np.asarray(drives.shares[rows] @ by_ms.astype(np.float64))
    return found


def predicted_road_ms(region: Region, graph: Graph, trips: Sequence[Trip], fitted: Fitted) -> Floats:
    """Road time of drives as the metrics of a file will have it."""
    return driven_ms(region, fitted, routes(region, graph, trips, fitted), trips)


def constants_of(known: dict[str, Constants], trips: Sequence[Trip]) -> Floats:
    """The constant of each drive."""
    found = [known.get(trip.kind, known[ANY]) for trip in trips]
    return np.array(
        [one.road_ms if trip.is_from_road else one.station_ms for one, trip in zip(found, trips, strict=True)], dtype=np.float64
    )
