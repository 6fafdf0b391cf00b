"""What it costs that units move: a recommendation over a fleet of which 1,000 report each second, beside the same fleet parked.

Columbus (Ohio). Everybody drives 12 m/s somewhere; between two questions 20 seconds go by. ``kept_up`` follows the fleet once a second as
the desk does, ``asked_cold`` leaves it all to the question.
"""

from collections.abc import Callable
from math import cos, radians
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from tocsin.base.identifiers import CrewId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.place import Place
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.street_files import read_streets
from tocsin.roads.build import build_region
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.shapes import place_of
from tocsin.views.situation import Fix

UNITS, QUESTIONS, APART_S, MPS = 1_000, 7, 20, 12.0
START = Instant(1_790_000_000_000)

GATES = {"following_kept_up_over_parked": ("at_most", 3.0)}


class Fleet:
    """Units that drive along the street on which they began, to and fro, and where they last said to be."""

    def __init__(self, network: RoadNetwork) -> None:
        dice, region = np.random.default_rng(3), network.region
        self.region, self.last, self.board = region, dict[UnitId, Fix](), Board()
        self.edges = dice.integers(0, region.edges, UNITS).tolist()
        self.part = dice.random(UNITS).tolist()
        fold(self.board, CentreOpened("bench", "Bench", "UTC", "exercise", ()), START)
        for nth, edge in enumerate(self.edges):
            home = place_of(region, OnRoad(edge, WHOLE_PPM // 2))
            fold(self.board, StationOpened(StationId(f"S{nth}"), "", Place(home)), START)
            fold(self.board, UnitEnrolled(UnitId(f"U{nth:04d}"), "engine", (), StationId(f"S{nth}"), CrewId("")), START)
        self.targets = [place_of(region, OnRoad(edge, 0)) for edge in dice.integers(0, region.edges, QUESTIONS * 4).tolist()]
        self.drift = dice.random((UNITS, 2)) * 2 - 1

    def find(self, unit: UnitId) -> Fix | None:
        """As ``PositionsPort``."""
        return self.last.get(unit)

    def report(self, second: int) -> Instant:
        """Everybody has gone on."""
        at = Instant(START + second * 1000)
        for nth, edge in enumerate(self.edges):
            base = place_of(self.region, OnRoad(edge, round(self.part[nth] * WHOLE_PPM)))
            gone_m = MPS * (second % 240)
            lon = base.lon + self.drift[nth, 0] * gone_m / (111_320 * cos(radians(base.lat)))
            heading = float(np.degrees(np.arctan2(*self.drift[nth])) % 360)
            unit = UnitId(f"U{nth:04d}")
            self.last[unit] = Fix(unit, float(lon), float(base.lat + self.drift[nth, 1] * gone_m / 111_320), at, heading, MPS)
        return at


def ms(ask: Callable[[], object]) -> float:
    """How long it took."""
    started = perf_counter()
    ask()
    return (perf_counter() - started) * 1e3


def run(shared: Path) -> dict[str, float]:
    """Milliseconds of one gathering, medians, and how the followed fleet compares with the parked."""
    network = RoadNetwork(build_region(read_streets(shared / "data/roads/columbus/columbus.osm.pbf"), name="Columbus"))
    fleet = Fleet(network)
    parked, cold, kept_up = GatherRoads(network), GatherRoads(network, fleet), GatherRoads(network, fleet)
    seen: dict[str, list[float]] = {"parked": [], "cold": [], "kept_up": [], "follow": []}
    for second in range(APART_S * QUESTIONS):
        at = fleet.report(second)
        follow_ms = ms(lambda at=at: kept_up.keep_up(fleet.board, at))
        if second >= APART_S:  # the first makes every label
            seen["follow"].append(follow_ms)
        if second % APART_S == APART_S - 1:
            where = fleet.targets[second // APART_S]
            for name, gather in (("parked", parked), ("cold", cold), ("kept_up", kept_up)):
                took_ms = ms(lambda gather=gather, at=at, where=where: gather.for_place(fleet.board, where, at))
                if second >= APART_S:
                    seen[name].append(took_ms)
    found = {f"following_{name}_ms": median(took) for name, took in seen.items()}
    return found | {"following_kept_up_over_parked": found["following_kept_up_ms"] / found["following_parked_ms"]}


if __name__ == "__main__":
    for key, value in run(Path(__file__).resolve().parents[2] / "shared").items():
        print(f"{key:40} {value:12,.3f}")
