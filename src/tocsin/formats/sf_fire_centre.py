"""A centre that could have answered the San Francisco log: stations, units, run cards and turnout as the log's habit shows them. Pure.

What is estimated is said: in the station's name, and as an assumption of the answer.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import mean, median
from typing import NamedTuple

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import span_ms
from tocsin.base.quantities import Metres
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import IncidentType, ResponsePlan, Turnout
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.centre import Centre
from tocsin.formats.delimited import lines_of, read_table
from tocsin.formats.fleet_files import read_point
from tocsin.formats.import_answer import Assumption
from tocsin.formats.run_cards import MIN_CALLS, MIN_SHARE, FirstAlarm, Inferred, Support, infer_cards
from tocsin.formats.sf_fire_calls import MOST_URGENT, LogCall
from tocsin.formats.sf_fire_rows import LogRow
from tocsin.formats.slug import slug

CAPABILITIES: dict[str, tuple[str, ...]] = {
    "engine": ("pump",),
    "truck": ("ladder",),
    "rescue-squad": ("rescue",),
    "medic": ("ambulance", "transport"),
    "private": ("ambulance", "transport"),
    "chief": ("command",),
    "rescue-captain": ("ems-command",),
}
"""Kind → what such a unit can do besides being of its kind, which every unit can; ``als`` is added where the log says so."""

ROLES = {"medic": "ambulance", "private": "ambulance"}
"""Kinds that stand in for one another."""

WINDOW_S = 60
"""Units told within this time of the first one are the initial dispatch."""

MAX_TURNOUT_S = 600
"""A longer time from dispatch to response is a forgotten button, not a turnout."""

NEAR_RUN_S = 150
"""A run this short begins near its end; a unit whose short runs end in one station's area waits there."""

MIN_NEAR_RUNS = 5
MIN_AREAS = 10
"""A log of fewer station areas shows a corner of the city, and every unit's short runs end in it."""

_ESTIMATED_HOMES = frozenset({"chief", "rescue-captain", "rescue-squad", "support"})
_NUMBERED = re.compile(r"[ET](\d{1,2})", re.ASCII)


class CentreHead(msgspec.Struct, frozen=True):
    """What a log cannot say of its centre."""

    id: str = "san-francisco-fire"
    name: str = "San Francisco Fire Department (imported log)"
    region: str = ""
    language: str = "en"
    attribution: tuple[str, ...] = ("City and County of San Francisco, DataSF: Fire Department Calls for Service",)


class LogCentre(NamedTuple):
    """The centre, the support of its cards by name, and what was assumed."""

    centre: Centre
    support: dict[str, Support]
    assumptions: list[Assumption]


def centre_of(calls: list[LogCall], zone: str, head: CentreHead, stations: str | None = None, file: str = "") -> LogCentre:
    """The centre of a log. ``stations`` is the text of a table with columns station, lat, lon and perhaps address.

    Raises BadInput ``table_empty``, ``table_broken``, ``table_column_missing``, ``coordinate_number``, ``coordinate_range``,
    ``coordinates_swapped`` for that table.
    """
    said: list[Assumption] = []
    opened = _stations(calls, _read_places(stations, file) if stations is not None else {}, said)
    rows = [row for call in calls for row in call.rows]
    units = _units(calls, rows, {station.station for station in opened}, said)
    kinds = {unit.unit: unit.kind for unit in units}
    inferred = _cards(calls, kinds)
    said.append(Assumption("run_cards", {"window_s": str(WINDOW_S), "share": f"{MIN_SHARE:.0%}", "calls": str(MIN_CALLS)}))
    plan = ResponsePlan(
        name=f"{head.id}-habit",
        priorities=_priorities(calls),
        incident_types=_types(calls),
        cards=inferred.cards,
        turnouts=_turnouts(rows, units),
    )
    said.append(Assumption("turnout", {"max_s": str(MAX_TURNOUT_S)}))
    centre = Centre(head.id, head.name, zone, plan, "imported", head.region, head.language, head.attribution, tuple(opened), tuple(units))
    return LogCentre(centre, inferred.support, said)


