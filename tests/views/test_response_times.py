"""Hand-made shifts: what the stamps say is what the report says."""

from typing import get_args

import msgspec
import pytest

from report_shift import moment, shift
from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId, IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.centre import LogImported
from tocsin.core.messages.said import Event, Record
from tocsin.edge import targets
from tocsin.views import response_times as view
from tocsin.views.report_answer import ReportAnswer
from tocsin.views.response_times import response_times
from tocsin.views.selection import Selection
from tocsin.views.targets import TargetProfile, read_profile

PLAIN = targets.load("plain")

COMMON = """
    08:00:00 call C1 answered 08:00:07
    08:00:20 open I1 fire P1 C1
    08:01:00 send I1 E1 E2
    08:01:50 E1 en_route I1
    08:02:10 E2 en_route I1
    08:05:00 E2 on_scene I1
    08:06:30 E1 on_scene I1
    09:00:00 E1 clear I1
    09:10:00 E2 clear I1
    09:10:00 close I1
"""


def report(text: str, profile: TargetProfile = PLAIN, **options: object) -> ReportAnswer:
    return response_times(shift(text), profile, **options)


def spans(answer: ReportAnswer, name: str) -> tuple[int, float | None, float | None, dict[str, int]]:
    one = answer.intervals[name]
    return one.n, one.least_s, one.greatest_s, one.excluded


def with_clock(start: str) -> TargetProfile:
    return msgspec.structs.replace(PLAIN, clock_start=start)


def test_each_interval_runs_from_its_own_stamp_to_its_own_stamp() -> None:
    answer = report(COMMON)
    assert spans(answer, "answering") == (1, 7.0, 7.0, {})
    assert spans(answer, "processing") == (1, 60.0, 60.0, {})
    assert spans(answer, "turnout") == (2, 50.0, 70.0, {})
    assert spans(answer, "travel") == (2, 170.0, 280.0, {})
    # The first unit on scene is E2, although E1 rolled first.
    assert spans(answer, "total_response") == (1, 300.0, 300.0, {})
    assert answer.rows.read == answer.rows.used == 2
    assert answer.rows.are_of == "journal"


@pytest.mark.parametrize(
    ("start", "processing_s", "total_s"), [("arrived", 60.0, 300.0), ("answered", 53.0, 293.0), ("created", 40.0, 280.0)]
)
def test_the_profile_declares_where_the_clock_starts(start: str, processing_s: float, total_s: float) -> None:
    answer = report(COMMON, with_clock(start))
    assert answer.clock_start == answer.intervals["processing"].start == start
    assert answer.intervals["processing"].mean_s == processing_s
    assert answer.intervals["total_response"].mean_s == total_s


