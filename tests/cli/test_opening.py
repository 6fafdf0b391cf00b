"""What a desk that begins anew is told of its folder: what stands otherwise, once, and nothing that would hurt who is at work."""

from importlib.resources import as_file, files
from pathlib import Path

import msgspec
import pytest

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan
from tocsin.core.messages.said import Ask
from tocsin.core.messages.unit import EnrolUnit, WithdrawUnit
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.centre import Centre
from tocsin.wiring.opening import tell_changes

NOW = parse_iso("2026-07-01T08:00:00Z")


@pytest.fixture(scope="module")
def centre() -> Centre:
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("centre")) as folder:
        return read_centre_folder(Path(folder))


class Begun(Desk):
    """A desk that knows its journal, for starting anew on it."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal
        super().__init__(journal, GatherTable({}), MemoryVault())


def told(desk: Begun, centre: Centre, at: Instant) -> list[Answer]:
    return tell_changes(desk, desk.journal, centre, at)


@pytest.fixture
def desk(centre: Centre) -> Begun:
    desk = Begun(MemoryJournal())
    told(desk, centre, NOW)
    return desk


def names(answers: list[Answer]) -> list[str]:
    return [type(answer.records[0].says).__name__ for answer in answers]


def later(minutes: int) -> Instant:
    return Instant(NOW + minutes * 60_000)


def sent(desk: Begun, unit: UnitId) -> None:
    opened = OpenIncident(IncidentId("I1"), "alarm", "yellow", Place())
    for key, command in (("open", opened), ("send", DispatchUnits(IncidentId("I1"), (unit,), override="test"))):
        answer = desk.answer([Ask(CommandId(key), "ana", NOW, command)], NOW)[0]
        assert answer.refusal is None, answer.refusal


def test_an_empty_journal_is_told_everything_and_then_nothing(desk: Begun, centre: Centre) -> None:
    assert desk.board.units.keys() == {unit.unit for unit in centre.units}
    assert desk.board.plan is not None and desk.board.plan.version == centre.plan.version()
    assert told(desk, centre, later(1)) == []


def test_what_was_changed_is_told_and_nothing_else(desk: Begun, centre: Centre) -> None:
    first, *others = centre.units
    moved = msgspec.structs.replace(centre.stations[0], name="Moved")
    changed = msgspec.structs.replace(
        centre,
        units=(msgspec.structs.replace(first, capabilities=(*first.capabilities, "rope")), *others[:-1]),
        stations=(moved, *centre.stations[1:]),
        plan=msgspec.structs.replace(centre.plan, name="another"),
    )
    said = told(desk, changed, later(1))
    assert names(said) == ["OpenStation", "EnrolUnit", "AdoptPlan", "WithdrawUnit"]
    assert "rope" in desk.board.units[first.unit].capabilities and others[-1].unit not in desk.board.units
    assert desk.board.stations[moved.station].name == "Moved"
    assert told(desk, changed, later(2)) == []
    assert names(told(desk, centre, later(3))) == ["OpenStation", "EnrolUnit", "EnrolUnit", "AdoptPlan"]


def test_who_is_at_work_is_left_in_peace(desk: Begun, centre: Centre) -> None:
    unit = centre.units[0]
    sent(desk, unit.unit)
    without = msgspec.structs.replace(centre, units=centre.units[1:])
    assert told(desk, without, later(1)) == [] and unit.unit in desk.board.units
    with_other_crew = msgspec.structs.replace(unit, crew="somebody-else")
    assert told(desk, msgspec.structs.replace(centre, units=(with_other_crew, *centre.units[1:])), later(2)) == []
    assert desk.board.units[unit.unit].incident == "I1"


def test_a_station_that_is_gone_is_closed_after_its_units(desk: Begun, centre: Centre) -> None:
    station = centre.stations[0].station
    without = msgspec.structs.replace(
        centre, stations=centre.stations[1:], units=tuple(unit for unit in centre.units if unit.station != station)
    )
    said = told(desk, without, later(1))
    assert set(names(said)) == {"WithdrawUnit", "CloseStation"} and not desk.board.stations[StationId(station)].is_open


def test_a_journal_of_somebody_else(desk: Begun, centre: Centre) -> None:
    head = desk.board.versions.copy()
    with pytest.raises(BadInput) as caught:
        told(desk, msgspec.structs.replace(centre, id="another"), later(1))
    assert caught.value.code == "centre_other" and desk.board.versions == head


def test_a_refused_opening_is_told(centre: Centre) -> None:
    homeless = msgspec.structs.replace(centre, stations=())
    with pytest.raises((BadInput, Broken)) as caught:
        told(Begun(MemoryJournal()), homeless, NOW)
    assert caught.value.code == "opening_refused" and "StationUnknown" in str(caught.value)


def test_what_people_did_at_the_desk_stands_until_the_folder_changes(desk: Begun, centre: Centre) -> None:
    gone = centre.units[0].unit
    flood = msgspec.structs.replace(centre.plan, name="flood plan of tonight")
    by_hand = (WithdrawUnit(gone), EnrolUnit(UnitId("MUTUAL-1"), "engine", ("pump",)), AdoptPlan(flood))
    for nth, command in enumerate(by_hand):
        assert desk.answer([Ask(CommandId(f"hand-{nth}"), "ana", later(1), command)], later(1))[0].refusal is None
    again = Begun(desk.journal)
    assert told(again, centre, later(2)) == []
    assert "MUTUAL-1" in again.board.units and gone not in again.board.units
    assert again.board.plan is not None and again.board.plan.plan.name == "flood plan of tonight"
    assert names(told(again, msgspec.structs.replace(centre, plan=msgspec.structs.replace(centre.plan, name="new")), later(3))) == [
        "AdoptPlan"
    ]


def test_a_changed_name_zone_or_footing_is_told(desk: Begun, centre: Centre) -> None:
    changed = msgspec.structs.replace(centre, name="Other", timezone="Europe/London", footing="exercise")
    assert names(told(desk, changed, later(1))) == ["OpenCentre"]
    assert desk.board.centre is not None and (desk.board.centre.timezone, desk.board.centre.footing) == ("Europe/London", "exercise")


def test_a_unit_that_the_folder_took_off_and_lists_again(desk: Begun, centre: Centre) -> None:
    without = msgspec.structs.replace(centre, units=centre.units[1:])
    assert names(told(desk, without, later(1))) == ["WithdrawUnit"]
    assert told(desk, without, later(2)) == []
    assert names(told(desk, centre, later(3))) == ["EnrolUnit"]
