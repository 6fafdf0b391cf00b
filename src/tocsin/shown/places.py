"""Places as tables: what a text may mean, and what a place is called."""

import unicodedata
from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.base.geometry import LonLat
from tocsin.pages.numerals import Numerals
from tocsin.places.candidate import Candidate
from tocsin.places.locate import AreaTold, Described, Found, Located
from tocsin.shown.figures import facts, paragraph, section
from tocsin.words import say

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


class LocateAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin locate REGION TEXT --json``."""

    candidates: tuple[Found, ...]
    notes: tuple[str, ...] = ()
    """Codes of what the reader must know beside the answer; their words go to standard error."""


class PlaceAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin locate REGION --at LON,LAT --json``."""

    nearest: tuple[Candidate, ...]
    areas: tuple[AreaTold, ...]
    grids: dict[str, str]
    notes: tuple[str, ...] = ()
    """As in ``LocateAnswer``."""


def isolated(text: str) -> str:
    """Text that is written from right to left between isolating marks (UAX #9), so that figures beside it stay where they are."""
    if any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") for sign in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def note(code: str, language: str) -> str:
    """What the reader must know beside the answer."""
    return say(f"locate.note.{code}", language)


def located(out: Console, found: Located, language: str) -> None:
    """What a text may mean."""
    if not found.candidates:
        paragraph(out, say("locate.none", language))
        return
    title = say("locate.one" if len(found.candidates) == 1 else "locate.several", language, count=len(found.candidates))
    section(out, title, _candidates(found.candidates, language))


def described(out: Console, found: Described, place: LonLat, language: str) -> None:
    """What a place is called."""
    grids = [(say(f"locate.grid.{name}", language), text) for name, text in found.grids.items()]
    section(out, say("locate.at", language, lon=f"{place.lon:.6f}", lat=f"{place.lat:.6f}"), facts(grids, justify="left"))
    if found.nearest:
        section(out, say("locate.nearest", language), _candidates(found.nearest, language))
    if found.areas:
        section(out, say("locate.areas", language), _areas(found.areas))


def _candidates(rows: Sequence[Candidate], language: str) -> Table:
    """Each in two or three lines: what, then where and how sure; text may be long, figures never break."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for nth, row in enumerate(rows, 1):
        table.add_row(f"{nth}", Text("\n".join(_lines(row, language))))  # Text: brackets of a name are no markup
    return table


def _areas(areas: Sequence[AreaTold]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for one in areas:
        table.add_row(Text(isolated(one.layer)), Text(isolated(one.name)))
    return table


def _lines(row: Candidate, language: str) -> Iterable[str]:
    numerals = Numerals(language)
    area = f", {isolated(row.area)}" if row.area else ""
    yield f"{isolated(row.text)}{area}"
    kind = say(f"locate.kind.{row.kind}", language)
    reason = f"; {say(f'locate.reason.{row.reason}', language)}" if row.reason else ""
    yield f"{kind}, {sure(row.uncertainty_m, language)}{reason}"
    yield f"{row.lon:.6f}, {row.lat:.6f}  {numerals.decimal(row.score, 2)}"
    areas = row.areas if isinstance(row, Found) else ()
    if areas:
        yield ", ".join(f"{isolated(one.layer)}: {isolated(one.name)}" for one in areas)


def sure(uncertainty_m: float, language: str) -> str:
    """The uncertainty in words: ``within 15 m``, ``within 6.7 km``, ``exact``."""
    numerals = Numerals(language)
    if uncertainty_m <= 0:
        return say("locate.exact", language)
    told = f"{numerals.decimal(uncertainty_m / 1000)} km" if uncertainty_m >= 1000 else f"{max(1, round(uncertainty_m))} m"
    return say("locate.within", language, distance=told)
