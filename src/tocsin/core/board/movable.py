"""Who may be asked to cover elsewhere, and which stations are looked at: what facts are gathered for, and what the rule goes by."""

from collections.abc import Iterator

from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import MINUTES_PER_DAY, Instant
from tocsin.core.board.board import Board
from tocsin.core.board.counting import counts_at, crews_by_station, moves_within_hour
from tocsin.core.board.unit import MINUTE_MS, UnitState
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.plan import CoverRules, Posting

MOST_AT_REST = 8
"""Units that stand at stations and are looked at after a dispatch: one of each station, those that are missed least first."""
MOST_STATIONS = 3
"""Stations that are looked at for them, those where one more is worth most first."""


def moving_policy(board: Board) -> Policy | None:
    """The centre's policy, if it sends units elsewhere than home and what it goes by is there; None = nobody is ever advised to move."""
    policy = POLICIES.get(board.plan.plan.policy) if board.plan is not None else None
    if policy is None or board.plan is None or policy.returns == "home":
        return None
    has_ground = bool(board.plan.plan.cover.table) if policy.returns == "compliance" else board.cover is not None
    return policy if has_ground else None


def may_move(board: Board, unit: UnitState, at: Instant) -> bool:
    """Free, one's own, counts somewhere, and has not been ordered about enough within the hour."""
    if board.plan is None or unit.agency in {aid.agency for aid in board.plan.plan.aids} or board.find_crew_mate_out(unit) is not None:
        return False
    return counts_at(board, unit) is not None and moves_within_hour(unit, at) < board.plan.plan.cover.moves_per_hour


def asked_drives(board: Board, ask: AdviseMoveUps, at: Instant, minute_of_week: int | None) -> dict[UnitId, tuple[StationId, ...]]:
    """Of which units the drives to which stations have to be known; by unit id and in the order in which stations are weighed."""
    policy = moving_policy(board)
    if policy is None or board.plan is None:
        return {}
    rules = board.plan.plan.cover
    if ask.unit is not None:
        unit = board.units.get(ask.unit)
        if unit is None or not may_move(board, unit, at):
            return {}
        is_meant = policy.returns != "compliance" or not rules.needs or rules.needs in unit.capabilities
        return {ask.unit: _stations(board, unit, policy)} if is_meant else {}
    if rules.at_rest_gain_ppm is None or _is_rest(rules, minute_of_week):
        return {}
    units = list(_at_rest(board, policy, at))
    return {unit.unit: _worth_most(board, unit, policy) for unit in sorted(units, key=lambda one: one.unit)}


def _is_rest(rules: CoverRules, minute_of_week: int | None) -> bool:
    if rules.rest_from_minute is None or rules.rest_to_minute is None or minute_of_week is None:
        return False
    minute = minute_of_week % MINUTES_PER_DAY
    if rules.rest_from_minute < rules.rest_to_minute:
        return rules.rest_from_minute <= minute < rules.rest_to_minute
    return minute >= rules.rest_from_minute or minute < rules.rest_to_minute


def _stations(board: Board, unit: UnitState, policy: Policy) -> tuple[StationId, ...]:
    """Open ones at which it could count, with the one at which it does; none where that is not among them."""
    if policy.returns == "compliance":
        names = dict.fromkeys((*_wanted(board), counts_at(board, unit) or StationId("")))
    else:
        names = dict.fromkeys(board.cover.stations_for(unit.capabilities) if board.cover is not None else ())
    known = tuple(name for name in names if name in board.stations and board.stations[name].is_open)
    return known if counts_at(board, unit) in known else ()


def posting(board: Board) -> Posting | None:
    """The row of the compliance table that holds now."""
    if board.plan is None:
        return None
    rules = board.plan.plan.cover
    free = crews_by_station(board, rules.needs).total()
    return max((row for row in rules.table if row.free <= free), key=lambda row: row.free, default=None)


def _wanted(board: Board) -> tuple[StationId, ...]:
    row = posting(board)
    return row.stations if row is not None else ()


def _at_rest(board: Board, policy: Policy, at: Instant) -> Iterator[UnitState]:
    """One of each station, that has stood there for long enough."""
    if board.plan is None:
        return
    rules = board.plan.plan.cover
    by_station: dict[StationId, UnitState] = {}
    for name, unit in sorted(board.units.items()):
        if unit.phase == "at_station" and at - unit.since >= rules.stay_min * MINUTE_MS and may_move(board, unit, at):
            station = counts_at(board, unit)
            if station is not None and name not in board.move_advice:
                by_station.setdefault(station, unit)
    if policy.returns == "compliance":
        there, wanted = crews_by_station(board, rules.needs), _wanted(board)
        spare = [unit for station, unit in by_station.items() if there[station] > wanted.count(station)]
        yield from [unit for unit in spare if not rules.needs or rules.needs in unit.capabilities][:MOST_AT_REST]
    elif board.cover is not None:
        cover = board.cover
        yield from sorted(by_station.values(), key=lambda unit: (cover.loss_ppb(unit.crew), unit.unit))[:MOST_AT_REST]


def _worth_most(board: Board, unit: UnitState, policy: Policy) -> tuple[StationId, ...]:
    """The few stations where one more of its kind is worth most, and its own."""
    stations = _stations(board, unit, policy)
    own = counts_at(board, unit)
    if policy.returns == "compliance" or board.cover is None:
        there = crews_by_station(board, board.plan.plan.cover.needs if board.plan is not None else "")
        lacking = [name for name in stations if name != own and there[name] < _wanted(board).count(name)]
    else:
        gains = board.cover.gains_ppb(unit.capabilities)
        lacking = sorted((name for name in stations if name != own), key=lambda name: (-gains[name], name))
    return (*lacking[:MOST_STATIONS], own) if stations and own is not None else ()
