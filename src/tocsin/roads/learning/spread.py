"""How far from its ETA a unit arrives: quantiles of observed over predicted on drives that the prediction was not made from (conformal)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from tocsin.roads.learning.model import Floats
from tocsin.roads.speeds import ANY, LONGEST_MS, Since, Spread

COVERED: Final = 0.8
FEWEST: Final = 50
"""Drives for an interval of its own: with 50, five lie beyond either end."""
MOST_BANDS: Final = 4


def spreads(since: Since, eta_ms: Floats, observed_ms: Floats, sources: Sequence[str]) -> list[Spread]:
    """Multipliers by source of the start and by length of the ETA; ``*`` = any source, where one has too few drives."""
    source, ratio = np.array(sources), observed_ms / np.maximum(eta_ms, 1.0)
    found = []
    for name in (ANY, *sorted(set(sources))):
        rows = np.ones(len(ratio), dtype=bool) if name == ANY else source == name
        count = int(rows.sum())
        if name != ANY and count < FEWEST:
            continue
        for up_to_ms, some in _bands(eta_ms[rows], max(1, min(MOST_BANDS, count // FEWEST))):
            low, high = _ends(np.sort(ratio[rows][some]))
            found.append(Spread(since, name, up_to_ms, int(1000 * low), int(np.ceil(1000 * high)), int(some.sum())))
    return found


def _bands(eta_ms: Floats, count: int) -> list[tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]]:
    """(upper end, rows) of stretches of about equally many ETAs; ends are whole seconds."""
    inner = np.unique(np.ceil(np.quantile(eta_ms, np.arange(1, count) / count) / 1000) * 1000)
    edges = [0.0, *(edge for edge in inner.tolist() if edge < eta_ms.max(initial=0.0)), float(LONGEST_MS)]
    return [(int(high), (eta_ms >= low) & (eta_ms < high)) for low, high in pairwise(edges)]


def _ends(ranked: Floats) -> tuple[float, float]:
    """The ranks that leave a tenth beyond either end for one more drive of the same kind (split conformal prediction)."""
    count, tail = len(ranked), (1 - COVERED) / 2
    low = max(int(np.floor((count + 1) * tail)) - 1, 0)
    high = min(int(np.ceil((count + 1) * (1 - tail))) - 1, count - 1)
    return float(ranked[low]), float(ranked[high])
