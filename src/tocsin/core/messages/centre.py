"""The centre that a journal belongs to, and logs of other systems that were taken in."""

from typing import Literal

import msgspec

from tocsin.base.instants import Instant

Footing = Literal["live", "exercise", "demo", "imported"]
"""How the record came about; everything but ``live`` is marked on every screen, export and message (domain note: Exercise)."""


class OpenCentre(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Name the centre at the head of its journal."""

    centre: str
    name: str
    timezone: str
    """IANA zone of the wall clock, for hours of the day; stamps are UTC."""
    footing: Footing = "live"
    attribution: tuple[str, ...] = ()
    """Who must be named wherever the figures are shown."""


class CentreOpened(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The journal belongs to this centre."""

    centre: str
    name: str
    timezone: str
    footing: Footing = "live"
    attribution: tuple[str, ...] = ()


class RecordImport(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """State what was read from another system's log, used, left out and noticed."""

    source: str
    source_sha256: str
    rows_read: int
    rows_used: int
    rows_excluded: dict[str, int] = {}
    """Reason code → rows that could not be used."""
    defects: dict[str, int] = {}
    """Defect code → rows that were used although they show it."""
    first: Instant | None = None
    last: Instant | None = None


class LogImported(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Another system's log was taken in, with its count of losses and defects."""

    source: str
    source_sha256: str
    rows_read: int
    rows_used: int
    rows_excluded: dict[str, int] = {}
    defects: dict[str, int] = {}
    first: Instant | None = None
    last: Instant | None = None


class DropPositions(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """State that a day of reported positions is about to be deleted, as its span of keeping is over (journal note, section 7)."""

    day: str
    """UTC, ``YYYY-MM-DD``."""
    sha256: str
    """Of the file that is deleted."""
    positions: int


class PositionsDropped(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The day's positions are deleted; what they were can still be proven by whoever kept a copy."""

    day: str
    sha256: str
    positions: int
