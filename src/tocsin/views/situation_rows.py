"""Rows of the situation from the board, and what changed with each answer. Runs where the board is folded, right behind the fold."""

from collections import deque
from collections.abc import Iterable, Sequence

from tocsin.base.identifiers import AlarmId, CallId, ClosureId, IncidentId, MessageId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.board.station import MoveAdvice
from tocsin.core.messages.alarm import RANK
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.incident import AlarmRaised, IncidentOpened, IncidentRelocated
from tocsin.core.messages.message import MessageSent
from tocsin.core.messages.moveup import MoveUpAdvised, StayAdvised
from tocsin.core.messages.note import NoteAdded
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.said import Event, Noted, Record
from tocsin.views.log_rows import log_row, number_of, touched
from tocsin.views.situation import (
    AdviceRow,
    AlarmRow,
    AssignmentRow,
    CallRow,
    CentreRow,
    Change,
    ClosureRow,
    IncidentRow,
    LogRow,
    MessageRow,
    MoveRow,
    PlanRow,
    Situation,
    StationRow,
    UnitRow,
)

LOG_KEPT = 300
"""Log rows that a screen gets when it is opened; it asks for older ones."""

ENDED_SHOWN_MS = 4 * 3_600_000
"""How long an ended incident stays in the rows."""

URGENT = (IncidentOpened, CallReceived, AlarmRaised)
"""Not to be held back to be joined with others; alarms are urgent too."""


class _Seen:
    """Of a subject what the board does not keep: who changed it last and when."""

    __slots__ = ("at", "by")

    def __init__(self, at: Instant, by: str) -> None:
        self.at, self.by = at, by


