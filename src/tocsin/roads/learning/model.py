"""The model behind learned speeds, and how its numbers are found. Arrays in, numbers out; nothing here knows what a road is.

    predicted = constant(kind, start) + sum over cells of (time on paper x factor(cell, bin)) [x plain]
    log factor = all + class + class in zone + bin + class in zone in bin

Logarithms of observed over predicted are fitted with Huber's loss. On that scale an error is a share of the drive, so a long drive does not
outvote ten short ones; a stop on the way or a button pressed late weighs as one mistake, not as its square; and what is predicted is close
to the median. Every term but the constant of all and the factor of all is held towards nothing by a ridge: a term that n
drives speak of alone moves by n / (n + shrinkage) of what they say, towards what the level above it says.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEPS: Final = 25
SETTLED: Final = 1e-4
FARTHEST_STEP: Final = 0.7
"""Of a logarithm in one step: doubling or halving."""
HUBER: Final = 1.345
"""In standard deviations: 95 % as good as least squares if errors were normal (Huber 1964)."""
FREE, HELD = 1e-6, 1e9
"""Ridges of a number that goes where the drives say, and of one that stays at 0."""
ROWS_AT_ONCE: Final = 4_096
FIRST_CONSTANT_MS: Final = 30_000.0


@dataclass(frozen=True, eq=False)
class Cells:
    """Drives as the model sees them; one row each."""

    paper_ms: Floats
    """(drives, zones, classes): time on paper by zone and class."""
    bin: Longs
    """Row of the hour's bin."""
    is_plain: Flags
    """Without lights and sirens."""
    kind: Longs
    is_from_road: Flags
    """Did not start from quarters."""

    def some(self, rows: NDArray[np.intp] | Flags | slice) -> "Cells":
        """These rows."""
        return Cells(
            self.paper_ms[rows], self.bin[rows], self.is_plain[rows], self.kind[rows], self.is_from_road[rows]
        )  # fmt: skip


class Shrinkage(NamedTuple):
    """How many drives a term must have to move half of the way that they ask for."""

    constants: float = 100.0
    """Of terms by kind of unit and start."""
    factors: float = 100.0


class Sizes(NamedTuple):
    """How many of each there are."""

    kinds: int
    zones: int
    classes: int
    bins: int


class Numbers(NamedTuple):
    """What is found: logarithms, all but the first of each group held towards 0."""

    constant: float
    """Of milliseconds."""
    kind: Floats
    from_road: float
    all: float
    klass: Floats
    zone_class: Floats
    """(zones, classes)"""
    bin: Floats
    bin_zone_class: Floats
    """(bins, zones, classes)"""
    plain: float

    def constant_ms(self, cells: Cells) -> Floats:
        """Of each drive."""
        return np.exp(self.constant + self.kind[cells.kind] + self.from_road * cells.is_from_road)

    def factors(self) -> Floats:
        """(bins, zones, classes)"""
        any_hour = self.all + self.klass[None, :] + self.zone_class
        return np.asarray(np.exp(any_hour + self.bin[:, None, None] + self.bin_zone_class))

    def driven_ms(self, cells: Cells) -> Floats:
        """(drives, zones, classes)"""
        plain = np.where(cells.is_plain, np.exp(self.plain), 1.0)
        return np.asarray(cells.paper_ms * self.factors()[cells.bin] * plain[:, None, None])

    def drive_ms(self, cells: Cells) -> Floats:
        """Driving of each drive, waiting on the way included."""
        return np.asarray(self.driven_ms(cells).sum(axis=(1, 2)))

    def predicted_ms(self, cells: Cells) -> Floats:
        """Each drive from rolling to on scene."""
        return np.asarray(self.constant_ms(cells) + self.drive_ms(cells))


def solve(cells: Cells, observed_ms: Floats, sizes: Sizes, shrinkage: Shrinkage) -> Numbers:
    """Gauss-Newton steps with weights that are found anew at each (iteratively reweighted least squares)."""
    theta = np.zeros(_width(sizes))
    theta[0] = np.log(FIRST_CONSTANT_MS)
    paper_ms = np.maximum(cells.paper_ms.sum(axis=(1, 2)), 1.0)
    theta[2 + sizes.kinds] = np.log(np.median(np.maximum(observed_ms - FIRST_CONSTANT_MS, 1_000.0) / paper_ms))
    ridge = _ridge(sizes, shrinkage)
    for _ in range(STEPS):
        normal, pull = _normal(cells, observed_ms, sizes, theta)
        step = np.linalg.solve(normal + np.diag(ridge), pull - ridge * np.where(ridge > FREE, theta, 0.0))
        theta = theta + np.clip(step, -FARTHEST_STEP, FARTHEST_STEP)
        if np.abs(step).max() < SETTLED:
            break
    return _numbers(theta, sizes)


