"""A city stated to a desk as a centre: names that sort as its units do, a plan that says what the city says, units where they wait."""

import pytest
from desk_cities import PLAIN
from desk_line import LINE, MINUTE, call, line_of
from msgspec.structs import replace

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.kernel import decide
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.cover import AdoptCover
from tocsin.core.messages.facts import NO_FACTS
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Aid, DivertRule, Turnout
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Ask
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.city.model import CrewedUnit, Divert, PriorityClass, Span
from tocsin.lab.city.model import Turnout as TurnoutOfCity
from tocsin.lab.desk_run import run_on_desk, start_of
from tocsin.lab.desked.drives import Drives
from tocsin.lab.desked.ground import Ground
from tocsin.lab.desked.opening import Conduct, conduct_of, opening, plan_of, station_ids, unit_ids

CLOSEST = Conduct("closest")


def named(*names: str) -> list[str]:
    return list(unit_ids(LINE._replace(units=tuple(CrewedUnit(name, 0) for name in names))))


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["A1", "A2", "B"], ["A1", "A2", "B"]),
        (["A2", "A10"], ["0 A2", "1 A10"]),  # by the alphabet the tenth is before the second
        (["A", "A"], ["0 A", "1 A"]),
        ([f"U{nth}" for nth in range(11)], [f"{nth:02d} U{nth}" for nth in range(11)]),
        ([], []),
    ],
)
def test_of_equal_units_the_lower_index_has_the_lower_id(names: list[str], ids: list[str]) -> None:
    assert named(*names) == ids == sorted(ids)


def test_stations_of_one_name_are_told_apart() -> None:
    site = LINE.stations[0]
    assert station_ids(LINE._replace(stations=(site, replace(site, name="B")))) == ["A", "B"]
    assert station_ids(LINE._replace(stations=(site, replace(site, place=3)))) == ["0 A", "1 A"]


def test_the_plan_says_what_the_city_says() -> None:
    city = LINE._replace(
        priorities=(PriorityClass("red", 480_999), PriorityClass("green", 900_000, is_urgent=False)),
        turnouts=(TurnoutOfCity("ambulance", Span(61_999), Span(10_000)), TurnoutOfCity("*", Span(5_000), Span(0))),
        diverts=(Divert(1, 0, 90_000, 30_000), Divert(0, 1)),
    )
    plan = plan_of(city, CLOSEST)
    assert plan.priorities == ("red", "green") and plan.urgent == ("red",) and plan.policy == "closest"
    assert plan.diverts == (DivertRule("green", "red", 90, 30),), "nobody is diverted from what is more urgent"
    assert plan.turnouts == (Turnout("ambulance", 61, 10), Turnout("*", 5, 0)), "whole seconds, rounded down"
    assert {card.name: (card.target_s, card.is_from_call) for card in plan.cards} == {"urgent red": (480, True), "other green": (900, True)}
    assert [one.code for one in plan.incident_types] == ["urgent", "other"] and plan.aids == ()


def test_where_priorities_are_mistaken_each_kind_has_a_card_for_each() -> None:
    plan = plan_of(LINE._replace(wrong_priority_ppm=1), CLOSEST)
    assert [card.name for card in plan.cards] == ["urgent urgent", "urgent other", "other urgent", "other other"]


def test_units_that_are_lent_alike_are_of_one_agency() -> None:
    lent = {"is_outside": True, "offset_ms": 90_500, "cost_ms": 60_000}
    units = (CrewedUnit("a", 0), CrewedUnit("b", 0, **lent), CrewedUnit("c", 0, **lent), CrewedUnit("d", 0, cost_ms=1_000))
    city = LINE._replace(units=units)
    assert plan_of(city, CLOSEST).aids == (Aid("outside 0 1", 0, 1), Aid("outside 90 60", 90, 60))
    enrolled = [said for said in opening(city, CLOSEST, [0] * 4) if isinstance(said, EnrolUnit)]
    assert [one.agency for one in enrolled] == ["own", "outside 90 60", "outside 90 60", "outside 0 1"]


