"""House numbers of streets whose source states none, counted from the city's own regularity: never from what happened there.

In a city that numbers by hundreds, each street is counted from its own beginning, and parallel streets take the same number of hundreds
between the same two cross streets. So the stated ranges of one street say how many numbers its parallels take from one cross street to
the next, and how many a park takes that lies between; where none is heard, a hundred for a block of usual length. What is found so is
told on in the next round, as if from farther off. Every result is marked as inferred, with how far it may be off.

How it was chosen: streets whose numbers are stated were held out, a quarter of them at a time. To begin where the parallels' numbers stand
was right less often than to count from the street's own beginning, whatever the weights. The constants were chosen the same way.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.chains import Chain, Segment, apart, chains_of, headings, metres
from tocsin.places.rows import Stretch

ROUNDS: Final = 4
PARALLEL_DEGREES: Final = 15.0
HEARD_WITHIN_M: Final = 2_500.0
"""So far off a stated range is still heard; and one that was itself counted."""
RETOLD_WITHIN_M: Final = 1_000.0
RETOLD_FARTHER: Final = 1.6
"""What was itself counted counts as so many times farther off."""
SLOWEST, QUICKEST = 0.2, 2.0
"""Numbers per metre along a street."""
ASKED: Final = 3
"""Parallels that are asked for a step."""
ASKED_WITHIN_M: Final = 150.0
ALIKE: Final = 50.0
"""Steps that round to the same count of these agree."""
GAP_M: Final = 300.0
ONE_CORNER_M: Final = 80.0
"""Two cross streets with no wider gap between them take no hundred, unless a parallel says so."""
ALLEY_M: Final = 150.0
"""A cross street shorter than this uses up no hundred."""
USUAL_BLOCK_M: Final = 150.0
USUAL_PACE: Final = 0.75
"""Numbers per metre where nothing is known: a hundred every 130 m."""
SPREADS: Final = ((100, 50.0), (300, 100.0), (600, 170.0), (1500, 300.0))
FARTHEST_SPREAD_M: Final = 900.0
"""How far a block may be off, by how many numbers were counted to it: in each row at least 85 of 100 held-out blocks lie within."""

Names = Mapping[int, set[str]]


def infer_stretches(segments: Iterable[Segment]) -> Iterator[Stretch]:
    """Stretches for segments without stated numbers, in the order given."""
    chains = chains_of(list(segments))
    names = _names(chains)
    alleys = {chain.street for chain in chains if sum(segment.length_m for segment in chain.segments) < ALLEY_M}
    for round_number in range(ROUNDS if any(chain.known for chain in chains) else 0):
        told = _told(chains, names)
        for chain in chains:
            _settle(chain, told, _Crossed(names, alleys), is_last=round_number == ROUNDS - 1)
    for chain in chains:
        yield from _stretches(chain)


def _stretches(chain: Chain) -> Iterator[Stretch]:
    for segment in chain.segments:
        low, high = chain.number.get(segment.tail), chain.number.get(segment.head)
        if segment.low is not None or low is None or high is None:
            continue
        line = segment.line if low <= high else segment.line[::-1]
        first, last = (max(1, round(number)) for number in sorted((low, high)))
        if last > first:
            spread_m = _spread_m(min(abs(first - known) for known in (0.0, *chain.known.values())))
            yield Stretch(segment.street, first, last - 1, line, "all", segment.area, "inferred", spread_m)


def _spread_m(counted: float) -> Metres:
    return Metres(next((spread_m for below, spread_m in SPREADS if counted < below), FARTHEST_SPREAD_M))


class _Said(NamedTuple):
    """What a street says of the number at a cross street."""

    place: LonLat
    bearing: float
    number: float
    is_stated: bool
    chain: int


def _names(chains: list[Chain]) -> Names:
    """Node → streets that meet there."""
    names: dict[int, set[str]] = defaultdict(set)
    for chain in chains:
        for node in chain.along_m:
            names[node].add(chain.street)
    return names


def _told(chains: list[Chain], names: Names) -> dict[str, list[_Said]]:
    """Cross street → what the streets that cross it say; of what was counted only whole hundreds are told on."""
    told: dict[str, list[_Said]] = defaultdict(list)
    for row, chain in enumerate(chains):
        for node, (place, bearing) in headings(chain).items():
            number = chain.known.get(node)
            is_stated = number is not None
            if number is None and chain.is_held.get(node) and chain.number[node] % 100 == 0:
                number = chain.number[node]
            if number is not None:
                for cross in names[node] - {chain.street}:
                    told[cross].append(_Said(place, bearing, number, is_stated, row))
    return told


class _Heard(NamedTuple):
    """A node with what parallels bear at the cross street there."""

    gone_m: float
    node: int
    said: dict[int, tuple[float, float]]
    """Chain → (number, metres off; more where it was itself counted)."""


class _Crossed(NamedTuple):
    """What meets a street."""

    names: Names
    alleys: set[str]

    def uses_hundred(self, node: int, own: str) -> bool:
        """Whether a cross street at the node is more than an alley."""
        return bool(self.names[node] - {own} - self.alleys)


def _settle(chain: Chain, told: Mapping[str, list[_Said]], crossed: _Crossed, *, is_last: bool) -> None:
    """Numbers at the nodes of a chain: its steps from node to node, and for each section where the steps begin."""
    heard = _listen(chain, told, crossed.names)
    crossings = sorted({one.gone_m for one in heard if crossed.uses_hundred(one.node, chain.street)})
    informed = [one for one in heard if one.said or one.node in chain.known]
    if not informed and not is_last:
        return
    informed = informed or [one for one in heard if one.gone_m in crossings][:1] or heard[:1]
    points: list[tuple[float, float]] = []
    last: _Begun | None = None
    for section in _sections(informed, chain):
        sums = _sums(section, chain)
        before = points[-1] if points else (0.0, 0.0)
        counted = before[1] + _counted(before[0], section[0].gone_m, crossings, is_gap=bool(points))
        says = _says(section, sums)
        if last is not None:
            counted = _over_gap(last, says, before[1], counted)
        last = _Begun(_start(section, sums, chain, counted), says)
        points += [(one.gone_m, last.start + total) for one, total in zip(section, sums, strict=True)]
    for gone_m, node, _ in heard:
        chain.number[node] = chain.known.get(node, max(0.0, _number_at(gone_m, points, crossings)))
        chain.is_held[node] = bool(informed[0].said) and points[0][0] - 1 <= gone_m <= points[-1][0] + 1


class _Begun(NamedTuple):
    """A section whose numbers are settled."""

    start: float
    says: Mapping[int, tuple[float, float]]
    """Chain → (number at which this section would begin if it bore the chain's numbers, metres off)."""


def _says(section: list[_Heard], sums: list[float]) -> dict[int, tuple[float, float]]:
    starts: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for one, total in zip(section, sums, strict=True):
        for other, (number, gap_m) in one.said.items():
            starts[other].append((number - total, gap_m))
    return {other: (sorted(found)[len(found) // 2][0], min(gap_m for _, gap_m in found)) for other, found in starts.items()}


def _over_gap(last: _Begun, says: Mapping[int, tuple[float, float]], reached: float, counted: float) -> float:
    """Across a park the numbers go on as those of the nearest parallel that is on both sides of it."""
    steps = [(gap_m + last.says[other][1], start - last.says[other][0]) for other, (start, gap_m) in says.items() if other in last.says]
    likely = [(gap_m, last.start + step) for gap_m, step in steps if last.start + step >= reached - 100.0]
    return min(likely)[1] if likely else counted


def _listen(chain: Chain, told: Mapping[str, list[_Said]], names: Names) -> list[_Heard]:
    heard = []
    for node, (place, bearing) in headings(chain).items():
        said: dict[int, tuple[float, float]] = {}
        for cross in sorted(names[node] - {chain.street}):
            for one in told.get(cross, ()):
                gap_m = metres(place, one.place)
                reach_m = HEARD_WITHIN_M if one.is_stated else RETOLD_WITHIN_M
                if apart(one.bearing, bearing) <= PARALLEL_DEGREES and 1.0 < gap_m <= reach_m:
                    gap_m *= 1.0 if one.is_stated else RETOLD_FARTHER
                    if one.chain not in said or gap_m < said[one.chain][1]:
                        said[one.chain] = (one.number, gap_m)
        heard.append(_Heard(chain.along_m[node], node, said))
    return sorted(heard, key=lambda one: (one.gone_m, one.node))


def _sections(informed: list[_Heard], chain: Chain) -> list[list[_Heard]]:
    """Cut where the street crosses a park or a hill and no parallel says how many numbers that takes."""
    sections = [[informed[0]]]
    for before, after in itertools.pairwise(informed):
        is_far = after.gone_m - before.gone_m > GAP_M and _step(before, after, chain) is None
        if is_far:
            sections.append([after])
        else:
            sections[-1].append(after)
    return sections


def _step(before: _Heard, after: _Heard, chain: Chain) -> float | None:
    """What the nearest parallels that meet both cross streets count between them, at a likely pace; most of three, by nearness."""
    if before.node in chain.known and after.node in chain.known:
        return chain.known[after.node] - chain.known[before.node]
    way_m = after.gone_m - before.gone_m
    steps = []
    for other, (number, gap_m) in after.said.items():
        if other in before.said:
            step = number - before.said[other][0]
            if SLOWEST * way_m <= step + 5 and step <= QUICKEST * way_m + 20:
                steps.append((gap_m, step))
    weights: dict[int, float] = defaultdict(float)
    nearest = sorted(steps)[:ASKED]
    for gap_m, step in nearest:
        weights[round(step / ALIKE)] += 1.0 / (gap_m + ASKED_WITHIN_M)
    best = max(weights, key=lambda step: weights[step], default=0)
    return next((step for _, step in nearest if round(step / ALIKE) == best), None)


def _sums(section: list[_Heard], chain: Chain) -> list[float]:
    """Numbers from the first node of a section to each."""
    sums = [0.0]
    for before, after in itertools.pairwise(section):
        step = _step(before, after, chain)
        way_m = after.gone_m - before.gone_m
        if step is None:
            step = 100.0 * round(way_m / USUAL_BLOCK_M) if way_m > ONE_CORNER_M else 0.0
        sums.append(sums[-1] + step)
    return sums


def _counted(start_m: float, end_m: float, crossings: list[float], *, is_gap: bool) -> float:
    """What lies before a section when nobody says it."""
    return 100.0 * (round((end_m - start_m) / USUAL_BLOCK_M) if is_gap else _blocks(start_m, end_m, crossings))


def _start(section: list[_Heard], sums: list[float], chain: Chain, counted: float) -> float:
    """The number at which a section begins: as most of its own stated numbers say, else counted from the street's own beginning."""
    own = Counter(
        50.0 * round((chain.known[one.node] - total) / 50.0) for one, total in zip(section, sums, strict=True) if one.node in chain.known
    )
    return max(own, key=lambda start: (own[start], -start)) if own else counted


def _number_at(gone_m: float, points: list[tuple[float, float]], crossings: list[float]) -> float:
    """Between points in proportion; beyond them a hundred for each cross street."""
    if gone_m <= points[0][0]:
        return points[0][1] - 100.0 * _blocks(gone_m, points[0][0], crossings)
    for (start_m, low), (end_m, high) in itertools.pairwise(points):
        if start_m <= gone_m <= end_m:
            return low + (high - low) * (gone_m - start_m) / (end_m - start_m) if end_m > start_m else low
    return points[-1][1] + 100.0 * _blocks(points[-1][0], gone_m, crossings)


def _blocks(start_m: float, end_m: float, crossings: list[float]) -> float:
    """Cross streets passed between two points, each but once within 40 m; the length decides what lies beyond the last one."""
    passed = 0
    last_m = start_m
    for cross_m in crossings:
        if start_m < cross_m <= end_m and cross_m - last_m > 40.0:
            passed += 1
            last_m = cross_m
    rest = (end_m - last_m) * USUAL_PACE / 100.0
    return passed + min(1.0, rest) if end_m - last_m > 1.0 else float(passed)
