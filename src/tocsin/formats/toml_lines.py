"""TOML text with the line of every table and key, which ``tomllib`` does not tell. Pure.

The lines are found by scanning, for error messages only: a text in triple quotation marks that itself looks like TOML can put a message
on a wrong line, never a wrong value into the plan.
"""

import re
import tomllib
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.formats.delimited import BOM

Path = tuple[str | int, ...]
"""``("card", 2, "slot", 0, "needs")``."""

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*$")
_KEY = re.compile(r"([A-Za-z0-9_-]+)(?:\s*\.\s*[A-Za-z0-9_-]+)*\s*=(?!=)")
_MARKS = re.compile(r"[\[\]{}]|[A-Za-z0-9_-]+\s*=|,")
_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


class TomlText(NamedTuple):
    """What the text says, and where."""

    file: str
    data: dict[str, object]
    lines: dict[Path, int]

    def line(self, *path: str | int) -> int:
        """Line of a key or table; of the nearest one around it when it has none of its own."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def read_toml(text: str, *, file: str) -> TomlText:
    """Parse and locate. Raises BadInput ``toml_syntax`` with the line."""
    text = text.removeprefix(BOM).replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        rows = text.split("\n")
        line = int(found[1]) if found else len(text.rstrip("\n").split("\n"))
        why = _AT_LINE.sub("", str(error)).strip()
        raise BadInput("toml_syntax", file=file, line=line, found=rows[line - 1].strip()[:80], why=why) from None
    return TomlText(file, data, _Scan().lines_of(text))


class _Scan:
    """One pass over the text: where each header and key stands."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.table: Path = ()
        self.counts: dict[Path, int] = {}
        self.value: list[str | int] = []
        """Inside a value that is still open: its path, with the place in each list (``-1``: before its first) and each inline key."""
        self.open: list[str] = []
        """The brackets that are open."""

    def lines_of(self, text: str) -> dict[Path, int]:
        for number, raw in enumerate(text.split("\n"), start=1):
            # Texts and remarks are blanked out, so that brackets in them do not count; a quoted key keeps its name.
            line = re.sub(r'^\s*"([A-Za-z0-9_-]+)"(?=\s*=)', r"\1", raw)
            line = _QUOTED.sub(lambda found: "" if found[0].startswith("#") else "0", line)
            if self.value:
                self._inside(line, number)
            elif header := _HEADER.match(line):
                self._open_table(header[2], number, is_list=header[1] == "[[")
            elif key := _KEY.match(line.lstrip()):
                self.value = [*self.table, key[1]]
                self.lines.setdefault(tuple(self.value), number)
                self._inside(line[line.index("=") + 1 :], number)
        return self.lines

    def _open_table(self, name: str, number: int, *, is_list: bool) -> None:
        parts = [part.strip().strip("\"'") for part in name.split(".")]
        path: Path = ()
        for part in parts[:-1]:
            path = (*path, part)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        path = (*path, parts[-1])
        if is_list:
            nth = self.counts.get(path, 0)
            self.counts[path] = nth + 1
            self.lines.setdefault(path, number)
            path = (*path, nth)
        self.table = path
        self.lines[path] = number

    def _inside(self, line: str, number: int) -> None:
        for mark in _MARKS.findall(line):
            if mark == "[":
                self.open.append("[")
                self.value.append(-1)
            elif mark == "{":
                self._open_inline(number)
            elif mark in "]}":
                if self.open:
                    self.open.pop()
                    self.value.pop()
            elif mark != "," and self.open and self.open[-1] == "{":
                self._inline_key(mark.rstrip("= \t"), number)
        if not self.open:
            self.value = []

    def _open_inline(self, number: int) -> None:
        if self.open and self.open[-1] == "[":
            self.value[-1] = int(self.value[-1]) + 1
            self.lines.setdefault(tuple(self.value), number)
        self.open.append("{")
        self.value.append("")

    def _inline_key(self, key: str, number: int) -> None:
        self.value[-1] = key
        self.lines.setdefault(tuple(self.value), number)
