"""What happened, as a phrase a chief would say: the right-hand side of a shift page."""

from tocsin.base.instants import Instant, local_text
from tocsin.core.messages import (
    alarm,
    assignment,
    call,
    centre,
    closure,
    cover,
    incident,
    message,
    moveup,
    note,
    plan,
    recommendation,
    refusal,
    station,
    unit,
)
from tocsin.core.messages.said import Event
from tocsin.core.messages.unit import STATUS


def told(event: Event) -> str:
    """One event in words; every kind of event has its own, so that a page shows everything."""
    return _PHRASES[type(event)](event)


def clock(at: Instant) -> str:
    """``08:14`` or ``08:14:30`` in UTC."""
    text = local_text(at, "UTC")[11:]
    return text.removesuffix(":00")


def seconds(span_ms: int) -> str:
    """``90s`` or ``90.5s``."""
    return f"{span_ms / 1000:g}s"


def _names(units: tuple[str, ...]) -> str:
    return ", ".join(units)


def _status(event: unit.UnitStatusChanged) -> str:
    phase = unit.phase_of(event.status)
    exact = "" if event.status == STATUS[phase] else f" ({event.status.primary}: {_names(event.status.qualifiers) or 'no more'})"
    surprise = " (surprising)" if event.is_surprising else ""
    return f"{event.unit} {phase}{exact}{surprise}"


def _needs(event: recommendation.UnitsRecommended) -> str:
    receipt = event.receipt
    slots: dict[str, list[str]] = {}
    for pick in receipt.picks:
        words = f"{pick.unit} {seconds(pick.eta_ms)}"
        if pick.eta_low_ms is not None and pick.eta_high_ms is not None:
            words += f" ({seconds(pick.eta_low_ms)}-{seconds(pick.eta_high_ms)})"
        words += f" as choice {pick.choice + 1}" if pick.choice else ""
        words += f" from {pick.diverted_from}" if pick.diverted_from else ""
        words += " late" if pick.is_late else ""
        words += "".join(_because(reason) for reason in pick.reasons)
        slots.setdefault(pick.slot, []).append(words)
    for short in receipt.shortfalls:
        slots.setdefault(short.slot if short.is_required else f"{short.slot}?", []).append(short.why)
    needs = "; ".join(f"{slot}: {', '.join(entries)}" for slot, entries in slots.items())
    return f"{event.incident} needs {needs or 'nobody'}"


def _because(reason: recommendation.Reason) -> str:
    """`` (CLOSEST by 30s)``, `` (PRESERVES_COVER of E1 later by 20s saves 200‰ north)``."""
    words = f" ({reason.code}"
    words += f" of {reason.unit}" if reason.unit else ""
    words += f" {reason.incident}" if reason.incident else ""
    words += f" by {seconds(reason.ms)}" if reason.ms is not None else ""
    words += f" {permille(reason.ppb)} {reason.area}".rstrip() if reason.ppb is not None else ""
    return f"{words})"


def permille(ppb: int) -> str:
    """Share of all demand."""
    return f"{ppb / 1_000_000:g}‰"


def _dispatched(event: assignment.UnitsDispatched) -> str:
    words = f"{_names(event.units)} dispatched to {event.incident}" + (" by override" if event.override else "")
    one = event.regret
    if one is None:
        return words
    return f"{words}, regret {one.empty} empty {one.late} late {permille(one.loss_ppb)} {seconds(one.travel_ms)}"


def _advised(event: moveup.MoveUpAdvised) -> str:
    words = f"advised: {event.unit} to {event.station} instead of {event.instead_of} for {permille(event.gain_ppb)}"
    words += f" in {seconds(event.drive_ms)}" + "".join(_because(reason) for reason in event.reasons)
    return words + "".join(f" or {one.station} {permille(one.gain_ppb)}" for one in event.others)


def _corrected(event: assignment.StampCorrected) -> str:
    was = clock(event.was) if event.was is not None else "nothing"
    return f"{event.unit} {event.stamp} at {event.incident} is {clock(event.to)}, was {was}"


def _opened(event: incident.IncidentOpened) -> str:
    return f"{event.incident} opened {event.incident_type}" + ("" if event.is_type_known else " (type unknown)")


def _reclassified(event: incident.IncidentReclassified) -> str:
    unknown = "" if event.is_type_known else " (type unknown)"
    return f"{event.incident} is {event.incident_type}, {event.priority}{unknown}"


def _imported(event: centre.LogImported) -> str:
    return f"{event.source}: {event.rows_used} of {event.rows_read} rows"


def _road_closed(event: closure.RoadClosed) -> str:
    words = f"{event.closure} closed from {clock(event.since)}"
    words += f" until {clock(event.until)}" if event.until is not None else ""
    words += f" heading {event.heading_deg:g}" if event.heading_deg is not None else ""
    return words + (f" for {_names(event.vehicles)}" if event.vehicles else "")


