"""What was said, as a line of a shift page: read into a command."""

import re
import shlex
from collections.abc import Callable
from typing import get_args

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import AlarmId, CallId, CardName, ClosureId, CrewId, IncidentId, MessageId, StationId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.base.quantities import Millis
from tocsin.core.messages.alarm import AcknowledgeAlarm, ConfirmWelfare, NoteOverdue, SetWelfareCheck, ShelveAlarm, alarm_id
from tocsin.core.messages.assignment import CorrectStamp, DispatchUnits, UnassignUnit
from tocsin.core.messages.call import AttachCall, TakeCall
from tocsin.core.messages.centre import DropPositions, OpenCentre, RecordImport
from tocsin.core.messages.closure import CloseRoad, ExtendClosure, LapseClosure, ReopenRoad, Shape
from tocsin.core.messages.cover import AdoptCover, CoverModel, CoverRow
from tocsin.core.messages.incident import (
    CancelIncident,
    CloseIncident,
    ErasePersonalData,
    HoldIncident,
    LookAtPersonalData,
    MarkIncident,
    OpenIncident,
    RaiseAlarm,
    ReclassifyIncident,
    RelocateIncident,
    ReopenIncident,
)
from tocsin.core.messages.message import ReadMessage, SendMessage
from tocsin.core.messages.moveup import AcknowledgeMoveUp, AdviseMoveUps, EndMoveUp, OrderMoveUp
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import Alternative, Card, Slot
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Command
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.unit import STATUS, EnrolUnit, Phase, ReportUnitStatus, Status, UndoStatus, WithdrawUnit

DAY = "2020-04-07"
"""A Tuesday. ``08:10`` on a page is that hour of it in UTC; ``+1 08:10`` is the next day's."""

PHASES = set(get_args(Phase))


def instant(text: str) -> Instant:
    """``08:10``, ``08:10:30``; ``+1 08:10`` on the day after."""
    days, _, hour = text.rpartition(" ")
    return Instant(parse_iso(f"{DAY}T{hour}Z") + (int(days) if days else 0) * 86_400_000)


def span_ms(text: str) -> Millis | None:
    """``90s``; ``never`` is no way at all."""
    return None if text == "never" else Millis(round(float(text.removesuffix("s")) * 1000))


class Words:
    """The words of a line: plain ones in order, and those that follow a keyword."""

    def __init__(self, text: str, *keywords: str) -> None:
        self.plain: list[str] = []
        self.named: dict[str, list[str]] = {}
        into = self.plain
        for word in shlex.split(text):
            if word in keywords:
                into = self.named[word] = []
            else:
                into.append(word)

    def one(self, keyword: str) -> str | None:
        """The words behind a keyword as one."""
        return " ".join(self.named[keyword]) if keyword in self.named else None

    def many(self, keyword: str) -> tuple[str, ...]:
        """The comma-separated words behind a keyword."""
        return tuple(part.strip() for part in (self.one(keyword) or "").split(",") if part.strip())


def place(words: Words) -> Place:
    """``at 0.01 51.5`` or ``at nowhere``; ``in`` names the area."""
    at = words.one("at")
    if at == "nowhere":
        return Place(text="nowhere", area=words.one("in") or "")
    lon, lat = map(float, at.split()) if at else (0.0, 0.0)
    return Place(LonLat(lon, lat), area=words.one("in") or "")


def unit(text: str) -> EnrolUnit:
    """``E1 engine can pump, als at S1 crew K1 of City``."""
    words = Words(text, "can", "at", "crew", "of")
    name, kind = words.plain
    station, crew = words.one("at"), words.one("crew")
    return EnrolUnit(
        UnitId(name),
        kind,
        words.many("can"),
        StationId(station) if station else None,
        CrewId(crew) if crew else None,
        words.one("of") or "",
    )


def station(text: str) -> OpenStation:
    """``S1 at 0.01 51.5``."""
    words = Words(text, "at", "in")
    return OpenStation(StationId(words.plain[0]), f"Station {words.plain[0]}", place(words))


def card(text: str) -> Card:
    """``fire level 2 priority high in north by station_order within 480s: engine x2 needs pump; chief? needs chief``."""
    head, _, body = text.partition(":")
    words = Words(head, "level", "priority", "in", "by", "within", "on", "from", "to", "named", "at_once")
    types = tuple(part.strip(",") for part in words.plain)
    within, opens, closes = words.one("within"), words.one("from"), words.one("to")
    return Card(
        CardName(words.one("named") or head.strip()),
        tuple(slot(part) for part in body.split(";") if part.strip()),
        () if types == ("any",) else types,
        words.many("priority"),
        words.many("in"),
        tuple(int(day) for day in words.many("on")),
        _minute(opens),
        _minute(closes),
        int(words.one("level") or 1),
        words.one("by") or "road_time",  # type: ignore[arg-type]
        int(within.removesuffix("s")) if within else None,
        is_sent_at_once="at_once" in words.named,
    )


def _minute(text: str | None) -> int | None:
    return None if text is None else int(text[:2]) * 60 + int(text[3:])


