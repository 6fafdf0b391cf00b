"""What learned speeds know of each unit beside its drive: seen by the start, the kind and the moment that they were learned by."""

import msgspec
import pytest

from edge.test_gather_roads import E1, M1, PLAN, ROWS, START, Stage, corner
from learned import learned_speeds
from roads.road_cases import region_of
from tocsin.base.canonical import canonical
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitsDispatched
from tocsin.core.messages.facts import Facts, Learned
from tocsin.edge.gather_roads import GatherRoads
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.roads.speeds import Speeds


@pytest.fixture(scope="module")
def region() -> Region:
    return region_of(ROWS, 5)


@pytest.fixture
def stage(region: Region) -> Stage:
    return told_speeds(Stage(region, plan=PLAN))


def told_speeds(stage: Stage, **changed: object) -> Stage:
    """The same stage on roads with learned speeds: every drive takes twice the time on paper."""
    stage.network = RoadNetwork(stage.region, Speeds(learned_speeds(stage.region, **changed)))
    stage.gather = GatherRoads(stage.network)
    return stage


def knows(stage: Stage, at_s: float, node: int = 3) -> Facts:
    return stage.gather.for_place(stage.board, corner(stage.region, node), Instant(START + round(at_s * 1000)))


def learned(stage: Stage, at_s: float, unit: UnitId = E1, node: int = 3) -> tuple[int | None, Learned | None]:
    facts = knows(stage, at_s, node)
    return facts.roads[unit].road_ms, facts.learned.get(unit)


def test_who_waits_in_quarters_has_the_constant_of_quarters(stage: Stage) -> None:
    assert learned(stage, 10) == (320_000, Learned(170_000, 392_000, 735_000)), "490 s: 0.8 to 1.5 of it"
    assert learned(stage, 10, node=0) == (0, Learned(170_000, 119_000, 272_000)), "170 s: 0.7 to 1.6"
    stage.tell(20, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    assert learned(stage, 30) == (320_000, Learned(170_000, 392_000, 735_000)), "told, and not rolling yet"


def test_who_rolls_to_another_incident_has_left_the_turnout_behind(stage: Stage) -> None:
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(10, E1, "en_route", "I1")
    assert learned(stage, 10 + 120) == (200_000, Learned(91_000, 87_300, 843_900)), "291 s: 0.3 to 2.9"


def test_who_is_called_off_is_on_the_road_until_it_is_home(stage: Stage) -> None:
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(10, E1, "en_route", "I1")
    stage.says(900, E1, "on_scene", "I1")
    assert learned(stage, 950) == (0, Learned(90_000, 54_000, 225_000)), "at a scene: no spread of its own, so that of any start"
    stage.says(1000, E1, "returning", "I1")
    stage.tell(1000, UnitCleared(IncidentId("I1"), E1))
    road_ms, one = learned(stage, 1000 + 50)
    assert road_ms == 50_000 * 1 and one == Learned(90_000, 56_000, 392_000), "140 s: 0.4 to 2.8"
    road_ms, one = learned(stage, 1000 + 5000)
    assert (road_ms, one) == (320_000, Learned(170_000, 392_000, 735_000)), "home by the roads' own times, whether it said so or not"
    assert knows(stage, 6000).roads[E1].source == "on_route", "what the facts say of the place is as ever"


def test_who_never_left_home_is_at_home(stage: Stage) -> None:
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.tell(5, AssignmentCancelled(IncidentId("I1"), E1))
    assert learned(stage, 10)[1] == Learned(170_000, 392_000, 735_000)


def test_who_was_at_a_hospital_that_nobody_named_is_less_sure(stage: Stage) -> None:
    """A medic without a home; kinds that are not listed have the constants of any."""
    stage.tell(0, UnitsDispatched(IncidentId("I2"), (M1,), "", ""))
    stage.says(10, M1, "on_scene", "I2")
    assert learned(stage, 20, M1) == (80_000, Learned(150_000, 138_000, 575_000))
    stage.says(100, M1, "transporting", "I2")
    stage.says(200, M1, "at_hospital", "I2")
    stage.says(300, M1, "on_radio", "I2")
    stage.tell(300, UnitCleared(IncidentId("I2"), M1))
    assert learned(stage, 400, M1) == (80_000, Learned(150_000, 115_000, 1_150_000)), "230 s: 0.5 to 5"
    stage.says(500, M1, "on_radio", place=corner(stage.region, 2))
    assert learned(stage, 510, M1) == (80_000, Learned(150_000, 138_000, 575_000)), "it has said where it is"


def test_a_hospital_with_a_name_is_a_place_like_any_other(stage: Stage) -> None:
    stage.tell(0, UnitsDispatched(IncidentId("I2"), (M1,), "", ""))
    stage.says(10, M1, "on_scene", "I2")
    stage.says(100, M1, "transporting", "I2", corner(stage.region, 4))
    assert not stage.board.units[M1].is_astray
    stage.says(900, M1, "at_hospital", "I2", corner(stage.region, 4))
    assert not stage.board.units[M1].is_astray and stage.board.units[M1].place == corner(stage.region, 4)


def test_what_was_not_learned_is_not_told(region: Region) -> None:
    no_constants = told_speeds(Stage(region), constants={})
    assert knows(no_constants, 10).learned == {}, "the plan's turnout stays"
    no_spreads = told_speeds(Stage(region), spreads=())
    assert learned(no_spreads, 10) == (320_000, Learned(170_000))


def test_facts_without_learned_speeds_do_not_grow(region: Region) -> None:
    """Nothing of it is written where nothing was learned; and what is written is little."""
    plain, stage = Stage(region), told_speeds(Stage(region))
    facts = plain.gather.for_place(plain.board, corner(region, 3), START)
    assert facts.learned == {} and b"learned" not in canonical(facts)
    known = knows(stage, 0)
    assert b'"learned":{"E1":[170000,392000,735000]}' in canonical(known)
    without = msgspec.structs.replace(known, learned={})
    assert len(canonical(known)) - len(canonical(without)) <= 14 + 30 * len(known.learned)
    assert msgspec.json.decode(canonical(known), type=Facts) == known


def test_the_same_board_gives_the_same_facts_whoever_asked_before(stage: Stage) -> None:
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(10, E1, "returning", "I1")
    for at_s in (20, 400, 60, 9_000, 20):
        fresh = GatherRoads(stage.network).for_place(stage.board, corner(stage.region, 2), Instant(START + at_s * 1000))
        assert canonical(knows(stage, at_s, 2)) == canonical(fresh)
