"""The command line. Each command: read options, call ``wiring``, show the answer — as text for people, as JSON for machines.

Exit status: 0 good; 1 the answer is "no" (a journal that does not verify); 2 bad input; 3 something of ours is broken.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from shutil import which
from typing import Annotated, NoReturn

import msgspec
from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tocsin import __version__, wiring
from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.base.geometry import LonLat
from tocsin.core.messages.refusal import Refused
from tocsin.shown import demo as demo_shown
from tocsin.shown import figures as shown
from tocsin.words import REFERENCE, catalogue, languages, say, tell

app = App(name="tocsin", version=__version__, help="Open emergency incident response.", help_format="plaintext")
region_app = App(name="region", help="Road files: build one, look into one.")
import_app = App(name="import", help="Take another system's log in.")
app.command(region_app)
app.command(import_app)

Json = Annotated[bool, Parameter(name="--json", negative="", help="Answer as JSON, for machines.")]
Language = Annotated[str | None, Parameter(help="Language of what is shown (en, pt, fr, es).")]
Coordinates = Annotated[str, Parameter(help="LON,LAT in degrees.", allow_leading_hyphen=True)]

out, err = Console(highlight=False), Console(stderr=True, highlight=False)


# ---- how things are shown


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
def progress_bar(language: str) -> Iterator[wiring.Progress]:
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


# ---- commands


@region_app.command(name="build")
def region_build(
    source: Path, *, out_: Annotated[Path, Parameter(name="--out")], mapping: Path | None = None, name: str | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Make a road file from OpenStreetMap (.osm.pbf, .osm, .osm.gz), streets as GeoJSON, or tables of nodes and arcs.

    Parameters
    ----------
    source
        The file or folder to read.
    out_
        The road file to write.
    mapping
        Names of the properties or columns, for a layout that is not known.
    name
        What the region is called; the file's name without one.
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        made = wiring.make_region(source, out_, mapping=mapping, name=name, progress=progress)
    print_json(made) if json else shown.region(out, made, spoken)


@region_app.command(name="info")
def region_info(path: Path, *, json: Json = False, language: Language = None) -> None:
    """Say what a road file holds.

    Parameters
    ----------
    path
        The road file.
    """
    spoken = language_of(language)
    found = wiring.show_region(path)
    print_json(found) if json else shown.region(out, found, spoken)


@app.command
def route(
    path: Path, *, from_: Annotated[list[str], Parameter(name="--from", help="LON,LAT; may be given several times.")], to: Coordinates,
    geometry: bool = False, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Road times from each place to one.

    Parameters
    ----------
    path
        The road file.
    geometry
        With the line that is driven.
    """
    spoken = language_of(language)
    places = [parse_lon_lat(text, "--from") for text in from_]
    rows = wiring.show_routes(path, places, parse_lon_lat(to, "--to"), has_geometry=geometry)
    print_json(rows) if json else shown.routes(out, rows, spoken)


