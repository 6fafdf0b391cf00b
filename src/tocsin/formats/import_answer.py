"""What an import answers: rows counted to the last, losses by reason, defects with examples, and what was assumed."""

import msgspec

from tocsin.base.instants import Instant


class Defect(msgspec.Struct):
    """Something odd about rows that were used all the same."""

    count: int = 0
    examples: list[str] = []
    """Up to five, as line, call and unit: ``12:200983546:E32``."""


class Assumption(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something the log does not say and the import had to settle. ``words`` says it: ``import.assumption.<code>``."""

    code: str
    values: dict[str, str] = {}


class LogCounts(msgspec.Struct, frozen=True):
    """``rows_read`` is always ``rows_used`` plus everything in ``rows_excluded``."""

    rows_read: int
    rows_used: int
    rows_excluded: dict[str, int]
    incidents: int
    units: int
    first: Instant | None
    last: Instant | None


class ImportAnswer(msgspec.Struct, frozen=True, omit_defaults=False):
    """The answer of ``tocsin import``; ``events`` and ``head`` are the journal's."""

    rows_read: int
    rows_used: int
    rows_excluded: dict[str, int]
    incidents: int
    units: int
    events: int
    head: str
    defects: dict[str, Defect] = {}
    columns_missing: tuple[str, ...] = ()
    columns_ignored: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    centre: str = ""
    """Folder that was written."""
    unusable: str = ""
    """File that the excluded rows were written to; empty when there were none."""
