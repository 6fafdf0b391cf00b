"""Learned speeds from drives: zones and bins, shrinkage chosen inside the drives themselves, two passes, intervals. Gives a ``Fitted``.

First the routes of the times on paper, then once more those of the fitted times: who knows that a street is slow drives another one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from scipy.sparse import csr_array

from tocsin.base.faults import BadInput
from tocsin.roads.graph import Graph
from tocsin.roads.learning.drives_taken import Drives
from tocsin.roads.learning.model import Cells, Flags, Floats, Longs, Numbers, Shrinkage, Sizes, solve
from tocsin.roads.learning.spread import spreads
from tocsin.roads.learning.trips import Trip, constants_of, driven_ms, routes
from tocsin.roads.region import DEGREES_E7, Region
from tocsin.roads.speeds import (
    ANY,
    HOURS_PER_WEEK,
    LEAST_PERMILLE,
    MOST_PERMILLE,
    Constants,
    Fitted,
    Since,
    Spread,
    Zone,
    zone_of_edges,
)  # fmt: skip

FEWEST_TRIPS: Final = 100
"""With fewer, two numbers (a constant and a factor) are all that could be had, and no honest interval."""
FOLDS: Final = 4
ZONES: Final = (1, 4, 8, 16)
SHRINKAGES: Final = (1000.0, 300.0, 100.0, 30.0, 10.0)
FIRST_ZONES: Final = 8
"""With so many the shrinkage is chosen."""
TRIPS_PER_ZONE: Final = 50
WORTH_IT: Final = 0.002
"""By how much of the error a richer model must do better to be taken."""

Progress = Callable[[int, int | None, str], None]


def _weekly(night: int, peak: int, day: int, weekend_night: int, weekend: int) -> tuple[int, ...]:
    """Bin of each hour of the week. Night is 22 to 6, peak 7 to 10 and 16 to 19 on Monday to Friday."""

    def of(hour_of_week: int) -> int:
        weekday, hour = divmod(hour_of_week, 24)
        is_night = hour >= 22 or hour < 6
        if weekday >= 5:
            return weekend_night if is_night else weekend
        return night if is_night else peak if 7 <= hour < 10 or 16 <= hour < 19 else day

    return tuple(of(hour) for hour in range(HOURS_PER_WEEK))


BINS: Final = (_weekly(0, 0, 0, 0, 0), _weekly(0, 1, 1, 0, 1), _weekly(0, 1, 2, 0, 2), _weekly(0, 1, 2, 3, 4))
"""Poolings of the hours of the week: all alike; night and day; night, peak and day; those and the weekend's own night and day."""


class Settings(NamedTuple):
    """What cross-validation chooses."""

    zones: int = 1
    bins: int = 0
    """Row of ``BINS``."""
    shrinkage: Shrinkage = Shrinkage()

    @property
    def hour_bins(self) -> int:
        """How many bins the hours of the week fall into."""
        return max(BINS[self.bins]) + 1


class Fit(NamedTuple):
    """A fit, and what was chosen for it."""

    fitted: Fitted
    settings: Settings


def fit(region: Region, graph: Graph, trips: Sequence[Trip], *, progress: Progress) -> Fit:
    """Learn from drives in the order of their times. Factors contain the waiting at signals and signs.

    Raises BadInput ``fit_too_few``.
    """
    sure = [trip for trip in trips if trip.is_sure]
    if len(sure) < FEWEST_TRIPS:
        raise BadInput("fit_too_few", trips=len(sure), least=FEWEST_TRIPS, left_out=len(trips) - len(sure))
    learner = _Learner(region, graph, sure)
    progress(0, 4, "fit")
    drives = learner.drives(sure, None)
    progress(1, 4, "fit")
    settings = learner.choose(drives)
    first = learner.tables(learner.numbers(drives, settings), settings)
    progress(2, 4, "fit")
    drives = learner.drives(sure, first)
    numbers, folded = learner.numbers(drives, settings), learner.folded(drives, settings)
    fitted = learner.tables(numbers, settings)
    progress(3, 4, "fit")
    others = [trip for trip in trips if not trip.is_sure]
    road_ms = np.concatenate([folded.drive_ms, driven_ms(region, fitted, learner.drives(others, fitted), others)])
    ordered = [*sure, *others]
    constants: dict[Since, dict[str, Constants]] = {
        "rolled": learner.constants(numbers),
        "told": told_constants(sure, folded.drive_ms, settings.shrinkage.constants),
    }
    rolled_ms = np.concatenate([folded.constant_ms, constants_of(constants["rolled"], others)]) + road_ms
    told_ms = constants_of(constants["told"], ordered) + road_ms
    found: list[Spread] = []
    for since, eta_ms, observed in (("rolled", rolled_ms, "drive_ms"), ("told", told_ms, "response_ms")):
        seen_ms = np.array([getattr(trip, observed) for trip in ordered], dtype=np.float64)
        found += spreads(since, eta_ms, seen_ms, [trip.source for trip in ordered])  # type: ignore[arg-type]  # two literals
    progress(4, 4, "fit")
    return Fit(msgspec.structs.replace(fitted, constants=constants, spreads=tuple(found)), settings)


