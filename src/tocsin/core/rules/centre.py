"""Rules for the centre and for logs taken in."""

from tocsin.base.instants import is_zone
from tocsin.core.board.board import Board
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.centre import CentreOpened, DropPositions, LogImported, OpenCentre, PositionsDropped, RecordImport
from tocsin.core.messages.plan import AdoptPlan, PlanAdopted
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Event


def open_centre(board: Board, ask: OpenCentre) -> list[Event]:
    """A journal belongs to one centre; stating its particulars anew is allowed, another centre is not."""
    if board.centre is not None and board.centre.centre != ask.centre:
        raise Refused("CentreAlreadyOpen", "centre", centre=board.centre.centre)
    if not is_zone(ask.timezone):
        raise Refused("TimezoneUnknown", "timezone", timezone=ask.timezone)
    return [CentreOpened(ask.centre, ask.name, ask.timezone, ask.footing, ask.attribution)]


def record_import(ask: RecordImport) -> list[Event]:
    """What was read, used, left out and noticed."""
    return [LogImported(ask.source, ask.source_sha256, ask.rows_read, ask.rows_used, ask.rows_excluded, ask.defects, ask.first, ask.last)]


def drop_positions(ask: DropPositions) -> list[Event]:
    """Said before the day's file is deleted, so that there is no deleting that nobody recorded."""
    return [PositionsDropped(ask.day, ask.sha256, ask.positions)]


def adopt_plan(ask: AdoptPlan) -> list[Event]:
    """The plan is in force from now on; its version is its content. One by a policy that nobody knows would leave every call unserved."""
    get_policy(ask.plan.policy)
    return [PlanAdopted(ask.plan, ask.plan.version())]
