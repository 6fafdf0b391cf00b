"""Where a unit goes by a compliance table: as the live rule has it (``core/rules/moveup.py``), on the units of a run."""

from collections import Counter

from tocsin.core.engine.move_up import table_station
from tocsin.core.messages.plan import Posting
from tocsin.lab.city.model import City
from tocsin.lab.plain.unit import Unit


class Postings:
    """A city's table."""

    def __init__(self, city: City) -> None:
        stations = {site.name: nth for nth, site in enumerate(city.stations)}
        self._rows = [(row, [stations[str(name)] for name in row.stations if str(name) in stations]) for row in city.postings]
        self._needs = city.posting_needs

    def counts(self, unit: Unit) -> bool:
        """Whether the unit is one of those that the table is about."""
        return not self._needs or self._needs in unit.capabilities

    def station_for(self, unit: Unit, others: list[Unit], home: int, drives_ms: list[int], is_open: list[bool]) -> int:
        """The station where a unit that has become free, and that the table is about, should wait. ``others``: all without a job."""
        heading = {one.crew: one.heads_for for one in others if one.crew != unit.crew and self.counts(one) and is_open[one.heads_for]}
        there = Counter(heading.values())
        row = self._row(there.total() + 1)
        if row is None:
            return home
        wanted = Counter(row)
        stations = [nth for nth in dict.fromkeys((*row, home)) if is_open[nth]]
        if home not in stations:
            return home
        lacks = [there[nth] < wanted[nth] for nth in stations]
        return stations[table_station(lacks, [drives_ms[nth] for nth in stations], stations.index(home))]

    def _row(self, free: int) -> list[int] | None:
        """That with the most free units that are free."""
        held = [(row, stations) for row, stations in self._rows if row.free <= free]
        return max(held, key=_free)[1] if held else None


def _free(row: tuple[Posting, list[int]]) -> int:
    return row[0].free
