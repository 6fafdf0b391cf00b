"""Canonical bytes, geometry and faults."""

import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.canonical import canonical, digest
from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.base.geometry import EARTH_RADIUS_M, LonLat, distance_m, flat_distance_m

lons, lats = st.floats(-179, 179), st.floats(-75, 75)


class Sample(msgspec.Struct):
    """Something with a set and a table."""

    words: frozenset[str] = frozenset()
    table: dict[str, int] = {}


@settings(max_examples=100)
@given(st.lists(st.text(max_size=5), unique=True, max_size=12), st.randoms(use_true_random=False))
def test_equal_values_have_equal_bytes(words: list[str], dice: object) -> None:
    shuffled = list(words)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    one = Sample(frozenset(words), {word: len(word) for word in words})
    other = Sample(frozenset(shuffled), {word: len(word) for word in shuffled})
    assert canonical(one) == canonical(other)
    assert digest(one) == digest(other)


def test_canonical_bytes_as_written() -> None:
    assert canonical(Sample(frozenset({"b", "a"}), {"z": 1, "y": 2})) == b'{"words":["a","b"],"table":{"y":2,"z":1}}'
    assert digest(1) == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"


def test_a_whole_number_is_the_same_place_and_the_same_bytes() -> None:
    assert canonical(LonLat(1, 2)) == canonical(LonLat(1.0, 2.0)) == b"[1.0,2.0]"
    assert msgspec.json.decode(b"[1,2]", type=LonLat) == LonLat(1.0, 2.0)


@settings(max_examples=200)
@given(lons, lats, lons, lats)
def test_great_circles(lon: float, lat: float, other_lon: float, other_lat: float) -> None:
    one, other = LonLat(lon, lat), LonLat(other_lon, other_lat)
    length_m = distance_m(start=one, end=other)
    assert 0 <= length_m <= math.pi * EARTH_RADIUS_M + 1
    assert length_m == pytest.approx(distance_m(start=other, end=one))
    chord = math.dist(_xyz(one), _xyz(other))
    assert length_m == pytest.approx(2 * EARTH_RADIUS_M * math.asin(min(1.0, chord / 2)), rel=1e-6, abs=1e-3)


def _xyz(point: LonLat) -> tuple[float, float, float]:
    lon, lat = math.radians(point.lon), math.radians(point.lat)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


@settings(max_examples=200)
@given(lons, st.floats(-65, 65), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_the_flat_length_is_good_enough_within_a_city(lon: float, lat: float, east: float, north: float) -> None:
    one, other = LonLat(lon, lat), LonLat(lon + east, lat + north)
    assert flat_distance_m(start=one, end=other) == pytest.approx(distance_m(start=one, end=other), rel=1e-3, abs=0.01)


def test_what_is_on_earth() -> None:
    assert LonLat(180.0, -90.0).is_on_earth()
    for point in (LonLat(180.1, 0.0), LonLat(0.0, 90.1), LonLat(float("nan"), 0.0), LonLat(0.0, float("inf"))):
        assert not point.is_on_earth()


def test_a_fault_is_told_with_where_it_was_met() -> None:
    fault = BadInput("stamp", value="x").at(file="log.csv", line=7)
    assert (fault.file, fault.line, fault.field) == ("log.csv", 7, None)
    assert str(fault.at(file="other.csv", line=9, field="at")) == "log.csv:7:at stamp value=x"  # what is known stays
    assert fault.values == {"value": "x"}
    assert isinstance(fault, Fault)
    assert not isinstance(fault, Broken)
    assert BadInput("x", line=0).at(line=5).line == 0
