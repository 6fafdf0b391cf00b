"""The San Francisco log told as journal records straight from the CSV: no importer, no desk. For tests of the views only."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, from_local
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitsDispatched
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.centre import CentreOpened, LogImported
from tocsin.core.messages.incident import IncidentClosed, IncidentOpened
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import STATUS, Phase, UnitEnrolled, UnitStatusChanged

ZONE = "America/Los_Angeles"
LOG = "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz"
PHASES: tuple[tuple[str, Phase], ...] = (
    ("Response DtTm", "en_route"),
    ("On Scene DtTm", "on_scene"),
    ("Transport DtTm", "transporting"),
    ("Hospital DtTm", "at_hospital"),
)


def at_of(text: str) -> Instant:
    return from_local(text, layout="%m/%d/%Y %I:%M:%S %p", zone=ZONE)


def point_of(text: str) -> LonLat:
    lat, lon = text.strip("()").split(",")
    return LonLat(float(lon), float(lat))


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def events_of(rows: list[dict[str, str]]) -> Iterator[tuple[Instant, int, Event]]:
    """When, rank at that moment, what."""
    by_call: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_call.setdefault(row["Call Number"], []).append(row)
    for number, group in by_call.items():
        first = min(group, key=lambda row: int(row["Unit sequence in call dispatch"] or 0))
        call, incident = CallId(number), IncidentId(number)
        place = Place(point_of(first["Location"]), first["Address"], first["Station Area"], first["Battalion"])
        received = at_of(first["Received DtTm"])
        yield received, 0, CallReceived(call, received)
        yield at_of(first["Entry DtTm"]), 1, IncidentOpened(incident, first["Call Type"], first["Final Priority"], place, (call,))
        ends = []
        for row in group:
            unit = UnitId(row["Unit ID"])
            dispatched = at_of(row["Dispatch DtTm"])
            yield dispatched, 2, UnitsDispatched(incident, (unit,))
            for column, phase in PHASES:
                if row[column]:
                    yield max(at_of(row[column]), dispatched), 3, UnitStatusChanged(unit, STATUS[phase], incident)
            ends.append(at_of(row["Available DtTm"]) if row["Available DtTm"] else dispatched)
            yield ends[-1], 4, UnitCleared(incident, unit) if row["On Scene DtTm"] else AssignmentCancelled(incident, unit)
        yield max(ends), 5, IncidentClosed(incident, first["Call Final Disposition"])


def records_of(path: Path) -> list[Record]:
    """A journal without its questions."""
    rows = rows_of(path)
    happened = sorted(events_of(rows), key=lambda one: one[:2])
    start = happened[0][0]
    head: list[Event] = [
        CentreOpened("san-francisco", "San Francisco Fire Department", ZONE, "imported", ("DataSF, ODC PDDL",)),
        LogImported(path.name, "97ba824f", len(rows), len(rows), {}, {"hospital_before_transport": 13}),
    ]
    middle: dict[str, list[LonLat]] = {}
    for row in rows:
        middle.setdefault(row["Station Area"], []).append(point_of(row["Location"]))
    for area, points in sorted(middle.items()):
        centre = LonLat(sum(point.lon for point in points) / len(points), sum(point.lat for point in points) / len(points))
        head.append(StationOpened(StationId(f"S{area}"), f"Station {area}", Place(centre, area=area)))
    kinds = {row["Unit ID"]: row["Unit Type"] for row in rows}
    head.extend(UnitEnrolled(UnitId(unit), kind.lower(), ()) for unit, kind in sorted(kinds.items()))
    whole = [(start, event) for event in head] + [(at, event) for at, _, event in happened]
    return [Record("centre", at + 1, when, when, "log", CommandId(str(at)), 1, event) for at, (when, event) in enumerate(whole)]
