"""A small log lived again: the same calls for everybody, nobody lost, what the log tells kept."""

import numpy as np
import pytest

from report_shift import shift
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, StationId, UnitId
from tocsin.base.instants import iso
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.lab.draws import Streams
from tocsin.lab.journal.fold import hear
from tocsin.lab.relived.demand import targets_of
from tocsin.lab.relived.ground import ground_of, straight_roads
from tocsin.lab.relived.past import Kinds, Past, past_of
from tocsin.lab.relived.serving import Service, move_unit, service_of, stations_of
from tocsin.lab.relived.weeks import Lived, kinds_for, live, weeks
from tocsin.lab.run import run

STATIONS = {"A": LonLat(0.0, 0.0), "B": LonLat(0.05, 0.0)}
UNITS = (("E1", "engine", "A"), ("E2", "engine", "B"), ("M1", "ambulance", "A"))


def clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def a_day() -> list[Record]:
    """Every twenty minutes somebody calls, here or there; each fifth is sent to late, each seventh never reached."""
    lines = []
    for nth in range(60):
        at, unit, priority = 600 + nth * 1200, ("E1", "E2", "M1")[nth % 3], ("P1", "P2")[nth % 2]
        told = at + (500 if nth % 5 == 0 else 60)
        lines.append((at, f"open I{nth:03d} {'fire' if nth % 3 else 'fall'} {priority}"))
        lines.append((at, f"place I{nth:03d} {0.01 * (nth % 6):.3f} {0.01 * (nth % 4):.3f} {'A' if nth % 6 < 3 else 'B'}"))
        lines.append((told, f"send I{nth:03d} {unit}"))
        if nth % 7:
            lines += [(told + 50, f"{unit} en_route I{nth:03d}"), (told + 300, f"{unit} on_scene I{nth:03d}")]
            lines.append((told + 700, f"{unit} clear I{nth:03d}"))
        else:
            lines.append((told + 200, f"{unit} off I{nth:03d}"))
    records = shift("\n".join(f"{clock(at)} {what}" for at, what in sorted(lines, key=lambda line: line[0])))
    told_first: list[Event] = [StationOpened(StationId(name), name, Place(at)) for name, at in STATIONS.items()]
    told_first += [UnitEnrolled(UnitId(unit), kind, (), StationId(station)) for unit, kind, station in UNITS]
    at = records[0].at
    head = [Record("t", at, at, at, "t", CommandId(f"head{nth}"), 1, event) for nth, event in enumerate(told_first)]
    return [records[0], *head, *records[1:]]


@pytest.fixture(scope="module")
def past() -> Past:
    records = a_day()
    heard = hear(records)
    ground = ground_of(heard, [one.at for one in stations_of(heard)], straight_roads)
    return past_of(heard, [], ground, targets_of(heard.rows, heard.plan, heard.timezone, {}))


def service(past: Past) -> Service:
    return service_of(past.heard, [], stations_of(past.heard), past.ground)


def lived(past: Past, *services: Service, replication: int = 0) -> tuple[list[list[Lived]], Kinds]:
    kinds = kinds_for(past, services[0], services[-1])
    return list(live(past, [(one, kinds.base) for one in services], kinds, Streams(1, replication))), kinds


def test_every_call_is_lived_again_at_its_own_minute_and_place(past: Past) -> None:
    ((week,),), _ = lived(past, service(past))
    begin = next(weeks(past))[0]
    assert iso(begin) == "2026-06-29T04:00:00.000Z", "Monday, midnight, in Chile"
    assert [begin + at for at in week.calls.at_ms.tolist()] == [row.arrived for row in past.rows]
    assert week.calls.size == 60 and past.waited == 12, "each fifth was sent to more than five minutes after its opening"
    assert set((week.calls.ready_ms - week.calls.at_ms).tolist()) == {60_000}, "as fast as the others were decided"


def test_what_the_log_tells_is_kept_and_calls_that_nobody_reached_take_no_time(past: Past) -> None:
    ((week,),), _ = lived(past, service(past))
    reached = np.array([row.on_scene is not None for row in past.rows])
    assert (week.calls.on_scene_ms[reached, 0] == 400_000).all() and (week.calls.on_scene_ms[~reached] == 0).all()
    assert not week.calls.is_transport.any()


def test_two_services_live_the_very_same_calls(past: Past) -> None:
    base = service(past)
    ((one, two),), _ = lived(past, base, move_unit(base, "E2:A"))
    for mine, other in zip(one.calls, two.calls, strict=True):
        assert (mine == other).all()
    assert one.city.units != two.city.units and one.city.stations == two.city.stations


def test_dice_differ_by_replication_only_in_what_the_log_does_not_tell(past: Past) -> None:
    ((one,),), _ = lived(past, service(past))
    ((two,),), _ = lived(past, service(past), replication=1)
    assert (one.calls.at_ms == two.calls.at_ms).all() and (one.calls.place == two.calls.place).all()
    assert (one.calls.travel_ppm != two.calls.travel_ppm).any()


def test_everybody_is_reached_by_the_kind_that_was_sent(past: Past) -> None:
    ((week,),), _ = lived(past, service(past))
    outcome = run(week.city, week.calls, get_policy("closest"), engine="plain")
    assert (outcome.on_scene_ms >= week.calls.ready_ms).all() and not outcome.is_overloaded
    assert (outcome.busy_ms <= outcome.ended_ms).all() and outcome.sent.sum() >= 60
    kinds = np.array([unit.kind for unit in week.city.units])
    assert kinds[outcome.first_unit].tolist() == [row.sent[0].kind for row in past.rows], "there is no plan"


def test_kinds_tell_calls_apart_by_type_priority_and_units(past: Past) -> None:
    _, kinds = lived(past, service(past))
    assert len(kinds.base) == len({(row.incident_type, row.priority, row.sent[0].kind) for row in past.rows})
    assert sum(sum(kind.per_hour) for kind in kinds.base) > 0 and kinds.width == 1
