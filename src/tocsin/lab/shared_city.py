"""The city with persons at the desk: callers and crews are invented, and whoever sits at the console works beside the invented dispatcher.

Crews follow a person's orders as they follow the invented dispatcher's; some incidents are left to persons for a while, so that somebody
who looks on can do something, and nobody who is invented waits for ever.
"""

from collections.abc import Callable, Iterable, Iterator
from math import atan2, cos, degrees, radians
from typing import NamedTuple, Self

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant, after, span_ms
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer
from tocsin.clocks.simulate import Moment
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.call import AttachCall
from tocsin.core.messages.incident import IncidentOpened, IncidentRelocated, OpenIncident
from tocsin.core.messages.moveup import MoveUpAdvised
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import Phase, UnitStatusChanged, phase_of
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario
from tocsin.lab.world import City, Decide, Doing, Job

AHEAD_MS = Millis(3000)
"""How far along its way a crew looks to know where it is heading."""

DrawIncident = Callable[[Instant], IncidentId]
"""Draws the next incident's id, as for persons."""


class Seen(NamedTuple):
    """Where a crew is."""

    unit: UnitId
    place: LonLat
    heading_deg: float | None
    """Clockwise from north while it drives."""


class SharedCity(City):
    """Leaves some incidents to persons for a while; the rest the invented dispatcher serves as in ``City``."""

    def __init__(self, scenario: Scenario, demand: StreetDemand, drive: Drive, *, seed: int, timezone: str) -> None:
        super().__init__(scenario, demand, drive, seed=seed, timezone=timezone)
        self._draw_incident: DrawIncident | None = None
        self._every_nth, self._patience_ms, self._own_patience_ms = 0, Millis(0), Millis(0)
        self._named: dict[IncidentId, IncidentId] = {}
        """Planned id → the id that it was opened under."""
        self._left: dict[IncidentId, Instant] = {}
        """Incident that persons may serve → until when."""
        self._opened = 0

    def share(self, draw: DrawIncident, *, every_nth: int = 3, patience_s: float = 150.0, own_patience_s: float | None = None) -> Self:
        """Incidents' ids are drawn by ``draw`` when they are opened, from the same row as persons'; 0 = none is left to persons.

        ``own_patience_s`` is how long one is left to persons that they have opened themselves; as long as others without it.
        """
        self._draw_incident, self._every_nth, self._patience_ms = draw, every_nth, Millis(round(patience_s * 1000))
        self._own_patience_ms = self._patience_ms if own_patience_s is None else Millis(round(own_patience_s * 1000))
        return self

    # ---- what is said

    def act(self, moment: Moment[Doing]) -> Iterable[Ask]:
        """What is said now, under the ids that are in use."""
        doing = moment.what
        if isinstance(doing, Decide) and moment.at < self._left.get(doing.incident, moment.at):
            return []  # it comes again when the time for persons is over
        return [msgspec.structs.replace(ask, command=self._renamed(ask.command, moment.at)) for ask in super().act(moment)]

    def _renamed(self, command: Command, at: Instant) -> Command:
        if isinstance(command, OpenIncident) and self._draw_incident is not None:
            drawn = self._named[command.incident] = self._draw_incident(at)
            self._jobs[drawn] = self._jobs.pop(command.incident)
            return msgspec.structs.replace(command, incident=drawn)
        if isinstance(command, AttachCall | AddNote) and command.incident in self._named:
            return msgspec.structs.replace(command, incident=self._named[command.incident])
        return command

    # ---- what persons do

    def hear(self, answer: Answer, now: Instant) -> Iterator[Moment[Doing]]:
        """As the city, for persons' incidents and orders too."""
        question = answer.records[0]
        is_persons = question.clock != "simulated" and question.cause is None
        for event in answer.events:
            if isinstance(event, IncidentOpened):
                yield from self._open(event, now, is_persons=is_persons)
            elif isinstance(event, IncidentRelocated) and event.place.at is not None:
                self._jobs[event.incident].place = event.place.at
            elif isinstance(event, UnitsDispatched):
                self._jobs[event.incident].receipt = None
            elif isinstance(event, UnitStatusChanged) and is_persons and event.unit in self._crews:
                yield from self._obey(event, now)
        if not (is_persons and answer.refusal is not None):  # a person who was refused knows what to do next
            yield from super().hear(answer, now)

    def _open(self, event: IncidentOpened, now: Instant, *, is_persons: bool) -> Iterator[Moment[Doing]]:
        if event.incident not in self._jobs:
            kinds = [kind for kind in self._scenario.kinds if kind.incident_type == event.incident_type] or list(self._scenario.kinds)
            self._jobs[event.incident] = Job(kinds[0], event.place.at or self._centre_of_town())
        self._opened += 1
        if is_persons or (self._every_nth and self._opened % self._every_nth == 0):
            until = self._left[event.incident] = after(now, self._own_patience_ms if is_persons else self._patience_ms)
            yield Moment(until, Decide(event.incident))

    def _hear_advice(self, event: MoveUpAdvised, now: Instant) -> Iterator[Moment[Doing]]:
        """Persons may order it first; should it be overtaken by then, nobody does."""
        yield from super()._hear_advice(event, after(now, self._patience_ms))

    def _centre_of_town(self) -> LonLat:
        """Where crews look for an incident of which nobody knows the place."""
        return next((place for place in self._stations.values() if place is not None), self._scenario.hospitals[0].place)

    def _obey(self, event: UnitStatusChanged, now: Instant) -> Iterator[Moment[Doing]]:
        """A person said for the crew what it would have said itself: what it had planned to say is void, and it goes on from there."""
        crew, phase = self._crews[event.unit], phase_of(event.status)
        crew.errand += 1
        job = self._jobs.get(event.incident) if event.incident is not None else None
        if job is None or phase not in ("acknowledged", "en_route", "staging"):
            return
        crew.halt(now, self._drive)
        rolling = now if phase == "en_route" else after(now, Millis(30_000))
        there = after(rolling, self._travel_ms(crew.place, job.place))
        crew.set_out(job.place, rolling, there)
        told: list[tuple[Phase, Instant]] = [("on_scene", there)] if phase == "en_route" else [("en_route", rolling), ("on_scene", there)]
        for said, at in told:
            yield self._report(event.unit, said, at)

    # ---- what feeders see

    def whereabouts(self, now: Instant) -> Iterator[Seen]:
        """Where every crew is that is out or at home."""
        for name, crew in self._crews.items():
            trip = crew.trip
            if trip is None or not trip.since <= now <= trip.until or span_ms(start=trip.since, end=trip.until) <= 0:
                standing = trip.end if trip is not None and now > trip.until else crew.place
                if standing is not None:
                    yield Seen(name, standing, None)
                continue
            here = trip.place_at(now, self._drive)
            yield Seen(name, here, _heading_deg(here, trip.place_at(after(now, AHEAD_MS), self._drive)))


def _heading_deg(start: LonLat, end: LonLat) -> float | None:
    east, north = (end.lon - start.lon) * cos(radians(start.lat)), end.lat - start.lat
    return round(degrees(atan2(east, north)) % 360, 1) if east or north else None
