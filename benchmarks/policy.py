"""What a policy costs in one recommendation: 500 units, 200 stations, cover of 42 to 1,700 rows and of one to three services;
and what keeping cover up to date costs.

``policy``: weighing every contender, filling the slots, the reasons and the change by area. ``whole``: the rule with everything, its
receipt and two hashes. Processor time of one thread; facts are there already, gathering is not the core's time.
"""

from random import Random
from statistics import median
from time import process_time

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres, Millis
from tocsin.core import kernel
from tocsin.core.board import fold as folding
from tocsin.core.board.board import Board
from tocsin.core.board.movable import asked_drives
from tocsin.core.engine.policies import get_policy
from tocsin.core.engine.reasons import with_reasons
from tocsin.core.engine.recommend import recommend
from tocsin.core.messages.cover import PPB, AdoptCover, CoverModel, CoverRow
from tocsin.core.messages.facts import NO_FACTS, Facts, UnitRoad
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Card, IncidentType, ResponsePlan, Slot, Turnout
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask, Command, Event
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import STATUS, EnrolUnit, ReportUnitStatus, UnitStatusChanged
from tocsin.core.rules.recommendation import Question, contenders

UNITS, STATIONS, ROWS, REACH, TIMES = 500, 200, 1_154, 12, 400
START = Instant(1_586_246_400_000)
WANTED = (Slot("ambulance", ("transport",)), Slot("engine", ("pump",)))
GATES = {
    "policy_default_median_ms": ("at_most", 2.0),
    "policy_default_p99_ms": ("at_most", 10.0),
    "policy_dmexclp_median_ms": ("at_most", 2.0),
    "policy_dmexclp_p99_ms": ("at_most", 10.0),
}
KINDS = (("engine", ("pump",)), ("ambulance", ("als", "transport")))


def _plan(policy: str) -> ResponsePlan:
    return ResponsePlan(
        name="bench",
        priorities=("high", "low"),
        incident_types=(IncidentType("medical", "Medical"),),
        cards=(Card("medical", WANTED, ("medical",), target_s=600),),  # type: ignore[arg-type]  # a name
        turnouts=(Turnout("*", 60, 0),),
        policy=policy,
        urgent=("high",),
    )


OTHERS = {"42_rows": (42, ("transport",)), "1700_rows": (1_700, ("transport",)), "3_models": (1_700, ("transport", "als", "pump"))}
"""Beside the usual one: a small city, a large one, and a large one with three services, each with rows of its own."""