@import_app.command(name="sf-fire")
def import_sf_fire(
    log: Path, *, centre: Path, journal: Path, region: Path | None = None, stations: Path | None = None,
    timezone: str = "America/Los_Angeles", json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """San Francisco's "Fire Department Calls for Service", plain or gzipped: writes a centre folder and a journal.

    Parameters
    ----------
    log
        The log.
    centre
        Folder for stations, units and run cards; used as it is when it is there.
    journal
        The journal to write; must not be there yet.
    region
        Road file; places outside it are noticed.
    stations
        Table with columns station, lat, lon.
    timezone
        IANA name of the zone that the log's stamps are in.
    """
    spoken = language_of(language)
    paths = wiring.ImportFiles(log, centre, journal, region, stations)
    with progress_bar(spoken) as progress:
        answer = wiring.import_sf_fire(paths, zone=timezone, progress=progress)
    print_json(answer) if json else shown.imported(out, answer, spoken)


@app.command
def replay(
    journal: Path, *, centre: Path | None = None, region: Path | None = None, policy: str | None = None, receipts: Path | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """At every dispatch that really happened: whom would the engine have sent?

    Parameters
    ----------
    journal
        The journal to replay; it is not changed.
    centre
        Folder with the run cards to replay with and the road file; without it the journal's own plan and recorded facts serve.
    region
        Road file, if the centre names none or another one is wanted.
    policy
        road-time, road-time-no-divert or straight-line; the plan's own without it.
    receipts
        File for one receipt per line.
    """
    spoken = language_of(language)
    options = wiring.ReplayOptions(centre, region, policy, receipts, spoken)
    with progress_bar(spoken) as progress:
        answer = wiring.replay(journal, options, progress=progress)
    print_json(answer) if json else shown.replayed(out, answer, spoken)


@app.command
def report(
    journal: Path, *, targets: str = "plain", html: Path | None = None, region: Path | None = None,
    priority: list[str] | None = None, unit_kind: list[str] | None = None, excluded: bool = False,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """How the service did: answering, processing, turnout, travel and total response, against dated and cited targets.

    Parameters
    ----------
    journal
        The journal to read; it is not changed.
    targets
        Name of a shipped target profile, or a .toml file.
    html
        File for the page with plots and map; it needs no network.
    region
        Road file, to draw streets under the map.
    priority
        Only incidents of this priority; may be given several times.
    unit_kind
        Only units of this kind; may be given several times.
    excluded
        With --json: list every record that gave no figure.
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        only = wiring.Selection(frozenset(priority or ()), frozenset(unit_kind or ()))
        answer = wiring.report(journal, targets, selection=only, has_excluded=excluded, progress=progress)
    if html is not None:
        wiring.write_page(answer, html, region=region, language=spoken)
    print_json(answer) if json else shown.reported(out, answer, html, spoken)


@app.command
def verify(journal: Path, *, json: Json = False, language: Language = None) -> None:
    """Check every line and link of a journal. Exit status 1 when it does not hold.

    Parameters
    ----------
    journal
        The journal to check; it is not changed.
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        answer = wiring.verify(journal, progress=progress)
    print_json(answer) if json else shown.verified(out, answer, spoken)
    if not answer.ok:
        raise SystemExit(1)


@app.command
def check(centre: Path, *, json: Json = False, language: Language = None) -> None:
    """Say everything that is wrong in a centre folder, with file and line.

    Parameters
    ----------
    centre
        The folder.
    """
    spoken = language_of(language)
    problems = wiring.check_centre(centre)
    if json:
        print_json(shown.CheckAnswer(not problems, [problem_told(problem, spoken) for problem in problems]))
    else:
        shown.checked(out, [tell(problem, spoken) for problem in problems], spoken)
    if problems:
        raise SystemExit(2)


@app.command
def demo(
    *, out_: Annotated[Path, Parameter(name="--out")] = Path("tocsin-demo"), seed: int = 1, hours: float | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Run an invented shift in La Serena and Coquimbo through the real engine, and write its report. Needs no network.

    Parameters
    ----------
    out_
        Folder for what the demo writes.
    seed
        Another seed is another day.
    hours
        How long people call; the whole shift of 24 h without it.
    """
    spoken = language_of(language)
    page = out_ / "report.html"
    table = demo_shown.ShiftTable()
    with progress_bar(spoken) as progress:
        made = wiring.run_demo(out_, seed=seed, hours=hours, progress=progress, on_answer=table.hear)
        answer = wiring.report(made.journal, "nfpa-1710", progress=progress)
        wiring.write_page(answer, page, region=made.region, language=spoken)
    if json:
        print_json(demo_shown.DemoAnswer(str(made.journal), str(page), answer.head.hash if answer.head else "", table.counts(), answer))
    else:
        demo_shown.show(out, table, made, answer, page, spoken)
        demo_shown.next_steps(out, made, program_name(), spoken)


# ---- the door


def program_name() -> str:
    """How this program was called, so that a hint can be typed as it stands: ``.venv/bin/tocsin`` where ``tocsin`` would not be found."""
    called = Path(sys.argv[0])
    if called.name != "tocsin":
        return "tocsin"
    found = which("tocsin")
    return "tocsin" if found is not None and Path(found).samefile(called) else str(called)


def problem_told(fault: Fault, language: str) -> shown.ProblemTold:
    """A fault as a machine reads it."""
    return shown.ProblemTold(fault.code, fault.file, fault.line, fault.field, fault.values, tell(fault, language))


_NEGATIVE_FIRST = re.compile(r"-?\d+(\.\d*)?,-?\d")


def join_coordinates(words: list[str]) -> list[str]:
    """``--from -71.2,-29.9 -71.3,-29.8`` as ``--from=-71.2,-29.9 --from=-71.3,-29.8``: a place may begin with a minus."""
    joined: list[str] = []
    option: str | None = None
    for word in words:
        if option is not None and _NEGATIVE_FIRST.match(word):
            if joined[-1] == option:
                joined.pop()
            joined.append(f"{option}={word}")
            continue
        option = word if word in ("--from", "--to") else None
        joined.append(word)
    return joined


def _language_told(words: list[str]) -> str:
    """The language to tell a fault in: that of the command, if it can be had."""
    asked = next((word.partition("=")[2] for word in words if word.startswith("--language=")), None)
    asked = next((later for word, later in pairwise(words) if word == "--language"), asked)
    try:
        return language_of(asked)
    except BadInput:
        return REFERENCE


def _command_of(words: list[str]) -> str:
    """The command that was meant, as far as it can be told."""
    names, below = ["tocsin"], app
    for word in words:
        if word.startswith("-") or word not in list(below):
            break
        names.append(word)
        below = below[word]
    return " ".join(names)


def _fail(fault: Fault, words: list[str]) -> NoReturn:
    language = _language_told(words)
    if "--json" in words:
        with suppress(OSError):  # where standard output itself is what failed, standard error still tells
            print_json(shown.ErrorAnswer(problem_told(fault, language)))
    shown.told_fault(err, tell(fault, language))
    raise SystemExit(3 if isinstance(fault, Broken) else 2)


def _guarded(run: Callable[[], object], words: list[str]) -> None:
    try:
        run()
    except Refused as refusal:
        _fail(BadInput("refused", refusal=refusal.event.code, values=refusal.event.values), words)
    except Fault as fault:
        _fail(fault, words)
    except CycloptsError as error:
        _fail(BadInput("usage", why=str(error).strip(), command=_command_of(words)), words)
    except OSError as error:
        _fail(BadInput("machine_refused", file=error.filename, why=error.strerror or error), words)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def main(words: list[str] | None = None) -> None:
    """Run one command. Raises SystemExit with the status where it is not 0."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal of few letters shows the rest as escapes and loses nothing
            stream.reconfigure(errors="backslashreplace")
    given = join_coordinates(sys.argv[1:] if words is None else words)
    _guarded(lambda: app(given, exit_on_error=False, print_error=False, result_action="return_value"), given)
