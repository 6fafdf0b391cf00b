"""The only file that names concrete adapters: what each command of the line needs, put together.

Everything here is a straight road from files to an answer; nothing is decided.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import merge
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

from tocsin.base.canonical import canonical
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant, span_ms
from tocsin.clocks.desk import Answer, Desk, fold_journal
from tocsin.clocks.replay import Decision, Passed, RoadFacts, compare, redecide
from tocsin.clocks.replay_answer import ReplayAnswer, ReplayTally
from tocsin.clocks.simulate import simulate
from tocsin.core.board.board import Board
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.centre import RecordImport
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Ask, ClockSource, Command, Record
from tocsin.core.ports import Journal
from tocsin.edge import targets
from tocsin.edge.centre_folder import check_centre_folder, read_centre_folder, region_path, write_centre_folder
from tocsin.edge.demo_folder import copy_centre, make_room
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_check import VerifyAnswer as VerifyAnswer  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.edge.journal_check import check
from tocsin.edge.journal_places import journal_to_read, new_journal
from tocsin.edge.log_files import read_log, write_unusable
from tocsin.edge.region_bounds import check_incidents, check_near, check_stations
from tocsin.edge.street_files import read_streets
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.edge.vault_memory import MemoryVault
from tocsin.edge.whole_file import check_place, write_whole, writing_whole
from tocsin.formats import sf_fire, sf_fire_centre, sf_fire_duty
from tocsin.formats.centre import Centre, opening_commands
from tocsin.formats.import_answer import Assumption, ImportAnswer
from tocsin.formats.run_cards import Support
from tocsin.formats.sf_fire_rows import LogRow
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import read_scenario
from tocsin.lab.world import City
from tocsin.pages.report import render
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.info import RegionInfo, RouteRow, info, route_rows
from tocsin.roads.region import Region
from tocsin.roads.region_file import MAGIC, open_region, write_region
from tocsin.roads.shapes import outline
from tocsin.roads.snapping import Snapper
from tocsin.views.report_answer import HeadTold, ReportAnswer
from tocsin.views.response_times import response_times
from tocsin.views.selection import EVERYTHING
from tocsin.views.selection import Selection as Selection  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.words import say

Progress = Callable[[int, int | None, str], None]
"""Done, of how many (None = not known), at which stage: the last part of a key ``cli.stage.…``."""

TREES_KEPT = 256
"""Shortest-path trees that a replay keeps: most places of a fortnight come back within a day."""

OUTLINE_POINTS = 60_000
"""Points of streets under a report's map: a whole city of San Francisco's size, half a megabyte of page."""

PAGE_BEGIN, RECEIPTS_BEGIN = b"<!doctype html", b'{"pos":'
"""How our own pages and receipts begin: an older one may be replaced, anything else stays."""

BATCH = 1000
"""Questions in one transaction when a log is taken in."""

# ---- roads


class Roads(NamedTuple):
    """A region with what answers questions about it."""

    region: Region
    snapper: Snapper
    router: DijkstraRouter


def open_roads(path: Path) -> Roads:
    """Raises the BadInput of an unreadable region."""
    region = open_region(path)
    return Roads(region, Snapper(region), DijkstraRouter(region, trees_kept=TREES_KEPT))


def make_region(source: Path, out: Path, *, mapping: Path | None, name: str | None, progress: Progress) -> RegionInfo:
    """Build a region file from OpenStreetMap, GeoJSON or tables."""
    check_place(out, begins=MAGIC)
    region = build_region(read_streets(source, mapping, progress=progress), name=name or out.stem, progress=progress)
    write_region(region, out)
    return info(region)


def show_region(path: Path) -> RegionInfo:
    """What a region file holds."""
    return info(open_region(path))


def show_routes(path: Path, froms: Sequence[LonLat], to: LonLat, *, has_geometry: bool) -> list[RouteRow]:
    """Quickest ways from each place to one."""
    roads = open_roads(path)
    check_near(roads.snapper, [*froms, to], path)
    return route_rows(roads.router, roads.snapper, froms, to, has_geometry=has_geometry)


# ---- journals


def verify(path: Path, *, progress: Progress) -> VerifyAnswer:
    """Check every line and link."""
    return check(path, progress=lambda done, total: progress(done, total, "verify"))


def tell_opening(desk: Desk, centre: Centre, at: Instant, *, clock: ClockSource) -> list[Answer]:
    """Tell the desk who it is. Raises BadInput ``opening_refused`` if it will not have it."""
    answers = desk.answer([_ask(f"opening:{nth}", at, one, clock) for nth, one in enumerate(opening_commands(centre))], at)
    for answer in answers:
        if answer.refusal is not None:
            raise BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values)
    return answers


def _ask(name: str, at: Instant, command: Command, clock: ClockSource) -> Ask:
    return Ask(CommandId(name), "tocsin", at, command, clock=clock)


# ---- import


class ImportFiles(NamedTuple):
    """Where an import reads and writes."""

    log: Path
    centre: Path
    journal: Path
    region: Path | None = None
    stations: Path | None = None


def import_sf_fire(paths: ImportFiles, *, zone: str, progress: Progress) -> ImportAnswer:
    """Take San Francisco's fire log in: a centre folder that a person can edit, and a journal. A folder that is there is used as it is."""
    if paths.journal.exists():
        raise BadInput("journal_exists", file=str(paths.journal))
    check_place(paths.journal)
    text = read_log(paths.log)
    bbox = show_region(paths.region).bbox if paths.region is not None else None
    progress(0, None, "read")
    log = sf_fire.read(text.lines(), zone=zone, bbox=bbox, file=text.file)
    made = _centre_of_log(log, paths)
    centre = made.centre
    start = log.counts.first
    if start is None:
        raise AssertionError("a log that can be read has a first row")
    duties = sf_fire_duty.duty_asks(log.calls, [unit.unit for unit in centre.units if unit.station is None], start)
    with new_journal(paths.journal) as journal:
        desk = Desk(journal, GatherTable({}), MemoryVault(), reactions={})
        tell_opening(desk, centre, start, clock="log")
        asks = list(merge(log.asks(), duties, key=lambda ask: ask.at))
        for first in range(0, len(asks), BATCH):
            progress(first, len(asks), "import")
            batch = asks[first : first + BATCH]
            desk.answer(batch, batch[-1].at)
        progress(len(asks), len(asks), "import")
        desk.answer([_import_record(log, paths.log.name, text.sha256)], log.counts.last or start)
        head = journal.head()
        unusable = _write_beside(log, made, paths)
    counts = log.counts
    return ImportAnswer(
        counts.rows_read,
        counts.rows_used,
        counts.rows_excluded,
        counts.incidents,
        counts.units,
        head.pos,
        head.hash.hex(),
        log.defects,
        tuple(log.columns.missing),
        tuple(log.columns.ignored),
        (*made.assumptions, sf_fire_duty.assumption(duties)),
        str(paths.centre),
        str(unusable or ""),
    )


