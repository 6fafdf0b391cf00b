"""A world in front of the desk: people call, a dispatcher follows the recommendation, crews drive, work and go home.

It knows only what it invented and what it is told in answers. One stream of dice per purpose, so that a change in one (say, longer
interviews) leaves the others as they were (common random numbers).
"""

from collections.abc import Iterable, Iterator
from math import exp, log
from random import Random
from typing import NamedTuple

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import CallId, CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant, after, local_parts, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.clocks.desk import Answer
from tocsin.clocks.simulate import Moment
from tocsin.core.messages.assignment import AssignmentCancelled, DispatchUnits, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import AttachCall, TakeCall
from tocsin.core.messages.incident import AlarmRaised, IncidentOpened, OpenIncident, RaiseAlarm
from tocsin.core.messages.moveup import AcknowledgeMoveUp, MoveUpAdvised, MoveUpEnded, MoveUpOrdered, OrderMoveUp
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import Receipt, RecommendUnits, UnitsRecommended
from tocsin.core.messages.said import Ask, Command, Event
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus, UnitEnrolled, UnitStatusChanged, phase_of
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import HOUR_MS, Kind, Scenario


class Say(NamedTuple):
    """Something that somebody says at a moment, if their errand is still the same by then."""

    actor: str
    command: Command
    errand: tuple[UnitId, int] | None = None


class Decide(NamedTuple):
    """The dispatcher acts on the latest recommendation for an incident."""

    incident: IncidentId


Doing = Say | Decide


class Trip(NamedTuple):
    """A drive: from ``start`` to ``end``, setting out at ``since`` and there at ``until``."""

    start: LonLat
    end: LonLat
    since: Instant
    until: Instant

    def place_at(self, now: Instant, drive: Drive) -> LonLat:
        """Where on the road it is; the same share of the road time lies behind it as of the trip's own."""
        if now <= self.since:
            return self.start
        if now >= self.until:
            return self.end
        return drive.part_way(self.start, self.end, span_ms(start=self.since, end=now) / span_ms(start=self.since, end=self.until))


class Crew:
    """What the world knows of one unit."""

    def __init__(self, kind: str, home: LonLat | None) -> None:
        self.kind, self.home = kind, home
        self.place = home
        """Where it stands, or stood when it set out."""
        self.trip: Trip | None = None
        self.errand = 0
        """Moves on with every new order: what was planned for an older one is not said any more."""

    def halt(self, now: Instant, drive: Drive) -> None:
        """Stop where it is now."""
        self.place = self.trip.place_at(now, drive) if self.trip is not None else self.place
        self.trip = None

    def set_out(self, end: LonLat, since: Instant, until: Instant) -> None:
        """Drive to a place."""
        self.trip = Trip(self.place or end, end, since, until)


class Job:
    """What the world knows of one incident."""

    def __init__(self, kind: Kind, place: LonLat) -> None:
        self.kind, self.place = kind, place
        self.receipt: Receipt | None = None
        self.receipt_sha256 = ""
        self.is_being_decided = False
        self.is_asked_anew = False
        """Somebody else was quicker, and the dispatcher is about to ask for another recommendation."""
        self.has_transport = False


