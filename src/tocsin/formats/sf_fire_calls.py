"""Rows of the San Francisco log gathered into calls, and what is odd about them. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant
from tocsin.core.messages.place import Place
from tocsin.formats.import_answer import Defect
from tocsin.formats.sf_fire_rows import STAMPS, LogRow, read_location
from tocsin.formats.slug import slug

BBox = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

MOST_URGENT = "3"
"""Lights and sirens; assumed where the log gives no priority."""

_ZERO = (
    ("zero_processing", "received", "dispatch"),
    ("zero_turnout", "dispatch", "response"),
    ("zero_travel", "response", "on_scene"),
    ("zero_transport", "transport", "hospital"),
)
_NEEDED = (("response_missing", "on_scene", "response"), ("transport_missing", "hospital", "transport"),
           ("hospital_missing", "transport", "hospital"))  # fmt: skip


class LogCall(NamedTuple):
    """One call with its units in the order of their dispatch."""

    number: str
    incident_type: str
    type_name: str
    priority: str
    disposition: str
    place: Place
    received: Instant
    entry: Instant
    rows: list[LogRow]


class Defects(msgspec.Struct):
    """Counts by code, with the first few examples."""

    by_code: dict[str, Defect] = {}

    def note(self, code: str, row: LogRow) -> None:
        """Count one row under a code."""
        defect = self.by_code.setdefault(code, Defect())
        defect.count += 1
        if len(defect.examples) < 5:
            defect.examples.append(f"{row.line}:{row.call}:{row.unit}")


def is_worked(row: LogRow) -> bool:
    """Whether the unit got anywhere: on scene, or with a patient. One that did not was called off."""
    return any(name in row.stamps for name in ("on_scene", "transport", "hospital"))


def freed_at(row: LogRow) -> Instant:
    """When the unit was free again; its last known stamp where the log leaves Available empty."""
    return row.stamps.get("available") or max(row.stamps.values())


def note_row_defects(row: LogRow, defects: Defects) -> None:
    """What is odd within one row: stamps that run backwards, stand still or are missing."""
    before = ""
    for name in STAMPS:
        if name in row.stamps:
            if before and row.stamps[name] < row.stamps[before]:
                defects.note(f"{name}_before_{before}", row)
            before = name
    for code, start, end in _ZERO:
        if start in row.stamps and row.stamps[start] == row.stamps.get(end):
            defects.note(code, row)
    for code, given, lacking in _NEEDED:
        if given in row.stamps and lacking not in row.stamps:
            defects.note(code, row)
    if "available" not in row.stamps:
        defects.note("available_missing", row)


def note_overlaps(rows: Iterable[LogRow], defects: Defects) -> None:
    """``dispatch_before_available``: the unit's next dispatch comes before it was free of this one."""
    last: dict[str, LogRow] = {}
    for row in sorted(rows, key=lambda row: row.stamps["dispatch"]):
        earlier = last.get(row.unit)
        if earlier is not None and row.stamps["dispatch"] < earlier.stamps.get("available", 0):
            defects.note("dispatch_before_available", earlier)
        last[row.unit] = row


def gather_calls(rows: Iterable[LogRow], bbox: BBox | None, defects: Defects) -> list[LogCall]:
    """Calls in the order in which they were received. What rows of one call say differently is taken from the unit sent first."""
    by_call: dict[str, list[LogRow]] = {}
    for row in rows:
        by_call.setdefault(row.call, []).append(row)
    calls = [_call(group, bbox, defects) for group in by_call.values()]
    return sorted(calls, key=lambda call: (call.received, call.number))


def _call(rows: list[LogRow], bbox: BBox | None, defects: Defects) -> LogCall:
    rows.sort(key=lambda row: (row.sequence, row.stamps["dispatch"], row.line))
    first = rows[0]
    for row in rows[1:]:
        if (row.call_type, row.priority, row.disposition) != (first.call_type, first.priority, first.disposition):
            defects.note("call_disagrees", row)
    if "entry" not in first.stamps:
        defects.note("entry_missing", first)
    if not first.priority:
        defects.note("priority_missing", first)
    received = first.stamps["received"]
    return LogCall(
        first.call,
        slug(first.call_type),
        first.call_type,
        first.priority or MOST_URGENT,
        first.disposition,
        Place(at=_point(first, bbox, defects), text=first.address, area=first.station_area, district=first.battalion),
        received,
        first.stamps.get("entry", received),
        rows,
    )


def _point(row: LogRow, bbox: BBox | None, defects: Defects) -> LonLat | None:
    """The call's point. One outside the region is left out: a wrong point is worse than none."""
    point = read_location(row.location)
    if point is None:
        defects.note("place_missing", row)
        return None
    if bbox is not None and not (bbox[0] <= point.lon <= bbox[2] and bbox[1] <= point.lat <= bbox[3]):
        defects.note("place_outside_region", row)
        return None
    return point
