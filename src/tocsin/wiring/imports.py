"""Another system's log taken in."""

import os
from collections.abc import Mapping
from heapq import merge
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Desk
from tocsin.core.messages.centre import RecordImport
from tocsin.core.messages.said import Ask
from tocsin.edge.centre_folder import read_centre_folder, write_centre_folder
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_places import new_journal
from tocsin.edge.log_files import read_log, write_unusable
from tocsin.edge.vault_memory import MemoryVault
from tocsin.edge.whole_file import check_place
from tocsin.formats import sf_fire, sf_fire_centre, sf_fire_duty
from tocsin.formats.centre import Centre
from tocsin.formats.import_answer import Assumption, ImportAnswer
from tocsin.formats.run_cards import Support
from tocsin.formats.sf_fire_rows import LogRow
from tocsin.roads.info import info
from tocsin.roads.region_file import open_region
from tocsin.wiring.opening import ask_as_tocsin, tell_opening
from tocsin.wiring.stages import BATCH, Progress


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
    bbox = info(open_region(paths.region)).bbox if paths.region is not None else None
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
    return ask_as_tocsin("import:done", counts.last or Instant(0), record, "log")
