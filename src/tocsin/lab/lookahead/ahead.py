"""How far and how often to look ahead."""

from typing import NamedTuple


class Ahead(NamedTuple):
    """Settings of the policy ``look-ahead``, and whose dice its futures are: a stream of their own for each decision of a replication."""

    seed: int = 0
    replication: int = 0
    load: float = 1.0
    """Times as many calls as the city's tables say: what a dispatcher knows of how busy the days are."""
    candidates: int = 3
    """Stations that are tried: the best by expected cover, the unit's own among them."""
    futures: int = 400
    horizon_ms: int = 45 * 60_000
    looks: int = 4
    """Places that each future urgent call is tried at, its own among them: the same futures say more."""
    margin_percent: int = 100
    """Standard errors, in hundredths, by which another station must win against the one of most expected cover; 0 = by anything.
    On the way there, a station is given up that has not won as large a part of the margin as futures were played."""
