"""The gazetteer on Liechtenstein (OpenStreetMap) and San Francisco (GeoJSON): what is found, how far off, how long a keystroke takes.

    python benchmarks/places.py SHARED

Truth: Liechtenstein's own house numbers; the block addresses and crossings of San Francisco's incident log against the log's
coordinates. The log is never read by what builds the gazetteer: 120 pieces of street that the file itself names after the log lose
their names first. Apart from that stand the figures ``learned``: blocks that two or more incidents of the log's first week gave, as a
centre's own journal would teach them, tested on the second week, beside ``second_week``, the same without them;
``longer`` is as if every block of that week had had a second incident, for what a longer log would bring. ``held_out`` takes the
stated numbers of a quarter of the streets away at a time and counts them. A keystroke is one ``find`` for each beginning, of two signs
and more, of two hundred addresses.
"""

import csv
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.edge.osm_places import read_osm_places
from tocsin.edge.region_places import pieces
from tocsin.edge.street_files import read_streets
from tocsin.edge.street_places import read_geojson_places, read_segments
from tocsin.places.candidate import Candidate
from tocsin.places.folding import fold, key_of
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.hundreds import infer_stretches
from tocsin.places.rows import House, Stretch
from tocsin.places.seen import Report, seen_blocks
from tocsin.places.store import build_gazetteer
from tocsin.roads.build import build_region

LIECHTENSTEIN = "data/roads/liechtenstein/liechtenstein.osm.pbf"
SAN_FRANCISCO = "data/roads/san-francisco/sf_streets.geojson.gz"
LOG = "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz"
HIT_M = 100.0
TYPED = 200
"""Addresses that are typed sign by sign, and misspelt."""
SEED = 20260301
NEAR_M = 250.0
"""A block or two off."""
FOLDS = 4
FIRST_WEEK, SECOND_WEEK = ("04/07", "04/13"), ("04/14", "04/20")

