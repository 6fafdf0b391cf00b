"""House numbers of streets whose source states none, counted from the city's own regularity: never from what happened there.

In a city that numbers by hundreds, each street is counted from its own beginning, and parallel streets take the same number of hundreds
between the same two cross streets. So the stated ranges of one street say how many numbers its parallels take from one cross street to the
next; where none is heard, a hundred for a block of usual length. What is found so is told on in the next round, as if from farther off.
Lines are drawn in the direction in which numbers rise (in San Francisco's data all that state numbers are). Every result is marked as
inferred, with how far it may be off.

How it was chosen: streets whose numbers are stated were held out, a quarter of them at a time. To begin where the parallels' numbers stand
was right less often than to count from the street's own beginning, whatever the weights.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from math import atan2, cos, degrees, hypot, radians
from typing import Final, NamedTuple

import msgspec

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.base.quantities import Metres
from tocsin.places.rows import Line, Stretch

ROUNDS: Final = 4
PARALLEL_DEGREES: Final = 30.0
HEARD_WITHIN_M: Final = 2_500.0
"""So far off a stated range is still heard; and one that was itself counted."""
RETOLD_WITHIN_M: Final = 1_000.0
RETOLD_FARTHER: Final = 1.6
"""What was itself counted counts as so many times farther off."""
SLOWEST, QUICKEST = 0.2, 3.0
"""Numbers per metre along a street."""
GAP_M: Final = 300.0
ONE_CORNER_M: Final = 40.0
USUAL_BLOCK_M: Final = 150.0
USUAL_PACE: Final = 0.75
"""Numbers per metre where nothing is known: a hundred every 130 m."""
MOST_STARTS: Final = 8
SPREAD_HEARD_M: Final = Metres(150.0)
SPREAD_COUNTED_M: Final = Metres(400.0)
"""How far a counted block may be off, a block or so where parallels are heard at both its ends; and where it is counted on."""


class Segment(msgspec.Struct, frozen=True):
    """A street between two nodes; ``low`` and ``high`` are the numbers at its first and last point, None where they are not stated."""

    street: str
    tail: int
    head: int
    line: Line
    length_m: Metres
    low: int | None = None
    high: int | None = None
    area: str = ""


Names = Mapping[int, set[str]]


class _Chain:
    """All segments of one name with the way along them, over the gaps too, from their lower end."""

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.along_m = _along(segments)
        self.known: dict[int, float] = _stated(segments)
        self.number: dict[int, float] = {}
        self.is_held: dict[int, bool] = {}
        """Nodes between two of which parallels say something."""


def infer_stretches(segments: Iterable[Segment]) -> Iterator[Stretch]:
    """Stretches for segments without stated numbers, in the order given."""
    chains = _chains(list(segments))
    names = _names(chains)
    for round_number in range(ROUNDS if any(chain.known for chain in chains) else 0):
        told = _told(chains, names)
        for chain in chains:
            _settle(chain, told, names, is_last=round_number == ROUNDS - 1)
    for chain in chains:
        yield from _stretches(chain)


def _stretches(chain: _Chain) -> Iterator[Stretch]:
    for segment in chain.segments:
        low, high = chain.number.get(segment.tail), chain.number.get(segment.head)
        if segment.low is not None or low is None or high is None:
            continue
        is_held = chain.is_held[segment.tail] and chain.is_held[segment.head]
        line = segment.line if low <= high else segment.line[::-1]
        first, last = (max(1, round(number)) for number in sorted((low, high)))
        if last > first:
            spread_m = SPREAD_HEARD_M if is_held else SPREAD_COUNTED_M
            yield Stretch(segment.street, first, last - 1, line, "all", segment.area, True, spread_m)


def _chains(segments: list[Segment]) -> list[_Chain]:
    by_street: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_street[segment.street].append(segment)
    return [_Chain(by_street[street]) for street in sorted(by_street)]


def _parts(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Segments of one name that hang together."""
    at: dict[int, list[int]] = defaultdict(list)
    for row, segment in enumerate(segments):
        at[segment.tail].append(row)
        at[segment.head].append(row)
    left = dict.fromkeys(range(len(segments)))
    while left:
        found, waiting = set[int](), [next(iter(left))]
        while waiting:
            row = waiting.pop()
            if row not in found:
                found.add(row)
                waiting += [*at[segments[row].tail], *at[segments[row].head]]
        for row in found:
            del left[row]
        yield [segments[row] for row in sorted(found)]


