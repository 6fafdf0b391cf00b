"""A log heard by the lab: the same stamps as the report has, duty, hospitals, oddities counted."""

from pathlib import Path

from fire_log import LOG, records_of
from report_shift import moment, shift
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, IncidentId, UnitId
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Record
from tocsin.core.messages.unit import STATUS, Phase, UnitStatusChanged, UnitWithdrawn
from tocsin.lab.journal.fold import hear
from tocsin.lab.journal.rows import Heard, IncidentRow, SentRow

SHIFT = """
07:00:00 unit E1 engine
07:00:00 unit M1 ambulance
08:00:00 call C1 answered 08:00:07
08:00:20 open I1 fall P2 C1
08:00:30 place I1 -70.1 -30.2 A7
08:00:50 type I1 cardiac P1
08:01:00 send I1 E1 M1
08:01:30 E1 en_route I1
08:02:00 M1 en_route I1
08:05:00 E1 on_scene I1
08:06:00 M1 on_scene I1
08:20:00 E1 clear I1
08:21:00 M1 transporting I1
08:31:00 M1 at_hospital I1
08:51:00 M1 clear I1
08:52:00 close I1
"""


def heard(text: str, footing: str = "live") -> Heard:
    return hear(shift(text, footing))


def reported(clock: str, unit: str, phase: Phase) -> Record:
    """A unit says how it is, of no incident."""
    at = moment(clock)
    return Record("t", at, at, at, "t", CommandId(f"{unit}{at}"), 1, UnitStatusChanged(UnitId(unit), STATUS[phase]))


def undone(clock: str, unit: str) -> Record:
    return shift(f"{clock} {unit} undo")[-1]


def only(found: Heard) -> IncidentRow:
    (row,) = found.rows
    return row


def of(row: IncidentRow, unit: str) -> SentRow:
    return next(one for one in row.sent if one.unit == unit)


def test_a_row_says_what_happened_and_how_long_it_took() -> None:
    row = only(heard(SHIFT))
    assert (row.arrived, row.opened, row.first_sent) == (moment("08:00:00"), moment("08:00:20"), moment("08:01:00"))
    assert (row.incident_type, row.priority, row.area, row.reports) == ("cardiac", "P1", "A7", 1)
    assert row.place == LonLat(-70.1, -30.2) and row.response_ms == 300_000
    engine, ambulance = of(row, "E1"), of(row, "M1")
    assert (engine.kind, engine.turnout_ms, engine.on_scene_ms, engine.stay_ms) == ("engine", 30_000, 900_000, 900_000)
    assert (ambulance.on_scene_ms, ambulance.handover_ms, ambulance.stay_ms) == (900_000, 1_200_000, 2_700_000)
    assert ambulance.busy_ms == 3_000_000


def test_the_priority_that_was_told_is_the_one_when_somebody_was_sent() -> None:
    later = SHIFT.replace("08:00:50 type I1 cardiac P1", "08:03:00 type I1 cardiac P1").splitlines()
    later = sorted((line for line in later if line), key=lambda line: line[:8])
    row = only(heard("\n".join(later)))
    assert (row.told_priority, row.priority) == ("P2", "P1")


def test_what_is_taken_back_did_not_happen() -> None:
    slip = SHIFT.replace("08:05:00 E1 on_scene I1", "08:04:00 E1 on_scene I1\n08:04:10 E1 undo\n08:05:00 E1 on_scene I1")
    assert only(heard(slip)).response_ms == 300_000


ONE = shift("07:00:00 unit E1 engine")


def test_duty_is_what_lies_between_off_and_on() -> None:
    told = [("08:00:00", "off"), ("09:00:00", "off"), ("10:00:00", "on_radio"), ("12:00:00", "off")]
    found = hear([*ONE, *(reported(clock, "E1", phase) for clock, phase in told)])  # type: ignore[arg-type]  # phases
    first, last = found.off_duty[UnitId("E1")]
    assert (first.begins, first.until) == (moment("08:00:00"), moment("10:00:00"))
    assert (last.begins, last.until) == (moment("12:00:00"), None)


