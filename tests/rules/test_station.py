"""Stations: opened, stated anew, closed."""

from shift_page import play


def test_a_station_may_be_stated_anew_and_closed_once() -> None:
    shift = play(
        """
        station S1 at 0.0 0.0
        unit E1 engine can pump at S1
        08:00 station S1 at 1.0 2.0     | station S1 opened
        08:01 close_station S1          | station S1 closed
        08:02 close_station S1          | refused StationUnknown station
        08:02 close_station S9          | refused StationUnknown station
        08:03 station S1 at 1.0 2.0     | station S1 opened
        08:04 close_station S1          | station S1 closed
        """
    )
    assert tuple(shift.desk.board.stations["S1"].place.at.__struct_fields__) == ("lon", "lat")
    assert not shift.desk.board.stations["S1"].is_open
    assert shift.desk.board.units["E1"].station == "S1"  # units stay on the fleet list


def test_nobody_is_enrolled_at_a_station_that_does_not_exist() -> None:
    play("08:00 enrol E1 engine can pump at S9 | refused StationUnknown station")