def test_a_centre_is_opened_in_order_and_units_where_they_wait() -> None:
    city = line_of(CrewedUnit("U", 0), CrewedUnit("V", 1, crew="one"))
    city = city._replace(stations=(replace(city.stations[0], is_open=False), city.stations[1]))
    said = opening(city, conduct_of(city, "default"), [1, 1])
    assert [type(one) for one in said] == [OpenCentre, OpenStation, OpenStation, CloseStation, EnrolUnit, EnrolUnit, AdoptCover, AdoptPlan]
    assert [one.station for one in said if isinstance(one, EnrolUnit)] == ["B", "B"]
    assert [one.crew for one in said if isinstance(one, EnrolUnit)] == [None, "crew one"]
    assert AdoptCover not in [type(one) for one in opening(city, CLOSEST, [1, 1])], "what weighs no cover is told none"


def test_a_rule_for_moves_is_told_in_the_plans_units() -> None:
    rules = plan_of(PLAIN, Conduct("default", None, MoveUpRule(2_000_000, 10_000))).cover
    assert (rules.least_gain_ppm, rules.price_ppm_per_min, rules.at_rest_gain_ppm) == (2_000, 600, None)


def test_a_city_that_cannot_be_a_centre_is_refused_with_the_reason() -> None:
    city = LINE._replace(timezone="Nowhere/Land")
    with pytest.raises(BadInput, match="timezone"):
        run_on_desk(city, call(0, 0), "closest", journal=MemoryJournal("lab"), vault=MemoryVault())


# ---- the ground


def test_units_of_a_closed_station_wait_at_the_nearest_open_one() -> None:
    city = line_of(CrewedUnit("U", 1), sites=(0, 4, 10))
    shut = city._replace(stations=(city.stations[0], replace(city.stations[1], is_open=False), city.stations[2]))
    ground = Ground(shut, call(0, 0), CLOSEST, start_of(shut))
    assert (ground.vehicles[0].home, ground.vehicles[0].place) == (0, 0), "four steps to A, six to C"
    assert ground.find_stand_in(2) == 2
    none = city._replace(stations=tuple(replace(one, is_open=False) for one in city.stations))
    assert Ground(none, call(0, 0), CLOSEST, start_of(none)).find_stand_in(1) == 1, "where none is open it stays its own"


def test_what_the_dispatcher_knows_of_a_turnout_is_its_mean() -> None:
    kinds = (TurnoutOfCity("engine", Span(99_000), Span(9_000)), TurnoutOfCity("*", Span(61_234), Span(10_321)))
    city = LINE._replace(turnouts=kinds, units=(CrewedUnit("U", 0), CrewedUnit("V", 0, kind="engine")))
    ground = Ground(city, call(0, 0), CLOSEST, start_of(city))
    ambulance, engine = ground.vehicles
    assert [ground.mean_turnout_ms(one) for one in (ambulance, engine)] == [61_234, 99_000]
    ambulance.is_home = False
    assert ground.mean_turnout_ms(ambulance) == 10_321
    assert [ground.planned_turnout_ms(ambulance, is_at_home=at) for at in (True, False)] == [61_000, 10_000]


def test_a_new_order_is_another_errand_and_stops_it_where_it_is() -> None:
    city = line_of(CrewedUnit("U", 0))
    ground = Ground(city, call(0, 0), CLOSEST, start_of(city))
    vehicle = ground.vehicles[0]
    vehicle.trip = Drives(city).find_trip(0, 10, 0, is_lights=False)
    vehicle.halt(2 * MINUTE)
    assert (vehicle.place, vehicle.trip, vehicle.errand) == (3, None, 1), "three steps of 40 s"


# ---- the desk's parts that this rests on


def test_what_somebody_saw_is_compared_only_where_it_is_said() -> None:
    board = Board()
    asked = Ask(CommandId("c1"), "lab", Instant(0), OpenStation("A", "A", Place(LonLat(0.0, 0.0))), "simulated")
    (event,) = decide(board, asked, NO_FACTS)
    fold(board, event, Instant(0))
    board.versions["station:A"] = 2
    again = [decide(board, replace(asked, expected=seen), NO_FACTS)[0] for seen in (None, 2, 1)]
    assert [isinstance(one, CommandRefused) for one in again] == [False, False, True]
    assert again[2].code == "ChangedMeanwhile" and again[2].values == {"subject": "station:A", "version": "2"}
