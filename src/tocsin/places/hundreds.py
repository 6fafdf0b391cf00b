"""House numbers of streets whose source states none, counted from the city's own regularity: never from what happened there.

In a city that numbers by hundreds, parallel streets bear the same hundred at the same cross street. So what is known of one street (its
stated ranges) says something of its parallels, at each cross street that they share. Of all that is said of a street the greatest part that
fits together (numbers that rise along it, at a likely pace) is kept; blocks without any are counted on, a hundred for each cross street.
What is found so is told on in the next round, at a lower weight. Every result is marked as inferred, with how far it may be off.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from math import atan2, cos, degrees, exp, hypot, radians
from typing import Final

import msgspec

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.base.quantities import Metres
from tocsin.places.rows import Line, Stretch

ROUNDS: Final = 4
PARALLEL_DEGREES: Final = 30.0
HEARD_WITHIN_M: Final = 2_500.0
FADES_M: Final = 500.0
SLOWEST, QUICKEST = 0.2, 3.0
"""Numbers per metre along a street."""
OWN_WEIGHT: Final = 10.0
RETOLD_FARTHER: Final = 1.6
"""What was itself counted counts as so many times farther off."""
MOST_STARTS: Final = 8
ONE_SIDED: Final = 0.4
FROM_START: Final = 0.1
"""Weight of the count from the street's own beginning."""
RETOLD_WEIGHT: Final = 0.4
USUAL_PACE: Final = 0.75
"""Numbers per metre where nothing is known: a hundred every 130 m."""
SPREAD_HEARD_M: Final = Metres(60.0)
"""How far the middle of a counted block may be off where both its ends are held by parallels; and where they are counted on."""
SPREAD_COUNTED_M: Final = Metres(250.0)


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


_Claim = tuple[float, float, float]
"""Metres along a chain, the number there, its weight."""


class _Chain:
    """All segments of one name with the way along them, over the gaps too, from their lower end."""

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.along_m = _along(segments)
        self.known: dict[int, float] = _stated(segments)
        self.number: dict[int, float] = {}
        self.is_held: dict[int, bool] = {}
        """Nodes between two anchors."""


def infer_stretches(segments: Iterable[Segment]) -> Iterator[Stretch]:
    """Stretches for segments without stated numbers, in the order given."""
    chains = _chains(list(segments))
    stated = any(chain.known for chain in chains)
    for round_number in range(ROUNDS if stated else 0):
        told = _told(chains)
        for chain in chains:
            _settle(chain, told, is_last=round_number == ROUNDS - 1)
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


class _Said(msgspec.Struct, frozen=True):
    """What a street says of the number at a cross street."""

    place: LonLat
    bearing: float
    number: float
    weight: float
    chain: int


def _told(chains: list[_Chain]) -> dict[str, list[_Said]]:
    """Cross street → what the streets that cross it say."""
    names: dict[int, set[str]] = defaultdict(set)
    for chain in chains:
        for node in chain.along_m:
            names[node].add(chain.segments[0].street)
    told: dict[str, list[_Said]] = defaultdict(list)
    for row, chain in enumerate(chains):
        own = chain.segments[0].street
        for node, (place, bearing) in _headings(chain).items():
            number, weight = chain.known.get(node), 1.0
            if number is None and chain.is_held.get(node) and chain.number[node] % 100 == 0:
                number, weight = chain.number[node], RETOLD_WEIGHT
            if number is not None:
                for cross in names[node] - {own}:
                    told[cross].append(_Said(place, bearing, number, weight, row))
    _NAMES.clear()
    _NAMES.update(names)
    return told


_NAMES: dict[int, set[str]] = {}


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


