"""Who waits where, as a log has it and changed; every slip told with what there is."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relived_town import LINE, Told, at, past_of_town, service
from report_shift import moment
from tocsin.base.faults import BadInput
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import Card, CardName, DivertRule, IncidentType, ResponsePlan, Slot
from tocsin.lab.relived.past import Past
from tocsin.lab.relived.serving import (
    DEFAULT_POLICY,
    Service,
    add_unit,
    close_station,
    move_unit,
    rehomed,
    remove_unit,
    service_of,
    stations_of,
)
from tocsin.lab.relived.weeks import differing, wanted_of
from tocsin.views.trips import Trip
from tocsin.words import languages, sentences_of, tell

CALLS = (Told(600, 0.5, "E1"), Told(4_000, 5.5, "E2"), Told(8_000, 1.0, "M1", kind="fall"))
UNITS = {"E1": ("engine", "A"), "E2": ("engine", "B"), "M1": ("ambulance", "A")}


@pytest.fixture(scope="module")
def past() -> Past:
    return past_of_town(CALLS, UNITS)


def trip(unit: str, east: float, kind: str = "rescue") -> Trip:
    """A drive that began there."""
    rolled = moment("10:00:00")
    told, there = Instant(rolled - 60_000), Instant(rolled + 90_000)
    who = IncidentId("i"), UnitId(unit), kind, "P1"
    return Trip(*who, told, rolled, there, 0, "last_known", at(east), Millis(0), (), None, at(3.0))


def homes(one: Service) -> dict[str, str]:
    return {unit.name: one.stations[unit.station].name for unit in one.units}


# ---- as the log has it


def test_units_wait_at_their_stations_in_the_order_of_their_names(past: Past) -> None:
    own = service(past)
    assert homes(own) == {"E1": "A", "E2": "B", "M1": "A"} and [unit.name for unit in own.units] == ["E1", "E2", "M1"]
    assert [one.name for one in own.stations] == sorted(LINE) and all(one.is_open for one in own.stations)
    plain = service_of(past.heard, [], stations_of(past.heard), past.ground)
    assert plain.policy == DEFAULT_POLICY and plain.plan is None


def test_a_station_without_a_place_is_none_and_without_any_nothing_can_be_lived(past: Past) -> None:
    heard = past.heard
    gone = {name: one if name != "B" else type(one)(one.station, one.name, Place()) for name, one in heard.stations.items()}
    assert [one.name for one in stations_of(heard._replace(stations=gone))] == ["A", "C"]
    with pytest.raises(BadInput, match="whatif_no_stations"):
        stations_of(heard._replace(stations={}))


def test_a_unit_without_a_station_waits_at_a_post_near_where_it_was_sent_from() -> None:
    units = {**UNITS, "R1": ("rescue", "nowhere"), "R2": ("rescue", "nowhere"), "R3": ("rescue", "nowhere")}
    calls = [*CALLS, Told(12_000, 2.0, "R1"), Told(16_000, 2.0, "R2")]
    past = past_of_town(calls, units)
    trips = [trip("R1", 9.5)] * 3 + [trip("R1", 0.5)] + [trip("R2", 0.2)] * 2
    own = service_of(past.heard, trips, stations_of(past.heard), past.ground)
    assert homes(own) == {"E1": "A", "E2": "B", "M1": "A", "R1": "~C", "R2": "~A"}, "R3 was never sent: it is left out"
    assert {unit.name for unit in own.units if unit.is_guessed} == {"R1", "R2"}
    places = {one.name: one.place for one in own.stations}
    assert places["~C"] == places["C"] and places["~A"] == places["A"]


@settings(max_examples=30)
@given(st.lists(st.lists(st.sampled_from([0.4, 5.2, 9.8]), max_size=6), min_size=1, max_size=6))
def test_posts_get_as_many_units_as_were_sent_from_near_them(sent_from: list[list[float]]) -> None:
    names = [f"R{nth}" for nth in range(len(sent_from))]
    calls = [*CALLS, *(Told(12_000 + nth * 3_000, 2.0, name) for nth, name in enumerate(names))]
    past = past_of_town(calls, {**UNITS, **dict.fromkeys(names, ("rescue", "nowhere"))})
    trips = [trip(name, east) for name, places in zip(names, sent_from, strict=True) for east in places]
    own = service_of(past.heard, trips, stations_of(past.heard), past.ground)
    posted = [own.stations[unit.station].name for unit in own.units if unit.is_guessed]
    assert len(posted) == len(names) and all(name.startswith("~") for name in posted)
    drives = len(trips)
    for station, east in (("A", 0.4), ("B", 5.2), ("C", 9.8)):
        share = sum(places.count(east) for places in sent_from) / drives * len(names) if drives else len(names) / 3
        assert abs(posted.count(f"~{station}") - share) < 1 + 1e-6


# ---- changed


def test_several_changes_one_after_the_other(past: Past) -> None:
    own = add_unit(service(past), "X1:engine:B")
    own = close_station(move_unit(own, "E1:C"), "B")
    own, moved = rehomed(own, past.ground)
    assert moved == ("E2", "X1") and homes(own)["E1"] == "C"
    assert homes(own)["E2"] == homes(own)["X1"] == "A", "as far as C: the first of equals"


def test_a_unit_goes_to_the_nearest_open_station_and_on_if_that_is_closed_too(past: Past) -> None:
    own, _ = rehomed(close_station(service(past), "A"), past.ground)
    assert homes(own) == {"E1": "B", "E2": "B", "M1": "B"}
    own, moved = rehomed(close_station(close_station(service(past), "A"), "B"), past.ground)
    assert set(homes(own).values()) == {"C"} and moved == ("E1", "E2", "M1")


def test_where_no_road_leads_the_first_open_station_serves(past: Past) -> None:
    cut = past.ground._replace(roads=past.ground.roads._replace(normal_ms=np.full_like(past.ground.roads.normal_ms, -1)))
    own, _ = rehomed(close_station(service(past), "A"), cut)
    assert homes(own)["E1"] == "B"


def test_a_unit_that_is_moved_is_not_guessed_any_more() -> None:
    past = past_of_town([*CALLS, Told(12_000, 2.0, "R1")], {**UNITS, "R1": ("rescue", "nowhere")})
    own = service(past)
    moved = move_unit(own, "R1:C")
    (unit,) = [one for one in moved.units if one.name == "R1"]
    assert homes(moved)["R1"] == "C" and not unit.is_guessed


def test_names_with_a_colon_are_read_from_the_right(past: Past) -> None:
    own = add_unit(service(past), "X:engine:A")
    named = own._replace(units=tuple(unit._replace(name="N:1") if unit.name == "X" else unit for unit in own.units))
    assert homes(move_unit(named, "N:1:C"))["N:1"] == "C"


SLIPS: list[tuple[Callable[[Service, str], Service], str, str, str, str]] = [
    (close_station, "b", "whatif_station", "--close-station", "B"),
    (close_station, "AA", "whatif_station", "--close-station", "A"),
    (close_station, "Moon", "whatif_station", "--close-station", "A, B, C"),
    (move_unit, "E11:B", "whatif_unit", "--move", "E1"),
    (move_unit, "E1:D", "whatif_station", "--move", "A, B, C"),
    (move_unit, ":B", "whatif_spec", "--move", ""),
    (move_unit, "E1:", "whatif_spec", "--move", ""),
    (add_unit, "X:engine", "whatif_spec", "--add-unit", ""),
    (add_unit, "X::B", "whatif_spec", "--add-unit", ""),
    (add_unit, "X:engine:B:pump:more", "whatif_spec", "--add-unit", ""),
    (add_unit, "E2:engine:B", "whatif_unit_taken", "--add-unit", ""),
    (add_unit, "X:engin:B", "whatif_kind", "--add-unit", "engine"),
    (add_unit, "X:engine:Bb", "whatif_station", "--add-unit", "B"),
    (remove_unit, "M", "whatif_unit", "--remove-unit", "M1"),
]


@pytest.mark.parametrize(("change", "text", "code", "field", "near"), SLIPS)
def test_a_slip_is_told_with_its_option_and_the_nearest_names(
    past: Past, change: Callable[[Service, str], Service], text: str, code: str, field: str, near: str
) -> None:
    with pytest.raises(BadInput) as told:
        change(service(past), text)
    fault = told.value
    assert (fault.code, fault.field) == (code, field)
    assert fault.values.get("known", "").startswith(near) if near else "known" not in fault.values
    for language in languages():
        what, remedy = sentences_of(fault, language)
        assert "{" not in what + remedy and "faults." not in what + remedy, "every language has it, with its values"
        assert fault.values["value"] in what and (near.split(",", maxsplit=1)[0] in remedy)
        assert tell(fault, language).startswith(f"[{field}]")


def test_a_kind_that_nobody_knows_may_be_added_with_what_it_can_do(past: Past) -> None:
    own = add_unit(service(past), "X:boat:B:swim+pump")
    assert own.units[-1].kind == "boat" and own.units[-1].capabilities == ("swim", "pump")
    assert add_unit(service(past), "X:boat:B:swim,pump").units[-1].capabilities == ("swim", "pump")


def test_posts_are_no_stations_to_ask_for() -> None:
    past = past_of_town([*CALLS, Told(12_000, 2.0, "R1")], {**UNITS, "R1": ("rescue", "nowhere")})
    own = service(past)
    post = next(one.name for one in own.stations if one.name.startswith("~"))
    with pytest.raises(BadInput, match="whatif_station") as told:
        close_station(own, post)
    assert "~" not in told.value.values["known"]


def test_the_last_open_station_is_not_closed_though_posts_are_left() -> None:
    past = past_of_town([*CALLS, Told(12_000, 2.0, "R1")], {**UNITS, "R1": ("rescue", "nowhere")})
    own = close_station(close_station(service(past), "A"), "B")
    with pytest.raises(BadInput, match="whatif_all_closed"):
        close_station(own, "C")


# ---- what calls want

TWO_ENGINES = ResponsePlan(
    name="p",
    priorities=("P1", "P2"),
    incident_types=(IncidentType("fire", "Fire"), IncidentType("fall", "Fall")),
    cards=(
        Card(CardName("fire"), (Slot("engine", ("engine",), 2), Slot("boat", ("boat",))), ("fire",)),
    ),
    policy="closest",
    diverts=(DivertRule("P2", "P1"), DivertRule("P9", "P1")),
)  # fmt: skip


def test_the_plan_says_what_is_wanted_and_else_what_was_sent_is() -> None:
    past = past_of_town(CALLS, UNITS, plan=TWO_ENGINES)
    own = service(past)
    assert own.plan == TWO_ENGINES
    wanted = wanted_of(past, own)
    assert wanted[0] == wanted[1] == (Slot("engine", ("engine",), 2),), "nobody has a boat: nobody ever waited for one"
    assert wanted[2] == (Slot("ambulance", ("ambulance",), 1),), "no card fits a fall"
    assert differing(past, wanted) == 2, "one engine went where the plan asks for two"


def test_a_boat_that_is_added_is_waited_for() -> None:
    past = past_of_town(CALLS, UNITS, plan=TWO_ENGINES)
    more = add_unit(service(past), "X:boat:C:boat")
    assert wanted_of(past, more)[0] == (Slot("engine", ("engine",), 2), Slot("boat", ("boat",)))
