"""Policies: named, versioned, and only about how a way counts."""

import pytest

from tocsin.base.geometry import LonLat
from tocsin.core.engine.policies import POLICIES, STRAIGHT_M_PER_S, get_policy
from tocsin.core.messages.facts import UnitRoad
from tocsin.core.messages.refusal import Refused

ROAD = UnitRoad("station", LonLat(0.0, 0.0), 0, 120_000, 890.0)


def test_each_stands_under_its_own_name() -> None:
    assert all(POLICIES[name].name == name for name in POLICIES)
    assert set(POLICIES) >= {"road-time", "road-time-no-divert", "straight-line"}


def test_what_a_way_counts_for() -> None:
    assert get_policy("road-time").travel_ms(ROAD) == 120_000
    assert get_policy("road-time-no-divert").travel_ms(ROAD) == 120_000
    assert get_policy("straight-line").travel_ms(ROAD) == round(890.0 / STRAIGHT_M_PER_S * 1000) == 100_000


def test_only_roads_know_that_no_road_leads_there() -> None:
    cut_off = UnitRoad("station", LonLat(0.0, 0.0), 0, None, 890.0)
    assert get_policy("road-time").travel_ms(cut_off) is None
    assert get_policy("straight-line").travel_ms(cut_off) == 100_000


def test_an_unknown_policy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused) as caught:
        get_policy("nearest")
    assert caught.value.event.code == "PolicyUnknown"
    assert "road-time" in caught.value.event.values["known"]