def test_an_undone_report_changes_no_duty() -> None:
    off, on = reported("08:00:00", "E1", "off"), reported("09:00:00", "E1", "on_radio")
    assert hear([*ONE, off, undone("08:00:10", "E1"), on]).off_duty == {}
    back = hear([*ONE, off, on, undone("09:00:10", "E1")])
    assert [(one.begins, one.until) for one in back.off_duty[UnitId("E1")]] == [(moment("08:00:00"), None)]


def test_hospitals_are_those_that_crews_name() -> None:
    at = moment("08:31:00")
    places = [LonLat(-70.0, -30.0), LonLat(-70.001, -30.001), LonLat(-60.0, -20.0)]
    says = [UnitStatusChanged(UnitId("M1"), STATUS["at_hospital"], IncidentId("I1"), Place(place, "North")) for place in places]
    named = [Record("t", at, at, at, "t", CommandId(f"h{nth}"), 1, one) for nth, one in enumerate(says)]
    found = hear([*shift(SHIFT), *named])
    (hospital,) = found.hospitals
    assert (hospital.name, hospital.visits) == ("North", 3)
    assert hospital.place.lat == -30.0, "a stray report does not move it"


def test_first_and_last_are_of_all_incidents() -> None:
    found = heard(SHIFT + "09:00:00 call C2 answered 09:00:05\n09:00:30 open I2 fall P2 C2\n09:01:00 send I2 E1\n09:40:00 E1 clear I2\n")
    assert (found.first, found.last) == (moment("08:00:00"), moment("09:40:00"))
    unsent = heard("07:00:00 unit E1 engine\n08:00:00 open I1 fall P2\n")
    assert unsent.first == unsent.last == moment("08:00:00")


def test_a_unit_that_was_withdrawn_is_off_duty_from_then_on() -> None:
    at = moment("10:00:00")
    gone = Record("t", at, at, at, "t", CommandId("gone"), 1, UnitWithdrawn(UnitId("E1")))
    assert [(one.begins, one.until) for one in hear([*ONE, gone]).off_duty[UnitId("E1")]] == [(at, None)]


def test_what_is_in_order_is_not_odd_and_who_never_arrived_is() -> None:
    odd = heard("07:00:00 unit E1 engine\n08:00:00 open I1 fire P1\n08:01:00 send I1 E1\n08:04:00 E1 on_scene I1\n").defects
    assert odd["on_scene_before_call"] == odd["sent_before_call"] == odd["nobody_arrived"] == 0
    never = heard("07:00:00 unit E1 engine\n08:00:00 open I1 fire P1\n08:01:00 send I1 E1\n08:09:00 E1 clear I1\n").defects
    assert never["nobody_arrived"] == 1 and never["on_scene_before_call"] == 0


def test_oddities_are_counted() -> None:
    odd = heard(
        """
        07:00:00 unit E1 engine
        08:00:00 open I1 fire P1
        08:01:00 open I2 fire P1
        08:02:00 send I2 E1 E9
        08:05:00 E1 on_scene I2
        """
    ).defects
    assert odd["no_place"] == 2 and odd["nobody_sent"] == 1 and odd["unit_unknown"] == 1 and odd["never_free"] == 2
    early = heard(
        "07:00:00 unit E1 engine\n08:00:00 open I1 fire P1\n08:00:00 send I1 E1\n08:03:00 E1 on_scene I1\n08:04:00 E1 en_route I1"
    ).defects
    assert early["on_scene_before_en_route"] == 1


def test_exercises_never_mix_with_what_was_real() -> None:
    text = "08:00:00 open I1 fire P1\n08:30:00 footing exercise\n09:00:00 open I2 fire P1"
    found = heard(text)
    assert [row.incident for row in found.rows] == ["I1"] and found.left_out == 1


def test_nothing_of_callers_is_kept() -> None:
    kept = {*IncidentRow._fields, *SentRow._fields, *Heard._fields}
    assert not {"caller", "caller_name", "caller_number", "words", "notes", "text"} & kept


def test_the_real_fortnight_is_heard_whole(shared: Path) -> None:
    found = hear(records_of(shared / LOG))
    assert len(found.rows) == 5292 and sum(len(row.sent) for row in found.rows) == 10_410
    assert found.timezone == "America/Los_Angeles" and found.hospitals == ()
    assert [row.arrived for row in found.rows] == sorted(row.arrived for row in found.rows)
    assert 4900 < sum(row.response_ms is not None for row in found.rows) < 5292
