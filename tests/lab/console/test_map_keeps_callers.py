"""A map of a city whose calls are a log's tells by area how many there were; no dot says where one of them was."""

from collections import Counter

import numpy as np
import pytest

from report_shift import moment
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.lab.city.model import City
from tocsin.lab.city.square import STEP_DEG, square_city
from tocsin.lab.journal.rows import Heard, IncidentRow, SentRow
from tocsin.lab.relived.on_city import city_of_log
from tocsin.wiring.experiments import city_map

CITY = square_city(12, 4, stations=4)
CALLED_FROM = (0, 1, 13, 77, 77, 143)


def row(nth: int, place: int) -> IncidentRow:
    at = Instant(moment("10:00:00") + nth * 7_200_000)
    sent = SentRow(
        UnitId("U"), "ambulance", at, Instant(at + 60_000), Instant(at + 300_000), None, None, "", Instant(at + 900_000), "cleared"  # type: ignore[arg-type]
    )  # fmt: skip
    where = LonLat(place % 12 * STEP_DEG + 0.0004, place // 12 * STEP_DEG - 0.0003)
    return IncidentRow(IncidentId(f"I{nth}"), "fall", "urgent", "urgent", 1, where, "S00", at, at, (sent,), 1)


@pytest.fixture(scope="module")
def lived() -> City:
    rows = tuple(row(nth, place) for nth, place in enumerate(CALLED_FROM))
    return city_of_log(CITY, Heard("c", "C", "UTC", (), None, {}, {}, rows, {}, (), Counter(), 0), [])


def test_the_city_itself_knows_where_people_called_from(lived: City) -> None:
    assert set(np.flatnonzero(lived.place_weights.sum(axis=0)).tolist()) == set(CALLED_FROM)


def test_every_place_of_an_area_weighs_the_same(lived: City) -> None:
    drawn = city_map(lived)
    for area in range(len(drawn.areas)):
        assert len({dot.weight for dot in drawn.places if dot.area == area}) == 1, "no dot of an area stands out"
    shown = {nth for nth, dot in enumerate(drawn.places) if dot.weight > 0}
    assert len(shown) >= 4 * len(set(CALLED_FROM))


def test_areas_weigh_what_they_have_in_calls(lived: City) -> None:
    drawn = city_map(lived)
    of = Counter(int(CITY.place_area[place]) for place in CALLED_FROM)
    for area in range(len(drawn.areas)):
        weight = sum(dot.weight for dot in drawn.places if dot.area == area)
        assert weight == pytest.approx(of[area] / len(CALLED_FROM))
    assert sum(dot.weight for dot in drawn.places) == pytest.approx(1.0)


def test_where_in_its_area_a_call_was_does_not_show(lived: City) -> None:
    """Every call moved to another place of its area: the map is the same to the byte."""
    places_of = {int(area): np.flatnonzero(CITY.place_area == area) for area in set(CITY.place_area.tolist())}
    moved = []
    for nth, place in enumerate(CALLED_FROM):
        others = [one for one in places_of[int(CITY.place_area[place])].tolist() if one not in CALLED_FROM]
        moved.append(row(nth, others[0]))
    other = city_of_log(CITY, Heard("c", "C", "UTC", (), None, {}, {}, tuple(moved), {}, (), Counter(), 0), [])
    assert other.place_weights.tolist() != lived.place_weights.tolist()
    for one, two in zip(city_map(lived).places, city_map(other).places, strict=True):
        assert (one.lon, one.lat, one.area) == (two.lon, two.lat, two.area)
        assert one.weight == pytest.approx(two.weight, abs=1e-12)


def test_invented_demand_is_drawn_place_by_place() -> None:
    weights = np.zeros((1, CITY.places))
    weights[0, 5] = 1
    drawn = city_map(CITY._replace(place_weights=weights))
    assert [nth for nth, dot in enumerate(drawn.places) if dot.weight > 0] == [5]
