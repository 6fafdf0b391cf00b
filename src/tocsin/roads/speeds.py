"""Learned speeds: how much longer than on paper a centre's units take, by road class, zone and hour of the week. Read, kept, applied.

``learning`` makes them; a metric is made from them. All times are whole milliseconds and all factors whole per mille, with one rounding
rule, so that the same file gives the same times on every processor.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.canonical import canonical, digest
from tocsin.base.faults import BadInput, Broken
from tocsin.base.quantities import Millis
from tocsin.roads.region import SPEED_PROFILE, Region

FORMAT_VERSION: Final = 1
BEGINS: Final = b'{"tocsin_speeds":'
"""How a file of learned speeds begins: an older one may be replaced."""
LARGEST_FILE: Final = 64 << 20

LEAST_PERMILLE, MOST_PERMILLE = 100, 10_000
"""A factor outside a tenth to ten times is no speed but a mistake."""
HOURS_PER_WEEK: Final = 168
LONGEST_MS: Final = 2**30 - 1

ANY: Final = "*"
"""Every kind of unit, or every source, that is not listed."""

Since = Literal["rolled", "told"]
"""Where an ETA's clock starts: when the unit rolls, or when it is told to go."""


class Zone(msgspec.Struct, frozen=True, array_like=True):
    """A zone is all that is nearer to this point than to any other zone's."""

    lon_e7: int
    lat_e7: int


class Constants(msgspec.Struct, frozen=True, array_like=True):
    """What is not driving, in milliseconds: buttons, turnout, the way from the kerb. From quarters, and from the road."""

    station_ms: int
    road_ms: int
    trips: int
    """On how many drives they stand."""


class Spread(msgspec.Struct, frozen=True, array_like=True):
    """Between which multiples of its ETA a unit arrives, four times out of five."""

    since: Since
    source: str
    """How the start was known (``facts.PositionSource``); ``*`` = any."""
    up_to_ms: int
    """Holds for ETAs below this."""
    low_permille: int
    high_permille: int
    trips: int


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides times. Its hash is the id."""

    map_hash: str
    classes: tuple[str, ...]
    cos_permille: int
    """Length of a degree of longitude against one of latitude, for the distance to a zone."""
    zones: tuple[Zone, ...]
    bin_of_hour: tuple[int, ...]
    """Hour of the week, 0 = Monday 00:00 → row of ``factors_permille``."""
    factors_permille: tuple[tuple[tuple[int, ...], ...], ...]
    """Bin → zone → class → per mille of the time on paper."""
    any_hour_permille: tuple[tuple[int, ...], ...]
    """The same for a question that names no hour."""
    plain_permille: int = 1000
    """On top of it for drives without lights and sirens."""
    constants: dict[Since, dict[str, Constants]]
    """By kind of unit; ``*`` stands for kinds that are not listed."""
    spreads: tuple[Spread, ...]


class LearnedFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What the factors stand on."""

    journal: str
    head: str
    """Hash of the journal's last line."""
    first: str
    """Instants of the first and the last drive, ISO 8601."""
    last: str
    trips: int
    """All of them tell how wide the interval is."""
    sure_trips: int
    """Those whose start is known well enough: constants and factors stand on these."""
    left_out: dict[str, int]
    settings: dict[str, float]
    """Zones, bins, shrinkage: as chosen by cross-validation on these drives."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One way of predicting on drives that it was not fitted on."""

    among: str
    """``known_start``, ``station`` or ``all``."""
    since: Since
    method: str
    trips: int
    mae_s: float
    bias_s: float
    """Mean of predicted minus observed."""
    median_error_s: float
    """Median of the absolute error."""
    rank: float | None
    """Spearman's rho."""
    order_pairs: int
    """Pairs of drives to one incident."""
    order_right: float | None
    """Share of them that are predicted in the order that was observed; a tie in the prediction counts half."""
    covered: float | None = None
    """Share of drives inside the interval of 80 %."""
    width_s: float | None = None
    """Median width of that interval."""


class SpeedsFile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    tocsin_speeds: int
    id: str
    fitted: Fitted
    learned_from: LearnedFrom
    judged: tuple[Judged, ...] = ()


class SpeedProfile(Protocol):
    """What a metric store asks of speeds, learned or posted."""

    @property
    def id(self) -> str:
        """For ``MetricKey.speeds``."""
        ...

    @property
    def is_by_vehicle(self) -> bool:
        """Whether kinds of vehicles drive at speeds of their own."""
        ...

    @property
    def is_with_waiting(self) -> bool:
        """Whether times contain the waiting at signals and signs."""
        ...

    def bin_of(self, hour_of_week: int | None) -> int | None:
        """Hours of one bin have the same times: one metric serves them all. None where the hour does not matter."""
        ...

    def drive_ms(self, region: Region, vehicle: str, hour_of_week: int | None, *, is_lights: bool = True) -> NDArray[np.int64]:
        """Time over each whole directed edge, at least 1 ms, without waiting at signals."""
        ...

    def constant_ms(self, kind: str, *, is_at_station: bool = True, since: Since = "told") -> Millis | None:
        """What to add to the road time for an ETA; None where nothing was learned of it."""
        ...

    def interval_ms(self, ms: Millis, *, source: str = ANY, since: Since = "told") -> tuple[Millis, Millis] | None:
        """Earliest and latest, four times out of five, of an ETA of ``ms`` (road and constant); None where nothing was learned."""
        ...