@pytest.mark.parametrize(
    ("change", "turnout", "travel", "total"),
    [
        ("never rolled, cleared", {"never_en_route": 1}, {"never_en_route": 1}, {"never_on_scene": 1}),
        ("rolled, called off", {}, {"cancelled": 1}, {"never_on_scene": 1}),
        ("called off at once", {"cancelled": 1}, {"cancelled": 1}, {"never_on_scene": 1}),
        ("rolled, diverted", {}, {"diverted": 1}, {"never_on_scene": 1}),
        ("rolled, still running", {}, {"still_running": 1}, {"never_on_scene": 1}),
        ("rolled, cleared unseen", {}, {"never_on_scene": 1}, {"never_on_scene": 1}),
        ("incident cancelled", {"cancelled": 1}, {"cancelled": 1}, {"never_on_scene": 1}),
        ("on scene before rolling", {}, {"negative": 1}, {}),
        ("on scene without rolling", {"never_en_route": 1}, {"never_en_route": 1}, {}),
    ],
)
def test_what_gives_no_sample_is_counted_with_its_reason(change: str, turnout: dict, travel: dict, total: dict) -> None:
    lines = {
        "never rolled, cleared": "08:09:00 E1 clear I1",
        "rolled, called off": "08:02:00 E1 en_route I1\n08:03:00 E1 off I1",
        "called off at once": "08:01:10 E1 off I1",
        "rolled, diverted": "08:02:00 E1 en_route I1\n08:03:00 E1 divert I1 I2",
        "rolled, still running": "08:02:00 E1 en_route I1",
        "rolled, cleared unseen": "08:02:00 E1 en_route I1\n08:30:00 E1 clear I1",
        "incident cancelled": "08:01:20 cancel I1",
        "on scene before rolling": "08:04:00 E1 on_scene I1\n08:05:00 E1 en_route I1\n08:30:00 E1 clear I1",
        "on scene without rolling": "08:04:00 E1 on_scene I1\n08:30:00 E1 clear I1",
    }
    text = "08:00:00 call C1 answered 08:00:07\n08:00:20 open I1 fire P1 C1\n08:01:00 send I1 E1\n" + lines[change]
    answer = report(text, with_excluded=True)
    assert answer.intervals["turnout"].excluded == turnout
    assert answer.intervals["travel"].excluded == travel
    assert answer.intervals["total_response"].excluded == total
    for name in ("turnout", "travel"):
        one = answer.intervals[name]
        assert one.n + sum(one.excluded.values()) == 1, "every record is either measured or listed"
    assert len(answer.excluded_records) == sum(sum(one.excluded.values()) for one in answer.intervals.values())
    assert all(record.incident == "I1" for record in answer.excluded_records)


def test_calls_without_stamps_leave_a_null_and_a_reason_not_a_zero() -> None:
    text = """
        08:00:00 call C1 unanswered
        08:00:20 open I1 fire P1 C1
        08:00:30 open I2 patrol P3
        08:00:40 send I1 E1
        08:00:50 send I2 E2
    """
    answered = report(text, with_clock("answered"))
    assert answered.intervals["answering"].mean_s is None
    assert answered.intervals["answering"].excluded == {"no_answer_stamp": 1}
    assert answered.intervals["processing"].excluded == {"no_answer_stamp": 1, "no_call": 1}
    arrived = report(text)
    assert spans(arrived, "processing") == (1, 40.0, 40.0, {"no_call": 1})


def test_negative_processing_is_left_out_and_zero_is_kept_and_counted() -> None:
    answer = report("""
        08:00:00 call C1 answered 08:00:00
        08:00:00 open I1 fire P1 C1
        08:00:00 send I1 E1
        08:10:00 call C2 answered 08:10:05
        08:09:00 open I2 fire P1 C2
        08:09:30 send I2 E2
    """)
    assert spans(answer, "processing") == (1, 0.0, 0.0, {"negative": 1})
    assert answer.intervals["processing"].zero == 1
    assert answer.intervals["answering"].zero == 1


def test_a_correction_counts_and_may_come_after_the_close() -> None:
    answer = report(COMMON + "10:00:00 fix I1 E2 on_scene 08:04:00 was 08:05:00")
    assert answer.intervals["total_response"].mean_s == 240.0
    assert answer.intervals["travel"].least_s == 110.0
    assert answer.counts["corrections"] == 1
    again = report(COMMON + "10:00:00 fix I1 E2 on_scene 08:04:00 was 08:05:00\n10:01:00 fix I1 E2 on_scene 08:05:30 was 08:04:00")
    assert again.intervals["total_response"].mean_s == 330.0, "the last statement counts"


def test_a_missing_stamp_can_be_supplied_and_a_dispatch_corrected() -> None:
    text = COMMON.replace("08:01:50 E1 en_route I1\n", "")
    text += "10:00:00 fix I1 E1 en_route 08:02:00\n10:00:00 fix I1 E1 dispatched 08:00:50 was 08:01:00"
    answer = report(text)
    assert spans(answer, "turnout") == (2, 70.0, 70.0, {})
    assert answer.intervals["processing"].mean_s == 50.0