class _LogCentre(NamedTuple):
    """The centre of an imported log: made from it, or the person's own."""

    centre: Centre
    support: Mapping[str, Support] | None
    """On what each run card stands; None for a centre that was there."""
    assumptions: tuple[Assumption, ...]


def _centre_of_log(log: sf_fire.SfLog, paths: ImportFiles) -> _LogCentre:
    if paths.centre.is_dir() and any(paths.centre.iterdir()):
        kept = read_centre_folder(paths.centre)
        _check_known(log, paths, kept)
        return _LogCentre(kept, None, (Assumption("centre_kept"), *log.assumptions()))
    if paths.centre.exists() and not paths.centre.is_dir():
        raise BadInput("folder_is_file", file=str(paths.centre))
    stations = read_log(paths.stations) if paths.stations is not None else None
    region = os.path.relpath(paths.region, paths.centre) if paths.region is not None else ""
    made = sf_fire_centre.centre_of(
        log.calls,
        log.zone,
        sf_fire_centre.CentreHead(region=region),
        stations.text if stations is not None else None,
        stations.file if stations is not None else "",
    )
    return _LogCentre(made.centre, made.support, (*log.assumptions(), *made.assumptions))


def _check_known(log: sf_fire.SfLog, paths: ImportFiles, centre: Centre) -> None:
    """Raises BadInput for units and types that the log names and the person's centre does not."""
    units = {str(unit.unit) for unit in centre.units}
    lacking = {row.unit: row.line for row in _last_row_first(log) if row.unit not in units}
    if lacking:
        where = f"{paths.log}:{min(lacking.values())}"
        raise BadInput("centre_lacks_units", file=str(paths.centre / "units.csv"), units=", ".join(sorted(lacking)), where=where)
    types = {str(entry.code) for entry in centre.plan.incident_types}
    strange = {call.incident_type: min(row.line for row in call.rows) for call in log.calls if call.incident_type not in types}
    if strange:
        where = f"{paths.log}:{min(strange.values())}"
        raise BadInput("centre_lacks_types", file=str(paths.centre / "plan.toml"), types=", ".join(sorted(strange)), where=where)


