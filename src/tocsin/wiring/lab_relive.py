"""A what-if on the centre's own log, as it is set up on the console: the calls that came, served as they were and otherwise."""

from pathlib import Path

import msgspec

from tocsin.base.faults import BadInput
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.serving import Service, Stationed, close_station, move_unit, remove_unit
from tocsin.lab.relived.whatif import Dice
from tocsin.views.whatif_answer import Remark, WhatifAnswer
from tocsin.web.lab_told import DemandOf, LabChange, LabWish
from tocsin.wiring.stages import Progress
from tocsin.wiring.whatif import Relive, relive


def relived(journal: Path, folder: Path, wish: LabWish, progress: Progress) -> tuple[WhatifAnswer, DemandOf]:
    """Live the journal's last days twice: what comes of it, no call named, and from when to when its calls are. Raises BadInput of the
    ``whatif_…`` codes."""
    spans = []
    asked = Relive(journal, folder, wish.days, {}, Dice(wish.seed, wish.replications))

    def sides(base: Service, heard: Heard) -> tuple[Service, Service, list[Remark]]:
        at = [row.arrived for row in heard.rows if row.place is not None and row.sent]
        spans.append(DemandOf(min(at), max(at), len(at)))
        return sides_of(wish, base)

    told = relive(asked, sides, progress)
    return msgspec.structs.replace(told, best=(), worst=()), spans[0]


def sides_of(wish: LabWish, base: Service) -> tuple[Service, Service, list[Remark]]:
    """The service under the first policy; and with all changes, or under the other policy."""
    first = base._replace(policy=wish.policies[0])
    if not wish.changes:
        other = wish.policies[1]
        return first, first._replace(policy=other), [Remark("policy", {"what": other, "before": first.policy})]
    changed, told = first, []
    for nth, change in enumerate(wish.changes):
        try:
            changed, remark = _changed(changed, change)
        except BadInput as fault:
            fault.field = f"changes[{nth}]"  # the option or file that it names is not what was asked here
            raise
        told.append(remark)
    return first, changed, told


def _changed(service: Service, change: LabChange) -> tuple[Service, Remark]:
    match change.what:
        case "close_station":
            return close_station(service, change.subject), Remark("close", {"what": change.subject})
        case "add_unit":
            return _with_unit(service, change), Remark("add", {"what": f"{change.subject} → {change.station}"})
        case "move_unit":
            moved = move_unit(service, f"{change.subject}:{change.station}")
            return moved, Remark("move", {"what": f"{change.subject} → {change.station}"})
        case "remove_unit":
            return remove_unit(service, change.subject), Remark("remove", {"what": change.subject})


def _with_unit(service: Service, change: LabChange) -> Service:
    """One more, like another one: the named, the first of its station, the first of all."""
    if any(one.name == change.subject for one in service.units):
        raise BadInput("whatif_unit_taken", field="subject", value=change.subject)
    station = service.station(change.station, "station")
    if change.like:
        like = service.units[service.unit(change.like, "like")]
    else:
        like = next((one for one in service.units if one.station == station), service.units[0])
    return service._replace(units=(*service.units, Stationed(change.subject, like.kind, like.capabilities, station)))