def test_a_unit_sent_twice_has_two_jobs_and_a_correction_finds_the_right_one() -> None:
    text = """
        08:00:00 call C1 answered 08:00:05
        08:00:10 open I1 fire P1 C1
        08:01:00 send I1 E1
        08:02:00 E1 en_route I1
        08:03:00 E1 off I1
        08:10:00 send I1 E1
        08:10:30 E1 en_route I1
        08:15:00 E1 on_scene I1
        08:40:00 E1 clear I1
        09:00:00 fix I1 E1 en_route 08:01:40 was 08:02:00
    """
    answer = report(text)
    assert spans(answer, "turnout") == (2, 30.0, 40.0, {})
    assert spans(answer, "travel") == (1, 270.0, 270.0, {"cancelled": 1})
    assert answer.intervals["total_response"].mean_s == 900.0
    assert [(load.unit, load.jobs) for load in answer.busiest_units] == [("E1", 2)]
    assert answer.busiest_units[0].busy_h == round(32 / 60, 3)


def test_a_diverted_unit_gives_its_stamps_to_the_incident_they_speak_of() -> None:
    answer = report("""
        08:00:00 call C1 answered 08:00:05
        08:00:10 open I1 fall P3 C1
        08:01:00 send I1 M1
        08:01:30 M1 en_route I1
        08:02:00 call C2 answered 08:02:04
        08:02:20 open I2 arrest P1 C2
        08:03:00 M1 divert I1 I2
        08:03:00 send I2 M1
        08:03:01 M1 en_route
        08:05:00 M1 on_scene
        08:40:00 M1 clear I2
        08:41:00 M1 on_scene I1
    """)
    assert spans(answer, "turnout") == (2, 1.0, 30.0, {})
    # The late report for the job that M1 had left is a raw stamp like any other: it counts for I1.
    assert spans(answer, "travel") == (2, 119.0, 2370.0, {})
    assert answer.busiest_units[0].jobs == 2
    assert answer.concurrency.units_max == 1
    assert answer.busiest_units[0].busy_h == round(39 / 60, 3), "time on two jobs at once counts once"


def test_reports_written_out_of_order_give_the_same_figures() -> None:
    records = shift(COMMON)
    status = [at for at, record in enumerate(records) if type(record.says).__name__ == "UnitStatusChanged"]
    turned = list(records)
    for left, right in zip(status, reversed(status), strict=True):
        turned[left] = records[right]
    assert response_times(turned, PLAIN).intervals == response_times(records, PLAIN).intervals


def test_a_second_report_of_the_same_thing_never_moves_the_first() -> None:
    answer = report(COMMON + "08:20:00 E1 en_route I1\n08:25:00 E1 on_scene I1")
    assert answer.intervals == report(COMMON).intervals


@pytest.mark.parametrize(
    "slip",
    [
        "08:04:00 E1 on_scene I1\n08:04:20 E1 undo",
        "08:04:00 E1 on_scene\n08:04:20 E1 undo",
        "08:04:00 E1 returning I1\n08:04:00 E1 clear I1\n08:04:00 reopen I1\n08:04:20 E1 undo",
        "08:04:00 E1 at_station\n08:04:20 E1 undo",
    ],
)
def test_a_report_that_was_taken_back_leaves_no_stamp(slip: str) -> None:
    before, after = COMMON.split("    08:05:00", 1)
    answer = report(f"{before}{slip}\n    08:05:00{after}")
    assert answer.intervals == report(COMMON).intervals


def test_the_later_true_stamp_counts_after_a_slip() -> None:
    true = "08:00:00 open I1 fire P1\n08:01:00 send I1 E1\n08:01:30 E1 en_route\n08:06:00 E1 on_scene"
    undone = true.replace("08:06:00", "08:02:00 E1 on_scene\n08:02:30 E1 undo\n08:06:00", 1)
    assert report(undone).intervals == report(true).intervals
    assert view_defects("08:02:30 E1 undo") == {"undone_without_report": 1}


