"""Move-ups that the engine advises: who is freed, who stands; by cover or by a table; a person orders or lets be."""

import pytest

from shift_page import Shift, play
from tocsin.clocks.replay import redecide

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
station S3 at 0.5 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S1
unit E3 engine can pump at S2
adopt_cover pump: north 500 S1; mid 200 S2; south 300 S3
card fire: engine needs pump
road E1 -> I1 100s
road E2 -> I1 130s
road E3 -> I1 140s
road E1 -> S1 100s
road E1 -> S2 200s
road E1 -> S3 300s
road E2 -> S1 0s
road E2 -> S2 60s
road E2 -> S3 240s
road E3 -> S2 0s
road E3 -> S1 60s
road E3 -> S3 200s
policy move-up
"""
ONE_JOB = """
08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)
08:01 send I1 E1            | E1 dispatched to I1 {after}
08:10 E1 on_scene           | E1 on_scene
08:30 E1 returning          | E1 returning · E1 cleared from I1 · I1 closed{freed}
"""
# S3 has nobody: 300 of 1,000 by 0.7. At home there would be a second one besides E2: 500 by 0.21.
TO_S3 = "advised: E1 to S3 instead of S1 for 105‰ in 300s (ADDS_COVER 105‰ south)"
IN_PEACE = "rules at_rest_gain_ppm never"


def shift_of(rules: str = IN_PEACE, *, after: str = "", freed: str = TO_S3, then: str = "", stage: str = STAGE) -> Shift:
    said = ONE_JOB.format(after=after and f"· {after}", freed=freed and f" · {freed}")
    return play(f"{stage}\n{rules}\n{said}\n{then}")


def test_the_freed_unit_is_advised_where_it_adds_most() -> None:
    shift = shift_of()
    advice = shift.desk.board.move_advice["E1"].advice
    assert advice.change_ppb == {"north": -105_000_000, "south": 210_000_000}
    assert redecide(shift.journal).differing == 0
    assert shift.reopened().board.move_advice.keys() == {"E1"}


def test_a_person_orders_it_and_it_counts_there() -> None:
    shift = shift_of(then="08:31 cover E1 at S3 | E1 to cover S3")
    board = shift.desk.board
    assert not board.move_advice
    assert board.cover.covers[0].counts == [1, 1, 1]


@pytest.mark.parametrize(
    "then",
    [
        "08:31 open I2 fire| I2 opened fire · I2 needs engine: NOBODY_REACHABLE\n 08:32 send I2 E1 | E1 dispatched to I2 · I2 needs nobody",
        "08:31 E1 off | E1 off",
        "08:31 cover E2 at S3 | E2 to cover S3",
        "08:31 close_station S3 | station S3 closed",
        "08:31 withdraw E1 | E1 withdrawn",
    ],
)
def test_advice_that_is_overtaken_is_gone(then: str) -> None:
    assert not shift_of(then=then).desk.board.move_advice


def test_what_happens_elsewhere_lets_it_stand() -> None:
    assert shift_of(then="08:31 E2 off | E2 off").desk.board.move_advice


@pytest.mark.parametrize(
    "rules",
    ["rules at_rest_gain_ppm never, least_gain_ppm 105000", "rules at_rest_gain_ppm never, price_ppm_per_min 40000"],
)
def test_what_is_not_worth_it_is_not_advised(rules: str) -> None:
    shift = shift_of(rules, freed="advised: E1 goes home")
    assert not shift.desk.board.move_advice


def test_nothing_is_asked_for_centres_that_send_everybody_home() -> None:
    for policy in ("preserve\nurgent high", "closest"):
        shift_of(stage=STAGE.replace("policy move-up", f"policy {policy}"), freed="").desk  # noqa: B018 - the page is the test
    bare = "\n".join(line for line in STAGE.splitlines() if not line.startswith("adopt_cover"))
    shift_of(stage=bare, freed="")


def test_not_more_often_than_the_rules_say() -> None:
    again = """
        08:31 cover E1 at S3        | E1 to cover S3
        08:40 uncover E1            | E1 covers no longer
        08:41 open I2 fire          | I2 opened fire · I2 needs engine: E1 50s (ONLY_CAPABLE)
        08:42 send I2 E1            | E1 dispatched to I2
        08:50 E1 on_scene           | E1 on_scene
        {hour} E1 returning         | E1 returning · E1 cleared from I2 · I2 closed{freed}
        """
    stage = f"{STAGE}\nroad E1 -> I2 50s\n"
    shift_of(stage=stage, then=again.format(hour="09:31", freed=f" · {TO_S3}"))
    shift_of(stage=stage, then=again.format(hour="09:30", freed=""))
    shift_of(f"{IN_PEACE}, moves_per_hour 2", stage=stage, then=again.format(hour="09:00", freed=f" · {TO_S3}"))


def test_one_that_stands_is_advised_after_a_dispatch_if_it_has_stood_long_enough() -> None:
    rules = "rules at_rest_gain_ppm 10000"
    # E1 is sent. E2 alone at S1 is worth 350; E3 at S2 140 is worth 210 at S3: 70 more.
    after = "advised: E3 to S3 instead of S2 for 70‰ in 200s (ADDS_COVER 70‰ south)"
    shift = shift_of(rules, after=after, freed="advised: E1 to S3 instead of S1 for 105‰ in 300s (ADDS_COVER 105‰ south)")
    assert redecide(shift.journal).differing == 0
    two = "\n".join(ONE_JOB.format(after="· advised: everybody stays", freed="").strip().splitlines()[:2])
    just_there = "07:50 E3 on_radio | E3 on_radio\n07:50 E3 at_station | E3 at_station\n"
    play(f"{STAGE}\n{rules}, stay_min 20\n{just_there}{two}")
    play(f"{STAGE}\nrules at_rest_gain_ppm 70000\n{two}")


def test_nobody_who_rests_is_woken() -> None:
    rules = "rules at_rest_gain_ppm 10000, rest_from_minute 420, rest_to_minute 540"
    shift_of(rules, after="advised: everybody stays")


def test_a_table_says_where_units_should_stand() -> None:
    stage = STAGE.replace("policy move-up", "policy compliance\nurgent high")
    rules = "rules at_rest_gain_ppm never, table 1 S1; 2 S1 S2; 3 S1 S2 S3"
    to_s3 = "advised: E1 to S3 instead of S1 for 105‰ in 300s (TABLE_SHORT)"
    shift_of(rules, stage=stage, freed=to_s3)
    shift_of(rules.replace("3 S1 S2 S3", "3 S1 S1 S2"), stage=stage, freed="advised: E1 goes home")
    spare = "rules at_rest_gain_ppm 1, table 2 S3 S2; 3 S1 S2 S3"
    shift_of(
        spare,
        stage=stage,
        after="advised: E2 to S3 instead of S1 for -140‰ in 240s (TABLE_SHORT)",
        freed="advised: E1 to S3 instead of S1 for 105‰ in 300s (TABLE_SHORT)",
    )


def test_who_may_be_asked_about() -> None:
    play(
        STAGE
        + """
        08:00 advise_moves E9       | refused UnitUnknown unit
        08:00 advise_moves E2       | advised: E2 to S3 instead of S1 for 105‰ in 240s (ADDS_COVER 105‰ south)
        08:01 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s (CLOSEST by 30s)
        08:02 send I1 E2            | E2 dispatched to I1 · advised: E3 to S3 instead of S2 for 70‰ in 200s (ADDS_COVER 70‰ south)
        08:03 advise_moves E2       | refused UnitNotFree unit
        """
    )
