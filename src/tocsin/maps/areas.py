"""What a map shows beside streets, as a reader found it: water, green, buildings, railways, names of places, points of the service.

``edge/osm_areas.py`` hands it over, ``ground.py`` draws from it. A region made from tables or GeoJSON simply has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Rows = NDArray[np.int64]

LAYER_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("sea", "water", "river", "stream", "canal"), "water"),
        **dict.fromkeys(("wood", "grass", "park", "wetland"), "green"),
        "building": "buildings",
        **dict.fromkeys(("rail", "tram"), "railways"),
        **dict.fromkeys(("city", "town", "village", "suburb", "hamlet", "locality"), "places"),
        **dict.fromkeys(("fire_station", "ambulance_station", "police", "hospital", "helipad"), "points"),
    }
)
"""Kind of a thing → layer of the map that shows it."""

KINDS: Final = tuple(LAYER_OF)
"""``Shapes.kind`` counts into this list."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """Points, lines or outlines; one row of ``kind`` and ``name`` each.

    A thing ``i`` has the points ``start[i]`` to ``start[i + 1]``; of outlines those are rings (outer first), and a ring ``r`` has the
    points ``ring_start[r]`` to ``ring_start[r + 1]``, the last equal to the first.
    """

    kind: NDArray[np.uint8]
    name: Ints
    """Row of ``Areas.names``; -1 = none."""
    start: Rows
    lon_e7: Ints
    lat_e7: Ints
    ring_start: Rows | None = None
    """Of outlines only."""

    def __len__(self) -> int:
        return len(self.kind)


def no_shapes(*, has_rings: bool = False) -> Shapes:
    """None of them."""
    none, first = np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64)
    return Shapes(np.zeros(0, dtype=np.uint8), none, first, none, none, first if has_rings else None)


@dataclass(frozen=True, eq=False)
class Areas:
    """All of them, in an order that depends on the source's content only."""

    outlines: Shapes = field(default_factory=lambda: no_shapes(has_rings=True))
    lines: Shapes = field(default_factory=no_shapes)
    points: Shapes = field(default_factory=no_shapes)
    names: Sequence[str] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Reason → how many things were left out."""


NO_AREAS: Final = Areas()
"""Of a region whose source holds streets alone."""
