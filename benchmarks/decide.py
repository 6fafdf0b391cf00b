"""How fast the core decides alone: ``kernel.decide`` and ``kernel.fold`` on one thread, no journal, no gathering, 200 units.

One incident of the shift: a call, an opening with its recommendation (facts for all 200 units), two units sent, five statuses each,
the incident closed by the last. ``run`` gives commands a second, and microseconds for one recommendation alone.
"""

from collections.abc import Iterator
from time import perf_counter

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, CardName, CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres, Millis
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.facts import NO_FACTS, Facts, UnitRoad
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Card, IncidentType, ResponsePlan, Slot, Turnout
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.said import Ask, Command, Event, Record
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.subject import subject_of
from tocsin.core.messages.unit import STATUS, EnrolUnit, Phase, ReportUnitStatus

UNITS, STATIONS, INCIDENTS, ROUNDS = 200, 40, 150, 5
START = Instant(1_586_246_400_000)
JOB: tuple[Phase, ...] = ("acknowledged", "en_route", "on_scene", "on_radio", "at_station")
KINDS = (("engine", ("pump",)), ("engine", ("pump", "als")), ("ladder", ("ladder",)), ("ambulance", ("als", "transport")))

PLAN = ResponsePlan(
    name="bench",
    priorities=("high", "low"),
    incident_types=(IncidentType("fire", "Fire"), IncidentType("medical", "Medical")),
    cards=(
        Card(CardName("fire"), (Slot("engine", ("pump",)), Slot("ladder", ("ladder",))), ("fire",), target_s=480),
        Card(CardName("medical"), (Slot("ambulance", ("transport",)), Slot("engine", ("pump",))), ("medical",), target_s=600),
    ),
    turnouts=(Turnout("engine", 80, 10), Turnout("*", 60, 0)),
)


class Shift:
    """A board and the asks put to it, without a desk around."""

    def __init__(self) -> None:
        self.board = Board()
        self.commands = 0
        for command in _staging():
            self.ask(START, command)
        self.commands = 0

    def ask(self, at: Instant, command: Command, facts: Facts = NO_FACTS) -> list[Event]:
        """One question with its fold, reactions raised and left to the caller."""
        self.commands += 1
        question = Ask(CommandId(f"c{self.commands}"), "bench", at, command)
        events = kernel.decide(self.board, question, facts)
        stream = subject_of(command)
        version = self.board.versions.get(stream, 0) + 1
        for n, says in enumerate((command, *events)):
            kernel.fold(self.board, Record(stream, version + n, at, at, "bench", question.id, n, says))
        self.reactions = kernel.reactions_to(self.board, question, events, at)
        return list(events)


def _staging() -> Iterator[Command]:
    yield OpenCentre("bench", "Bench", "UTC")
    for nth in range(STATIONS):
        yield OpenStation(StationId(f"S{nth:02d}"), f"Station {nth}", Place(LonLat(nth / 100, nth % 7 / 100)))
    for nth in range(UNITS):
        kind, can = KINDS[nth % len(KINDS)]
        yield EnrolUnit(UnitId(f"U{nth:03d}"), kind, can, StationId(f"S{nth % STATIONS:02d}"))
    yield AdoptPlan(PLAN)


def facts_for(board: Board, target: LonLat, nth: int) -> Facts:
    """Road times as a router would give them: made up, different for every incident."""
    roads = {
        name: UnitRoad(
            "station" if unit.is_at_station else "last_known",
            unit.place or target,
            Millis(1000),
            Millis(60_000 + (rank * 7919 + nth * 104_729) % 900_000),
            Metres(float(rank * 31 % 9000)),
        )
        for rank, (name, unit) in enumerate(board.units.items())
    }
    return Facts("bench", board.fleet, target, 720, Metres(5.0), roads)


def _incident(shift: Shift, nth: int, spent_s: list[float]) -> None:
    at, name, target = Instant(START + nth * 60_000), IncidentId(f"I{nth}"), LonLat(nth % 97 / 1000, nth % 89 / 1000)
    started = perf_counter()
    shift.ask(at, TakeCall(CallId(f"K{nth}"), at))
    shift.ask(at, OpenIncident(name, ("fire", "medical")[nth % 2], "high", Place(target), (CallId(f"K{nth}"),)))
    spent_s[0] += perf_counter() - started
    facts = facts_for(shift.board, target, nth)  # gathering is not the core's time
    started = perf_counter()
    (recommended,) = shift.ask(at, RecommendUnits(name), facts)
    spent_s[1] += perf_counter() - started
    started = perf_counter()
    if not isinstance(recommended, UnitsRecommended):
        raise AssertionError(recommended)
    units = tuple(pick.unit for pick in recommended.receipt.picks)
    shift.ask(at, DispatchUnits(name, units, recommended.receipt_sha256))
    for step, phase in enumerate(JOB, start=1):
        for unit in units:
            shift.ask(Instant(at + step * 1000), ReportUnitStatus(unit, STATUS[phase]))
            for reaction in shift.reactions:  # the close, by the last unit that clears
                shift.ask(reaction.at, reaction.command)
    spent_s[0] += perf_counter() - started
    if name in shift.board.open_incidents:
        raise AssertionError("the last unit's leaving should have closed it")


def run() -> dict[str, float]:
    """``commands_per_s`` over the whole mix, ``others_per_s`` without recommendations, ``recommend_us`` for one of 200 units."""
    best = {"commands_per_s": 0.0, "others_per_s": 0.0, "recommend_us": float("inf")}
    for _ in range(ROUNDS):
        shift, spent_s = Shift(), [0.0, 0.0]
        for nth in range(INCIDENTS):
            _incident(shift, nth, spent_s)
        best["commands_per_s"] = max(best["commands_per_s"], shift.commands / sum(spent_s))
        best["others_per_s"] = max(best["others_per_s"], (shift.commands - INCIDENTS) / spent_s[0])
        best["recommend_us"] = min(best["recommend_us"], spent_s[1] / INCIDENTS * 1e6)
    return best


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:16} {value:12,.1f}")
