"""A log's own calls as calls of a city: the same minute, place, type and work; who goes is decided anew.

A log is lived week by week, because shifts of a city are parts of a week: each week begins on Monday at midnight with everybody at home.
What the log does not tell (how a drive goes that did not happen, how long a unit works that was not sent) is drawn, with dice of its own
for each week, so that two services live the very same calls.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, local_parts
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import (
    WEEK_MS,
    CallKind,
    City,
    CrewedUnit,
    Divert,
    HospitalSite,
    Longs,
    Roads,
    Shorts,
    StationSite,
    Window,
)
from tocsin.lab.draws import Streams
from tocsin.lab.journal.rows import OffDuty
from tocsin.lab.relived.demand import (
    as_sent,
    asked_by_plan,
    call_taking_of,
    kinds_of,
    renamed,
    weights_of,
)
from tocsin.lab.relived.past import Kinds, Past
from tocsin.lab.relived.serving import Service
from tocsin.lab.relived.week_calls import calls_of

MINUTE_MS = 60_000
WEEK_MINUTES = 10_080


class Lived(NamedTuple):
    """One week: a city as one service has it, its calls, and which rows these are."""

    city: City
    calls: Calls
    rows: Longs


# ---- who goes where


def wanted_of(past: Past, service: Service, base: Service | None = None) -> list[tuple[Slot, ...]]:
    """By row: what the plan asks, else what was sent. A slot that nobody could ever fill is left out, as it was in the log's own day.
    Those that ``base`` could fill stay where this service fills none: nobody comes, while an empty wish would take anybody."""
    asked, able, once = _asked(past, service), _able(service), _able(base or service)
    known: dict[tuple[Slot, ...], tuple[Slot, ...]] = {}
    for slots in asked:
        if slots not in known:
            known[slots] = _filled(slots, able) or _filled(slots, once)
    return [known[slots] for slots in asked]


def short_of(past: Past, base: Service, changed: Service) -> int:
    """Rows that want a unit such as nobody is any more with the changes, though they were."""
    able, once = _able(changed), _able(base)
    return sum(len(_filled(slots, able)) < len(_filled(slots, once)) for slots in _asked(past, changed))


def _asked(past: Past, service: Service) -> list[tuple[Slot, ...]]:
    return [asked_by_plan(service.plan, row, past.heard.timezone) or as_sent(row) for row in past.rows]


def _able(service: Service) -> list[frozenset[str]]:
    return [frozenset((unit.kind, *unit.capabilities)) for unit in service.units]


def _filled(slots: tuple[Slot, ...], able: Sequence[frozenset[str]]) -> tuple[Slot, ...]:
    return tuple(slot for slot in slots if _can_be_filled(slot, able))


def _can_be_filled(slot: Slot, able: Sequence[frozenset[str]]) -> bool:
    wishes = (slot.needs, *(one.needs for one in slot.alternatives))
    return any(unit >= set(needs) for needs in wishes for unit in able)


def differing(past: Past, wanted: Sequence[tuple[Slot, ...]]) -> int:
    """Rows to which another number of units was sent than is wanted."""
    return sum(
        sum(slot.count for slot in slots) != len({one.unit for one in row.sent}) for row, slots in zip(past.rows, wanted, strict=True)
    )


def kinds_for(past: Past, base: Service, changed: Service) -> Kinds:
    """By type, priority, and what either service's plan asks."""
    first, second = wanted_of(past, base), wanted_of(past, changed, base)
    pairs = dict.fromkeys(zip(first, second, strict=True))
    number = {pair: nth for nth, pair in enumerate(pairs)}
    # The pair's number stands in for its slots, so that calls are told apart by both plans at once.
    marks = {row.incident: (Slot(str(number[one, two]), ()),) for row, one, two in zip(past.rows, first, second, strict=True)}
    kinds, of_row = kinds_of(
        past.rows, past.heard.timezone, past.targets.classes, lambda row: marks[row.incident], has_hospitals=bool(past.heard.hospitals)
    )
    of_pair = list(pairs)
    slots = [of_pair[int(kind.slots[0].name)] for kind in kinds]
    width = max(sum(slot.count for slot in side) for pair in slots for side in pair)
    return Kinds(renamed(kinds, [one for one, _ in slots]), renamed(kinds, [two for _, two in slots]), of_row, max(width, 1))


# ---- week by week


