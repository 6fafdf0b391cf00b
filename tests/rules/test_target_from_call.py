"""A target that counts from the call: what has gone by before somebody is sent is not left."""

import msgspec
import pytest

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, CardName, CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Desk
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Card, IncidentType, ResponsePlan, Slot
from tocsin.core.messages.recommendation import Receipt, UnitsRecommended
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

INCIDENT, UNIT, CALL = IncidentId("I1"), UnitId("E1"), CallId("K1")
BEGIN = 1_704_067_200_000
HERE = LonLat(0.0, 0.0)


def receipt(*, is_from_call: bool, interview_s: int, calls: tuple[CallId, ...] = (CALL,), policy: str = "closest") -> Receipt:
    """Eight minutes' target, a unit seven minutes away, an interview of so many seconds."""
    card = Card(CardName("any"), (Slot("engine", ("engine",)),), target_s=480, is_from_call=is_from_call)
    plan = ResponsePlan("plan", ("1",), (IncidentType("fire", "Fire"),), (card,), policy=policy)
    desk = Desk(MemoryJournal(), GatherTable({(UNIT, INCIDENT): Millis(420_000)}), MemoryVault())
    opened = BEGIN + interview_s * 1000
    said: list[tuple[int, Command]] = [
        (BEGIN, OpenCentre("c", "C", "UTC")),
        (BEGIN, OpenStation(StationId("S1"), "S1", Place(HERE))),
        (BEGIN, EnrolUnit(UNIT, "engine", (), StationId("S1"))),
        (BEGIN, AdoptPlan(plan)),
        (BEGIN, TakeCall(CALL, Instant(BEGIN))),
        (opened, OpenIncident(INCIDENT, "fire", "1", Place(HERE), calls)),
    ]
    told: list[Receipt] = []
    desk.listen(lambda answer: told.extend(event.receipt for event in answer.events if isinstance(event, UnitsRecommended)))
    for nth, (at, command) in enumerate(said):
        desk.answer([Ask(CommandId(str(nth)), "test", Instant(at), command)], Instant(at))
    return told[-1]


@pytest.mark.parametrize(
    ("is_from_call", "interview_s", "left_ms", "is_late"),
    [
        (False, 90, 480_000, False),
        (True, 0, 480_000, False),
        (True, 60, 420_000, False),
        (True, 61, 419_000, True),
        (True, 900, -420_000, True),
    ],
)
def test_what_is_left_of_the_target(is_from_call: bool, interview_s: int, left_ms: int, is_late: bool) -> None:
    told = receipt(is_from_call=is_from_call, interview_s=interview_s)
    assert (told.target_ms, told.picks[0].is_late) == (left_ms, is_late)


def test_without_a_call_the_whole_target_is_left() -> None:
    assert receipt(is_from_call=True, interview_s=90, calls=()).target_ms == 480_000


def test_a_plan_that_does_not_count_from_calls_has_the_version_it_had() -> None:
    assert b"is_from_call" not in msgspec.json.encode(Card(CardName("any"), ()))
