"""A scenario: how many people call, about what, and how long crews take. Read from a text that a person can edit."""

import tomllib
from collections.abc import Iterator
from math import isfinite
from typing import Literal

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant, parse_iso
from tocsin.base.quantities import Millis
from tocsin.core.messages.closure import LEAST_PLACES, Shape

HOUR_MS = 3_600_000

LONGEST_H = 366 * 24
"""A longer shift is taken for a slip of the pen."""

Course = Literal["scene", "transport"]
"""``scene``: the unit works there and goes home. ``transport``: some patients are driven to a hospital."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of incident."""

    incident_type: str
    priority: str
    share: float
    """Weight among the kinds."""
    on_scene_s: int
    """Mean; the draw is log-normal."""
    course: Course = "scene"
    transport_probability: float = 0.0
    second_call_probability: float = 0.0
    """That somebody else calls about the same thing."""
    second_alarm_probability: float = 0.0


class Hospital(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where patients are driven."""

    name: str
    lon: float
    lat: float

    @property
    def place(self) -> LonLat:
        """Its place."""
        return LonLat(self.lon, self.lat)


class RoadWorks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A road that is closed: every street that a drawn line crosses."""

    reason: str
    line: tuple[tuple[float, float], ...]
    """Longitude and latitude of its corners."""

    def shape(self) -> Shape:
        """As a person would have drawn it."""
        return Shape("line", tuple(LonLat(lon, lat) for lon, lat in self.line))


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One shift. Spans in seconds are means unless they say otherwise."""

    name: str
    begins: str
    """ISO stamp with offset."""
    hours: float
    calls_per_hour: tuple[float, ...]
    """By local hour of the day, 24 numbers."""
    kinds: tuple[Kind, ...]
    hospitals: tuple[Hospital, ...]
    answer_s: float = 6.0
    interview_s: float = 70.0
    decide_s: float = 20.0
    acknowledge_s: float = 8.0
    turnout_s: dict[str, float] = {}
    """By kind of unit; ``*`` for the rest."""
    travel_spread: float = 0.18
    """Sigma of the log-normal factor on road times."""
    hospital_s: float = 900.0
    evenness: int = 1
    """1 = calls come as they really do; more = fewer lulls and bursts (the gaps are Erlang distributed, of this shape)."""
    road_works: tuple[RoadWorks, ...] = ()
    """Roads that are closed from the beginning, where the shift is played live."""

    def begin_at(self) -> Instant:
        """The first instant. Raises BadInput ``stamp``."""
        return parse_iso(self.begins)

    def lasts_ms(self) -> Millis:
        """How long people call."""
        return Millis(round(self.hours * HOUR_MS))

    def lasting(self, hours: float) -> "Scenario":
        """The same shift, shorter or longer. Raises BadInput ``scenario_hours``."""
        if not 0 < hours <= LONGEST_H:
            raise BadInput("scenario_hours", field="--hours", value=hours, longest=LONGEST_H)
        return msgspec.structs.replace(self, hours=hours)


def read_scenario(text: str, *, file: str) -> Scenario:
    """Raises BadInput ``scenario_unreadable``, ``scenario_value`` or ``stamp`` with the file, the field and what the reader met."""
    try:
        return scenario_of(tomllib.loads(text), file=file)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("scenario_unreadable", file=file, why=error) from None


def scenario_of(table: dict[str, object], *, file: str) -> Scenario:
    """The same of a table that was read. Raises BadInput ``scenario_value`` or ``stamp``."""
    try:
        scenario = msgspec.convert(table, Scenario)
    except msgspec.ValidationError as error:
        raise BadInput("scenario_value", file=file, why=error) from None
    for field, value, is_fitting in _values(scenario):
        if not is_fitting:
            raise BadInput("scenario_value", file=file, field=field, why=value)
    try:
        scenario.begin_at()
    except BadInput as fault:
        raise fault.at(file=file, field="begins") from None
    return scenario


def _values(scenario: Scenario) -> Iterator[tuple[str, object, bool]]:
    """Every value that types alone do not hold: its field, itself, whether it fits."""
    rates, kinds = scenario.calls_per_hour, scenario.kinds
    yield "hours", scenario.hours, 0 < scenario.hours <= LONGEST_H
    yield "calls_per_hour", f"{len(rates)} != 24", len(rates) == 24
    yield "calls_per_hour", rates, all(isfinite(rate) and rate >= 0 for rate in rates) and max(rates) > 0
    for name in ("answer_s", "interview_s", "decide_s", "acknowledge_s", "hospital_s"):
        span_s = getattr(scenario, name)
        yield name, span_s, isfinite(span_s) and span_s > 0
    yield "evenness", scenario.evenness, 1 <= scenario.evenness <= 100
    for works in scenario.road_works:
        places = works.shape().places
        yield "road_works.line", works.line, len(set(places)) >= LEAST_PLACES["line"] and all(one.is_on_earth() for one in places)
    for unit_kind, span_s in scenario.turnout_s.items():
        yield f"turnout_s.{unit_kind}", span_s, isfinite(span_s) and span_s > 0
    yield "travel_spread", scenario.travel_spread, 0 <= scenario.travel_spread <= 2
    yield "kinds", 0, bool(kinds)
    yield "kinds.share", sum(kind.share for kind in kinds), isfinite(sum(kind.share for kind in kinds)) and any(one.share for one in kinds)
    for kind in kinds:
        yield "kinds.share", kind.share, kind.share >= 0
        yield "kinds.on_scene_s", kind.on_scene_s, kind.on_scene_s > 0
        for name in ("transport_probability", "second_call_probability", "second_alarm_probability"):
            yield f"kinds.{name}", getattr(kind, name), 0 <= getattr(kind, name) <= 1
    yield "hospitals", 0, bool(scenario.hospitals)
    for hospital in scenario.hospitals:
        yield "hospitals", hospital.place, hospital.place.is_on_earth()
