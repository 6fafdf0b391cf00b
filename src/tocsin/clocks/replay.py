"""The clock of an old journal. Three depths, none of which needs a network, a router or a geocoder when the facts were written down:

*fold* (``clocks.desk.fold_journal``), *re-decide* (``redecide``: same questions and facts, the same answers byte for byte?) and *compare*
(``compare``: at each dispatch that really happened, whom would the engine have sent?).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, Protocol

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.engine.plan_matching import cards_for, slots_of
from tocsin.core.engine.policies import ROAD_TIME, Policy, get_policy
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.line import decode
from tocsin.core.messages.plan import ResponsePlan, Slot
from tocsin.core.messages.recommendation import Receipt, RecommendUnits
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Ask, Event, Record
from tocsin.core.ports import Journal
from tocsin.core.rules.recommendation import Question, answer, answer_among, contenders, situation_of, still_open

Difference = Literal[
    "SAME",
    "PLAN_ASKS_OTHERWISE",
    "CHOSEN_FARTHER",
    "CHOSEN_NOT_FREE",
    "CHOSEN_PLACE_UNKNOWN",
    "CHOSEN_UNREACHABLE",
    "NOBODY_RECOMMENDED",
]
"""What sets the log's choice apart from the engine's, asked for the same kinds of units."""


class Questioned(NamedTuple):
    """One question of a journal with everything that followed from it."""

    ask: Ask
    facts: Facts
    events: tuple[Event, ...]
    records: tuple[Record, ...]
    pos: int
    """Position of the question."""


def questions(journal: Journal) -> Iterator[Questioned]:
    """The journal, question by question."""
    lines: list[Record] = []
    first_pos = 1
    for stored in journal.read():
        record = decode(stored.body)
        if record.n == 0 and lines:
            yield _questioned(lines, first_pos)
            lines, first_pos = [], stored.pos
        lines.append(record)
    if lines:
        yield _questioned(lines, first_pos)


def _questioned(lines: list[Record], pos: int) -> Questioned:
    first = lines[0]
    ask = Ask(
        first.cmd,
        first.actor,
        first.at,
        first.says,  # type: ignore[arg-type]  # n = 0 carries a command
        first.clock,
        first.uncertainty_ms,
        None,
        first.cause,
    )
    return Questioned(ask, first.facts, tuple(line.says for line in lines[1:]), tuple(lines), pos)  # type: ignore[misc]  # n > 0 carries events


class RecordedFacts:
    """A gather that looks up nothing: it gives back what the journal says was known (tests of replay = live ask the desk again with it)."""

    def __init__(self, journal: Journal) -> None:
        self._facts: dict[CommandId, Facts] = {one.ask.id: one.facts for one in questions(journal)}

    def facts(self, ask: Ask, board: Board) -> Facts:
        """The recorded facts of the question with this key."""
        return self._facts.get(ask.id, Facts())


class RoadFacts(Protocol):
    """Road facts for a place at a moment (``edge/gather_roads.py``)."""

    def for_place(self, board: Board, target: LonLat | None, at: Instant) -> Facts:
        """Facts for a dispatch to ``target``."""
        ...


class Passed(NamedTuple):
    """A real dispatch that the engine could not be asked about, and why."""

    why: Literal["no_plan", "no_place", "no_facts"]


class Redecided(msgspec.Struct):
    """How many questions got the same answer again."""

    questions: int = 0
    differing: int = 0
    first_differing: int | None = None
    """Position of the first question whose answer is another one now."""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """One real dispatch beside the engine's choice."""

    pos: int
    at: Instant
    incident: IncidentId
    chosen: tuple[UnitId, ...]
    recommended: tuple[UnitId, ...]
    is_first_same: bool
    """The log's first unit is the soonest of its kind among the engine's."""
    is_all_same: bool
    is_follow_up: bool
    """Units were on the incident already."""
    is_by_plan: bool
    """The run card asked for something; else the engine was asked for the kinds that were sent."""
    like_is_first_same: bool
    like_is_all_same: bool
    same_by_kind: dict[str, bool | None]
    """Kind of unit → the engine would have sent the very units of that kind; None where the record does not say where one stood."""
    difference: Difference
    chosen_ms: Millis | None
    """Mean ETA of the units that were sent, by road time whatever the policy; None where one is unknown."""
    recommended_ms: Millis | None
    """Mean ETA of the units that the engine would send for the same kinds."""
    regret_ms: Millis | None
    """The first minus the second."""
    receipt: Receipt
    """For what the plan asks."""
    like: Receipt
    """For the kinds that were sent."""


