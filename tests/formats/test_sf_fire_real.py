"""The two real logs: counts to the last row, the defects that their description names, and a desk that refuses nothing."""

import gzip
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import iso
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.facts import NO_FACTS
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats import sf_fire
from tocsin.formats.centre import opening_commands
from tocsin.formats.centre_files import check, read_centre, write_centre
from tocsin.formats.delimited import lines_of
from tocsin.formats.sf_fire import SfLog
from tocsin.formats.sf_fire_centre import CentreHead

MAIN = "sf_fire_calls_2020-04-07_2020-04-20.csv.gz"
VARIANT = "sf_fire_calls_lone_mountain_fires_2009_2018.csv.gz"
BBOX = (-122.53, 37.69, -122.35, 37.84)


@cache
def log(shared: Path, name: str) -> SfLog:
    with gzip.open(shared / "data" / "incidents" / name, "rt", encoding="utf-8", newline="") as lines:
        return sf_fire.read(lines, bbox=BBOX, file=name)


def stations(shared: Path) -> str:
    return (shared / "data" / "roads" / "san-francisco" / "sf_fire_stations.csv").read_text("utf-8")


def tell(board: Board, command: Command, ask: Ask) -> Counter[str]:
    """Decide and fold; names of the events and codes of the refusals."""
    said: Counter[str] = Counter()
    for event in kernel.decide(board, ask, NO_FACTS):
        said[event.code if isinstance(event, CommandRefused) else type(event).__name__] += 1
        fold(board, event, ask.at)
    return said


def run(found: SfLog, opening: list[Command]) -> tuple[Board, Counter[str]]:
    board, said = Board(), Counter[str]()
    for nth, command in enumerate(opening):
        said += tell(board, command, Ask(CommandId(f"open:{nth}"), "import", found.counts.first or 0, command))  # type: ignore[arg-type]  # an instant
    for ask in found.asks():
        said += tell(board, ask.command, ask)
    return board, said


def test_main_log_is_counted_to_the_last_row(shared: Path) -> None:
    found = log(shared, MAIN)
    counts = found.counts
    assert (counts.rows_read, counts.rows_used, counts.rows_excluded, counts.incidents, counts.units) == (10_410, 10_410, {}, 5_292, 199)
    assert found.unusable == [] and found.columns.missing == ()
    assert counts.first is not None and iso(counts.first) == "2020-04-07T07:01:25.000Z"
    assert counts.last is not None and iso(counts.last) == "2020-04-21T08:04:15.000Z"
    assert {code: defect.count for code, defect in found.defects.items()} == {
        "hospital_before_transport": 13,
        "available_before_hospital": 2,
        "dispatch_before_available": 16,  # as its description says
        "available_before_on_scene": 1,
        "available_before_transport": 1,
        "available_missing": 2,
        "hospital_missing": 42,
        "zero_processing": 454,
        "zero_turnout": 1_066,
        "zero_travel": 268,
        "zero_transport": 9,
    }
    assert all(1 <= len(defect.examples) <= 5 for defect in found.defects.values())
    assert "Call Date" in found.columns.ignored and "Location" not in found.columns.ignored


def test_every_stamp_of_the_main_log_is_told_once(shared: Path) -> None:
    found = log(shared, MAIN)
    told = Counter(type(ask.command).__name__ for ask in found.asks())
    rows = [row for call in found.calls for row in call.rows]
    statuses = sum(name in row.stamps for row in rows for name in ("response", "on_scene", "transport", "hospital"))
    assert told["TakeCall"] == told["OpenIncident"] == told["CloseIncident"] == 5_292
    assert told["ReportUnitStatus"] + told["UnassignUnit"] == statuses + 10_410
    assert told["UnassignUnit"] == 1_713, "neither on scene nor with a patient"
    assert sum(bool(getattr(ask.command, "override", "")) for ask in found.asks()) == 16


def test_the_stream_runs_forward_but_where_the_log_itself_runs_back(shared: Path) -> None:
    asks = list(log(shared, MAIN).asks())
    back = [later.id for earlier, later in pairwise(asks) if later.at < earlier.at]
    assert len(back) == 1, "one hospital stamp from before the call"
    assert len({ask.id for ask in asks}) == len(asks)


@pytest.mark.parametrize("name", [MAIN, VARIANT])
def test_the_desk_refuses_nothing_and_ends_everything(shared: Path, name: str) -> None:
    found = log(shared, name)
    opening = opening_commands(found.centre(CentreHead(), stations=stations(shared)).centre)
    board, said = run(found, opening)
    known = {
        "CentreOpened",
        "StationOpened",
        "UnitEnrolled",
        "PlanAdopted",
        "CallReceived",
        "IncidentOpened",
        "UnitsDispatched",
        "UnitDiverted",
        "UnitStatusChanged",
        "UnitCleared",
        "AssignmentCancelled",
        "IncidentClosed",
    }
    assert set(said) <= known
    assert said["IncidentOpened"] == said["IncidentClosed"] == found.counts.incidents and not board.open_incidents
    assert said["UnitDiverted"] == found.defects["dispatch_before_available"].count
    assert all(unit.incident is None for unit in board.units.values())
    assert all(incident.receipt is None and board.is_known_type(incident.incident_type) for incident in board.incidents.values())