def view_defects(text: str) -> dict[str, int]:
    folded = view.ResponseTimes()
    for record in shift(text):
        folded.fold(record)
    return dict(folded.gathered.defects)


def test_several_calls_of_one_incident_start_its_clock_once_and_are_each_answered() -> None:
    answer = report("""
        08:00:00 call C1 answered 08:00:30
        08:00:05 call C2 answered 08:00:08
        08:00:20 open I1 fire P1 C2
        08:00:40 attach C1 I1
        08:01:00 send I1 E1
    """)
    assert spans(answer, "answering") == (2, 3.0, 30.0, {})
    assert answer.intervals["processing"].mean_s == 60.0, "from the first call, though it was attached later"


def test_questions_are_passed_over_and_strange_events_are_counted_not_believed() -> None:
    asked = Record("test", 9, moment("08:00:00"), moment("08:00:00"), "x", CommandId("q"), 0, DispatchUnits(IncidentId("I1"), ()))
    answer = response_times([*shift(COMMON), asked], PLAIN)
    assert answer.intervals == report(COMMON).intervals
    strange = report("""
        08:00:00 E1 en_route I9
        08:00:00 E1 clear I9
        08:00:00 fix I9 E1 on_scene 08:00:00
        08:00:00 close I9
        08:00:00 attach C9 I9
    """)
    assert strange.defects == {
        "call_unknown": 1,
        "correction_without_job": 1,
        "ending_without_job": 1,
        "incident_unknown": 1,
        "status_without_job": 1,
    }


def test_an_exercise_never_mixes_with_the_real_thing() -> None:
    text = (
        COMMON
        + """
        10:00:00 footing exercise
        10:00:00 call C7 answered 10:00:01
        10:00:00 open I7 fire P1 C7
        10:00:01 send I7 E9
        11:00:00 footing live
    """
    )
    answer = report(text)
    assert answer.counts["incidents"] == 1
    assert answer.selected.incidents_left_out == 1
    assert answer.centre.footing == "live"
    drill = report(text, selection=Selection(footings=frozenset({"exercise"})))
    assert drill.centre.footing == "exercise"
    assert drill.intervals["processing"].mean_s == 1.0
    assert response_times(shift(COMMON, "exercise"), PLAIN).centre.footing == "exercise"


def test_a_selection_narrows_incidents_by_priority_and_units_by_kind() -> None:
    text = (
        "00:00:01 unit E1 engine\n00:00:01 unit E2 truck\n"
        + COMMON
        + """
        08:30:00 call C2 answered 08:30:09
        08:30:00 open I2 fall P3 C2
    """
    )
    urgent = report(text, selection=Selection(priorities=frozenset({"P1"})))
    assert urgent.counts["incidents"] == urgent.counts["calls"] == 1
    engines = report(text, selection=Selection(unit_kinds=frozenset({"engine"})))
    assert engines.intervals["turnout"].n == 1
    assert engines.intervals["total_response"].mean_s == 390.0, "the first engine, not the first unit"
    assert engines.rows.excluded == {"not_selected": 1}


def test_groups_hours_and_days_are_told_on_the_wall_of_the_centre() -> None:
    answer = report(COMMON + "08:01:00 place I1 -71.3 -29.9 A7\n08:02:00 type I1 rescue P2")
    assert [group.key for group in answer.by_type] == ["rescue"], "type as last stated"
    assert [group.key for group in answer.by_area] == ["A7"]
    assert answer.by_hour[4].incidents == 1, "08:00 UTC is 04:00 in Santiago in winter"
    assert answer.by_weekday_hour[2][4] == 1, "1 July 2026 is a Wednesday"
    assert sum(map(sum, answer.by_weekday_hour)) == answer.counts["incidents"]
    assert [day.date for day in answer.by_day] == ["2026-07-01"]
    assert answer.map.cells[0].incidents == 1
    assert abs(answer.map.cells[0].at.lat + 29.9) <= answer.map.lat_step
    assert answer.period.first_local == "2026-07-01 04:00:00"


