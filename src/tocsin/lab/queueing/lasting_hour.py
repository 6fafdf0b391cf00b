"""A city in which one hour goes on for ever: what the closed form speaks of, so that a simulation can be held against it."""

from msgspec.structs import replace

from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import HOURS_PER_WEEK, City
from tocsin.lab.plain.duty import is_within

HOUR_MS = 3_600_000


def lasting_hour(city: City, hour: int) -> City:
    """The calls and drives of that hour of the week, always, and the units that are on duty at its beginning, without shifts or breaks.

    What happens once (closures, surges, losses) is left out. Raises nothing: who is on duty is asked by ``hypercube_of`` before.
    """
    units = tuple(replace(unit, shifts=(), breaks=()) for unit in city.units if is_within(unit.shifts, hour * HOUR_MS))
    kinds = tuple(replace(kind, per_hour=(kind.per_hour[hour],) * HOURS_PER_WEEK) for kind in city.kinds)
    drives = (city.travel_ppm[hour],) * HOURS_PER_WEEK if city.travel_ppm else ()
    return sealed(city._replace(units=units, kinds=kinds, travel_ppm=drives, happenings=(), surges=()))
