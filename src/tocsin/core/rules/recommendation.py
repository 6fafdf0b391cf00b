"""The rule that asks the engine whom to send, and writes the receipt."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from tocsin.base.canonical import digest
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.quantities import Millis
from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.board.unit import UnitState
from tocsin.core.engine.plan_matching import Situation, cards_for, slots_of
from tocsin.core.engine.policies import Policy, get_policy
from tocsin.core.engine.reasons import with_reasons
from tocsin.core.engine.recommend import Contender, Ranking, left_empty, recommend
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.plan import Card, DivertRule, ResponsePlan, Slot, Turnout
from tocsin.core.messages.recommendation import (
    OFF_ROAD_M,
    Candidate,
    CoverWeighed,
    Pick,
    Receipt,
    RecommendUnits,
    Standing,
    UnitsRecommended,
    WhyNot,
)
from tocsin.core.messages.refusal import Refused, StaleFacts
from tocsin.core.messages.said import Event


class _Inputs(msgspec.Struct, array_like=True):
    """Everything the engine sees, for the hash in the receipt."""

    incident: IncidentId
    situation: Situation
    place: LonLat
    plan_version: str
    policy: tuple[str, str]
    metric: str
    slots: tuple[Slot, ...]
    target_ms: Millis | None
    fleet: list[tuple[object, ...]]


_HASHED_BEFORE_COVER = Contender._fields.index("loss_ppb")
"""Fields of a contender that are hashed where neither cover nor other agencies are weighed: as before there were any."""

Between = tuple[Millis, Millis]
"""Earliest and latest arrival, four times out of five."""

Timed = TypeVar("Timed", Pick, Candidate)


class Question(NamedTuple):
    """One incident's needs against one fleet: what ``answer`` takes, so that replay can ask with other slots."""

    incident: IncidentState
    place: LonLat
    cards: tuple[Card, ...]
    slots: tuple[Slot, ...]


def recommend_units(board: Board, ask: RecommendUnits, facts: Facts) -> list[Event]:
    """Raises StaleFacts when the fleet or the place has changed since the facts were gathered."""
    incident = board.get_open_incident(ask.incident)
    if board.plan is None:
        raise Refused("PlanMissing", "incident", incident=ask.incident)
    if incident.place.at is None:
        raise Refused("PlaceMissing", "incident", incident=ask.incident)
    if facts.fleet != board.fleet or facts.target != incident.place.at:
        raise StaleFacts
    policy = get_policy(ask.policy or board.plan.plan.policy)
    cards = cards_for(board.plan.plan, situation_of(incident, facts))
    slots = still_open(slots_of(cards), board, incident)
    receipt = answer(board, Question(incident, incident.place.at, cards, slots), policy, facts)
    return [UnitsRecommended(ask.incident, receipt, digest(receipt))]


def situation_of(incident: IncidentState, facts: Facts) -> Situation:
    """What cards are chosen by."""
    return Situation(incident.incident_type, incident.priority, incident.place.area, incident.alarm_level, facts.local_minute_of_week)


def still_open(slots: tuple[Slot, ...], board: Board, incident: IncidentState) -> tuple[Slot, ...]:
    """The slots that the units already on the incident leave empty, each unit counted where it is of most use.

    Whoever has worked there and left has done its part: it is not asked for again.
    """
    there = dict.fromkeys(one.unit for one in (*incident.active(), *incident.worked()))
    on_it = [board.units[name].capabilities for name in there if name in board.units]
    if not on_it:
        return slots
    lacking = left_empty(slots, on_it)
    left = [msgspec.structs.replace(slot, count=count) for slot, count in zip(slots, lacking, strict=True) if count]
    names = {slot.name for slot in left}
    # The partner of a doubling slot may be filled already: then it stands alone.
    return tuple(
        slot if slot.doubles_with in names or not slot.doubles_with else msgspec.structs.replace(slot, doubles_with="") for slot in left
    )


def answer(board: Board, question: Question, policy: Policy, facts: Facts) -> Receipt:
    """The receipt of one recommendation. Same board, question, policy and facts: same bytes."""
    return answer_among(contenders(board, question, policy, facts), board, question, policy, facts)