class _Folded(NamedTuple):
    """Every drive as it is predicted by what the other folds teach."""

    constant_ms: Floats
    drive_ms: Floats


class _Learner:
    """The drives that teach, and the region that they were driven in."""

    def __init__(self, region: Region, graph: Graph, trips: Sequence[Trip]) -> None:
        self._region, self._graph, self._trips = region, graph, trips
        self._kinds = sorted({trip.kind for trip in trips})
        self._observed_ms = np.array([trip.drive_ms for trip in trips], dtype=np.float64)
        self._ends_e7 = _middles_e7(region)[:, [trip.end.edge for trip in trips]]
        self._cos_permille = round(1000 * float(np.cos(np.radians(float(self._ends_e7[1].mean()) / DEGREES_E7))))
        self._used = np.unique(region.edge_class)

    def drives(self, trips: Sequence[Trip], fitted: Fitted | None) -> Drives:
        """Routes on paper, or by fitted times, bin by bin."""
        return routes(self._region, self._graph, trips, fitted)

    def choose(self, drives: Drives) -> Settings:
        """One after the other: shrinkage, zones, bins of the week; each the simplest among those that are as good as the best."""
        most = max(1, len(self._trips) // TRIPS_PER_ZONE)
        settings = self._shrunk(Settings(zones=max(zones for zones in ZONES if zones <= min(most, FIRST_ZONES))), drives)
        settings = self._best([settings._replace(zones=one) for one in ZONES if one <= most], drives)
        return self._best([settings._replace(bins=one) for one in range(len(BINS))], drives)

    def _shrunk(self, settings: Settings, drives: Drives) -> Settings:
        for level in Shrinkage._fields:
            held = [settings.shrinkage._replace(**{level: one}) for one in SHRINKAGES]
            settings = self._best([settings._replace(shrinkage=one) for one in held], drives)
        return settings

    def _best(self, options: Sequence[Settings], drives: Drives) -> Settings:
        """Options stand from simple to rich."""
        errors = []
        for settings in options:
            folded = self.folded(drives, settings)
            errors.append(float(np.abs(folded.constant_ms + folded.drive_ms - self._observed_ms).mean()))
        least = min(errors)
        return next(one for one, error in zip(options, errors, strict=True) if error <= least * (1 + WORTH_IT))

    def numbers(self, drives: Drives, settings: Settings, rows: Flags | None = None) -> Numbers:
        """The model on these drives, or on some of them."""
        cells, observed_ms = self._cells(drives, settings), self._observed_ms
        if rows is not None:
            cells, observed_ms = cells.some(rows), observed_ms[rows]
        return solve(cells, observed_ms, self._sizes(settings), settings.shrinkage)

    def folded(self, drives: Drives, settings: Settings) -> _Folded:
        """Predictions of each stretch of time by what all other stretches teach: neighbours in time are never teacher and pupil."""
        cells = self._cells(drives, settings)
        constant_ms, drive_ms = np.zeros(len(self._trips)), np.zeros(len(self._trips))
        fold = np.arange(len(self._trips)) * FOLDS // len(self._trips)
        for nth in range(FOLDS):
            pupils = fold == nth
            numbers = solve(cells.some(~pupils), self._observed_ms[~pupils], self._sizes(settings), settings.shrinkage)
            constant_ms[pupils], drive_ms[pupils] = numbers.constant_ms(cells.some(pupils)), numbers.drive_ms(cells.some(pupils))
        return _Folded(constant_ms, drive_ms)

    def _sizes(self, settings: Settings) -> Sizes:
        return Sizes(len(self._kinds), len(self._zones(settings.zones)), len(self._used), settings.hour_bins)

    def _zones(self, count: int) -> tuple[Zone, ...]:
        return split_zones(self._ends_e7, count, self._cos_permille)

    def _cells(self, drives: Drives, settings: Settings) -> Cells:
        region, zones = self._region, self._zones(settings.zones)
        column = zone_of_edges(region, zones, self._cos_permille) * len(self._used) + np.searchsorted(self._used, region.edge_class)
        sums = csr_array(
            (region.edge_ms.astype(np.float64), (np.arange(region.edges), column)), shape=(region.edges, len(zones) * len(self._used))
        )
        paper_ms = (drives.shares @ sums).toarray().reshape(len(self._trips), len(zones), len(self._used))
        return Cells(
            paper_ms,
            np.array([BINS[settings.bins][trip.hour_of_week] for trip in self._trips]),
            np.array([not trip.is_lights for trip in self._trips]),
            np.searchsorted(self._kinds, [trip.kind for trip in self._trips]),
            np.array([trip.is_from_road for trip in self._trips]),
        )

    def constants(self, numbers: Numbers) -> dict[str, Constants]:
        """By kind, from rolling on."""
        counts = Counter(trip.kind for trip in self._trips)
        found = {}
        for kind, log in ((ANY, 0.0), *zip(self._kinds, numbers.kind.tolist(), strict=True)):
            station = numbers.constant + log
            found[kind] = Constants(_whole(np.exp(station)), _whole(np.exp(station + numbers.from_road)), counts[kind] or len(self._trips))
        return found

    def tables(self, numbers: Numbers, settings: Settings) -> Fitted:
        """Factors as they are stored; a class of which no drive speaks has the factor of all."""
        region, zones = self._region, self._zones(settings.zones)
        bins = np.empty((len(numbers.bin), len(zones), len(region.header.classes)))
        bins[:] = numbers.all + numbers.bin[:, None, None]
        bins[:, :, self._used] = np.log(numbers.factors())
        hours = [BINS[settings.bins][trip.hour_of_week] for trip in self._trips]
        every = np.average(bins, axis=0, weights=np.bincount(hours, minlength=len(bins)))
        return Fitted(
            map_hash=region.map_hash,
            classes=region.header.classes,
            cos_permille=self._cos_permille,
            zones=zones,
            bin_of_hour=BINS[settings.bins],
            factors_permille=tuple(_table(table) for table in bins),
            any_hour_permille=_table(every),
            plain_permille=_permille(numbers.plain),
            constants={},
            spreads=(),
        )


def _permille(log: float) -> int:
    return int(min(max(round(1000 * float(np.exp(log))), LEAST_PERMILLE), MOST_PERMILLE))


def _table(logs: Floats) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(_permille(log) for log in row) for row in logs.tolist())


