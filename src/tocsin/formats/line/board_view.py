"""The board as the command line sees it. Made anew for every line; the index of names is kept while the names stay the same."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from tocsin.base.identifiers import IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, local_parts
from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.messages.alarm import RANK
from tocsin.core.messages.place import Place
from tocsin.formats.line.names import Names, key_of, names_of
from tocsin.formats.line.view import AlarmSeen, IncidentSeen, UnitSeen

DIVERTIBLE = ("dispatched", "acknowledged", "en_route")
"""Phases in which the plan's table may take a unit from its job."""

MOST_FOUND = 50


def number_of(incident: IncidentId) -> int | None:
    """The running number that people say: ``20261123-0042`` → 42. None for ids from elsewhere."""
    day, dash, number = incident.partition("-")
    is_ours = dash and len(day) == 8 and day.isascii() and day.isdigit() and number.isascii() and number.isdigit()
    return int(number) if is_ours else None


class BoardView:
    """A ``LineView``. Read it in the desk's thread, or while nobody changes the board."""

    def __init__(
        self,
        board: Board,
        now: Instant,
        selected: IncidentId | None = None,
        *,
        seats: Sequence[str] = (),
        places: Sequence[tuple[str, Place]] = (),
    ) -> None:
        """``places``: named ones that the centre knows, such as hospitals; stations are known already."""
        self.now = now
        self.selected = selected
        self.zone = board.centre.timezone if board.centre is not None else "UTC"
        self._board = board
        self._places = places
        self._seats = tuple(seats)
        plan = board.plan.plan if board.plan is not None else None
        self.priorities: Sequence[str] = plan.priorities if plan is not None else ()
        self._types = {one.code: one.name for one in plan.incident_types} if plan is not None else {}
        self._diverts = {(rule.from_priority, rule.to_priority) for rule in plan.diverts} if plan is not None else set()

    @cached_property
    def units(self) -> Names:
        """All units by name; indexed once per fleet."""
        return names_of(tuple(self._board.units))

    @cached_property
    def stations(self) -> Names:
        """Ids and names of open stations."""
        return names_of(tuple(dict.fromkeys(name for one in self._open_stations() for name in (one[0], one[1]) if name)))

    @cached_property
    def places(self) -> Names:
        """Stations and other places that are known by name."""
        return names_of(tuple(self._known_places))

    @cached_property
    def _known_places(self) -> dict[str, list[Place]]:
        known: dict[str, list[Place]] = {}
        for state in self._board.stations.values():
            for name in dict.fromkeys((str(state.station), state.name)):
                known.setdefault(name, []).append(state.place)
        for called, place in self._places:
            known.setdefault(called, []).append(place)
        return known

    @property
    def seats(self) -> Names:
        """Accounts that a message can be sent to."""
        return names_of(self._seats)

    @property
    def incident_types(self) -> Sequence[tuple[str, str]]:
        """Codes and names of the plan in force."""
        return list(self._types.items())

    def _open_stations(self) -> Iterable[tuple[StationId, str]]:
        return ((state.station, state.name) for state in self._board.stations.values() if state.is_open)

    def get_unit(self, unit: UnitId) -> UnitSeen:
        """One unit."""
        state = self._board.units[unit]
        home = self._board.stations.get(state.station) if state.station is not None else None
        order = self._board.move_ups.get(unit)
        mate = self._board.find_crew_mate_with_job(state)
        return UnitSeen(
            unit,
            state.kind,
            home.name or home.station if home is not None else "",
            state.phase,
            state.incident,
            state.is_free(),
            order.station if order is not None else None,
            order is None or order.is_acknowledged,
            mate.unit if mate is not None else None,
        )

    def is_free(self, unit: UnitId) -> bool:
        """In service without a job."""
        return self._board.units[unit].is_free()

    def is_incident(self, incident: IncidentId) -> bool:
        """Whether there is one of that id."""
        return incident in self._board.incidents

    def get_incident(self, incident: IncidentId) -> IncidentSeen:
        """One incident."""
        return self._seen(self._board.incidents[incident])

    def _seen(self, state: IncidentState) -> IncidentSeen:
        receipt = state.receipt
        place = state.place
        return IncidentSeen(
            state.incident,
            number_of(state.incident),
            state.incident_type,
            self._types.get(state.incident_type, state.incident_type),
            state.priority,
            place.text or (f"{place.at.lat:.5f}, {place.at.lon:.5f}" if place.at is not None else ""),
            state.is_open(),
            state.held_until is not None,
            state.alarm_level,
            tuple(one.unit for one in state.active()),
            tuple(dict.fromkeys(pick.unit for pick in receipt.picks)) if receipt is not None else (),
            state.receipt_sha256 if receipt is not None else "",
            bool(state.assignments),
        )

    def numbered(self, number: int) -> list[IncidentId]:
        """Today's incident of that number, and open ones of other days that carry it."""
        day = local_parts(self.now, self.zone).date.replace("-", "")
        today = next((one for one in self._ids(day, number) if one in self._board.incidents), None)
        others = [one for one in self._board.open_incidents if one != today and number_of(one) == number]
        return [*([today] if today is not None else []), *others]

    @staticmethod
    def _ids(day: str, number: int) -> Iterable[IncidentId]:
        return (IncidentId(f"{day}-{number:0{width}d}") for width in (4, 1, 2, 3, 5, 6))

    def open_incidents(self, begin: str = "") -> Iterable[IncidentSeen]:
        """By urgency, oldest first; only those whose number begins so."""
        wanted = (one for one in self._board.open_incidents.values() if not begin or str(number_of(one.incident)).startswith(begin))
        return (self._seen(state) for state in self._board.by_urgency(wanted))

    def ended_incidents(self, begin: str = "") -> Iterable[IncidentSeen]:
        """Latest first; only those whose number begins so."""
        ended = (one for one in reversed(self._board.incidents.values()) if not one.is_open())
        return (self._seen(one) for one in ended if str(number_of(one.incident) or "").startswith(begin))

    def station_named(self, name: str) -> tuple[StationId, ...]:
        """Stations that an entry of ``stations`` stands for; an id goes before a name."""
        if (station := StationId(name)) in self._board.stations and self._board.stations[station].is_open:
            return (station,)
        return tuple(station for station, called in self._open_stations() if called == name)

    def alarms(self) -> Sequence[AlarmSeen]:
        """Active ones, most urgent first; those put aside until later are left out."""
        active = [one for one in self._board.alarms.values() if one.shelved_until is None or one.shelved_until <= self.now]
        ranked = sorted(active, key=lambda one: (RANK[one.kind], one.sounded))
        return [AlarmSeen(one.alarm, one.kind, one.incident, one.unit, one.closure, one.is_silent(self.now)) for one in ranked]

    def may_divert(self, *, unit: UnitId, to: IncidentId) -> bool:
        """Whether the plan lets this unit be taken from its job for that incident."""
        state = self._board.units[unit]
        if state.incident is None or state.phase not in DIVERTIBLE:
            return False
        left, wanted = self._board.incidents[state.incident], self._board.incidents[to]
        return (left.priority, wanted.priority) in self._diverts

    def find_places(self, text: str) -> Sequence[tuple[str, Place]]:
        """Stations and handed-in places of that very name: the beginning of one may be any address."""
        found = [(name, place) for name in self.places.exact(text) for place in self._known_places[name]]
        places = {place for _, place in found}
        return found[:1] if len(places) == 1 else found

    def search(self, text: str) -> Sequence[IncidentId]:
        """Incidents by number, type or street. Open ones first, latest first."""
        bare = text.removeprefix("#")
        numbered = self.numbered(int(bare)) if bare.isdecimal() and len(bare) <= 6 else []
        words = [key_of(word) for word in text.split() if any(sign.isalnum() for sign in word)]
        found = [state for state in reversed(self._board.incidents.values()) if words and self._matches(state, words)]
        found.sort(key=lambda state: not state.is_open())
        return list(dict.fromkeys([*numbered, *(state.incident for state in found)]))[:MOST_FOUND]

    def _matches(self, state: IncidentState, words: list[str]) -> bool:
        """Every word is in what the incident is, where it is, or its id."""
        name = self._types.get(state.incident_type, "")
        hay = key_of(f"{state.incident_type} {name} {state.place.text} {state.incident}")
        return all(word in hay for word in words)
