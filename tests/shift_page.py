"""A test is a page of a shift: what was said on the left, everything that happened on the right.

    station S1
    unit E1 engine can pump at S1
    card fire: engine needs pump
    road E1 -> I1 240s

    08:10 open I1 fire          | I1 opened fire · I1 needs engine: E1 240s
    08:11 send I1 E1            | E1 dispatched to I1
    08:20 send I1 E9            | refused UnitUnknown units

The page runs on the real desk with the journal in memory, the vault in memory and a table of road times. The right-hand side must
equal everything that followed, reactions included; a page that fails shows what happened instead, line by line.

``09:00 (08:14) E1 on_scene`` was entered at 09:00 and happened at 08:14. A line may end in ``by_seat D2``, ``#key`` (its idempotency key),
``seen N`` (the version that the person saw). ``plan again`` adopts the page's plan in the middle of a shift. ``timers`` asks what the
clock asks by itself at that moment, and holds that nothing more is due then. ``send I1 E1 advised`` quotes the latest recommendation.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

import shift_asks
import shift_told
from tocsin.base.identifiers import CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.board.timers import due
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.facts import Learned
from tocsin.core.messages.plan import (
    DEFAULT_COVER,
    DEFAULT_SPANS,
    AdoptPlan,
    Aid,
    CoverRules,
    DivertRule,
    IncidentType,
    Posting,
    ResponsePlan,
    Spans,
    StationOrder,
    Turnout,
)
from tocsin.core.messages.said import Ask, Command, Event
from tocsin.core.ports import Gather, Journal, Vault
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

_LINE = re.compile(r"(?:(\+\d+) )?(\d\d:\d\d(?::\d\d)?)(?: \(([^)]*)\))? +(.*)")


def drawn_from(seed: str) -> "Draw":
    """Bytes for a vault that are the same in every run: a page's journal has one hash."""
    return Draw(seed)


class Draw:
    """Counts up and hashes; looks random, is not."""

    def __init__(self, seed: str) -> None:
        self.seed, self.count = seed, 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return sha256(f"{self.seed}/{self.count}".encode()).digest()[:size]


@dataclass
class Shift:
    """A page as it was played, for further questions."""

    desk: Desk
    journal: Journal
    vault: Vault
    gather: Gather
    answers: list[Answer] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        """All that happened, in order."""
        return [event for answer in self.answers for event in answer.events]

    def reopened(self) -> Desk:
        """The desk after the process was killed: folded anew from the journal."""
        return Desk(self.journal, self.gather, self.vault)

    def bytes(self) -> bytes:
        """Everything that the journal holds."""
        return b"\n".join(stored.body for stored in self.journal.read())


