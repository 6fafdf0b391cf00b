"""Who counts where in the models of several services, and what their going costs: held against counting by hand and by brute force."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shift_page import Shift, play
from tocsin.base.identifiers import CrewId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.counting import HOUR_MS, counts_at, crews_by_station, moves_within_hour
from tocsin.core.board.cover import Counting, CoverState
from tocsin.core.board.movable import may_move
from tocsin.core.engine.cover import counted
from tocsin.core.messages.cover import CoverModel, CoverRow

NAMES = tuple(StationId(f"S{nth}") for nth in range(4))
PUMP, ALS = frozenset({"pump"}), frozenset({"als"})
BOTH = PUMP | ALS
MODELS = (
    CoverModel("pump", NAMES[:3], (CoverRow("north", (0,), 600_000_000), CoverRow("south", (1, 2), 400_000_000))),
    CoverModel("als", (NAMES[2], NAMES[0]), (CoverRow("north", (1,), 500_000_000), CoverRow("mid", (0, 1), 500_000_000)), 500_000),
    CoverModel("", NAMES, (CoverRow("south", (0, 3), 1_000_000_000),)),
)


def state_of(*said: tuple[str, list[Counting]]) -> CoverState:
    state = CoverState(MODELS, "v")
    for crew, counting in said:
        state.follow(CrewId(crew), counting)
    return state


def test_a_crew_counts_in_every_model_of_which_it_is_able_and_where_its_station_is_in_it() -> None:
    state = state_of(("K1", [(BOTH, NAMES[0])]), ("K2", [(PUMP, NAMES[3])]), ("K3", [(ALS, NAMES[2])]))
    assert [cover.counts for cover in state.covers] == [[1, 0], [1, 2], [2]]
    # pump: 600 by 0.7. als: 500 by 0.5 alone in the north, 500 by 0.25 as the second. all: the second by 0.21.
    assert state.loss_ppb(CrewId("K1")) == 420_000_000 + 250_000_000 + 125_000_000 + 210_000_000
    assert state.loss_ppb(CrewId("K2")) == 210_000_000, "S3 is a station of the last model only"
    assert state.loss_ppb(CrewId("K3")) == 125_000_000, "in the model of all nobody at S2 reaches anything"
    assert state.loss_ppb(CrewId("K9")) == 0


def test_of_a_crews_units_the_first_that_is_able_counts_in_each_model() -> None:
    state = state_of(("K1", [(ALS, NAMES[0]), (PUMP, NAMES[1]), (BOTH, NAMES[2])]))
    assert [cover.counts for cover in state.covers] == [[0, 1], [1, 1], [1]]


def test_one_that_waits_where_no_model_knows_it_gives_way_to_its_mate() -> None:
    assert state_of(("K1", [(PUMP, NAMES[3]), (PUMP, NAMES[0])])).covers[0].counts == [1, 0]


def test_following_again_changes_nothing_and_nothing_means_nowhere() -> None:
    state = state_of(("K1", [(BOTH, NAMES[0])]), ("K1", [(BOTH, NAMES[0])]))
    assert state.covers[0].counts == [1, 0]
    state.follow(CrewId("K1"), [])
    state.follow(CrewId("K1"), [])
    assert [cover.counts for cover in state.covers] == [[0, 0], [0, 0], [0]]
    assert state.losses_ppb() == {}


def test_what_is_lost_together_is_more_than_each_alone() -> None:
    state = state_of(("K1", [(PUMP, NAMES[1])]), ("K2", [(PUMP, NAMES[2])]))
    assert state.lost_by_area([CrewId("K1")]) == state.lost_by_area([CrewId("K2")]) == {"south": 84_000_000}
    assert state.lost_by_area([CrewId("K1"), CrewId("K2"), CrewId("K9")]) == {"south": 84_000_000 + 280_000_000}
    assert list(state_of(("K1", [(BOTH, NAMES[0])])).lost_by_area([CrewId("K1")])) == ["mid", "north", "south"], "areas in their order"


def test_gains_are_of_the_models_in_which_one_more_would_count() -> None:
    state = state_of()
    assert state.gains_ppb(PUMP) == {"S0": 420_000_000 + 700_000_000, "S1": 280_000_000, "S2": 280_000_000, "S3": 700_000_000}
    assert state.gains_ppb(frozenset()) == {"S0": 700_000_000, "S1": 0, "S2": 0, "S3": 700_000_000}
    assert state.gained_by_area(PUMP, NAMES[0]) == {"north": 420_000_000, "south": 700_000_000}
    assert state.gained_by_area(ALS, NAMES[2]) == {"mid": 250_000_000}
    assert state.gained_by_area(BOTH, StationId("S9")) == {}


counting = st.lists(st.tuples(st.sampled_from([frozenset[str](), PUMP, ALS, BOTH]), st.sampled_from(NAMES)), max_size=3)
said = st.lists(st.tuples(st.sampled_from(["K1", "K2", "K3", "K4"]), counting), max_size=20)


def places_of(model: CoverModel, last: dict[str, list[Counting]]) -> dict[str, int]:
    """By crew, from the rule in words: the first of its units that is able and waits at one of the model's stations."""
    at = {}
    for crew, units in last.items():
        able = [station for can, station in units if (not model.needs or model.needs in can) and station in model.stations]
        if able:
            at[crew] = model.stations.index(able[0])
    return at