def slot(text: str) -> Slot:
    """``engine x2 needs pump + foam or ladder worth 300s or tanker doubles medic``; ``chief?`` is optional."""
    found = re.fullmatch(r"(\w+)(\?)?(?: x(\d+))?(?: needs (.+?))?(?: doubles (\w+))?", text.strip())
    if found is None:
        raise ValueError(f"not a slot: {text}")
    name, optional, count, wishes, doubles = found.groups()
    first, *rest = (wishes or name).split(" or ")
    return Slot(name, _all_of(first), int(count or 1), tuple(map(_alternative, rest)), optional is None, doubles or "")


def _all_of(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("+"))


def _alternative(text: str) -> Alternative:
    needs, _, worth = text.partition(" worth ")
    return Alternative(_all_of(needs), int(worth.removesuffix("s")) if worth else None)


def _report(name: str, text: str) -> ReportUnitStatus:
    words = Words(text, "of", "at")
    status = STATUS.get(words.plain[0])  # type: ignore[call-overload]
    if status is None:
        primary, _, qualifiers = words.plain[0].partition("+")
        status = Status(primary, tuple(sorted(qualifiers.split("+"))) if qualifiers else ())  # type: ignore[arg-type]
    of = words.one("of")
    return ReportUnitStatus(UnitId(name), status, IncidentId(of) if of else None, place(words) if "at" in words.named else None)


def _open(text: str) -> OpenIncident:
    words = Words(text, "at", "in", "calls")
    name, incident_type, *priority = words.plain
    calls = tuple(map(CallId, words.many("calls")))
    return OpenIncident(IncidentId(name), incident_type, priority[0] if priority else "high", place(words), calls)


def _call(text: str) -> TakeCall:
    words = Words(text, "says", "name", "number", "at", "arrived")
    name, number, says = words.one("name"), words.one("number"), words.one("says")
    return TakeCall(
        CallId(words.plain[0]),
        arrived=instant(words.one("arrived") or "00:00"),
        caller_place=Plain(where) if (where := words.one("at")) else None,
        caller_name=Plain(name) if name else None,
        caller_number=Plain(number) if number else None,
        words=Plain(says) if says else None,
    )


def _send(text: str) -> DispatchUnits:
    words = Words(text, "override", "advised")
    incident, *units = words.plain
    receipt = "the latest" if "advised" in words.named else ""
    return DispatchUnits(IncidentId(incident), tuple(map(UnitId, units)), receipt, words.one("override") or "")


def _correct(text: str) -> CorrectStamp:
    incident, name, stamp, to = Words(text).plain
    return CorrectStamp(IncidentId(incident), UnitId(name), stamp, instant(to), "paper")  # type: ignore[arg-type]


def _reclassify(text: str) -> ReclassifyIncident:
    words = Words(text, "type", "priority")
    return ReclassifyIncident(IncidentId(words.plain[0]), words.one("type"), words.one("priority"))


def _relocate(text: str) -> RelocateIncident:
    words = Words(text, "at", "in")
    return RelocateIncident(IncidentId(words.plain[0]), place(words))


def _cover(text: str) -> OrderMoveUp:
    words = Words(text, "at", "until")
    until = words.one("until")
    return OrderMoveUp(UnitId(words.plain[0]), StationId(words.one("at") or ""), instant(until) if until else None)


def adopt_cover(text: str) -> AdoptCover:
    """``pump busy 500000: north 600 S1; mid 300 S1, S2; far 100``: by area the share in permille and the stations that reach it."""
    models = []
    for model in filter(None, (part.strip() for part in text.split("/"))):
        head, _, body = model.partition(":")
        words = Words(head, "busy")
        rows = [row.replace(",", " ").split() for row in body.split(";")]
        stations = tuple(sorted({name for row in rows for name in row[2:]}))
        told = [CoverRow(row[0], tuple(sorted(map(stations.index, row[2:]))), int(row[1]) * 1_000_000) for row in rows]
        needs = words.plain[0] if words.plain[0] != "all" else ""
        busy = int(words.one("busy") or 300_000)
        models.append(CoverModel(needs, tuple(map(StationId, stations)), tuple(told), busy))
    return AdoptCover(tuple(models))


def _close_road(text: str) -> CloseRoad:
    """``K1 line 0.0 0.1, 0.0 0.2 heading 90 from 08:00 until 10:00 for truck of I1 because "burst main"``."""
    words = Words(text, "heading", "from", "until", "for", "of", "because")
    name, kind, *drawn = words.plain
    places = tuple(LonLat(*map(float, part.split())) for part in " ".join(drawn).split(",") if part.strip())
    heading, opens, closes, of = words.one("heading"), words.one("from"), words.one("until"), words.one("of")
    return CloseRoad(
        ClosureId(name),
        Shape(kind, places),  # type: ignore[arg-type]
        float(heading) if heading else None,
        instant(opens) if opens else None,
        instant(closes) if closes else None,
        words.many("for"),
        words.one("because") or "",
        IncidentId(of) if of else None,
    )