@dataclass
class Stage:
    """What a page says before its first hour."""

    commands: list[Command] = field(default_factory=list)
    roads: dict[tuple[UnitId, IncidentId], Millis | None] = field(default_factory=dict)
    learned: dict[tuple[UnitId, IncidentId], Learned] = field(default_factory=dict)
    plan: dict[str, object] = field(default_factory=dict)
    is_centre_named: bool = False

    def response_plan(self) -> ResponsePlan:
        """The plan of the page; types and priorities that its cards name are on its lists."""
        cards = tuple(self.plan.get("cards", ()))  # type: ignore[call-overload]
        types = dict.fromkeys((*self.plan.get("types", ()), *(name for card in cards for name in card.incident_types)))  # type: ignore[misc]
        return ResponsePlan(
            name="page",
            priorities=tuple(self.plan.get("priorities", ("high", "low"))),  # type: ignore[arg-type]
            incident_types=tuple(IncidentType(name, name) for name in types),
            cards=cards,
            diverts=tuple(self.plan.get("diverts", ())),  # type: ignore[arg-type]
            turnouts=tuple(self.plan.get("turnouts", ())),  # type: ignore[arg-type]
            station_orders=tuple(self.plan.get("orders", ())),  # type: ignore[arg-type]
            own_agency=str(self.plan.get("own", "")),
            spans=self.plan.get("spans", DEFAULT_SPANS),  # type: ignore[arg-type]
            policy=str(self.plan.get("policy", "road-time")),
            urgent=tuple(self.plan.get("urgent", ())),  # type: ignore[arg-type]
            cover=self.plan.get("rules", DEFAULT_COVER),  # type: ignore[arg-type]
            aids=tuple(self.plan.get("aids", ())),  # type: ignore[arg-type]
        )

    def _add(self, key: str, entry: object) -> None:
        self.plan.setdefault(key, [])
        self.plan[key].append(entry)  # type: ignore[attr-defined]

    def read(self, line: str) -> None:
        """One line of staging."""
        word, _, rest = line.partition(" ")
        match word:
            case "station":
                self.commands.append(shift_asks.station(rest))
            case "unit":
                self.commands.append(shift_asks.unit(rest))
            case "card":
                self._add("cards", shift_asks.card(rest))
            case "adopt_cover":
                self.commands.append(shift_asks.adopt_cover(rest))
            case "types" | "priorities" | "urgent":
                self.plan[word] = [part.strip() for part in rest.split(",")]
            case "spans":  # ``spans nobody_sent_s 60, welfare_min 20, closure_ends_min never``
                pairs = (part.split() for part in rest.split(","))
                self.plan[word] = Spans(**{name: None if span == "never" else int(span) for name, span in pairs})
            case "own" | "policy":
                self.plan[word] = rest
            case "no":
                self.plan["none"] = True
            case "centre":
                self.commands.append(shift_asks.command(line))
                self.is_centre_named = True
            case _:
                self._read_rule(word, rest)

    def _read_rule(self, word: str, rest: str) -> None:
        match word:
            case "road":
                words = shift_asks.Words(rest, "learned")
                name, _, incident, time = words.plain
                pair = UnitId(name), IncidentId(incident)
                self.roads[pair] = shift_asks.span_ms(time)
                if "learned" in words.named:  # constant, earliest, latest
                    self.learned[pair] = Learned(*(shift_asks.span_ms(span) for span in words.named["learned"]))  # type: ignore[arg-type]
            case "divert":
                words = shift_asks.Words(rest, "gains", "near")
                left, _, taken = words.plain
                self._add("diverts", DivertRule(left, taken, _whole_s(words.one("gains"), 120), _whole_s(words.one("near"), 60)))
            case "aid":
                words = shift_asks.Words(rest, "offset", "cost")
                self._add("aids", Aid(words.plain[0], _whole_s(words.one("offset"), 0), _whole_s(words.one("cost"), 0)))
            case "rules":  # ``rules least_gain_ppm 20, at_rest_gain_ppm never, table 1 S1; 2 S1 S2``
                words = shift_asks.Words(rest.replace(",", " "), "table")
                numbers = dict(zip(words.plain[::2], words.plain[1::2], strict=True))
                rows = [part.split() for part in (words.one("table") or "").split(";") if part.strip()]
                table = tuple(Posting(int(row[0]), tuple(map(StationId, row[1:]))) for row in rows)
                told = {name: None if number == "never" else int(number) for name, number in numbers.items()}
                self.plan[word] = CoverRules(**told, table=table)  # type: ignore[arg-type]
            case "turnout":
                words = shift_asks.Words(rest, "on_road")
                kind, at_station = words.plain
                self._add("turnouts", Turnout(kind, _whole_s(at_station, 0), _whole_s(words.one("on_road"), 0)))
            case "order":
                area, _, stations = rest.partition(": ")
                self._add("orders", StationOrder(area, tuple(StationId(part.strip()) for part in stations.split(","))))
            case _:
                raise ValueError(f"what does the page mean by “{word} {rest}”?")

    def all_commands(self) -> Iterable[Command]:
        """What the desk is told before the shift."""
        if not self.is_centre_named:
            yield OpenCentre("page", "Page", "UTC")
        yield from self.commands
        if "none" not in self.plan:
            yield AdoptPlan(self.response_plan())


