"""The figures of a replay, from decisions by hand."""

from math import ceil

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.clocks.replay import Decision, Passed, Redecided
from tocsin.clocks.replay_answer import Between, ReplayAnswer, ReplayTally, Spread, spread
from tocsin.core.messages.recommendation import Candidate, Pick, Receipt

RECEIPT = Receipt(IncidentId("I1"), "road-time", "1", "plan", "abc", (), "metric", "00", (), ())
BOTH = (UnitId("E1"), UnitId("M1"))
DECISION = Decision(
    1, Instant(0), IncidentId("I1"), BOTH, BOTH, True, True, False, True, True, True, {"engine": True, "medic": True}, "SAME",
    Millis(60_000), Millis(60_000), Millis(0), RECEIPT, RECEIPT,
)  # fmt: skip


def answer(*given_: Decision | Passed) -> ReplayAnswer:
    tally = ReplayTally()
    for one in given_:
        tally.add(one)
    return tally.answer(redecided=Redecided(3, 0), head="ff", assumptions=("so it is",))


def other(**changes: object) -> Decision:
    return msgspec.structs.replace(DECISION, **changes)


def test_shares_are_of_the_decisions() -> None:
    missed = other(incident="I2", is_first_same=False, is_all_same=False, like_is_first_same=True, like_is_all_same=False)
    missed = msgspec.structs.replace(missed, same_by_kind={"engine": False}, difference="CHOSEN_FARTHER", is_follow_up=True)
    told = answer(DECISION, missed, other(is_by_plan=False))
    assert (told.incidents, told.decisions, told.follow_ups, told.beyond_plan) == (2, 3, 1, 1)
    assert (told.agreement.first_unit, told.agreement.all_units) == (0.6667, 0.6667)
    assert (told.agreement_same_kinds.first_unit, told.agreement_same_kinds.all_units) == (1.0, 0.6667)
    assert {kind: (found.dispatches, found.same_units) for kind, found in told.by_kind.items()} == {
        "engine": (3, 0.6667),
        "medic": (2, 1.0),
    }
    assert told.differences == {"CHOSEN_FARTHER": 1, "SAME": 2}
    assert told.policy is not None and (told.policy.name, told.policy.plan_version, told.policy.metric) == ("road-time", "abc", "metric")
    assert (told.head, told.assumptions, told.redecided.questions) == ("ff", ("so it is",), 3)


def test_an_eta_that_is_not_known_has_no_regret() -> None:
    told = answer(DECISION, other(chosen_ms=None, regret_ms=None), other(recommended_ms=None, regret_ms=None), other(regret_ms=-5000))
    assert (told.regret_s.n, told.without_regret) == (2, 2)
    assert (told.chosen_eta_s.n, told.recommended_eta_s.n) == (2, 2)  # the same dispatches on both sides
    assert told.regret_s.p50 == -5.0, "the engine may have chosen a slower one: then the log did better"


def timed(unit: str, low_s: int | None, high_s: int | None) -> Candidate:
    low_ms, high_ms = (None if s is None else Millis(1000 * s) for s in (low_s, high_s))
    return Candidate(UnitId(unit), "free", Millis(60_000), eta_low_ms=low_ms, eta_high_ms=high_ms)


def test_intervals_are_means_of_the_units_and_middles_of_the_dispatches() -> None:
    picks = (Pick("engine", BOTH[0], Millis(60_000)), Pick("pump", BOTH[0], Millis(60_000)))
    whole = msgspec.structs.replace(RECEIPT, picks=picks, candidates=(timed("E1", 50, 100), timed("M1", 61, 200), timed("E9", 1, 2)))
    slower = msgspec.structs.replace(whole, candidates=(timed("E1", 70, 300), timed("M1", None, None)))
    told = answer(other(like=whole), other(like=slower), other(like=slower), other(like=whole, chosen_ms=None))
    assert told.chosen_between_s == Between(1, 55.5, 150.0), "one whose interval is not known hides the dispatch"
    assert told.recommended_between_s == Between(3, 70.0, 300.0), "who fills two slots counts once"


def test_without_learned_speeds_no_interval_stands_in_the_answer() -> None:
    told = answer(DECISION)
    assert told.chosen_between_s is told.recommended_between_s is msgspec.UNSET
    assert b"between" not in msgspec.json.encode(told)


def test_nothing_at_all() -> None:
    told = answer()
    assert told.agreement.first_unit is None and told.policy is None and told.regret_s == Spread(0, None, None, None)
    assert not ReplayTally().is_without_facts()


def test_what_could_not_be_asked_is_counted_by_its_reason() -> None:
    told = answer(Passed("no_place"), Passed("no_facts"), Passed("no_facts"), DECISION)
    assert told.passed_over == {"no_facts": 2, "no_place": 1} and told.decisions == 1


@pytest.mark.parametrize(
    ("given_", "is_so"),
    [((Passed("no_facts"),), True), ((Passed("no_place"),), False), ((Passed("no_facts"), DECISION), False), ((), False)],
    ids=["no facts", "no place", "some were asked", "nothing"],
)
def test_whether_only_roads_are_missing(given_: tuple[Decision | Passed, ...], is_so: bool) -> None:
    tally = ReplayTally()
    for one in given_:
        tally.add(one)
    assert tally.is_without_facts() is is_so


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=60))
def test_percentiles_are_times_that_happened(values_ms: list[int]) -> None:
    found = spread(values_ms)
    ranked = sorted(values_ms)
    assert found.n == len(ranked)
    for percent, value_s in ((50, found.p50), (90, found.p90)):
        assert value_s == ranked[ceil(percent * len(ranked) / 100) - 1] / 1000
        assert value_s is not None and sum(ms / 1000 <= value_s for ms in ranked) >= percent / 100 * len(ranked)
    assert found.mean == pytest.approx(sum(ranked) / len(ranked) / 1000, abs=0.0006)
