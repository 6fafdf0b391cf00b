"""Whom to send, by the policy that live decides with. Knows what a dispatcher could know: means, not draws."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, distance_m
from tocsin.base.identifiers import IncidentId
from tocsin.base.quantities import Millis
from tocsin.core.engine.policies import POLICIES, ROAD_TIME, Policy, Weight, weigh
from tocsin.core.engine.recommend import Contender, recommend
from tocsin.core.messages.facts import UnitRoad
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City
from tocsin.lab.plain.drives import PPM, Drives
from tocsin.lab.plain.fleet import Fleet
from tocsin.lab.plain.unit import FOREVER_MS, Unit

ROAD_TIMES = POLICIES[ROAD_TIME].travel_ms
"""What every policy by road measures with: the road time as it is."""


class Wanted(NamedTuple):
    """One call as the dispatcher sees it at one moment."""

    place: int
    told: int
    left_ms: int
    """What is left until it is late."""
    may_divert: bool


class Dispatcher:
    """Chooses units for calls."""

    def __init__(self, city: City, calls: Calls, policy: Policy, fleet: Fleet, drives: Drives) -> None:
        self.policy, self.fleet, self.drives = policy, fleet, drives
        self.is_urgent = [one.is_urgent for one in city.priorities]
        self.target_ms = [one.target_ms for one in city.priorities]
        self._told: list[int] = calls.told_priority.tolist()
        self._lon_lat = [LonLat(float(lon), float(lat)) for lon, lat in zip(city.place_lon, city.place_lat, strict=True)]
        self._is_by_road = policy.is_by_road and policy.travel_ms is ROAD_TIMES
        self._weighs = [fleet.cover is not None and self._weighs_cover(one.is_urgent) for one in city.priorities]
        self.rules = [{one.lower: one for one in city.diverts if one.higher == told < one.lower} for told in range(len(city.priorities))]
        """By told priority: from which others a unit may be taken, and when."""

    def _weighs_cover(self, is_urgent: bool) -> bool:
        try:
            return self.policy.weighs_cover(is_urgent=is_urgent)
        except Exception as raised:  # somebody else's policy: whatever it raises is told with its name
            raise policy_failed(self.policy, 0, raised) from raised

    # ---- one unit of any kind ----------------------------------------------------------------------------------------------------

    def choose(self, call: Wanted, now_ms: int) -> Unit | None:
        """The unit of least weight; None when there is none that can get there."""
        fleet, is_urgent = self.fleet, self.is_urgent[call.told]
        to_ms = self.drives.way(call.place, now_ms, is_lights=is_urgent).ms
        ppm = self.drives.ppm_at(now_ms)
        candidates = fleet.free + fleet.resting if fleet.resting and is_urgent else fleet.free
        if self._is_by_road and not self._weighs[call.told]:
            best, weight = self._nearest(candidates, to_ms, ppm, now_ms), None
        else:
            best, weight = self._least(candidates, call, to_ms, ppm, now_ms)
        if call.may_divert and self.rules[call.told] and fleet.on_way:
            return self._or_diverted(best, weight, call, now_ms)
        return best

    def _nearest(self, candidates: Iterable[Unit], to_ms: Sequence[int], ppm: int, now_ms: int) -> Unit | None:
        """Soonest there. Where no cover is weighed this is the unit of least weight: being late grows with the time."""
        best, best_ms, is_radio_lost = None, FOREVER_MS, self.fleet.is_radio_lost
        for unit in candidates:
            if unit.until_ms <= now_ms:
                ms, before_ms = to_ms[unit.place], unit.at_station_ms
            else:
                ms, before_ms = to_ms[unit.at if is_radio_lost else unit.place_at(now_ms)], unit.on_road_ms
            if ms < 0:
                continue
            ms = before_ms + unit.cost_ms + (ms if ppm == PPM else ms * ppm // PPM)
            if ms < best_ms or (ms == best_ms and best is not None and unit.index < best.index):
                best, best_ms = unit, ms
        return best

    def _least(
        self, candidates: Iterable[Unit], call: Wanted, to_ms: Sequence[int], ppm: int, now_ms: int
    ) -> tuple[Unit | None, Weight | None]:
        best, best_weight, weighs = None, None, self._weighs[call.told]
        for unit in candidates:
            eta_ms = self._eta_ms(unit, call.place, to_ms, ppm, now_ms)
            if eta_ms is None:
                continue
            weight = weigh(eta_ms, self.fleet.loss_ppb(unit), call.left_ms, weighs_cover=weighs)
            if unit.cost_ms:  # counts as farther, not as later
                weight = weight._replace(travel_ms=weight.travel_ms + unit.cost_ms)
            if best is None or best_weight is None or (weight, unit.index) < (best_weight, best.index):
                best, best_weight = unit, weight
        return best, best_weight

    def _eta_ms(self, unit: Unit, place: int, to_ms: Sequence[int], ppm: int, now_ms: int) -> int | None:
        """Mean turnout, what an agreement adds, and the way as the policy measures it."""
        is_at_station = self.fleet.is_at_station(unit, now_ms)
        at = self.fleet.seen_at(unit, now_ms)
        before_ms = unit.at_station_ms if is_at_station else unit.on_road_ms
        if to_ms[at] < 0:
            return None  # however a policy measures: nobody is sent where there is no way
        road_ms = to_ms[at] * ppm // PPM
        if self._is_by_road:
            return before_ms + road_ms
        start, end = self._lon_lat[at], self._lon_lat[place]
        straight_m = distance_m(start=start, end=end)
        road = UnitRoad("station" if is_at_station else "on_route", start, Millis(0), Millis(road_ms), straight_m)
        try:
            travel_ms = self.policy.travel_ms(road)
        except Exception as raised:  # as above
            raise policy_failed(self.policy, now_ms, raised) from raised
        return None if travel_ms is None else before_ms + travel_ms

    def _or_diverted(self, best: Unit | None, weight: Weight | None, call: Wanted, now_ms: int) -> Unit | None:
        """That unit, or one on its way to something less urgent: as the live engine weighs it (``core/engine/recommend.py``).

        In time comes before the gain, which counts as so much more travel; cover is not spared by diverting.
        """
        to_ms = self.drives.way(call.place, now_ms, is_lights=self.is_urgent[call.told]).ms
        ppm, weighs = self.drives.ppm_at(now_ms), self._weighs[call.told]
        if best is not None and weight is None:
            weight = self._weight(self._eta_ms(best, call.place, to_ms, ppm, now_ms) or 0, call, best.cost_ms)
        spared_ppb = self.fleet.loss_ppb(best) if best is not None and weighs else 0
        for unit in self.fleet.on_way:
            rule = self.rules[call.told].get(self._told[unit.call])
            if rule is None or self.onward_ms(unit, ppm, now_ms) < rule.not_within_ms:
                continue
            eta_ms = self._eta_ms(unit, call.place, to_ms, ppm, now_ms)
            if eta_ms is None:
                continue
            heavy = self._weight(eta_ms, call, unit.cost_ms + rule.least_gain_ms, spared_ppb)
            if best is None or weight is None or (heavy, unit.index) < (weight, best.index):
                best, weight = unit, heavy
        return best

    def _weight(self, eta_ms: int, call: Wanted, extra_ms: int, loss_ppb: int = 0) -> Weight:
        """``extra_ms`` makes it count as farther, not as later."""
        is_late, loss, travel_ms = weigh(eta_ms, loss_ppb, call.left_ms, weighs_cover=self._weighs[call.told])
        return Weight(is_late, loss, travel_ms + extra_ms)

    def onward_ms(self, unit: Unit, ppm: int, now_ms: int) -> int:
        """The drive that is left to the call it is on, as the dispatcher reckons it."""
        if unit.way is None:
            return 0
        return unit.way.ms[self.fleet.seen_at(unit, now_ms)] * ppm // PPM

    # ---- several units with skills -----------------------------------------------------------------------------------------------

    def fill(self, slots: tuple[Slot, ...], call: Wanted, now_ms: int) -> tuple[list[Unit], int]:
        """Units for these slots, as the live engine fills them, and how many required ones stay empty."""
        is_urgent, ppm = self.is_urgent[call.told], self.drives.ppm_at(now_ms)
        to_ms = self.drives.way(call.place, now_ms, is_lights=is_urgent).ms
        contenders = []
        for unit in (*self.fleet.free, *(self.fleet.resting if is_urgent else ())):
            eta_ms = self._eta_ms(unit, call.place, to_ms, ppm, now_ms)
            contenders.append(self._contender(unit, eta_ms, unit.cost_ms, is_diverted=False))
        for unit in self.fleet.on_way if call.may_divert else ():
            rule = self.rules[call.told].get(self._told[unit.call])
            if rule is not None and self.onward_ms(unit, ppm, now_ms) >= rule.not_within_ms:
                eta_ms = self._eta_ms(unit, call.place, to_ms, ppm, now_ms)
                contenders.append(self._contender(unit, eta_ms, unit.cost_ms + rule.least_gain_ms, is_diverted=True))
        ranking = recommend(slots, contenders, target_ms=Millis(call.left_ms))
        names = dict.fromkeys(pick.unit for pick in ranking.picks)
        return [self.fleet.units[int(name)] for name in names], sum(short.is_required for short in ranking.shortfalls)

    def _contender(self, unit: Unit, eta_ms: int | None, handicap_ms: int, *, is_diverted: bool) -> Contender:
        return Contender(
            unit.name,
            unit.crew,
            unit.capabilities,
            "divertible" if is_diverted else "free",
            None if eta_ms is None else Millis(eta_ms),
            None,
            handicap_ms=Millis(handicap_ms),
            diverted_from=IncidentId(str(unit.call)) if is_diverted else None,
        )


def policy_failed(policy: Policy, at_ms: int, raised: Exception) -> BadInput:
    """Told with the policy's name and the moment of the run."""
    return BadInput("policy_failed", field="policy", policy=policy.name, at_ms=at_ms, why=f"{type(raised).__name__}: {raised}")