def _whole_s(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else int(text.removesuffix("s"))


@dataclass
class Line:
    """One line of the shift."""

    shown: str
    now: Instant
    ask: Ask | None
    """None = what the clock asks."""
    expected: str


def play(text: str, *, journal: Journal | None = None, vault: Vault | None = None, gather: Gather | None = None) -> Shift:
    """Run a page. Raises AssertionError with a diff when anything else happened than the page says."""
    stage, lines = _read(text)
    shift = _staged(stage, journal or MemoryJournal("page"), vault or MemoryVault(drawn_from("page")), gather)
    happened, expected = [], []
    width = max((len(line.shown) for line in lines), default=0)
    heard: list[Answer] = []
    shift.desk.listen(heard.append)
    for line in lines:
        heard.clear()
        repeated = [answer for ask in _asks_now(shift, line) for answer in shift.desk.answer([ask], line.now)]
        shift.answers += heard or repeated
        what = " · ".join(shift_told.told(event) for one in heard or repeated for event in one.events)
        expected.append(f"{line.shown:{width}} | {line.expected}")
        happened.append(f"{line.shown:{width}} | {what}")
    if happened != expected:
        raise AssertionError("another shift than the page says (- page, + what happened)\n" + "\n".join(difflib.ndiff(expected, happened)))
    return shift


def _asks_now(shift: Shift, line: Line) -> Iterable[Ask]:
    """What a line asks on the board as it stands."""
    if line.ask is None:
        for nth, command in enumerate(due(shift.desk.board, line.now)):
            yield Ask(CommandId(f"{line.shown}/{nth}"), "tocsin", line.now, command)
        if due(shift.desk.board, line.now):
            raise AssertionError("what the clock asked is still due")
    elif isinstance(line.ask.command, DispatchUnits) and line.ask.command.receipt:
        receipt = shift.desk.board.incidents[line.ask.command.incident].receipt_sha256
        yield msgspec.structs.replace(line.ask, command=msgspec.structs.replace(line.ask.command, receipt=receipt))
    else:
        yield line.ask


def staged(text: str) -> Shift:
    """A desk with the page's staging and nothing more."""
    return play(text)


def _staged(stage: Stage, journal: Journal, vault: Vault, gather: Gather | None) -> Shift:
    table = gather or GatherTable(stage.roads, learned=stage.learned, stations_ms=stage.roads)  # type: ignore[arg-type]  # names of either
    desk = Desk(journal, table, vault)
    asks = [Ask(CommandId(f"stage-{nth}"), "stage", shift_asks.instant("00:00"), one) for nth, one in enumerate(stage.all_commands())]
    for answer in desk.answer(asks, shift_asks.instant("00:00")):
        if answer.refusal is not None:
            raise AssertionError(f"the staging was refused: {answer.refusal} for {answer.records[0].says}")
    return Shift(desk, journal, vault, table)


def _read(text: str) -> tuple[Stage, list[Line]]:
    stage, lines = Stage(), list[Line]()
    for raw in text.splitlines():
        said, bar, expected = raw.partition("|")
        said, expected = " ".join(said.split()), " ".join(expected.split())
        found = _LINE.fullmatch(said)
        if found is not None:
            lines.append(_line(said, found.groups(), expected, len(lines), stage))  # type: ignore[arg-type]
        elif bar and not said:
            lines[-1].expected = f"{lines[-1].expected} · {expected}".removeprefix(" · ")
        elif said:
            stage.read(said)
    return stage, lines


def _line(said: str, parts: tuple[str | None, str, str | None, str], expected: str, nth: int, stage: Stage) -> Line:
    day, hour, occurred, words = parts
    now = shift_asks.instant(f"{day or '+0'} {hour}")
    words, _, key = words.partition(" #")
    words, _, seen = words.partition(" seen ")
    if words == "timers":
        return Line(said, now, None, expected)
    words, _, actor = words.partition(" by_seat ")
    told = AdoptPlan(stage.response_plan()) if words == "plan again" else shift_asks.command(words)
    at = shift_asks.instant(occurred) if occurred else now
    ask = Ask(CommandId(key or f"line-{nth + 1}"), actor or "page", at, told, expected=int(seen) if seen else None)
    return Line(said, now, ask, expected)


def asks_of(text: str) -> tuple[Mapping[tuple[UnitId, IncidentId], Millis | None], list[tuple[Instant, Ask]]]:
    """A page's road times and everything that it says, staging included, without playing it."""
    stage, lines = _read(text)
    start = shift_asks.instant("00:00")
    staging = [(start, Ask(CommandId(f"stage-{nth}"), "stage", start, one)) for nth, one in enumerate(stage.all_commands())]
    return stage.roads, [*staging, *((line.now, line.ask) for line in lines if line.ask is not None)]
