"""An independent answer to compare the router with: a plain Dijkstra on a graph in which source and target are nodes of their own."""

import heapq
from collections import defaultdict
from itertools import pairwise

from tocsin.roads.position import WHOLE_PPM, OnRoad, part_ms
from tocsin.roads.region import Region

Graph = dict[object, list[tuple[object, int]]]


def _both_ways(region: Region, on: OnRoad) -> list[tuple[int, int]]:
    twin = int(region.edge_twin[on.edge])
    return [(on.edge, on.along_ppm), *([(twin, WHOLE_PPM - on.along_ppm)] if twin >= 0 else [])]


def with_points(region: Region, points: dict[str, OnRoad]) -> Graph:
    """Every edge cut at the points that lie on it; a point at the very end of an edge is that node."""
    cuts: dict[int, list[tuple[int, str]]] = defaultdict(list)
    graph: Graph = defaultdict(list)
    for name, on in points.items():
        for edge, at in _both_ways(region, on):
            cuts[edge].append((at, name))
        ends = {0: region.edge_tail, WHOLE_PPM: region.edge_head}
        if on.along_ppm in ends:
            node = int(ends[on.along_ppm][on.edge])
            graph[node].append((name, 0))
            graph[name].append((node, 0))
    for edge in range(region.edges):
        whole = int(region.edge_ms[edge])
        stops: list[tuple[int, object]] = [(0, int(region.edge_tail[edge])), *sorted(cuts[edge]), (WHOLE_PPM, int(region.edge_head[edge]))]
        for (at, node), (onward_at, onward) in pairwise(stops):
            ms = part_ms(whole, onward_at) - part_ms(whole, at)
            graph[node].append((onward, ms))
            if at == onward_at:  # two points at one place of one edge
                graph[onward].append((node, 0))
    return graph


def time_ms(graph: Graph, source: object, target: object) -> int | None:
    """Least sum of milliseconds; None where there is no way."""
    best = {source: 0}
    queue = [(0, 0, source)]
    pushed = 0
    while queue:
        ms, _, node = heapq.heappop(queue)
        if node == target:
            return ms
        if ms > best[node]:
            continue
        for onward, step in graph.get(node, []):
            if ms + step < best.get(onward, 1 << 62):
                best[onward] = ms + step
                pushed += 1
                heapq.heappush(queue, (ms + step, pushed, onward))
    return None