def _extended(event: closure.ClosureExtended) -> str:
    return f"{event.closure} until " + (clock(event.until) if event.until is not None else "reopened")


def _sounded(event: alarm.AlarmSounded) -> str:
    kind, subject, since = event.alarm.split(":")
    return f"ALARM {kind} {subject} since {clock(Instant(int(since)))}"


def _named(name: str) -> str:
    kind, subject, _ = name.split(":")
    return f"{kind} {subject}"


def _shelved(event: alarm.AlarmShelved) -> str:
    return f"{_named(event.alarm)} shelved by {event.owner} until {clock(event.until)}"


def _held(event: incident.IncidentHeld) -> str:
    return f"{event.incident} " + (f"held until {clock(event.until)}" if event.until is not None else "held no longer")


def _sent(event: message.MessageSent) -> str:
    return f"{event.message} to {_names(event.to)}" + (f" about {event.about}" if event.about else "")


_PHRASES = {
    alarm.AlarmSounded: _sounded,
    alarm.AlarmAcknowledged: lambda event: f"{_named(event.alarm)} taken by {event.owner}",
    alarm.AlarmShelved: _shelved,
    alarm.WelfareCheckSet: lambda event: (
        f"{event.unit} asked every {event.every_min} min" if event.every_min else f"{event.unit} not asked"
    ),
    alarm.WelfareConfirmed: lambda event: f"{event.unit} well",
    incident.IncidentHeld: _held,
    incident.PersonalDataSeen: lambda event: f"{event.incident} seen {_names(event.keys)}",
    unit.StatusUndone: lambda event: f"{event.unit} back to {unit.phase_of(event.back_to)}",
    message.MessageSent: _sent,
    message.MessageRead: lambda event: f"{event.message} read by {event.reader}",
    centre.PositionsDropped: lambda event: f"{event.positions} positions of {event.day} dropped",
    centre.CentreOpened: lambda event: f"centre {event.centre} opened",
    centre.LogImported: _imported,
    station.StationOpened: lambda event: f"station {event.station} opened",
    station.StationClosed: lambda event: f"station {event.station} closed",
    unit.UnitEnrolled: lambda event: f"{event.unit} enrolled",
    unit.UnitWithdrawn: lambda event: f"{event.unit} withdrawn",
    plan.PlanAdopted: lambda event: f"plan {event.plan.name} adopted",
    call.CallReceived: lambda event: f"{event.call} received",
    call.CallAttached: lambda event: f"{event.call} joins {event.incident}",
    incident.IncidentOpened: _opened,
    incident.IncidentReclassified: _reclassified,
    incident.IncidentRelocated: lambda event: f"{event.incident} is elsewhere",
    incident.AlarmRaised: lambda event: f"{event.incident} alarm {event.level}",
    incident.IncidentMarked: lambda event: f"{event.incident} {event.mark}",
    incident.IncidentClosed: lambda event: f"{event.incident} closed",
    incident.IncidentCancelled: lambda event: f"{event.incident} cancelled",
    incident.IncidentReopened: lambda event: f"{event.incident} reopened",
    incident.PersonalDataErased: lambda event: f"{event.incident} erased {_names(event.keys)}",
    note.NoteAdded: lambda event: f"{event.incident} noted",
    recommendation.UnitsRecommended: _needs,
    assignment.UnitsDispatched: _dispatched,
    assignment.UnitDiverted: lambda event: f"{event.unit} diverted from {event.left}",
    assignment.AssignmentCancelled: lambda event: f"{event.unit} called off {event.incident}",
    assignment.UnitCleared: lambda event: f"{event.unit} cleared from {event.incident}",
    unit.UnitStatusChanged: _status,
    assignment.StampCorrected: _corrected,
    cover.CoverAdopted: lambda event: f"cover of {_names(tuple(one.needs or 'all' for one in event.models)) or 'nothing'} adopted",
    moveup.MoveUpAdvised: _advised,
    moveup.StayAdvised: lambda event: f"advised: {event.unit} goes home" if event.unit else "advised: everybody stays",
    moveup.MoveUpOrdered: lambda event: f"{event.unit} to cover {event.station}",
    moveup.MoveUpAcknowledged: lambda event: f"{event.unit} will cover",
    moveup.MoveUpEnded: lambda event: f"{event.unit} covers no longer",
    closure.RoadClosed: _road_closed,
    closure.ClosureExtended: _extended,
    closure.ClosureLapsed: lambda event: f"{event.closure} lapsed",
    closure.RoadReopened: lambda event: f"{event.closure} open again",
    refusal.CommandRefused: lambda event: f"refused {event.code} {event.field}".rstrip(),
}
