"""The situation on paper: one HTML page that needs nothing else, black on white, with what is wanted to go on by pen when the desk is down.

Rows of the situation hold nothing of persons, and so neither does the page: callers, their words, notes and messages are not on it.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant, local_text, span_ms
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.place import Place
from tocsin.core.messages.unit import BUSY, FREE
from tocsin.pages.numerals import Numerals
from tocsin.views.log_rows import number_of
from tocsin.views.situation import AlarmRow, AssignmentRow, IncidentRow, Situation, UnitRow
from tocsin.words import catalogue, say

SLIPS: Final = 12
"""Numbered slips for incidents that are taken by pen."""

BLANK_ROWS: Final = 2
"""Below the units of each incident, for those that are sent by pen."""

STAMPS: Final[tuple[Stamp, ...]] = ("dispatched", "en_route", "on_scene", "transporting", "at_hospital", "cleared")

_PAGES = Environment(loader=PackageLoader("tocsin.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


class Slip(NamedTuple):
    """A number that nobody has used yet."""

    incident: str
    number: int


def render(situation: Situation, *, next_incident: IncidentId, language: str = "en") -> str:
    """The page as HTML text. ``next_incident``: the id that the next one would get; slips are numbered from it on.

    Raises BadInput ``language`` for one that is not shipped.
    """
    catalogue(language)
    style = files("tocsin.pages").joinpath("templates").joinpath("board.css").read_text("utf-8")
    shown = _Shown(situation, language)
    style += shown.page_margins()
    return _PAGES.get_template("board.html.j2").render(
        it=situation,
        shown=shown,
        language=language,
        t=lambda key, **values: say(f"board.{key}", language, **values),
        n=Numerals(language),
        style=Markup(style),
        style_hash=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}",
        slips=_slips(next_incident),
        stamps=STAMPS,
        blank_rows=BLANK_ROWS,
    )


def _slips(first: IncidentId) -> list[Slip]:
    day, number = first.partition("-")[0], number_of(first) or 1
    return [Slip(f"{day}-{number + nth:04d}", number + nth) for nth in range(SLIPS)]


def _counted(name: str) -> list[tuple[str, int]]:
    """Sorts numbers in names as numbers."""
    return [(letters, int(digits or 0)) for letters, digits in re.findall(r"([^0-9]*)([0-9]*)", name)]


class _Shown:
    """What the template asks for, in one language and the centre's own time."""

    def __init__(self, situation: Situation, language: str) -> None:
        self._it, self._language = situation, language
        centre, plan = situation.centre, situation.plan
        self.zone = centre.timezone if centre is not None else "UTC"
        self.name = centre.name if centre is not None else ""
        footing = centre.footing if centre is not None else "live"
        self.mark = "" if footing == "live" else say(f"board.footing.{footing}", language)
        self.as_of = local_text(situation.at, self.zone)[:16]
        self._types = {one.code: one.name for one in plan.incident_types} if plan is not None else {}
        self._ranks: Mapping[str, int] = {name: nth for nth, name in enumerate(plan.priorities)} if plan is not None else {}
        self._stations = {one.station: one.name for one in situation.stations}
        self.incidents = sorted((one for one in situation.incidents if one.life == "open"), key=self._urgency)
        self.alarms = sorted(situation.alarms, key=lambda one: (one.rank, one.since))
        self.calls = sorted(situation.calls, key=lambda one: one.arrived)
        self.free = sum(one.phase in FREE for one in situation.units)
        self.busy = sum(one.phase in BUSY for one in situation.units)

    def _urgency(self, row: IncidentRow) -> tuple[int, Instant]:
        return self._ranks.get(row.priority, len(self._ranks)), row.opened

    def page_margins(self) -> str:
        """What stands at the edge of every sheet; no name of anybody's gets into a style."""
        said = say("board.foot", self._language, at=self.as_of).replace('"', "")
        return f'\n@page {{ @top-center {{ content: "{self.mark}"; }} @bottom-left {{ content: "{said}"; }} }}\n'

    def when(self, at: Instant) -> str:
        """Hours and minutes; with the day where it is another than that of the page."""
        text = local_text(at, self.zone)
        return text[11:16] if text[:10] == self.as_of[:10] else f"{text[5:10]} {text[11:16]}"

    def age(self, since: Instant) -> str:
        """Hours and minutes up to the moment of the page."""
        minutes = max(0, span_ms(start=since, end=self._it.at)) // 60_000
        return f"{minutes // 60}:{minutes % 60:02d}"

    def number(self, incident: IncidentId | None) -> str:
        """What people say; the whole id of those from elsewhere."""
        if incident is None:
            return ""
        number = number_of(incident)
        return f"#{number}" if number is not None else incident

    def kind(self, row: IncidentRow) -> str:
        """The type in the plan's words."""
        return self._types.get(row.incident_type, row.incident_type)

    def is_unsent(self, row: IncidentRow) -> bool:
        """Nobody was sent, or all were called off."""
        return not any(job.is_active or "cleared" in job.stamps for job in row.assignments)

    def place(self, place: Place) -> str:
        """In words, else in degrees."""
        degrees = f"{place.at.lat:.5f}, {place.at.lon:.5f}" if place.at is not None else ""
        return place.text or degrees or say("board.no_place", self._language)

    def stamp(self, row: AssignmentRow, stamp: Stamp) -> str:
        """When; a unit that was called off says so where others are cleared."""
        at = row.stamps.get(stamp)
        if at is None and stamp == "cleared" and "cancelled" in row.stamps:
            return say("board.cancelled", self._language, at=self.when(row.stamps["cancelled"]))
        return self.when(at) if at is not None else ""

    def status(self, row: UnitRow) -> str:
        """Its phase in words."""
        return say(f"codes.phase.{row.phase}", self._language)

    def fleet(self) -> list[tuple[str, list[UnitRow]]]:
        """Units by station, in the order in which people count: E2 before E10."""
        rows = sorted(self._it.units, key=lambda one: (one.station is None, _counted(one.station or ""), _counted(one.unit)))
        return [(station, list(units)) for station, units in groupby(rows, key=self._station)]

    def _station(self, row: UnitRow) -> str:
        if row.station is None:
            return say("board.no_station", self._language)
        name = self._stations.get(row.station, "")
        return name if row.station in name.split() else f"{row.station} {name}".rstrip()

    def cover(self, row: UnitRow) -> str:
        """The station that it covers at."""
        return self._stations.get(row.covers, row.covers) if row.covers is not None else ""

    def cause(self, row: AlarmRow) -> str:
        """What is overdue."""
        return say(f"console.alarm.cause.{row.kind}", self._language)

    def about(self, row: AlarmRow) -> str:
        """Whom or what an alarm is about."""
        named: tuple[Any, ...] = (self.number(row.incident), row.unit, row.closure, row.call)
        return " ".join(str(one) for one in named if one)
