"""A centre as the command line meets it: names that collide, incidents of two days, a recommendation, alarms."""

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import AlarmId, CardName, CrewId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.base.quantities import Millis
from tocsin.core.board.alarm import AlarmState
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.incident import IncidentClosed, IncidentOpened
from tocsin.core.messages.moveup import MoveUpOrdered
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import DivertRule, IncidentType, PlanAdopted, ResponsePlan
from tocsin.core.messages.recommendation import Pick, Receipt, UnitsRecommended
from tocsin.core.messages.said import Event
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import STATUS, Phase, UnitEnrolled, UnitStatusChanged
from tocsin.formats.line.board_view import BoardView

NOW = parse_iso("2026-11-23T17:40:00Z")
"""14:40 in Santiago."""

ZONE = "America/Santiago"
HOSPITALS = (("CHB", Place(at=LonLat(-71.2, -29.95), text="Coquimbo hospital")),)

PLAN = ResponsePlan(
    name="test",
    priorities=("red", "yellow", "green"),
    incident_types=(IncidentType("CARD", "cardiac arrest"), IncidentType("FIRE", "structure fire"), IncidentType("FIREV", "vehicle fire")),
    cards=(),
    diverts=(DivertRule("green", "red"),),
)

UNITS = ("E1", "E2", "E11", "E12", "M3", "M7", "M9", "L2", "D", "OS", "77", "Engine 9", "É5", "R1", "R2", "R3")
CREW = {"R1": "rescue", "R2": "rescue"}


def incident(number: int, day: str = "20261123") -> IncidentId:
    """The id of a day's number."""
    return IncidentId(f"{day}-{number:04d}")


ALARMS = (
    AlarmState(AlarmId("nobody_sent/42"), "nobody_sent", NOW, incident(42), None, None),
    AlarmState(AlarmId("not_en_route/R1"), "not_en_route", NOW, incident(39), UnitId("R1"), None),
)


def opened(number: int, kind: str, priority: str, where: str, day: str = "20261123") -> IncidentOpened:
    """An incident that is being dealt with."""
    return IncidentOpened(incident(number, day), kind, priority, Place(at=LonLat(-71.3, -29.9), text=where))


def status(unit: str, phase: Phase, number: int | None = None) -> UnitStatusChanged:
    """A unit's report."""
    return UnitStatusChanged(UnitId(unit), STATUS[phase], incident(number) if number else None)


def receipt(number: int, *picks: str) -> Receipt:
    """A recommendation."""
    return Receipt(
        incident(number), "road-time", "1", "test", PLAN.version(), (CardName("any"),), "roads", "0" * 64, (),
        tuple(Pick("first", UnitId(one), Millis(240_000)) for one in picks),
    )  # fmt: skip


def events() -> list[Event]:
    """All that happened."""
    told: list[Event] = [CentreOpened("test", "Test", ZONE), PlanAdopted(PLAN, PLAN.version())]
    for station, name in (("C", "Central"), ("N", "North"), ("S3", "South three"), ("S4", "South four")):
        told.append(StationOpened(StationId(station), name, Place(at=LonLat(-71.34, -29.95), text=name)))
    for unit in UNITS:
        crew = CrewId(CREW[unit]) if unit in CREW else None
        kind = "ambulance" if unit.startswith("M") else "engine"
        told.append(UnitEnrolled(UnitId(unit), kind, (), StationId("C"), crew))
    told += [
        opened(180, "FIRE", "yellow", "1 Old Rd", "20261122"),
        opened(39, "FIRE", "yellow", "7 Low St"),
        opened(40, "CARD", "red", "Harbour"),
        opened(41, "FIREV", "green", "9 Mill Lane"),
        opened(42, "CARD", "red", "12 High St"),
        opened(77, "FIRE", "red", "77 Hill"),
        IncidentClosed(incident(40)),
        UnitsDispatched(incident(41), (UnitId("E2"),)),
        status("E2", "en_route", 41),
        UnitsDispatched(incident(39), (UnitId("M7"), UnitId("R1"))),
        status("M7", "on_scene", 39),
        status("L2", "off"),
        UnitsRecommended(incident(42), receipt(42, "M3", "E1"), "f" * 64),
        UnitsRecommended(incident(77), receipt(77), "e" * 64),
        MoveUpOrdered(UnitId("E12"), StationId("N"), None),
    ]
    return told


def world() -> Board:
    """The board of it all."""
    board = Board()
    for event in events():
        fold(board, event, Instant(NOW - 600_000))
    for alarm in ALARMS:
        board.alarms[alarm.alarm] = alarm
    return board


def view(board: Board, selected: int | None = None, now: Instant = NOW) -> BoardView:
    """What the line sees of it."""
    chosen = incident(selected) if selected else None
    return BoardView(board, now, chosen, seats=("north", "desk2", "M9"), places=HOSPITALS)
