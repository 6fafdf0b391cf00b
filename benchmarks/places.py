"""The gazetteer on Liechtenstein (OpenStreetMap) and San Francisco (GeoJSON): what is found, how far off, how long a keystroke takes.

    python benchmarks/places.py SHARED

Truth: Liechtenstein's own house numbers; the block addresses and crossings of San Francisco's incident log against the log's
coordinates. The log is never read by what builds the gazetteer. A keystroke is one ``find`` for each beginning, of two signs and more,
of two hundred addresses.
"""

import csv
import gzip
import json
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.edge.osm_places import read_osm_places
from tocsin.edge.region_places import pieces
from tocsin.edge.street_files import read_streets
from tocsin.edge.street_places import read_geojson_places
from tocsin.places.candidate import Candidate
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.rows import House
from tocsin.places.store import build_gazetteer
from tocsin.roads.build import build_region

LIECHTENSTEIN = "data/roads/liechtenstein/liechtenstein.osm.pbf"
SAN_FRANCISCO = "data/roads/san-francisco/sf_streets.geojson.gz"
LOG = "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz"
HIT_M = 100.0
TYPED = 200
"""Addresses that are typed sign by sign, and misspelt."""
SEED = 20260301

GATES = {
    "places_li_found": ("at_least", 1.0),
    "places_li_typo_first": ("at_least", 0.8),
    "places_sf_crossings_hit": ("at_least", 0.95),
    "places_sf_stated_blocks_hit": ("at_least", 0.95),
    "places_sf_blocks_hit": ("at_least", 0.65),  # the aim is 0.90: docs say what is missing
    "places_li_keystroke_p50_ms": ("at_most", 10.0),
    "places_li_keystroke_p99_ms": ("at_most", 50.0),
    "places_sf_keystroke_p50_ms": ("at_most", 10.0),
    "places_sf_keystroke_p99_ms": ("at_most", 50.0),
}


def run(shared: Path) -> dict[str, float]:
    """Figures by name."""
    return {**liechtenstein(shared), **san_francisco(shared)}


def built(name: str, region: Any, rows: Iterable[Any], source: str) -> tuple[Gazetteer, dict[str, float]]:
    """A gazetteer, with what making, opening and keeping it costs."""
    start = time.perf_counter()
    blob = build_gazetteer([*pieces(region), *rows], source=source)
    build_s = time.perf_counter() - start
    start = time.perf_counter()
    gazetteer = Gazetteer.open(blob)
    open_ms = (time.perf_counter() - start) * 1000
    return gazetteer, {f"places_{name}_build_s": build_s, f"places_{name}_open_ms": open_ms, f"places_{name}_mb": len(blob) / 1e6}


def liechtenstein(shared: Path) -> dict[str, float]:
    """Every house number at its own coordinates, first or among equals."""
    file = shared / LIECHTENSTEIN
    rows = read_osm_places(file)
    gazetteer, figures = built("li", build_region(read_streets(file), name="li"), rows, "osm")
    houses = [row for row in rows if isinstance(row, House)]
    texts = {f"{row.street} {row.number}" + (f", {row.area}" if row.area else ""): row for row in houses}
    ranks = [rank_of(gazetteer.find(text, limit=20), row.place) for text, row in texts.items()]
    chosen = random.Random(SEED).sample(sorted(texts), TYPED)
    return {
        **figures,
        "places_li_houses": float(len(houses)),
        "places_li_found": sum(rank == 0 for rank in ranks) / len(ranks),
        "places_li_typo_first": typo_share(gazetteer, {text: texts[text].place for text in chosen}),
        **keystrokes("li", gazetteer, chosen),
    }


def rank_of(found: list[Candidate], place: LonLat) -> int | None:
    """How many candidates score better than the one at this very place."""
    for candidate in found:
        if round(candidate.lon * 1e7) == round(place.lon * 1e7) and round(candidate.lat * 1e7) == round(place.lat * 1e7):
            return sum(other.score > candidate.score for other in found)
    return None


def typo_share(gazetteer: Gazetteer, places: dict[str, LonLat]) -> float:
    """Share that is first (or among equals) with one random edit in the street's longest word."""
    rng = random.Random(SEED)
    hits = [rank_of(gazetteer.find(misspelt(text, rng), limit=20), place) == 0 for text, place in places.items()]
    return sum(hits) / len(hits)


