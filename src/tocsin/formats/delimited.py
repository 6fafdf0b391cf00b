"""Delimited text with a header (CSV): rows by column name, however a spreadsheet wrote it. Pure; text in, text out."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tocsin.base.faults import BadInput

if TYPE_CHECKING:
    from _csv import Reader  # the type of csv.reader has no public name

BOM = "\ufeff"
_DELIMITERS = (",", ";", "\t")
MAX_FIELD_CHARS = 1_000_000
"""A field longer than this is a quotation mark that was never closed."""


class Row(NamedTuple):
    """One row: the line of the file on which it ends, and its fields without surrounding blanks."""

    line: int
    fields: list[str]


class Table(NamedTuple):
    """A header and the rows under it, read on demand."""

    delimiter: str
    line: int
    """Of the header."""
    header: list[str]
    rows: Iterator[Row]


def lines_of(text: str) -> Iterator[str]:
    """Lines as a CSV reader wants them: ended by \\n, \\r\\n or \\r only, ends kept."""
    return iter(io.StringIO(text, newline=""))


def read_table(lines: Iterable[str], *, file: str) -> Table:
    """Find the header (first line that is neither empty nor a ``#`` remark) and give the rows below.

    A byte order mark, ``,`` ``;`` or tab as delimiter, and any line ends are taken. Raises BadInput ``table_empty``; while rows are
    read, ``table_broken`` (a quotation mark that is never closed).
    """
    source = iter(lines)
    for line, text in enumerate(source, start=1):
        first = text.removeprefix(BOM) if line == 1 else text
        if first.strip() and not first.lstrip().startswith("#"):
            delimiter = max(_DELIMITERS, key=first.count)
            below = _Source(first, source)
            rows = _rows(csv.reader(below, delimiter=delimiter), below, file=file, above=line - 1)
            header = next(rows)
            return Table(delimiter, header.line, header.fields, rows)
    raise BadInput("table_empty", file=file)


class _Source:
    """Lines from the header on, and whether they have run out."""

    def __init__(self, first: str, rest: Iterator[str]) -> None:
        self._first, self._rest = first, rest
        self.is_at_end = False

    def __iter__(self) -> Iterator[str]:
        yield self._first
        yield from self._rest
        self.is_at_end = True


def _rows(reader: "Reader", source: _Source, *, file: str, above: int) -> Iterator[Row]:
    csv.field_size_limit(MAX_FIELD_CHARS)
    begin = 1
    try:
        for fields in reader:
            if source.is_at_end:  # whoever is given a row has its last line; only inside quotation marks was more looked for
                raise BadInput("table_broken", file=file, line=begin + above, why="EOF")
            begin = reader.line_num + 1
            if any(field.strip() for field in fields) and not fields[0].lstrip().startswith("#"):
                yield Row(reader.line_num + above, [field.strip() for field in fields])
    except csv.Error as error:
        raise BadInput("table_broken", file=file, line=reader.line_num + above, why=error) from None


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text with ``,`` and plain line ends."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
