"""Whom to send, held against brute force; and what stands in the answer about those who were not chosen."""

from collections import Counter

import pytest
from brute_force import Search, cost_of, may_double, wishes
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.engine.recommend import Contender, Ranking, left_empty, recommend
from tocsin.core.messages.plan import Alternative, Slot

CAPABILITIES = ("pump", "ladder", "als")
NAMES = ("a", "b", "c")

needs = st.lists(st.sampled_from(CAPABILITIES), min_size=1, max_size=2, unique=True).map(tuple)
alternatives = st.lists(st.builds(Alternative, needs, st.none() | st.sampled_from([0, 30, 300])), max_size=2).map(tuple)
etas = st.sampled_from([0, 10_000, 20_000, 20_000, 50_000, 70_000, 330_000]) | st.integers(0, 400_000)


@st.composite
def slot_lists(draw: st.DrawFn) -> list[Slot]:
    slots, wanted = [], 0
    for name in NAMES[: draw(st.integers(1, 3))]:
        count = draw(st.sampled_from([1, 1, 2]))
        wanted += count
        if wanted > 5:
            break
        doubles = draw(st.sampled_from(["", "", *NAMES]))
        slots.append(Slot(name, draw(needs), count, draw(alternatives), draw(st.booleans()), doubles if doubles != name else ""))
    return slots


@st.composite
def fleets(draw: st.DrawFn, most: int = 6) -> list[Contender]:
    fleet = []
    for nth in range(draw(st.integers(0, most))):
        unit = f"U{nth}"
        crew = draw(st.sampled_from([unit, unit, "K"]))
        can = frozenset(draw(st.lists(st.sampled_from(CAPABILITIES), min_size=1, max_size=3)))
        ruled_out = draw(st.sampled_from([None, None, None, None, "NOT_FREE"]))
        eta = None if draw(st.integers(0, 9)) == 0 else draw(etas)
        handicap = draw(st.sampled_from([0, 0, 0, 60_000]))
        standing = "divertible" if handicap else "busy" if ruled_out else "free"
        fleet.append(
            Contender(unit, crew, can, standing, eta, ruled_out, handicap_ms=handicap, rank=draw(st.sampled_from([0, 0, 0, 1, 2])))
        )
    return fleet


targets = st.sampled_from([None, 15_000, 60_000])


def check_shape(ranking: Ranking, slots: list[Slot], fleet: list[Contender]) -> None:
    """Each slot is filled or said to be short, as often as it asks; crews go once; nobody is sent who may not or cannot."""
    by_unit = {one.unit: one for one in fleet}
    by_name = {slot.name: nth for nth, slot in enumerate(slots)}
    told = Counter(pick.slot for pick in ranking.picks) + Counter(short.slot for short in ranking.shortfalls)
    assert told == Counter({slot.name: slot.count for slot in slots})
    for pick in ranking.picks:
        unit = by_unit[pick.unit]
        assert unit.ruled_out is None
        assert pick.eta_ms == unit.eta_ms
        assert wishes(slots[by_name[pick.slot]])[pick.choice] <= unit.capabilities
    for crew in {by_unit[pick.unit].crew for pick in ranking.picks}:
        picks = [pick for pick in ranking.picks if by_unit[pick.unit].crew == crew]
        if len(picks) > 1:
            one, other = picks
            assert one.unit == other.unit
            assert may_double(slots, by_name[one.slot], by_name[other.slot])