def misspelt(text: str, rng: random.Random) -> str:
    """One letter dropped, doubled, swapped with the next or replaced, inside the longest word before the comma."""
    word = max(re.findall(r"[^\W\d_]+", text.partition(",")[0]), key=len)
    place = rng.randrange(1, max(2, len(word) - 1))
    edits = [
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        word[:place] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[place + 1 :],
    ]
    return text.replace(word, rng.choice(edits), 1)


def keystrokes(name: str, gazetteer: Gazetteer, texts: list[str]) -> dict[str, float]:
    """Milliseconds per keystroke over all beginnings."""
    took = []
    for text in texts:
        for length in range(2, len(text) + 1):
            start = time.perf_counter()
            gazetteer.find(text[:length])
            took.append((time.perf_counter() - start) * 1000)
    return {
        f"places_{name}_keystrokes": float(len(took)),
        f"places_{name}_keystroke_p50_ms": float(np.percentile(took, 50)),
        f"places_{name}_keystroke_p99_ms": float(np.percentile(took, 99)),
    }


def log_places(shared: Path) -> dict[str, list[LonLat]]:
    """Address as the log writes it → all places that the log gives it."""
    places: dict[str, set[tuple[float, float]]] = defaultdict(set)
    with gzip.open(shared / LOG, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Location"]:
                lat, lon = (float(part) for part in row["Location"].strip("()").split(","))
                places[row["Address"]].add((lon, lat))
    return {address: [LonLat(*place) for place in sorted(found)] for address, found in sorted(places.items())}


def san_francisco(shared: Path) -> dict[str, float]:
    """Block addresses and crossings of the log: share whose first candidate lies within 100 m, and what kind of number that is."""
    file = shared / SAN_FRANCISCO
    start = time.perf_counter()
    rows = read_geojson_places(file)
    read_s = time.perf_counter() - start
    gazetteer, figures = built("sf", build_region(read_streets(file), name="sf"), rows, "streets")
    log = log_places(shared)
    blocks = {text: places for text, places in log.items() if re.match(r"\d+ Block of ", text)}
    crossings = {text: places for text, places in log.items() if re.fullmatch(r"[^:/]+/[^:/]+", text) and "1/2" not in text}
    chosen = random.Random(SEED).sample([*blocks, *crossings], TYPED)
    return {
        **figures,
        "places_sf_read_s": read_s,
        **hits("blocks", gazetteer, blocks),
        **hits("crossings", gazetteer, crossings),
        **keystrokes("sf", gazetteer, chosen),
    }


def hits(name: str, gazetteer: Gazetteer, wanted: dict[str, list[LonLat]]) -> dict[str, float]:
    """Share of first candidates within 100 m, of any of eight, and within what was stated; blocks also by their numbers' origin."""
    gaps: dict[str, list[float]] = defaultdict(list)
    best, held = [], []
    for text, places in wanted.items():
        found = gazetteer.find(text)
        gap = [min(flat_distance_m(start=LonLat(one.lon, one.lat), end=place) for place in places) for one in found]
        gap = gap or [float("inf")]
        reason = found[0].reason if found else "nothing"
        kind = {"inferred": "inferred", "number_unknown": "unknown", "nothing": "unknown"}.get(reason, "stated")
        gaps[kind].append(gap[0])
        best.append(min(gap))
        held.append(bool(found) and gap[0] <= found[0].uncertainty_m + 25.0)
    every = [gap for part in gaps.values() for gap in part]
    figures = {
        f"places_sf_{name}": float(len(every)),
        f"places_sf_{name}_hit": share_within(every),
        f"places_sf_{name}_hit_in_eight": share_within(best),
        f"places_sf_{name}_median_m": float(np.median(every)),
        f"places_sf_{name}_within_stated": sum(held) / len(held),
    }
    if name == "blocks":
        for kind, part in gaps.items():
            figures |= {f"places_sf_{kind}_blocks": float(len(part)), f"places_sf_{kind}_blocks_hit": share_within(part)}
    return figures


def share_within(gaps_m: list[float]) -> float:
    """Share that lies within 100 m."""
    return sum(gap <= HIT_M for gap in gaps_m) / len(gaps_m)


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1])), indent=1))