def test_concurrency_counts_what_overlaps_and_not_what_touches() -> None:
    answer = report("""
        08:00:00 open I1 fire P1
        08:00:00 send I1 E1
        08:30:00 E1 clear I1
        08:30:00 close I1
        08:30:00 open I2 fire P1
        08:30:00 send I2 E1
        08:45:00 open I3 fire P1
        09:15:00 E1 clear I2
        09:15:00 close I2
        09:30:00 close I3
    """)
    load = answer.concurrency
    assert (load.incidents_max, load.incidents_max_local) == (2, "2026-07-01 04:45:00")
    assert load.units_max == 1
    assert [(one.local, one.incidents_max, one.incidents_mean) for one in load.hours] == [
        ("2026-07-01 04:00", 2, 1.25),
        ("2026-07-01 05:00", 2, 0.75),
    ]
    assert answer.busiest_units[0].utilisation == round(75 / 90, 6)


def test_a_unit_on_two_jobs_at_once_is_one_unit_at_work() -> None:
    answer = report("""
        08:00:00 open I1 fire P1
        08:00:00 send I1 E1
        08:10:00 open I2 fire P1
        08:10:00 send I2 E1
        08:20:00 E1 clear I1
        08:30:00 E1 clear I2
        08:30:00 close I1
        08:30:00 close I2
    """)
    assert answer.concurrency.units_max == 1
    assert answer.busiest_units[0].busy_h == 0.5
    assert answer.busiest_units[0].utilisation == 1.0


def test_rows_come_from_the_import_when_there_is_one() -> None:
    said = LogImported("log.csv", "ab" * 32, 12, 9, {"doubled": 2, "key_missing": 1}, {"zero_travel": 4})
    when = Instant(0)
    answer = response_times([*shift(COMMON), Record("centre", 99, when, when, "x", CommandId("i"), 1, said)], PLAIN)
    assert (answer.rows.read, answer.rows.used, answer.rows.excluded) == (12, 9, {"doubled": 2, "key_missing": 1})
    assert answer.rows.read == answer.rows.used + sum(answer.rows.excluded.values())
    assert answer.defects == {"zero_travel": 4}


def test_targets_are_judged_in_whole_numbers_over_their_own_samples() -> None:
    profile = targets.load("nfpa-1710")
    answer = report(COMMON, profile)
    turnout = answer.intervals["turnout"]
    assert (turnout.target_s, turnout.within_target, turnout.target_percentile, turnout.is_target_met) == (80.0, 1.0, 90, True)
    assert [(one.seconds, one.within, one.is_met, one.is_scope_known) for one in turnout.targets] == [
        (80.0, 1.0, True, False),
        (60.0, 0.5, False, False),
    ]
    assert answer.intervals["answering"].targets[0].reached_s == 7.0
    mean = report(COMMON, targets.load("england-arp-c1")).intervals["total_response"].targets[1]
    assert (mean.percentile, mean.reached_s, mean.is_met) == (None, 300.0, True)


def test_a_bound_of_the_profile_leaves_out_what_is_implausible_and_says_so() -> None:
    profile = msgspec.structs.replace(PLAIN, implausible_over_s={"travel": 200})
    assert spans(report(COMMON, profile), "travel") == (1, 170.0, 170.0, {"implausibly_long": 1})


def test_an_empty_journal_is_an_answer_with_nulls() -> None:
    answer = response_times([], PLAIN)
    assert all(one.n == 0 and one.p90_s is None and one.within_target is None for one in answer.intervals.values())
    assert (answer.period.first, answer.concurrency.incidents_max, answer.map.cells) == ("", 0, ())


