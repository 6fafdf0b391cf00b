"""The invented city on the real desk: promises hold at every answer, nobody waits for ever, and the dice are common to all."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from played_shift import Play, Shift, only, with_units

from promises.checkers import check_journal
from tocsin.base.geometry import flat_distance_m
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.incident import AlarmRaised, IncidentClosed, IncidentOpened
from tocsin.core.messages.plan import Slot
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.unit import ReportUnitStatus, UnitStatusChanged, phase_of
from tocsin.formats.centre import Centre
from tocsin.lab.scenario import Scenario


@pytest.fixture(scope="module")
def shift(play: Play, centre: Centre, scenario: Scenario) -> Shift:
    """The demo's own day."""
    return play(centre, scenario)


def assert_all_is_done(shift: Shift) -> None:
    board = shift.desk.board
    assert [incident.incident for incident in board.open_incidents.values()] == []
    assert {unit.unit: unit.phase for unit in board.units.values() if unit.phase != "at_station"} == {}
    for incident in board.incidents.values():
        assert any("on_scene" in one.stamps for one in incident.assignments), f"nobody ever came to {incident.incident}"


def test_a_whole_day_keeps_every_promise(shift: Shift) -> None:
    assert_all_is_done(shift)
    check_journal(shift.journal, shift.desk.board)
    happened = Counter(type(event).__name__ for _, answer in shift.answers for event in answer.events)
    assert happened["IncidentOpened"] == happened["IncidentClosed"] > 100
    assert happened["UnitDiverted"] > 0 and happened["AlarmRaised"] > 0 and happened["CallAttached"] > 0


def test_a_dispatch_that_came_too_late_is_all_that_is_refused(shift: Shift) -> None:
    refused = Counter(event.code for _, event in shift.events(CommandRefused))
    assert set(refused) <= {"UnitNotFree", "CrewBusy", "IncidentNotOpen"}
    assert sum(refused.values()) < 10


