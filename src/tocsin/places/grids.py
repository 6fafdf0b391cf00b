"""A place as the grids name it, to be read back to a helicopter, a neighbour or a hiker."""

from tocsin.base.geometry import LonLat
from tocsin.places.mgrs_cell import mgrs_name
from tocsin.places.plus_code import plus_code_name
from tocsin.places.utm_zones import utm_name


def grid_names(place: LonLat) -> dict[str, str]:
    """``plus_code``, ``mgrs``, ``utm`` (not beyond 80° S and 84° N, where it ends), ``dms``; in this order. For places on the earth.

    Each is as fine as can be read aloud: 14 m, 1 m, 1 m, a tenth of a second (3 m).
    """
    names = {"plus_code": plus_code_name(place), "mgrs": mgrs_name(place)}
    utm = utm_name(place)
    if utm is not None:
        names["utm"] = utm
    names["dms"] = f"{_dms(place.lat, 'NS')} {_dms(place.lon, 'EW')}"
    return names


def _dms(value: float, letters: str) -> str:
    tenths = round(abs(value) * 36_000)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes // 60}°{minutes % 60:02d}'{rest / 10:04.1f}\"{letters[value < 0]}"