def check_losers(ranking: Ranking, slots: list[Slot], fleet: list[Contender]) -> None:
    """Every unit is in the answer once, with the reason that holds for it."""
    assert [*sorted([*(one.unit for one in ranking.candidates), *ranking.not_capable])] == sorted(one.unit for one in fleet)
    by_unit = {one.unit: one for one in fleet}
    crews = {by_unit[pick.unit].crew for pick in ranking.picks}
    for candidate in ranking.candidates:
        unit = by_unit[candidate.unit]
        fits = [slot.name for slot in slots if any(wish <= unit.capabilities for wish in wishes(slot))]
        assert list(candidate.slots) == fits
        chosen_for = [pick.slot for pick in ranking.picks if pick.unit == unit.unit]
        assert list(candidate.chosen_for) == chosen_for
        if chosen_for:
            assert candidate.why_not is None
        elif unit.ruled_out is not None:
            assert candidate.why_not == unit.ruled_out
        elif unit.eta_ms is None:
            assert candidate.why_not == "UNREACHABLE"
        elif unit.crew in crews:
            assert candidate.why_not == "CREW_TAKEN"
        else:
            slowest = max(pick.eta_ms for pick in ranking.picks if pick.slot in fits)
            assert candidate.behind_ms == unit.eta_ms - slowest
            sooner = "DIVERT_GAIN_TOO_SMALL" if unit.handicap_ms else "LATER_IN_ORDER"
            assert candidate.why_not == (sooner if candidate.behind_ms < 0 else "FARTHER")
    for unit_id in ranking.not_capable:
        assert not any(wish <= by_unit[unit_id].capabilities for slot in slots for wish in wishes(slot))


@settings(max_examples=400)
@given(slot_lists(), fleets(), targets)
def test_no_other_answer_costs_less(slots: list[Slot], fleet: list[Contender], target_ms: int | None) -> None:
    ranking = recommend(slots, fleet, target_ms=target_ms)
    check_shape(ranking, slots, fleet)
    check_losers(ranking, slots, fleet)
    assert cost_of(ranking, slots, fleet, target_ms) == Search(slots, fleet, target_ms).least()


@settings(max_examples=100)
@given(slot_lists(), fleets(), targets, st.randoms(use_true_random=False))
def test_the_order_of_the_contenders_changes_nothing(
    slots: list[Slot], fleet: list[Contender], target_ms: int | None, dice: object
) -> None:
    shuffled = list(fleet)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert recommend(slots, shuffled, target_ms=target_ms) == recommend(slots, fleet, target_ms=target_ms)


@settings(max_examples=150)
@given(slot_lists(), fleets(), targets)
def test_another_unit_never_makes_it_worse(slots: list[Slot], fleet: list[Contender], target_ms: int | None) -> None:
    costs = [cost_of(recommend(slots, fleet[:count], target_ms=target_ms), slots, fleet, target_ms) for count in range(len(fleet) + 1)]
    assert costs == sorted(costs, reverse=True)


@settings(max_examples=100)
@given(slot_lists(), fleets(most=5))
def test_what_is_left_empty_is_the_least_that_can_be(slots: list[Slot], fleet: list[Contender]) -> None:
    at_work = [Contender(one.unit, one.unit, one.capabilities, "free", 0, None) for one in fleet]
    lacking = left_empty(slots, [one.capabilities for one in fleet])
    assert all(0 <= count <= slot.count for count, slot in zip(lacking, slots, strict=True))
    required = sum(count for count, slot in zip(lacking, slots, strict=True) if slot.is_required)
    optional = sum(count for count, slot in zip(lacking, slots, strict=True) if not slot.is_required)
    assert (required, optional) == Search(slots, at_work, None).least()[:2]


def unit(name: str, eta_s: int, *can: str, crew: str = "", rank: int = 0) -> Contender:
    return Contender(name, crew or name, frozenset(can), "free", eta_s * 1000, None, rank=rank)


def picked(ranking: Ranking) -> list[tuple[str, str]]:
    return [(pick.slot, pick.unit) for pick in ranking.picks]


def test_ties_go_to_the_lower_unit_and_the_earlier_slot() -> None:
    slots = [Slot("a", ("pump",)), Slot("b", ("pump",))]
    fleet = [unit("E3", 60, "pump"), unit("E2", 60, "pump"), unit("E1", 60, "pump")]
    assert picked(recommend(slots, fleet, target_ms=None)) == [("a", "E1"), ("b", "E2")]


def test_the_only_one_who_can_is_kept_for_what_only_it_can() -> None:
    slots = [Slot("engine", ("pump",)), Slot("medic", ("als",))]
    fleet = [unit("E1", 10, "pump", "als"), unit("E2", 500, "pump")]
    assert picked(recommend(slots, fleet, target_ms=None)) == [("engine", "E2"), ("medic", "E1")]


