"""Drives on real streets whose times are known, because they were made: by factors per class and zone, constants, noise and mishaps."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin.base.quantities import Metres, Millis, Ppm
from tocsin.roads.graph import Graph
from tocsin.roads.learning.drives_taken import find_drives
from tocsin.roads.learning.trips import Trip
from tocsin.roads.metric import Metric, MetricKey
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region
from tocsin.roads.turns import graph_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """A town in which everything about speeds is known."""

    region: Region
    factor: Callable[[Region], Floats]
    """Of each edge."""
    night: float = 1.0
    """Times the factor from 22 to 6."""
    plain: float = 1.5
    constant_s: tuple[float, float] = (40.0, 90.0)
    """Of engines and of medics."""
    turnout_s: float = 60.0
    noise: float = 0.2
    """Standard deviation of the logarithm."""
    mishaps: float = 0.05
    """Share of drives that take three times as long."""

    @cached_property
    def graph(self) -> Graph:
        return graph_of(self.region)

    def metric(self, night: bool) -> Metric:
        """The true one."""
        region = self.region
        edge_ms = np.maximum(np.rint(region.edge_ms * self.factor(region) * (self.night if night else 1.0)), 1).astype(np.int64)
        return Metric(MetricKey(region.map_hash, "true"), edge_ms, np.zeros(region.edges, np.int64), np.zeros(region.edges, np.bool_))

    def places(self, dice: np.random.Generator, count: int) -> list[OnRoad]:
        """Anywhere from which one gets away and back."""
        strong = self.region.node_is_strong.astype(bool)
        edges = np.flatnonzero(strong[self.region.edge_tail] & strong[self.region.edge_head])
        picked = dice.choice(edges, count)
        return [OnRoad(int(edge), Ppm(int(at))) for edge, at in zip(picked, dice.integers(0, WHOLE_PPM + 1, count), strict=True)]

    def drives(self, count: int, *, seed: int, few_stations: int = 12, few_scenes: int = 100) -> tuple[list[Trip], Floats]:
        """Drives, and how long each would take without noise and mishaps, in milliseconds from rolling on."""
        dice = np.random.default_rng(seed)
        stations = self.places(np.random.default_rng(1), few_stations)
        scenes = self.places(np.random.default_rng(2), few_scenes)  # few, so that there are few trees to grow
        starts, ends = ([some[row] for row in dice.integers(0, len(some), count)] for some in (stations, scenes))
        hours, is_medic, is_lights = dice.integers(0, 168, count), dice.random(count) < 0.3, dice.random(count) < 0.8
        is_night = (hours % 24 >= 22) | (hours % 24 < 6)
        by_day, by_night = (
            find_drives(self.region, self.graph, metric, starts, ends) for metric in (self.metric(False), self.metric(True))
        )
        road_ms = np.where(is_night, by_night.drive_ms(self.metric(True).drive_ms), by_day.drive_ms(self.metric(False).drive_ms))
        true_ms = road_ms * np.where(is_lights, 1.0, self.plain) + 1000 * np.where(is_medic, self.constant_s[1], self.constant_s[0])
        seen_ms = true_ms * np.exp(dice.normal(0, self.noise, count)) * np.where(dice.random(count) < self.mishaps, 3.0, 1.0)
        rows = zip(starts, ends, seen_ms.tolist(), hours.tolist(), is_medic.tolist(), is_lights.tolist(), strict=True)
        return [self._trip(number, *row) for number, row in enumerate(rows)], true_ms

    def _trip(self, number: int, start: OnRoad, end: OnRoad, seen_ms: float, hour: int, is_medic: bool, is_lights: bool) -> Trip:  # noqa: PLR0917 - a row
        drive_ms, turnout_ms = round(seen_ms), round(1000 * self.turnout_s)
        return Trip(
            f"I{number // 3}", start, end, "station", True, "medic" if is_medic else "engine", is_lights, hour,
            Millis(drive_ms), Millis(drive_ms + turnout_ms), Metres(0.0),
        )  # fmt: skip