def answer_among(fleet: list[Contender], board: Board, question: Question, policy: Policy, facts: Facts) -> Receipt:
    """The same for contenders that are known already: replay asks about one incident with two sets of slots."""
    if board.plan is None:
        raise Refused("PlanMissing", "incident", incident=question.incident.incident)
    plan, version = board.plan
    target_ms = _target_ms(question.cards, facts)
    inputs = _Inputs(
        question.incident.incident,
        situation_of(question.incident, facts),
        question.place,
        version,
        (policy.name, policy.version),
        facts.metric,
        question.slots,
        target_ms,
        _extract(fleet),
    )
    ranking = recommend(question.slots, fleet, target_ms=target_ms, sure_ms=policy.sure_ms(target_ms))
    between = _intervals(policy, facts)
    return Receipt(
        incident=question.incident.incident,
        policy=policy.name,
        policy_version=policy.version,
        plan=plan.name,
        plan_version=version,
        cards=tuple(card.name for card in question.cards),
        metric=facts.metric,
        inputs_sha256=_inputs_digest(board, inputs, between, policy),
        slots=question.slots,
        picks=_with_intervals(_explained(board, ranking, question, policy, (fleet, target_ms)), between),
        shortfalls=ranking.shortfalls,
        candidates=_with_intervals(ranking.candidates, between),
        not_capable=ranking.not_capable,
        snap_m=facts.snap_m if facts.snap_m is not None and facts.snap_m > OFF_ROAD_M else None,
        target_ms=target_ms if policy.is_explained else None,
        cover=_weighed(board, ranking, fleet) if policy.is_about_cover() else None,
    )


def _target_ms(cards: tuple[Card, ...], facts: Facts) -> Millis | None:
    """What is left until somebody is late, by the strictest card; below zero when everybody is already."""
    gone_ms = facts.call_age_ms or 0
    left = [card.target_s * 1000 - (gone_ms if card.is_from_call else 0) for card in cards if card.target_s is not None]
    return Millis(min(left)) if left else None


def _extract(fleet: list[Contender]) -> list[tuple[object, ...]]:
    is_weighed = any(one.loss_ppb is not None or one.cost_ms for one in fleet)
    return [*fleet] if is_weighed else [one[:_HASHED_BEFORE_COVER] for one in fleet]


def _inputs_digest(board: Board, inputs: _Inputs, between: dict[UnitId, Between], policy: Policy) -> str:
    if policy.is_about_cover() and board.cover is not None:
        return digest((inputs, between, board.cover.version))
    return digest((inputs, between) if between else inputs)


def _explained(
    board: Board, ranking: Ranking, question: Question, policy: Policy, weighed: tuple[list[Contender], Millis | None]
) -> tuple[Pick, ...]:
    """The picks with their reasons, by policies that give any."""
    if not policy.is_explained:
        return ranking.picks
    fleet, target_ms = weighed
    cover = board.cover
    told = with_reasons(ranking.picks, question.slots, fleet, target_ms, lambda crew: cover.lost_by_area([crew]) if cover else {})
    return tuple(msgspec.structs.replace(pick, reasons=reasons) for pick, reasons in zip(ranking.picks, told, strict=True))


def _weighed(board: Board, ranking: Ranking, fleet: list[Contender]) -> CoverWeighed:
    """What happens to cover if the picks go; without models, that there are none."""
    if board.cover is None:
        return CoverWeighed()
    picked = {pick.unit for pick in ranking.picks}
    lost = board.cover.lost_by_area(sorted({one.crew for one in fleet if one.unit in picked}))
    return CoverWeighed(board.cover.version, {area: -lost_ppb for area, lost_ppb in lost.items()})


def _intervals(policy: Policy, facts: Facts) -> dict[UnitId, Between]:
    """They are laid beside the finished ranking: how sure an ETA is says nothing about who is sooner."""
    if not policy.is_by_road:
        return {}
    known = facts.learned.items()
    return {unit: (one.low_ms, one.high_ms) for unit, one in known if one.low_ms is not None and one.high_ms is not None}


def _with_intervals(rows: tuple[Timed, ...], between: dict[UnitId, Between]) -> tuple[Timed, ...]:
    if not between:
        return rows
    return tuple([_with_interval(row, between[row.unit]) if row.unit in between else row for row in rows])


def _with_interval(row: Timed, between: Between) -> Timed:
    return msgspec.structs.replace(row, eta_low_ms=between[0], eta_high_ms=between[1])