class Rows:
    """Keeps what rows need beside the board. One for one board; not for two threads."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._notes: dict[IncidentId, int] = {}
        self._senders: dict[MessageId, str] = {}
        self._calls: dict[CallId, CallRow] = {}
        """Calls that belong to no incident."""
        self._alarms: dict[str, AlarmRow] = {}
        self._moves: dict[str, MoveRow] = {}
        self._stale: set[IncidentId] = set()
        """Incidents whose advice was told to be out of date."""
        self._log: deque[LogRow] = deque(maxlen=LOG_KEPT)

    def take(self, records: Iterable[tuple[int, Record | Noted]]) -> None:
        """Take in what was written before this desk began: the end of the journal, and the streams of open incidents, in any order."""
        for pos, record in records:
            self._note(record, pos)

    def change_of(self, records: Sequence[Record], last_pos: int, board: Board) -> Change:
        """What is different once these records, the last of which stands at ``last_pos``, are folded into ``board``."""
        first_pos = last_pos - len(records) + 1
        change = Change(pos=last_pos, at=records[-1].recorded)
        names: dict[str, dict[str, None]] = {}
        for pos, record in enumerate(records, start=first_pos):
            row = self._note(record, pos)
            if record.n == 0:
                continue
            event: Event = record.says  # type: ignore[assignment]  # n > 0 carries an event
            for table, name in touched(event, record.stream):
                names.setdefault(table, {})[name] = None
                unit = board.units.get(UnitId(name)) if table == "units" else None
                if unit is not None and unit.incident is not None:
                    names.setdefault("incidents", {})[unit.incident] = None
            if isinstance(event, IncidentRelocated):  # whoever rolls there rolls elsewhere
                names.setdefault("units", {}).update((one.unit, None) for one in board.incidents[event.incident].active())
            if row is not None:
                change.log = [*change.log, row]
            change.is_urgent = change.is_urgent or isinstance(event, URGENT)
            if isinstance(event, CentreOpened | PlanAdopted):
                change.centre, change.plan = _centre(board), _plan(board)
        for name in self._gone_stale(board):
            names.setdefault("incidents", {})[name] = None
        self._fill(change, dict(names), board)
        return change

    def _gone_stale(self, board: Board) -> set[IncidentId]:
        """Other incidents that lost their advice by what happened: a few are asked for at once, the others say so until they are."""
        now = {name for name, one in board.open_incidents.items() if one.is_advice_stale}
        fresh, self._stale = now - self._stale, now
        return fresh

    def rows_of(self, names: dict[str, Iterable[str]], *, pos: int, at: Instant, board: Board) -> Change:
        """The present rows of these subjects (table → ids), for a screen that was away; alarms, moves and the centre whole."""
        change = Change(pos=pos, at=at, centre=_centre(board), plan=_plan(board))
        self._fill(change, names, board)
        change.alarms, change.moves = list(self._alarms.values()), list(self._moves.values())
        change.is_urgent = True
        return change

    def situation(self, board: Board, *, journal: str, pos: int, at: Instant) -> Situation:
        """Everything now."""
        self._alarms_changed(board)
        self._moves_changed(board)
        incidents = [state for state in board.incidents.values() if state.is_open() or self._is_fresh(state, at)]
        return Situation(
            journal=journal,
            pos=pos,
            at=at,
            centre=_centre(board),
            plan=_plan(board),
            incidents=[self._incident(state, board) for state in incidents],
            units=[self._unit(name, board) for name in board.units],
            stations=[_station(name, board) for name in board.stations],
            closures=[_closure(name, board) for name, one in board.closures.items() if not one.is_ended(at)],
            alarms=list(self._alarms.values()),
            messages=[_message(name, self._senders.get(name, ""), board) for name in board.messages],
            calls=[row for name, row in self._calls.items() if name in board.calls and not board.calls[name].incidents],
            log=list(self._log),
            moves=list(self._moves.values()),
        )

    def _is_fresh(self, state: IncidentState, at: Instant) -> bool:
        seen = self._seen.get(f"incident:{state.incident}")
        return (seen.at if seen is not None else state.opened) > at - ENDED_SHOWN_MS

    # ---- what the board does not keep

    def _note(self, record: Record | Noted, pos: int) -> LogRow | None:
        """Remember of a record what rows need; the row of the log that it makes."""
        if record.n == 0:
            return None
        event: Event = record.says  # type: ignore[assignment]  # n > 0 carries an event
        for table, name in touched(event, record.stream):
            if isinstance(event, UnitsRecommended | MoveUpAdvised | StayAdvised):
                continue  # advice changes nothing that somebody wrote; "changed by" names whoever did
            self._seen[f"{_SINGULAR[table]}:{name}"] = _Seen(record.at, record.actor)
        if isinstance(event, NoteAdded):
            self._notes[event.incident] = self._notes.get(event.incident, 0) + 1
        elif isinstance(event, MessageSent):
            self._senders[event.message] = record.actor
        elif isinstance(event, CallReceived):
            self._calls[event.call] = CallRow(event.call, event.arrived, event.answered, event.channel)
        row = log_row(record, pos)
        self._log.append(row)
        return row

    def _fill(self, change: Change, names: dict[str, Iterable[str]], board: Board) -> None:
        gone: dict[str, list[str]] = {}
        for table, found in names.items():
            rows = {name: self._row(table, name, change.at, board) for name in found}
            setattr(change, table, [row for row in rows.values() if row is not None])
            missing = [name for name, row in rows.items() if row is None]
            if missing:
                gone[table] = missing
        change.alarms, ended = self._alarms_changed(board)
        if ended:
            gone["alarms"] = ended
        change.moves, overtaken = self._moves_changed(board)
        if overtaken:
            gone["moves"] = overtaken
        change.is_urgent = change.is_urgent or bool(change.alarms)
        change.gone = gone

    def _row(self, table: str, name: str, at: Instant, board: Board) -> object | None:  # noqa: PLR0911 - one row per table
        """The row of one subject; None for what is on no screen any more."""
        if name not in getattr(board, table):
            return None
        match table:
            case "incidents":
                return self._incident(board.incidents[IncidentId(name)], board)
            case "units":
                return self._unit(UnitId(name), board)
            case "stations":
                return _station(StationId(name), board)
            case "closures":
                return None if board.closures[ClosureId(name)].is_ended(at) else _closure(ClosureId(name), board)
            case "messages":
                return _message(MessageId(name), self._senders.get(MessageId(name), ""), board)
            case _:  # a call is shown until it belongs to an incident
                if board.calls[CallId(name)].incidents:
                    self._calls.pop(CallId(name), None)
                return self._calls.get(CallId(name))

    def _alarms_changed(self, board: Board) -> tuple[list[AlarmRow], list[str]]:
        """Alarms end silently with their cause: what stands now is compared with what was told."""
        now: dict[str, AlarmRow] = {name: _alarm(name, board) for name in board.alarms}
        fresh = [row for name, row in now.items() if self._alarms.get(name) != row]
        ended = [name for name in self._alarms if name not in now]
        self._alarms = now
        return fresh, ended

    def _moves_changed(self, board: Board) -> tuple[list[MoveRow], list[str]]:
        """Advice is overtaken silently, too."""
        if not (self._moves or board.move_advice):
            return [], []
        now: dict[str, MoveRow] = {name: _move(one) for name, one in board.move_advice.items()}
        fresh = [row for name, row in now.items() if self._moves.get(name) != row]
        overtaken = [name for name in self._moves if name not in now]
        self._moves = now
        return fresh, overtaken

    # ---- rows

    def _incident(self, state: IncidentState, board: Board) -> IncidentRow:
        seen = self._seen.get(f"incident:{state.incident}")
        return IncidentRow(
            incident=state.incident,
            number=number_of(state.incident),
            version=board.versions.get(f"incident:{state.incident}", 0),
            incident_type=state.incident_type,
            is_type_known=board.is_known_type(state.incident_type),
            priority=state.priority,
            place=state.place,
            opened=state.opened,
            life=state.life,
            status=state.status(),
            alarm_level=state.alarm_level,
            is_held=state.held_until is not None,
            calls=tuple(state.calls),
            assignments=tuple(AssignmentRow(one.unit, dict(one.stamps), one.is_active) for one in state.assignments),
            marks=dict(state.marks),
            advice=_advice(state),
            notes=self._notes.get(state.incident, 0),
            changed_at=seen.at if seen is not None else state.opened,
            changed_by=seen.by if seen is not None else "",
        )

    def _unit(self, name: UnitId, board: Board) -> UnitRow:
        unit, order = board.units[name], board.move_ups.get(name)
        seen = self._seen.get(f"unit:{name}")
        return UnitRow(
            unit=name,
            version=board.versions.get(f"unit:{name}", 0),
            kind=unit.kind,
            agency=unit.agency,
            capabilities=tuple(sorted(unit.capabilities)),
            station=unit.station,
            crew=unit.crew,
            phase=unit.phase,
            status=unit.status,
            since=unit.since,
            incident=unit.incident,
            place=unit.place,
            place_at=unit.place_at,
            towards=unit.legs[-1].towards if unit.legs and unit.legs[-1].until is None else None,
            covers=order.station if order is not None else None,
            is_cover_acknowledged=order is not None and order.is_acknowledged,
            check_due=unit.welfare.due if unit.welfare is not None else None,
            changed_by=seen.by if seen is not None else "",
        )


_SINGULAR = {
    "incidents": "incident",
    "units": "unit",
    "stations": "station",
    "closures": "closure",
    "messages": "message",
    "calls": "call",
    "alarms": "alarm",
}


def _centre(board: Board) -> CentreRow | None:
    told = board.centre
    return CentreRow(told.centre, told.name, told.timezone, told.footing, told.attribution) if told is not None else None


def _plan(board: Board) -> PlanRow | None:
    if board.plan is None:
        return None
    plan = board.plan.plan
    return PlanRow(plan.name, board.plan.version, plan.priorities, plan.incident_types)


def _station(name: StationId, board: Board) -> StationRow:
    state = board.stations[name]
    return StationRow(name, state.name, state.place, state.is_open)


def _closure(name: ClosureId, board: Board) -> ClosureRow:
    one = board.closures[name]
    shape = one.shape
    return ClosureRow(name, shape.kind, shape.places, one.heading_deg, one.since, one.until, one.vehicles, one.reason, one.incident)


def _alarm(name: AlarmId, board: Board) -> AlarmRow:
    one = board.alarms[name]
    return AlarmRow(
        name, one.kind, RANK[one.kind], one.incident, one.unit, one.closure, one.sounded, one.owner, one.shelved_until, one.call
    )


def _move(one: MoveAdvice) -> MoveRow:
    advice = one.advice
    return MoveRow(
        advice.unit,
        advice.station,
        advice.instead_of,
        one.at,
        advice.drive_ms,
        advice.gain_ppb,
        advice.change_ppb,
        advice.reasons,
        advice.others,
    )


def _message(name: MessageId, sender: str, board: Board) -> MessageRow:
    one = board.messages[name]
    return MessageRow(name, one.at, sender, one.to, one.about, tuple(one.read_by))


def _advice(state: IncidentState) -> AdviceRow | None:
    receipt = state.receipt
    if receipt is None:
        return None
    here = {one.unit for one in state.active()}
    is_acted_on = bool(state.assignments) and all(pick.unit in here for pick in receipt.picks)
    return AdviceRow(
        receipt_sha256=state.receipt_sha256,
        at=state.receipt_at,
        policy=receipt.policy,
        cards=receipt.cards,
        picks=receipt.picks,
        shortfalls=receipt.shortfalls,
        snap_m=receipt.snap_m,
        cover=receipt.cover,
        is_acted_on=is_acted_on,
        is_stale=state.is_advice_stale,
    )
