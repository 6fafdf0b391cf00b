"""The map as one HTML file that needs nothing else: tiles inside, drawn by its own script, with everything it shows beside it as text."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.base.canonical import canonical
from tocsin.base.faults import BadInput
from tocsin.maps.archive import TileArchive
from tocsin.maps.areas import LAYER_OF
from tocsin.maps.layers import REACH_M, GeoJson, StationPlace, station_points
from tocsin.maps.pmtiles import tile_of
from tocsin.pages.numerals import Numerals
from tocsin.words import say

MOST_BYTES: Final = 24_000_000
"""Of tiles in one page: what a browser still opens in a few seconds."""

SCRIPTS: Final = ("map_tiles.js", "map_view.js", "map_draw.js", "map_names.js")

_PAGES = Environment(loader=PackageLoader("tocsin.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


class AreaTold(NamedTuple):
    """One step of the coverage as text."""

    minutes: int
    area_km2: float
    share: float
    """Of the streets' length, 0 to 1."""


class MapShown(NamedTuple):
    """Everything that the page shows."""

    name: str
    source: str
    licence: str
    attribution: Sequence[str]
    map_hash: str
    metric: str
    streets: int
    bounds: tuple[float, float, float, float]
    """West, south, east, north of what is shown first, in degrees."""
    archive: TileArchive
    stations: Sequence[StationPlace]
    closures: GeoJson
    isochrones: GeoJson
    areas: Sequence[AreaTold]


def render(shown: MapShown, *, language: str = "en", most_zoom: int = 14) -> str:
    """The page as HTML text. ``most_zoom``: deeper tiles are left out; the deepest are magnified as far as anyone wants.

    Raises BadInput ``language`` (not shipped), ``map_page_large`` (more tiles than a page can hold).
    """
    index, packed = _tiles(shown.archive, most_zoom)
    if len(packed) > MOST_BYTES:
        raise BadInput("map_page_large", megabytes=len(packed) // 1_000_000, most=MOST_BYTES // 1_000_000, zoom=most_zoom)
    style, script = (_text(names) for names in (("map.css",), SCRIPTS))
    layers = [layer["id"] for layer in shown.archive.metadata().get("vector_layers", ())]
    return _PAGES.get_template("map.html.j2").render(
        map=shown,
        language=language,
        t=lambda key, **values: say(f"map.{key}", language, **values),
        n=Numerals(language),
        layers=layers,
        has_areas=layers != ["streets"],
        kinds=[kind for kind, layer in LAYER_OF.items() if layer == "points"] if "points" in layers else [],
        reach_m=round(REACH_M),
        tiles_n=len(index),
        most_zoom=max((z for z, *_ in index), default=0),
        kilobytes=-(-len(packed) // 1000),
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=Markup(_data(shown, index, packed, language)),
    )


def _tiles(archive: TileArchive, most_zoom: int) -> tuple[list[tuple[int, int, int, int]], bytes]:
    """Zoom, column, row and length of each tile, and all of them one behind the other, gzipped."""
    index, packed = [], bytearray()
    for tile in _places(archive, most_zoom):
        body = archive.find_gzipped(*tile) or b""
        index.append((*tile, len(body)))
        packed += body
    return index, bytes(packed)


def _places(archive: TileArchive, most_zoom: int) -> Iterator[tuple[int, int, int]]:
    for entry in archive.entries():
        for number in range(entry.tile_id, entry.tile_id + entry.run):
            tile = tile_of(number)
            if tile.z <= most_zoom:
                yield tile


def _data(shown: MapShown, index: Sequence[tuple[int, int, int, int]], packed: bytes, language: str) -> str:
    """What the script reads. No text of anybody's can end the element that it stands in."""
    told = {
        "tiles": {"index": index, "data": b64encode(packed).decode(), "most_zoom": max((z for z, *_ in index), default=0)},
        "home": {"bounds": shown.bounds, "zoom": shown.archive.header.least_zoom},
        "stations": station_points(shown.stations),
        "closures": shown.closures,
        "isochrones": shown.isochrones,
        "words": _words(language),
    }
    return canonical(told).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _words(language: str) -> Mapping[str, Any]:
    """Sentences that the script fills in itself; their fields stay."""
    kinds = [kind for kind, layer in LAYER_OF.items() if layer == "points"]
    told = {key: say(f"map.{key}", language) for key in ("status", "minutes", "metres", "kilometres", "station_sign")}
    return {**told, "signs": {kind: say(f"map.sign.{kind}", language) for kind in kinds}}


def _text(names: Sequence[str]) -> str:
    return "\n".join(files("tocsin.pages").joinpath("templates").joinpath(name).read_text("utf-8") for name in names)


def _hash(text: str) -> str:
    """As a Content-Security-Policy names an inline script or style (CSP 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
