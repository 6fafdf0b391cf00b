"""The fire log: every oddity by a hand-written row, and that no mangling makes the reader fail but by BadInput."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.instants import iso, local_text
from tocsin.core.messages.assignment import DispatchUnits, UnassignUnit
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.incident import CloseIncident, OpenIncident
from tocsin.core.messages.unit import ReportUnitStatus, phase_of
from tocsin.formats import sf_fire
from tocsin.formats.delimited import lines_of
from tocsin.formats.sf_fire import SfLog
from tocsin.formats.sf_fire_rows import read_location

HEADER = (
    "Call Number,Unit ID,Call Type,Received DtTm,Entry DtTm,Dispatch DtTm,Response DtTm,On Scene DtTm,Transport DtTm,Hospital DtTm,"
    "Call Final Disposition,Available DtTm,Address,Battalion,Station Area,Priority,Final Priority,ALS Unit,Unit Type,"
    "Unit sequence in call dispatch,Location"
)
STAMPS = ("received", "entry", "dispatch", "response", "on_scene", "transport", "hospital", "available")
USUAL = dict(zip(STAMPS, ("10:00:00", "10:01:00", "10:02:00", "10:03:00", "10:08:00", "", "", "10:30:00"), strict=True))


def row(
    call: str = "200", unit: str = "E01", sequence: int = 1, *, kind: str = "ENGINE", place: str = "(37.77, -122.41)", **changes: str
) -> str:
    """One row of 2020-04-07; stamps are times of that day."""
    at = {name: f"2020-04-07T{time}" if time else "" for name, time in (USUAL | {k: v for k, v in changes.items() if k in STAMPS}).items()}
    said = {"call_type": "Structure Fire", "disposition": "Fire", "area": "01", "priority": "3", "final": "3"} | changes
    fields = [
        call, unit, said["call_type"], at["received"], at["entry"], at["dispatch"], at["response"], at["on_scene"], at["transport"],
        at["hospital"], said["disposition"], at["available"], "1 MAIN ST", "B01", said["area"], said["priority"], said["final"], "true",
        kind, str(sequence), place,
    ]  # fmt: skip
    return ",".join(f'"{field}"' if "," in field else field for field in fields)


def read(*rows: str, header: str = HEADER, bbox: tuple[float, float, float, float] | None = None) -> SfLog:
    return sf_fire.read(lines_of("\n".join((header, *rows)) + "\n"), bbox=bbox, file="log.csv")


def told(log: SfLog) -> list[str]:
    """The stream as lines: local time, what, to whom."""
    lines = []
    for ask in log.asks():
        time = local_text(ask.at, sf_fire.ZONE)[11:]
        match ask.command:
            case TakeCall(call=call):
                lines.append(f"{time} take {call}")
            case OpenIncident(incident=incident):
                lines.append(f"{time} open {incident}")
            case DispatchUnits(incident=incident, units=units, override=override):
                lines.append(f"{time} send {'+'.join(units)} to {incident}{' override ' + override if override else ''}")
            case ReportUnitStatus(unit=unit, status=status, incident=incident, said=said):
                lines.append(f"{time} {unit} {phase_of(status)} {incident}{' ' + said if said else ''}")
            case UnassignUnit(unit=unit, incident=incident):
                lines.append(f"{time} {unit} called off {incident}")
            case CloseIncident(incident=incident):
                lines.append(f"{time} close {incident}")
    return lines


def test_life_of_one_call() -> None:
    log = read(
        row(unit="E01", sequence=1),
        row(unit="M1", sequence=2, kind="MEDIC", transport="10:20:00", hospital="10:25:00", available="10:50:00"),
        row(unit="T01", sequence=3, kind="TRUCK", dispatch="10:04:00", response="", on_scene="", available="10:06:00"),
    )
    assert told(log) == [
        "10:00:00 take 200",
        "10:01:00 open 200",
        "10:02:00 send E01+M1 to 200",
        "10:03:00 E01 en_route 200",
        "10:03:00 M1 en_route 200",
        "10:04:00 send T01 to 200",
        "10:06:00 T01 called off 200",
        "10:08:00 E01 on_scene 200",
        "10:08:00 M1 on_scene 200",
        "10:20:00 M1 transporting 200",
        "10:25:00 M1 at_hospital 200",
        "10:30:00 E01 on_radio 200",
        "10:50:00 M1 on_radio 200",
        "10:50:00 close 200",
    ]
    opening = next(ask for ask in log.asks() if isinstance(ask.command, OpenIncident))
    assert (opening.id, opening.actor, opening.clock) == ("sf:200:open", "import:sf-fire", "log")
    assert opening.command.incident_type == "structure-fire" and opening.command.priority == "3" and opening.command.calls == ("200",)
    taking = next(ask.command for ask in log.asks() if isinstance(ask.command, TakeCall))
    assert taking.caller_place is None and iso(taking.arrived) == "2020-04-07T17:00:00.000Z", "the log does not say where the caller was"
    place = opening.command.place
    assert (place.at, place.text, place.area, place.district) == (LonLat(-122.41, 37.77), "1 MAIN ST", "01", "B01")


def test_command_ids_are_unique_and_the_same_each_time() -> None:
    rows = [row(unit=f"E{nth:02d}", sequence=nth) for nth in range(1, 9)] + [
        row("201", "E01", dispatch="11:00:00", response="11:01:00", on_scene="11:02:00", available="11:03:00")
    ]
    first, second = ([ask.id for ask in read(*rows).asks()] for _ in range(2))
    assert first == second and len(set(first)) == len(first)


def test_release_comes_before_a_dispatch_of_the_same_second() -> None:
    later = {
        "received": "10:20:00",
        "entry": "10:21:00",
        "dispatch": "10:30:00",
        "response": "10:31:00",
        "on_scene": "10:32:00",
        "available": "10:40:00",
    }
    lines = told(read(row(), row("201", **later)))
    assert lines.index("10:30:00 E01 on_radio 200") < lines.index("10:30:00 send E01 to 201")


def test_unit_sent_before_it_was_free_is_sent_with_the_log_as_reason() -> None:
    later = {
        "received": "10:05:00",
        "entry": "10:06:00",
        "dispatch": "10:10:00",
        "response": "10:11:00",
        "on_scene": "10:12:00",
        "available": "10:40:00",
    }
    log = read(row(), row("201", **later), row("201", "E02", 2, **later))
    assert log.defects["dispatch_before_available"].count == 1
    assert log.defects["dispatch_before_available"].examples == ["2:200:E01"]
    lines = told(log)
    assert "10:10:00 send E02 to 201" in lines
    assert "10:10:00 send E01 to 201 override log" in lines
    assert "10:30:00 E01 on_radio 200" in lines, "the late stamp of the earlier call is kept"


def test_unit_called_off_after_it_was_taken_for_another_call_only_reports() -> None:
    later = {
        "received": "10:03:00",
        "entry": "10:03:00",
        "dispatch": "10:04:00",
        "response": "10:05:00",
        "on_scene": "10:12:00",
        "available": "10:40:00",
    }
    assert "10:30:00 E01 on_radio 200" in told(read(row(on_scene=""), row("201", **later)))


def test_call_ends_after_the_last_of_its_stamps() -> None:
    lines = told(read(row(transport="10:20:00", hospital="10:35:00")))
    assert lines[-2:] == ["10:35:00 E01 at_hospital 200", "10:35:00 close 200"]


def test_everything_in_one_second_keeps_its_order() -> None:
    now = dict.fromkeys(STAMPS, "10:00:00")
    assert [line.split(" ", 1)[1] for line in told(read(row(**now)))] == [
        "take 200", "open 200", "send E01 to 200", "E01 en_route 200", "E01 on_scene 200", "E01 transporting 200", "E01 at_hospital 200",
        "E01 on_radio 200", "close 200",
    ]  # fmt: skip


def test_stamps_before_the_dispatch_are_told_after_it_with_their_own_time() -> None:
    lines = told(read(row(hospital="09:00:00", transport="10:20:00")))
    assert lines.index("09:00:00 E01 at_hospital 200") == lines.index("10:02:00 send E01 to 200") + 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transport": "10:20:00", "hospital": "10:10:00"}, "hospital_before_transport"),
        ({"transport": "10:20:00", "hospital": "10:40:00"}, "available_before_hospital"),
        ({"on_scene": "10:40:00"}, "available_before_on_scene"),
        ({"response": "10:09:00"}, "on_scene_before_response"),
        ({"entry": "10:02:30"}, "dispatch_before_entry"),
        ({"dispatch": "10:00:00", "entry": "10:00:00"}, "zero_processing"),
        ({"response": "10:02:00"}, "zero_turnout"),
        ({"response": "10:08:00"}, "zero_travel"),
        ({"transport": "10:20:00", "hospital": "10:20:00"}, "zero_transport"),
        ({"response": ""}, "response_missing"),
        ({"transport": "10:20:00"}, "hospital_missing"),
        ({"hospital": "10:20:00"}, "transport_missing"),
        ({"available": ""}, "available_missing"),
        ({"entry": ""}, "entry_missing"),
        ({"final": "", "priority": ""}, "priority_missing"),
        ({"place": ""}, "place_missing"),
        ({"place": "(0, 0)"}, "place_outside_region"),
    ],
)
def test_defect_is_counted_and_the_row_used(changes: dict[str, str], code: str) -> None:
    log = read(row(**changes), bbox=(-123, 37, -122, 38))
    assert log.counts.rows_used == 1 and not log.unusable
    assert log.defects[code].count == 1 and log.defects[code].examples == ["2:200:E01"]
    assert told(log)[-1].endswith("close 200")


def test_place_outside_the_region_is_left_out() -> None:
    call = read(row(place="(0, 0)"), bbox=(-123, 37, -122, 38)).calls[0]
    assert call.place.at is None and call.place.text == "1 MAIN ST"


def test_missing_available_is_assumed_at_the_last_stamp_and_says_so() -> None:
    log = read(row(available=""))
    assert told(log)[-2:] == ["10:08:00 E01 on_radio 200 assumed", "10:08:00 close 200"]
    assert ("available_missing", {"count": "1"}) in [(one.code, one.values) for one in log.assumptions()]


def test_rows_of_a_call_that_disagree_follow_the_first_unit() -> None:
    log = read(row(unit="E02", sequence=2, disposition="Other"), row(sequence=1))
    assert log.defects["call_disagrees"].examples == ["2:200:E02"] and log.calls[0].disposition == "Fire"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(unit="E09") + ",more", "row_length"),
        (row(call=""), "key_missing"),
        (row(unit=""), "key_missing"),
        (row(unit="E09", on_scene="25:00:00"), "stamp_unreadable"),
        (row(unit="E" * 65), "key_unusable"),
        (row(unit="E0\u202e9"), "key_unusable"),
        (row(unit="E09").replace("2020", "9999", 1), "stamp_impossible"),
        (row(unit="E09", received=""), "received_missing"),
        (row(unit="E09", dispatch=""), "dispatch_missing"),
        (row(), "doubled"),
    ],
)
def test_row_that_is_no_use_is_kept_with_its_reason(bad: str, reason: str) -> None:
    log = read(row(), bad)
    assert [(one.line, one.reason) for one in log.unusable] == [(3, reason)]
    assert log.counts.rows_excluded == {reason: 1}
    assert (log.counts.rows_read, log.counts.rows_used) == (2, 1)


def test_headers_of_the_other_export_are_found() -> None:
    header = HEADER.lower().replace(" ", "_").replace("location", "case_location")
    log = read(row(place="POINT (-122.41 37.77)"), header=header)
    assert log.calls[0].place.at == LonLat(-122.41, 37.77) and log.columns.missing == ()


def test_columns_that_are_optional_may_be_missing_and_are_listed() -> None:
    header = "RowID;Call Number;Unit ID;Call Type;Received DtTm;Dispatch DtTm;On Scene DtTm;Available DtTm"
    log = read("x;1;E01;Alarms;2020-04-07T10:00:00;2020-04-07T10:01:00;;2020-04-07T10:05:00", header=header)
    assert "entry" in log.columns.missing and "location" in log.columns.missing and log.columns.ignored == ("RowID",)
    assert told(log) == ["10:00:00 take 1", "10:00:00 open 1", "10:01:00 send E01 to 1", "10:05:00 E01 called off 1", "10:05:00 close 1"]
    assert log.calls[0].priority == "3" and "priority_missing" in log.defects


def test_missing_required_column_is_told_with_the_headers_that_are_there() -> None:
    with pytest.raises(BadInput) as fault:
        read(row(), header=HEADER.replace("Dispatch DtTm", "Dispached DtTm"))
    assert (fault.value.code, fault.value.file, fault.value.line) == ("log_columns_missing", "log.csv", 1)
    assert fault.value.values["missing"] == "dispatch (Dispached DtTm?)" and "Call Number" in fault.value.values["headers"]


@pytest.mark.parametrize(
    ("text", "code"), [("", "table_empty"), ("\n\n", "table_empty"), (HEADER, "log_unusable"), ("a,b\n1,2\n", "log_columns_missing")]
)
def test_what_is_no_log_at_all(text: str, code: str) -> None:
    with pytest.raises(BadInput) as fault:
        sf_fire.read(lines_of(text), file="log.csv")
    assert fault.value.code == code


def test_quotation_mark_that_never_closes_is_not_read_to_the_end_of_memory() -> None:
    with pytest.raises(BadInput) as fault:
        read(row(), '"' + "x\n" * 600_000)
    assert fault.value.code == "table_broken" and fault.value.line is not None


@pytest.mark.parametrize(
    ("priority", "final", "taken"),
    [("E", "3", "3"), ("E", "2", "2"), ("E", "", "3"), ("B", "", "3"), ("A", "", "2"), ("I", "", "2"), ("2", "", "2"), ("X", "", "X")],
)
def test_priority(priority: str, final: str, taken: str) -> None:
    assert read(row(priority=priority, final=final)).calls[0].priority == taken


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("(37.77, -122.41)", LonLat(-122.41, 37.77)),
        ("POINT (-122.41 37.77)", LonLat(-122.41, 37.77)),
        ("{'type': 'Point', 'coordinates': [-122.41, 37.77]}", LonLat(-122.41, 37.77)),
        ("(-122.41, 37.77)", None),
        ("", None),
        ("nowhere", None),
        ("(1e999, 2)", None),
    ],
)
def test_location(text: str, point: LonLat | None) -> None:
    assert read_location(text) == point


FIELD = st.one_of(
    st.sampled_from(["", "200", "201", "E01", "E02", "MEDIC", "3", "2", "true", "(37.77, -122.41)", "POINT (1 2)", "2020-04-07T10:00:00",
                     "04/07/2020 10:30:00 AM", "04/07/2020 99:30:00 AM", '"', "\x00", "é", "9" * 30, "١٢"]),
    st.text(max_size=12),
)  # fmt: skip


def _line(fields: Iterable[str]) -> str:
    return ",".join(fields)


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.lists(FIELD, min_size=18, max_size=23).map(_line),
            st.builds(
                row,
                unit=st.sampled_from(["E01", "E02", "M1"]),
                on_scene=st.sampled_from(["", "10:08:00", "11:00:00", "x"]),
                dispatch=st.sampled_from(["", "10:02:00", "09:00:00", "12:00:00"]),
            ),
        ),
        max_size=12,
    )
)
def test_no_mangling_breaks_the_count_or_the_reader(rows: list[str]) -> None:
    try:
        log = read(*rows)
    except BadInput as fault:
        assert fault.code in ("log_unusable", "table_broken")
        return
    assert log.counts.rows_read == log.counts.rows_used + sum(log.counts.rows_excluded.values())
    assert log.counts.rows_used == sum(len(call.rows) for call in log.calls)
    asks = list(log.asks())
    assert len({ask.id for ask in asks}) == len(asks)
    assert sum(isinstance(ask.command, CloseIncident) for ask in asks) == log.counts.incidents
    assert all(iso(ask.at) for ask in asks)
