"""What ``tocsin forecast`` answers."""

import msgspec

from tocsin.lab.forecast.judge import Judged


class AreaForecast(msgspec.Struct, frozen=True):
    """One area; the name is empty for calls whose log names none."""

    area: str
    per_week: float
    share: float
    by_hour_of_week: tuple[float, ...]
    """Mean calls per hour, 168 numbers from Monday 00:00 local time."""


class CrewForecast(msgspec.Struct, frozen=True):
    """One kind of unit."""

    kind: str
    sent_per_call: float
    job_s: float
    needed: tuple[int, ...]
    """Crews by hour of the week."""
    on_duty: tuple[float, ...]
    """Mean units in service in the log, likewise."""
    hours_short: int
    """Hours of the week in which fewer were in service than are needed."""


class ForecastAnswer(msgspec.Struct, frozen=True):
    """Calls to be expected, how well that was foretold before, and crews."""

    centre: str
    timezone: str
    journal_head: str
    hours_learned: int
    calls_learned: int
    method: str
    by_hour_of_week: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    """Between these nine of ten hours are to be expected, all areas together."""
    areas: tuple[AreaForecast, ...]
    judged: tuple[Judged, ...]
    """On the last week, learned from what came before; empty where the log is too short."""
    judged_hours_learned: int
    wanted_share: float
    wanted_waited_s: float
    crews: tuple[CrewForecast, ...]
    remarks: tuple[tuple[str, dict[str, str]], ...] = ()
    """Codes ``lab_forecast.remark.<code>`` with their values."""