def _last_row_first(log: sf_fire.SfLog) -> list[LogRow]:
    return sorted((row for call in log.calls for row in call.rows), key=lambda row: -row.line)


def _write_beside(log: sf_fire.SfLog, made: _LogCentre, paths: ImportFiles) -> Path | None:
    """The centre, if it is new, and the rows that could not be used; gives the file of the latter. Both, or neither."""
    unusable = paths.journal.with_name(f"{paths.journal.name}.unusable.csv") if log.unusable else None
    if unusable is not None:
        write_unusable(unusable, log.header, log.unusable)
    try:
        if made.support is not None:
            write_centre_folder(paths.centre, made.centre, support=made.support)
    except BaseException:
        if unusable is not None:
            unusable.unlink()
        raise
    return unusable


def _import_record(log: sf_fire.SfLog, source: str, source_sha256: str) -> Ask:
    counts = log.counts
    record = RecordImport(
        source,
        source_sha256,
        counts.rows_read,
        counts.rows_used,
        counts.rows_excluded,
        {code: defect.count for code, defect in log.defects.items()},
        counts.first,
        counts.last,
    )
    return _ask("import:done", counts.last or Instant(0), record, "log")


# ---- replay


class ReplayOptions(NamedTuple):
    """What to replay with; what is None is the journal's own."""

    centre: Path | None = None
    region: Path | None = None
    policy: str | None = None
    receipts: Path | None = None
    language: str = "en"


def replay(path: Path, options: ReplayOptions, *, progress: Progress) -> ReplayAnswer:
    """Every real dispatch beside the engine's choice; and every question asked again with its recorded facts."""
    if options.policy is not None and options.policy not in POLICIES:
        raise BadInput("policy_unknown", value=options.policy, known=", ".join(POLICIES))
    centre = read_centre_folder(options.centre) if options.centre is not None else None
    found = options.region or (region_path(options.centre, centre) if options.centre is not None and centre is not None else None)
    roads: RoadFacts | None = None
    if found is not None:
        opened = open_roads(found)
        roads = GatherRoads(opened.region, opened.router, opened.snapper)
    with journal_to_read(path) as journal, _receipts_file(options.receipts) as put:
        head, tally, board = journal.head(), ReplayTally(), fold_journal(journal)
        if found is not None:
            check_incidents(board, found)
        plan = centre.plan if centre is not None else None
        for decision in compare(
            journal, roads, policy=options.policy, plan=plan, on_question=lambda pos: progress(pos, head.pos, "replay")
        ):
            tally.add(decision)
            put(decision)
        if options.centre is not None and roads is None and tally.is_without_facts():
            raise BadInput("replay_without_roads", file=str(options.centre / "centre.toml"), field="region")
        again = redecide(journal, on_question=lambda pos: progress(pos, head.pos, "redecide"))
        assumptions = _replay_assumptions(board, roads is not None, options.language)
    return tally.answer(redecided=again, head=head.hash.hex(), assumptions=assumptions)


@contextmanager
def _receipts_file(path: Path | None) -> Iterator[Callable[[Decision | Passed], None]]:
    """Takes decisions, a line each, as they come: those of a fortnight would not be held in memory lightly."""
    if path is None:
        yield lambda decision: None
        return
    check_place(path, begins=RECEIPTS_BEGIN)
    with writing_whole(path) as file:

        def put(decision: Decision | Passed) -> None:
            if isinstance(decision, Decision):
                file.write(f"{canonical(decision).decode()}\n")

        yield put


def _replay_assumptions(board: Board, has_roads: bool, language: str) -> tuple[str, ...]:
    homeless = sum(unit.station is None for unit in board.units.values())
    codes: list[tuple[str, dict[str, object]]] = [
        ("like", {}),
        ("positions_roads" if has_roads else "positions_recorded", {}),
        ("returning", {}),
        ("hospital", {}),
    ]
    if homeless:
        codes.append(("homeless", {"count": homeless}))
    if board.imports:
        codes.append(("imported", {}))
    return tuple(say(f"replay.assumption.{code}", language, **values) for code, values in codes)


