"""The map's page: it stands alone, speaks four languages, lets nothing foreign in, and says as text what it draws."""

import json
import re
from base64 import b64decode, b64encode
from gzip import decompress
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import as_file, files

import mapbox_vector_tile
import pytest

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.street_files import read_streets
from tocsin.maps.archive import TileArchive
from tocsin.maps.layers import StationPlace, closure_lines, isochrones
from tocsin.maps.reached import at_nodes
from tocsin.maps.tiles import tiles
from tocsin.pages import map as page_of
from tocsin.pages.map import AreaTold, MapShown, render
from tocsin.roads.build import build_region
from tocsin.roads.info import info
from tocsin.roads.network import RoadNetwork
from tocsin.roads.snapping import Snapper
from tocsin.roads.turns import graph_of
from tocsin.words import languages

HOSTILE = "</script><script>alert('x')</script>&\"quoted\"\u2028"
CENTRO = LonLat(-71.2510, -29.9040)


@pytest.fixture(scope="module")
def shown() -> MapShown:
    """The shipped streets of La Serena and Coquimbo with two stations, one closure and two areas."""
    with as_file(files("tocsin").joinpath("data", "coquimbo", "streets.geojson.gz")) as path:
        region = build_region(read_streets(path, None), name="coquimbo")
    start = Snapper(region).snap([CENTRO])[0].on
    node_ms = at_nodes(region, graph_of(region), RoadNetwork(region).router().node_times_from([start]))
    return MapShown(
        name="La Serena",
        source=region.header.source,
        licence=region.header.licence,
        attribution=region.header.attribution,
        map_hash=region.map_hash,
        metric=region.metric,
        streets=region.streets,
        bounds=info(region).bbox,
        archive=TileArchive(tiles(region)),
        stations=[StationPlace("A1", "Centro", CENTRO), StationPlace("A2", "Las Compañías", LonLat(-71.235, -29.876))],
        closures=closure_lines(region, [start.edge]),
        isochrones=isochrones(region, node_ms, [4, 8]),
        areas=[AreaTold(4, 21.04, 0.345), AreaTold(8, 60.0, 0.8)],
    )


@pytest.fixture(scope="module")
def page(shown: MapShown) -> str:
    return render(shown)