def test_a_required_slot_goes_before_an_optional_one() -> None:
    slots = [Slot("chief", ("pump",), is_required=False), Slot("engine", ("pump",))]
    ranking = recommend(slots, [unit("E1", 10, "pump")], target_ms=None)
    assert picked(ranking) == [("engine", "E1")]
    assert [(short.slot, short.is_required) for short in ranking.shortfalls] == [("chief", False)]


def test_fewer_late_goes_before_less_travel() -> None:
    slots = [Slot("a", ("pump",)), Slot("b", ("ladder",))]
    fleet = [unit("X", 90, "pump", "ladder"), unit("P", 110, "pump"), unit("L", 300, "ladder")]
    # X for the ladder: P is late by 10 s, one late in all. X for the pump: 90 + 300, one late too, and more travel.
    assert picked(recommend(slots, fleet, target_ms=100_000)) == [("a", "P"), ("b", "X")]
    assert [pick.is_late for pick in recommend(slots, fleet, target_ms=100_000).picks] == [True, False]


def test_one_unit_for_two_slots_only_when_that_is_no_slower() -> None:
    slots = [Slot("engine", ("pump",)), Slot("medic", ("als",), doubles_with="engine")]
    both = unit("E1", 60, "pump", "als")
    assert picked(recommend(slots, [both, unit("A1", 61, "als")], target_ms=None)) == [("engine", "E1"), ("medic", "E1")]
    assert picked(recommend(slots, [both, unit("A1", 59, "als")], target_ms=None)) == [("engine", "E1"), ("medic", "A1")]


def test_a_card_that_says_nothing_of_doubling_gets_two_units() -> None:
    slots = [Slot("engine", ("pump",)), Slot("medic", ("als",))]
    ranking = recommend(slots, [unit("E1", 60, "pump", "als")], target_ms=None)
    assert len(ranking.picks) == 1
    assert [short.why for short in ranking.shortfalls] == ["NOBODY_FREE"]


def test_slots_of_two_levels_may_have_one_name() -> None:
    slots = [Slot("engine", ("pump",), 2), Slot("engine", ("pump", "foam"))]
    fleet = [unit("E1", 10, "pump"), unit("E2", 20, "pump", "foam"), unit("E3", 30, "pump")]
    assert picked(recommend(slots, fleet, target_ms=None)) == [("engine", "E1"), ("engine", "E2"), ("engine", "E3")]
    assert left_empty(slots, [frozenset({"pump"})] * 3) == (0, 1)
    assert left_empty(slots, [frozenset({"pump", "foam"})]) in ((2, 0), (1, 1))


def test_doubling_with_a_name_that_stands_twice_sends_nobody_twice_over() -> None:
    slots = [Slot("engine", ("pump",)), Slot("medic", ("als",), doubles_with="engine"), Slot("engine", ("pump",))]
    ranking = recommend(slots, [unit("E1", 10, "pump", "als"), unit("E2", 20, "pump", "als")], target_ms=None)
    assert Counter(picked(ranking)) == Counter([("engine", "E1"), ("medic", "E1"), ("engine", "E2")])


@pytest.mark.parametrize("slots", [[], [Slot("a", ("pump",), doubles_with="a")], [Slot("a", ("pump",), doubles_with="nobody")]])
def test_odd_cards_are_answered(slots: list[Slot]) -> None:
    ranking = recommend(slots, [unit("E1", 10, "pump")], target_ms=None)
    assert len(ranking.picks) == len(slots)


def test_nobody_at_all() -> None:
    ranking = recommend([Slot("a", ("pump",), 2)], [], target_ms=None)
    assert [short.why for short in ranking.shortfalls] == ["NOBODY_CAPABLE"] * 2
    assert ranking.candidates == ranking.not_capable == ()


def test_a_large_alarm_is_answered_whole() -> None:
    fleet = [unit(f"E{nth:03d}", 60 + nth, "pump") for nth in range(200)]
    ranking = recommend([Slot("engine", ("pump",), 120)], fleet, target_ms=None)
    assert [pick.unit for pick in ranking.picks] == [f"E{nth:03d}" for nth in range(120)]
    everybody = recommend([Slot("engine", ("pump",), 230)], fleet, target_ms=None)
    assert (len(everybody.picks), len(everybody.shortfalls)) == (200, 30)
    assert {one.why_not for one in ranking.candidates if not one.chosen_for} == {"FARTHER"}