def redecide(journal: Journal, *, on_question: Callable[[int], None] | None = None) -> Redecided:
    """Ask every question of the journal again, with the facts that were written down, and compare the answers."""
    board, tally = Board(), Redecided()
    for one in questions(journal):
        tally.questions += 1
        if not _is_same_answer(board, one):
            tally.differing += 1
            tally.first_differing = tally.first_differing or one.pos
        for record in one.records:
            kernel.fold(board, record)
        if on_question is not None:
            on_question(one.pos)
    return tally


def _is_same_answer(board: Board, one: Questioned) -> bool:
    # Expected versions were checked against a board that this one equals; the journal does not keep them.
    # Words that came after an erasure were refused by the vault, which no replay asks.
    if (
        len(one.events) == 1
        and isinstance(one.events[0], CommandRefused)
        and one.events[0].code in ("PersonalDataGone", "ChangedMeanwhile")
    ):
        return True
    return tuple(kernel.decide(board, one.ask, one.facts)) == one.events


def compare(
    journal: Journal,
    roads: RoadFacts | None,
    *,
    policy: str | None = None,
    plan: ResponsePlan | None = None,
    on_question: Callable[[int], None] | None = None,
) -> Iterator[Decision | Passed]:
    """Every real dispatch beside the engine's choice on the board of that moment.

    Without ``roads`` the facts are those of the latest recommendation for the incident; a dispatch without one is passed over, and said so.
    ``plan`` replaces the journal's own. Raises Refused PolicyUnknown.
    """
    board = Board()
    latest: dict[IncidentId, Facts] = {}
    chosen_policy = get_policy(policy) if policy is not None else None
    for one in questions(journal):
        command = one.ask.command
        if isinstance(command, RecommendUnits):
            latest[command.incident] = one.facts
        elif isinstance(command, DispatchUnits) and not isinstance(one.events[0], CommandRefused):
            place = board.incidents[command.incident].place.at
            facts = roads.for_place(board, place, one.ask.at) if roads is not None else latest.get(command.incident)
            if board.plan is None:
                yield Passed("no_plan")
            elif place is None:
                yield Passed("no_place")
            elif facts is None:
                yield Passed("no_facts")
            else:
                in_force = board.plan
                if plan is not None:
                    board.plan = in_force._replace(plan=plan, version=plan.version())
                yield _decision(board, one, command, facts, chosen_policy or get_policy(board.plan.plan.policy))
                board.plan = in_force
        for record in one.records:
            kernel.fold(board, record)
        if on_question is not None:
            on_question(one.pos)


def _decision(board: Board, one: Questioned, command: DispatchUnits, facts: Facts, policy: Policy) -> Decision:
    incident = board.incidents[command.incident]
    if board.plan is None or facts.target is None:
        raise AssertionError("asked only with a plan and a place")
    cards = cards_for(board.plan.plan, situation_of(incident, facts))
    like = _kinds_of(board, command.units)
    by_plan = still_open(slots_of(cards), board, incident)
    asked, asked_like = (Question(incident, facts.target, cards, slots) for slots in (by_plan or like, like))
    fleet = contenders(board, asked, policy, facts)
    receipt = answer_among(fleet, board, asked, policy, facts)
    same_kinds = answer_among(fleet, board, asked_like, policy, facts) if by_plan else receipt
    recommended = _units(receipt)
    # Another policy may rank by other numbers; what its choice costs is told in road time all the same.
    yardstick = same_kinds
    if policy.name != ROAD_TIME:
        yardstick = answer(board, asked_like, get_policy(ROAD_TIME), facts)
    chosen_ms = _mean_eta(command.units, yardstick)
    recommended_ms = _mean_eta(_units(same_kinds), yardstick) if len(_units(same_kinds)) == len(command.units) else None
    is_all_same = set(_units(same_kinds)) == set(command.units)
    return Decision(
        pos=one.pos,
        at=one.ask.at,
        incident=command.incident,
        chosen=command.units,
        recommended=recommended,
        is_first_same=_soonest_like(receipt, board, command.units[0]) == command.units[0],
        is_all_same=set(recommended) == set(command.units),
        is_follow_up=bool(incident.assignments),
        is_by_plan=bool(by_plan),
        like_is_first_same=_soonest_like(same_kinds, board, command.units[0]) == command.units[0],
        like_is_all_same=is_all_same,
        same_by_kind={slot.name: _is_same_of_kind(board, command.units, slot.name, same_kinds) for slot in like},
        difference=_difference(board, command.units, same_kinds, by_plan or like),
        chosen_ms=chosen_ms,
        recommended_ms=recommended_ms,
        regret_ms=None if chosen_ms is None or recommended_ms is None else Millis(chosen_ms - recommended_ms),
        receipt=receipt,
        like=same_kinds,
    )


