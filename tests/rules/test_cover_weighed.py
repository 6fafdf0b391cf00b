"""Cover: models that are adopted, whom the engine spares, and why it says so."""

import msgspec
import pytest

from shift_page import Shift, play
from tocsin.base.canonical import digest
from tocsin.clocks.replay import redecide
from tocsin.core.messages.recommendation import CoverWeighed, Receipt, UnitsRecommended

FLEET = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit E3 engine can pump at S2
card fire within 600s: engine needs pump
road E1 -> I1 100s
road E2 -> I1 130s
road E3 -> I1 140s
"""
MODEL = "adopt_cover pump: north 600 S1; mid 100 S1, S2; south 300 S2\n"
CAREFUL = FLEET + MODEL + "policy default\nurgent high\nrules at_rest_gain_ppm never\n"


def receipt_of(shift: Shift) -> Receipt:
    return next(event.receipt for event in reversed(shift.events) if isinstance(event, UnitsRecommended))


def test_only_what_is_not_urgent_spares_cover() -> None:
    shift = play(
        CAREFUL
        + """
        08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E2 130s (PRESERVES_COVER of E1 by 30s 357‰ north)
        08:01 reclassify I1 priority high   | I1 is fire, high · I1 needs engine: E1 100s (CLOSEST by 30s)
        """
    )
    receipt = receipt_of(shift)
    assert receipt.cover is not None and receipt.cover.version == shift.desk.board.cover.version
    assert receipt.target_ms == 600_000
    assert {one.loss_ppb for one in receipt.candidates} == {None}, "not weighed for what is urgent"
    assert receipt.cover.change_ppb == {"north": -420_000_000, "mid": -6_300_000}
    assert redecide(shift.journal).differing == 0


def test_one_that_is_late_is_not_sent_to_spare_cover() -> None:
    play(
        CAREFUL.replace("within 600s", "within 120s")
        + "08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)"
    )
    play(
        CAREFUL.replace("within 600s", "within 90s")
        + "08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E1 100s late (CLOSEST by 30s) (OUT_OF_TARGET by 10s)"
    )


def test_losses_and_the_reason_of_the_loser_stand_in_the_receipt() -> None:
    shift = play(CAREFUL + "08:00 open I1 fire low | I1 opened fire · I1 needs engine: E2 130s (PRESERVES_COVER of E1 by 30s 357‰ north)")
    rows = {one.unit: one for one in receipt_of(shift).candidates}
    # 300 permille reached by two at S2, 100 by three: the second of two is worth 0.7 · 0.3, the third of three 0.7 · 0.09.
    assert rows["E2"].loss_ppb == 300_000_000 * 21 // 100 + 100_000_000 * 63 // 1000 == 69_300_000
    assert rows["E1"].loss_ppb == 420_000_000 + 6_300_000
    assert (rows["E1"].why_not, rows["E1"].behind_ms) == ("NEEDED_FOR_COVER", -30_000)
    assert rows["E3"].why_not == "FARTHER"


@pytest.mark.parametrize("policy", ["preserve", "default", "dmexclp"])
def test_without_models_it_is_by_road_time_and_says_so(policy: str) -> None:
    shift = play(
        FLEET + f"policy {policy}\nurgent high\n" + "08:00 open I1 fire low | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)"
    )
    assert receipt_of(shift).cover == CoverWeighed(), "no version: none is adopted"


def test_old_policies_and_their_receipts_are_as_they_were() -> None:
    page = FLEET + "08:00 open I1 fire low | I1 opened fire · I1 needs engine: E1 100s"
    plain, covered = receipt_of(play(page)), receipt_of(play(FLEET + MODEL + page.removeprefix(FLEET)))
    assert digest(plain) == digest(covered), "models change nothing for a policy that does not weigh them"
    assert (plain.cover, plain.target_ms, plain.picks[0].reasons) == (None, None, ())


def test_the_whole_of_dmexclp_spares_cover_for_everybody() -> None:
    play(
        CAREFUL.replace("policy default", "policy dmexclp")
        + "08:00 open I1 fire high     | I1 opened fire · I1 needs engine: E2 130s (PRESERVES_COVER of E1 by 30s 357‰ north)"
    )


def test_who_counts_where_follows_the_shift() -> None:
    shift = play(
        CAREFUL.replace("policy default", "policy preserve")
        + """
        08:00 open I1 fire high     | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)
        08:00 send I1 E1            | E1 dispatched to I1
        08:01 cover E3 at S1        | E3 to cover S1
        """
    )
    board = shift.desk.board
    assert board.cover.covers[0].counts == [1, 2, 1]
    assert (board.cover.loss_ppb("E1"), board.cover.loss_ppb("E2")) == (0, 231_000_000)
    board = shift.reopened().board
    assert board.cover.covers[0].counts == [1, 2, 1], "folded anew it is the same"


def test_a_crew_counts_once_and_nowhere_with_a_job() -> None:
    page = """
        station S1
        unit E1 engine can pump at S1 crew K1
        unit T1 tanker can pump at S1 crew K1
        adopt_cover pump: north 1000 S1
        card fire: engine needs pump
        road E1 -> I1 100s
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s
        """
    shift = play(page)
    assert shift.desk.board.cover.covers[0].counts == [1]
    shift = play(page + "08:00 send I1 E1            | E1 dispatched to I1")
    assert shift.desk.board.cover.covers[0].counts == [0]
    shift = play(page + "08:00 close_station S1      | station S1 closed")
    assert shift.desk.board.cover.covers[0].counts == [0]
    shift = play(page + "08:00 withdraw T1           | T1 withdrawn\n 08:00 withdraw E1   | E1 withdrawn")
    assert shift.desk.board.cover.covers[0].counts == [0]


def test_nobody_is_diverted_to_spare_cover() -> None:
    page = """
        station S1
        unit E1 engine can pump at S1
        unit E2 engine can pump at S1
        adopt_cover pump: north 1000 S1
        policy preserve
        priorities high, mid, low
        urgent high
        divert low -> mid gains 60s
        card fire within 600s: engine needs pump
        road E1 -> I1 100s
        road E2 -> I1 150s
        road E1 -> I2 {divert}
        road E2 -> I2 200s
        08:00 open I1 fire low          | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 50s)
        08:00 send I1 E1                | E1 dispatched to I1
        08:01 open I2 fire mid          | I2 opened fire · I2 needs engine: {answer}
        """
    play(page.format(divert="150s", answer="E2 200s (ONLY_CAPABLE)"))
    play(page.format(divert="120s", answer="E1 120s from I1 (CLOSEST by 80s) (DIVERTED_FROM I1 by 80s)"))


def test_units_of_others_are_asked_for_when_they_win_enough() -> None:
    page = """
        station S1
        unit E1 engine can pump at S1 of City
        unit X1 engine can pump at S1 of County
        policy closest
        aid County offset 30s cost 120s
        card fire: engine needs pump
        road E1 -> I1 300s
        road X1 -> I1 {theirs}
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: {answer}
        """
    play(page.format(theirs="100s", answer="X1 130s (CLOSEST by 170s)"))
    shift = play(page.format(theirs="200s", answer="E1 300s (ONLY_CAPABLE)"))
    rows = {one.unit: one for one in receipt_of(shift).candidates}
    assert (rows["X1"].why_not, rows["X1"].eta_ms) == ("AID_GAIN_TOO_SMALL", 230_000)


def test_regret_of_others_than_those_recommended() -> None:
    shift = play(
        CAREFUL
        + """
        08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E2 130s (PRESERVES_COVER of E1 by 30s 357‰ north)
        08:00 send I1 E1 advised    | E1 dispatched to I1, regret 0 empty 0 late 357‰ -30s
        """
    )
    assert redecide(shift.journal).differing == 0
    play(
        CAREFUL
        + """
        08:00 open I1 fire low      | I1 opened fire · I1 needs engine: E2 130s (PRESERVES_COVER of E1 by 30s 357‰ north)
        08:00 send I1 E2 advised    | E2 dispatched to I1
        """
    )


@pytest.mark.parametrize(
    ("model", "refusal"),
    [
        ("pump: north 1000 S9", "| refused StationUnknown models"),
        ("pump: north 999 S1", "| refused CoverUnusable models"),
        ("pump: north 1000 S1 / pump: north 1000 S2", "| refused CoverUnusable models"),
        ("pump busy 1000000: north 1000 S1", "| refused CoverUnusable models"),
    ],
)
def test_models_that_cannot_be_used(model: str, refusal: str) -> None:
    shift = play(FLEET + f"08:00 adopt_cover {model} {refusal}")
    assert shift.desk.board.cover is None


def test_models_are_replaced_and_put_out_of_force() -> None:
    shift = play(
        FLEET
        + """
        08:00 adopt_cover pump: north 1000 S1 / all: north 1000 S1, S2  | cover of pump, all adopted
        """
    )
    assert [cover.counts for cover in shift.desk.board.cover.covers] == [[1], [3]]
    assert shift.desk.board.cover.loss_ppb("E1") == 700_000_000 + 63_000_000
    again = play(FLEET + MODEL + "08:00 adopt_cover  | cover of nothing adopted")
    assert again.desk.board.cover is None


def test_a_model_has_one_version_however_it_was_written() -> None:
    shift = play(FLEET + MODEL)
    model = shift.desk.board.cover.models[0]
    told = msgspec.json.decode(
        msgspec.json.encode({**msgspec.to_builtins(model), "busy_ppm": 300_000, "reach_ms": 480_000}), type=type(model)
    )
    assert digest(told) == digest(model)
