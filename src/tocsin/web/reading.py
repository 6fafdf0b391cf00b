"""What seats read: the situation, one incident whole, and what a call may be about."""

from typing import Any, Final

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.board import Board
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Record
from tocsin.views.duplicates import Duplicate, Told, duplicates
from tocsin.views.log_rows import log_row
from tocsin.views.situation import Fix, IncidentDetail, IncidentRow, LogRow, Situation
from tocsin.web.asked import Asked
from tocsin.web.audiences import audience_of, fixes_for, log_for, may_see, rows_for
from tocsin.web.off_loop import in_thread, read_stream
from tocsin.web.ports import ClockTold, SeatTold

MOST_MESSAGES: Final = 200
MESSAGES_MS: Final = 24 * 3_600_000
"""What a screen that is opened gets of them: yesterday's are in the journal."""
MOST_TIMELINE: Final = 2_000
MOST_OF_UNIT: Final = 300
"""Lines of one unit's own stream that are looked through for an incident's timeline."""


class SituationTold(Situation, kw_only=True):
    """The situation with the clock to count by and the last positions."""

    clock: ClockTold
    fixes: list[Fix]


class Health(msgspec.Struct, frozen=True):
    """For whoever watches the server."""

    is_live: bool
    """False = the desk answers nobody."""
    pos: int
    now: int
    roads: str
    """``ready``, ``warming`` or ``absent``."""


class DuplicatesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the caller is, and what it is about. A body: addresses are written into logs."""

    lon: float
    lat: float
    type: str = ""
    uncertainty_m: Metres = Metres(0.0)


async def get_situation(asked: Asked) -> SituationTold:
    """All rows that this seat sees."""
    parts, clock = asked.parts, asked.parts.clock()

    def read(board: Board) -> Situation:
        return parts.rows.situation(board, journal=parts.journal.journal_id, pos=parts.journal.head().pos, at=clock.now)

    audience = audience_of(asked.signed_in)
    situation = rows_for(audience, await parts.desk.look(read))
    latest = situation.messages[-MOST_MESSAGES:]
    situation.messages = [row for row in latest if row.at > clock.now - MESSAGES_MS]
    fixes = fixes_for(audience, parts.positions.fixes())
    return SituationTold(**msgspec.structs.asdict(situation), clock=clock, fixes=fixes)


async def get_health(asked: Asked) -> Health:
    """Told to everybody: nothing of the centre."""
    parts = asked.parts
    roads = "absent" if parts.roads is None else "ready" if parts.roads.is_ready else "warming"
    return Health(parts.desk.is_live, parts.journal.head().pos, parts.clock().now, roads)


async def get_seats(asked: Asked) -> list[SeatTold]:
    """Everybody that a message can be sent to by name, in order of names. Raises Broken as the accounts do."""
    return sorted(await in_thread(lambda: list(asked.parts.seats())), key=lambda seat: seat.name)


async def get_incident(asked: Asked) -> IncidentDetail:
    """Raises Refused IncidentUnknown, also for a crew that is not on it."""
    incident = IncidentId(asked.named("id"))
    row, receipt = await asked.parts.desk.look(lambda board: _row(asked, board, incident))
    if not may_see(audience_of(asked.signed_in), row):
        raise Refused("IncidentUnknown", "incident", incident=incident)
    timeline = log_for(audience_of(asked.signed_in), await _timeline(asked, row))
    return IncidentDetail(row, timeline, receipt, await _eta_left(asked, incident))


def _row(asked: Asked, board: Board, incident: IncidentId) -> tuple[IncidentRow, Any]:
    state = board.get_incident(incident)
    parts = asked.parts
    change = parts.rows.rows_of({"incidents": [incident]}, pos=parts.journal.head().pos, at=parts.clock().now, board=board)
    return change.incidents[0], state.receipt


async def _timeline(asked: Asked, row: IncidentRow) -> list[LogRow]:
    """The incident's own stream, its calls', and what its units said while they were on it."""
    incident, parts = row.incident, asked.parts
    lines = await read_stream(parts, f"incident:{incident}", last=MOST_TIMELINE)
    for call in row.calls:
        lines += await read_stream(parts, f"call:{call}", last=50)
    for unit in dict.fromkeys(one.unit for one in row.assignments):
        said = await read_stream(parts, f"unit:{unit}", last=MOST_OF_UNIT)
        lines += [(pos, record) for pos, record in said if _is_about(record, incident)]
    return [log_row(record, pos) for pos, record in sorted(lines, key=lambda one: one[0]) if record.n]


def _is_about(record: Record, incident: IncidentId) -> bool:
    return incident in (getattr(record.says, "incident", None), getattr(record.says, "taken_by", None))


async def _eta_left(asked: Asked, incident: IncidentId) -> dict[UnitId, Millis]:
    roads, now = asked.parts.roads, asked.parts.clock().now
    if roads is None or not roads.is_ready:
        return {}
    wanted = await asked.parts.desk.look(lambda board: roads.routes_asked(board, incident, now))
    routes = await in_thread(lambda: roads.routes(wanted))
    return {route.unit: route.eta_ms for route in routes if route.is_under_way and route.eta_ms is not None}


async def post_duplicates(asked: Asked) -> list[Duplicate]:
    """Open incidents that a call from there may be about."""
    query: DuplicatesQuery = asked.body
    place = on_earth(query.lon, query.lat)
    if not 0 <= query.uncertainty_m < 1e7:
        raise BadInput("number_far", field="uncertainty_m")
    told = Told(place, query.uncertainty_m, query.type, asked.parts.clock().now)
    return await asked.parts.desk.look(lambda board: duplicates(told, list(board.open_incidents.values())))


def on_earth(lon: float, lat: float) -> LonLat:
    """Raises BadInput ``off_earth``."""
    place = LonLat(lon, lat)
    if not place.is_on_earth():
        raise BadInput("off_earth", field="lon", lon=lon, lat=lat)
    return place
