"""Streets as a reader found them: lines between junctions, not yet a graph. What ``edge/`` hands over and ``build.py`` takes."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.region import DEGREES_E7

Progress = Callable[[int, int | None, str], None]
"""``progress(done, total or None, stage)``; stages: nodes, ways, streets, graph. The caller draws it."""

Way = Literal["both", "along", "against", "unknown"]

WAYS: Final[tuple[Way, ...]] = ("both", "along", "against", "unknown")
"""Directions of a street by their code in ``Streets.way``; *unknown* is taken as both and counted."""

BOTH, ALONG, AGAINST, UNKNOWN = range(4)


def no_progress(_done: int, _total: int | None, _stage: str) -> None:
    """For callers that draw nothing."""


@lru_cache(maxsize=1)
def class_speeds_kmh() -> dict[str, int]:
    """Road class → speed where a street states none, in the order of the region file's classes."""
    return {name: int(speed) for name, speed in tomllib.loads(files(__package__).joinpath("speeds.toml").read_text("utf-8")).items()}


@lru_cache(maxsize=1)
def class_codes() -> dict[str, int]:
    """Road class → its number in the arrays."""
    return {name: code for code, name in enumerate(class_speeds_kmh())}


@dataclass
class Turn:
    """A turn restriction in terms of streets."""

    from_street: int
    via_node: int
    """Where the turn is made; with ``via_streets`` the node where the first of them is entered."""
    to_street: int
    is_only: bool
    via_streets: tuple[int, ...] = ()


@dataclass
class Streets:
    """Lines between junctions. Arrays of one length per street; a street ``i`` has the points ``start[i]`` to ``start[i + 1]``."""

    node_lon_e7: NDArray[np.int32]
    node_lat_e7: NDArray[np.int32]
    tail: NDArray[np.int32]
    """Node at the first point."""
    head: NDArray[np.int32]
    """Node at the last point."""
    start: NDArray[np.int64]
    point_lon_e7: NDArray[np.int32]
    point_lat_e7: NDArray[np.int32]
    way: NDArray[np.uint8]
    """BOTH, ALONG, AGAINST or UNKNOWN."""
    klass: NDArray[np.uint8]
    name: NDArray[np.int32]
    """Row of ``names``, -1 without a name."""
    speed_along_dkmh: NDArray[np.int32]
    """Tenths of km/h; 0 = not stated."""
    speed_against_dkmh: NDArray[np.int32]
    names: Sequence[str]
    along_ms: NDArray[np.int32] | None = None
    """Times where the source states them; they go before speeds."""
    against_ms: NDArray[np.int32] | None = None
    node_may_join: NDArray[np.uint8] | None = None
    signals: NDArray[np.uint8] | None = None
    """(streets, 2) traffic signals met when driven along and against the line, the end included, the beginning not."""
    stops: NDArray[np.uint8] | None = None
    """(streets, 2) stop and give-way signs met in the same way."""
    turns: list[Turn] = field(default_factory=list)
    source: str = ""
    attribution: tuple[str, ...] = ()
    licence: str = ""
    dropped: dict[str, int] = field(default_factory=dict)
    assumed: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tail)


def to_e7(degrees: Any) -> NDArray[np.int32]:
    """Degrees to whole ten-millionths, rounded half to even."""
    return np.rint(np.asarray(degrees, dtype=np.float64) * DEGREES_E7).astype(np.int32)
