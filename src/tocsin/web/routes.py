"""Every route of the server on one page: who may come, what is read, what is answered. Its description is made of this table.

Accounts and sessions bring their own lines (``Parts.extra``).
"""

from typing import Any, Final

from tocsin.places.locate import Described, Located
from tocsin.views.duplicates import Duplicate
from tocsin.views.situation import IncidentDetail
from tocsin.web.answers import Answered
from tocsin.web.asked import Route as Route  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.web.commands import MOST_BYTES, CommandBody, post_command
from tocsin.web.console_files import get_asset, get_file, get_page
from tocsin.web.intake import CallTaken, Intake, post_call
from tocsin.web.lab import LabQuery, delete_lab_run, get_lab, get_lab_run, post_lab_cancel, post_lab_run
from tocsin.web.lab_told import LabResult, LabRun, LabTold, LabWish
from tocsin.web.line import LineBody, LineTold, post_line
from tocsin.web.map_answers import (
    AtQuery,
    MapTold,
    PlacesQuery,
    ReachQuery,
    Routes,
    RoutesQuery,
    get_map,
    get_place_at,
    get_reach,
    get_routes,
    get_tile,
    post_places,
)
from tocsin.web.openapi import OPENAPI
from tocsin.web.outbox import OutboxTold, get_outbox
from tocsin.web.personal import LookBody, MessageWords, PersonalWords, ReadBody, post_message_words, post_personal
from tocsin.web.played_clock import ClockBody, post_clock
from tocsin.web.ports import ClockTold
from tocsin.web.reading import (
    DuplicatesQuery,
    Health,
    SituationTold,
    get_health,
    get_incident,
    get_seats,
    get_situation,
    post_duplicates,
)
from tocsin.web.seat import SeatTold
from tocsin.web.stream import ROUTE as STREAM
from tocsin.web.told_positions import take_positions
from tocsin.web.undo import UndoBody, Undone, post_undo

TILE: Final = "/api/tiles/{map_hash}/{z:int}/{x:int}/{y:int}"

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/api/situation", get_situation, "situation", answer=SituationTold),
    STREAM,
    Route("POST", "/api/commands", post_command, "command", body=CommandBody, answer=Answered, most_bytes=MOST_BYTES),
    Route("POST", "/api/calls", post_call, "intake", body=Intake, answer=CallTaken),
    Route("POST", "/api/line", post_line, "line", body=LineBody, answer=LineTold),
    Route("POST", "/api/undo", post_undo, "undo", body=UndoBody, answer=Undone),
    Route("GET", "/api/incidents/{id}", get_incident, "detail", answer=IncidentDetail),
    Route("POST", "/api/incidents/{id}/personal", post_personal, "personal", body=LookBody, answer=PersonalWords),
    Route("POST", "/api/messages/{id}/words", post_message_words, "words", body=ReadBody, answer=MessageWords),
    Route("GET", "/api/seats", get_seats, "seats", answer=list[SeatTold]),
    Route("POST", "/api/duplicates", post_duplicates, "duplicates", body=DuplicatesQuery, answer=list[Duplicate]),
    Route("POST", "/api/places", post_places, "places", body=PlacesQuery, answer=Located),
    Route("GET", "/api/places/at", get_place_at, "places", answer=Described, query=AtQuery),
    Route("GET", "/api/map", get_map, "map", answer=MapTold),
    Route("GET", TILE, get_tile, "tiles"),
    Route("GET", "/api/routes", get_routes, "routes", answer=Routes, query=RoutesQuery),
    Route("GET", "/api/reach", get_reach, "reach", answer=dict[str, Any], query=ReachQuery),
    Route("POST", "/api/clock", post_clock, "clock", body=ClockBody, answer=ClockTold),
    Route("GET", "/api/outbox", get_outbox, "outbox", answer=OutboxTold),
    Route("GET", "/api/lab", get_lab, "lab", answer=LabTold, query=LabQuery),
    Route("POST", "/api/lab/runs", post_lab_run, "lab", body=LabWish, answer=LabRun),
    Route("GET", "/api/lab/runs/{id}", get_lab_run, "lab", answer=LabResult, query=LabQuery),
    Route("POST", "/api/lab/runs/{id}/cancel", post_lab_cancel, "lab", answer=LabRun),
    Route("DELETE", "/api/lab/runs/{id}", delete_lab_run, "lab"),
    Route("GET", "/api/positions", take_positions, None),
    Route("POST", "/api/positions", take_positions, None),
    OPENAPI,
    Route("GET", "/health", get_health, None, answer=Health),
    Route("GET", "/", get_page, None),
    Route("GET", "/wall", get_page, None),
    Route("GET", "/unit-board", get_page, None),
    Route("GET", "/lab", get_page, None),
    Route("GET", "/assets/{path:path}", get_asset, None),
)

CONSOLE_FILES: Final = Route("GET", "/{name}", get_file, None)
"""Behind all others: what lies beside the page."""
