"""San Francisco's "Fire Department Calls for Service" read as questions to the desk, and as a centre that could answer them. Pure.

The log's own oddities are lived with and counted; a row that cannot be used is kept with its reason; nothing is dropped in silence.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, is_zone
from tocsin.core.messages.said import Ask
from tocsin.formats import sf_fire_asks
from tocsin.formats.delimited import read_table
from tocsin.formats.import_answer import Assumption, Defect, LogCounts
from tocsin.formats.log_stamps import StampReader
from tocsin.formats.sf_fire_calls import BBox, Defects, LogCall, freed_at, gather_calls, note_overlaps, note_row_defects
from tocsin.formats.sf_fire_centre import CentreHead, LogCentre, centre_of
from tocsin.formats.sf_fire_rows import Columns, LogRow, Unusable, find_columns, read_row

ZONE = "America/Los_Angeles"


class SfLog(msgspec.Struct, frozen=True):
    """A log that was read to its end."""

    calls: list[LogCall]
    unusable: list[Unusable]
    defects: dict[str, Defect]
    counts: LogCounts
    columns: Columns
    header: list[str]
    zone: str

    def asks(self) -> Iterator[Ask]:
        """Everything that happened, as questions to the desk in the order in which it happened."""
        return sf_fire_asks.asks(self.calls)

    def centre(self, head: CentreHead, *, stations: str | None = None, file: str = "") -> LogCentre:
        """A centre that could have answered these calls; see ``sf_fire_centre.centre_of``."""
        return centre_of(self.calls, self.zone, head, stations, file)

    def assumptions(self) -> list[Assumption]:
        """What the log does not say and the reading settled; ``words`` tells them (``import.assumption.<code>``)."""
        said = [Assumption("zone", {"zone": self.zone}), Assumption("keys"), Assumption("called_off"), Assumption("closing")]
        if "available_missing" in self.defects:
            said.append(Assumption("available_missing", {"count": str(self.defects["available_missing"].count)}))
        if "dispatch_before_available" in self.defects:
            said.append(Assumption("overlap", {"count": str(self.defects["dispatch_before_available"].count)}))
        if "final_priority" in self.columns.missing:
            said.append(Assumption("priority"))
        return said


def read(lines: Iterable[str], *, zone: str = ZONE, bbox: BBox | None = None, file: str = "") -> SfLog:
    """Read the whole log. ``bbox`` is the region's; a place outside it is left out and counted.

    Raises BadInput ``timezone``, ``table_empty``, ``table_broken``, ``log_columns_missing``, ``log_unusable`` (not one row can be used).
    """
    if not is_zone(zone):
        raise BadInput("timezone", value=zone)
    table = read_table(lines, file=file)
    columns = find_columns(table.header, file=file, line=table.line)
    stamps = StampReader(zone)
    unusable: list[Unusable] = []
    rows: dict[tuple[str, str], LogRow] = {}
    defects = Defects()
    for line, fields in table.rows:
        row = read_row(line, fields, columns, stamps)
        if isinstance(row, LogRow) and (row.call, row.unit) in rows:
            row = Unusable(line, "doubled", fields)
        if isinstance(row, Unusable):
            unusable.append(row)
        else:
            rows[row.call, row.unit] = row
            note_row_defects(row, defects)
    if not rows:
        line = unusable[0].line if unusable else table.line
        raise BadInput("log_unusable", file=file, line=line, rows=len(unusable), reasons=_reasons(unusable))
    note_overlaps(rows.values(), defects)
    calls = gather_calls(rows.values(), bbox, defects)
    return SfLog(
        calls, unusable, dict(sorted(defects.by_code.items())), _counts(calls, rows.values(), unusable), columns, table.header, zone
    )


def _reasons(unusable: list[Unusable]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in Counter(row.reason for row in unusable).most_common()) or "0"


def _counts(calls: list[LogCall], rows: Iterable[LogRow], unusable: list[Unusable]) -> LogCounts:
    used = list(rows)
    return LogCounts(
        rows_read=len(used) + len(unusable),
        rows_used=len(used),
        rows_excluded=dict(sorted(Counter(row.reason for row in unusable).items())),
        incidents=len(calls),
        units=len({row.unit for row in used}),
        first=min(call.received for call in calls),
        last=Instant(max(freed_at(row) for row in used)),
    )
