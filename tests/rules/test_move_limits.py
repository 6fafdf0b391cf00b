"""When nobody is asked to cover elsewhere: caps, night rest, minimum stay, minimum gain and price, each by numbers worked out by hand."""

import pytest

from shift_page import Shift, play
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.replay import redecide
from tocsin.core.board.movable import MOST_AT_REST, MOST_STATIONS, asked_drives
from tocsin.core.messages.moveup import AdviseMoveUps

# S2 has two crews, S3 none. One of S2's at S3: 400 by 0.7 = 280 more there, 500 by 0.21 = 105 fewer at S2: 175 permille.
STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
station S3 at 0.5 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit E3 engine can pump at S2
{model}
card fire: engine needs pump
policy {policy}
urgent high
rules {rules}
road E1 -> I1 100s
road E1 -> S1 0s
road E1 -> S2 60s
road E1 -> S3 60s
road E2 -> S1 100s
road E2 -> S2 0s
road E2 -> S3 {drive}s
road E3 -> S1 100s
road E3 -> S2 0s
road E3 -> S3 500s
{more}
"""
MODEL = "adopt_cover pump: north 100 S1; mid 500 S2; south 400 S3"
OPENED = "08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 100s (ONLY_CAPABLE)"
MOVE = "advised: E2 to S3 instead of S2 for 175‰ in {drive}s (ADDS_COVER 175‰ south)"
STAY = "advised: everybody stays"


def after_dispatch(
    told: str, rules: str = "at_rest_gain_ppm 10000", *, drive: int = 120, policy: str = "move-up", model: str = MODEL, more: str = ""
) -> Shift:
    """E1 is sent; who stands is looked at then."""
    stage = STAGE.format(rules=rules, drive=drive, policy=policy, model=model, more=more)
    reaction = told.format(drive=drive)
    shift = play(f"{stage}\n{OPENED}\n08:01 send I1 E1 | E1 dispatched to I1 · {reaction}")
    assert redecide(shift.journal).differing == 0
    return shift


def test_one_of_those_that_stand_is_advised() -> None:
    advice = after_dispatch(MOVE).desk.board.move_advice[UnitId("E2")].advice
    assert advice.gain_ppb == 175_000_000 == sum(advice.change_ppb.values())
    assert advice.change_ppb == {"mid": -105_000_000, "south": 280_000_000}


@pytest.mark.parametrize(("least_ppm", "told"), [(174_999, MOVE), (175_000, STAY), (1_000_000, STAY)])
def test_the_least_gain_at_rest_has_to_be_beaten(least_ppm: int, told: str) -> None:
    after_dispatch(told, f"at_rest_gain_ppm {least_ppm}, price_ppm_per_min 0")


@pytest.mark.parametrize(("price_ppm", "told"), [(82_400, MOVE), (82_600, STAY)])
def test_each_minute_of_the_drive_has_its_price(price_ppm: int, told: str) -> None:
    """Two minutes longer than to where it stands, 10 permille must stay: 175 - 10 = 165, by minute 82.5."""
    after_dispatch(told, f"at_rest_gain_ppm 10000, price_ppm_per_min {price_ppm}")


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ((480, 540), STAY),  # 08:00 to 09:00
        ((481, 540), STAY),  # it begins with the minute itself
        ((482, 540), MOVE),
        ((420, 481), MOVE),  # it ends before the minute
        ((420, 482), STAY),
        ((1320, 482), STAY),  # over midnight
        ((1320, 481), MOVE),
        ((481, 480), STAY),  # all day but a minute
        ((482, 481), MOVE),
    ],
)
def test_who_rests_is_left_in_peace(rest: tuple[int, int], told: str) -> None:
    """Asked at 08:01 by the centre's wall."""
    begins, ends = rest
    after_dispatch(told, f"at_rest_gain_ppm 10000, rest_from_minute {begins}, rest_to_minute {ends}")


@pytest.mark.parametrize("half", ["rest_from_minute 0", "rest_to_minute 1439"])
def test_half_a_rest_is_none(half: str) -> None:
    after_dispatch(MOVE, f"at_rest_gain_ppm 10000, {half}")