def weeks(past: Past) -> Iterator[tuple[Instant, Longs]]:
    """Monday midnight of each week with calls, and its rows."""
    zone = past.heard.timezone
    begins = [
        Instant(row.arrived - local_parts(row.arrived, zone).minute_of_week * MINUTE_MS - row.arrived % MINUTE_MS) for row in past.rows
    ]
    # Hours of the week count from the first call's Monday; where clocks are set, later ones of that week lie an hour off.
    found: dict[Instant, list[int]] = {}
    for nth, begin in enumerate(begins):
        near = next((one for one in found if abs(one - begin) < WEEK_MS // 2), begin)
        found.setdefault(near, []).append(nth)
    for begin, rows in found.items():
        yield begin, np.array(rows, np.int64)


def live(past: Past, services: Sequence[tuple[Service, tuple[CallKind, ...]]], kinds: Kinds, streams: Streams) -> Iterator[list[Lived]]:
    """Each week of a log as every service has it, with the same calls and dice."""
    roads = past.drives.roads(past.ground.roads)
    for begin, rows in weeks(past):
        calls = calls_of(past, kinds, rows, begin, Streams(streams.seed, streams.replication))
        yield [Lived(_city(past, service, own, roads, begin), calls, rows) for service, own in services]


def _city(past: Past, service: Service, kinds: tuple[CallKind, ...], roads: Roads, begin: Instant) -> City:
    ground, heard = past.ground, past.heard
    areas, place_area = _areas(past)
    return City(
        name=heard.name or heard.centre,
        timezone=heard.timezone,
        place_lon=ground.lon,
        place_lat=ground.lat,
        place_area=place_area,
        areas=areas,
        roads=roads,
        place_weights=weights_of(past.rows, past.place, ground.size, past.targets.classes),
        priorities=past.targets.classes,
        kinds=kinds,
        stations=tuple(StationSite(one.name, one.place, one.is_open) for one in service.stations),
        hospitals=tuple(HospitalSite(one.name, ground.stations + nth) for nth, one in enumerate(heard.hospitals)),
        units=_units(past, service, begin),
        turnouts=past.turnouts,
        diverts=_diverts(past, service),
        call_taking=call_taking_of(past.rows),
        travel_spread=past.drives.lights.spread,
        postings=service.plan.cover.table if service.plan is not None else (),
        posting_needs=service.plan.cover.needs if service.plan is not None else "",
    )


def _areas(past: Past) -> tuple[tuple[str, ...], Shorts]:
    """By place the area that most of its calls name; of a place without calls the nearest call's."""
    names = tuple(sorted({row.area for row in past.rows}))
    index = {name: nth for nth, name in enumerate(names)}
    counts = np.zeros((past.ground.size, len(names)), np.int64)
    for row, place in zip(past.rows, past.place.tolist(), strict=True):
        counts[place, index[row.area]] += 1
    area = counts.argmax(axis=1)
    without = np.flatnonzero(counts.sum(axis=1) == 0)
    called = np.flatnonzero(counts.sum(axis=1) > 0)
    lon, lat = past.ground.lon, past.ground.lat
    for place in without.tolist():
        away = (lon[called] - lon[place]) ** 2 + (lat[called] - lat[place]) ** 2
        area[place] = area[called[int(np.argmin(away))]]
    return names, area.astype(np.int16)


def _diverts(past: Past, service: Service) -> tuple[Divert, ...]:
    rank = {one.name: nth for nth, one in enumerate(past.targets.classes)}
    rules = service.plan.diverts if service.plan is not None else ()
    return tuple(
        Divert(rank[rule.from_priority], rank[rule.to_priority], rule.min_gain_s * 1000, rule.not_within_s * 1000)
        for rule in rules
        if rule.from_priority in rank and rule.to_priority in rank
    )


def _units(past: Past, service: Service, begin: Instant) -> tuple[CrewedUnit, ...]:
    """Those that are on duty at some time of the week."""
    found = []
    for unit in service.units:
        shifts = shifts_of(past.heard.off_duty.get(UnitId(unit.name), ()), begin)
        if shifts is not None:
            found.append(CrewedUnit(unit.name, unit.station, unit.kind, unit.capabilities, unit.crew, shifts))
    return tuple(found)


def shifts_of(off_duty: Sequence[OffDuty], begin: Instant) -> tuple[Window, ...] | None:
    """Parts of the week that begins then in which a unit was in service, in whole minutes; () = all of it, None = none of it."""
    windows, at = [], 0
    for off in off_duty:
        first = max((off.begins - begin) // MINUTE_MS, 0)
        last = WEEK_MINUTES if off.until is None else -((begin - off.until) // MINUTE_MS)
        if first >= WEEK_MINUTES or last <= 0:
            continue
        if first > at:
            windows.append(Window(at, first))
        at = max(at, min(last, WEEK_MINUTES))
    if at == 0 and not windows:
        return ()
    if at < WEEK_MINUTES:
        windows.append(Window(at, WEEK_MINUTES))
    return tuple(windows) or None
