"""The calls of one replication: everything that chance decides, drawn before any engine runs (common random numbers)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import Ints, Longs, Shorts


class Calls(NamedTuple):
    """In the order of ``at_ms``. Rows are calls; ``turnout_ms`` has a column for each entry of ``City.turnouts``."""

    at_ms: Longs
    """The call's arrival, since the run's first instant."""
    ready_ms: Longs
    """When the dispatcher may send: answered, interviewed, decided. A queue for call-takers is already in it."""
    kind: Shorts
    priority: Shorts
    """The true one: it decides what counts as late."""
    told_priority: Shorts
    """What the dispatcher is told: it decides who is sent and how they drive."""
    place: Ints
    on_scene_ms: Longs
    """(calls, most units of any kind of call)."""
    is_transport: NDArray[np.bool_]
    handover_ms: Longs
    turnout_ms: Longs
    """(calls, turnouts, 2): at the station, on the road."""
    travel_ppm: Ints
    """Factor on the drives to this call and from it to the hospital."""
    reports: Shorts
    """People who report it, 1 and more; they weigh on the call-takers only."""

    @property
    def size(self) -> int:
        """How many calls."""
        return len(self.at_ms)