@pytest.mark.parametrize(("arrived", "told"), [("07:41", MOVE), ("07:42", STAY)])
def test_who_has_just_come_stays_for_its_minutes(arrived: str, told: str) -> None:
    """Twenty minutes at 08:01. The other one of S2 would stand 500 s away: nobody else is asked in its place."""
    there = "\n".join(f"{arrived} {unit} {phase} | {unit} {phase}" for unit in ("E2", "E3") for phase in ("on_radio", "at_station"))
    after_dispatch(told, "at_rest_gain_ppm 10000, stay_min 20", more=there)


def test_ordered_about_enough() -> None:
    moved = """
        07:10 cover E2 at S3        | E2 to cover S3
        07:20 uncover E2            | E2 covers no longer
        07:21 E2 at_station         | E2 at_station
        """
    other = "advised: E3 to S3 instead of S2 for 175‰ in 500s (ADDS_COVER 175‰ south)"
    after_dispatch(other, more=moved)
    after_dispatch(MOVE, "at_rest_gain_ppm 10000, moves_per_hour 2", more=moved)
    after_dispatch(MOVE, more=moved.replace("07:10", "07:01").replace("07:20", "07:05").replace("07:21", "07:06"))


def test_with_no_moves_an_hour_nobody_is_asked() -> None:
    after_dispatch(STAY, "at_rest_gain_ppm 10000, moves_per_hour 0")


def test_a_lent_unit_is_nobodys_cover_and_is_asked_by_nobody() -> None:
    """X1 would be the third at S2. Lent, it does not count: two are there, one of them is asked, at the same worth."""
    lent = "unit X1 engine can pump at S2 of County\nroad X1 -> S1 1s\nroad X1 -> S2 0s\nroad X1 -> S3 1s\n"
    after_dispatch(MOVE, more=lent + "aid County offset 60s cost 60s")
    own = "advised: E2 to S3 instead of S2 for 248.5‰ in 120s (ADDS_COVER 248.5‰ south) or S1 38.5‰"  # 280 less 500 by 0.063
    after_dispatch(own, more=lent.replace("road X1 -> S3 1s\n", ""))


@pytest.mark.parametrize("policy", ["preserve", "closest", "road-time"])
def test_centres_that_send_everybody_home_are_not_asked(policy: str) -> None:
    told = "" if policy == "road-time" else " (ONLY_CAPABLE)"
    stage = STAGE.format(rules="at_rest_gain_ppm 1", drive=120, policy=policy, model=MODEL, more="")
    play(f"{stage}\n{OPENED.replace(' (ONLY_CAPABLE)', told)}\n08:01 send I1 E1 | E1 dispatched to I1")


def test_a_compliance_table_asks_one_that_is_too_many_and_nobody_when_all_is_well() -> None:
    table = "at_rest_gain_ppm 10000, table {rows}"
    lacking = "advised: E2 to S3 instead of S2 for 175‰ in 120s (TABLE_SHORT)"
    after_dispatch(lacking, table.format(rows="1 S1; 2 S2 S3"), policy="compliance")
    after_dispatch(STAY, table.format(rows="1 S1; 2 S2 S2"), policy="compliance")
    after_dispatch(STAY, table.format(rows="3 S1 S2 S3"), policy="compliance")  # two are free: no row holds


def test_of_the_many_only_a_few_are_looked_at() -> None:
    """One of each station, those that are missed least, and of the stations those where one more is worth most, with its own."""
    count = MOST_AT_REST + 3
    lines = [f"station S{nth:02d} at 0.0 0.{nth:02d}\nunit E{nth:02d} engine can pump at S{nth:02d}" for nth in range(count)]
    shares = "; ".join(f"A{nth:02d} {10 * (nth + 1)} S{nth:02d}" for nth in range(count))
    rest = 1000 - sum(10 * (nth + 1) for nth in range(count))
    page = "\n".join([*lines, f"adopt_cover pump: {shares}; far {rest}", "card fire: engine needs pump", "policy move-up"])
    board = play(page).desk.board
    wanted = asked_drives(board, AdviseMoveUps(), Instant(2_000_000_000_000), 0)
    assert list(wanted) == [f"E{nth:02d}" for nth in range(MOST_AT_REST)], "those whose going costs least"
    for unit, stations in wanted.items():
        own = "S" + unit[1:]
        best = [f"S{nth:02d}" for nth in range(count - 1, -1, -1) if f"S{nth:02d}" != own][:MOST_STATIONS]
        assert stations == (*best, own)
    assert asked_drives(board, AdviseMoveUps(UnitId("E99")), Instant(0), 0) == {}
