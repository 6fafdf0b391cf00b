"""Whom to send, by the policy that live decides with. Knows what a dispatcher could know: means, not draws."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import IncidentId
from tocsin.base.quantities import Metres, Millis
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


class Dispatcher:
    """Chooses units for calls."""

    def __init__(self, city: City, calls: Calls, policy: Policy, fleet: Fleet, drives: Drives) -> None:
        self.policy, self.fleet, self.drives = policy, fleet, drives
        self._is_urgent = [one.is_urgent for one in city.priorities]
        self.ways = [drives.lights_way if one.is_urgent else drives.normal_way for one in city.priorities]
        """By told priority: how whoever is sent drives, from (place, when it sets out)."""
        self._target_ms = [one.target_ms for one in city.priorities]
        self._told: list[int] = calls.told_priority.tolist()
        self._place: list[int] = calls.place.tolist()
        self._at_ms: list[int] = calls.at_ms.tolist()
        self._lon_lat = [LonLat(float(lon), float(lat)) for lon, lat in zip(city.place_lon, city.place_lat, strict=True)]
        self._is_by_road = policy.is_by_road and policy.travel_ms is ROAD_TIMES
        self._weighs = [fleet.cover is not None and self._weighs_cover(one.is_urgent) for one in city.priorities]
        is_road_alone = self._is_by_road and not any(unit.cost_ms for unit in fleet.units)
        self._is_nearest = [is_road_alone and not weighs for weighs in self._weighs]
        """By told priority: whether the nearest is the one of least weight."""
        self.rules = [{one.lower: one for one in city.diverts if one.higher == told < one.lower} for told in range(len(city.priorities))]
        """By told priority: from which others a unit may be taken, and when."""

    def _weighs_cover(self, is_urgent: bool) -> bool:
        try:
            return self.policy.weighs_cover(is_urgent=is_urgent)
        except Exception as raised:  # somebody else's policy: whatever it raises is told with its name
            raise policy_failed(self.policy, 0, raised) from raised

    # ---- one unit of any kind ----------------------------------------------------------------------------------------------------

    def wanted(self, call: int, now_ms: int) -> Wanted:
        """The call as it is at this moment."""
        told = self._told[call]
        return Wanted(self._place[call], told, self._target_ms[told] - now_ms + self._at_ms[call])

    def choose(self, call: int, now_ms: int) -> Unit | None:
        """The unit of least weight among those without a job; None when there is none that can get there."""
        fleet, told = self.fleet, self._told[call]
        to_ms = self.ways[told](self._place[call], now_ms).ms
        ppm = PPM if self.drives.is_steady else self.drives.ppm_at(now_ms)
        candidates = fleet.free + fleet.resting if fleet.resting and self._is_urgent[told] else fleet.free
        if self._is_nearest[told]:
            return self._nearest(candidates, to_ms, ppm, now_ms)
        return self._least(candidates, self.wanted(call, now_ms), to_ms, ppm, now_ms)

    def choose_or_divert(self, call: int, now_ms: int) -> Unit | None:
        """The same among all that may be sent, those on their way to something less urgent too."""
        best, told = self.choose(call, now_ms), self._told[call]
        if not self.fleet.on_way or not self.rules[told]:
            return best
        to_ms = self.ways[told](self._place[call], now_ms).ms
        ppm = PPM if self.drives.is_steady else self.drives.ppm_at(now_ms)
        return self._or_diverted(best, self.wanted(call, now_ms), to_ms, ppm, now_ms)

    def _nearest(self, candidates: Iterable[Unit], to_ms: Sequence[int], ppm: int, now_ms: int) -> Unit | None:
        """Soonest there. Where nothing else is weighed this is the unit of least weight: being late grows with the time."""
        best, best_ms, is_radio_lost = None, FOREVER_MS, self.fleet.is_radio_lost
        for unit in candidates:
            if unit.until_ms <= now_ms:  # at its station
                ms, before_ms = to_ms[unit.place], unit.at_station_ms
            else:
                ms, before_ms = to_ms[unit.at if is_radio_lost else unit.place_at(now_ms)], unit.on_road_ms
            if ms < 0:
                continue
            ms = before_ms + ms if ppm == PPM else before_ms + ms * ppm // PPM
            if ms > best_ms:
                continue
            if ms < best_ms or (best is not None and unit.index < best.index):
                best, best_ms = unit, ms
        return best

    def _least(self, candidates: Iterable[Unit], call: Wanted, to_ms: Sequence[int], ppm: int, now_ms: int) -> Unit | None:
        """Of least weight; of equal ones the lower index."""
        best, best_weight = None, None
        for unit in candidates:
            weight = self._weight(unit, call, to_ms, ppm, now_ms)
            if weight is None:
                continue
            if best is None or best_weight is None or (weight, unit.index) < (best_weight, best.index):
                best, best_weight = unit, weight
        return best

    def _weight(self, unit: Unit, call: Wanted, to_ms: Sequence[int], ppm: int, now_ms: int) -> Weight | None:
        eta_ms = self._eta_ms(unit, call.place, to_ms, ppm, now_ms)
        return None if eta_ms is None else self._weigh(eta_ms, unit.cost_ms, self.fleet.loss_ppb(unit), call)

    def _weigh(self, eta_ms: int, extra_ms: int, loss_ppb: int, call: Wanted) -> Weight:
        """As the live engine does: what an agreement or a divert must win is no part of being late."""
        sure_ms = self.policy.sure_ms(call.left_ms) if self._weighs[call.told] else None
        is_late, lost_ppb, travel_ms = weigh(eta_ms, loss_ppb, call.left_ms, sure_ms=sure_ms)
        return Weight(is_late, lost_ppb, travel_ms + extra_ms)

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
        straight_m = Metres(float(round(flat_distance_m(start=start, end=end))))  # as whoever gathers facts gives it
        road = UnitRoad("station" if is_at_station else "on_route", start, Millis(0), Millis(road_ms), straight_m)
        try:
            travel_ms = self.policy.travel_ms(road)
        except Exception as raised:  # as above
            raise policy_failed(self.policy, now_ms, raised) from raised
        return None if travel_ms is None else before_ms + travel_ms

    def _or_diverted(self, best: Unit | None, call: Wanted, to_ms: Sequence[int], ppm: int, now_ms: int) -> Unit | None:
        """That unit, or one on its way to something less urgent that wins enough against it. Nobody is diverted to spare cover: it counts
        as losing what the best that need not be diverted loses."""
        weight = None if best is None else self._weight(best, call, to_ms, ppm, now_ms)
        spared_ppb = 0 if weight is None else weight.loss_ppb
        for unit in self.fleet.on_way:
            rule = self.rules[call.told].get(self._told[unit.call])
            # As the live rule has it (core/rules/recommendation.py): only what is nearer than that is left alone.
            if rule is None or self.onward_ms(unit, ppm, now_ms) < rule.not_within_ms:
                continue
            eta_ms = self._eta_ms(unit, call.place, to_ms, ppm, now_ms)
            if eta_ms is None:
                continue
            is_late, lost_ppb, travel_ms = weigh(eta_ms, spared_ppb, call.left_ms, sure_ms=call.left_ms)
            other = Weight(is_late, lost_ppb, travel_ms + unit.cost_ms + rule.least_gain_ms)
            if best is None or weight is None or (other, unit.index) < (weight, best.index):
                best, weight = unit, other
        return best

    def onward_ms(self, unit: Unit, ppm: int, now_ms: int) -> int:
        """The drive that is left to the call it is on, as the dispatcher reckons it."""
        if unit.way is None:
            return 0
        return unit.way.ms[self.fleet.seen_at(unit, now_ms)] * ppm // PPM

    # ---- several units with skills -----------------------------------------------------------------------------------------------

    def fill(self, slots: tuple[Slot, ...], asked: int, now_ms: int, *, may_divert: bool) -> tuple[list[Unit], int]:
        """Units for these slots, as the live engine fills them, and how many required ones stay empty."""
        call = self.wanted(asked, now_ms)
        is_urgent, ppm = self._is_urgent[call.told], self.drives.ppm_at(now_ms)
        to_ms = self.ways[call.told](call.place, now_ms).ms
        contenders = []
        for unit in (*self.fleet.free, *(self.fleet.resting if is_urgent else ())):
            loss_ppb = self.fleet.loss_ppb(unit) if self._weighs[call.told] else None
            free = _contender(unit, self._eta_ms(unit, call.place, to_ms, ppm, now_ms))
            contenders.append(free._replace(loss_ppb=loss_ppb))
        for unit in self.fleet.on_way if may_divert else ():
            rule = self.rules[call.told].get(self._told[unit.call])
            if rule is not None and self.onward_ms(unit, ppm, now_ms) >= rule.not_within_ms:
                diverted = _contender(unit, self._eta_ms(unit, call.place, to_ms, ppm, now_ms))
                bumped = IncidentId(str(unit.call))
                contenders.append(diverted._replace(standing="divertible", handicap_ms=Millis(rule.least_gain_ms), diverted_from=bumped))
        ranking = recommend(slots, contenders, target_ms=Millis(call.left_ms), sure_ms=self.policy.sure_ms(call.left_ms))
        names = dict.fromkeys(pick.unit for pick in ranking.picks)
        return [self.fleet.units[int(name)] for name in names], sum(short.is_required for short in ranking.shortfalls)


def _contender(unit: Unit, eta_ms: int | None) -> Contender:
    known_ms = None if eta_ms is None else Millis(eta_ms)
    return Contender(unit.name, unit.crew, unit.capabilities, "free", known_ms, None, cost_ms=Millis(unit.cost_ms))


def policy_failed(policy: Policy, at_ms: int, raised: Exception) -> BadInput:
    """Told with the policy's name and the moment of the run."""
    return BadInput("policy_failed", field="policy", policy=policy.name, at_ms=at_ms, why=f"{type(raised).__name__}: {raised}")