def _along(segments: list[Segment]) -> dict[int, float]:
    """Metres from the lower end. Lines are drawn in the direction in which numbers rise: the lower end is where none arrives."""
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    heads = {segment.head for segment in segments}
    for segment in segments:
        near[segment.tail].append((segment.head, segment.length_m))
        near[segment.head].append((segment.tail, segment.length_m))
    for one, other, gap_m in _bridges(segments):
        near[one].append((other, gap_m))
        near[other].append((one, gap_m))
    starts = sorted({segment.tail for segment in segments} - heads)[:MOST_STARTS] or [segments[0].tail]
    ways = [_distances(near, start) for start in starts]
    # the end from which most segments are driven as they are drawn
    return max(ways, key=lambda way: sum(segment.length_m for segment in segments if way[segment.head] > way[segment.tail]))


def _bridges(segments: list[Segment]) -> Iterator[tuple[int, int, float]]:
    """Straight over the gaps between parts of one street, from each part to the nearest that is joined already."""
    parts = [{node: place for row in part for node, place in _ends(row)} for part in _parts(segments)]
    joined = parts.pop(0)
    while parts:
        gaps = [
            (_metres(place, other_place), node, other, row)
            for row, part in enumerate(parts)
            for node, place in part.items()
            for other, other_place in joined.items()
        ]
        gap_m, node, other, row = min(gaps)
        yield node, other, gap_m
        joined |= parts.pop(row)


def _ends(segment: Segment) -> tuple[tuple[int, LonLat], tuple[int, LonLat]]:
    return (segment.tail, segment.line[0]), (segment.head, segment.line[-1])


def _distances(near: dict[int, list[tuple[int, float]]], start: int) -> dict[int, float]:
    way, waiting = dict[int, float](), [(0.0, start)]
    while waiting:
        gone_m, node = heappop(waiting)
        if node not in way:
            way[node] = gone_m
            for other, length_m in near[node]:
                if other not in way:
                    heappush(waiting, (gone_m + length_m, other))
    return way