class Elements(HTMLParser):
    """Tags with their attributes, the text of scripts and styles, and all other text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag in self.inside:
            self._open = tag
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = None if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open][-1] += data
        else:
            self.text += data


def data_of(page: str) -> dict:
    return json.loads(Elements(page).inside["script"][0])


@pytest.mark.parametrize("language", languages())
def test_it_stands_alone(shown: MapShown, language: str) -> None:
    text = render(shown, language=language)
    found = Elements(text)
    for tag, attributes in found.tags:
        assert not {"src", "srcset", "action", "style"} & set(attributes), tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert attributes.get("href", "#").startswith("#")
        assert tag not in ("link", "iframe", "object", "embed", "base", "img")
    code = "".join(found.inside["style"]) + found.inside["script"][1]
    assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(|XMLHttp|WebSocket|import\(|eval\(|innerHTML", code)
    assert f'<html lang="{language}">' in text
    assert "map." not in re.sub(r"map\.(region|toml)", "", found.text), "a sentence that the catalogue lacks is shown as its key"


def test_only_its_own_script_and_style_may_run(page: str) -> None:
    found = Elements(page)
    policy = next(attributes["content"] for tag, attributes in found.tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    script, style = found.inside["script"][1], found.inside["style"][0]
    for text, source in ((script, "script-src"), (style, "style-src")):
        assert f"{source} 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy


def test_the_tiles_are_those_of_the_archive(shown: MapShown, page: str) -> None:
    told = data_of(page)["tiles"]
    packed, start = b64decode(told["data"]), 0
    for z, x, y, length in told["index"]:
        body = decompress(packed[start : start + length])
        assert body == shown.archive.get(z, x, y)
        start += length
    assert start == len(packed) and told["most_zoom"] == 14
    assert "streets" in mapbox_vector_tile.decode(body)


def test_fewer_zooms_make_a_lighter_page(shown: MapShown, page: str) -> None:
    lighter = render(shown, most_zoom=12)
    assert len(lighter) < len(page) * 0.7
    assert data_of(lighter)["tiles"]["most_zoom"] == 12


def test_too_many_tiles_are_refused_with_a_remedy(shown: MapShown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of, "MOST_BYTES", 100_000)
    with pytest.raises(BadInput) as fault:
        render(shown)
    assert fault.value.code == "map_page_large" and fault.value.values["zoom"] == "14"
    assert render(shown, most_zoom=11)


def test_what_is_drawn_stands_beside_as_text(page: str) -> None:
    text = Elements(page).text
    assert all(word in text for word in ("Centro", "Las Compañías", "4 min", "21.0", "34.5%", "8 min", "60.0", "80.0%", "both ways"))
    assert "© OpenStreetMap contributors" in text and "streets.geojson.gz" in text
    assert "The source holds streets alone" in text


def test_hash_and_source_are_said(shown: MapShown, page: str) -> None:
    text = Elements(page).text
    assert shown.map_hash in text and shown.metric in text


def test_numbers_follow_the_language(shown: MapShown) -> None:
    assert "21,0" in Elements(render(shown, language="pt")).text


def test_the_picture_can_be_used_without_seeing_and_without_a_mouse(page: str) -> None:
    found = Elements(page)
    canvas = next(attributes for tag, attributes in found.tags if tag == "canvas")
    assert canvas["tabindex"] == "0" and canvas["role"] == "application" and canvas["aria-label"]
    ids = {attributes["id"] for _, attributes in found.tags if "id" in attributes}
    assert set(canvas["aria-describedby"].split()) <= ids
    buttons = [attributes for tag, attributes in found.tags if tag == "button"]
    assert len(buttons) == 3 and all(attributes["aria-label"] and attributes["type"] == "button" for attributes in buttons)
    assert any(attributes.get("role") == "status" and attributes.get("aria-live") == "polite" for _, attributes in found.tags)
    assert sum(tag == "caption" for tag, _ in found.tags) == sum(tag == "table" for tag, _ in found.tags) == 3
    style = found.inside["style"][0]
    assert all(query in style for query in ("prefers-color-scheme: dark", "forced-colors: active", ":focus-visible"))


def test_nothing_foreign_gets_in(shown: MapShown) -> None:
    closures = {
        **shown.closures,
        "features": [{**one, "properties": {"street": HOSTILE, "closed": "both"}} for one in shown.closures["features"]],
    }
    hostile = shown._replace(
        name=HOSTILE, source=HOSTILE, licence=HOSTILE, attribution=(HOSTILE,), metric=HOSTILE, map_hash=HOSTILE,
        stations=[StationPlace(HOSTILE, HOSTILE, CENTRO)], closures=closures,
    )  # fmt: skip
    text = render(hostile)
    found = Elements(text)
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert "alert(" not in found.inside["script"][1]
    told = data_of(text)
    assert told["stations"]["features"][0]["properties"]["name"] == HOSTILE
    assert HOSTILE in found.text


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_can_be_told_apart_by_lightness(page: str, mode: str) -> None:
    style = Elements(page).inside["style"][0]
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0]))
    if mode == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1]))
    assert contrast(colours["ink"], colours["page"]) >= 7 and contrast(colours["quiet"], colours["sheet"]) >= 4.5
    assert contrast(colours["map-text"], colours["map-halo"]) >= 7
    for name in ("map-closed", "map-station", "map-iso0", "map-iso1", "map-iso2", "map-iso3", "map-iso4"):
        assert contrast(colours[name], colours["map-land"]) >= 3, name
    steps = [luminance(colours[f"map-iso{step}"]) for step in range(5)]
    assert steps == sorted(steps, reverse=mode == "dark") and len(set(steps)) == 5


def test_the_same_map_is_the_same_page(shown: MapShown, page: str) -> None:
    assert render(shown) == page
