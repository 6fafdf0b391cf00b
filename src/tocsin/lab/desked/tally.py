"""The outcome of a run, counted as it happens."""

import numpy as np

from tocsin.lab.city.model import City
from tocsin.lab.outcome import NOT_YET_MS, Outcome


class Tally:
    """What came of calls and units so far."""

    def __init__(self, city: City, calls: int) -> None:
        units = len(city.units)
        self.first_unit = [NOT_YET_MS] * calls
        self.on_scene_ms = [NOT_YET_MS] * calls
        self.full_ms = [NOT_YET_MS] * calls
        self.sent = [0] * calls
        self.busy_ms = [0] * units
        self.return_ms = [0] * units
        self.moves = [0] * units
        self.overrun_ms = [0] * units
        self.diverted = self.longest_queue = self.ended_ms = 0
        self.is_overloaded = False

    def outcome(self) -> Outcome:
        """As every engine gives it."""
        return Outcome(
            np.array(self.first_unit, np.int32),
            np.array(self.on_scene_ms, np.int64),
            np.array(self.full_ms, np.int64),
            np.array(self.sent, np.int32),
            np.array(self.busy_ms, np.int64),
            np.array(self.return_ms, np.int64),
            np.array(self.moves, np.int32),
            np.array(self.overrun_ms, np.int64),
            self.diverted,
            self.longest_queue,
            self.ended_ms,
            self.is_overloaded,
        )
