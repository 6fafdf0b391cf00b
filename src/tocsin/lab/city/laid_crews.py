"""Units as ``lab.toml`` has them: more of them, lent ones, crews that are shared, shifts and breaks."""

from collections.abc import Sequence

import msgspec

from tocsin.formats.lab_laid import Break, LabFile, Shift, UnitLaid
from tocsin.lab.city.laid_names import MINUTE_MS, Names, windows_of
from tocsin.lab.city.model import City, CrewedUnit, Window


def crewed(city: City, laid: LabFile, names: Names) -> tuple[CrewedUnit, ...]:
    """Raises BadInput ``city_unknown``, ``city_station_closed``, ``lab_lacks``."""
    return _Crews(city, laid, names).units()


class _Crews:
    def __init__(self, city: City, laid: LabFile, names: Names) -> None:
        self._laid, self._names = laid, names
        self._stations = city.stations
        self._units: dict[str, CrewedUnit] = {unit.name: unit for unit in city.units}
        self._first_kind = city.units[0].kind if city.units else "ambulance"

    def units(self) -> tuple[CrewedUnit, ...]:
        for nth, one in enumerate(self._laid.unit):
            self._units[one.name] = self._with(one, nth)
        for nth, aid in enumerate(self._laid.mutual_aid):
            offset_ms, cost_ms = round(1000 * aid.offset_s), round(1000 * aid.cost_s)
            self._change(aid.units, "mutual_aid", nth, is_outside=True, offset_ms=offset_ms, cost_ms=cost_ms)
        self._windows("shift", self._laid.shift, "shifts")
        self._windows("break", self._laid.rest, "breaks")
        for nth, pause in enumerate(self._laid.rest):
            self._change(pause.units, "break", nth, break_ms=pause.minutes * MINUTE_MS)
        return tuple(self._units.values())

    def _with(self, one: UnitLaid, nth: int) -> CrewedUnit:
        known = self._units.get(one.name)
        if known is None and not one.station:
            raise self._names.fault("lab_lacks", "unit", nth, field="station", what=one.name)
        station = self._station(one.station, nth) if one.station else None
        like = known or CrewedUnit(one.name, station or 0, self._first_kind)
        return msgspec.structs.replace(
            like,
            station=like.station if station is None else station,
            kind=one.kind or like.kind,
            capabilities=like.capabilities if one.capabilities is None else one.capabilities,
            crew=like.crew if one.crew is None else one.crew,
        )

    def _station(self, name: str, nth: int) -> int:
        index = self._names.get(name, [one.name for one in self._stations], "unit", nth, "station")
        if not self._stations[index].is_open:
            raise self._names.fault("city_station_closed", "unit", nth, "station", field="station", name=name)
        return index

    def _change(self, units: Sequence[str], table: str, nth: int, **changes: object) -> None:
        for name in units:
            self._names.get(name, list(self._units), table, nth, "units")
            self._units[name] = msgspec.structs.replace(self._units[name], **changes)

    def _windows(self, table: str, told: Sequence[Shift | Break], field: str) -> None:
        """What the text says of a unit's hours stands in the place of what was said before."""
        hours: dict[str, list[Window]] = {}
        for nth, one in enumerate(told):
            for name in one.units:
                self._names.get(name, list(self._units), table, nth, "units")
                hours.setdefault(name, []).extend(windows_of(one))
        for name, windows in hours.items():
            self._units[name] = msgspec.structs.replace(self._units[name], **{field: tuple(windows)})