# ---- report


def report(path: Path, profile: str, *, selection: Selection = EVERYTHING, has_excluded: bool = False, progress: Progress) -> ReportAnswer:
    """How the service did, against a target profile."""
    chosen = targets.load(profile)
    with journal_to_read(path) as journal:
        head = journal.head()
        if selection != EVERYTHING:
            _check_selection(fold_journal(journal), selection)
        return response_times(
            _records(journal, head.pos, progress),
            chosen,
            selection=selection,
            head=HeadTold(head.pos, head.hash.hex()),
            with_excluded=has_excluded,
        )


def _check_selection(board: Board, selection: Selection) -> None:
    """A slip in a name would give a report of nothing that looks like any other."""
    for field, asked, known in (
        ("--priority", selection.priorities, {incident.priority for incident in board.incidents.values()}),
        ("--unit-kind", selection.unit_kinds, {unit.kind for unit in board.units.values()}),
    ):
        unknown = sorted(asked - known)
        if unknown:
            raise BadInput("selection_unknown", field=field, value=", ".join(unknown), known=", ".join(sorted(known)))


def _records(journal: Journal, last: int, progress: Progress) -> Iterator[Record]:
    for stored in journal.read():
        if stored.pos % BATCH == 0:
            progress(stored.pos, last, "report")
        yield decode(stored.body)


def write_page(answer: ReportAnswer, out: Path, *, region: Path | None, language: str) -> None:
    """The report as one file that needs no network."""
    check_place(out, begins=PAGE_BEGIN)
    lines = outline(open_region(region), limit=OUTLINE_POINTS) if region is not None else None
    streets = [[(point.lon, point.lat) for point in line] for line in lines] if lines is not None else None
    try:
        write_whole(out, render(answer, language=language, streets=streets))
    except OSError as error:
        raise BadInput("file_write", file=str(out), why=error.strerror or error) from None


def check_centre(folder: Path) -> list[BadInput]:
    """Everything that is wrong in a centre folder."""
    problems = list(check_centre_folder(folder))
    if problems:
        return problems
    try:
        return check_stations(folder)
    except BadInput as fault:
        return [fault]


# ---- demo


class Demo(NamedTuple):
    """Where the demo wrote, and its board at the end."""

    journal: Path
    region: Path
    centre: Path
    board: Board


def run_demo(folder: Path, *, seed: int, hours: float | None, progress: Progress, on_answer: Callable[[Answer, Instant], None]) -> Demo:
    """One invented shift in La Serena and Coquimbo: real streets, invented stations, units and calls, the real desk and journal."""
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    scenario = read_scenario(data.joinpath("scenario.toml").read_text("utf-8"), file="scenario.toml")
    if hours is not None:
        scenario = scenario.lasting(hours)
    region_file, journal_file, keys = folder / "centre" / "coquimbo.region", folder / "demo.journal", folder / "demo.keys"
    make_room(folder, journal_file, keys)
    with as_file(data.joinpath("streets.geojson.gz")) as streets:
        make_region(streets, region_file, mapping=None, name="coquimbo", progress=progress)
    centre = copy_centre(data.joinpath("centre"), folder / "centre")
    roads = open_roads(region_file)
    city = City(scenario, StreetDemand(roads.region), Drive(roads.region, roads.router, roads.snapper), seed=seed, timezone=centre.timezone)
    begin, lasts = scenario.begin_at(), scenario.lasts_ms()

    def tell(answer: Answer, now: Instant) -> None:
        progress(min(span_ms(start=begin, end=now), lasts), lasts, "simulate")
        on_answer(answer, now)

    vault = open_or_create_vault(keys)
    try:
        with new_journal(journal_file) as journal:
            desk = Desk(journal, GatherRoads(roads.region, roads.router, roads.snapper), vault)
            for answer in tell_opening(desk, centre, begin, clock="simulated"):
                list(city.hear(answer, begin))
            simulate(desk, city, on_answer=tell)
            board = desk.board
    finally:
        vault.close()
    return Demo(journal_file, region_file, folder / "centre", board)