def test_the_json_has_the_promised_fields() -> None:
    tables = msgspec.to_builtins(report(COMMON, targets.load("nfpa-1710")))
    assert {"targets", "clock_start", "rows", "intervals", "percentile_rule"} <= set(tables)
    assert set(tables["rows"]) >= {"read", "used", "excluded"}
    for one in tables["intervals"].values():
        assert {"n", "mean_s", "p50_s", "p90_s", "target_s", "within_target"} <= set(one)
    assert msgspec.json.decode(msgspec.json.encode(report(COMMON)), type=ReportAnswer) == report(COMMON)


PASSED_OVER = {
    "StationClosed", "UnitWithdrawn", "AlarmRaised", "IncidentMarked", "PersonalDataErased", "NoteAdded", "UnitsRecommended",
    "CoverAdopted", "MoveUpAdvised", "StayAdvised", "MoveUpOrdered", "MoveUpAcknowledged", "MoveUpEnded",
    "RoadClosed", "ClosureExtended", "ClosureLapsed", "RoadReopened", "CommandRefused",
    "AlarmSounded", "AlarmAcknowledged", "AlarmShelved", "WelfareCheckSet", "WelfareConfirmed", "IncidentHeld", "PersonalDataSeen",
    "MessageSent", "MessageRead", "PositionsDropped",
}  # fmt: skip


def test_every_event_is_either_folded_or_passed_over_on_purpose() -> None:
    folded = {event.__name__ for event in view._FOLD}
    assert folded | PASSED_OVER == {event.__name__ for event in get_args(Event)}
    assert not folded & PASSED_OVER


@pytest.mark.parametrize("name", targets.names())
def test_shipped_profiles_are_cited_and_bear_their_files_name(name: str) -> None:
    profile = targets.load(name)
    assert profile.name == name
    assert profile.title and profile.edition and profile.source
    assert set(profile.note) == {"en", "pt", "fr", "es"}
    assert all(target.source and set(target.applies) in (set(), {"en", "pt", "fr", "es"}) for target in profile.targets)


GOOD = """name = "own"
title = "Own"
edition = "1"
issued = "2026"
clock_start = "arrived"
source = "council"
confirmed = true

[[targets]]
interval = "travel"
start = "en_route"
stop = "on_scene"
seconds = 300
percentile = 90
source = "council"
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "field"),
    [
        ('"own"', '"own', "targets_toml", 1, None),
        ("seconds = 300", 'seconds = "300"', "targets_field", 13, "targets[0].seconds"),
        ("seconds = 300", "second = 300", "targets_field", 9, "targets[0]"),
        ("percentile = 90", "percentile = 900", "targets_percentile", 14, "targets[0].percentile"),
        ("seconds = 300", "seconds = -1", "targets_seconds", 13, "targets[0].seconds"),
        ('start = "en_route"', 'start = "dispatched"', "targets_clock", 11, "targets[0].start"),
        ('interval = "travel"', 'interval = "driving"', "targets_field", 10, "targets[0].interval"),
    ],
)
def test_a_wrong_profile_is_told_with_its_line(old: str, new: str, code: str, line: int, field: str | None) -> None:
    read_profile(GOOD, "own.toml")
    with pytest.raises(BadInput) as told:
        read_profile(GOOD.replace(old, new, 1), "own.toml")
    assert (told.value.code, told.value.file, told.value.line, told.value.field) == (code, "own.toml", line, field)


def test_an_unknown_profile_names_the_known_ones(tmp_path) -> None:
    with pytest.raises(BadInput, match="targets_unknown"):
        targets.load("nfpa")
    with pytest.raises(BadInput, match="targets_file"):
        targets.load(str(tmp_path / "none.toml"))
    path = tmp_path / "own.toml"
    path.write_text(GOOD, "utf-8")
    assert targets.load(str(path)).title == "Own"
