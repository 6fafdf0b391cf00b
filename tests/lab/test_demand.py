"""Invented callers call from streets where people live, from which one can get away, and always from a seed."""

from collections import Counter
from random import Random

import numpy as np
import pytest

from tocsin.base.geometry import flat_distance_m
from tocsin.lab.demand import LIVED_IN, Drive, StreetDemand
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.roads.snapping import Snapper

DRAWS = 3000


def test_every_place_is_on_a_lived_in_street_that_can_be_reached(region: Region) -> None:
    demand, snapper, dice = StreetDemand(region), Snapper(region), Random("places")
    drawn = [demand.draw(dice) for _ in range(DRAWS)]
    snaps = snapper.snap([place for place, _ in drawn])
    classes = Counter(region.header.classes[region.edge_class[snap.on.edge]] for snap in snaps)
    # at a crossing the nearest street may be the other one
    assert sum(classes[name] for name in LIVED_IN) > 0.97 * DRAWS
    assert max(snap.distance_m for snap in snaps) < 2.0, "rounding to five digits moves a place by a metre at most"
    strong = region.node_is_strong.astype(bool)
    assert all(strong[region.edge_tail[snap.on.edge]] and strong[region.edge_head[snap.on.edge]] for snap in snaps)
    router = DijkstraRouter(region)
    assert None not in router.times_to(snaps[0].on, [snap.on for snap in snaps])


def test_longer_streets_have_more_callers(region: Region) -> None:
    demand, dice = StreetDemand(region), Random("lengths")
    named = Counter(name for _, name in (demand.draw(dice) for _ in range(DRAWS)) if name)
    lived_in = np.isin(region.edge_class, [nth for nth, name in enumerate(region.header.classes) if name in LIVED_IN])
    length: Counter[str] = Counter()
    for edge in np.flatnonzero(lived_in).tolist():
        length[region.name_of(edge) or ""] += int(region.edge_cm[edge])
    whole = sum(length.values())
    for name, count in named.most_common(5):
        expected = DRAWS * length[name] / whole
        assert count == pytest.approx(expected, abs=5 * expected**0.5 + 3), name


def test_the_same_dice_draw_the_same_places(region: Region) -> None:
    first, second = StreetDemand(region), StreetDemand(region)
    assert [first.draw(Random(str(nth))) for nth in range(50)] == [second.draw(Random(str(nth))) for nth in range(50)]
    assert first.draw(Random("1")) != first.draw(Random("2"))


def test_part_of_a_way_lies_on_the_way(region: Region) -> None:
    drive, demand, dice = Drive(RoadNetwork(region)), StreetDemand(region), Random("ways")
    off_ms = []
    for _ in range(25):
        start, end = demand.draw(dice)[0], demand.draw(dice)[0]
        whole_ms = drive.time_ms(start, end)
        assert whole_ms is not None
        for share in (0.0, 0.25, 0.7, 1.0):
            there = drive.part_way(start, end, share)
            left_ms = drive.time_ms(there, end)
            assert left_ms is not None
            off_ms.append(abs(left_ms - whole_ms * (1 - share)))
        assert flat_distance_m(start=drive.part_way(start, end, 0.0), end=start) < 5
    # Snapped again, a place at a crossing or a bridge may fall on another street: rarely, and the rest agrees to a second.
    assert sorted(off_ms)[int(0.9 * len(off_ms))] < 1000


def test_the_nearest_is_nearest_by_road(region: Region) -> None:
    drive, demand, dice = Drive(RoadNetwork(region)), StreetDemand(region), Random("nearest")
    for _ in range(10):
        start = demand.draw(dice)[0]
        ends = [demand.draw(dice)[0] for _ in range(4)]
        times = [drive.time_ms(start, end) for end in ends]
        found = drive.nearest(start, ends)
        assert found is not None
        assert found[1] == min(time for time in times if time is not None) == times[found[0]]
    assert drive.nearest(ends[0], []) is None
