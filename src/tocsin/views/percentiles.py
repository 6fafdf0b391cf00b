"""Figures of a set of samples. Percentiles come from the samples themselves, never from averaged percentiles (domain note, section 4)."""

from collections.abc import Sequence

from tocsin.base.quantities import Millis, Seconds
from tocsin.base.ranks import nearest_rank
from tocsin.views.report_answer import Bin, Figures

WIDTHS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
"""Widths of histogram bins that people can read off."""
MOST_BINS = 40


def seconds(span_ms: Millis) -> Seconds:
    """Milliseconds as seconds, to the millisecond."""
    return Seconds(round(span_ms / 1000, 3))


def mean_s(samples: Sequence[Millis]) -> Seconds | None:
    """Arithmetic mean in seconds, to the millisecond; None without samples."""
    return Seconds(round(sum(samples) / len(samples) / 1000, 3)) if samples else None


def percentile_s(ordered: Sequence[Millis], percent: int) -> Seconds | None:
    """Nearest rank in seconds; None without samples."""
    return seconds(nearest_rank(ordered, percent)) if ordered else None


def figures(samples: Sequence[Millis]) -> Figures:
    """Count, mean, median and 90th percentile of samples in any order."""
    ordered = sorted(samples)
    return Figures(n=len(ordered), mean_s=mean_s(ordered), p50_s=percentile_s(ordered, 50), p90_s=percentile_s(ordered, 90))


def histogram(ordered: Sequence[Millis]) -> tuple[Bin, ...]:
    """Bins of one readable width up to the 98th percentile, and one open bin for the rest. A sample on an edge opens the next bin."""
    if not ordered:
        return ()
    high_s = nearest_rank(ordered, 98) / 1000
    width_s = next((width for width in WIDTHS_S if high_s < width * MOST_BINS), WIDTHS_S[-1])
    counts = [0] * (int(high_s // width_s) + 1)
    beyond = 0
    for sample in ordered:
        place = sample // (width_s * 1000)
        if place < len(counts):
            counts[place] += 1
        else:
            beyond += 1
    bins = tuple(Bin(from_s=at * width_s, to_s=(at + 1) * width_s, n=n) for at, n in enumerate(counts))
    return (*bins, Bin(from_s=len(counts) * width_s, to_s=None, n=beyond)) if beyond else bins