def _stated(segments: list[Segment]) -> dict[int, float]:
    """Number at each node that a stated range begins or ends at: where one block ends and the next begins, the round one between."""
    ends: dict[int, list[float]] = defaultdict(list)
    for segment in segments:
        if segment.low is not None and segment.high is not None:
            ends[segment.tail].append(_rounded(segment.low))
            ends[segment.head].append(_rounded(segment.high + 1))
    return {node: sorted(numbers)[len(numbers) // 2] for node, numbers in ends.items()}


def _rounded(number: float) -> float:
    """To the hundred where it is all but one."""
    hundred = 100.0 * round(number / 100.0)
    return hundred if abs(number - hundred) <= 4 else float(number)


class _Said(NamedTuple):
    """What a street says of the number at a cross street."""

    place: LonLat
    bearing: float
    number: float
    is_stated: bool
    chain: int


def _names(chains: list[_Chain]) -> Names:
    """Node → streets that meet there."""
    names: dict[int, set[str]] = defaultdict(set)
    for chain in chains:
        for node in chain.along_m:
            names[node].add(chain.segments[0].street)
    return names


def _told(chains: list[_Chain], names: Names) -> dict[str, list[_Said]]:
    """Cross street → what the streets that cross it say; of what was counted only whole hundreds are told on."""
    told: dict[str, list[_Said]] = defaultdict(list)
    for row, chain in enumerate(chains):
        for node, (place, bearing) in _headings(chain).items():
            number = chain.known.get(node)
            is_stated = number is not None
            if number is None and chain.is_held.get(node) and chain.number[node] % 100 == 0:
                number = chain.number[node]
            if number is not None:
                for cross in names[node] - {chain.segments[0].street}:
                    told[cross].append(_Said(place, bearing, number, is_stated, row))
    return told


def _headings(chain: _Chain) -> dict[int, tuple[LonLat, float]]:
    """Place and bearing (degrees, towards higher numbers) of each node of a chain."""
    found: dict[int, tuple[LonLat, float]] = {}
    for segment in chain.segments:
        is_up = chain.along_m[segment.head] >= chain.along_m[segment.tail]
        line = segment.line if is_up else segment.line[::-1]
        bearing = _bearing(line[0], line[-1])
        found[segment.tail] = (segment.line[0], bearing)
        found[segment.head] = (segment.line[-1], bearing)
    return found


def _bearing(start: LonLat, end: LonLat) -> float:
    return degrees(atan2((end.lon - start.lon) * cos(radians(start.lat)), end.lat - start.lat))


def _apart(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)


def _metres(a: LonLat, b: LonLat) -> float:
    return EARTH_RADIUS_M * hypot(radians(b.lon - a.lon) * cos(radians(a.lat)), radians(b.lat - a.lat))


def _settle(chain: _Chain, told: Mapping[str, list[_Said]], names: Names, *, is_last: bool) -> None:
    """Numbers at the nodes of a chain: its steps from node to node, and for each section where the steps begin."""
    heard = _listen(chain, told, names)
    crossings = sorted({gone_m for gone_m, node, _ in heard if len(names[node]) > 1})
    informed = [one for one in heard if one.said or one.node in chain.known]
    if not informed and not is_last:
        return
    informed = informed or [one for one in heard if one.gone_m in crossings][:1] or heard[:1]
    points: list[tuple[float, float]] = []
    for section in _sections(informed, chain):
        sums = _sums(section, chain)
        before = points[-1] if points else (0.0, 0.0)
        counted = before[1] + _counted(before[0], section[0].gone_m, crossings, is_gap=bool(points))
        start = _start(section, sums, chain, counted)
        points += [(one.gone_m, start + total) for one, total in zip(section, sums, strict=True)]
    for gone_m, node, _ in heard:
        chain.number[node] = chain.known.get(node, max(0.0, _number_at(gone_m, points, crossings)))
        chain.is_held[node] = bool(informed[0].said) and points[0][0] - 1 <= gone_m <= points[-1][0] + 1


class _Heard(NamedTuple):
    """A node with what parallels bear at the cross street there."""

    gone_m: float
    node: int
    said: dict[int, tuple[float, float]]
    """Chain → (number, metres off; more where it was itself counted)."""


def _listen(chain: _Chain, told: Mapping[str, list[_Said]], names: Names) -> list[_Heard]:
    own = chain.segments[0].street
    heard = []
    for node, (place, bearing) in _headings(chain).items():
        said: dict[int, tuple[float, float]] = {}
        for cross in sorted(names[node] - {own}):
            for one in told.get(cross, ()):
                gap_m = _metres(place, one.place)
                reach_m = HEARD_WITHIN_M if one.is_stated else RETOLD_WITHIN_M
                if _apart(one.bearing, bearing) <= PARALLEL_DEGREES and 1.0 < gap_m <= reach_m:
                    gap_m *= 1.0 if one.is_stated else RETOLD_FARTHER
                    if one.chain not in said or gap_m < said[one.chain][1]:
                        said[one.chain] = (one.number, gap_m)
        heard.append(_Heard(chain.along_m[node], node, said))
    return sorted(heard, key=lambda one: (one.gone_m, one.node))


def _sections(informed: list[_Heard], chain: _Chain) -> list[list[_Heard]]:
    """Cut where the street crosses a park or a hill and no parallel says how many numbers that takes."""
    sections = [[informed[0]]]
    for before, after in itertools.pairwise(informed):
        is_far = after.gone_m - before.gone_m > GAP_M and _step(before, after, chain) is None
        if is_far:
            sections.append([after])
        else:
            sections[-1].append(after)
    return sections


def _step(before: _Heard, after: _Heard, chain: _Chain) -> float | None:
    """What the nearest parallel that meets both cross streets counts between them, if it is a likely pace."""
    if before.node in chain.known and after.node in chain.known:
        return chain.known[after.node] - chain.known[before.node]
    way_m = after.gone_m - before.gone_m
    steps = []
    for other, (number, gap_m) in after.said.items():
        if other in before.said:
            step = number - before.said[other][0]
            if SLOWEST * way_m <= step + 5 and step <= QUICKEST * way_m + 20:
                steps.append((gap_m, step))
    return min(steps)[1] if steps else None


def _sums(section: list[_Heard], chain: _Chain) -> list[float]:
    """Numbers from the first node of a section to each."""
    sums = [0.0]
    for before, after in itertools.pairwise(section):
        step = _step(before, after, chain)
        way_m = after.gone_m - before.gone_m
        if step is None:
            step = 100.0 * max(1, round(way_m / USUAL_BLOCK_M)) if way_m > ONE_CORNER_M else 0.0
        sums.append(sums[-1] + step)
    return sums


def _counted(start_m: float, end_m: float, crossings: list[float], *, is_gap: bool) -> float:
    """What lies before a section when nobody says it."""
    return 100.0 * (round((end_m - start_m) / USUAL_BLOCK_M) if is_gap else _blocks(start_m, end_m, crossings))


def _start(section: list[_Heard], sums: list[float], chain: _Chain, counted: float) -> float:
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
