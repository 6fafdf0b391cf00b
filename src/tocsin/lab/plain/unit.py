"""One unit as it is at this moment of a run, and where that is."""

from collections.abc import Sequence

from tocsin.base.identifiers import CrewId, UnitId
from tocsin.lab.city.model import City, CrewedUnit
from tocsin.lab.plain.drives import PPM, Way, scaled_ms

NOWHERE = -1
FOREVER_MS = 1 << 60
AT_STATION, ON_ROAD = 0, 1
"""Columns of ``Calls.turnout_ms``."""


class Unit:
    """Free, under way, at work or off duty."""

    __slots__ = (
        "at",
        "at_station_ms",
        "busy_since_ms",
        "call",
        "call_ppm",
        "capabilities",
        "cost_ms",
        "counts_at",
        "counts_in",
        "crew",
        "crewed",
        "errand",
        "has_back",
        "heads_for",
        "home",
        "hospital",
        "hour_ppm",
        "index",
        "is_break_due",
        "is_counted",
        "is_lost",
        "is_on_duty",
        "is_on_shift",
        "is_on_way",
        "is_outside",
        "is_resting",
        "mates",
        "name",
        "offset_ms",
        "on_road_ms",
        "place",
        "returns_since_ms",
        "rolls_ms",
        "services",
        "shift_ended_ms",
        "turnout",
        "until_ms",
        "was_at_station",
        "way",
    )

    def __init__(self, index: int, crewed: CrewedUnit, city: City, needs: Sequence[str]) -> None:
        """``needs``: by service, capability that makes a unit count for its cover."""
        self.index, self.crewed = index, crewed
        self.name = UnitId(f"{index:05d}")  # the lower index wins ties wherever names are compared
        self.crew = CrewId(crewed.crew or f"={index:05d}")
        self.mates: tuple[Unit, ...] = ()
        self.capabilities = frozenset((crewed.kind, *crewed.capabilities))
        self.is_outside, self.offset_ms, self.cost_ms = crewed.is_outside, crewed.offset_ms, crewed.cost_ms
        able = [nth for nth, one in enumerate(needs) if not one or one in self.capabilities]
        self.services: tuple[int, ...] = () if crewed.is_outside else tuple(able)
        """As which it can count for cover: indices of the models."""
        self.is_counted = bool(self.services)
        self.turnout = turnout_column(city, crewed.kind)
        means = (
            (city.turnouts[self.turnout].at_station.mean_ms, city.turnouts[self.turnout].on_road.mean_ms) if self.turnout >= 0 else (0, 0)
        )
        self.at_station_ms, self.on_road_ms = means[0] + crewed.offset_ms, means[1] + crewed.offset_ms
        """What the dispatcher reckons with before it rolls."""
        self.home = crewed.station
        self.has_back = bool(crewed.breaks)
        """Whether anything happens when it is back at a station."""
        # where it is
        self.place = city.stations[crewed.station].place
        """Where it stands, or is driving to."""
        self.at = self.place
        """The last place on its way that it is known to have reached."""
        self.way: Way | None = None
        self.until_ms = 0
        """When it is there; before, it is under way."""
        self.hour_ppm = self.call_ppm = PPM
        # what it does
        self.heads_for = crewed.station
        """Station that it stands at or drives to while it has no job."""
        self.counts_at = NOWHERE
        self.counts_in: tuple[int, ...] = ()
        """As which it counts there."""
        self.call = NOWHERE
        self.hospital = NOWHERE
        self.is_on_way = self.was_at_station = self.is_resting = self.is_break_due = False
        self.is_on_shift = self.is_on_duty = self.is_lost = False
        self.errand = 0
        """Moves on with every order: what was to happen after an older one does not happen any more."""
        self.busy_since_ms = self.returns_since_ms = self.rolls_ms = 0
        self.shift_ended_ms = NOWHERE

    def place_at(self, now_ms: int) -> int:
        """The first place of its way from which the rest of the drive takes at most what is left of it."""
        left_ms = self.until_ms - now_ms
        if left_ms <= 0:
            return self.place
        if self.way is None:
            return self.at
        (ms, via), at = self.way, self.at
        if self.hour_ppm == PPM == self.call_ppm:
            while ms[at] > left_ms:
                at = via[at]
        else:
            while scaled_ms(ms[at], self.hour_ppm, self.call_ppm) > left_ms:
                at = via[at]
        self.at = at
        return at

    def stand(self, place: int) -> None:
        """Stop there, on the road, until told otherwise."""
        self.place = self.at = place
        self.way, self.until_ms = None, FOREVER_MS


def turnout_column(city: City, kind: str) -> int:
    """Index of the turnout that holds for a kind of unit; -1 where none does."""
    kinds = [turnout.kind for turnout in city.turnouts]
    for wanted in (kind, "*"):
        if wanted in kinds:
            return kinds.index(wanted)
    return NOWHERE
