"""Rules for move-ups: the engine advises who should cover where; a person orders it."""

from typing import NamedTuple

from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.quantities import Millis
from tocsin.core.board.board import Board
from tocsin.core.board.counting import counts_at, crews_by_station
from tocsin.core.board.cover import CoverState
from tocsin.core.board.movable import asked_drives, moving_policy, posting
from tocsin.core.board.station import MoveUpState
from tocsin.core.board.unit import UnitState
from tocsin.core.engine.move_up import NO_WAY_MS, best_station, rule_of, table_station
from tocsin.core.engine.policies import Policy
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.moveup import (
    AcknowledgeMoveUp,
    AdviseMoveUps,
    Elsewhere,
    EndMoveUp,
    MoveUpAcknowledged,
    MoveUpAdvised,
    MoveUpEnded,
    MoveUpOrdered,
    OrderMoveUp,
    StayAdvised,
)
from tocsin.core.messages.plan import CoverRules
from tocsin.core.messages.recommendation import Reason
from tocsin.core.messages.refusal import Refused, StaleFacts
from tocsin.core.messages.said import Ask, Event

MOST_OTHERS = 2


class _Choice(NamedTuple):
    """One unit's stations, with what each adds and how far it is."""

    unit: UnitState
    stations: tuple[StationId, ...]
    own: int
    gain_ppb: list[int]
    drive_ms: list[int]
    cover: CoverState | None
    """Without the unit."""


def order_move_up(board: Board, ask: OrderMoveUp) -> list[Event]:
    """Only a free unit covers; a new order replaces the old one."""
    unit = _get_free(board, ask)
    station = board.stations.get(ask.station)
    if station is None or not station.is_open:
        raise Refused("StationUnknown", "station", station=ask.station)
    return [MoveUpOrdered(unit.unit, ask.station, ask.until)]


def _get_free(board: Board, ask: OrderMoveUp | AdviseMoveUps) -> UnitState:
    unit = board.get_unit(ask.unit or UnitId(""))
    if not unit.is_free() or board.find_crew_mate_with_job(unit) is not None:
        raise Refused("UnitNotFree", "unit", unit=unit.unit, phase=unit.phase)
    return unit


def acknowledge_move_up(board: Board, ask: AcknowledgeMoveUp) -> list[Event]:
    """The crew has understood."""
    if _get_move_up(board, ask).is_acknowledged:
        raise Refused("NothingToChange", "unit", unit=ask.unit)
    return [MoveUpAcknowledged(ask.unit)]


def end_move_up(board: Board, ask: EndMoveUp) -> list[Event]:
    """Back to its own area."""
    _get_move_up(board, ask)
    return [MoveUpEnded(ask.unit, ask.reason)]


def _get_move_up(board: Board, ask: AcknowledgeMoveUp | EndMoveUp) -> MoveUpState:
    order = board.move_ups.get(ask.unit)
    if order is None:
        raise Refused("MoveUpMissing", "unit", unit=ask.unit)
    return order


def advise_move_ups(board: Board, ask: AdviseMoveUps, question: Ask, facts: Facts) -> list[Event]:
    """At most one move at a time. Raises StaleFacts when the fleet has changed since."""
    if ask.unit is not None:
        _get_free(board, ask)
    policy = moving_policy(board)
    if policy is None or board.plan is None:
        return [StayAdvised(ask.unit)]
    if facts.fleet != board.fleet:
        raise StaleFacts
    rules = board.plan.plan.cover
    wanted = asked_drives(board, ask, question.at, facts.local_minute_of_week)
    choices = [_choice(board, board.units[name], stations, facts) for name, stations in wanted.items() if stations]
    moves = [move for one in choices if (move := _move(board, one, policy, rules, is_at_rest=ask.unit is None)) is not None]
    moves.sort(key=lambda one: (-one.gain_ppb, one.drive_ms, one.unit))
    return [*moves[:1]] or [StayAdvised(ask.unit)]


def _choice(board: Board, unit: UnitState, stations: tuple[StationId, ...], facts: Facts) -> _Choice:
    cover = board.cover.without(unit.crew) if board.cover is not None else None
    gains = cover.gains_ppb(unit.capabilities) if cover is not None else {}
    drives_ms = facts.drives_ms.get(unit.unit, {})
    own = stations.index(counts_at(board, unit) or StationId(""))
    drive_ms = [drives_ms.get(name, NO_WAY_MS) for name in stations]
    return _Choice(unit, stations, own, [gains.get(name, 0) for name in stations], drive_ms, cover)


def _move(board: Board, one: _Choice, policy: Policy, rules: CoverRules, *, is_at_rest: bool) -> MoveUpAdvised | None:
    """The unit's best move; None = it stays, or goes home."""
    if policy.returns == "compliance":
        best = table_station(_lacks(board, one), one.drive_ms, one.own)
    else:
        least_ppm = (rules.at_rest_gain_ppm or 0) if is_at_rest else rules.least_gain_ppm
        best = best_station(one.gain_ppb, one.drive_ms, one.own, rule_of(least_ppm, rules.price_ppm_per_min))
    if best == one.own:
        return None
    change_ppb = _change(one, best)
    main = max(change_ppb, key=lambda area: (change_ppb[area], area), default="")
    gain_ppb = one.gain_ppb[best] - one.gain_ppb[one.own]
    return MoveUpAdvised(
        one.unit.unit,
        one.stations[best],
        one.stations[one.own],
        policy.name,
        policy.version,
        Millis(one.drive_ms[best]),
        gain_ppb,
        change_ppb,
        (_why(one, policy, main, gain_ppb),),
        _others(one, best),
    )


def _why(one: _Choice, policy: Policy, area: str, gain_ppb: int) -> Reason:
    if policy.returns == "compliance":
        return Reason("TABLE_SHORT")
    return Reason("ADDS_COVER", area=area, ppb=gain_ppb) if one.drive_ms[one.own] != NO_WAY_MS else Reason("NO_WAY_HOME")


def _lacks(board: Board, one: _Choice) -> list[bool]:
    """By station, whether the table wants one more there than there are without this unit."""
    row = posting(board)
    there = crews_by_station(board, board.plan.plan.cover.needs if board.plan is not None else "")
    there[one.stations[one.own]] -= 1
    return [row is not None and there[name] < row.stations.count(name) for name in one.stations]


def _change(one: _Choice, best: int) -> dict[str, int]:
    if one.cover is None:
        return {}
    can = one.unit.capabilities
    gained = one.cover.gained_by_area(can, one.stations[best])
    for area, ppb in one.cover.gained_by_area(can, one.stations[one.own]).items():
        gained[area] = gained.get(area, 0) - ppb
    return {area: ppb for area, ppb in sorted(gained.items()) if ppb}


def _others(one: _Choice, best: int) -> tuple[Elsewhere, ...]:
    """The next best that would add something, too."""
    own_ppb = one.gain_ppb[one.own]
    ranked = sorted(range(len(one.stations)), key=lambda nth: (-one.gain_ppb[nth], one.drive_ms[nth], nth))
    worth = [nth for nth in ranked if nth not in (best, one.own) and one.drive_ms[nth] >= 0 and one.gain_ppb[nth] > own_ppb]
    return tuple(Elsewhere(one.stations[nth], one.gain_ppb[nth] - own_ppb, Millis(one.drive_ms[nth])) for nth in worth[:MOST_OTHERS])
