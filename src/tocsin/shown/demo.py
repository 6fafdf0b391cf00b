"""The demo's shift as a table: who called about what, who was sent, how soon."""

from collections import Counter
from pathlib import Path

import msgspec
from rich.console import Console

from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant, local_text, span_ms
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer
from tocsin.core.messages.assignment import UnitDiverted, UnitsDispatched
from tocsin.core.messages.incident import IncidentOpened
from tocsin.core.messages.recommendation import Pick, Receipt, UnitsRecommended
from tocsin.core.messages.said import Event
from tocsin.core.messages.unit import UnitStatusChanged, phase_of
from tocsin.pages.numerals import Numerals
from tocsin.shown.figures import NOTHING, duration, expected, paragraph, reported, section, sheet, unsure
from tocsin.views.report_answer import ReportAnswer
from tocsin.wiring.demo import Demo
from tocsin.words import say

ROWS_SHOWN = 24
STREET_COLUMNS = 20


class Line(msgspec.Struct):
    """One incident of the shift."""

    opened: Instant
    incident_type: str
    priority: str
    street: str
    receipt: Receipt | None = None
    picks: dict[UnitId, Pick | None] = {}
    """Whom was sent, as it had been recommended."""
    first_on_scene: Millis | None = None
    """From opening."""


class DemoAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin demo --json``."""

    journal: str
    report_page: str
    head: str
    counts: dict[str, int]
    report: ReportAnswer


class ShiftTable:
    """Hears every answer of the desk and keeps a line per incident."""

    def __init__(self) -> None:
        self.lines: dict[IncidentId, Line] = {}
        self._counts: Counter[str] = Counter()

    def counts(self) -> dict[str, int]:
        """Events by name."""
        return dict(sorted(self._counts.items()))

    def hear(self, answer: Answer, now: Instant) -> None:
        """Take in one answer."""
        for event in answer.events:
            self._counts[type(event).__name__] += 1
            self._hear(event, now)

    def _hear(self, event: Event, now: Instant) -> None:
        match event:
            case IncidentOpened():
                self.lines[event.incident] = Line(now, event.incident_type, event.priority, event.place.text)
            case UnitsRecommended():
                self.lines[event.incident].receipt = event.receipt
            case UnitsDispatched():
                line = self.lines[event.incident]
                picks = {pick.unit: pick for pick in line.receipt.picks} if line.receipt is not None else {}
                line.picks.update({unit: picks.get(unit) for unit in event.units})
            case UnitDiverted():
                self.lines[event.left].picks.pop(event.unit, None)
            case UnitStatusChanged() if event.incident in self.lines and phase_of(event.status) == "on_scene":
                line = self.lines[event.incident]
                if line.first_on_scene is None:
                    line.first_on_scene = span_ms(start=line.opened, end=now)
            case _:
                pass


def show(out: Console, shift: ShiftTable, made: Demo, answer: ReportAnswer, page: Path, language: str) -> None:
    """The last incidents, the figures, and where to look."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.demo.{key}", language, **values)

    zone = answer.centre.timezone
    lines = list(shift.lines.values())
    rows = [
        (local_text(line.opened, zone)[11:16], line.priority, line.incident_type, line.street or NOTHING, _units(line), _waited(line))
        for line in lines[-ROWS_SHOWN:]
    ]
    names = [told(key) for key in ("at", "priority", "type", "street", "units", "on_scene")]
    table = sheet(*names, rows=rows)
    for column in table.columns[:5]:
        column.justify, column.no_wrap = "left", True
    table.columns[3].max_width, table.columns[3].overflow = STREET_COLUMNS, "ellipsis"
    section(out, told("title", shown=len(rows), all=len(lines)), table)
    if not any(pick is not None and pick.eta_low_ms is not None for line in lines for pick in line.picks.values()):
        unsure(out, language)
    out.print()
    reported(out, answer, None, language)
    out.print()
    counts = shift.counts()
    told_counts = {
        "recommended": counts.get("UnitsRecommended", 0),
        "diverted": counts.get("UnitDiverted", 0),
        "events": sum(counts.values()),
    }
    paragraph(out, told("sum", **{name: numerals.count(count) for name, count in told_counts.items()}))
    paragraph(out, told("look", page=page.resolve()), style="bold")


def next_steps(out: Console, made: Demo, program: str, language: str) -> None:
    """Commands that can be typed as they stand; ``program`` is how this one was called."""
    out.print()
    paragraph(out, say("cli.demo.next", language))
    for words in (
        f"verify {made.journal}",
        f"replay {made.journal} --centre {made.centre}",
        f"report {made.journal} --targets england-arp-c1",
    ):
        out.print(f"  {program} {words}", markup=False, soft_wrap=True)  # never broken: it is to be copied


def _units(line: Line) -> str:
    return "\n".join(f"{unit} {_eta(pick)}" for unit, pick in line.picks.items()) or NOTHING


def _eta(pick: Pick | None) -> str:
    if pick is None or pick.eta_low_ms is None or pick.eta_high_ms is None:
        return duration(None if pick is None else pick.eta_ms / 1000)
    return expected(pick.eta_ms / 1000, (pick.eta_low_ms / 1000, pick.eta_high_ms / 1000))


def _waited(line: Line) -> str:
    return duration(None if line.first_on_scene is None else line.first_on_scene / 1000)