def _read_places(text: str, file: str) -> dict[str, tuple[LonLat | None, str]]:
    """Station → its point, if it has one, and its address."""
    table = read_table(lines_of(text), file=file)
    header = [name.strip().lower() for name in table.header]
    for column in ("station", "lat", "lon"):
        if column not in header:
            raise BadInput("table_column_missing", file=file, line=table.line, field=column, column=column, header=", ".join(table.header))
    places: dict[str, tuple[LonLat | None, str]] = {}
    for line, fields in table.rows:
        row = dict(zip(header, fields, strict=False))
        problems: list[BadInput] = []
        is_placed = bool(row.get("lon") or row.get("lat"))
        point = read_point(row, file, line, problems) if is_placed else None
        if problems:
            raise problems[0]
        places[_two_digits(row["station"])] = (point, row.get("address", ""))
    return places


def _two_digits(number: str) -> str:
    return number.zfill(2) if number.isdigit() else number


def _stations(calls: list[LogCall], given: Mapping[str, tuple[LonLat | None, str]], said: list[Assumption]) -> list[OpenStation]:
    """Stations of the table and of the log's station areas; one without a place stands amid its area's calls, and says so."""
    points: dict[str, list[LonLat]] = {}
    for call in calls:
        if call.place.area and call.place.at is not None:
            points.setdefault(call.place.area, []).append(call.place.at)
    opened, estimated, placeless = [], [], []
    for number in sorted({*given, *points}):
        at, address = given.get(number, (None, ""))
        if at is not None:
            opened.append(OpenStation(StationId(number), f"Station {number}", Place(at, address, number)))
        elif number in points:
            middle, off_m = _middle(points[number])
            place = Place(middle, address, number, uncertainty_m=off_m)
            opened.append(OpenStation(StationId(number), f"Station {number} (estimated)", place))
            estimated.append(number)
        else:
            placeless.append(number)
    for code, numbers in (("stations_estimated", estimated), ("stations_placeless", placeless)):
        if numbers:
            said.append(Assumption(code, {"stations": ", ".join(numbers)}))
    return opened


def _middle(points: list[LonLat]) -> tuple[LonLat, Metres]:
    """The median place, and the median length from it in whole metres."""
    middle = LonLat(round(median(point.lon for point in points), 6), round(median(point.lat for point in points), 6))
    return middle, Metres(float(round(median(flat_distance_m(start=middle, end=point) for point in points))))


def _units(calls: list[LogCall], rows: list[LogRow], stations: set[StationId], said: list[Assumption]) -> list[EnrolUnit]:
    types: dict[str, Counter[str]] = {}
    als: dict[str, list[bool]] = {}
    for row in rows:
        types.setdefault(row.unit, Counter())[slug(row.unit_type) if row.unit_type else "unit"] += 1
        als.setdefault(row.unit, []).append(row.is_als)
    near = _near_areas(calls)
    units, estimated, homeless = [], [], []
    for unit in sorted(types):
        kind = min(types[unit].items(), key=lambda item: (-item[1], item[0]))[0]
        home = _home_by_number(unit, stations)
        if home is None and kind in _ESTIMATED_HOMES and near.get(unit) in stations:
            home = StationId(near[unit])
            estimated.append(f"{unit} → {home}")
        if home is None:
            homeless.append(unit)
        can = (kind, *CAPABILITIES.get(kind, ()), *(("als",) if sum(als[unit]) * 2 >= len(als[unit]) else ()))
        units.append(EnrolUnit(UnitId(unit), kind, tuple(dict.fromkeys(can)), home))
    said.append(Assumption("homes_by_number"))
    if estimated:
        said.append(Assumption("homes_estimated", {"units": ", ".join(estimated), "runs": str(MIN_NEAR_RUNS), "within_s": str(NEAR_RUN_S)}))
    if homeless:
        said.append(Assumption("homes_none", {"count": str(len(homeless))}))
    said.append(Assumption("capabilities"))
    return units


