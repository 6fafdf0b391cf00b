"""A city and its calls as bare arrays for the compiled engine, and its outcome back. Prepared with the plain engine's own parts."""

import numpy as np
from numpy.typing import NDArray

from tocsin.core.engine.cover import MOST_COUNTED, worth_ppb
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import Policy
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import Covering
from tocsin.lab.city.model import WEEK_MS, City, Longs
from tocsin.lab.kernel import arrays, loop
from tocsin.lab.outcome import NOT_YET_MS, Outcome
from tocsin.lab.plain.drives import Drives, nearest_of
from tocsin.lab.plain.duty import MINUTE_MS, TAIL_MS, boundaries, is_within
from tocsin.lab.plain.engine import most_queued, transporting
from tocsin.lab.plain.fleet import Fleet
from tocsin.lab.turned import turned

NOT_ALLOWED = -1


def run_compiled(city: City, calls: Calls, policy: Policy, cover: Covering, rule: MoveUpRule) -> Outcome:
    """Run all calls to their end. Only for what ``run.has_twin`` says can be run so."""
    fleet = Fleet(city, Drives(city), policy, cover, rule)
    world = _world(city, calls, policy, fleet, rule)
    state = _state(city, calls, fleet, world)
    loop.run_all(world, state)
    u, c, s = state.u, state.c, state.s
    return Outcome(
        first_unit=c[arrays.C_FIRST].astype(np.int32),
        on_scene_ms=c[arrays.C_ON_SCENE_MS].copy(),
        full_ms=c[arrays.C_FULL_MS].copy(),
        sent=c[arrays.C_SENT].astype(np.int32),
        busy_ms=u[arrays.BUSY_MS].copy(),
        return_ms=u[arrays.RETURN_MS].copy(),
        moves=u[arrays.MOVES].astype(np.int32),
        overrun_ms=u[arrays.OVERRUN_MS].copy(),
        diverted=int(s[arrays.DIVERTED]),
        longest_queue=int(s[arrays.LONGEST]),
        ended_ms=int(s[arrays.NOW_MS]),
        is_overloaded=bool(s[arrays.IS_OVERLOADED]),
    )


def _world(city: City, calls: Calls, policy: Policy, fleet: Fleet, rule: MoveUpRule) -> arrays.World:
    by_rank = np.lexsort((np.arange(calls.size), calls.ready_ms, calls.told_priority))
    order = np.lexsort((np.arange(calls.size), calls.ready_ms))
    last_ms = int(calls.ready_ms[order[-1]]) if calls.size else 0
    gain_ms, within_ms = _diverts(city)
    rows = _cover_rows(fleet)
    roads = turned(city.roads)
    slower = [(one.begins_ms, one.until_ms, one.subject) for one in city.happenings if one.what == "slower"]
    weighs = [int(fleet.cover is not None and policy.weighs_cover(is_urgent=one.is_urgent)) for one in city.priorities]
    return arrays.World(
        lights_ms=roads.lights_ms,
        normal_ms=roads.normal_ms,
        lights_via=roads.lights_via,
        normal_via=roads.normal_via,
        station_place=_longs(fleet.station_places),
        is_open=_longs(fleet.is_open),
        station_row=_longs(fleet.station_rows),
        hospital_place=_longs([one.place for one in city.hospitals]),
        bays=_longs([one.bays for one in city.hospitals]),
        nearest_hospital=_longs(nearest_of(city.roads, [one.place for one in city.hospitals])),
        hours=_longs(city.travel_ppm),
        slower=_longs(slower).reshape(-1, 3),
        priorities=_longs([(one.is_urgent, one.target_ms, flag) for one, flag in zip(city.priorities, weighs, strict=True)]),
        divert_gain_ms=gain_ms,
        divert_within_ms=within_ms,
        timeline=_timeline(city, last_ms + TAIL_MS),
        order=order.astype(np.int64),
        by_rank=by_rank.astype(np.int64),
        turnout_ms=np.ascontiguousarray(calls.turnout_ms.reshape(calls.size, 2 * len(city.turnouts)), np.int64),
        settings=_longs(
            (
                policy.may_divert,
                policy.returns == "dmexclp",
                fleet.cover is not None,
                rule.least_gain_ppb,
                rule.price_ppb_per_s,
                most_queued(len(city.units)),
                policy.sure_permille,
            )
        ),
        rows_from=rows[0],
        rows=rows[1],
        stations_from=rows[2],
        stations=rows[3],
        worth=rows[4],
    )


