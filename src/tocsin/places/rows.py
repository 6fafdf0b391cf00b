"""What readers hand over to make a gazetteer of: plain rows, whatever they were read from. Never who lives there or how to call them."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres

Line = tuple[LonLat, ...]
Parity = Literal["all", "odd", "even"]
Origin = Literal["stated", "seen", "inferred"]
"""Where the numbers of a stretch come from, best first: the source; where incidents of that block lay; counted from its neighbours."""


class House(msgspec.Struct, frozen=True):
    """A house number at its own place."""

    street: str
    """Street, or the place whose houses are numbered without streets."""
    number: str
    """As it is written on the door: ``12``, ``12a``, ``12-16``."""
    place: LonLat
    area: str = ""
    """Locality; empty = the nearest one."""
    postcode: str = ""


class Stretch(msgspec.Struct, frozen=True):
    """A line of street along which numbers run from ``first`` at its first point to ``last`` at its last."""

    street: str
    first: int
    last: int
    line: Line
    parity: Parity = "all"
    area: str = ""
    origin: Origin = "stated"
    spread_m: Metres = Metres(0.0)
    """How far the whole stretch may be off, beside its length."""


class Named(msgspec.Struct, frozen=True):
    """A landmark or locality."""

    names: tuple[str, ...]
    """The first is shown; all are found."""
    kind: Literal["landmark", "locality"]
    place: LonLat
    radius_m: Metres = Metres(0.0)
    category: str = ""
    """What it is in the source's words (``hospital``, ``village``)."""
    area: str = ""


class Post(msgspec.Struct, frozen=True):
    """A kilometre post."""

    road: str
    km: float
    place: LonLat


class Piece(msgspec.Struct, frozen=True):
    """A named street between two nodes."""

    street: str
    tail: int
    head: int
    line: Line


class Meeting(msgspec.Struct, frozen=True):
    """Two streets meet here, as the source says in words; the lines need not show it."""

    street: str
    other: str
    place: LonLat


class Alias(msgspec.Struct, frozen=True):
    """Another name of a street."""

    street: str
    name: str


Row = House | Stretch | Named | Post | Piece | Meeting | Alias
Rows = Iterable[Row]
