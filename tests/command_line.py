"""The command line for tests: a command run in this process, its answer and status; schemas; small logs."""

import csv
import io
import json
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

from source import ROOT
from tocsin import cli
from tocsin.words import catalogue, languages

SCHEMAS = ROOT / "docs" / "generated" / "schemas"
LANGUAGES = languages()
A_KEY = re.compile(r"\b(?:cli|report|replay|import|codes|faults|refusals|centre)\.(?:[a-z_]+\.)*[a-z_]+\b")
FILE_ENDS = (".toml", ".html", ".journal", ".region", ".csv", ".keys")


@contextmanager
def in_english(cache: Path) -> Iterator[None]:
    """Whatever the machine speaks; with a cache of its own, and hearing Ctrl-C where a shell's background is deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_LANGUAGE", "en")
        patch.setenv("COLUMNS", "80")
        patch.setenv("XDG_CACHE_HOME", str(cache))
        yield
    signal.signal(signal.SIGINT, before)


class Run(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer for machines."""
        return json.loads(self.out)


def tocsin(*words: object) -> Run:
    """Run a command in this process. An exception that is no exit is the test's failure."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main([str(word) for word in words])
        except SystemExit as ending:
            status = int(ending.code or 0)
    return Run(status, out.getvalue(), err.getvalue())


def misfits(schema: str, answer: object) -> list[str]:
    """What does not fit a published schema."""
    validator = Draft202012Validator(json.loads((SCHEMAS / f"{schema}.json").read_text("utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


def untranslated(text: str) -> list[str]:
    """Keys of sentences that stand in a text instead of the sentence; names of files look alike and are none."""
    found = [match[0] for match in A_KEY.finditer(text) if not match[0].endswith(FILE_ENDS)]
    return [key for key in found if key in catalogue("en") or "." in key.partition(".")[2]]


class Fortnight(NamedTuple):
    """Where the real fortnight lies."""

    folder: Path

    @property
    def journal(self) -> Path:
        return self.folder / "sf.journal"

    @property
    def centre(self) -> Path:
        return self.folder / "centre"

    @property
    def region(self) -> Path:
        return self.folder / "sf.region"

    @property
    def imported(self) -> Any:
        """The answer of the import."""
        return json.loads((self.folder / "imported.json").read_text("utf-8"))


def rows_of(rows: Iterable[dict[str, str]], calls: int) -> list[dict[str, str]]:
    """All rows of the first so many calls."""
    kept: list[dict[str, str]] = []
    seen: set[str] = set()
    for row in rows:
        if len(seen) < calls or row["Call Number"] in seen:
            seen.add(row["Call Number"])
            kept.append(row)
    return kept


def write_log(path: Path, rows: list[dict[str, str]], *, without: Iterable[str] = ()) -> None:
    """A log as the city publishes it, perhaps without some columns."""
    columns = [column for column in rows[0] if column not in set(without)]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)


def changed(rows: list[dict[str, str]], at: int, **fields: str) -> list[dict[str, str]]:
    """The rows with some fields of one of them changed; ``Call_Number`` stands for ``Call Number``."""
    new = {name.replace("_", " "): value for name, value in fields.items()}
    return [row | new if nth == at else row for nth, row in enumerate(rows)]


def listing(folder: Path) -> dict[str, int]:
    """Every file below a folder with its size, hidden ones as well."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*"))}


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, one by one."""
    with path.open("rb") as file:
        yield from file
