"""What a log says of targets, kinds of call, rates, work and places."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relived_town import Told, past_of_town, service
from tocsin.base.faults import BadInput
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.plan import Card, CardName, IncidentType, ResponsePlan, Slot
from tocsin.lab.city.model import PriorityClass, Span
from tocsin.lab.journal.rows import IncidentRow, SentRow
from tocsin.lab.relived.demand import (
    LONGEST_ON_SCENE_MS,
    as_sent,
    asked_by_plan,
    call_taking_of,
    is_transport,
    kinds_of,
    rates_of,
    target_by_plan_ms,
    targets_of,
    weights_of,
)
from tocsin.lab.relived.past import Past
from tocsin.lab.relived.weeks import kinds_for

ZONE = "America/Santiago"
UNITS = {"E1": ("engine", "A"), "E2": ("engine", "B"), "M1": ("ambulance", "A")}
ENGINE = (Slot("engine", ("engine",)),)


def card(target_s: int | None, *, is_from_call: bool = False, priorities: tuple[str, ...] = (), slots: tuple[Slot, ...] = ENGINE) -> Card:
    return Card(CardName("fire"), slots, ("fire",), priorities, target_s=target_s, is_from_call=is_from_call)


def plan(*cards: Card, priorities: tuple[str, ...] = ("P1", "P2"), urgent: tuple[str, ...] = ()) -> ResponsePlan:
    return ResponsePlan("p", priorities, (IncidentType("fire", "Fire"), IncidentType("fall", "Fall")), cards, urgent=urgent)


def rows_of(*calls: Told) -> tuple[IncidentRow, ...]:
    return past_of_town(calls, UNITS).rows


def targets_s(found: tuple[PriorityClass, ...]) -> dict[str, float]:
    return {one.name: one.target_ms / 1000 for one in found}


# ---- targets

TEN = tuple(Told(600 + nth * 3_000, 1.0, "E1", drive_s=100 + 10 * nth) for nth in range(10))
"""Responses of 210, 220, … 300 s: told after 60, rolled after 50."""


def test_nobody_says_what_is_late_so_nine_of_ten_do() -> None:
    found = targets_of(rows_of(*TEN), None, ZONE, {})
    assert found.by_priority == ("log",) and targets_s(found.classes) == {"P1": pytest.approx(291.0)}, "a tenth of the way from 290 to 300"


def test_where_nobody_was_reached_twenty_minutes_are_assumed_and_told() -> None:
    rows = rows_of(Told(600, 1.0, "E1", drive_s=None), *(one._replace(priority="P2") for one in TEN[1:]))
    found = targets_of(rows, None, ZONE, {})
    assert targets_s(found.classes)["P1"] == 1_200 and found.by_priority == ("default", "log")


def test_the_plan_s_target_begins_with_the_dispatch() -> None:
    found = targets_of(rows_of(*TEN), plan(card(480)), ZONE, {})
    assert targets_s(found.classes) == {"P1": 480 + 60, "P2": 1_200}, "a minute goes by before it, as usual"
    assert found.by_priority == ("plan", "default")


def test_a_target_from_the_call_on_has_the_dispatch_in_it() -> None:
    assert targets_s(targets_of(rows_of(*TEN), plan(card(480, is_from_call=True)), ZONE, {}).classes)["P1"] == 480


def test_what_comes_before_the_dispatch_is_the_median_of_the_priority() -> None:
    calls = [one._replace(told_s=told) for one, told in zip(TEN, [10, 10, 10, 40, 40, 40, 40, 900, 900, 900], strict=True)]
    assert targets_s(targets_of(rows_of(*calls), plan(card(480)), ZONE, {}).classes)["P1"] == 520


def test_a_card_that_fits_half_of_the_calls_says_nothing_for_all() -> None:
    calls = [one if nth % 2 else one._replace(kind="fall") for nth, one in enumerate(TEN)]
    assert targets_of(rows_of(*calls), plan(card(480)), ZONE, {}).by_priority[0] == "log"
    calls[0] = TEN[0]
    assert targets_of(rows_of(*calls), plan(card(480)), ZONE, {}).by_priority[0] == "plan"


def test_what_is_asked_goes_before_lab_toml_before_the_plan() -> None:
    rows, cards = rows_of(*TEN), plan(card(480))
    lab = targets_of(rows, cards, ZONE, {}, {"P1": 333.5, "P9": 1.0})
    assert targets_s(lab.classes) == {"P1": 333.5, "P2": 1_200} and lab.by_priority == ("lab", "default")
    asked = targets_of(rows, cards, ZONE, {"P1": 60}, {"P1": 333.5, "P2": 700})
    assert targets_s(asked.classes) == {"P1": 60, "P2": 700} and asked.by_priority == ("asked", "lab")


def test_a_target_for_a_priority_that_nobody_has_is_a_slip() -> None:
    with pytest.raises(BadInput, match="whatif_priority") as told:
        targets_of(rows_of(*TEN), plan(), ZONE, {"P7": 60})
    assert told.value.values == {"value": "P7", "known": "P1, P2"} and told.value.field == "--target"


def test_priorities_stand_in_the_plan_s_order_and_others_behind() -> None:
    rows = rows_of(*(one._replace(priority=name) for one, name in zip(TEN, "cabcabcabc", strict=True)))
    found = targets_of(rows, plan(priorities=("b", "c")), ZONE, {})
    assert [one.name for one in found.classes] == ["b", "c", "a"]
    assert [one.name for one in targets_of(rows, None, ZONE, {}).classes] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("urgent", "lights"),
    [((), [True, True, False]), (("P1",), [True, False, False]), (("P1", "P3"), [True, False, True])],
)
def test_lights_are_for_what_the_plan_calls_urgent_and_else_for_all_but_the_last(urgent: tuple[str, ...], lights: list[bool]) -> None:
    found = targets_of(rows_of(*TEN), plan(priorities=("P1", "P2", "P3"), urgent=urgent), ZONE, {})
    assert [one.is_urgent for one in found.classes] == lights


def test_the_only_priority_is_urgent() -> None:
    assert [one.is_urgent for one in targets_of(rows_of(*TEN), None, ZONE, {}).classes] == [True]


def test_the_first_card_that_states_a_target_counts() -> None:
    (row,) = rows_of(TEN[0])
    second = msgspec.structs.replace(card(900), name=CardName("more"), alarm_level=2)
    assert target_by_plan_ms(plan(card(None), second), row._replace(alarm_level=2), ZONE) == 900_000
    assert target_by_plan_ms(plan(card(480), second), row._replace(alarm_level=2), ZONE, 5_000) == 485_000
    assert target_by_plan_ms(plan(card(None), second), row, ZONE) is None and target_by_plan_ms(None, row, ZONE) is None


# ---- who is wanted


def sent(kind: str, unit: str = "X", **stamps: int) -> SentRow:
    names = ("dispatched", "rolled", "on_scene", "transporting", "at_hospital")
    dispatched, *rest = (Instant(stamps[name]) if name in stamps else None for name in names)
    ended = Instant(stamps["ended"]) if "ended" in stamps else None
    return SentRow(UnitId(unit), kind, dispatched or Instant(0), *rest, "", ended, "cleared")


def test_a_slot_for_each_kind_that_was_sent_with_its_count() -> None:
    (row,) = rows_of(TEN[0])
    row = row._replace(sent=(sent("engine"), sent("ladder"), sent("engine", "Y")))
    assert as_sent(row) == (Slot("engine", ("engine",), 2), Slot("ladder", ("ladder",), 1))


def test_the_plan_goes_by_when_somebody_was_sent_and_where_nobody_was_by_the_opening() -> None:
    night = msgspec.structs.replace(card(None), from_minute=0, to_minute=60)
    (late,) = rows_of(Told(3_500, 1.0, "E1", told_s=200))  # called at 00:58, sent at 01:01
    assert asked_by_plan(plan(night), late, ZONE) == () and asked_by_plan(plan(night), late._replace(sent=()), ZONE) == ENGINE
    assert asked_by_plan(None, late, ZONE) == ()


# ---- kinds


def kinds(past: Past, *, has_hospitals: bool = False):  # type: ignore[no-untyped-def]
    return kinds_of(past.rows, ZONE, past.targets.classes, as_sent, has_hospitals=has_hospitals)


def test_kinds_are_types_priorities_and_units_wanted_the_frequent_first() -> None:
    calls = [
        *TEN[:4],
        *(one._replace(kind="fall", unit="M1") for one in TEN[4:6]),
        TEN[6]._replace(unit="M1"),
        TEN[7]._replace(priority="P2"),
    ]
    past = past_of_town(calls, UNITS)
    found, of_row = kinds(past)
    assert [one.name for one in found] == ["fire P1", "fall P1", "fire P1 #2", "fire P2"]
    assert of_row.tolist() == [0, 0, 0, 0, 1, 1, 2, 3]
    assert [one.slots[0].name for one in found] == ["engine", "ambulance", "ambulance", "engine"]
    assert [(one.priority, one.places) for one in found] == [(0, 0), (0, 0), (0, 0), (1, 1)]
    hours = (past.rows[-1].arrived - past.rows[0].arrived) / 3_600_000
    assert found[0].per_hour[0] == pytest.approx(4 / hours), "shorter than a day: flat over its own hours"
    assert set(found[0].per_hour) == {found[0].per_hour[0]}


def test_a_log_of_one_moment_counts_as_an_hour() -> None:
    rows = rows_of(TEN[0])
    assert (rates_of(rows, ZONE, np.zeros(1, np.int64)) == 1.0).all()


def test_transports_and_second_reports_are_shares() -> None:
    past = past_of_town(TEN[:4], UNITS)
    taken = sent("engine", dispatched=0, rolled=10, on_scene=20, transporting=30, at_hospital=40, ended=50)
    rows = (past.rows[0]._replace(sent=(taken,), reports=3), *past.rows[1:])
    assert is_transport(rows[0]) and not is_transport(rows[1])
    found, _ = kinds(past._replace(rows=rows), has_hospitals=True)
    assert found[0].transport_ppm == 250_000
    assert found[0].second_report_ppm == round(1_000_000 * (1 - 4 / 6)), "a call has as many reports on the mean as a row of coins"
    without, _ = kinds(past._replace(rows=rows))
    assert without[0].transport_ppm == 0


def test_work_on_scene_is_the_type_s_own_where_thirty_are_known() -> None:
    fires = [Told(600 + nth * 1_000, 1.0, "E1", drive_s=100, scene_s=600) for nth in range(30)]
    falls = [Told(100 + nth * 1_000, 1.0, "M1", kind="fall", drive_s=100, scene_s=300) for nth in range(29)]
    found, _ = kinds(past_of_town([*fires, *falls], UNITS))
    by_name = {one.name: one.on_scene for one in found}
    assert by_name["fire P1"].mean_ms == 600_000 and set(by_name["fire P1"].values_ms) == {600_000}
    assert by_name["fall P1"].mean_ms == round((30 * 600 + 29 * 300) / 59 * 1000), "too few: as all"


def test_work_without_end_is_not_work_and_where_nobody_worked_a_quarter_of_an_hour_is_taken() -> None:
    past = past_of_town(TEN[:2], UNITS)
    forgotten = sent("engine", dispatched=0, on_scene=0, ended=LONGEST_ON_SCENE_MS + 1)
    found, _ = kinds(past._replace(rows=tuple(row._replace(sent=(forgotten,)) for row in past.rows)))
    assert found[0].on_scene.values_ms == (900_000,)
    longest = forgotten._replace(ended=Instant(LONGEST_ON_SCENE_MS))
    found, _ = kinds(past._replace(rows=tuple(row._replace(sent=(longest,)) for row in past.rows)))
    assert found[0].on_scene.mean_ms == LONGEST_ON_SCENE_MS


def test_handover_counts_from_the_door_where_there_are_hospitals() -> None:
    past = past_of_town(TEN[:2], UNITS)
    taken = sent("engine", dispatched=0, on_scene=100_000, transporting=160_000, at_hospital=400_000, ended=1_000_000)
    rows = tuple(row._replace(sent=(taken,)) for row in past.rows)
    with_them, _ = kinds(past._replace(rows=rows), has_hospitals=True)
    assert with_them[0].on_scene.mean_ms == 60_000 and with_them[0].handover.mean_ms == 600_000
    without, _ = kinds(past._replace(rows=rows))
    assert without[0].on_scene.mean_ms == 900_000, "the whole stay"
    assert kinds(past)[0][0].handover == Span(0)


# ---- places and call taking


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-1, 5), st.sampled_from(["P1", "P2"])), min_size=1, max_size=12))
def test_weights_add_up_to_one_and_lie_where_calls_came_from(drawn: list[tuple[int, str]]) -> None:
    if all(place < 0 for place, _ in drawn):
        return
    (row,) = rows_of(TEN[0])
    rows = [row._replace(priority=name) for _, name in drawn]
    classes = [PriorityClass(name, 480_000, True) for name in ("P1", "P2", "P3")]
    found = weights_of(rows, np.array([place for place, _ in drawn]), 6, classes)
    assert found.shape == (3, 6) and found.sum(axis=1) == pytest.approx(1.0)
    every = np.bincount([place for place, _ in drawn if place >= 0], minlength=6)
    assert found[2] == pytest.approx(every / every.sum()), "nobody called with it: as all calls"
    for nth, name in enumerate(("P1", "P2")):
        own = np.bincount([place for place, which in drawn if place >= 0 and which == name], minlength=6)
        assert found[nth] == pytest.approx(own / own.sum() if own.sum() else every / every.sum())


def test_call_taking_leaves_out_what_cannot_be_taking_a_call() -> None:
    rows = rows_of(*(one._replace(told_s=told) for one, told in zip(TEN[:3], (30, 90, 700), strict=True)))
    assert call_taking_of(rows).values_ms == (30_000, 90_000), "ten minutes are a wait for a unit"
    assert call_taking_of([row._replace(sent=()) for row in rows]) == Span(90_000)


def test_both_services_share_kinds_but_for_the_units_they_want() -> None:
    past = past_of_town(TEN[:4], UNITS)
    base = service(past)
    more = base._replace(plan=plan(card(None, slots=(Slot("engine", ("engine",), 2),))))
    found = kinds_for(past, base, more)
    assert [one.slots for one in found.base] == [(Slot("engine", ("engine",), 1),)]
    assert [one.slots for one in found.changed] == [(Slot("engine", ("engine",), 2),)] and found.width == 2
    assert found.base[0].per_hour == found.changed[0].per_hour and found.of_row.tolist() == [0] * 4
