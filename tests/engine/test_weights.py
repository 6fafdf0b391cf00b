"""Late before cover lost before travel; and who is sure enough to be in time to be sent in the place of a nearer one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.engine.policies import POLICIES, SURE_PERMILLE, UNSPARED_PPB, WHOLE_PERMILLE, Policy, Weight, weigh
from tocsin.core.engine.recommend import MAX_WISHES, Contender, Ranking, recommend
from tocsin.core.messages.cover import PPB
from tocsin.core.messages.plan import Slot

MOST_MODELS = 32
"""As many services as ``recommend.py`` leaves room for."""
PRESERVING = ("preserve", "compliance", "default", "look-ahead")


def crew(
    name: str, eta_s: int, loss_ppb: int | None = 0, *, gain_s: int | None = None, can: tuple[str, ...] = ("pump",), cost_s: int = 0
) -> Contender:
    """One that is free; with ``gain_s`` one that would have to be diverted."""
    return Contender(
        name, name, frozenset(can), "free" if gain_s is None else "divertible", eta_s * 1000, None,
        handicap_ms=(gain_s or 0) * 1000, diverted_from=None if gain_s is None else "I9",
        loss_ppb=loss_ppb if gain_s is None else None, cost_ms=cost_s * 1000,
    )  # fmt: skip


def picked(fleet: list[Contender], target_s: int, policy: Policy, slots: tuple[Slot, ...] = (Slot("engine", ("pump",)),)) -> Ranking:
    return recommend(slots, fleet, target_ms=target_s * 1000, sure_ms=policy.sure_ms(target_s * 1000))


def names(ranking: Ranking) -> list[str]:
    return [pick.unit for pick in ranking.picks]


# ---- one weight


def test_without_a_target_nobody_is_known_to_be_in_time() -> None:
    assert weigh(100, 5, None, sure_ms=None) == Weight(False, 0, 100)
    assert weigh(100, 5, None, sure_ms=1_000) == Weight(False, 0, 100)


@pytest.mark.parametrize(
    ("travel_ms", "weight"),
    [
        (500, Weight(False, 7, 500)),
        (501, Weight(False, UNSPARED_PPB, 501)),
        (1000, Weight(False, UNSPARED_PPB, 1000)),
        (1001, Weight(True, 0, 1001)),
    ],
)
def test_the_bounds_are_inside(travel_ms: int, weight: Weight) -> None:
    assert weigh(travel_ms, 7, 1000, sure_ms=500) == weight


@pytest.mark.parametrize(("travel_ms", "is_late"), [(1000, False), (1001, True)])
def test_what_is_not_weighed_is_nothing(travel_ms: int, is_late: bool) -> None:
    assert weigh(travel_ms, 7, 1000, sure_ms=None) == Weight(is_late, 0, travel_ms)


def test_a_call_that_is_late_already_spares_nobody() -> None:
    """What is left is below zero, and so is the share of it: everybody is late, the nearest goes."""
    policy = POLICIES["default"]
    assert policy.sure_ms(-3) == -2
    assert weigh(0, 7, -3, sure_ms=policy.sure_ms(-3)) == Weight(True, 0, 0)


@given(st.integers(0, 2_000), st.integers(0, MOST_MODELS * PPB), st.integers(-1_000, 2_000), st.integers(0, WHOLE_PERMILLE))
def test_who_is_sure_comes_before_who_is_in_time_before_who_is_late(travel_ms: int, loss_ppb: int, target_ms: int, permille: int) -> None:
    sure_ms = target_ms * permille // WHOLE_PERMILLE
    weight = weigh(travel_ms, loss_ppb, target_ms, sure_ms=sure_ms)
    assert weight.travel_ms == travel_ms
    assert weight.is_late == (travel_ms > target_ms)
    if not weight.is_late:
        assert weight.loss_ppb == (loss_ppb if travel_ms <= sure_ms else UNSPARED_PPB)
        assert weight <= weigh(travel_ms + 1, loss_ppb, target_ms, sure_ms=sure_ms), "a longer way is never worth more"


def test_no_loss_outweighs_being_unsure_and_sums_stay_in_their_field() -> None:
    """Cost fields of ``recommend.py`` are sums over wishes: 48 bits for what is lost."""
    assert MOST_MODELS * PPB < UNSPARED_PPB
    assert MAX_WISHES * UNSPARED_PPB < 1 << 48


# ---- policies


@pytest.mark.parametrize("name", PRESERVING)
def test_those_that_spare_for_what_is_not_urgent_want_it_sure(name: str) -> None:
    policy = POLICIES[name]
    assert policy.sure_permille == SURE_PERMILLE == 500
    assert (policy.sure_ms(600_001), policy.sure_ms(None)) == (300_000, None)
    assert (policy.weighs_cover(is_urgent=True), policy.weighs_cover(is_urgent=False)) == (False, True)


def test_dmexclp_is_as_it_was_published() -> None:
    policy = POLICIES["dmexclp"]
    assert policy.sure_ms(600_001) == 600_001
    assert policy.weighs_cover(is_urgent=True) and policy.weighs_cover(is_urgent=False)


@pytest.mark.parametrize("name", ["road-time", "road-time-no-divert", "straight-line", "closest", "move-up"])
def test_the_others_spare_nobody(name: str) -> None:
    assert not POLICIES[name].weighs_cover(is_urgent=False)


@pytest.mark.parametrize(
    ("name", "is_about_cover"),
    [("closest", False), ("road-time", False), ("move-up", True), ("preserve", True), ("compliance", True), ("look-ahead", True)],
)
def test_which_receipts_say_what_happens_to_cover(name: str, is_about_cover: bool) -> None:
    assert POLICIES[name].is_about_cover() == is_about_cover


# ---- among a fleet


def test_a_farther_one_spares_cover_only_within_half_of_the_target() -> None:
    near, sure, unsure = crew("E1", 60, 9), crew("E2", 300, 5), crew("E3", 301, 1)
    default, published = POLICIES["default"], POLICIES["dmexclp"]
    assert names(picked([near, sure, unsure], 600, default)) == ["E2"]
    assert names(picked([near, unsure], 600, default)) == ["E1"]
    assert names(picked([near, sure, unsure], 600, published)) == ["E3"]


def test_where_nobody_is_sure_the_nearest_goes() -> None:
    fleet = [crew("E1", 400, 9), crew("E2", 500, 1), crew("E3", 900, 0)]
    assert names(picked(fleet, 600, POLICIES["default"])) == ["E1"]
    assert names(picked(fleet, 300, POLICIES["default"])) == ["E1"]


def test_being_unsure_is_never_avoided_by_being_late() -> None:
    """Neither is sure. The one that an agreement makes dear is in time, the cheap one is late: being late weighs more than the price."""
    fleet = [crew("E1", 95, 0, cost_s=100), crew("E2", 110, 0)]
    assert names(picked(fleet, 100, POLICIES["default"])) == ["E1"]
    assert names(picked(fleet, 94, POLICIES["default"])) == ["E2"], "both late: the price counts"


def test_a_divert_has_to_win_its_gain_against_one_that_is_not_sure() -> None:
    """The divert alone would be surely in time. That is no reason to take it from its call: it counts as its rival does."""
    free, policy = crew("E1", 320, 5), POLICIES["default"]
    assert names(picked([free, crew("E2", 290, gain_s=60)], 600, policy)) == ["E1"]
    assert names(picked([free, crew("E2", 260, gain_s=60)], 600, policy)) == ["E1"]
    assert names(picked([free, crew("E2", 259, gain_s=60)], 600, policy)) == ["E2"]


def test_a_divert_has_to_win_its_gain_against_one_that_is_sure() -> None:
    free, policy = crew("E1", 250, 5), POLICIES["default"]
    assert names(picked([free, crew("E2", 191, gain_s=60)], 600, policy)) == ["E1"]
    assert names(picked([free, crew("E2", 189, gain_s=60)], 600, policy)) == ["E2"]


def test_a_divert_in_time_beats_everybody_who_is_late() -> None:
    assert names(picked([crew("E1", 601, 5), crew("E2", 590, gain_s=60)], 600, POLICIES["default"])) == ["E2"]


fleets = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 4), st.sampled_from([None, None, 60, 120]), st.sampled_from([0, 0, 90])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300)
@given(fleets, st.sampled_from([120, 400, 720]), st.sampled_from([0, 300, 500, 1000]))
def test_one_slot_gets_the_least_of_all_weights(told: list[tuple[int, int, int | None, int]], target_s: int, permille: int) -> None:
    fleet = [crew(f"E{nth}", 60 * eta, loss, gain_s=gain_s, cost_s=cost) for nth, (eta, loss, gain_s, cost) in enumerate(told)]
    target_ms, sure_ms = target_s * 1000, target_s * permille
    taken = recommend((Slot("engine", ("pump",)),), fleet, target_ms=target_ms, sure_ms=sure_ms).picks[0].unit

    def weight(one: Contender, loss_ppb: int, sure_ms: int | None) -> tuple[bool, int, int, str]:
        is_late, lost_ppb, travel_ms = weigh(one.eta_ms, loss_ppb, target_ms, sure_ms=sure_ms)
        return is_late, lost_ppb, travel_ms + one.handicap_ms + one.cost_ms, one.unit

    free = [weight(one, one.loss_ppb, sure_ms) for one in fleet if one.diverted_from is None]
    spared = min(free)[1] if free else 0
    diverts = [weight(one, spared, target_ms) for one in fleet if one.diverted_from is not None]
    assert taken == min(free + diverts)[3]


@settings(max_examples=150)
@given(fleets, st.sampled_from([120, 400, 720]))
def test_a_wider_margin_never_sends_a_farther_one(told: list[tuple[int, int, int | None, int]], target_s: int) -> None:
    """What low priority pays for sparing cover falls with the share of the target that it may use."""
    fleet = [crew(f"E{nth}", 60 * eta, loss) for nth, (eta, loss, _, _) in enumerate(told)]
    by_unit = {one.unit: one for one in fleet}
    chosen = [
        recommend((Slot("engine", ("pump",)),), fleet, target_ms=target_s * 1000, sure_ms=target_s * permille).picks[0].unit
        for permille in (0, 250, 500, 750, 1000)
    ]
    nearest = min(one.eta_ms for one in fleet)
    assert by_unit[chosen[0]].eta_ms == nearest or by_unit[chosen[0]].eta_ms == 0
    losses = [by_unit[name].loss_ppb for name in chosen if by_unit[name].eta_ms <= target_s * 1000]
    sure = [min((one.loss_ppb for one in fleet if one.eta_ms <= target_s * permille), default=None) for permille in (250, 500, 750, 1000)]
    for name, least in zip(chosen[1:], sure, strict=True):
        assert least is None or by_unit[name].loss_ppb == least
    assert len(losses) in (0, len(chosen)), "the same fleet is in time or is not, whatever the margin"
