"""An independent answer to compare routers with: a plain Dijkstra that drives from edge to edge, remembers the last edges that it drove,
and before every turn reads each restriction of the region literally. Knows nothing of states, arcs, or how routers prepare anything."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tocsin.roads.metric import Metric
from tocsin.roads.position import WHOLE_PPM, OnRoad, part_ms
from tocsin.roads.region import Region

Path = tuple[int, ...]


class Driven(NamedTuple):
    """A part of an edge, from one fraction on to another, and the waiting at its head."""

    edge: int
    from_ppm: int
    to_ppm: int
    drive_ms: int
    wait_ms: int


class Oracle:
    """Least times by one metric."""

    def __init__(self, region: Region, metric: Metric) -> None:
        self.region, self.metric = region, metric
        self.turns = turns_of(region)
        self._looking_back: dict[int, list[tuple[Path, bool]]] = defaultdict(list)
        for path, is_only in self.turns:
            self._looking_back[path[-2]].append((path, is_only))
        self._mentioned = {edge for path, _ in self.turns for edge in path[:-1]}
        self._leaving: dict[int, list[int]] = defaultdict(list)
        for edge, node in enumerate(region.edge_tail.tolist()):
            self._leaving[node].append(edge)

    def may_turn(self, driven: Path, edge: int) -> bool:
        """Whether an edge may be entered after these."""
        for path, is_only in self._looking_back[driven[-1]] if driven else ():
            if not is_only and (*driven, edge)[-len(path) :] == path:
                return False
            if is_only and driven[1 - len(path) :] == path[:-1]:
                allowed = {other[-1] for other, is_other_only in self.turns if is_other_only and other[:-1] == path[:-1]}
                if edge not in allowed:
                    return False
        return True

    def time_ms(self, source: OnRoad, target: OnRoad) -> int | None:
        """From one position to another; None where there is no way."""
        straight = [
            self._part_ms(edge, at, to) for edge, at in self._from(source) for other, to in self._both(target) if edge == other and at <= to
        ]
        found = self._search(self._starts(source), target)
        return min((ms for ms in (found, *straight) if ms is not None), default=None)

    def node_times_ms(self, sources: Iterable[OnRoad]) -> dict[int, int]:
        """Least times from any of the sources to the nodes that are reached."""
        times: dict[int, int] = {}
        self._search([start for source in sources for start in self._starts(source)], None, times)
        return times

    def _starts(self, source: OnRoad) -> list[tuple[int, Path, int]]:
        starts: list[tuple[int, Path, int]] = [
            (self._part_ms(edge, at, WHOLE_PPM) + int(self.metric.wait_ms[edge]), (edge,), int(self.region.edge_head[edge]))
            for edge, at in self._from(source)
        ]
        if self._is_node(source, at_ppm=0) and not source.is_headed:
            starts.append((0, (), int(self.region.edge_tail[source.edge])))
        return starts

    def time_from_ms(self, driven: Path, node: int, target: OnRoad) -> int | None:
        """From a node, having driven these edges."""
        return self._search([(0, driven, node)], target)

    def _search(self, starts: list[tuple[int, Path, int]], target: OnRoad | None, times: dict[int, int] | None = None) -> int | None:
        best = {(driven, node): ms for ms, driven, node in sorted(starts, reverse=True)}
        queue = [(ms, False, driven, node) for ms, driven, node in starts]
        heapq.heapify(queue)
        while queue:
            ms, is_there, driven, node = heapq.heappop(queue)
            if is_there:
                return ms
            if ms > best[driven, node]:
                continue
            if times is not None:
                times.setdefault(node, ms)
            for last_ms in self._last_ms(driven, node, target) if target is not None else ():
                heapq.heappush(queue, (ms + last_ms, True, (), -1))
            for edge in self._leaving[node]:
                if self.metric.is_closed[edge] or not self.may_turn(driven, edge):
                    continue
                then = ms + int(self.metric.drive_ms[edge]) + int(self.metric.wait_ms[edge])
                onward = (self._kept((*driven, edge)), int(self.region.edge_head[edge]))
                if then < best.get(onward, 1 << 62):
                    best[onward] = then
                    heapq.heappush(queue, (then, False, *onward))
        return None

    def _kept(self, driven: Path) -> Path:
        """No restriction looks back over an edge that none mentions."""
        first = next((row + 1 for row in range(len(driven) - 1, -1, -1) if driven[row] not in self._mentioned), 0)
        return driven[max(first, len(driven) - 6) :]

    def _last_ms(self, driven: Path, node: int, target: OnRoad) -> Iterator[int]:
        if self._is_node(target, at_ppm=WHOLE_PPM) and node == self.region.edge_head[target.edge]:
            yield 0
        for edge, to in self._both(target):
            if node == self.region.edge_tail[edge] and self.may_turn(driven, edge):
                yield self._part_ms(edge, 0, to)

    def readings(self, source: OnRoad, target: OnRoad, edges: Path) -> Iterator[list[Driven]]:
        """Lawful drives from source to target that a route's list of edges may stand for: it leaves out parts of no length."""
        starts = [([edge], at) for edge, at in self._from(source)]
        starts += [([], 0)] if self._is_node(source, at_ppm=0) and not source.is_headed else []
        ends = [([edge], to) for edge, to in self._both(target)]
        ends += [([], WHOLE_PPM)] if self._is_node(target, at_ppm=WHOLE_PPM) else []
        for first, at in starts:
            for last, to in ends:
                for whole in {(*first, *edges, *last), (*edges, *last), (*first, *edges), edges}:
                    drive = self._drive(whole, at, to, is_last_left=not last)
                    is_whole = list(whole[: len(first)]) == first and (not last or list(whole[-1:]) == last)
                    shown = tuple(part.edge for part in drive if part.from_ppm < part.to_ppm)
                    if is_whole and shown == edges and self._is_lawful(drive, source, target):
                        yield drive

    def _drive(self, whole: Path, at: int, to: int, *, is_last_left: bool) -> list[Driven]:
        drive = []
        for row, edge in enumerate(whole):
            is_last = row == len(whole) - 1
            start, end = at if row == 0 else 0, to if is_last else WHOLE_PPM
            is_left = not is_last or is_last_left
            drive.append(Driven(edge, start, end, self._part_ms(edge, start, end), int(self.metric.wait_ms[edge]) if is_left else 0))
        return drive

    def _is_lawful(self, drive: list[Driven], source: OnRoad, target: OnRoad) -> bool:
        edges = tuple(part.edge for part in drive)
        tail, head = self.region.edge_tail, self.region.edge_head
        turns = [(edges[:row], edges[row]) for row in range(1, len(edges))]
        is_joined = all(head[driven[-1]] == tail[edge] and self.may_turn(driven, edge) for driven, edge in turns)
        here = {edge for on in (source, target) for edge, _ in self._both(on)}
        is_open = not any(self.metric.is_closed[edge] and edge not in here for edge in edges[:1] + edges[-1:])
        is_open = is_open and not any(self.metric.is_closed[edge] for edge in edges[1:-1])
        return is_joined and is_open and all(part.from_ppm <= part.to_ppm for part in drive)

    def _part_ms(self, edge: int, at: int, to: int) -> int:
        whole_ms = int(self.metric.drive_ms[edge])
        return part_ms(whole_ms, to) - part_ms(whole_ms, at)

    def _both(self, on: OnRoad) -> list[tuple[int, int]]:
        twin = int(self.region.edge_twin[on.edge])
        return [(on.edge, on.along_ppm), *([(twin, WHOLE_PPM - on.along_ppm)] if twin >= 0 else [])]

    def _from(self, source: OnRoad) -> list[tuple[int, int]]:
        return [(source.edge, source.along_ppm)] if source.is_headed else self._both(source)

    def _is_node(self, on: OnRoad, *, at_ppm: int) -> bool:
        """A one-way street's very end is the node itself."""
        return self.region.edge_twin[on.edge] < 0 and on.along_ppm == at_ppm


def turns_of(region: Region) -> list[tuple[Path, bool]]:
    """Edges of each restriction, and whether it is an *only*."""
    turns = []
    for row in range(len(region.turn_from)):
        via = region.turn_via_edges[region.turn_via_start[row] : region.turn_via_start[row + 1]].tolist()
        turns.append(((int(region.turn_from[row]), *via, int(region.turn_to[row])), bool(region.turn_is_only[row])))
    return turns
