"""A small town on the equator and a log of its calls, to be lived again: what is written is what happened.

A hundredth of a degree is 1,113 m; at 20 mph along straight lines that takes 125 s. The log begins on Wednesday 1 July 2026, 00:00 in
Santiago (04:00 UTC).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from report_shift import moment, shift
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, StationId, UnitId
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.lab.draws import Streams
from tocsin.lab.journal.fold import hear
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.demand import targets_of
from tocsin.lab.relived.ground import ground_of, straight_roads
from tocsin.lab.relived.past import Past, past_of
from tocsin.lab.relived.serving import Service, service_of, stations_of
from tocsin.lab.relived.weeks import Lived, kinds_for, live

LINE = {"A": 0.0, "B": 5.0, "C": 10.0}
"""Stations, in hundredths of a degree east of the town's corner."""

MIDNIGHT_S = 4 * 3600
"""Of the centre's wall, in seconds of the UTC day."""


class Told(NamedTuple):
    """One call and the unit that went, in seconds; None = it did not come so far."""

    at_s: int
    east: float
    """In hundredths of a degree."""
    unit: str
    area: str = "west"
    priority: str = "P1"
    kind: str = "fire"
    told_s: int = 60
    """After the call's opening: when the unit was sent."""
    turnout_s: int | None = 50
    drive_s: int | None = 250
    scene_s: int = 600
    north: float = 0.0


def at(east: float, north: float = 0.0) -> LonLat:
    return LonLat(round(east / 100, 6), round(north / 100, 6))


def clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def lines_of(nth: int, one: Told) -> list[tuple[int, str]]:
    name, unit = f"I{nth:03d}", one.unit
    called = MIDNIGHT_S + one.at_s
    told = called + one.told_s
    place = at(one.east, one.north)
    found = [
        (called, f"open {name} {one.kind} {one.priority}"),
        (called, f"place {name} {place.lon} {place.lat} {one.area}"),
        (told, f"send {name} {unit}"),
    ]
    if one.turnout_s is None:
        return [*found, (told + 200, f"{unit} off {name}")]
    found.append((told + one.turnout_s, f"{unit} en_route {name}"))
    if one.drive_s is None:
        return [*found, (told + one.turnout_s + 200, f"{unit} off {name}")]
    there = told + one.turnout_s + one.drive_s
    return [*found, (there, f"{unit} on_scene {name}"), (there + one.scene_s, f"{unit} clear {name}")]


def records_of(calls: Sequence[Told], units: Mapping[str, tuple[str, str]], stations: Mapping[str, float] = LINE) -> list[Record]:
    """``units``: name → kind and station; a station that is not there: the unit has none."""
    said = sorted((line for nth, one in enumerate(calls) for line in lines_of(nth, one)), key=lambda line: line[0])
    records = shift("\n".join(f"{clock(second)} {what}" for second, what in said))
    opening: list[Event] = [StationOpened(StationId(name), name, Place(at(east))) for name, east in stations.items()]
    opening += [UnitEnrolled(UnitId(name), kind, (), StationId(home)) for name, (kind, home) in units.items()]
    first = records[0].at
    head = [Record("t", first, first, first, "t", CommandId(f"head{nth}"), 1, event) for nth, event in enumerate(opening)]
    return [records[0], *head, *records[1:]]


def past_of_town(
    calls: Sequence[Told],
    units: Mapping[str, tuple[str, str]],
    *,
    stations: Mapping[str, float] = LINE,
    plan: ResponsePlan | None = None,
    asked_s: Mapping[str, int] | None = None,
) -> Past:
    heard: Heard = hear(records_of(calls, units, stations))._replace(plan=plan)
    ground = ground_of(heard, [one.at for one in stations_of(heard)], straight_roads)
    return past_of(heard, [], ground, targets_of(heard.rows, plan, heard.timezone, asked_s or {}))


def service(past: Past, policy: str = "closest") -> Service:
    return service_of(past.heard, [], stations_of(past.heard), past.ground)._replace(policy=policy)


def one_week(past: Past, *services: Service, seed: int = 1) -> list[Lived]:
    """The only week of a log as each service has it."""
    kinds = kinds_for(past, services[0], services[-1])
    (week,) = list(live(past, [(one, kinds.base) for one in services], kinds, Streams(seed, 0)))
    return week


def began() -> int:
    """Midnight of the centre's wall, as an instant."""
    return moment("04:00:00")