def _whole(ms: float) -> int:
    return int(min(max(round(float(ms)), 0), 3_600_000))


def _middles_e7(region: Region) -> Longs:
    """(2, edges) between the ends of each edge."""
    ends = ((region.node_lon_e7, region.edge_tail, region.edge_head), (region.node_lat_e7, region.edge_tail, region.edge_head))
    return np.stack([(at[tail].astype(np.int64) + at[head]) // 2 for at, tail, head in ends])


def split_zones(places_e7: Longs, count: int, cos_permille: int) -> tuple[Zone, ...]:
    """Zones of about equally many places: cut at the middle one across the longer side, again and again. ``count``: a power of two.

    No dice, unlike k-means: the same places give the same zones. A zone's point is the middle of its places.
    """
    parts = [places_e7]
    while len(parts) < count:
        parts = [half for part in parts for half in _halves(part, cos_permille)]
    return tuple(Zone(int(np.median(part[0])), int(np.median(part[1]))) for part in parts if part.shape[1])


def _halves(places_e7: Longs, cos_permille: int) -> list[Longs]:
    if places_e7.shape[1] < 2:
        return [places_e7]
    east, north = np.ptp(places_e7, axis=1) * (cos_permille, 1000)
    order = np.argsort(places_e7[0 if east >= north else 1], kind="stable")
    middle = len(order) // 2
    return [places_e7[:, order[:middle]], places_e7[:, order[middle:]]]


def told_constants(trips: Sequence[Trip], road_ms: Floats, shrinkage: float) -> dict[str, Constants]:
    """Medians of what is left of told-to-scene times after driving, by kind and start, each drawn towards the level above it."""
    rest = np.array([trip.response_ms for trip in trips], dtype=np.float64) - road_ms
    is_road, kind = np.array([trip.is_from_road for trip in trips]), np.array([trip.kind for trip in trips])

    def drawn(rows: Flags, towards: float) -> float:
        count = int(rows.sum())
        return towards if count == 0 else (count * float(np.median(rest[rows])) + shrinkage * towards) / (count + shrinkage)

    every = float(np.median(rest))
    by_start = [drawn(~is_road, every), drawn(is_road, every)]
    found = {ANY: Constants(_whole(by_start[0]), _whole(by_start[1]), len(trips))}
    for name in sorted(set(kind.tolist())):
        of_kind = kind == name
        values = [drawn(of_kind & ~is_road, by_start[0]), drawn(of_kind & is_road, by_start[1])]
        found[name] = Constants(_whole(values[0]), _whole(values[1]), int(of_kind.sum()))
    return found
