"""How good predictions are on drives that they were not made from, beside simple ones that were taught by the same drives."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np

from tocsin.base.quantities import Millis
from tocsin.roads.graph import Graph
from tocsin.roads.learning.drives_taken import find_drives
from tocsin.roads.learning.model import Cells, Flags, Floats, Numbers, Shrinkage, Sizes, solve
from tocsin.roads.learning.spread import spreads
from tocsin.roads.learning.trips import Trip, constants_of, predicted_road_ms
from tocsin.roads.metric import Metric
from tocsin.roads.region import Region
from tocsin.roads.speeds import Judged, Since, Speeds, SpeedsFile, Spread, speeds_file

Among = Literal["known_start", "station", "all"]
Method = Literal["learned", "road", "road_kinds", "straight", "straight_kinds", "constant", "paper"]
"""Learned factors and constants; road time on paper, or distance as the crow flies, times one factor plus one constant, or plus constants
by kind and start and a factor for drives without lights; the median of all drives; road time on paper as it stands."""

MS_PER_M: Final = 100.0
"""36 km/h: only so that distances have the size of times where the search for the factor begins."""

FAINT_S: Final = 1.0
"""Two drives to one incident whose times differ by less have no order."""


class _Predicted(NamedTuple):
    """What a method says of every drive."""

    method: Method
    ms: Floats
    file: Speeds | None
    """Whose intervals go with it."""


def judge(
    region: Region, graph: Graph, paper: Metric, file: SpeedsFile, taught: Sequence[Trip], trips: Sequence[Trip]
) -> tuple[Judged, ...]:  # fmt: skip
    """The table: drives from rolling to on scene by each method, then from being told by the learned one.

    ``paper``: the metric without a fit. ``taught``: the drives that the file was fitted on; the simple methods are fitted on those of them
    that it learned its factors from.
    """
    taught_paper_ms, paper_ms = (_on_paper_ms(region, graph, paper, some) for some in (taught, trips))
    sure = [trip for trip in taught if trip.is_sure]
    road_ms = predicted_road_ms(region, graph, trips, file.fitted)
    rolled, told = (constants_of(file.fitted.constants[since], trips) for since in ("rolled", "told"))
    straight = [np.array([trip.straight_m * MS_PER_M for trip in some]) for some in (taught, trips)]
    simple = _Simple(file, taught, trips)
    observed_ms = np.array([trip.drive_ms for trip in trips], dtype=np.float64)
    middle_ms = float(np.median([trip.drive_ms for trip in sure]))
    methods = [
        _Predicted("learned", road_ms + rolled, Speeds(file)),
        simple.fitted("road_kinds", taught_paper_ms, paper_ms),
        simple.fitted("road", taught_paper_ms, paper_ms),
        simple.fitted("straight_kinds", straight[0], straight[1]),
        simple.fitted("straight", straight[0], straight[1]),
        _Predicted("constant", np.full(len(trips), middle_ms), None),
        _Predicted("paper", paper_ms, None),
    ]
    rows = [_row(among, "rolled", one, observed_ms, trips) for among in ("known_start", "station", "all") for one in methods]
    response_ms = np.array([trip.response_ms for trip in trips], dtype=np.float64)
    learned = _Predicted("learned", road_ms + told, Speeds(file))
    rows += [_row(among, "told", learned, response_ms, trips) for among in ("known_start", "station", "all")]
    return tuple(row for row in rows if row.trips)


def _on_paper_ms(region: Region, graph: Graph, paper: Metric, trips: Sequence[Trip]) -> Floats:
    return find_drives(region, graph, paper, [trip.start for trip in trips], [trip.end for trip in trips]).drive_ms(paper.drive_ms)


class _Simple:
    """Factor and constant by the same loss, with intervals found in the same way."""

    def __init__(self, file: SpeedsFile, taught: Sequence[Trip], trips: Sequence[Trip]) -> None:
        self._file, self._taught, self._trips = file, taught, trips
        self._kinds = sorted({trip.kind for trip in (*taught, *trips)})
        self._sure = np.array([trip.is_sure for trip in taught])
        self._taught_ms = np.array([trip.drive_ms for trip in taught], dtype=np.float64)

    def fitted(self, method: Method, taught_ms: Floats, asked_ms: Floats) -> _Predicted:
        has_kinds = method.endswith("kinds")
        sizes = Sizes(len(self._kinds) if has_kinds else 1, 1, 1, 1)
        cells = self._cells(self._taught, taught_ms, has_kinds)
        numbers: Numbers = solve(cells.some(self._sure), self._taught_ms[self._sure], sizes, Shrinkage(10.0, 10.0))
        found = spreads("rolled", numbers.predicted_ms(cells), self._taught_ms, [trip.source for trip in self._taught])
        return _Predicted(method, numbers.predicted_ms(self._cells(self._trips, asked_ms, has_kinds)), self._with(found))

    def _with(self, found: Sequence[Spread]) -> Speeds:
        fitted = self._file.fitted
        return Speeds(speeds_file(msgspec.structs.replace(fitted, spreads=tuple(found)), self._file.learned_from))

    def _cells(self, trips: Sequence[Trip], on_paper_ms: Floats, has_kinds: bool) -> Cells:
        none = np.zeros(len(trips), dtype=np.int64)
        never = np.zeros(len(trips), dtype=np.bool_)
        return Cells(
            on_paper_ms.reshape(-1, 1, 1),
            none,
            np.array([not trip.is_lights for trip in trips]) if has_kinds else never,
            np.searchsorted(self._kinds, [trip.kind for trip in trips]) if has_kinds else none,
            np.array([trip.is_from_road for trip in trips]) if has_kinds else never,
        )


def _rows_among(among: Among, trips: Sequence[Trip]) -> Flags:
    if among == "all":
        return np.ones(len(trips), dtype=np.bool_)
    return np.array([trip.source == "station" if among == "station" else trip.is_sure for trip in trips], dtype=np.bool_)


def _row(among: Among, since: Since, one: _Predicted, observed_ms: Floats, trips: Sequence[Trip]) -> Judged:
    rows = np.flatnonzero(_rows_among(among, trips))
    some, predicted_ms, seen_ms = [trips[row] for row in rows.tolist()], one.ms[rows], observed_ms[rows]
    error_s = (predicted_ms - seen_ms) / 1000
    right, pairs = order_right(predicted_ms, seen_ms, [trip.group for trip in some])
    covered, width_s = _covered(one, since, some, predicted_ms, seen_ms)
    return Judged(
        among=among,
        since=since,
        method=one.method,
        trips=len(rows),
        mae_s=_round(np.abs(error_s).mean()) if len(rows) else 0.0,
        bias_s=_round(error_s.mean()) if len(rows) else 0.0,
        median_error_s=_round(np.median(np.abs(error_s))) if len(rows) else 0.0,
        rank=rank_correlation(predicted_ms, seen_ms),
        order_pairs=pairs,
        order_right=right,
        covered=covered,
        width_s=width_s,
    )


def _round(value: float, digits: int = 1) -> float:
    return round(float(value), digits)


def _covered(
    one: _Predicted, since: Since, trips: Sequence[Trip], predicted_ms: Floats, seen_ms: Floats
) -> tuple[float | None, float | None]:  # fmt: skip
    """Share of drives inside their interval, and its median width."""
    if one.file is None or not trips:
        return None, None
    ends = [one.file.interval_ms(Millis(round(ms)), source=trip.source, since=since) for ms, trip in zip(predicted_ms, trips, strict=True)]
    low, high = np.array([end for end in ends if end is not None], dtype=np.float64).T
    return _round(((low <= seen_ms) & (seen_ms <= high)).mean(), 3), _round(np.median(high - low) / 1000)


def rank_correlation(predicted_ms: Floats, seen_ms: Floats) -> float | None:
    """Spearman's rho; None where all predictions are alike."""
    if len(seen_ms) < 2 or np.ptp(predicted_ms) == 0 or np.ptp(seen_ms) == 0:
        return None
    from scipy.stats import rankdata  # noqa: PLC0415 - a third of a second that every other command does without

    return _round(np.corrcoef(rankdata(predicted_ms), rankdata(seen_ms))[0, 1], 3)


def order_right(predicted_ms: Floats, seen_ms: Floats, groups: Sequence[str]) -> tuple[float | None, int]:
    """Of all pairs of drives to one incident: how often the one that took less time was said to take less. A tie in what was said: half."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    pairs = np.array([pair for rows in members.values() for pair in combinations(rows, 2)], dtype=np.int64).reshape(-1, 2)
    seen = seen_ms[pairs[:, 0]] - seen_ms[pairs[:, 1]]
    said = predicted_ms[pairs[:, 0]] - predicted_ms[pairs[:, 1]]
    has_order = np.abs(seen) >= 1000 * FAINT_S
    if not has_order.any():
        return None, 0
    points = np.where(said == 0, 0.5, np.sign(said) == np.sign(seen))[has_order]
    return _round(points.mean(), 3), int(has_order.sum())