def model(dice: Random, count: int = ROWS, needs: str = "transport") -> CoverModel:
    """As many rows as a real city with 200 stations had; each is reached from a dozen neighbours."""
    rows = []
    for nth in range(count):
        middle = dice.randrange(STATIONS)
        near = sorted({(middle + step) % STATIONS for step in range(dice.randint(1, REACH))})
        rows.append(CoverRow(f"A{nth % 40}", tuple(near), PPB // count + (nth < PPB % count)))
    return CoverModel(needs, tuple(StationId(f"S{nth:03d}") for nth in range(STATIONS)), tuple(rows))


class Bench:
    """A board with a fleet on it."""

    def __init__(self, policy: str, rows: int = ROWS, services: tuple[str, ...] = ("transport",)) -> None:
        self.board, self.count = Board(), 0
        for nth in range(STATIONS):
            self.say(OpenStation(StationId(f"S{nth:03d}"), "", Place(LonLat(nth / 100, nth % 7 / 100))))
        for nth in range(UNITS):
            kind, can = KINDS[nth % 2]
            self.say(EnrolUnit(UnitId(f"U{nth:03d}"), kind, can, StationId(f"S{nth * 7 % STATIONS:03d}")))
        self.say(AdoptPlan(_plan(policy)))
        self.say(AdoptCover(tuple(model(Random(7 + nth), rows, needs) for nth, needs in enumerate(services))))
        self.say(OpenIncident(IncidentId("I1"), "medical", "low", Place(LonLat(0.1, 0.1))))

    def say(self, command: Command, facts: Facts = NO_FACTS) -> list[Event]:
        """Decided and folded."""
        self.count += 1
        events = kernel.decide(self.board, Ask(CommandId(f"c{self.count}"), "bench", START, command), facts)
        for event in events:
            folding.fold(self.board, event, START)
        return list(events)


def facts_for(board: Board, nth: int) -> Facts:
    """Road times as a router would give them: made up, other ones every time."""
    at = LonLat(0.1, 0.1)
    dice = Random(nth)
    roads = {name: UnitRoad("station", at, Millis(0), Millis(dice.randrange(60_000, 1_500_000)), Metres(1.0)) for name in board.units}
    return Facts("bench", board.fleet, at, 720, Metres(5.0), roads)


def _policy_part(board: Board, policy: str, facts: Facts) -> None:
    incident = board.incidents[IncidentId("I1")]
    rule, cover = get_policy(policy), board.cover
    if cover is None or board.plan is None:
        raise AssertionError("cover was adopted")
    question = Question(incident, LonLat(0.1, 0.1), board.plan.plan.cards, WANTED)
    fleet = contenders(board, question, rule, facts)
    target_ms = Millis(600_000)
    ranking = recommend(WANTED, fleet, target_ms=target_ms, sure_ms=rule.sure_ms(target_ms))
    with_reasons(ranking.picks, WANTED, fleet, target_ms, lambda crew: cover.lost_by_area([crew]))
    cover.lost_by_area([board.units[pick.unit].crew for pick in ranking.picks])


def _timed_ms(name: str, times: list[float]) -> dict[str, float]:
    times.sort()
    return {f"{name}_median_ms": median(times) * 1000, f"{name}_p99_ms": times[len(times) * 99 // 100] * 1000}


def run() -> dict[str, float]:
    """Median and 99th percentile in milliseconds, by what was measured."""
    told: dict[str, float] = {}
    for policy in ("road-time", "default", "dmexclp"):
        told |= _asked(Bench(policy), policy, policy.replace("-", "_"))
    for name, (rows, services) in OTHERS.items():
        told |= _asked(Bench("default", rows, services), "default", f"default_{name}")
    return told | _moves(Bench("default"))


def _asked(bench: Bench, policy: str, name: str) -> dict[str, float]:
    parts, wholes = [], []
    for nth in range(TIMES):
        facts = facts_for(bench.board, nth)
        started = process_time()
        _policy_part(bench.board, policy, facts)
        parts.append(process_time() - started)
        question = Ask(CommandId("q"), "bench", START, RecommendUnits(IncidentId("I1")))
        started = process_time()
        kernel.decide(bench.board, question, facts)
        wholes.append(process_time() - started)
    return _timed_ms(f"policy_{name}", parts) | _timed_ms(f"policy_whole_{name}", wholes)


def _moves(bench: Bench) -> dict[str, float]:
    """A unit freed: its advice; and one event by which it counts no more, or again."""
    dice, moves, folds = Random(3), [], []
    for nth in range(TIMES):
        unit = UnitId(f"U{nth % UNITS | 1:03d}")
        ask = Ask(CommandId("m"), "bench", START, AdviseMoveUps(unit))
        wanted = asked_drives(bench.board, AdviseMoveUps(unit), START, 720)
        drives_ms = {name: {to: Millis(dice.randrange(60_000, 1_500_000)) for to in stations} for name, stations in wanted.items()}
        facts = Facts("bench", bench.board.fleet, local_minute_of_week=720, drives_ms=drives_ms)
        started = process_time()
        kernel.decide(bench.board, ask, facts)
        moves.append(process_time() - started)
        for phase in ("off", "at_station"):
            (event,) = kernel.decide(bench.board, Ask(CommandId("r"), "bench", START, ReportUnitStatus(unit, STATUS[phase])), NO_FACTS)
            if not isinstance(event, UnitStatusChanged):
                raise AssertionError(event)
            started = process_time()
            folding.fold(bench.board, event, START)
            folds.append(process_time() - started)
    return _timed_ms("policy_move_up_advice", moves) | _timed_ms("policy_fold_with_cover", folds)