def _ridge(sizes: Sizes, shrinkage: Shrinkage) -> Floats:
    """How hard each number is held. A level of one member says what the level above it says: it is held at nothing."""
    cells = sizes.zones * sizes.classes

    def held(members: int, by: float) -> float:
        return by if members > 1 else HELD

    parts = [
        (1, FREE), (sizes.kinds, held(sizes.kinds, shrinkage.constants)), (1, shrinkage.constants),
        (1, FREE), (sizes.classes, held(sizes.classes, shrinkage.factors)), (cells, held(sizes.zones, shrinkage.factors)),
        (sizes.bins + sizes.bins * cells, held(sizes.bins, shrinkage.factors)), (1, shrinkage.factors),
    ]  # fmt: skip
    return np.concatenate([np.full(count, by) for count, by in parts])


def _width(sizes: Sizes) -> int:
    cells = sizes.zones * sizes.classes
    return sizes.kinds + 4 + sizes.classes + cells + sizes.bins + sizes.bins * cells


def _numbers(theta: Floats, sizes: Sizes) -> Numbers:
    cells = sizes.zones * sizes.classes
    lengths = (1, sizes.kinds, 1, 1, sizes.classes, cells, sizes.bins, sizes.bins * cells, 1)
    constant, kind, road, every, klass, zone_class, bin_, whole, plain = np.split(theta, np.cumsum(lengths)[:-1])
    shape = (sizes.zones, sizes.classes)
    return Numbers(
        float(constant[0]), kind, float(road[0]), float(every[0]), klass, zone_class.reshape(shape), bin_,
        whole.reshape(sizes.bins, *shape), float(plain[0]),
    )  # fmt: skip


def _normal(cells: Cells, observed_ms: Floats, sizes: Sizes, theta: Floats) -> tuple[Floats, Floats]:
    """The weighted normal equations, some thousands of drives at a time: a journal of years must not fill the memory."""
    numbers = _numbers(theta, sizes)
    residual = np.log(observed_ms) - np.log(numbers.predicted_ms(cells))
    scale = max(1.4826 * float(np.median(np.abs(residual - np.median(residual)))), 1e-6)
    weight = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(residual), 1e-12))
    normal, pull = np.zeros((len(theta), len(theta))), np.zeros(len(theta))
    for first in range(0, len(observed_ms), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        slopes = _slopes(cells.some(rows), sizes, numbers)
        weighted = slopes * weight[rows, None]
        normal += weighted.T @ slopes
        pull += weighted.T @ residual[rows]
    return normal, pull


def _slopes(cells: Cells, sizes: Sizes, numbers: Numbers) -> Floats:
    """By how much of itself each drive's prediction grows with each number: its share in that drive."""
    count = len(cells.bin)
    constant_ms, driven_ms = numbers.constant_ms(cells), numbers.driven_ms(cells)
    predicted_ms = constant_ms + driven_ms.sum(axis=(1, 2))
    fixed, driven = constant_ms / predicted_ms, driven_ms / predicted_ms[:, None, None]
    moving = driven.sum(axis=(1, 2))
    kinds, bins = np.zeros((count, sizes.kinds)), np.zeros((count, sizes.bins))
    rows = np.arange(count)
    kinds[rows, cells.kind], bins[rows, cells.bin] = fixed, 1.0
    flat = driven.reshape(count, -1)
    in_bin = (bins[:, :, None] * flat[:, None, :]).reshape(count, -1)
    columns = [
        fixed[:, None], kinds, (fixed * cells.is_from_road)[:, None], moving[:, None], driven.sum(axis=1), flat, bins * moving[:, None],
        in_bin, (moving * cells.is_plain)[:, None],
    ]  # fmt: skip
    return np.concatenate(columns, axis=1)