def _home_by_number(unit: str, stations: set[StationId]) -> StationId | None:
    """Engines and trucks bear their station's number: E03 waits at station 03."""
    found = _NUMBERED.fullmatch(unit)
    home = StationId(_two_digits(found[1])) if found else None
    return home if home in stations else None


def _near_areas(calls: list[LogCall]) -> dict[str, str]:
    """Unit → the one station area in which more than half of its short runs end, if there are enough of them."""
    ends: dict[str, Counter[str]] = {}
    for call in calls:
        for row in call.rows:
            if "response" in row.stamps and "on_scene" in row.stamps:
                run_ms = span_ms(start=row.stamps["response"], end=row.stamps["on_scene"])
                # A run of a second or two is a button pressed late, not a short way.
                if 5_000 < run_ms <= NEAR_RUN_S * 1000:
                    ends.setdefault(row.unit, Counter())[call.place.area] += 1
    found = {}
    for unit, areas in ends.items():
        area, runs = areas.most_common(1)[0]
        if runs >= MIN_NEAR_RUNS and runs * 2 > areas.total():
            found[unit] = area
    return found if len({call.place.area for call in calls}) >= MIN_AREAS else {}


def _cards(calls: list[LogCall], kinds: Mapping[UnitId, str]) -> Inferred:
    alarms = []
    for call in calls:
        told = min(row.stamps["dispatch"] for row in call.rows)
        first = (row for row in call.rows if span_ms(start=told, end=row.stamps["dispatch"]) <= WINDOW_S * 1000)
        alarms.append(FirstAlarm(call.incident_type, call.priority, tuple(kinds[UnitId(row.unit)] for row in first)))
    return infer_cards(alarms, ROLES)


def _priorities(calls: Iterable[LogCall]) -> tuple[str, ...]:
    """Most urgent first: lights and sirens, then what is neither 3 nor 2, then the rest."""
    found = {call.priority for call in calls}
    return tuple(sorted(found, key=lambda priority: (priority != MOST_URGENT, priority == "2", priority)))


def _types(calls: Iterable[LogCall]) -> tuple[IncidentType, ...]:
    names: dict[str, str] = {}
    for call in calls:
        names.setdefault(call.incident_type, call.type_name)
    return tuple(IncidentType(code, names[code] or code, _discipline(names[code])) for code in sorted(names))


_DISCIPLINES = (
    ("medical", "medical"),
    ("hazmat", "gas leak", "fuel spill", "odor", "hazmat", "hazardous", "explosion"),
    ("rescue", "rescue", "collision", "extrication", "confined space", "high angle"),
    ("fire", "fire", "alarm", "smoke", "electrical", "burn"),
)
"""Discipline, then the words in a call type's name that tell it, the first that fits counting; a type that none fits has none."""


def _discipline(type_name: str) -> str:
    name = type_name.lower()
    return next((discipline for discipline, *words in _DISCIPLINES if any(word in name for word in words)), "")


def _turnouts(rows: list[LogRow], units: list[EnrolUnit]) -> tuple[Turnout, ...]:
    """Mean time from dispatch to response by kind. A kind that waits nowhere fixed was measured on the road: so it counts there."""
    kinds = {unit.unit: unit.kind for unit in units}
    housed = {unit.kind for unit in units if unit.station is not None}
    spans: dict[str, list[float]] = {}
    for row in rows:
        if "response" in row.stamps:
            span_s = span_ms(start=row.stamps["dispatch"], end=row.stamps["response"]) / 1000
            if 0 <= span_s <= MAX_TURNOUT_S:
                spans.setdefault(kinds[UnitId(row.unit)], []).append(span_s)
    everyone = [span_s for found in spans.values() for span_s in found]
    turnouts = []
    for kind, found in [*sorted(spans.items()), *([("*", everyone)] if everyone else [])]:
        at_station_s = round(mean(found))
        turnouts.append(Turnout(kind, at_station_s, 0 if kind in housed or kind == "*" else at_station_s))
    return tuple(turnouts)
