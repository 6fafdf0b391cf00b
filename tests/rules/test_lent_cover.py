"""Units that another agency lends are nobody's cover here: they count nowhere, and nobody is spared for their sake."""

from shift_page import Shift, play
from tocsin.clocks.replay import redecide

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1 of City
unit X1 engine can pump at S1 of County
unit E2 engine can pump at S2 of City
adopt_cover pump: north 600 S1; south 400 S2
card fire within 600s: engine needs pump
road E1 -> I1 100s
road X1 -> I1 700s
road E2 -> I1 130s
priorities high, low
urgent high
policy preserve
"""
LENT = "aid County offset 30s cost 120s"


def counts(shift: Shift) -> list[int]:
    return shift.desk.board.cover.covers[0].counts


def test_a_lent_unit_counts_nowhere() -> None:
    assert counts(play(STAGE)) == [2, 1]
    assert counts(play(f"{STAGE}\n{LENT}")) == [1, 1]


def test_whose_loss_is_spared_is_reckoned_without_the_lent_one() -> None:
    """E1 is worth 600 by 0.7 alone, and with X1 beside it only the second's 0.21 of 600: then E1 is the one to send."""
    play(f"{STAGE}\n08:00 open I1 fire low | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)")
    play(f"{STAGE}\n{LENT}\n08:00 open I1 fire low | I1 opened fire · I1 needs engine: E2 130s (PRESERVES_COVER of E1 by 30s 140‰ north)")


def test_work_of_a_lent_unit_changes_no_count() -> None:
    shift = play(
        f"""{STAGE}
        {LENT}
        policy closest
        08:00 open I1 fire low | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)
        08:01 send I1 X1       | X1 dispatched to I1
        """
    )
    assert counts(shift) == [1, 1]
    assert redecide(shift.journal).differing == 0
    assert counts_of_reopened(shift) == [1, 1]


def counts_of_reopened(shift: Shift) -> list[int]:
    return shift.reopened().board.cover.covers[0].counts