def _state(city: City, calls: Calls, fleet: Fleet, world: arrays.World) -> arrays.State:
    u = np.zeros((arrays.UNIT_ROWS, len(fleet.units)), np.int64)
    can = transporting(fleet.units)
    for unit in fleet.units:
        column = u[:, unit.index]
        column[arrays.HOME], column[arrays.TURNOUT] = fleet.home_of(unit), unit.turnout
        column[arrays.AT_STATION_MS], column[arrays.ON_ROAD_MS] = unit.at_station_ms, unit.on_road_ms
        column[arrays.OFFSET_MS], column[arrays.COST_MS], column[arrays.IS_COUNTED] = unit.offset_ms, unit.cost_ms, unit.is_counted
        column[arrays.CAN_TRANSPORT], column[arrays.IS_ON_SHIFT] = can[unit.index], is_within(unit.crewed.shifts, 0)
        column[arrays.PLACE] = column[arrays.AT] = unit.place
    u[[arrays.CALL, arrays.HOSPITAL, arrays.COUNTS_AT, arrays.SHIFT_ENDED_MS]] = arrays.NOWHERE
    u[[arrays.EVENT_MS, arrays.RETURNS_SINCE_MS]] = arrays.FOREVER_MS
    u[arrays.MODE] = arrays.STANDS
    hospitals, stations = max(len(city.hospitals), 1), len(world.rows_from) - 1
    gain_ppb = np.zeros(stations, np.int64) if fleet.cover is None else _longs(fleet.cover.gain_ppb)
    return arrays.State(
        u=u,
        c=_calls(calls, world),
        s=np.zeros(7, np.int64),
        queue=np.zeros(int(world.settings[arrays.MOST_QUEUED]) + 2, np.int64),
        in_bay=np.zeros(hospitals, np.int64),
        before_bay=np.zeros((hospitals, len(fleet.units)), np.int64),
        before=np.zeros(hospitals, np.int64),
        counts=np.zeros(len(world.worth), np.int64),
        gain_ppb=gain_ppb,
        loss_ppb=np.zeros(stations, np.int64),
    )


def _calls(calls: Calls, world: arrays.World) -> NDArray[np.int64]:
    c = np.zeros((arrays.CALL_ROWS, calls.size), np.int64)
    c[arrays.C_AT_MS], c[arrays.C_READY_MS], c[arrays.C_TOLD], c[arrays.C_PLACE] = (
        calls.at_ms,
        calls.ready_ms,
        calls.told_priority,
        calls.place,
    )
    c[arrays.C_SCENE_MS], c[arrays.C_IS_TRANSPORT] = calls.on_scene_ms[:, 0], calls.is_transport
    c[arrays.C_HANDOVER_MS], c[arrays.C_PPM] = calls.handover_ms, calls.travel_ppm
    c[arrays.C_RANK][world.by_rank] = np.arange(calls.size)
    c[[arrays.C_FIRST, arrays.C_ON_SCENE_MS, arrays.C_FULL_MS]] = NOT_YET_MS
    return c


def _diverts(city: City) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    gain_ms = np.full((len(city.priorities), len(city.priorities)), NOT_ALLOWED, np.int64)
    within_ms = gain_ms.copy()
    for one in city.diverts:
        if one.higher < one.lower:
            gain_ms[one.higher, one.lower], within_ms[one.higher, one.lower] = one.least_gain_ms, one.not_within_ms
    return gain_ms, within_ms


def _timeline(city: City, until_ms: int) -> NDArray[np.int64]:
    """Shifts week by week, and the moments at which something else begins or ends, in the order in which the plain engine meets them."""
    moments = {(moment, 0, 0, -1) for one in city.happenings for moment in (one.begins_ms, one.until_ms)}
    for unit, crewed in enumerate(city.units):
        for minute in boundaries(crewed.shifts):
            is_on_shift = is_within(crewed.shifts, minute * MINUTE_MS)
            moments |= {(at_ms, 1, unit, int(is_on_shift)) for at_ms in range(minute * MINUTE_MS, until_ms + 1, WEEK_MS)}
    return _longs([(at_ms, unit, what) for at_ms, _, unit, what in sorted(moments)]).reshape(-1, 3)


def _cover_rows(fleet: Fleet) -> tuple[Longs, Longs, Longs, Longs, NDArray[np.int64]]:
    """Rows by station and stations by row, one after the other with where each begins; and what each unit more is worth."""
    if fleet.cover is None:
        nothing = np.zeros(0, np.int64)
        return np.zeros(1, np.int64), nothing, np.zeros(1, np.int64), nothing, np.zeros((0, 1), np.int64)
    model = fleet.cover.model
    by_station: list[list[int]] = [[] for _ in model.stations]
    for nth, row in enumerate(model.rows):
        for station in row.stations:
            by_station[station].append(nth)
    worth = _longs([worth_ppb(row.weight_ppb, model.busy_ppm) for row in model.rows]).reshape(-1, MOST_COUNTED + 1)
    return *_one_after_the_other(by_station), *_one_after_the_other([list(row.stations) for row in model.rows]), worth


def _one_after_the_other(lists: list[list[int]]) -> tuple[Longs, Longs]:
    begins = np.cumsum([0, *map(len, lists)])
    return begins.astype(np.int64), _longs([one for some in lists for one in some])


def _longs(numbers: object) -> NDArray[np.int64]:
    return np.ascontiguousarray(np.array(numbers, np.int64))
