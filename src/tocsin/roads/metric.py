"""A metric: what every edge costs now, and the id under which the same question gives the same milliseconds for ever."""

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.roads.graph import Graph

INFINITE_MS: Final = 1 << 30
"""12.4 days. In arrays of arc weights only: twice this still fits an unsigned 32-bit number."""


class MetricKey(msgspec.Struct, frozen=True):
    """What road times depend on."""

    map_hash: str
    speeds: str
    """Speed profile, or ``fitted-`` and a hash of the fitted factors."""
    vehicle: str = "any"
    """Vehicle class."""
    is_lights: bool = True
    """With lights and sirens."""
    time_bin: int | None = None
    """Hours of the week with the same speeds (``speeds.SpeedProfile.bin_of``); None where speeds do not depend on the hour."""
    closures: str = "open"
    """Hash of the set of closed edges; ``open`` when none is."""

    @property
    def id(self) -> str:
        """``map.speeds.vehicle.mode.bin.closures``: stands in the facts of every decision and in every receipt."""
        hours = "all" if self.time_bin is None else f"b{self.time_bin:03d}"
        mode = "lights" if self.is_lights else "plain"
        return f"{self.map_hash[:16]}.{self.speeds}.{self.vehicle}.{mode}.{hours}.{self.closures}"


@dataclass(frozen=True, eq=False)
class Metric:
    """Costs per directed edge. Never changed after it is made."""

    key: MetricKey
    drive_ms: NDArray[np.int64]
    """Over the whole edge, at least 1; a part of it takes ``position.part_ms``."""
    wait_ms: NDArray[np.int64]
    """At signals and signs, paid by whoever leaves the edge by its head; not by whoever stops on it."""
    is_closed: NDArray[np.bool_]
    """A closed edge is not driven through. Who stands on it may leave it, and who is wanted on it is driven to: a road is most often
    closed for the very incident that crews are sent to."""

    def arc_ms(self, graph: Graph) -> NDArray[np.uint32]:
        """Weight of each arc; ``INFINITE_MS`` where it is closed."""
        edge_ms, arc_ms = np.empty(len(self.drive_ms), np.uint32), np.empty(graph.arcs, np.uint32)
        for part in _parts(len(edge_ms)):
            edge_ms[part] = np.where(
                self.is_closed[part], INFINITE_MS, np.minimum(self.drive_ms[part] + self.wait_ms[part], INFINITE_MS - 1)
            )
        for part in _parts(graph.arcs):
            arc_ms[part] = edge_ms[graph.arc_edge[part]]
        return arc_ms


def _parts(count: int) -> list[slice]:
    """Piece by piece: a closure waits for this, and fresh memory for whole arrays in between costs more than the sums."""
    return [slice(first, first + 65_536) for first in range(0, count, 65_536)]
