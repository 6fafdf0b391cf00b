"""Confidence intervals over replications: Student's t, because replications are few.

Replications are independent runs, so their figures are too; policies that met the same calls are compared pair by pair.
"""

from collections.abc import Sequence
from math import fsum, sqrt

from scipy.special import stdtrit

from tocsin.views.experiment_answer import Difference

CONFIDENCE = 0.95


def mean(values: Sequence[float]) -> float:
    """Of at least one; the same whatever the order."""
    return fsum(values) / len(values)


def half_width(values: Sequence[float], confidence: float = CONFIDENCE) -> float | None:
    """Of the interval around their mean; None for fewer than two."""
    count = len(values)
    if count < 2:
        return None
    middle = mean(values)
    variance = fsum((value - middle) ** 2 for value in values) / (count - 1)
    return float(stdtrit(count - 1, 0.5 + confidence / 2)) * sqrt(variance / count)


def difference(base: Sequence[float], other: Sequence[float]) -> Difference:
    """``other`` less ``base`` over pairs, at least one.

    The relative change is the ratio of the means; its interval is that of a ratio estimator (residuals ``d - R b``; Cochran 1977, Sampling
    Techniques, section 6.4), which stands also where one pair's base is 0; a mean that is not above 0 has no share of it.
    """
    changes = [after - before for before, after in zip(base, other, strict=True)]
    middle, half, below = mean(changes), half_width(changes), mean(base)
    relative = middle / below if below > 0 else None
    relative_half = None
    if relative is not None and half is not None:
        spread = half_width([change - relative * before for change, before in zip(changes, base, strict=True)])
        relative_half = spread / abs(below) if spread is not None else None
    return Difference(middle, half, half is not None and abs(middle) > half, relative, relative_half, len(changes))


def paired(base: Sequence[float | None], other: Sequence[float | None]) -> Difference | None:
    """The same where a replication may have no figure; None if no pair has both."""
    both = [(before, after) for before, after in zip(base, other, strict=True) if before is not None and after is not None]
    return difference([before for before, _ in both], [after for _, after in both]) if both else None