def test_variant_is_read_and_its_losses_are_stated(shared: Path) -> None:
    found = log(shared, VARIANT)
    counts = found.counts
    assert (counts.rows_read, counts.rows_used, counts.rows_excluded, counts.incidents) == (4_329, 4_329, {}, 900)
    assert found.defects["available_missing"].count == 19 and found.defects["on_scene_before_response"].count == 4
    assert {call.incident_type for call in found.calls} == {"structure-fire", "outside-fire"}


def test_centre_of_the_main_log(shared: Path) -> None:
    found = log(shared, MAIN)
    made = found.centre(CentreHead(region="sf.region"), stations=stations(shared), file="stations.csv")
    centre = made.centre
    assert len(centre.stations) == 44 and len(centre.units) == 199
    estimated = [station for station in centre.stations if station.place.uncertainty_m is not None]
    assert [station.station for station in estimated] == ["20", "39", "48", "51"]
    assert all("estimated" in station.name and station.place.at is not None for station in estimated)
    homes = {str(unit.unit): unit.station for unit in centre.units}
    assert (homes["E03"], homes["T13"], homes["E51"], homes["RS2"], homes["KM08"], homes["85"]) == ("03", "13", "51", "07", None, None)
    can = {str(unit.unit): unit.capabilities for unit in centre.units}
    assert can["E03"] == ("engine", "pump", "als") and can["KM08"] == ("private", "ambulance", "transport")
    assert centre.plan.priorities == ("3", "2")
    cards = {str(card.name): [(slot.name, slot.count) for slot in card.slots] for card in centre.plan.cards}
    assert cards["alarms"] == [("engine", 1), ("truck", 1), ("chief", 1)]
    assert cards["medical-incident/3"] == [("ambulance", 1), ("engine", 1)] and cards["medical-incident/2"] == [("ambulance", 1)]
    assert ("engine", 3) in cards["structure-fire"]
    assert centre.plan.cards[-1].name == "any"
    turnouts = {turnout.kind: (turnout.at_station_s, turnout.on_road_s) for turnout in centre.plan.turnouts}
    assert turnouts["engine"] == (80, 0) and turnouts["medic"] == (21, 21)
    assert {one.code for one in made.assumptions} == {
        "stations_estimated",
        "homes_by_number",
        "homes_estimated",
        "homes_none",
        "capabilities",
        "run_cards",
        "turnout",
    }


@pytest.mark.parametrize("name", [MAIN, VARIANT])
@pytest.mark.parametrize("has_stations", [True, False])
def test_inferred_centre_is_one_that_a_person_could_edit(shared: Path, name: str, has_stations: bool) -> None:
    centre = log(shared, name).centre(CentreHead(), stations=stations(shared) if has_stations else None).centre
    written = write_centre(centre)
    assert check(written) == [] and read_centre(written) == centre


def test_without_a_station_table_every_station_is_an_estimate(shared: Path) -> None:
    made = log(shared, MAIN).centre(CentreHead())
    assert len(made.centre.stations) == 44 and all(station.place.uncertainty_m is not None for station in made.centre.stations)


TIMES = st.one_of(st.just(""), st.integers(0, 40).map(lambda minute: f"2020-04-07T10:{minute:02d}:00"))
AT = st.integers(0, 40).map(lambda minute: f"2020-04-07T10:{minute:02d}:00")


@settings(max_examples=120)
@given(
    st.lists(
        st.tuples(st.sampled_from("123"), st.sampled_from("AB"), AT, TIMES, AT, TIMES, TIMES, TIMES, TIMES, TIMES), min_size=1, max_size=8
    )
)
def test_whatever_the_stamps_say_the_desk_refuses_nothing(rows: list[tuple[str, ...]]) -> None:
    stamps = ("received", "entry", "dispatch", "response", "on_scene", "transport", "hospital", "available")
    header = ",".join(("call_number", "unit_id", *(f"{name}_dttm" for name in stamps), "call_type"))
    found = sf_fire.read(lines_of("\n".join((header, *(",".join((*row, "fire")) for row in rows)))))
    enrol: list[Command] = [EnrolUnit(UnitId(unit), "engine", ("pump",)) for unit in "AB"]
    board, said = run(found, enrol)
    assert set(said) <= {
        "UnitEnrolled",
        "CallReceived",
        "IncidentOpened",
        "UnitsDispatched",
        "UnitDiverted",
        "UnitStatusChanged",
        "UnitCleared",
        "AssignmentCancelled",
        "IncidentClosed",
    }
    assert not board.open_incidents and all(unit.incident is None for unit in board.units.values())
