"""Move-ups: a person orders a free unit to cover elsewhere."""

from shift_page import play

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1
unit L1 ladder can ladder at S1 crew K1
unit T1 tanker can water at S1 crew K1
card fire: engine needs pump
card wood: ladder needs ladder
road E1 -> I1 90s
road L1 -> I1 90s
road L1 -> I2 90s
"""


def test_a_free_unit_covers_until_it_is_sent_back() -> None:
    shift = play(
        STAGE
        + """
        08:00 cover E1 at S2 until 10:00    | E1 to cover S2
        08:01 will_cover E1                 | E1 will cover
        08:01 will_cover E1                 | refused NothingToChange unit
        08:02 E1 moving_up                  | E1 moving_up
        08:20 uncover E1                    | E1 covers no longer
        08:20 uncover E1                    | refused MoveUpMissing unit
        08:20 will_cover E1                 | refused MoveUpMissing unit
        """
    )
    assert not shift.desk.board.move_ups
    assert [leg.towards.lat for leg in shift.desk.board.units["E1"].legs] == [0.5, 0.0], "it turns round, homewards"


def test_a_new_order_replaces_the_old_one() -> None:
    shift = play(
        STAGE
        + """
        08:00 cover E1 at S2                | E1 to cover S2
        08:01 will_cover E1                 | E1 will cover
        08:05 cover E1 at S1 until 09:00    | E1 to cover S1
        """
    )
    order = shift.desk.board.move_ups["E1"]
    assert (order.station, order.is_acknowledged) == ("S1", False)


def test_who_cannot_cover() -> None:
    play(
        STAGE
        + """
        08:00 cover E9 at S2        | refused UnitUnknown unit
        08:00 cover E1 at S9        | refused StationUnknown station
        08:00 close_station S2      | station S2 closed
        08:00 cover E1 at S2        | refused StationUnknown station
        08:01 E1 off                | E1 off
        08:02 cover E1 at S1        | refused UnitNotFree unit
        """
    )


def test_a_crew_at_work_covers_nowhere() -> None:
    play(
        STAGE
        + """
        08:00 open I2 wood          | I2 opened wood · I2 needs ladder: L1 90s
        08:01 send I2 L1            | L1 dispatched to I2
        08:02 cover L1 at S2        | refused UnitNotFree unit
        08:02 cover T1 at S2        | refused UnitNotFree unit
        """
    )


def test_a_covering_unit_can_be_sent_and_its_order_lapses() -> None:
    shift = play(
        STAGE
        + """
        08:00 cover E1 at S2        | E1 to cover S2
        08:01 E1 moving_up          | E1 moving_up
        08:02 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:03 send I1 E1            | E1 dispatched to I1
        08:04 uncover E1            | refused MoveUpMissing unit
        """
    )
    assert shift.desk.board.units["E1"].incident == "I1"


def test_at_station_while_covering_is_at_the_station_that_it_covers() -> None:
    shift = play(
        STAGE
        + """
        08:00 cover E1 at S2        | E1 to cover S2
        08:01 E1 moving_up          | E1 moving_up
        08:20 E1 at_station         | E1 at_station
        """
    )
    unit = shift.desk.board.units["E1"]
    assert unit.place.lat == 0.5
    assert not unit.is_at_station  # not its own: turnout does not count as from its own quarters
