"""Two lives of one log compared call by call. Intervals come from drawing the log's own days again (Efron & Tibshirani 1993, chapter 6)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from tocsin.base.instants import local_parts
from tocsin.lab.city.model import Floats, Longs
from tocsin.lab.draws import Streams
from tocsin.lab.journal.rows import IncidentRow
from tocsin.lab.relived.past import Past
from tocsin.views.whatif_answer import Between, Fit, Group, Side, Verdict

FEWEST_BLOCKS = 5
"""With fewer days parts of a day are drawn; with fewer of these nothing is."""

PART_H = 3
RESAMPLED = 1000
RESAMPLED_P90 = 200
"""Percentiles cost a sort each."""

GOOD, FAIR = 0.10, 0.25
FEW = 20
"""Percentiles of fewer calls move too much to be held against a model."""
POSSIBLE = 1e-4
"""Of what is rounded."""


class Lives(NamedTuple):
    """Responses of the calls that are measured: (replications, calls), milliseconds."""

    base: Longs
    changed: Longs


class Blocks(NamedTuple):
    """What is drawn again."""

    what: str
    of_call: Longs
    size: int
    draws: Longs
    """(draws, blocks): how often each is in it."""


def blocks_of(rows: Sequence[IncidentRow], zone: str, streams: Streams) -> Blocks:
    """Days of the centre's wall; parts of days in a short log."""
    walls = [local_parts(row.arrived, zone) for row in rows]
    for what, keys in (
        ("days", [(wall.date, 0) for wall in walls]),
        ("hours", [(wall.date, wall.hour // PART_H) for wall in walls]),
    ):
        names = {key: nth for nth, key in enumerate(dict.fromkeys(keys))}
        if len(names) >= FEWEST_BLOCKS:
            draws = streams.named("resampled", what).multinomial(len(names), [1 / len(names)] * len(names), RESAMPLED)
            return Blocks(what, np.array([names[key] for key in keys], np.int64), len(names), draws)
    return Blocks("", np.zeros(len(rows), np.int64), 0, np.zeros((0, 0), np.int64))


def group(lives: Lives, late_ms: Longs, blocks: Blocks, chosen: NDArray[np.bool_], *, has_p90: bool) -> Group:
    """The calls that are chosen, at least one. ``late_ms``: of each call the response beyond which it is late."""
    base, changed = lives.base[:, chosen], lives.changed[:, chosen]
    target, of_call = late_ms[chosen], blocks.of_call[chosen]
    apart_s = (changed - base).mean(axis=0) / 1000
    late = ((changed > target).astype(np.int64) - (base > target)).mean(axis=0)
    before = side(base, target)
    return Group(
        n=int(chosen.sum()),
        base=before,
        changed=side(changed, target),
        mean_s=_sure(_between(apart_s, of_call, blocks), of_call, before.mean_s),
        late_share=_sure(_between(late, of_call, blocks, digits=5), of_call, before.late_share, most=1.0),
        p90_s=_sure(_p90(base, changed, of_call, blocks), of_call, before.p90_s) if has_p90 else None,
    )


def _sure(one: Between, of_call: Longs, base: float, most: float = math.inf) -> Between:
    """Nothing is shown by calls on too few days (one day drawn again and again is the same day), nor where what was and its change
    together could not be: a share below 0 or above 1, a time below 0."""
    is_possible = one.low is not None and one.high is not None and base + one.low >= -POSSIBLE and base + one.high <= most + POSSIBLE
    if is_possible and len(np.unique(of_call)) >= FEWEST_BLOCKS:
        return one
    return msgspec.structs.replace(one, is_few=True, is_shown=False)


def worst_first(groups: dict[str, Group]) -> dict[str, Group]:
    """Those that lose beyond chance, by mean or by lateness, the greatest loss first; then the rest by what they lose; last those that gain
    beyond chance and lose in nothing."""

    def rank(name: str) -> tuple[int, float, str]:
        one = groups[name]
        shown = [apart.mean for apart in (one.mean_s, one.late_share) if apart.is_shown]
        return (0 if any(mean > 0 for mean in shown) else 2 if shown else 1), -one.mean_s.mean, name

    return {name: groups[name] for name in sorted(groups, key=rank)}


def side(response_ms: Longs, late_ms: Longs) -> Side:
    """Means over the replications of each one's figures."""
    p50, p90 = (float(np.quantile(response_ms, share, axis=1, method="inverted_cdf").mean()) / 1000 for share in (0.5, 0.9))
    return Side(
        round(float(response_ms.mean()) / 1000, 1), round(p50, 1), round(p90, 1), round(float((response_ms > late_ms).mean()), 5)
    )  # fmt: skip


def _between(values: Floats, of_call: Longs, blocks: Blocks, digits: int = 2) -> Between:
    mean = round(float(values.mean()), digits)
    if not blocks.size:
        return Between(mean)
    sums = np.bincount(of_call, values, blocks.size)
    counts = np.bincount(of_call, minlength=blocks.size)
    total = blocks.draws @ counts
    means = (blocks.draws @ sums)[total > 0] / total[total > 0]
    return _told(mean, means, digits, len(np.unique(of_call)))


def _p90(base: Longs, changed: Longs, of_call: Longs, blocks: Blocks) -> Between:
    def apart(first: Longs, second: Longs) -> float:
        return float(np.mean([_nine_of_ten(two) - _nine_of_ten(one) for one, two in zip(first, second, strict=True)])) / 1000

    mean = round(apart(base, changed), 1)
    if not blocks.size:
        return Between(mean)
    of_block = [np.flatnonzero(of_call == nth) for nth in range(blocks.size)]
    found = []
    for draw in blocks.draws[:RESAMPLED_P90].tolist():
        rows = np.concatenate([of_block[nth] for nth, times in enumerate(draw) for _ in range(times)])
        if len(rows):
            found.append(apart(base[:, rows], changed[:, rows]))
    return _told(mean, np.array(found), 1, len(np.unique(of_call)))


def _nine_of_ten(values: Longs) -> int:
    rank = -(-9 * len(values) // 10) - 1
    return int(np.partition(values, rank)[rank])


def _told(mean: float, means: Floats, digits: int, blocks: int) -> Between:
    low, high = (round(float(np.quantile(means, share)), digits) for share in (tail(blocks), 1 - tail(blocks)))
    return Between(mean, low, high, bool(low > 0 or high < 0))


def tail(blocks: int) -> float:
    """Share of the draws beyond either end of a 95 % interval. Few days drawn again lie too close together: the expanded percentile
    interval (Hesterberg 2015, The American Statistician 69) reaches as far as Student's t would."""
    if blocks < 2:
        return 0.0
    return float(ndtr(math.sqrt(blocks / (blocks - 1)) * stdtrit(blocks - 1, 0.025)))


def fits(past: Past, rows: Longs, base: Longs) -> dict[str, Fit]:
    """The log's own responses beside those of the log lived again, for all calls and by priority."""
    own = [past.rows[nth] for nth in rows.tolist()]
    real = np.array([row.response_ms for row in own], np.int64)
    of = np.array([row.priority for row in own])
    found = {"all": fit(real, base)}
    for one in past.targets.classes:
        if (of == one.name).any():
            found[one.name] = fit(real[of == one.name], base[:, of == one.name])
    return found


def fit(real_ms: Longs, relived_ms: Longs) -> Fit:
    """``relived_ms``: (replications, calls)."""
    real = side(real_ms[None, :], real_ms)
    again = side(relived_ms, np.tile(real_ms, (1, 1)))
    mean_ms = relived_ms.mean(axis=0)
    moves = len(real_ms) > 2 and real_ms.std() > 0 and mean_ms.std() > 0
    off = max(abs(again.p50_s / max(real.p50_s, 1.0) - 1), abs(again.p90_s / max(real.p90_s, 1.0) - 1))
    verdict: Verdict = "few" if len(real_ms) < FEW else "good" if off <= GOOD else "fair" if off <= FAIR else "poor"
    return Fit(
        n=len(real_ms),
        real_mean_s=real.mean_s,
        relived_mean_s=again.mean_s,
        real_p50_s=real.p50_s,
        relived_p50_s=again.p50_s,
        real_p90_s=real.p90_s,
        relived_p90_s=again.p90_s,
        correlation=round(float(np.corrcoef(real_ms, mean_ms)[0, 1]), 3) if moves else None,
        verdict=verdict,
    )
