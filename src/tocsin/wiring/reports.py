"""What a journal or a centre folder says of itself."""

from collections.abc import Iterator
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.clocks.desk import fold_journal
from tocsin.core.board.board import Board
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Record
from tocsin.core.ports import Journal
from tocsin.edge import targets
from tocsin.edge.centre_folder import check_centre_folder, read_centre_folder
from tocsin.edge.journal_check import VerifyAnswer as VerifyAnswer  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.edge.journal_check import check
from tocsin.edge.journal_places import journal_to_read
from tocsin.edge.region_bounds import check_roads
from tocsin.edge.whole_file import check_place, write_whole
from tocsin.pages.report import render
from tocsin.roads.region_file import open_region
from tocsin.roads.shapes import outline
from tocsin.views.report_answer import HeadTold, ReportAnswer
from tocsin.views.response_times import response_times
from tocsin.views.selection import EVERYTHING
from tocsin.views.selection import Selection as Selection  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.wiring.couriers import check_courier_files
from tocsin.wiring.stages import BATCH, Progress

OUTLINE_POINTS = 60_000
"""Points of streets under a report's map: a whole city of San Francisco's size, half a megabyte of page."""

PAGE_BEGIN = b"<!doctype html"
"""How our own pages begin: an older one may be replaced, anything else stays."""


def verify(path: Path, *, progress: Progress) -> VerifyAnswer:
    """Check every line and link."""
    return check(path, progress=lambda done, total: progress(done, total, "verify"))


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
        return [*check_courier_files(folder, read_centre_folder(folder)), *check_roads(folder)]
    except BadInput as fault:
        return [fault]
