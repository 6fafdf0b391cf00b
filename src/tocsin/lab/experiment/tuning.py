"""Settings of move-ups that a city can stand: no area much worse than under the base, no more driving than it wants to pay for.

Two knobs. A price for longer drives is found by halving. Then areas that lose are given more weight in the cover, those that gain much a
little less, round after round, until nobody loses more than the guard allows. What is found is judged on other calls than it was found on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tocsin.core.engine.move_up import MoveUpRule, rule_of
from tocsin.lab.city.cover import EVEN_PERMILLE, Covering, models_of, with_areas
from tocsin.lab.experiment.executor import Executor
from tocsin.lab.experiment.experiment import Experiment, gather
from tocsin.lab.experiment.figures import Row
from tocsin.lab.experiment.intervals import difference, paired
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.experiment.summary import middle, return_min_per_call
from tocsin.views.experiment_answer import Difference
from tocsin.views.tuning_answer import Try, Verdict

TUNED = "tuned"
OTHER_SEED = 1_000_000
"""Added to the seed for the calls that are tuned on: those that judge are fresh."""
DEAREST_PPB_PER_S = 400_000
HALVINGS = 7
ROUNDS = 24
AIM = 0.3
"""Share of the guard that is aimed at: what holds by a hair here would not hold elsewhere."""
PPM_PER_MIN = 60 / 1000
"""One part per billion and second, in parts per million and minute."""


class Limits(NamedTuple):
    """What is not to be exceeded; None = no limit."""

    guard_points: float | None
    driving_cap: float | None
    """0.25 = a quarter more return driving than under the base."""


class Setting(NamedTuple):
    """One position of the knobs."""

    price_ppb_per_s: int
    area_permille: tuple[int, ...]
    """By area of the city."""

    @property
    def price_ppm_per_min(self) -> int:
        """As a response plan states it."""
        return round(self.price_ppb_per_s * PPM_PER_MIN)

    def rule(self, usual: MoveUpRule) -> MoveUpRule:
        """For the engines, as they will read it in the plan; what is not tuned stays as usual."""
        return usual._replace(price_ppb_per_s=rule_of(0, self.price_ppm_per_min).price_ppb_per_s)

    def by_area(self, areas: Sequence[str]) -> dict[str, int]:
        """As a response plan states it: those that do not count as they are."""
        return {area: weight for area, weight in zip(areas, self.area_permille, strict=True) if weight != EVEN_PERMILLE}


class Tuned(NamedTuple):
    """The best setting, and everything that was tried."""

    setting: Setting
    holds: bool
    tries: tuple[Try, ...]
    is_stopped: bool = False
    """By a person, before everything was tried."""


class _Seen(NamedTuple):
    """What one setting did, against the base on the same calls."""

    setting: Setting
    told: Try
    areas: tuple[float, ...]
    """Rise of the late share by area, percentage points."""


class Tuner:
    """One city, one base, one policy to be tuned."""

    def __init__(self, experiment: Experiment, ground: Ground, executor: Executor, limits: Limits) -> None:
        """``experiment``: two arms, the base and the policy; its seed is that of the judging calls."""
        self._experiment = experiment._replace(seed=experiment.seed + OTHER_SEED)
        self._ground, self._executor, self._limits = ground, executor, limits
        self._city = ground.cities[experiment.arms[0].city]
        self._models = models_of(ground.covers[self._city.digest])
        self._usual = experiment.arms[1].rule
        self._base: Sequence[Row] = ()

    def tune(self, heard: Callable[[int, int], None]) -> Tuned:
        """``heard``: settings tried, of at most how many. Where a person stops it the best so far, or KeyboardInterrupt before any."""
        self._base = self._rows(self._experiment.arms[0], {})
        seen: list[_Seen] = []
        is_stopped = False
        try:
            for one in self._try_all():
                seen.append(one)
                heard(len(seen), HALVINGS + ROUNDS + 1)
        except KeyboardInterrupt:
            if not seen:
                raise
            is_stopped = True
        best = min(seen, key=lambda one: (self._excess(one.told), -one.told.gain_points))
        return Tuned(best.setting, best.told.holds, tuple(one.told for one in seen), is_stopped)

    def _try_all(self) -> Iterator[_Seen]:
        even = (EVEN_PERMILLE,) * len(self._city.areas)
        usual_ppb_per_s = self._usual.price_ppb_per_s
        found = self._see(Setting(usual_ppb_per_s, even))
        yield found
        if self._is_too_far(found):
            cheap, dear = usual_ppb_per_s, max(DEAREST_PPB_PER_S, 2 * usual_ppb_per_s)
            for _ in range(HALVINGS):
                price = (cheap + dear) // 2
                one = self._see(Setting(price, even))
                yield one
                if self._is_too_far(one):
                    cheap = price
                else:
                    dear, found = price, one
        if self._limits.guard_points is not None:
            yield from self._lift_the_losing(found)

    def _lift_the_losing(self, found: _Seen) -> Iterator[_Seen]:
        guard = self._limits.guard_points or 0.0
        for _ in range(ROUNDS):
            permille = [_lifted(weight, change, guard) for weight, change in zip(found.setting.area_permille, found.areas, strict=True)]
            price = found.setting.price_ppb_per_s
            following = Setting(price * 23 // 20 + 1_000 if self._is_too_far(found) else price, tuple(permille))
            if following == found.setting:
                return
            found = self._see(following)
            yield found

    def _is_too_far(self, one: _Seen) -> bool:
        cap = self._limits.driving_cap
        return cap is not None and one.told.driving_more > cap

    def _excess(self, told: Try) -> float:
        """How far the limits are exceeded: 0 where they hold, each in shares of itself."""
        guard, cap = self._limits
        by_area = max(0.0, told.worst_points - guard) / max(guard, 0.1) if guard is not None else 0.0
        by_driving = max(0.0, told.driving_more - cap) / max(cap, 0.01) if cap is not None else 0.0
        return by_area + by_driving

    def _see(self, setting: Setting) -> _Seen:
        arm = self._experiment.arms[1]._replace(name=TUNED, rule=setting.rule(self._usual), cover=TUNED)
        rows = self._rows(arm, {TUNED: with_areas(self._models, setting.by_area(self._city.areas))})
        areas = tuple(
            100 * _change([row.areas[nth].late_share for row in self._base], [row.areas[nth].late_share for row in rows])
            for nth in range(len(self._city.areas))
        )
        gain = -100 * _change([row.high.late_share for row in self._base], [row.high.late_share for row in rows])
        before, after = middle(self._base, return_min_per_call) or 0.0, middle(rows, return_min_per_call) or 0.0
        told = Try(setting.price_ppm_per_min, gain, max(areas, default=0.0), after / before - 1 if before else 0.0, holds=True)
        return _Seen(setting, msgspec.structs.replace(told, holds=self._excess(told) == 0), areas)

    def _rows(self, arm: Arm, covers: Mapping[str, Covering]) -> Sequence[Row]:
        ground = self._ground._replace(covers={**self._ground.covers, **covers})
        rows = gather(self._experiment._replace(arms=(arm,)), ground, self._executor, lambda _done, _of: None)
        if rows.partial is not None and rows.partial.code == "cancelled":
            raise KeyboardInterrupt
        return rows.by_arm[0]


def kept_of(
    base: Sequence[float | None], untuned: Sequence[float | None], tuned: Sequence[float | None]
) -> tuple[Verdict, Difference | None]:
    """How much of the untuned gain in lateness stays, pair by pair; the ``relative`` of what is returned is what is lost of it.

    Only where both gains are shown: a share of a gain that may be none says nothing.
    """
    plain, own = paired(base, untuned), paired(base, tuned)
    if plain is None or own is None:
        return ("no_gain" if base else "not_judged"), None
    if plain.half_width is None:
        return "not_settled", None
    if not plain.is_shown or plain.mean > 0:
        return "no_gain", None
    if not own.is_shown or own.mean > 0:
        return "not_settled", None
    return "kept", difference(*([first - then for first, then in _both(base, after)] for after in (untuned, tuned)))


def _both(base: Sequence[float | None], other: Sequence[float | None]) -> Iterator[tuple[float, float]]:
    return ((first, then) for first, then in zip(base, other, strict=True) if first is not None and then is not None)


def _lifted(permille: int, change: float, guard: float) -> int:
    """More weight for an area that loses, by how much it does; a little less for one that gains much."""
    over = change - AIM * guard
    if over > 0:
        return round(permille * (1 + min(0.5, 0.05 * over)))
    return round(permille * (1 - min(0.1, 0.004 * (-change - 3)))) if change < -3 else permille


def _change(base: Sequence[float | None], other: Sequence[float | None]) -> float:
    """Mean difference of the pairs that there are."""
    pairs = [after - before for before, after in _both(base, other)]
    return sum(pairs) / len(pairs) if pairs else 0.0