@settings(max_examples=200)
@given(said)
def test_whatever_was_said_before_only_the_last_word_counts(told: list[tuple[str, list[Counting]]]) -> None:
    state, last = state_of(*told), dict(told)
    losses: dict[str, int] = {}
    for model, cover in zip(MODELS, state.covers, strict=True):
        at = places_of(model, last)
        fresh = counted(model, list(at.values()))
        assert (cover.counts, cover.gain_ppb, cover.loss_ppb) == (fresh.counts, fresh.gain_ppb, fresh.loss_ppb)
        for crew, station in at.items():
            losses[crew] = losses.get(crew, 0) + fresh.loss_ppb[station]
    assert state.losses_ppb() == losses
    for crew in last:
        assert state.loss_ppb(CrewId(crew)) == losses.get(crew, 0) == sum(state.lost_by_area([CrewId(crew)]).values())


@given(said, st.sampled_from(["K1", "K2", "K9"]), st.randoms(use_true_random=False))
def test_without_a_crew_it_is_as_if_that_had_never_come(told: list[tuple[str, list[Counting]]], crew: str, dice: Random) -> None:
    state = state_of(*told)
    before = [list(cover.counts) for cover in state.covers], state.losses_ppb()
    others = [(name, units) for name, units in dict(told).items() if name != crew]
    dice.shuffle(others)
    twin, fresh = state.without(CrewId(crew)), state_of(*others)
    for can in (PUMP, ALS, BOTH, frozenset[str]()):
        assert twin.gains_ppb(can) == fresh.gains_ppb(can)
    assert twin.losses_ppb() == fresh.losses_ppb()
    assert ([list(cover.counts) for cover in state.covers], state.losses_ppb()) == before, "asking changes nothing"


# ---- who counts, as a shift goes on

STAGE = """
station S1
station S2
unit E1 engine can pump at S1
unit L1 ladder can ladder at S1 crew K1
unit T1 tanker can pump at S1 crew K1
unit X1 engine can pump at S1 of County
card fire: engine needs pump
road E1 -> I1 90s
"""


def unit_at(shift: Shift, name: str) -> StationId | None:
    board = shift.desk.board
    return counts_at(board, board.units[UnitId(name)])


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("", "S1"),
        ("08:00 E1 off | E1 off", None),
        ("08:00 E1 on_radio | E1 on_radio", "S1"),
        ("08:00 cover E1 at S2 | E1 to cover S2", "S2"),
        ("08:00 cover E1 at S2 | E1 to cover S2\n08:10 uncover E1 | E1 covers no longer", "S1"),
        ("08:00 close_station S1 | station S1 closed", None),
        ("08:00 cover E1 at S2 | E1 to cover S2\n08:01 close_station S2 | station S2 closed", None),
        ("08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 90s\n08:01 send I1 E1 | E1 dispatched to I1", None),
    ],
    ids=["waits", "off duty", "on the radio", "covers", "covers no longer", "own station closed", "other station closed", "has a job"],
)
def test_where_a_unit_counts(said: str, where: str | None) -> None:
    assert unit_at(play(f"{STAGE}\n{said}"), "E1") == where


def test_a_crew_at_work_with_one_unit_counts_nowhere_with_the_other() -> None:
    said = """
        card wood: ladder needs ladder
        road L1 -> I1 90s
        08:00 open I1 wood      | I1 opened wood · I1 needs ladder: L1 90s
        08:01 send I1 L1        | L1 dispatched to I1
        """
    shift = play(STAGE + said)
    assert unit_at(shift, "T1") is unit_at(shift, "L1") is None
    assert crews_by_station(shift.desk.board, "pump") == {"S1": 2}


def test_crews_are_counted_once_and_by_what_is_needed() -> None:
    board = play(STAGE).desk.board
    assert crews_by_station(board, "") == {"S1": 3}, "E1, X1 and the crew of two"
    assert crews_by_station(board, "ladder") == {"S1": 1}
    assert crews_by_station(board, "boat") == {}


def test_orders_are_counted_for_an_hour() -> None:
    board = play(STAGE + "08:00 cover E1 at S2 | E1 to cover S2\n08:30 cover E1 at S1 | E1 to cover S1").desk.board
    unit = board.units[UnitId("E1")]
    first, second = unit.moves
    assert second - first == HOUR_MS // 2
    assert [moves_within_hour(unit, Instant(first + ms)) for ms in (0, HOUR_MS // 2, HOUR_MS - 1, HOUR_MS)] == [2, 2, 2, 1]
    assert moves_within_hour(unit, Instant(second + HOUR_MS)) == 0


def test_an_order_forgets_those_of_an_hour_ago() -> None:
    said = "08:00 cover E1 at S2 | E1 to cover S2\n09:00 cover E1 at S1 | E1 to cover S1"
    assert len(play(STAGE + said).desk.board.units[UnitId("E1")].moves) == 1


@pytest.mark.parametrize(("aid", "may"), [("", True), ("aid County offset 60s cost 60s", False)])
def test_whom_another_agency_lends_is_not_asked_to_move(aid: str, may: bool) -> None:
    board = play(f"{STAGE}\n{aid}\n08:00 E1 at_station | E1 at_station").desk.board
    assert may_move(board, board.units[UnitId("X1")], Instant(1_586_300_000_000)) == may


def test_nobody_may_move_without_a_plan() -> None:
    assert not may_move(Board(), play(STAGE).desk.board.units[UnitId("E1")], Instant(0))
