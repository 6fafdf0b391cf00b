"""A scenario: how many people call, about what, and how long crews take. Read from a text that a person can edit."""

import tomllib
from typing import Literal

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant, parse_iso
from tocsin.base.quantities import Millis

HOUR_MS = 3_600_000

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

    def begin_at(self) -> Instant:
        """The first instant. Raises BadInput ``stamp``."""
        return parse_iso(self.begins)

    def lasts_ms(self) -> Millis:
        """How long people call."""
        return Millis(round(self.hours * HOUR_MS))

    def lasting(self, hours: float) -> "Scenario":
        """The same shift, shorter or longer."""
        return msgspec.structs.replace(self, hours=hours)


def read_scenario(text: str, *, file: str) -> Scenario:
    """Raises BadInput ``scenario_unreadable`` or ``scenario_value`` with the file and what the reader met."""
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("scenario_unreadable", file=file, why=error) from None
    except msgspec.ValidationError as error:
        raise BadInput("scenario_value", file=file, why=error) from None
    if len(scenario.calls_per_hour) != 24:
        raise BadInput("scenario_value", file=file, field="calls_per_hour", why=f"{len(scenario.calls_per_hour)} != 24")
    if not scenario.kinds or not scenario.hospitals:
        raise BadInput("scenario_value", file=file, field="kinds, hospitals", why="0")
    scenario.begin_at()
    return scenario
