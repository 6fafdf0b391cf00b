"""What goes wrong, as ``lab.toml`` has it: many calls at once, stations, units and radio lost, slow and closed roads."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.formats.lab_laid import HappeningLaid, LabFile, SurgeLaid
from tocsin.lab.city.edit import place_near
from tocsin.lab.city.laid_names import MINUTE_MS, PPM, Names, moment_ms
from tocsin.lab.city.model import City, Happening, Roads, Surge
from tocsin.roads.closures import ClosedShape

Close = Callable[[City, Sequence[ClosedShape]], Roads]
"""The city's drives with these shapes closed. Raises BadInput ``lab_roads_open`` where one of them meets no street."""

FOR_GOOD_MS: Final = 1 << 52
HOUR_MS: Final = 3_600_000
MOST_AWAY_M: Final = 20_000.0
"""A surge farther from every place is not in the city."""
MOST_CLOSINGS: Final = 8
"""Tables of drives that different closures make together: each is as large as the city's own."""


def surges_of(city: City, laid: LabFile, names: Names) -> tuple[Surge, ...]:
    """Raises BadInput ``city_unknown``, ``city_off_network``."""
    kinds = [kind.name for kind in city.kinds]
    return tuple(
        Surge(
            moment_ms(one.day, one.at),
            round(one.within_min * MINUTE_MS),
            names.get(one.kind, kinds, "surge", nth, "kind"),
            one.calls,
            _around(city, one, nth, names),
        )
        for nth, one in enumerate(laid.surge)
    )


def _around(city: City, one: SurgeLaid, nth: int, names: Names) -> int:
    if one.point is None:
        return city.stations[names.get(one.station, [site.name for site in city.stations], "surge", nth, "station")].place
    place, away_m = place_near(city, *one.point)
    if away_m > MOST_AWAY_M:
        raise names.fault("city_off_network", "surge", nth, "point", field="point", name=one.point, away_km=round(away_m / 1000, 1))
    return place


def with_happenings(city: City, laid: LabFile, names: Names, close: Close | None) -> City:
    """``close`` None: the city has no streets that could be closed. Raises BadInput ``city_unknown``, ``lab_roads_none``,
    ``lab_roads_open``, ``lab_closings_many``."""
    plain = [_happening(city, one, nth, names) for nth, one in enumerate(laid.happening) if one.what != "closed_road"]
    city = city._replace(happenings=(*city.happenings, *plain))
    closed = [(nth, one) for nth, one in enumerate(laid.happening) if one.what == "closed_road"]
    if not closed:
        return city
    if close is None:
        raise names.fault("lab_roads_none", "happening", closed[0][0], "what", field="what")
    return _closed(city, closed, names, close)


def _window(one: HappeningLaid) -> tuple[int, int]:
    begins_ms = moment_ms(one.day, one.at)
    return begins_ms, FOR_GOOD_MS if one.hours is None else begins_ms + round(one.hours * HOUR_MS)


def _happening(city: City, one: HappeningLaid, nth: int, names: Names) -> Happening:
    begins_ms, until_ms = _window(one)
    match one.what:
        case "station_lost":
            subject = names.get(one.station, [site.name for site in city.stations], "happening", nth, "station")
        case "unit_lost":
            subject = names.get(one.unit, [unit.name for unit in city.units], "happening", nth, "unit")
        case "slower":
            subject = round(PPM * one.times)
        case _:
            subject = 0
    what = "radio_lost" if one.what == "closed_road" else one.what
    return Happening(what, begins_ms, until_ms, subject)


def _closed(city: City, told: Sequence[tuple[int, HappeningLaid]], names: Names, close: Close) -> City:
    """Closures that hold at the same time hold together: one set of drives for each set of them that there ever is."""
    moments = sorted({moment for _, one in told for moment in _window(one)})
    made: dict[tuple[int, ...], int] = {}
    roads, happenings = list(city.other_roads), list(city.happenings)
    for begins_ms, until_ms in pairwise(moments):
        holding = tuple(nth for nth, one in told if _window(one)[0] <= begins_ms < _window(one)[1])
        if not holding:
            continue
        if holding not in made:
            if len(made) == MOST_CLOSINGS:
                raise names.fault("lab_closings_many", "happening", holding[-1], field="happening", most=MOST_CLOSINGS)
            made[holding] = len(roads)
            roads.append(_drives(city, [(nth, one) for nth, one in told if nth in holding], names, close))
        happenings.append(Happening("other_roads", begins_ms, until_ms, made[holding]))
    return city._replace(other_roads=tuple(roads), happenings=tuple(happenings))


def _drives(city: City, told: Sequence[tuple[int, HappeningLaid]], names: Names, close: Close) -> Roads:
    try:
        return close(city, [shape for _, one in told for shape in _shapes(one)])
    except BadInput as fault:
        nth = told[-1][0]
        raise fault.at(file=names.source.file, line=names.source.line("happening", nth), field="line / points") from None


def _shapes(one: HappeningLaid) -> list[ClosedShape]:
    """As a person would have drawn them."""
    shapes = []
    if len(one.line) > 1:
        shapes.append(ClosedShape("line", tuple(LonLat(*at) for at in one.line)))
    if one.points:
        shapes.append(ClosedShape("points", tuple(LonLat(*at) for at in one.points)))
    return shapes
