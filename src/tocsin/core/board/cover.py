"""Cover as the board stands: which free crew counts where, and what the adopted models make of it. ``counting.py`` says who counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from tocsin.base.identifiers import CrewId, StationId
from tocsin.core.engine.cover import Cover
from tocsin.core.messages.cover import CoverModel

Counting = tuple[frozenset[str], StationId]
"""What a unit can do, and the station at which it counts."""


class CoverState:
    """The adopted models with who counts where. Only the fold calls ``follow``."""

    def __init__(self, models: Sequence[CoverModel], version: str) -> None:
        self.models, self.version = tuple(models), version
        self.covers = [Cover(model) for model in models]
        self._index = [{station: nth for nth, station in enumerate(model.stations)} for model in models]
        self._at: list[dict[CrewId, int]] = [{} for _ in models]

    def follow(self, crew: CrewId, counting: Sequence[Counting]) -> None:
        """The crew's units that count now. It counts once in each model: as the first of them that is able and waits at a station of it."""
        for model, cover, index, at in zip(self.models, self.covers, self._index, self._at, strict=True):
            able = (index.get(station) for can, station in counting if not model.needs or model.needs in can)
            now = next((station for station in able if station is not None), None)
            before = at.get(crew)
            if now == before:
                continue
            if before is not None:
                cover.take(before)
                del at[crew]
            if now is not None:
                cover.put(now)
                at[crew] = now

    def loss_ppb(self, crew: CrewId) -> int:
        """What is lost if this crew goes: added up over the models in which it counts; 0 where it counts in none."""
        return sum(cover.loss_ppb[at[crew]] for cover, at in zip(self.covers, self._at, strict=True) if crew in at)

    def losses_ppb(self) -> dict[CrewId, int]:
        """The same for every crew that counts anywhere."""
        losses: dict[CrewId, int] = {}
        for cover, at in zip(self.covers, self._at, strict=True):
            of = cover.loss_ppb
            for crew, station in at.items():
                losses[crew] = losses.get(crew, 0) + of[station]
        return losses

    def lost_by_area(self, crews: Iterable[CrewId]) -> dict[str, int]:
        """What is lost if all of these go, by area."""
        gone, lost = list(crews), Counter[str]()
        for cover, at in zip(self.covers, self._at, strict=True):
            if stations := [at[crew] for crew in gone if crew in at]:
                lost.update(cover.lost_by_area(stations))
        return dict(sorted(lost.items()))

    def without(self, crew: CrewId) -> "CoverState":
        """As it would be if this crew counted nowhere; for questions, never folded into."""
        twin = object.__new__(CoverState)
        twin.models, twin.version, twin._index = self.models, self.version, self._index
        twin.covers, twin._at = list(self.covers), list(self._at)
        for nth, at in enumerate(self._at):
            if crew in at:
                twin.covers[nth] = self.covers[nth].copy()
                twin.covers[nth].take(at[crew])
                twin._at[nth] = {name: station for name, station in at.items() if name != crew}
        return twin

    def gains_ppb(self, capabilities: frozenset[str]) -> dict[StationId, int]:
        """What one more crew that can do this would add, by station, over the models in which it would count; in the models' order."""
        gains: dict[StationId, int] = {}
        for model, cover in zip(self.models, self.covers, strict=True):
            if not model.needs or model.needs in capabilities:
                for station, gain_ppb in zip(model.stations, cover.gain_ppb, strict=True):
                    gains[station] = gains.get(station, 0) + gain_ppb
        return gains

    def stations_for(self, capabilities: frozenset[str]) -> list[StationId]:
        """Those at which a crew that can do this would count, in the models' order."""
        able = (model.stations for model in self.models if not model.needs or model.needs in capabilities)
        return list(dict.fromkeys(chain.from_iterable(able)))

    def gained_by_area(self, capabilities: frozenset[str], station: StationId) -> dict[str, int]:
        """What one more crew that can do this would add at a station, by area."""
        gained = Counter[str]()
        for model, cover, index in zip(self.models, self.covers, self._index, strict=True):
            if (not model.needs or model.needs in capabilities) and station in index:
                gained.update(cover.gained_by_area(index[station]))
        return dict(gained)
