"""Turn restrictions of OpenStreetMap (relations ``type=restriction``) in terms of streets between junctions."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.edge.street_lines import Cut, Ints64
from tocsin.roads.streets import Turn

_KEYS = ("restriction", "restriction:motorcar", "restriction:emergency")


@dataclass(frozen=True)
class Restriction:
    """One relation: ids of ways, and of the node or ways between them."""

    relation: int
    is_only: bool
    from_ways: tuple[int, ...]
    to_ways: tuple[int, ...]
    via_node: int | None
    via_ways: tuple[int, ...]


def read_restriction(relation: Any, dropped: Counter[str]) -> Restriction | None:
    """A restriction that binds emergency vehicles; None for any other relation. What cannot be used is counted."""
    tags = relation.tags
    if tags.get("type") != "restriction":
        return None
    kind = next((tags[key] for key in _KEYS if key in tags), None)
    if kind is None or "emergency" in tags.get("except", ""):
        dropped["turn_exempt"] += 1
        return None
    roles: dict[tuple[str, str], list[int]] = defaultdict(list)
    for member in relation.members:
        roles[member.role, member.type].append(member.ref)
    from_ways, to_ways = tuple(roles["from", "w"]), tuple(roles["to", "w"])
    via_nodes, via_ways = roles["via", "n"], tuple(roles["via", "w"])
    is_whole = from_ways and to_ways and (len(via_nodes) == 1) != bool(via_ways)
    if not is_whole or not kind.startswith(("no_", "only_")):
        dropped["turn_incomplete"] += 1
        return None
    return Restriction(relation.id, kind.startswith("only_"), from_ways, to_ways, via_nodes[0] if via_nodes else None, via_ways)


def turns_of(restrictions: Sequence[Restriction], way_of_street: Ints64, cut: Cut, dropped: Counter[str]) -> list[Turn]:
    """Restrictions as streets, in the order of relation ids. One whose ways or node are not on the network is counted."""
    if not restrictions:
        return []
    wanted = {way for one in restrictions for way in (*one.from_ways, *one.to_ways, *one.via_ways)}
    pieces: dict[int, list[int]] = defaultdict(list)
    for street, way in enumerate(way_of_street.tolist()):
        if way in wanted:
            pieces[way].append(street)
    node_of = {int(key): node for node, key in enumerate(cut.node_key.tolist())}
    turns = []
    for one in sorted(restrictions, key=lambda one: one.relation):
        pairs = [(start, end) for start in one.from_ways for end in one.to_ways]
        found = [turn for start, end in pairs if (turn := _turn(one, (pieces[start], pieces[end]), pieces, node_of, cut))]
        dropped["turn_off_network"] += not found
        turns += found
    return turns


def _turn(
    one: Restriction, ends: tuple[list[int], list[int]], pieces: dict[int, list[int]], node_of: dict[int, int], cut: Cut
) -> Turn | None:
    before, after = ends
    if one.via_node is not None:
        node = node_of.get(one.via_node)
        if node is None:
            return None
        start, end = _only_at(before, node, cut), _only_at(after, node, cut)
        return None if start is None or end is None else Turn(start, node, end, one.is_only)
    return _turn_by_ways(one, before, after, pieces, cut)


def _turn_by_ways(one: Restriction, before: list[int], after: list[int], pieces: dict[int, list[int]], cut: Cut) -> Turn | None:
    """The via ways are driven whole, from the node where the from-way meets them."""
    for node in sorted({int(end[street]) for street in before for end in (cut.tail, cut.head)}):
        path, there = _whole_ways([pieces[way] for way in one.via_ways], node, cut)
        start, end = _only_at(before, node, cut), _only_at(after, there, cut)
        if path and start is not None and end is not None:
            return Turn(start, node, end, one.is_only, tuple(path))
    return None


def _whole_ways(ways: list[list[int]], node: int, cut: Cut) -> tuple[list[int], int]:
    """Streets of the ways from one node on, each way driven from one end to the other, and the node where that leads."""
    path: list[int] = []
    for way in ways:
        if way and int(cut.tail[way[0]]) == node:
            path, node = path + way, int(cut.head[way[-1]])
        elif way and int(cut.head[way[-1]]) == node:
            path, node = path + way[::-1], int(cut.tail[way[0]])
        else:
            return [], -1
    return path, node


def _only_at(streets: list[int], node: int, cut: Cut) -> int | None:
    """The one street of a way that ends at a node; None when there is none, or when the way passes through."""
    at = [street for street in streets if node in (int(cut.tail[street]), int(cut.head[street]))]
    return at[0] if len(at) == 1 else None