def _extend(text: str) -> ExtendClosure:
    words = Words(text, "until")
    until = words.one("until")
    return ExtendClosure(ClosureId(words.plain[0]), instant(until) if until else None)


def _note(text: str) -> AddNote:
    incident, words = Words(text).plain
    return AddNote(IncidentId(incident), Plain(words))


def _recommend(text: str) -> RecommendUnits:
    words = Words(text, "by")
    return RecommendUnits(IncidentId(words.plain[0]), words.one("by") or "")


def _centre(text: str) -> OpenCentre:
    words = Words(text, "zone")
    return OpenCentre(words.plain[0], words.plain[0], words.one("zone") or "UTC")


def _import(text: str) -> RecordImport:
    source, used, read = Words(text).plain
    return RecordImport(source, "0" * 64, int(read), int(used))


def _hold(text: str) -> HoldIncident:
    words = Words(text, "until")
    until = words.one("until")
    return HoldIncident(IncidentId(words.plain[0]), instant(until) if until else None)


def named_alarm(text: str) -> AlarmId:
    """``nobody_sent I1 08:00``."""
    kind, subject, since = text.split(maxsplit=2)
    return alarm_id(kind, subject, instant(since))  # type: ignore[arg-type]


def _overdue(text: str) -> NoteOverdue:
    kind, subject, _ = text.split(maxsplit=2)
    field = {"nobody_sent": "incident", "slot_empty": "incident", "closure_ends": "closure", "call_unattached": "call"}.get(kind, "unit")
    return NoteOverdue(named_alarm(text), kind, **{field: subject})  # type: ignore[arg-type]


def _shelve(text: str) -> ShelveAlarm:
    words = Words(text, "until")
    return ShelveAlarm(named_alarm(" ".join(words.plain)), instant(words.one("until") or ""), "page")


def _check(text: str) -> SetWelfareCheck:
    name, every = Words(text).plain
    return SetWelfareCheck(UnitId(name), None if every == "never" else int(every))


def _message(text: str) -> SendMessage:
    words = Words(text, "to", "about", "says")
    about = words.one("about")
    says = Plain(words.one("says") or "…")
    return SendMessage(MessageId(words.plain[0]), words.many("to"), says, IncidentId(about) if about else None)


def _two(text: str) -> tuple[str, str]:
    first, second = Words(text).plain
    return first, second


VERBS: dict[str, Callable[[str], Command]] = {
    "call": _call,
    "attach": lambda text: AttachCall(CallId(_two(text)[0]), IncidentId(_two(text)[1])),
    "open": _open,
    "reclassify": _reclassify,
    "relocate": _relocate,
    "alarm": lambda text: RaiseAlarm(IncidentId(_two(text)[0]), int(_two(text)[1])),
    "mark": lambda text: MarkIncident(IncidentId(_two(text)[0]), _two(text)[1]),  # type: ignore[arg-type]
    "close": lambda text: CloseIncident(IncidentId(text)),
    "cancel": lambda text: CancelIncident(IncidentId(text)),
    "reopen": lambda text: ReopenIncident(IncidentId(text)),
    "erase": lambda text: ErasePersonalData(IncidentId(text)),
    "note": _note,
    "recommend": _recommend,
    "send": _send,
    "recall": lambda text: UnassignUnit(IncidentId(_two(text)[0]), UnitId(_two(text)[1])),
    "correct": _correct,
    "cover": _cover,
    "advise_moves": lambda text: AdviseMoveUps(UnitId(text) if text else None),
    "adopt_cover": adopt_cover,
    "will_cover": lambda text: AcknowledgeMoveUp(UnitId(text)),
    "uncover": lambda text: EndMoveUp(UnitId(text)),
    "close_road": _close_road,
    "extend": _extend,
    "lapse": lambda text: LapseClosure(ClosureId(text)),
    "reopen_road": lambda text: ReopenRoad(ClosureId(text)),
    "hold": _hold,
    "look": lambda text: LookAtPersonalData(IncidentId(text)),
    "undo": lambda text: UndoStatus(UnitId(text)),
    "overdue": _overdue,
    "acknowledge": lambda text: AcknowledgeAlarm(named_alarm(text)),
    "shelve": _shelve,
    "check": _check,
    "well": lambda text: ConfirmWelfare(UnitId(text)),
    "message": _message,
    "read": lambda text: ReadMessage(MessageId(text)),
    "drop": lambda text: DropPositions(_two(text)[0], "0" * 64, int(_two(text)[1])),
    "enrol": unit,
    "withdraw": lambda text: WithdrawUnit(UnitId(text)),
    "station": station,
    "close_station": lambda text: CloseStation(StationId(text)),
    "centre": _centre,
    "import": _import,
}


def command(text: str) -> Command:
    """``send I1 E2``, or a unit's own report: ``E2 on_scene of I1 at 0.01 51.5``."""
    verb, _, rest = text.strip().partition(" ")
    if verb in VERBS:
        return VERBS[verb](rest.strip())
    return _report(verb, rest)
