"""Completion: what is offered first, and that a large fleet costs no more than what is shown."""

import pytest

from line_world import NOW, PLAN, ZONE, incident, opened, receipt, view, world
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.said import Event
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.formats.line.board_view import BoardView
from tocsin.formats.line.complete import complete
from tocsin.formats.line.labels import MOST_CANDIDATES
from tocsin.formats.line.view import IncidentSeen, UnitSeen
from tocsin.words.line import tongue_of

BOARD = world()
EN = tongue_of("en")


def texts(line: str, selected: int | None = None) -> list[str]:
    """What is offered at the end of a line."""
    return [one.text for one in complete(line, len(line), view(BOARD, selected), EN)]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("d", ["d", "de", "do"]),
        ("disp", ["d", "de", "do"]),
        ("d ", ["#42", "#77"]),
        ("d 4", ["#42", "#41"]),
        ("d 42 ", ["M3", "E1", "=77", "D"]),
        ("d 42 M3 ", ["E1", "=77"]),
        ("d 42 E", ["E1", "E11", "E12"]),
        ("D.42.e", ["E1", "E11", "E12"]),
        ("d 42 En", ['"Engine 9"']),
        ("os ", ["E2", "L2", "M7", "R1"]),
        ("os E", ["E2", "E1"]),
        ("os E1 / d 42 E", ["E1", "E11"]),
        ("mv E11 >S", ["S3", "S4"]),
        ("tr M7 >CH", ["CHB"]),
        ("typ 42 F", ["FIRE", "FIREV"]),
        ("pri 42 ", ["red", "yellow", "green"]),
        ("n typ/F", ["FIRE", "FIREV"]),
        ("mark 42 w", ["water_on_fire"]),
        ("msg ", ["all", "log", "desk2"]),
        ("oos E1 m", ["mech", "meal"]),
        ("? d", ["d", "de", "do"]),
        ("at 14:32 o", ["os"]),
        ("note 42 ; d", []),
        ("/hi", []),
    ],
)
def test_the_likely_comes_first(line: str, first: list[str]) -> None:
    assert texts(line)[: len(first)] == first if first else texts(line) == []


def test_with_an_incident_on_the_screen_its_units_come_first() -> None:
    assert texts("d ", 42)[0] == "#42"
    assert "M3" in texts("d ", 42)


def large() -> Board:
    """2,000 units, 300 open incidents, 1,500 units at work."""
    board = Board()
    events: list[Event] = [CentreOpened("large", "Large", ZONE), PlanAdopted(PLAN, PLAN.version())]
    events += [StationOpened(StationId(f"S{nth}"), f"Station {nth}", Place(at=LonLat(-71.0, -29.0))) for nth in range(60)]
    events += [UnitEnrolled(UnitId(f"E{nth}"), "engine", (), StationId(f"S{nth % 60}")) for nth in range(2_000)]
    events += [opened(nth, "FIRE", "red", f"{nth} High St") for nth in range(1, 301)]
    events.append(UnitsRecommended(incident(42), receipt(42, "E1900", "E1901"), "f" * 64))
    events += [UnitsDispatched(incident(1 + nth % 300), (UnitId(f"E{nth}"),)) for nth in range(1_500)]
    for event in events:
        fold(board, event, Instant(NOW - 1))
    return board


class Counted(BoardView):
    """Counts how often something is looked at closely."""

    looks = 0

    def get_unit(self, unit: UnitId) -> UnitSeen:
        """One look."""
        self.looks += 1
        return super().get_unit(unit)

    def get_incident(self, incident: object) -> IncidentSeen:  # type: ignore[override]  # as the board names it
        """One look."""
        self.looks += 1
        return super().get_incident(incident)  # type: ignore[arg-type]  # as the board names it


@pytest.mark.parametrize("line", ["d ", "d 42 ", "d 42 E", "d 42 E19", "d 42 xyz", "os E", "msg "])
def test_a_large_fleet_is_not_looked_through(line: str) -> None:
    board = large()
    counted = Counted(board, NOW)
    found = complete(line, len(line), counted, EN)
    assert len(found) <= MOST_CANDIDATES
    assert counted.looks <= 3 * MOST_CANDIDATES
    # The index of names is made once, however many boards' lines are read meanwhile.
    assert BoardView(board, NOW).units is counted.units


def test_the_recommended_come_first_even_late_in_the_fleet() -> None:
    board = large()
    found = [one.text for one in complete("d 42 E", 6, BoardView(board, NOW), EN)]
    assert found[:3] == ["E1900", "E1901", "E1500"]