GATES = {
    "places_li_found": ("at_least", 1.0),
    "places_li_typo_first": ("at_least", 0.95),
    "places_sf_crossings_hit": ("at_least", 0.95),
    "places_sf_stated_blocks_hit": ("at_least", 0.97),
    "places_sf_blocks_hit": ("at_least", 0.70),  # the aim is 0.90: docs/places.md says what is missing
    "places_sf_blocks_within_stated": ("at_least", 0.85),
    "places_sf_inferred_blocks_within_stated": ("at_least", 0.85),
    "places_sf_held_out_within_stated": ("at_least", 0.85),
    "places_sf_learned_blocks_hit": ("at_least", 0.73),
    "places_sf_noise_p99_ms": ("at_most", 50.0),
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


def log_reports(shared: Path, days: tuple[str, str] = ("04/07", "04/20")) -> list[Report]:
    """What the log's rows say of their places, from the first of these days to the last."""
    found = []
    with gzip.open(shared / LOG, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Location"] and days[0] <= row["Call Date"][:5] <= days[1]:
                lat, lon = (float(part) for part in row["Location"].strip("()").split(","))
                found.append(Report(row["Incident Number"], row["Address"], LonLat(lon, lat)))
    return found


def places_of(reports: list[Report]) -> dict[str, list[LonLat]]:
    """Address as the log writes it → all places that the log gives it."""
    places: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for report in reports:
        places[report.text].add((report.place.lon, report.place.lat))
    return {address: [LonLat(*place) for place in sorted(found)] for address, found in sorted(places.items())}


def without_log(file: Path, folder: Path) -> Path:
    """The street file without the names that it has from the log."""
    streets = json.loads(gzip.decompress(file.read_bytes()))
    for feature in streets["features"]:
        if feature["properties"].get("name_source") == "incident-log-block-address":
            del feature["properties"]["name"]
    out = folder / "streets.geojson"
    out.write_text(json.dumps(streets), "utf-8")
    return out


def san_francisco(shared: Path) -> dict[str, float]:
    """Block addresses and crossings of the log: share whose first candidate lies within 100 m, and what kind of number that is."""
    with tempfile.TemporaryDirectory() as folder:
        file = without_log(shared / SAN_FRANCISCO, Path(folder))
        region = build_region(read_streets(file), name="sf")
        start = time.perf_counter()
        rows = read_geojson_places(file)
        read_s = time.perf_counter() - start
        first = log_reports(shared, FIRST_WEEK)
        seen = seen_blocks(first)
        taught = Gazetteer.open(build_gazetteer([*pieces(region), *read_geojson_places(file, seen=seen)], source="streets"))
        twice = seen_blocks([*first, *(replace(one, incident=f"{one.incident} again") for one in first)])
        longer = Gazetteer.open(build_gazetteer([*pieces(region), *read_geojson_places(file, seen=twice)], source="streets"))
        held = held_out(file)
    gazetteer, figures = built("sf", region, rows, "streets")
    log, later = places_of(log_reports(shared)), blocks_of(places_of(log_reports(shared, SECOND_WEEK)))
    blocks = blocks_of(log)
    crossings = {text: places for text, places in log.items() if re.fullmatch(r"[^:/]+/[^:/]+", text) and "1/2" not in text}
    chosen = random.Random(SEED).sample([*blocks, *crossings], TYPED)
    return {
        **figures,
        "places_sf_read_s": read_s,
        **hits("blocks", gazetteer, blocks),
        **missed(gazetteer, blocks),
        **hits("crossings", gazetteer, crossings),
        **hits("second_week_blocks", gazetteer, later),
        "places_sf_seen_blocks": float(len(seen)),
        **hits("learned_blocks", taught, later),
        **hits("longer_blocks", longer, later),
        **held,
        **keystrokes("sf", gazetteer, chosen),
        **noise("sf", gazetteer),
    }


def blocks_of(log: dict[str, list[LonLat]]) -> dict[str, list[LonLat]]:
    """The block addresses among these."""
    return {text: places for text, places in log.items() if re.match(r"\d+ Block of ", text)}


def gap_m(found: Candidate, places: list[LonLat]) -> float:
    """To the nearest of the places that the log gives."""
    return min(flat_distance_m(start=LonLat(found.lon, found.lat), end=place) for place in places)


KINDS = {"inferred": "inferred", "seen": "seen", "number_unknown": "unknown", "nearest_number": "unknown"}


def hits(name: str, gazetteer: Gazetteer, wanted: dict[str, list[LonLat]]) -> dict[str, float]:
    """Share of first candidates within 100 m, of any of eight, and within what was stated; blocks also by their numbers' origin."""
    gaps: dict[str, list[float]] = defaultdict(list)
    held: dict[str, list[bool]] = defaultdict(list)
    best = []
    for text, places in wanted.items():
        found = gazetteer.find(text)
        gap = [gap_m(one, places) for one in found] or [float("inf")]
        kind = KINDS.get(found[0].reason, "stated") if found else "unknown"
        gaps[kind].append(gap[0])
        held[kind].append(bool(found) and gap[0] <= found[0].uncertainty_m + 25.0)
        best.append(min(gap))
    every = [gap for part in gaps.values() for gap in part]
    figures = {
        f"places_sf_{name}": float(len(every)),
        f"places_sf_{name}_hit": share_within(every),
        f"places_sf_{name}_hit_in_eight": share_within(best),
        f"places_sf_{name}_median_m": float(np.median(every)),
        f"places_sf_{name}_within_stated": sum(map(sum, held.values())) / len(every),
    }
    for kind, part in sorted(gaps.items()) if name.endswith("blocks") else ():
        named = f"places_sf_{name.replace('blocks', '')}{kind}_blocks"
        figures |= {named: float(len(part)), f"{named}_hit": share_within(part), f"{named}_within_stated": sum(held[kind]) / len(part)}
    return figures


def missed(gazetteer: Gazetteer, blocks: dict[str, list[LonLat]]) -> dict[str, float]:
    """Why blocks are farther off than 100 m."""
    why: Counter[str] = Counter()
    for text, places in blocks.items():
        found = gazetteer.find(text)
        if not found or gap_m(found[0], places) > HIT_M:
            street = key_of(fold(text.partition(" Block of ")[2]))
            is_known = any(key_of(fold(re.sub(r"^\d+–\d+ ", "", one.text))) == street for one in found)
            off_m = gap_m(found[0], places) if found else 0.0
            kind = KINDS.get(found[0].reason, "stated") if is_known else "street_unknown"
            why[f"{kind}_{'near' if off_m <= NEAR_M else 'far'}" if kind == "inferred" else kind] += 1
    return {f"places_sf_missed_{kind}": float(count) for kind, count in sorted(why.items())}


def held_out(file: Path) -> dict[str, float]:
    """Stated blocks of streets whose numbers are taken away, a quarter of the streets at a time, and counted instead."""
    kept = [row for row in read_geojson_places(file) if isinstance(row, Stretch) and row.origin == "stated"]
    segments = read_segments(file)
    streets = sorted({row.street for row in kept})
    random.Random(1).shuffle(streets)
    gaps, held = [], []
    for part in range(FOLDS):
        hidden = set(streets[part::FOLDS])
        rows = [replace(one, low=None, high=None) if one.street in hidden else one for one in segments]
        counted = [row for row in infer_stretches(rows) if row.street in hidden]
        truth = [one for one in segments if one.street in hidden and one.low is not None and one.high is not None]
        gazetteer = Gazetteer.open(build_gazetteer(counted, source="counted"))
        for one in truth:
            text = f"{(one.low or 0) // 100 * 100} block of {one.street}"
            found = [answer for answer in gazetteer.find(text) if answer.kind == "block" and answer.reason == "inferred"]
            middle = one.line[len(one.line) // 2] if len(one.line) > 2 else midpoint(one.line[0], one.line[-1])
            gaps.append(gap_m(found[0], [middle]) if found else float("inf"))
            if found:
                held.append(gaps[-1] <= found[0].uncertainty_m + 25.0)
    return {
        "places_sf_held_out_blocks": float(len(gaps)),
        "places_sf_held_out_hit": share_within(gaps),
        "places_sf_held_out_within_stated": sum(held) / len(held),
    }


def midpoint(start: LonLat, end: LonLat) -> LonLat:
    """Half way."""
    return LonLat((start.lon + end.lon) / 2, (start.lat + end.lat) / 2)


NOISE = "aeisdtnr 0123456789/&-.,'\"*()°+:;ß\u0301\u202e\ud800\0🚒１ª½km xx block of"


def noise(name: str, gazetteer: Gazetteer) -> dict[str, float]:
    """Milliseconds for random signs, three to a million of them, and for endless texts."""
    rng = random.Random(SEED)
    texts = ["".join(rng.choices(NOISE, k=rng.choice((3, 10, 40, 200)))) for _ in range(2000)]
    texts += [sign * 1_000_000 for sign in ("x", "1", "🚒", "/", "\0", " ", "1°", "e\u0301", "NEAR(", '"', "12 / ")]
    took = []
    for text in texts:
        start = time.perf_counter()
        gazetteer.find(text)
        took.append((time.perf_counter() - start) * 1000)
    return {f"places_{name}_noise_p99_ms": float(np.percentile(took, 99)), f"places_{name}_noise_slowest_ms": max(took)}


def share_within(gaps_m: list[float]) -> float:
    """Share that lies within 100 m."""
    return sum(gap <= HIT_M for gap in gaps_m) / len(gaps_m)


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1])), indent=1))