class City:
    """Callers, one dispatcher and crews."""

    def __init__(self, scenario: Scenario, demand: StreetDemand, drive: Drive, *, seed: int, timezone: str) -> None:
        self._scenario, self._demand, self._drive, self._timezone = scenario, demand, drive, timezone
        self._dice = {name: Random(f"{seed}/{name}") for name in ("arrivals", "places", "kinds", "people", "crews", "travel", "moves")}
        self._jobs: dict[IncidentId, Job] = {}
        self._crews: dict[UnitId, Crew] = {}
        self._stations: dict[str, LonLat | None] = {}
        self._said = 0

    # ---- people call

    def begin(self) -> Iterator[Moment[Doing]]:
        """Every call of the shift."""
        for number, arrived in enumerate(self._arrivals(), start=1):
            yield from self._call(number, arrived)

    def _arrivals(self) -> Iterator[Instant]:
        """Poisson arrivals by local hour, by thinning (Lewis & Shedler 1979); every k-th of a k times denser stream if they come evenly."""
        dice, rates, evenness = self._dice["arrivals"], self._scenario.calls_per_hour, self._scenario.evenness
        at = start = self._scenario.begin_at()
        peak, drawn = max(rates), 0
        while True:
            at = after(at, Millis(round(dice.expovariate(peak * evenness) * HOUR_MS)))
            if span_ms(start=start, end=at) >= self._scenario.lasts_ms():
                return
            if dice.random() * peak < rates[local_parts(at, self._timezone).hour]:
                drawn += 1
                if drawn % evenness == 0:
                    yield at

    def _call(self, number: int, arrived: Instant) -> Iterator[Moment[Doing]]:
        people = self._dice["people"]
        kind = self._dice["kinds"].choices(self._scenario.kinds, [kind.share for kind in self._scenario.kinds])[0]
        at, street = self._demand.draw(self._dice["places"])
        call, incident = CallId(f"call-{number:04d}"), IncidentId(f"inc-{number:04d}")
        self._jobs[incident] = Job(kind, at)
        place = Place(at=at, text=street, area=self._first_due(at), uncertainty_m=Metres(25.0))
        answered = after(arrived, self._draw_ms(people, self._scenario.answer_s, 0.5))
        yield self._takes(call, number, arrived, answered, place)
        opened = after(answered, self._draw_ms(people, self._scenario.interview_s, 0.4))
        opening = OpenIncident(incident, kind.incident_type, kind.priority, place, (call,))
        yield Moment(opened, Say("call-taker-1", opening))
        if people.random() < kind.second_call_probability:
            second = CallId(f"{call}-b")
            again = after(opened, self._draw_ms(people, 60.0, 0.6))
            yield self._takes(second, number + 5000, again, after(again, Millis(7000)), place)
            yield Moment(after(again, Millis(30_000)), Say("call-taker-2", AttachCall(second, incident)))

    def _first_due(self, at: LonLat) -> str:
        """The nearest station as the crow flies: how station areas are commonly drawn."""
        known = [(flat_distance_m(start=place, end=at), name) for name, place in self._stations.items() if place is not None]
        return min(known)[1] if known else ""

    @staticmethod
    def _takes(call: CallId, number: int, arrived: Instant, answered: Instant, place: Place) -> Moment[Doing]:
        """The invented caller's number and place are sealed by the desk like a real one's."""
        here = f"geo:{place.at.lat},{place.at.lon};u=25" if place.at is not None else place.text
        taking = TakeCall(call, arrived, answered, "voice", Plain(here), caller_number=Plain(f"+56 51 555 {number:04d}"))
        return Moment(answered, Say("call-taker-1", taking))

    # ---- somebody acts

    def act(self, moment: Moment[Doing]) -> Iterable[Ask]:
        """What is said now."""
        doing = moment.what
        if isinstance(doing, Decide):
            return self._decide(doing.incident, moment.at)
        if doing.errand is not None and self._crews[doing.errand[0]].errand != doing.errand[1]:
            return []
        return [self._ask(doing.actor, moment.at, doing.command)]

    def _ask(self, actor: str, at: Instant, command: Command) -> Ask:
        self._said += 1
        return Ask(CommandId(f"sim-{self._said:06d}"), actor, at, command, clock="simulated")

    def _decide(self, incident: IncidentId, at: Instant) -> list[Ask]:
        job = self._jobs[incident]
        job.is_being_decided = False
        receipt, job.receipt = job.receipt, None
        if receipt is None or not receipt.picks:
            return []
        units = tuple(dict.fromkeys(pick.unit for pick in receipt.picks))
        return [self._ask("dispatcher-1", at, DispatchUnits(incident, units, job.receipt_sha256))]

    def is_being_decided(self, incident: IncidentId) -> bool:
        """Whether the dispatcher has a recommendation for it in hand, or has just asked for one anew: for checkers."""
        return self._jobs[incident].is_being_decided or self._jobs[incident].is_asked_anew

    # ---- somebody hears

    def hear(self, answer: Answer, now: Instant) -> Iterator[Moment[Doing]]:
        """What follows from an answer."""
        command = answer.records[0].says
        if isinstance(command, DispatchUnits) and answer.refusal is not None:
            self._jobs[command.incident].is_asked_anew = True
            yield Moment(after(now, Millis(1000)), Say("dispatcher-1", RecommendUnits(command.incident)))
        for event in answer.events:
            yield from self._hear_event(event, now)

    def _hear_event(self, event: Event, now: Instant) -> Iterator[Moment[Doing]]:
        match event:
            case StationOpened():
                self._stations[event.station] = event.place.at
            case UnitEnrolled():
                self._crews[event.unit] = Crew(event.kind, self._stations.get(event.station or ""))
            case UnitsRecommended():
                yield from self._hear_recommendation(event, now)
            case UnitsDispatched():
                for unit in event.units:
                    yield from self._roll(unit, event.incident, now)
            case UnitDiverted() | AssignmentCancelled():
                yield from self._turn_round(event, now)
            case UnitStatusChanged():
                yield from self._hear_status(event, now)
            case IncidentOpened() | AlarmRaised():
                yield from self._hear_incident(event, now)
            case MoveUpAdvised() | MoveUpOrdered() | MoveUpEnded():
                yield from self._hear_move(event, now)
            case _:
                pass  # the rest is for screens

    def _hear_recommendation(self, event: UnitsRecommended, now: Instant) -> Iterator[Moment[Doing]]:
        job = self._jobs[event.incident]
        job.receipt, job.receipt_sha256, job.is_asked_anew = event.receipt, event.receipt_sha256, False
        if event.receipt.picks and not job.is_being_decided:
            job.is_being_decided = True
            yield Moment(after(now, self._draw_ms(self._dice["people"], self._scenario.decide_s, 0.5)), Decide(event.incident))

    def _hear_incident(self, event: IncidentOpened | AlarmRaised, now: Instant) -> Iterator[Moment[Doing]]:
        kind = self._jobs[event.incident].kind
        people = self._dice["people"]
        if isinstance(event, IncidentOpened):
            note = AddNote(event.incident, Plain("DEMO"))
            yield Moment(after(now, Millis(5000)), Say("call-taker-1", note))
            if people.random() < kind.second_alarm_probability:
                raising = RaiseAlarm(event.incident, 2)
                yield Moment(after(now, self._draw_ms(people, 900.0, 0.3)), Say("dispatcher-1", raising))

    def _hear_move(self, event: MoveUpAdvised | MoveUpOrdered | MoveUpEnded, now: Instant) -> Iterator[Moment[Doing]]:
        if isinstance(event, MoveUpAdvised):
            yield from self._hear_advice(event, now)
        elif isinstance(event, MoveUpOrdered):
            yield from self._cover(event, now)
        else:
            self._crews[event.unit].errand += 1
            yield from self._go_home(event.unit, now)

    def _hear_advice(self, event: MoveUpAdvised, now: Instant) -> Iterator[Moment[Doing]]:
        """The dispatcher orders what is advised, unless the unit has had another order by then."""
        at = after(now, self._draw_ms(self._dice["moves"], self._scenario.decide_s, 0.5))
        yield Moment(at, Say("dispatcher-1", OrderMoveUp(event.unit, event.station), (event.unit, self._crews[event.unit].errand)))

    # ---- crews

    def _cover(self, event: MoveUpOrdered, now: Instant) -> Iterator[Moment[Doing]]:
        """To the other station, and there until the next job."""
        crew, dice, place = self._crews[event.unit], self._dice["moves"], self._stations.get(event.station)
        crew.errand += 1
        crew.halt(now, self._drive)
        if place is None:
            return
        told = after(now, self._draw_ms(dice, self._scenario.acknowledge_s, 0.4))
        rolling = after(told, Millis(30_000))
        there = after(rolling, self._travel_ms(crew.place, place))
        crew.set_out(place, rolling, there)
        yield Moment(told, Say(f"unit:{event.unit}", AcknowledgeMoveUp(event.unit), (event.unit, crew.errand)))
        yield self._report(event.unit, "moving_up", rolling)
        yield self._report(event.unit, "at_station", there)

    def _roll(self, unit: UnitId, incident: IncidentId, now: Instant) -> Iterator[Moment[Doing]]:
        crew, job, dice = self._crews[unit], self._jobs[incident], self._dice["crews"]
        crew.errand += 1
        crew.halt(now, self._drive)
        told = after(now, self._draw_ms(dice, self._scenario.acknowledge_s, 0.4))
        turnout_s = self._scenario.turnout_s.get(crew.kind, self._scenario.turnout_s.get("*", 60.0))
        rolling = after(told, self._draw_ms(dice, turnout_s, 0.3))
        there = after(rolling, self._travel_ms(crew.place, job.place))
        crew.set_out(job.place, rolling, there)
        yield self._report(unit, "acknowledged", told)
        yield self._report(unit, "en_route", rolling)
        yield self._report(unit, "on_scene", there)

    def _hear_status(self, event: UnitStatusChanged, now: Instant) -> Iterator[Moment[Doing]]:
        if event.is_surprising or event.incident is None:
            return
        if phase_of(event.status) in ("on_scene", "at_hospital"):
            self._crews[event.unit].halt(now, self._drive)
        match phase_of(event.status):
            case "on_scene":
                yield from self._work(event.unit, event.incident, now)
            case "transporting":
                yield from self._drive_patient(event.unit, now)
            case "at_hospital":
                wait_ms = self._draw_ms(self._dice["crews"], self._scenario.hospital_s, 0.4)
                yield self._report(event.unit, "returning", after(now, wait_ms))
            case "returning":
                yield from self._go_home(event.unit, now)
            case _:
                pass

    def _work(self, unit: UnitId, incident: IncidentId, now: Instant) -> Iterator[Moment[Doing]]:
        job, dice = self._jobs[incident], self._dice["crews"]
        done = after(now, self._draw_ms(dice, job.kind.on_scene_s, 0.5))
        is_ambulance = self._crews[unit].kind == "ambulance"
        is_transport = is_ambulance and not job.has_transport and dice.random() < job.kind.transport_probability
        if is_ambulance:
            yield self._report(unit, "at_patient", after(now, Millis(45_000)))
            done = max(done, after(now, Millis(60_000)))
        job.has_transport = job.has_transport or is_transport
        yield self._report(unit, "transporting" if is_transport else "returning", done)

    def _drive_patient(self, unit: UnitId, now: Instant) -> Iterator[Moment[Doing]]:
        crew = self._crews[unit]
        hospitals = [hospital.place for hospital in self._scenario.hospitals]
        found = self._drive.nearest(crew.place or hospitals[0], hospitals)
        index, road_ms = found if found is not None else (0, Millis(900_000))
        there = after(now, Millis(round(road_ms * self._factor())))
        crew.set_out(hospitals[index], now, there)
        place = Place(at=hospitals[index], text=self._scenario.hospitals[index].name)
        yield self._report(unit, "at_hospital", there, place)

    def _go_home(self, unit: UnitId, now: Instant) -> Iterator[Moment[Doing]]:
        crew = self._crews[unit]
        crew.halt(now, self._drive)
        if crew.home is not None:
            there = after(now, self._travel_ms(crew.place, crew.home))
            crew.set_out(crew.home, now, there)
            yield self._report(unit, "at_station", there)

    def _turn_round(self, event: UnitDiverted | AssignmentCancelled, now: Instant) -> Iterator[Moment[Doing]]:
        self._crews[event.unit].errand += 1
        if isinstance(event, AssignmentCancelled):
            yield from self._go_home(event.unit, now)

    def _report(self, unit: UnitId, phase: Phase, at: Instant, place: Place | None = None) -> Moment[Doing]:
        report = ReportUnitStatus(unit, STATUS[phase], place=place)
        return Moment(at, Say(f"unit:{unit}", report, (unit, self._crews[unit].errand)))

    # ---- dice

    def _travel_ms(self, start: LonLat | None, end: LonLat) -> Millis:
        road_ms = self._drive.time_ms(start, end) if start is not None else None
        return Millis(max(1000, round((road_ms if road_ms is not None else 600_000) * self._factor())))

    def _factor(self) -> float:
        return exp(self._dice["travel"].gauss(0.0, self._scenario.travel_spread))

    @staticmethod
    def _draw_ms(dice: Random, mean_s: float, spread: float) -> Millis:
        """Log-normal with this mean and this sigma, at least one second."""
        return Millis(max(1000, round(1000 * exp(dice.gauss(log(mean_s) - spread * spread / 2, spread)))))