def _settle(chain: _Chain, told: dict[str, list[_Said]], *, is_last: bool) -> None:
    """Numbers at the nodes of a chain from what it says itself and what its parallels say."""
    own = chain.segments[0].street
    claims: list[_Claim] = [(chain.along_m[node], number, OWN_WEIGHT) for node, number in chain.known.items()]
    for node, (place, bearing) in _headings(chain).items():
        if node not in chain.known:
            for cross in _NAMES[node] - {own}:
                claims += _heard(chain.along_m[node], place, bearing, told.get(cross, ()))
    crossings = sorted({chain.along_m[node] for node in chain.along_m if len(_NAMES[node]) > 1})
    if claims:
        claims += [(gone_m, 100.0 * _blocks(0.0, gone_m, crossings), FROM_START) for gone_m in crossings]
    anchors = _fitting(claims)
    if not anchors and not is_last:
        return
    for node, gone_m in chain.along_m.items():
        chain.number[node] = _number_at(gone_m, anchors, crossings)
        chain.is_held[node] = len(anchors) > 0 and anchors[0][0] - 1 <= gone_m <= anchors[-1][0] + 1


def _heard(gone_m: float, place: LonLat, bearing: float, said: Iterable[_Said]) -> list[_Claim]:
    """Claims for one node: in proportion between the nearest parallels on either side, else what the nearest one bears."""
    sides: list[list[tuple[float, _Said]]] = [[], []]
    for one in said:
        gap_m = _metres(place, one.place)
        if _apart(one.bearing, bearing) <= PARALLEL_DEGREES and 1.0 < gap_m <= HEARD_WITHIN_M:
            is_right = (_bearing(place, one.place) - bearing + 360.0) % 360.0 < 180.0
            sides[is_right].append((gap_m * (1.0 if one.weight == 1.0 else RETOLD_FARTHER), one))
    nearest = [min(side, key=lambda pair: (pair[0], pair[1].number)) for side in sides if side]
    if len(nearest) < 2:
        return [(gone_m, one.number, ONE_SIDED * one.weight * exp(-gap_m / FADES_M)) for gap_m, one in nearest]
    (left_m, left), (right_m, right) = nearest
    number = (left.number * right_m + right.number * left_m) / (left_m + right_m)
    weight = min(left.weight, right.weight) * exp(-(left_m + right_m) / 2 / FADES_M)
    if left.number % 100 or right.number % 100:
        return [(gone_m, number, weight * 0.5)]
    # both bear a hundred here, so does this street: the nearer hundred more likely, at the middle either
    low = number // 100 * 100
    share = (number - low) / 100
    return [(gone_m, low + rise, weight * part) for rise, part in ((0.0, 1.0 - share), (100.0, share)) if part > 0.25]


def _fitting(claims: list[_Claim]) -> list[tuple[float, float]]:
    """The weightiest series of claims that rise along the street at a likely pace: (metres along, number)."""
    claims = sorted(claims)
    best: list[tuple[float, int]] = []
    for row, (gone_m, number, weight) in enumerate(claims):
        total, before = weight, -1
        for earlier in range(row):
            step_m, rise = gone_m - claims[earlier][0], number - claims[earlier][1]
            if step_m > 1.0 and SLOWEST * step_m <= rise + 5 and rise <= QUICKEST * step_m + 20 and best[earlier][0] + weight > total:
                total, before = best[earlier][0] + weight, earlier
        best.append((total, before))
    series: list[tuple[float, float]] = []
    row = max(range(len(best)), key=lambda one: best[one][0], default=-1)
    while row >= 0:
        series.append(claims[row][:2])
        row = best[row][1]
    return series[::-1]


def _number_at(gone_m: float, anchors: list[tuple[float, float]], crossings: list[float]) -> float:
    """Between anchors in proportion; beyond them, and without any from the lower end, a hundred for each cross street."""
    if not anchors:
        return 100.0 * _blocks(0.0, gone_m, crossings)
    if gone_m < anchors[0][0]:
        return max(0.0, anchors[0][1] - 100.0 * _blocks(gone_m, anchors[0][0], crossings))
    if gone_m > anchors[-1][0]:
        return anchors[-1][1] + 100.0 * _blocks(anchors[-1][0], gone_m, crossings)
    for (start_m, low), (end_m, high) in zip(anchors, anchors[1:], strict=False):
        if start_m <= gone_m <= end_m:
            return low + (high - low) * (gone_m - start_m) / (end_m - start_m)
    return anchors[0][1]


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
