"""The table of road times: what tests and centres without roads gather with."""

from tocsin.base.identifiers import CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.facts import NO_FACTS
from tocsin.core.messages.incident import CloseIncident, IncidentOpened
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.edge.gather_table import GatherTable

I1 = IncidentId("I1")


def test_the_table_is_what_is_known() -> None:
    board = Board()
    for unit in ("E1", "E2", "E3"):
        fold(board, UnitEnrolled(UnitId(unit), "engine", ()), Instant(0))
    fold(board, IncidentOpened(I1, "fire", "P1", Place(), ()), Instant(0))
    gather = GatherTable(
        {(UnitId("E1"), I1): Millis(90_000), (UnitId("E2"), I1): None, (UnitId("E1"), IncidentId("I2")): Millis(1)}, metric="by hand"
    )
    facts = gather.facts(Ask(CommandId("c"), "d", Instant(5000), RecommendUnits(I1)), board)
    assert facts.metric == "by hand" and facts.fleet == board.fleet
    assert {unit: road.road_ms for unit, road in facts.roads.items()} == {"E1": 90_000, "E2": None}, "E3's place is not known"
    assert gather.facts(Ask(CommandId("c"), "d", Instant(5000), CloseIncident(I1)), board) == NO_FACTS