def _kinds_of(board: Board, units: Iterable[UnitId]) -> tuple[Slot, ...]:
    counts = Counter(board.units[unit].kind for unit in units)
    return tuple(Slot(kind, (kind,), count) for kind, count in counts.items())


def _units(receipt: Receipt) -> tuple[UnitId, ...]:
    return tuple(dict.fromkeys(pick.unit for pick in receipt.picks))


def _sent(board: Board, units: Iterable[UnitId], kind: str) -> set[UnitId]:
    return {unit for unit in units if board.units[unit].kind == kind}


def _picked(receipt: Receipt, slot: str) -> set[UnitId]:
    return {pick.unit for pick in receipt.picks if pick.slot == slot}


def _is_same_of_kind(board: Board, units: Iterable[UnitId], kind: str, receipt: Receipt) -> bool | None:
    sent = _sent(board, units, kind)
    unknown = {candidate.unit for candidate in receipt.candidates if candidate.why_not in ("PLACE_UNKNOWN", "NOT_FREE")}
    return None if sent & unknown else sent == _picked(receipt, kind)


def _soonest_like(receipt: Receipt, board: Board, chosen: UnitId) -> UnitId | None:
    """The soonest of the engine's units that are of the same kind as this one."""
    kind = board.units[chosen].kind
    picks = [(pick.eta_ms, pick.unit) for pick in receipt.picks if board.units[pick.unit].kind == kind]
    return min(picks)[1] if picks else None


def _mean_eta(units: tuple[UnitId, ...], receipt: Receipt) -> Millis | None:
    etas = {candidate.unit: candidate.eta_ms for candidate in receipt.candidates}
    known = [eta_ms for unit in units if (eta_ms := etas.get(unit)) is not None]
    return Millis(round(sum(known) / len(known))) if known and len(known) == len(units) else None


def _difference(board: Board, units: tuple[UnitId, ...], like: Receipt, asked: tuple[Slot, ...]) -> Difference:
    if not like.picks:
        return "NOBODY_RECOMMENDED"
    if set(_units(like)) == set(units):
        kinds = Counter(board.units[unit].kind for unit in units)
        return "SAME" if _fills(kinds, asked) else "PLAN_ASKS_OTHERWISE"
    lost = {candidate.unit: candidate.why_not for candidate in like.candidates}
    reasons = [lost.get(unit) for unit in units if unit not in _units(like)]
    for reason, difference in _WHY_DIFFERENT:
        if reason in reasons:
            return difference
    return "CHOSEN_FARTHER"


_WHY_DIFFERENT: tuple[tuple[str, Difference], ...] = (
    ("NOT_FREE", "CHOSEN_NOT_FREE"),
    ("OUT_OF_SERVICE", "CHOSEN_NOT_FREE"),
    ("CREW_BUSY", "CHOSEN_NOT_FREE"),
    ("ALREADY_ASSIGNED", "CHOSEN_NOT_FREE"),
    ("PLACE_UNKNOWN", "CHOSEN_PLACE_UNKNOWN"),
    ("UNREACHABLE", "CHOSEN_UNREACHABLE"),
)


def _fills(kinds: Counter[str], asked: tuple[Slot, ...]) -> bool:
    return sum(slot.count for slot in asked) == sum(kinds.values())
