"""Learned speeds on drives whose truth is known; the file that keeps them; routes in bulk against the router; figures by hand."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from roads.fit_cases import Truth
from roads.road_cases import metrics, positions, region_of, restricted_regions
from source import ROOT
from tocsin.base.faults import BadInput
from tocsin.base.quantities import Millis
from tocsin.edge.street_files import read_streets
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.learning.drives_taken import find_drives
from tocsin.roads.learning.fitting import BINS, fit, split_zones
from tocsin.roads.learning.judging import judge, order_right, rank_correlation
from tocsin.roads.learning.model import HELD, Cells, Shrinkage, Sizes, solve
from tocsin.roads.learning.spread import spreads
from tocsin.roads.learning.trips import constants_of, predicted_road_ms
from tocsin.roads.region import Region
from tocsin.roads.speeds import (
    ANY,
    LONGEST_MS,
    NO_SPEEDS,
    Fitted,
    LearnedFrom,
    Speeds,
    SpeedsFile,
    Zone,
    scaled_ms,
    speeds_file,
    write_speeds,
    zone_of_edges,
)  # fmt: skip
from tocsin.roads.turns import graph_of

FAST = ("primary", "trunk", "secondary")
FROM = LearnedFrom(journal="made", head="", first="", last="", trips=0, sure_trips=0, left_out={}, settings={})


def no_progress(_done: int, _total: int | None, _stage: str) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def town() -> Region:
    """La Serena and Coquimbo, as shipped."""
    streets = ROOT / "src" / "tocsin" / "data" / "coquimbo" / "streets.geojson.gz"
    return build_region(read_streets(streets, None, progress=no_progress), name="coquimbo")


def true_factor(region: Region) -> np.ndarray:
    """0.8 on great roads, 1.4 on others; a third more in the east than in the west."""
    great = np.isin(region.edge_class, [row for row, name in enumerate(region.header.classes) if name in FAST])
    is_east = region.node_lon_e7[region.edge_tail] > np.median(region.node_lon_e7)
    return np.where(great, 0.8, 1.4) * np.where(is_east, 1.2, 0.9)


@pytest.fixture(scope="module")
def truth(town: Region) -> Truth:
    return Truth(town, true_factor, night=0.8, noise=0.15)


@pytest.fixture(scope="module")
def learned(truth: Truth) -> Speeds:
    trips, _ = truth.drives(1500, seed=3)
    return Speeds(speeds_file(fit(truth.region, truth.graph, trips, progress=no_progress).fitted, FROM))


# What is known is found.


def test_times_of_later_drives_are_told(truth: Truth, learned: Speeds) -> None:
    """Against what they would take without noise and mishaps, which no method sees."""
    trips, true_ms = truth.drives(500, seed=4)
    told_ms = predicted_road_ms(truth.region, truth.graph, trips, learned.file.fitted) + constants_of(
        learned.file.fitted.constants["rolled"], trips
    )
    off = told_ms / true_ms
    assert 0.97 < np.median(off) < 1.03
    assert np.quantile(off, 0.05) > 0.88 and np.quantile(off, 0.95) < 1.16


def test_factors_of_classes_zones_and_hours_are_found(truth: Truth, learned: Speeds) -> None:
    fitted, region = learned.file.fitted, truth.region
    assert 0.9 * 1500 < fitted.plain_permille < 1.1 * 1500
    assert BINS.index(fitted.bin_of_hour) > 0, "night differs"
    day, night = (np.array(fitted.factors_permille[fitted.bin_of_hour[hour]], dtype=float) for hour in (12, 2))
    primary, home = (region.header.classes.index(name) for name in ("primary", "residential"))
    assert np.median(night[:, primary] / day[:, primary]) == pytest.approx(0.8, rel=0.12)
    assert np.median(day[:, home] / day[:, primary]) == pytest.approx(1.4 / 0.8, rel=0.2)
    is_east = np.array([zone.lon_e7 for zone in fitted.zones]) > np.median(region.node_lon_e7)
    assert day[is_east, primary].mean() > 1.1 * day[~is_east, primary].mean()


def test_constants_are_told_apart_by_kind_and_contain_the_turnout(learned: Speeds) -> None:
    engine, medic = (learned.constant_ms(kind, since="rolled") for kind in ("engine", "medic"))
    assert engine is not None and medic is not None and medic - engine > 10_000
    told = learned.constant_ms("engine")
    assert told is not None and 35_000 < told - engine < 75_000, "60 s of turnout"
    assert learned.constant_ms("a kind never seen") == learned.constant_ms(ANY)


def test_four_of_five_later_drives_lie_inside_the_interval(truth: Truth, learned: Speeds) -> None:
    trips, _ = truth.drives(800, seed=5)
    road_ms = predicted_road_ms(truth.region, truth.graph, trips, learned.file.fitted)
    for since, seen in (("rolled", "drive_ms"), ("told", "response_ms")):
        eta_ms = road_ms + constants_of(learned.file.fitted.constants[since], trips)
        inside = 0
        for ms, trip in zip(eta_ms.tolist(), trips, strict=True):
            ends = learned.interval_ms(Millis(round(ms)), source="station", since=since)
            assert ends is not None
            inside += ends[0] <= getattr(trip, seen) <= ends[1]
        assert 0.75 < inside / len(trips) < 0.86


def test_the_same_drives_give_the_same_file(truth: Truth) -> None:
    trips, _ = truth.drives(300, seed=6)
    first, second = (fit(truth.region, truth.graph, trips, progress=no_progress).fitted for _ in range(2))
    assert speeds_file(first, FROM).id == speeds_file(second, FROM).id


def test_too_few_drives_teach_nothing(truth: Truth) -> None:
    trips, _ = truth.drives(60, seed=7)
    with pytest.raises(BadInput) as fault:
        fit(truth.region, truth.graph, trips, progress=no_progress)
    assert fault.value.code == "fit_too_few" and fault.value.values["trips"] == "60"


def test_the_table_has_every_method_and_the_truth_wins(truth: Truth, learned: Speeds) -> None:
    taught, _ = truth.drives(1500, seed=3)
    trips, _ = truth.drives(400, seed=8)
    paper = DijkstraRouter(truth.region).costs
    rows = {(row.among, row.since, row.method): row for row in judge(truth.region, truth.graph, paper, learned.file, taught, trips)}
    ours, on_paper, median = (rows["station", "rolled", method] for method in ("learned", "paper", "constant"))
    assert ours.mae_s < 0.9 * rows["station", "rolled", "road_kinds"].mae_s < rows["station", "rolled", "constant"].mae_s
    assert ours.rank is not None and on_paper.rank is not None and ours.rank > on_paper.rank
    assert (median.rank, median.order_right, on_paper.covered) == (None, 0.5, None)
    assert ours.trips == 400 and abs((ours.covered or 0) - 0.8) < 0.06


# The model by itself.


def one_cell(paper_ms: np.ndarray, classes: int, klass: np.ndarray) -> Cells:
    """Drives that each stay in one class."""
    cells = np.zeros((len(paper_ms), 1, classes))
    cells[np.arange(len(paper_ms)), 0, klass] = paper_ms
    none = np.zeros(len(paper_ms), dtype=np.int64)
    return Cells(cells, none, none.astype(bool), none, none.astype(bool))


@pytest.mark.parametrize("count", [5, 20, 80])
def test_a_class_of_few_drives_is_drawn_to_the_factor_of_all(count: int) -> None:
    """By n / (n + shrinkage) of the logarithm."""
    shrinkage, many = 20.0, 4_000
    dice = np.random.default_rng(1)
    paper_ms = dice.uniform(200_000, 2_000_000, many + count)
    klass = np.r_[np.zeros(many, dtype=np.int64), np.ones(count, dtype=np.int64)]
    # within the reach in which Huber counts every drive in full
    noise = np.exp(dice.normal(0, 0.5, len(paper_ms)))
    noise[many:] = np.exp(np.resize([-0.1, 0.1], count) if count % 2 == 0 else np.zeros(count))
    seen_ms = paper_ms * np.where(klass == 1, np.exp(0.3), 1.0) * noise
    numbers = solve(one_cell(paper_ms, 2, klass), seen_ms, Sizes(1, 1, 2, 1), Shrinkage(100.0, shrinkage))
    told = numbers.klass[1] + numbers.all
    assert told == pytest.approx(0.3 * count / (count + shrinkage), abs=0.04)


def test_mishaps_do_not_move_what_is_learned() -> None:
    dice = np.random.default_rng(2)
    paper_ms = dice.uniform(100_000, 900_000, 800)
    cells = one_cell(paper_ms, 1, np.zeros(800, dtype=np.int64))
    seen_ms = (30_000 + 1.3 * paper_ms) * np.exp(dice.normal(0, 0.1, 800))
    hit = dice.random(800) < 0.08
    clean, spoilt = (solve(cells, some, Sizes(1, 1, 1, 1), Shrinkage()) for some in (seen_ms, np.where(hit, 10 * seen_ms, seen_ms)))
    assert np.exp(clean.all) == pytest.approx(1.3, rel=0.03)
    assert np.exp(spoilt.all) == pytest.approx(np.exp(clean.all), rel=0.05)


def test_a_level_of_one_member_says_nothing_of_its_own() -> None:
    dice = np.random.default_rng(3)
    paper_ms = dice.uniform(100_000, 900_000, 200)
    numbers = solve(one_cell(paper_ms, 1, np.zeros(200, dtype=np.int64)), 2 * paper_ms, Sizes(1, 1, 1, 1), Shrinkage(1.0, 1.0))
    assert HELD > 0 and max(np.abs(numbers.klass).max(), np.abs(numbers.zone_class).max(), np.abs(numbers.bin).max()) < 1e-5


@given(st.lists(st.integers(1, LONGEST_MS), min_size=1, max_size=20), st.integers(100, 10_000))
def test_rounding_is_half_up_in_whole_numbers(edge_ms: list[int], permille: int) -> None:
    told = scaled_ms(np.array(edge_ms, dtype=np.int64), np.int64(permille)).tolist()
    assert told == [min(max(1, (ms * permille + 500) // 1000), LONGEST_MS) for ms in edge_ms]


def test_an_interval_leaves_a_tenth_beyond_either_end() -> None:
    dice = np.random.default_rng(4)
    eta_ms = dice.uniform(60_000, 600_000, 4_000)
    seen_ms = eta_ms * np.exp(dice.normal(0.1, 0.3, 4_000))
    source = np.where(dice.random(4_000) < 0.02, "scene", "station")
    found = spreads("rolled", eta_ms[:2_000], seen_ms[:2_000], source[:2_000].tolist())
    assert {row.source for row in found} == {ANY, "station"}, "forty drives from scenes have no interval of their own"
    assert [row.up_to_ms for row in found if row.source == ANY][-1] == LONGEST_MS
    later, rows = seen_ms[2_000:] / eta_ms[2_000:], [row for row in found if row.source == "station"]
    low, high = (np.mean([getattr(row, end) for row in rows]) / 1000 for end in ("low_permille", "high_permille"))
    assert np.mean(later < low) == pytest.approx(0.1, abs=0.02) and np.mean(later > high) == pytest.approx(0.1, abs=0.02)


def test_zones_hold_equally_many_places_and_every_edge_has_the_nearest(town: Region) -> None:
    dice = np.random.default_rng(5)
    edges = dice.integers(0, town.edges, 640)
    places = np.stack([town.node_lon_e7[town.edge_tail[edges]], town.node_lat_e7[town.edge_tail[edges]]]).astype(np.int64)
    zones = split_zones(places, 8, 867)
    assert len(zones) == 8 and split_zones(places, 8, 867) == zones
    found = zone_of_edges(town, zones, 867)
    tail, head = ((town.node_lon_e7[node], town.node_lat_e7[node]) for node in (town.edge_tail, town.edge_head))
    middle = [(first.astype(float) + last) / 2 for first, last in zip(tail, head, strict=True)]
    far = np.array([np.hypot((middle[0] - zone.lon_e7) * 0.867, middle[1] - zone.lat_e7) for zone in zones])
    chosen = far[found, np.arange(town.edges)]
    assert (chosen <= far.min(axis=0) + 500).all(), "within five metres of the nearest"


# Routes in bulk.


@settings(max_examples=150)
@given(st.data())
def test_drives_in_bulk_take_as_long_as_the_router_says(data: st.DataObject) -> None:
    region = data.draw(restricted_regions())
    metric = data.draw(metrics(region))
    pairs = data.draw(st.lists(st.tuples(positions(region), positions(region)), min_size=1, max_size=6))
    router = DijkstraRouter(region, graph_of(region), metric)
    drives = find_drives(region, router.graph, metric, [start for start, _ in pairs], [end for _, end in pairs])
    told_ms = drives.drive_ms(metric.drive_ms)
    for row, (start, end) in enumerate(pairs):
        whole = router.times_to(end, [start])[0]
        assert bool(drives.is_reached[row]) == (whole is not None)
        if whole is not None:
            assert told_ms[row] == pytest.approx(whole, abs=2), "a millisecond of rounding at either end"


# The table's figures.


def test_rank_correlation_is_spearmans() -> None:
    dice = np.random.default_rng(6)
    one, other = dice.integers(0, 30, 200).astype(float), dice.integers(0, 30, 200).astype(float)
    assert rank_correlation(one, other) == round(float(spearmanr(one, other).statistic), 3)
    assert rank_correlation(np.ones(5), np.arange(5.0)) is None


def test_order_counts_pairs_of_one_incident_only() -> None:
    seen = np.array([60_000, 90_000, 90_400, 10_000], dtype=float)
    assert order_right(np.array([1.0, 2.0, 2.0, 3.0]), seen, ["a", "a", "a", "b"]) == (1.0, 2), "half a second is no order"
    assert order_right(np.array([2.0, 1.0, 2.0, 3.0]), seen, ["a", "a", "a", "b"]) == (0.25, 2), "one wrong, one tie"
    assert order_right(np.ones(4), seen, ["a", "b", "c", "d"]) == (None, 0)


# The file.


@pytest.fixture
def street() -> Region:
    return region_of([(0, 1, 10_000, 10_000), (1, 2, 999, None)], 3)


def small(region: Region, **changed: object) -> SpeedsFile:
    """One zone, night and day, one factor each."""
    table = ((1500,) * len(region.header.classes),)
    fitted = Fitted(
        map_hash=region.map_hash, classes=region.header.classes, cos_permille=750, zones=(Zone(-86_000_000, 412_000_000),),
        bin_of_hour=BINS[1], factors_permille=(((500,) * len(region.header.classes),), table), any_hour_permille=table,
        plain_permille=2000, constants={}, spreads=(),
    )  # fmt: skip
    return speeds_file(msgspec.structs.replace(fitted, **changed), FROM)


def test_a_file_says_the_same_when_it_is_read_again(street: Region, tmp_path: Path) -> None:
    path = tmp_path / "a.speeds"
    write_speeds(small(street), path)
    speeds = Speeds.load(path, street)
    assert speeds.file == small(street) and speeds.id.startswith("fitted-") and len(speeds.id) == 19
    assert speeds.drive_ms(street, "any", 12).tolist() == [15_000, 15_000, 1_499]
    assert speeds.drive_ms(street, "any", 2).tolist() == [5_000, 5_000, 500]
    assert speeds.drive_ms(street, "any", None, is_lights=False).tolist() == [30_000, 30_000, 2_998]
    assert (speeds.bin_of(12), speeds.bin_of(2), speeds.bin_of(None)) == (1, 0, None)
    assert speeds.constant_ms("engine") is None and speeds.interval_ms(Millis(1000)) is None
    assert list(tmp_path.iterdir()) == [path]


def test_a_region_without_a_fit_keeps_its_times(street: Region) -> None:
    assert NO_SPEEDS.drive_ms(street, "any", 5).tolist() == street.edge_ms.tolist()
    assert NO_SPEEDS.constant_ms("engine") is None and NO_SPEEDS.interval_ms(Millis(1)) is None and NO_SPEEDS.bin_of(5) is None


def test_another_map_another_id_and_no_entry(street: Region, tmp_path: Path) -> None:
    path = tmp_path / "a.speeds"
    write_speeds(small(street), path)
    other = region_of([(0, 1, 10_001, 10_000), (1, 2, 999, None)], 3)
    assert small(other).id != small(street).id
    with pytest.raises(BadInput) as fault:
        Speeds.load(path, other)
    assert fault.value.code == "speeds_other_map" and fault.value.file == str(path)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"plain_permille": 99}, "speeds_absurd", "plain_permille"),
        ({"any_hour_permille": ((10_001,) * 16,)}, "speeds_absurd", "factors_permille"),
        ({"bin_of_hour": BINS[1][:-1]}, "speeds_damaged", "factors_permille"),
        ({"bin_of_hour": (2,) * 168}, "speeds_damaged", "factors_permille"),
        ({"zones": ()}, "speeds_damaged", "factors_permille"),
    ],
)
def test_a_file_that_cannot_be_true_is_refused(street: Region, tmp_path: Path, changed: dict[str, object], code: str, field: str) -> None:
    path = tmp_path / "a.speeds"
    write_speeds(small(street, **changed), path)
    with pytest.raises(BadInput) as fault:
        Speeds.load(path, street)
    assert (fault.value.code, fault.value.field) == (code, field)


def test_a_damaged_file_says_so(street: Region, tmp_path: Path) -> None:
    path = tmp_path / "a.speeds"
    write_speeds(small(street), path)
    whole = path.read_bytes()
    edited = json.loads(whole)
    edited["fitted"]["plain_permille"] = 2001
    later = whole.replace(b'"tocsin_speeds":1', b'"tocsin_speeds":2')
    cases = {
        "speeds_damaged": (b"", b"[]", b"{}", whole[: len(whole) // 2], b"\xff\xfe", b"[" * 100_000, json.dumps(edited).encode()),
        "speeds_version": (later,),
    }
    for code, contents in cases.items():
        for content in contents:
            path.write_bytes(content)
            with pytest.raises(BadInput) as fault:
                Speeds.load(path, street)
            assert fault.value.code == code, content[:40]
    with pytest.raises(BadInput) as fault:
        Speeds.load(tmp_path / "none.speeds", street)
    assert fault.value.code == "speeds_unreadable"