class PostedSpeeds:
    """A region without a fit: its own times, no constants, no intervals."""

    is_by_vehicle = False
    is_with_waiting = False

    def __init__(self, profile: str = SPEED_PROFILE) -> None:
        self.id = profile

    def bin_of(self, hour_of_week: int | None) -> int | None:
        """See ``SpeedProfile``."""
        return None

    def drive_ms(self, region: Region, vehicle: str, hour_of_week: int | None, *, is_lights: bool = True) -> NDArray[np.int64]:
        """See ``SpeedProfile``."""
        return region.edge_ms.astype(np.int64)

    def constant_ms(self, kind: str, *, is_at_station: bool = True, since: Since = "told") -> Millis | None:
        """See ``SpeedProfile``."""
        return None

    def interval_ms(self, ms: Millis, *, source: str = ANY, since: Since = "told") -> tuple[Millis, Millis] | None:
        """See ``SpeedProfile``."""
        return None


NO_SPEEDS: Final[SpeedProfile] = PostedSpeeds()


@dataclass(frozen=True)
class Speeds:
    """Speeds that were learned for one region."""

    file: SpeedsFile
    is_by_vehicle: ClassVar[bool] = False
    is_with_waiting: ClassVar[bool] = True

    @classmethod
    def load(cls, path: Path, region: Region) -> "Speeds":
        """Read and check a file. Raises BadInput ``speeds_unreadable``, ``speeds_damaged``, ``speeds_version``, ``speeds_other_map``,
        ``speeds_absurd``."""
        found = read_speeds(path)
        check_speeds(found.fitted, region, path)
        return cls(found)

    @property
    def id(self) -> str:
        """``fitted-`` and twelve hexadecimal digits."""
        return self.file.id

    def bin_of(self, hour_of_week: int | None) -> int | None:
        """See ``SpeedProfile``."""
        return None if hour_of_week is None else self.file.fitted.bin_of_hour[hour_of_week]

    def drive_ms(self, region: Region, vehicle: str, hour_of_week: int | None, *, is_lights: bool = True) -> NDArray[np.int64]:
        """See ``SpeedProfile``. All vehicles drive alike for now: what sets kinds apart is in their constants."""
        fitted, bin_ = self.file.fitted, self.bin_of(hour_of_week)
        table = fitted.any_hour_permille if bin_ is None else fitted.factors_permille[bin_]
        factor = np.array(table, dtype=np.int64)[zone_of_edges(region, fitted.zones, fitted.cos_permille), region.edge_class]
        driven = scaled_ms(region.edge_ms.astype(np.int64), factor)
        return driven if is_lights else scaled_ms(driven, np.int64(fitted.plain_permille))

    def constant_ms(self, kind: str, *, is_at_station: bool = True, since: Since = "told") -> Millis | None:
        """See ``SpeedProfile``."""
        known = self.file.fitted.constants.get(since, {})
        found = known.get(kind) or known.get(ANY)
        return None if found is None else Millis(found.station_ms if is_at_station else found.road_ms)

    def interval_ms(self, ms: Millis, *, source: str = ANY, since: Since = "told") -> tuple[Millis, Millis] | None:
        """See ``SpeedProfile``."""
        rows = self._spreads.get((since, source)) or self._spreads.get((since, ANY))
        if not rows:
            return None
        row = next((row for row in rows if ms < row.up_to_ms), rows[-1])
        return Millis((ms * row.low_permille + 500) // 1000), Millis((ms * row.high_permille + 500) // 1000)

    @cached_property
    def _spreads(self) -> dict[tuple[str, str], list[Spread]]:
        found: dict[tuple[str, str], list[Spread]] = {}
        for row in sorted(self.file.fitted.spreads, key=lambda row: row.up_to_ms):
            found.setdefault((row.since, row.source), []).append(row)
        return found


def scaled_ms(edge_ms: NDArray[np.int64], permille: NDArray[np.int64] | np.int64) -> NDArray[np.int64]:
    """``max(1, (edge_ms * permille + 500) // 1000)``: the one rounding rule."""
    scaled: NDArray[np.int64] = np.clip((edge_ms * permille + 500) // 1000, 1, LONGEST_MS)
    return scaled


def zone_of_edges(region: Region, zones: Iterable[Zone], cos_permille: int) -> NDArray[np.int64]:
    """Row of the nearest zone to the middle between an edge's ends; the first of equally near ones. Whole numbers, metre by metre."""
    edge_lon = (region.node_lon_e7[region.edge_tail].astype(np.int64) + region.node_lon_e7[region.edge_head]) // 200
    edge_lat = (region.node_lat_e7[region.edge_tail].astype(np.int64) + region.node_lat_e7[region.edge_head]) // 200
    best = np.full(region.edges, np.iinfo(np.int64).max)
    found = np.zeros(region.edges, dtype=np.int64)
    for row, zone in enumerate(zones):
        east = (edge_lon - zone.lon_e7 // 100) * cos_permille // 1000
        far = east * east + (edge_lat - zone.lat_e7 // 100) ** 2
        is_nearer = far < best
        best[is_nearer], found[is_nearer] = far[is_nearer], row
    return found


def speeds_file(fitted: Fitted, learned_from: LearnedFrom, judged: Iterable[Judged] = ()) -> SpeedsFile:
    """The file of a fit, under its id."""
    return SpeedsFile(
        tocsin_speeds=FORMAT_VERSION, id=_id_of(fitted), fitted=fitted, learned_from=learned_from, judged=tuple(judged)
    )  # fmt: skip


def _id_of(fitted: Fitted) -> str:
    return f"fitted-{digest(fitted)[:12]}"


def write_speeds(file: SpeedsFile, path: Path) -> None:
    """Write beside, then rename. Raises Broken ``speeds_write``."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with beside.open("wb") as out:
            out.write(canonical(file) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise Broken("speeds_write", file=str(path), reason=problem.strerror or problem) from problem


def read_speeds(path: Path) -> SpeedsFile:
    """The file as it is, whole and unchanged. Raises BadInput ``speeds_unreadable``, ``speeds_damaged``, ``speeds_version``."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE)
    except OSError as problem:
        raise BadInput("speeds_unreadable", file=str(path), reason=problem.strerror or problem) from None
    try:
        version = msgspec.json.decode(content, type=dict[str, msgspec.Raw])["tocsin_speeds"]
        if bytes(version) != str(FORMAT_VERSION).encode():
            raise BadInput("speeds_version", file=str(path), found=bytes(version).decode("utf-8", "replace")[:20], known=FORMAT_VERSION)
        found = msgspec.json.decode(content, type=SpeedsFile)
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError) as problem:
        raise BadInput("speeds_damaged", file=str(path), reason=str(problem)[:200]) from None
    if found.id != _id_of(found.fitted):
        raise BadInput("speeds_damaged", file=str(path), field="id", reason=f"{found.id} ≠ {_id_of(found.fitted)}")
    return found


def check_speeds(fitted: Fitted, region: Region, path: Path) -> None:
    """Whether factors are this region's and can be true. Raises BadInput ``speeds_other_map``, ``speeds_absurd``, ``speeds_damaged``."""
    if fitted.map_hash != region.map_hash or fitted.classes != region.header.classes:
        raise BadInput("speeds_other_map", file=str(path), wanted=region.map_hash[:16], found=fitted.map_hash[:16])
    shape = (len(fitted.zones), len(fitted.classes))
    tables = (*fitted.factors_permille, fitted.any_hour_permille)
    is_whole = (
        bool(fitted.zones)
        and len(fitted.bin_of_hour) == HOURS_PER_WEEK
        and all(0 <= bin_ < len(fitted.factors_permille) for bin_ in fitted.bin_of_hour)
        and all(len(table) == shape[0] and all(len(row) == shape[1] for row in table) for table in tables)
    )
    if not is_whole:
        raise BadInput("speeds_damaged", file=str(path), field="factors_permille", reason="shape")
    _check_range(path, "factors_permille", (value for table in tables for row in table for value in row))
    _check_range(path, "plain_permille", [fitted.plain_permille])
    for since in fitted.constants.values():
        for kind, constants in since.items():
            if not 0 <= min(constants.station_ms, constants.road_ms) <= max(constants.station_ms, constants.road_ms) <= 3_600_000:
                raise BadInput(
                    "speeds_absurd", file=str(path), field=f"constants.{kind}", value=constants.station_ms, least=0, most=3_600_000
                )
    for row in fitted.spreads:
        if not 0 <= row.low_permille <= row.high_permille <= 1000 * MOST_PERMILLE:
            raise BadInput("speeds_absurd", file=str(path), field="spreads", value=row.low_permille, least=0, most=row.high_permille)


def _check_range(path: Path, field: str, values: Iterable[int]) -> None:
    for value in values:
        if not LEAST_PERMILLE <= value <= MOST_PERMILLE:
            raise BadInput("speeds_absurd", file=str(path), field=field, value=value, least=LEAST_PERMILLE, most=MOST_PERMILLE)
