"""A farther unit goes in the place of a nearer one only if it is there within half of what is left of the target."""

import pytest

from shift_page import Shift, play
from tocsin.clocks.replay import redecide
from tocsin.core.messages.recommendation import Receipt, UnitsRecommended

FLEET = """
station S1
station S2
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit E3 engine can pump at S2
adopt_cover pump: north 700 S1; south 300 S2
card fire within 600s: engine needs pump
policy {policy}
urgent high
rules at_rest_gain_ppm never
road E1 -> I1 100s
road E2 -> I1 {far}s
road E3 -> I1 700s
"""
SPARED = "E2 {far}s (PRESERVES_COVER of E1 by {by}s 427‰ north)"
NEAREST = "E1 100s (CLOSEST by {by}s)"


def opened(far: int, told: str, *, policy: str = "default") -> Shift:
    answer = told.format(far=far, by=far - 100)
    stage = FLEET.format(far=far, policy=policy)
    return play(f"{stage}\n08:00 open I1 fire low | I1 opened fire · I1 needs engine: {answer}")


def receipt_of(shift: Shift) -> Receipt:
    return next(event.receipt for event in reversed(shift.events) if isinstance(event, UnitsRecommended))


@pytest.mark.parametrize("policy", ["preserve", "default", "look-ahead", "compliance"])
def test_half_of_the_target_is_the_bound(policy: str) -> None:
    opened(300, SPARED, policy=policy)
    opened(301, NEAREST, policy=policy)
    opened(590, NEAREST, policy=policy)


def test_dmexclp_goes_up_to_the_target() -> None:
    opened(600, SPARED, policy="dmexclp")
    opened(601, NEAREST, policy="dmexclp")


def test_the_receipt_says_what_would_have_been_lost_and_is_decided_again_the_same() -> None:
    shift = opened(301, NEAREST)
    rows = {one.unit: one for one in receipt_of(shift).candidates}
    # 700 permille reached by one, 300 by two: the only one is worth 0.7, the second 0.7 · 0.3.
    assert (rows["E1"].loss_ppb, rows["E2"].loss_ppb) == (490_000_000, 63_000_000)
    assert (rows["E2"].why_not, rows["E2"].behind_ms) == ("FARTHER", 201_000)
    assert receipt_of(shift).target_ms == 600_000, "what is late stays what the card says"
    assert redecide(shift.journal).differing == 0


def test_one_within_the_target_and_not_within_half_of_it_is_not_late() -> None:
    stage = FLEET.format(far=400, policy="default").replace("road E1 -> I1 100s", "road E1 -> I1 350s")
    shift = play(f"{stage}\n08:00 open I1 fire low | I1 opened fire · I1 needs engine: E1 350s (CLOSEST by 50s)")
    assert [pick.is_late for pick in receipt_of(shift).picks] == [False]


def test_the_regret_of_sending_one_that_was_not_sure() -> None:
    stage = FLEET.format(far=301, policy="default")
    play(
        f"""{stage}
        08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 201s)
        08:00 send I1 E2 advised    | E2 dispatched to I1, regret 0 empty 0 late -427‰ 201s
        """
    )
