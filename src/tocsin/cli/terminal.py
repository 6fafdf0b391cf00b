"""What every command shares: languages, JSON, progress, places typed by hand."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tocsin.base.faults import BadInput, Fault
from tocsin.base.geometry import LonLat
from tocsin.shown import figures as shown
from tocsin.wiring.stages import Progress as Stages
from tocsin.words import REFERENCE, catalogue, languages, say, tell

Json = Annotated[bool, Parameter(name="--json", negative="", help="Answer as JSON, for machines.")]
Language = Annotated[str | None, Parameter(help="Language of what is shown (en, pt, fr, es).")]
Coordinates = Annotated[str, Parameter(help="LON,LAT in degrees.", allow_leading_hyphen=True)]

# Names of streets, files and places are shown as they are: “[red]” and “:fire:” in them are neither colours nor pictures.
out, err = (Console(stderr=is_err, highlight=False, markup=False, emoji=False) for is_err in (False, True))


def language_of(asked: str | None) -> str:
    """The language asked for, else TOCSIN_LANGUAGE, else the machine's if it is shipped, else English. Raises BadInput ``language``."""
    stated = asked or os.environ.get("TOCSIN_LANGUAGE")
    if stated:
        catalogue(stated)
        return stated
    machine = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "")[:2].lower()
    return machine if machine in languages() else REFERENCE


def print_json(answer: object) -> None:
    """One JSON value, indented, on standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n")


@contextmanager
def progress_bar(language: str) -> Iterator[Stages]:
    """A bar per stage on standard error; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        stages: dict[str, TaskID] = {}

        def draw(done: int, total: int | None, stage: str) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(say(f"cli.stage.{stage}", language), total=total)
            bar.update(stages[stage], completed=done, total=total)

        yield draw


def parse_lon_lat(text: str, field: str) -> LonLat:
    """``LON,LAT`` in degrees. Raises BadInput ``lon_lat``."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("lon_lat", field=field, value=text) from None
    place = LonLat(lon, lat)
    if not place.is_on_earth():
        raise BadInput("lon_lat", field=field, value=text)
    return place


def problem_told(fault: Fault, language: str) -> shown.ProblemTold:
    """A fault as a machine reads it."""
    return shown.ProblemTold(fault.code, fault.file, fault.line, fault.field, fault.values, tell(fault, language))
