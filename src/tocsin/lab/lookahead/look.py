"""Where a unit that has become free should go: the stations of most expected cover, tried in the same short futures."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.core.engine.move_up import NO_WAY_MS, MoveUpRule, best_station
from tocsin.core.engine.policies import Policy
from tocsin.core.messages.cover import CoverModel
from tocsin.lab.city.model import City, Roads
from tocsin.lab.kernel import future_arrays as arrays
from tocsin.lab.kernel import futures
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.lookahead.board import Played, Snapshots
from tocsin.lab.lookahead.tables import ground_of, longs, room_for
from tocsin.lab.plain.unit import Unit

_play_all: Callable[..., None] = futures.look


class LookAhead:
    """Advises one run. Its dice are those of (seed, replication, number of the decision) and of nothing else."""

    def __init__(self, city: City, policy: Policy, model: CoverModel, rule: MoveUpRule, ahead: Ahead) -> None:
        self._city, self._policy, self._model, self._rule, self._ahead = city, policy, model, rule, ahead
        self._grounds: dict[int, arrays.Ground] = {}
        self._room = room_for(len(city.units), len(model.rows))
        self._snapshots: Snapshots | None = None
        self.decisions = self.changed = 0
        """Decisions that were looked at in futures, and those among them that another station came of than the one of most cover."""

    def __call__(self, run: Played, unit: Unit, drives_ms: Sequence[int], home: int) -> int:
        """Index of the station to go to."""
        gain_ppb = run.fleet.station_gains_ppb()
        may_go = [ms if is_open else NO_WAY_MS for ms, is_open in zip(drives_ms, run.fleet.is_open, strict=True)]
        candidates = best_stations(gain_ppb, may_go, home, self._rule, self._ahead.candidates)
        if len(candidates) < 2:
            return candidates[0]
        told = self._look(run, unit, candidates)
        self.decisions += 1
        chosen = pick(told, self._ahead.margin_percent)
        self.changed += chosen != 0
        return candidates[chosen]

    def _look(self, run: Played, unit: Unit, candidates: list[int]) -> NDArray[np.int64]:
        if self._snapshots is None:
            self._snapshots = Snapshots(run)
        self._snapshots.take(run, unit, self._room.u)
        ground = self._ground(run.drives.roads_at(run.now_ms), run.fleet.is_open)
        ground.settings[arrays.NOW_PPM] = run.drives.ppm_at(run.now_ms)
        key = decision_key(self._ahead, self.decisions)
        decision = longs((run.now_ms, key, unit.index, self._ahead.futures, self._ahead.margin_percent))
        told = np.zeros((4, len(candidates)), np.int64)
        _play_all(ground, self._room, decision, longs(candidates), told)
        return told

    def _ground(self, roads: Roads, is_open: list[bool]) -> arrays.Ground:
        ground = self._grounds.get(id(roads))
        if ground is None:
            ground = self._grounds[id(roads)] = ground_of(self._city, self._policy, self._model, self._rule, self._ahead, roads)
        ground.is_open[:] = is_open
        return ground


def best_stations(gain_ppb: Sequence[int], drive_ms: Sequence[int], own: int, rule: MoveUpRule, most: int) -> list[int]:
    """The first is ``best_station``'s answer; then the next best by the same worth. The unit's own is always among them, if open."""
    first = best_station(gain_ppb, drive_ms, own, rule)
    own_ms = drive_ms[own]

    def order(nth: int) -> tuple[int, int, int]:
        longer_ms = max(drive_ms[nth] - own_ms, 0) if own_ms >= 0 else 0
        price_ppb = rule.price_ppb_per_s * longer_ms // 1000 if nth != own else -rule.least_gain_ppb
        return price_ppb - gain_ppb[nth], drive_ms[nth], nth

    others = sorted((nth for nth, ms in enumerate(drive_ms) if ms >= 0 and nth != first), key=order)
    found = [first, *others[: most - 1]]
    if drive_ms[own] >= 0 and own not in found:
        found[max(len(found) - 1, 1) :] = [own]
    return found


def decision_key(ahead: Ahead, nth: int) -> int:
    """Of the stream of one decision's futures: 64 bits, signed."""
    told = f"{ahead.seed}/{ahead.replication}/look-ahead/{nth}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "little", signed=True)


def pick(told: NDArray[np.int64], margin_percent: int) -> int:
    """Index of the candidate with the fewest late ones, then the least mean response, if it is shown to beat the first by that margin."""
    late, response_ms, squares, played = told.tolist()
    lasted = [nth for nth in range(len(late)) if played[nth] != arrays.GIVEN_UP]
    best = min(lasted, key=lambda nth: (late[nth], response_ms[nth], nth))
    fewer = late[0] - late[best]
    variance = played[best] * squares[best] - fewer * fewer
    is_shown = fewer * fewer * played[best] * 10_000 > margin_percent * margin_percent * variance
    return best if is_shown or margin_percent == 0 else 0