def test_crews_arrive_about_when_the_receipt_said(shift: Shift) -> None:
    """The world drives from where its crews are, the engine reckons from where the board knows them: they must be one place."""
    etas: dict[tuple[UnitId, str], int] = {}
    sent: dict[tuple[UnitId, str], Instant] = {}
    ratios = []
    for now, event in shift.events(UnitsRecommended, UnitsDispatched, UnitStatusChanged):
        match event:
            case UnitsRecommended():
                etas |= {(pick.unit, event.incident): pick.eta_ms for pick in event.receipt.picks}
            case UnitsDispatched():
                sent |= {(unit, event.incident): now for unit in event.units}
            case UnitStatusChanged() if event.incident is not None and phase_of(event.status) == "on_scene":
                job = (event.unit, event.incident)
                ratios.append(span_ms(start=sent[job], end=now) / etas[job])
    ratios.sort()
    assert len(ratios) > 150
    assert 0.9 < ratios[len(ratios) // 2] < 1.1
    assert ratios[len(ratios) // 20] > 0.6 and ratios[-len(ratios) // 20] < 1.6


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize(
    "units",
    [
        ("E71", "M1"),  # one engine, one ambulance for a whole city
        ("E31", "W31", "M1", "L11"),  # a crew of two vehicles
        ("E11", "L11", "W31", "C11", "M1", "M7"),
    ],
    ids=" ".join,
)
def test_an_overloaded_shift_serves_everybody_in_the_end(
    play: Play, centre: Centre, scenario: Scenario, units: tuple[str, ...], seed: int
) -> None:
    can = {name for unit in centre.units if unit.unit in units for name in (unit.kind, *unit.capabilities)}
    served = {"sick", "fall", "cardiac", "alarm", "brush-fire"} | ({"crash"} if "rescue" in can else set())
    kinds = tuple(kind for kind in scenario.kinds if kind.incident_type in served)
    shift = play(with_units(centre, *units), msgspec.structs.replace(scenario, kinds=kinds, hours=6.0), seed=seed)
    assert_all_is_done(shift)
    short = [event for _, event in shift.events(UnitsRecommended) if event.receipt.shortfalls]
    assert short, "this was no overload"


def test_a_place_that_nobody_can_serve_is_said_to_be_one(play: Play, centre: Centre, scenario: Scenario) -> None:
    """Crashes need a rescue unit, and there is none: the ambulance comes, the incident stays open and says what it lacks."""
    shift = play(with_units(centre, "M1", "M2"), only(scenario, "crash").lasting(1.0), seed=4)
    open_ones = shift.desk.board.open_incidents.values()
    assert len(open_ones) == len(shift.desk.board.incidents) > 0
    for incident in open_ones:
        assert incident.receipt is not None
        assert ("rescue", "NOBODY_CAPABLE") in {(short.slot, short.why) for short in incident.receipt.shortfalls}


def test_longer_interviews_leave_arrivals_and_places_alone(play: Play, centre: Centre, scenario: Scenario) -> None:
    def demand(shift: Shift) -> tuple[list[tuple[str, Instant]], dict[str, tuple[object, str, str]]]:
        calls = [(str(event.call), event.arrived) for _, event in shift.events(CallReceived) if not str(event.call).endswith("-b")]
        opened = {str(event.incident): (event.place, event.incident_type, event.priority) for _, event in shift.events(IncidentOpened)}
        return sorted(calls), opened

    short = play(centre, scenario.lasting(3.0), seed=5)
    long = play(centre, msgspec.structs.replace(scenario.lasting(3.0), interview_s=300.0), seed=5)
    other = play(centre, scenario.lasting(3.0), seed=6)
    assert demand(short) == demand(long) != demand(other)
    at = {str(event.incident): now for now, event in short.events(IncidentOpened)}
    later = {str(event.incident): now for now, event in long.events(IncidentOpened)}
    assert all(later[incident] > at[incident] for incident in at)


def test_a_crew_that_was_turned_round_says_nothing_of_its_old_errand(play: Play, centre: Centre, scenario: Scenario) -> None:
    shift = play(with_units(centre, "M1", "M4", "M6", "E11", "E41", "L11"), scenario.lasting(8.0), seed=8)
    job: dict[UnitId, str | None] = {}
    turned = 0
    for _, answer in shift.answers:
        said = answer.records[0].says
        if isinstance(said, ReportUnitStatus):
            assert answer.refusal is None
        for event in answer.events:
            match event:
                case UnitsDispatched():
                    job |= dict.fromkeys(event.units, event.incident)
                case UnitCleared() | AssignmentCancelled():
                    job[event.unit] = None
                case UnitDiverted():
                    turned += 1
                case UnitStatusChanged():
                    assert not event.is_surprising, f"{event.unit} {phase_of(event.status)} out of turn"
                    assert event.incident in (None, job.get(event.unit)), f"{event.unit} speaks of {event.incident}"
                case _:
                    pass
    assert turned > 0, "nobody was diverted: the test saw nothing"


def test_a_second_alarm_happens_and_is_served(play: Play, centre: Centre, scenario: Scenario) -> None:
    fires = only(scenario, "structure-fire", second_alarm_probability=1.0)
    shift = play(centre, msgspec.structs.replace(fires, calls_per_hour=(2.0,) * 24, hours=2.0), seed=9)
    opened, closed = ({event.incident: now for now, event in shift.events(kind)} for kind in (IncidentOpened, IncidentClosed))
    raised = {event.incident: now for now, event in shift.events(AlarmRaised)}
    assert set(raised) == set(opened) == set(closed)
    units = {incident.incident: [one.unit for one in incident.assignments] for incident in shift.desk.board.incidents.values()}
    assert any(len(names) >= 6 for names in units.values()), units
    assert_all_is_done(shift)


def test_patients_are_driven_to_the_nearest_hospital_by_road(play: Play, centre: Centre, scenario: Scenario) -> None:
    sick = only(scenario, "cardiac", transport_probability=1.0)
    shift = play(centre, sick.lasting(6.0), seed=10)
    drive = shift.city._drive
    by_name = {hospital.name: hospital.place for hospital in scenario.hospitals}
    scene = {event.incident: event.place.at for _, event in shift.events(IncidentOpened)}
    jobs: dict[UnitId, str] = {}
    chosen = []
    for _, event in shift.events(UnitsDispatched, UnitStatusChanged):
        if isinstance(event, UnitsDispatched):
            jobs |= dict.fromkeys(event.units, event.incident)
        elif phase_of(event.status) == "at_hospital":
            assert event.place is not None
            start = scene[jobs[event.unit]]
            times = {name: drive.time_ms(start, place) for name, place in by_name.items()}
            assert event.place.text == min(times, key=lambda name: times[name] or 10**9)
            chosen.append(event.place.text)
    assert len(chosen) == len(shift.desk.board.incidents)
    assert set(chosen) == set(by_name), "both hospitals were somebody's nearest"


def test_two_shifts_of_one_seed_are_one(play: Play, centre: Centre, scenario: Scenario) -> None:
    first, second = (play(centre, scenario.lasting(1.0), seed=12) for _ in range(2))
    assert [(now, answer.events) for now, answer in first.answers if not _is_sealed(answer)] == [
        (now, answer.events) for now, answer in second.answers if not _is_sealed(answer)
    ]


def _is_sealed(answer: object) -> bool:
    """Boxes are random."""
    return any(type(event).__name__ in ("CallReceived", "NoteAdded") for event in answer.events)  # type: ignore[attr-defined]  # an answer


def test_time_runs_forward(shift: Shift) -> None:
    assert all(earlier <= later for (earlier, _), (later, _) in pairwise(shift.answers))


def test_a_crew_on_its_way_home_is_found_on_the_road(play: Play, centre: Centre, scenario: Scenario) -> None:
    shift = play(centre, scenario.lasting(2.0), seed=13)
    drive = shift.city._drive
    start, end = scenario.hospitals[0].place, scenario.hospitals[1].place
    whole_ms = drive.time_ms(start, end)
    assert whole_ms is not None
    middle = drive.part_way(start, end, 0.5)
    assert drive.time_ms(middle, end) == pytest.approx(whole_ms / 2, rel=0.02)
    assert flat_distance_m(start=drive.part_way(start, end, 0.0), end=start) < 100
    assert flat_distance_m(start=drive.part_way(start, end, 1.0), end=end) < 100


def test_a_vehicle_whose_crew_comes_free_with_another_one_is_thought_of(play: Play, centre: Centre, scenario: Scenario) -> None:
    """E31 and W31 share a crew. A fire that needs W31 waits while the crew is out with E31, and is served when E31 comes free."""
    tanker = Slot("water", ("water",), 1)
    cards = tuple(
        msgspec.structs.replace(card, slots=(tanker,)) if card.name == "brush-fire" else card
        for card in centre.plan.cards
        if card.name in ("brush-fire", "alarm")
    )
    plan = msgspec.structs.replace(centre.plan, cards=cards)
    kinds = tuple(kind for kind in scenario.kinds if kind.incident_type in ("alarm", "brush-fire"))
    shift = play(
        msgspec.structs.replace(with_units(centre, "E31", "W31"), plan=plan),
        msgspec.structs.replace(scenario, kinds=kinds, hours=3.0),
        seed=14,
    )
    assert_all_is_done(shift)
