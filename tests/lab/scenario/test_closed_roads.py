"""Roads closed in ``lab.toml``: the city's drives are then those of the live desk under the same closures, to the millisecond."""

import numpy as np
import pytest
from lab_texts import lived, told

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.formats.centre import Centre
from tocsin.lab.city.centre import CentreFiles, centre_city
from tocsin.lab.city.closed_roads import closed_roads
from tocsin.lab.city.laid import laid_over
from tocsin.lab.city.laid_wrong import Close
from tocsin.lab.city.model import City
from tocsin.lab.city.region_roads import anchored, routers_of
from tocsin.lab.scenario import Scenario
from tocsin.roads.closures import ClosedShape
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region

ACROSS = "[[-71.2900, -29.9300], [-71.2900, -29.9900]]"
"""Between La Serena and Coquimbo, across most of the roads that join them."""
HOUR_MS = 3_600_000


def nobody(done: int, total: int | None, stage: str) -> None:
    """Looks on."""


@pytest.fixture(scope="module")
def network(region: Region) -> RoadNetwork:
    return RoadNetwork(region)


@pytest.fixture(scope="module")
def city(centre: Centre, scenario: Scenario, network: RoadNetwork) -> City:
    return centre_city(centre, network, CentreFiles("folder", scenario, "folder/lab.toml"), nobody)


@pytest.fixture(scope="module")
def close(network: RoadNetwork) -> Close:
    return lambda city, shapes: closed_roads(network, city, shapes, nobody)


def test_drives_are_those_of_the_live_desk_with_these_roads_closed(city: City, network: RoadNetwork, close: Close) -> None:
    shape = ClosedShape("line", (LonLat(-71.29, -29.93), LonLat(-71.29, -29.99)))
    roads = close(city, [shape])
    closed = network.closures.closed_edges(shape)
    chosen = np.random.default_rng(5).choice(city.hospitals[-1].place + 1, 60, replace=False)
    routers = routers_of(network, closed)
    anchors, _ = anchored(network, routers, [LonLat(float(city.place_lon[nth]), float(city.place_lat[nth])) for nth in chosen])
    for router, table in ((routers.lights, roads.lights_ms), (routers.normal, roads.normal_ms)):
        np.testing.assert_array_equal(table[np.ix_(chosen, chosen)], router.times_between(anchors.on, anchors.on))
    is_way = (roads.lights_ms >= 0) & (city.roads.lights_ms >= 0)
    assert (roads.lights_ms >= city.roads.lights_ms)[is_way].all() and (roads.lights_ms > city.roads.lights_ms)[is_way].any()
    assert (roads.lights_ms < 0).mean() > 0.1 > (city.roads.lights_ms < 0).mean(), "the line parts the two towns"


def test_nothing_closed_gives_the_citys_own_drives(city: City, close: Close) -> None:
    for mine, made in zip(city.roads, close(city, []), strict=True):
        np.testing.assert_array_equal(mine, made)


def test_closures_hold_in_their_hours_and_together(city: City, close: Close) -> None:
    text = f'[[happening]]\nwhat = "closed_road"\nday = 1\nat = "06:00"\nhours = 12\nline = {ACROSS}\n'
    text += '[[happening]]\nwhat = "closed_road"\nday = 1\nat = "12:00"\nhours = 12\npoints = [[-71.2510, -29.9040]]\n'
    closed = laid_over(city, told(text), close)
    assert [(one.what, one.begins_ms // HOUR_MS, one.until_ms // HOUR_MS, one.subject) for one in closed.happenings] == [
        ("other_roads", 6, 12, 0), ("other_roads", 12, 18, 1), ("other_roads", 18, 24, 2),
    ]  # fmt: skip
    across, both, point = (roads.lights_ms.astype(np.int64) for roads in closed.other_roads)
    assert ((both >= across) | (both < 0)).all() and ((both >= point) | (both < 0)).all()
    calls, usual = lived(city, days=1)
    _, outcome = lived(closed, days=1, calls=calls)
    early = calls.ready_ms < 5 * HOUR_MS
    assert (outcome.first_unit[early] == usual.first_unit[early]).all() and (outcome.first_unit != usual.first_unit).any()


def test_a_line_in_the_sea_closes_nothing_and_says_so(city: City, close: Close) -> None:
    text = '[[happening]]\nwhat = "radio_lost"\n[[happening]]\nwhat = "closed_road"\nline = [[-71.50, -29.95], [-71.49, -29.95]]\n'
    with pytest.raises(BadInput) as caught:
        laid_over(city, told(text), close)
    assert (caught.value.code, caught.value.file, caught.value.line) == ("lab_roads_open", "lab.toml", 3)


def test_more_ways_of_overlapping_than_there_is_room_for(city: City) -> None:
    def free(city: City, shapes: object) -> object:
        return city.roads

    one = '[[happening]]\nwhat = "closed_road"\nat = "{:02d}:00"\nhours = 20\npoints = [[-71.25, -29.90]]\n'
    with pytest.raises(BadInput) as caught:
        laid_over(city, told("".join(one.format(hour) for hour in range(6))), free)  # type: ignore[arg-type]  # as much as is asked of it
    assert caught.value.code == "lab_closings_many"