def contenders(board: Board, question: Question, policy: Policy, facts: Facts) -> list[Contender]:
    """The whole fleet as the engine sees it, in the order of unit ids. The slots of the question do not matter."""
    if board.plan is None:
        return []
    plan = board.plan.plan
    turnouts = {turnout.kind: turnout for turnout in plan.turnouts}
    before: dict[tuple[str, bool], Millis] = {}
    rules = plan.diverts if policy.may_divert else ()
    diverts = {rule.from_priority: rule for rule in rules if rule.to_priority == question.incident.priority}
    aids = {aid.agency: (aid.offset_s * 1000, Millis(aid.cost_s * 1000)) for aid in plan.aids}
    rank_of = _ranks(plan, question)
    is_weighed = policy.weighs_cover(is_urgent=plan.is_urgent(question.incident.priority))
    losses_ppb = board.cover.losses_ppb() if is_weighed and board.cover is not None else None
    by_road = facts.learned if policy.is_by_road else {}
    fleet = []
    for name, unit in sorted(board.units.items()):
        standing, ruled_out, divert = _standing(board, unit, question.incident, diverts)
        road = facts.roads.get(name)
        if ruled_out is None and divert is None and _is_crew_elsewhere(board, unit, facts):
            standing, ruled_out = "busy", "CREW_AWAY"
        if road is None:
            reason, rank = ruled_out or "PLACE_UNKNOWN", rank_of(unit) if rank_of else 0
            fleet.append(Contender(name, unit.crew, unit.capabilities, standing, None, reason, rank=rank))
            continue
        travel_ms = policy.travel_ms(road)
        learned = by_road.get(name) if by_road else None
        if learned is not None:
            before_ms = learned.constant_ms
        else:  # units of a kind share it: reckoned once for each
            start = unit.kind, unit.is_at_station
            if start not in before:
                before[start] = _turnout_ms(turnouts, unit)
            before_ms = before[start]
        offset_ms, cost_ms = aids.get(unit.agency, _OWN) if aids else _OWN
        if divert is not None and (road.onward_ms is None or road.onward_ms < divert.not_within_s * 1000):
            ruled_out = ruled_out or "DIVERT_NOT_ALLOWED"
        fleet.append(
            Contender(
                name,
                unit.crew,
                unit.capabilities,
                standing,
                None if travel_ms is None else Millis(travel_ms + before_ms + offset_ms),
                ruled_out,
                road.road_ms,
                road.straight_m,
                road.age_ms,
                _NOTHING_MS if divert is None else Millis(divert.min_gain_s * 1000),
                rank_of(unit) if rank_of else 0,
                None if divert is None else unit.incident,
                losses_ppb.get(unit.crew, 0) if losses_ppb is not None and divert is None and ruled_out is None else None,
                cost_ms,
            )
        )
    return fleet


BESIDE_MS, BESIDE_M = Millis(10_000), 50.0
"""So little apart, as seen from the incident, a crew has its other unit beside it, whether or not it has said that it is back."""


def _is_crew_elsewhere(board: Board, unit: UnitState, facts: Facts) -> bool:
    """Whether its crew is still on the road with another unit: nobody could turn out with this one."""
    mate = board.find_crew_mate_out(unit)
    if mate is None:
        return False
    here, there = facts.roads.get(unit.unit), facts.roads.get(mate.unit)
    if here is None or there is None or here.road_ms is None or there.road_ms is None:
        return True
    return abs(here.road_ms - there.road_ms) > BESIDE_MS or abs((here.straight_m or 0.0) - (there.straight_m or 0.0)) > BESIDE_M


_NOTHING_MS = Millis(0)
_OWN = (0, _NOTHING_MS)
"""One's own units are there to be sent: nothing is added, and they need win nothing."""


def _turnout_ms(turnouts: dict[str, Turnout], unit: UnitState) -> Millis:
    """By the plan."""
    turnout = turnouts.get(unit.kind) or turnouts.get("*")
    turnout_s = 0 if turnout is None else turnout.at_station_s if unit.is_at_station else turnout.on_road_s
    return Millis(turnout_s * 1000)


def _ranks(plan: ResponsePlan, question: Question) -> Callable[[UnitState], int] | None:
    """The order before travel that the first card's mode asks for; None where all are equal."""
    mode = question.cards[0].mode if question.cards else "road_time"
    if mode == "station_order":
        order = _station_order(plan, question.incident.place.area)
        return lambda unit: order.get(unit.station or "", len(order))
    if mode == "own_agency_first":
        return lambda unit: int(unit.agency != plan.own_agency)
    return None


def _station_order(plan: ResponsePlan, area: str) -> dict[str, int]:
    for order in plan.station_orders:
        if order.area == area:
            return {station: rank for rank, station in enumerate(order.stations)}
    return {}


def _standing(
    board: Board, unit: UnitState, incident: IncidentState, diverts: dict[str, DivertRule]
) -> tuple[Standing, WhyNot | None, DivertRule | None]:
    """What taking the unit would mean, why it may not be taken, and the rule under which it would be diverted."""
    if unit.incident == incident.incident:
        return "on_this_incident", "ALREADY_ASSIGNED", None
    if unit.phase == "off":
        return "off", "OUT_OF_SERVICE", None
    if unit.incident is not None and unit.phase in ("dispatched", "acknowledged", "en_route"):
        rule = diverts.get(board.incidents[unit.incident].priority)
        return ("busy", "NOT_FREE", None) if rule is None else ("divertible", None, rule)
    if unit.incident is not None or not unit.is_free():
        return "busy", "NOT_FREE", None
    if board.find_crew_mate_with_job(unit) is not None:
        return "busy", "CREW_BUSY", None
    return ("free" if unit.is_at_station else "returning"), None, None
