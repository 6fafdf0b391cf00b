"""All units of a run: who is free, who is on the way, where each counts for cover, and the drives back to stations."""

from collections.abc import Callable, Iterable

from tocsin.core.engine.cover import Cover
from tocsin.core.engine.move_up import NO_WAY_MS, MoveUpRule, best_station
from tocsin.core.engine.policies import Policy
from tocsin.lab.city.cover import Covering, models_of
from tocsin.lab.city.model import City
from tocsin.lab.plain.drives import PPM, Drives, scaled_ms
from tocsin.lab.plain.postings import Postings
from tocsin.lab.plain.unit import FOREVER_MS, NOWHERE, Unit


class Fleet:
    """The units, and what is reckoned of them while the run goes on."""

    def __init__(self, city: City, drives: Drives, policy: Policy, cover: Covering, rule: MoveUpRule) -> None:
        self.drives, self.policy, self.rule = drives, policy, rule
        models = models_of(cover)
        if any(model.stations != models[0].stations for model in models):
            raise AssertionError("all models of a city are of the same stations")
        self.covers = [Cover(model) for model in models]
        """By service."""
        self.cover = self.covers[0] if self.covers else None
        """The first of them."""
        self._is_moving_up = policy.returns in ("dmexclp", "look-ahead")
        self.advise: Callable[[Unit, list[int], int], int] | None = None
        """Gives the station, from the drives to all and the unit's own, in the place of the one where it adds most cover."""
        self._postings = Postings(city) if policy.returns == "compliance" else None
        self.units = [Unit(nth, crewed, city, [model.needs for model in models]) for nth, crewed in enumerate(city.units)]
        _acquaint(self.units)
        self.free: list[Unit] = []
        """On duty, without a job, not at rest; in no order."""
        self.resting: list[Unit] = []
        """At a meal or rest; for urgent calls only."""
        self.on_way: list[Unit] = []
        """Told, and not on scene yet."""
        self.is_radio_lost = False
        self.station_places = [station.place for station in city.stations]
        self.is_open = [station.is_open for station in city.stations]
        rank = {str(name): nth for nth, name in enumerate(models[0].stations if models else ())}
        self.station_rows = [rank.get(station.name, NOWHERE) for station in city.stations]
        """By station: its index in the models; -1 = it is not in them."""
        size = len(self.units)
        self.busy_ms, self.return_ms, self.moves, self.overrun_ms = [0] * size, [0] * size, [0] * size, [0] * size

    def seen_at(self, unit: Unit, now_ms: int) -> int:
        """Where the dispatcher takes it to be: without radio, where it was known to be last."""
        if self.is_radio_lost and unit.until_ms > now_ms:
            return unit.at
        return unit.place_at(now_ms)

    # ---- cover -------------------------------------------------------------------------------------------------------------------

    def count(self, unit: Unit, station: int) -> None:
        """From now on the unit counts there; of a crew one unit."""
        self.uncount(unit)
        self._put(unit, station, unit.services)

    def _put(self, unit: Unit, station: int, services: tuple[int, ...]) -> None:
        row = self.station_rows[station]
        if services and row >= 0:
            unit.counts_at, unit.counts_in = row, services
            for nth in services:
                self.covers[nth].put(row)

    def count_beside(self, unit: Unit) -> None:
        """The unit counts where it waits, but only as what none of its crew's other units counts as already: one job among them."""
        taken = {nth for mate in unit.mates if mate.counts_at >= 0 for nth in mate.counts_in}
        self._put(unit, unit.heads_for, tuple(nth for nth in unit.services if nth not in taken) if taken else unit.services)

    def uncount(self, unit: Unit) -> None:
        """Neither it nor another unit of its crew counts anywhere."""
        for one in (unit, *unit.mates):
            if one.counts_at >= 0:
                for nth in one.counts_in:
                    self.covers[nth].take(one.counts_at)
                one.counts_at = NOWHERE

    def loss_ppb(self, unit: Unit) -> int:
        """What is lost if it is sent, added up over the services as which its crew counts."""
        lost_ppb = 0
        for one in (unit, *unit.mates):
            if one.counts_at >= 0:
                for nth in one.counts_in:
                    lost_ppb += self.covers[nth].loss_ppb[one.counts_at]
        return lost_ppb

    # ---- having no job -----------------------------------------------------------------------------------------------------------

    def make_idle(self, unit: Unit, now_ms: int) -> None:
        """On duty at its own station, or where that is lost, at the one that stands in for it."""
        unit.heads_for = self.home_of(unit)
        unit.place = unit.at = self.station_places[unit.heads_for]
        unit.way, unit.until_ms, unit.returns_since_ms = None, now_ms, now_ms
        self.free.append(unit)
        self.count_beside(unit)

    def home_of(self, unit: Unit) -> int:
        """Its own station; where that is closed, the open one that is nearest to it."""
        if self.is_open[unit.home]:
            return unit.home
        drives = self.drives.to_stations_ms(self.station_places[unit.home], 0)
        open_ones = [(ms, nth) for nth, ms in enumerate(drives) if ms >= 0 and self.is_open[nth]]
        return min(open_ones)[1] if open_ones else unit.home

    def send_back(self, unit: Unit, now_ms: int) -> None:
        """To its station, or where the policy wants it; it counts there from now on, and may be sent from wherever it is."""
        place = unit.place_at(now_ms)
        drives, home = self.drives.to_stations_ms(place, now_ms), self.home_of(unit)
        station = home
        if self._is_moving_up and unit.is_counted and not unit.mates:
            station = self._most_useful(unit, drives, home) if self.advise is None else self.advise(unit, drives, home)
            self.moves[unit.index] += station != home
        elif self._postings is not None and not unit.is_outside and not unit.mates and self._postings.counts(unit):
            station = self._postings.station_for(unit, self.free + self.resting, home, drives, self.is_open)
            self.moves[unit.index] += station != home
        unit.heads_for, unit.returns_since_ms = station, now_ms
        if drives[station] == NO_WAY_MS:
            unit.stand(place)
        else:
            unit.hour_ppm, unit.call_ppm = PPM if self.drives.is_steady else self.drives.ppm_at(now_ms), PPM
            to, drive_ms = self.station_places[station], drives[station]
            unit.way, unit.at, unit.place = self.drives.normal_way(to, now_ms), place, to
            unit.until_ms = now_ms + (drive_ms if unit.hour_ppm == PPM else scaled_ms(drive_ms, unit.hour_ppm, PPM))
        if self.cover is not None:
            self.count(unit, station)

    def _most_useful(self, unit: Unit, drives: list[int], home: int) -> int:
        gain_ppb = self.covers[unit.services[0]].gain_ppb
        if len(unit.services) > 1:
            gain_ppb = [sum(gains) for gains in zip(*(self.covers[nth].gain_ppb for nth in unit.services), strict=True)]
        if self.station_rows == list(range(len(drives))) and all(self.is_open):
            return best_station(gain_ppb, drives, home, self.rule)
        gain_ppb = [gain_ppb[row] if row >= 0 else 0 for row in self.station_rows]
        may_go = [ms if is_open else NO_WAY_MS for ms, is_open in zip(drives, self.is_open, strict=True)]
        return best_station(gain_ppb, may_go, home, self.rule)

    def station_gains_ppb(self) -> list[int]:
        """By station: what one more unit there would add; 0 where nothing is counted."""
        if self.cover is None:
            return [0] * len(self.station_rows)
        return [self.cover.gain_ppb[row] if row >= 0 else 0 for row in self.station_rows]

    # ---- changing hands ----------------------------------------------------------------------------------------------------------

    def take(self, unit: Unit, now_ms: int) -> None:
        """Out of those without a job: it and its crew's other units are no candidates any more."""
        self._withdraw(unit)
        for mate in unit.mates:
            if mate.is_resting or mate in self.free:
                self.note_return(mate, now_ms)
                self._withdraw(mate)
        self.note_return(unit, now_ms)
        if self.cover is not None:
            self.uncount(unit)

    def _withdraw(self, unit: Unit) -> None:
        (self.resting if unit.is_resting else self.free).remove(unit)
        unit.is_resting = False
        unit.errand += 1

    def note_return(self, unit: Unit, now_ms: int) -> None:
        """Adds what it has driven without a job since it set out."""
        since_ms, until_ms = unit.returns_since_ms, unit.until_ms
        if since_ms < until_ms < FOREVER_MS:
            self.return_ms[unit.index] += (now_ms if now_ms < until_ms else until_ms) - since_ms
        unit.returns_since_ms = FOREVER_MS

    def is_at_station(self, unit: Unit, now_ms: int) -> bool:
        """Whether it turns out from a station: also one that was told there and has not rolled."""
        return unit.until_ms <= now_ms if unit.call < 0 else unit.was_at_station and now_ms < unit.rolls_ms


def _acquaint(units: Iterable[Unit]) -> None:
    """Those of one crew with each other."""
    crews: dict[str, list[Unit]] = {}
    for unit in units:
        crews.setdefault(unit.crew, []).append(unit)
    for crew in crews.values():
        for unit in crew:
            unit.mates = tuple(one for one in crew if one is not unit)
            unit.has_back = unit.has_back or bool(unit.mates)
