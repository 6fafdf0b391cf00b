"""Road times learned from a journal, and judged on its later part."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, from_local, iso
from tocsin.clocks.desk import fold_journal
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Record
from tocsin.core.ports import Journal
from tocsin.edge.centre_folder import read_centre_folder, region_path
from tocsin.edge.journal_places import journal_to_read
from tocsin.edge.trip_roads import TripRoads
from tocsin.edge.whole_file import check_place
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.learning.answer import FitAnswer as FitAnswer  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.roads.learning.answer import fit_answer
from tocsin.roads.learning.fitting import FEWEST_TRIPS, Settings, fit
from tocsin.roads.learning.judging import judge
from tocsin.roads.learning.trips import Trip as RoadTrip
from tocsin.roads.region import Region
from tocsin.roads.region_file import open_region
from tocsin.roads.snapping import Snapper
from tocsin.roads.speeds import BEGINS, LearnedFrom, SpeedsFile, speeds_file, write_speeds
from tocsin.views.trips import Trip, Trips, gather_trips
from tocsin.wiring.stages import BATCH, Progress

DAY = "%Y-%m-%d"
TREES_KEPT = 256


class FitOptions(NamedTuple):
    """What to learn from, and where to."""

    region: Path | None = None
    centre: Path | None = None
    until: str | None = None
    split: str | None = None
    plain: frozenset[str] = frozenset()
    out: Path | None = None


class _Read(NamedTuple):
    """What a journal holds of drives."""

    trips: Trips
    head: str
    cut: Instant | None
    """Where what may be learned from ends."""


def fit_roads(path: Path, options: FitOptions, *, progress: Progress) -> FitAnswer:
    """Learn from a journal. With ``split`` judge on what comes after, else not at all; ``out`` is written last, whole or not at all."""
    if options.until is not None and options.split is not None:
        raise BadInput("fit_two_dates", field="--until")
    region = open_region(_region_of(options))
    if options.out is not None:
        check_place(options.out, begins=BEGINS)
    read = _read(path, options, progress)
    placed = _Placed(region, read.trips.trips, options.plain, progress)
    before = [trip for trip in read.trips.trips if read.cut is None or trip.arrived < read.cut]
    taught = placed.of(before)
    learned_from = _learned_from(path, read, before, taught, placed.outside)
    graph = placed.router.graph
    found = fit(region, graph, taught, progress=progress)
    file = speeds_file(found.fitted, msgspec.structs.replace(learned_from, settings=_told(found.settings)))
    later = placed.of([trip for trip in read.trips.trips if trip.rolled >= read.cut]) if options.split and read.cut is not None else []
    if later:
        progress(0, 1, "judge")
        file = speeds_file(file.fitted, file.learned_from, judge(region, graph, placed.router.costs, file, taught, later))
        progress(1, 1, "judge")
    if options.out is not None:
        write_speeds(file, options.out)
    return _answer(file, region, options, len(later))


def _learned_from(path: Path, read: _Read, before: Sequence[Trip], taught: Sequence[RoadTrip], outside: int) -> LearnedFrom:
    """Raises BadInput ``fit_too_few``."""
    left_out: dict[str, int] = {str(why): count for why, count in read.trips.left_out.items()}
    if outside:
        left_out["outside"] = outside
    sure = sum(trip.is_sure for trip in taught)
    if sure < FEWEST_TRIPS:
        told = ", ".join(f"{why} {count}" for why, count in left_out.items())
        raise BadInput("fit_too_few", file=str(path), trips=sure, least=FEWEST_TRIPS, left_out=told or "–")
    first, last = iso(before[0].arrived), iso(before[-1].arrived)
    return LearnedFrom(
        journal=path.name, head=read.head, first=first, last=last, trips=len(taught), sure_trips=sure, left_out=left_out, settings={}
    )  # fmt: skip


def _answer(file: SpeedsFile, region: Region, options: FitOptions, judged_on: int) -> FitAnswer:
    used = tuple(region.header.classes[row] for row in np.unique(region.edge_class).tolist())
    return fit_answer(file, used, out=str(options.out) if options.out is not None else None, judged_on=judged_on)


def _region_of(options: FitOptions) -> Path:
    found = options.region
    if found is None and options.centre is not None:
        found = region_path(options.centre, read_centre_folder(options.centre))
    if found is None:
        raise BadInput("fit_region", field="--region")
    return found


def _read(path: Path, options: FitOptions, progress: Progress) -> _Read:
    with journal_to_read(path) as journal:
        board = fold_journal(journal)
        known = {incident.priority for incident in board.incidents.values()}
        if not options.plain <= known:
            unknown = ", ".join(sorted(options.plain - known))
            raise BadInput("fit_priority", field="--plain", value=unknown, known=", ".join(sorted(known)) or "–")
        zone = board.centre.timezone if board.centre is not None else "UTC"
        day = options.split or options.until
        cut = _midnight(day, zone, "--split" if options.split is not None else "--until") if day is not None else None
        head = journal.head()
        trips = gather_trips(_records(journal, head.pos, progress), until=cut if options.split is None else None)
        return _Read(trips, head.hash.hex(), cut)


def _midnight(day: str, zone: str, field: str) -> Instant:
    try:
        return from_local(day, layout=DAY, zone=zone)
    except BadInput:
        raise BadInput("fit_date", field=field, value=day) from None


def _records(journal: Journal, last: int, progress: Progress) -> Iterator[Record]:
    for stored in journal.read():
        if stored.pos % BATCH == 0:
            progress(stored.pos, last, "trips")
        yield decode(stored.body)


class _Placed:
    """Drives put on the road, each by its row among those of the journal."""

    def __init__(self, region: Region, trips: Sequence[Trip], plain: frozenset[str], progress: Progress) -> None:
        self.router = DijkstraRouter(region, trees_kept=TREES_KEPT)
        found = TripRoads(region, self.router, Snapper(region)).place(
            trips, plain, on_trip=lambda done: progress(done, len(trips), "starts")
        )
        self._of = {id(trip): one for trip, one in zip(trips, found, strict=True)}
        self.outside = sum(one is None for one in found)

    def of(self, trips: Sequence[Trip]) -> list[RoadTrip]:
        """Those inside the region."""
        return [one for trip in trips if (one := self._of[id(trip)]) is not None]


def _told(settings: Settings) -> dict[str, float]:
    return {
        "zones": settings.zones,
        "bins": settings.hour_bins,
        "constants_shrinkage": settings.shrinkage.constants,
        "factors_shrinkage": settings.shrinkage.factors,
    }
