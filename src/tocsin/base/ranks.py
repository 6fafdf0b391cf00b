"""Percentiles that really happened."""

from collections.abc import Sequence
from typing import TypeVar

Number = TypeVar("Number", bound=int)


def nearest_rank(ordered: Sequence[Number], percent: int) -> Number:
    """The smallest sample such that at least ``percent`` % of the samples are no greater than it.

    ``ordered`` rises and is not empty; ``percent`` is 0 … 100 (0 gives the smallest). No interpolation: the figure is a value that
    really happened (Hyndman & Fan 1996, definition 1).
    """
    rank = -(-percent * len(ordered) // 100)  # whole numbers only: 0.9 * 10 in floats is not 9
    return ordered[max(rank, 1) - 1]
