"""``tocsin roads fit`` as people run it: what it says, leaves and refuses; and the whole fortnight against the documented table."""

import csv
import gzip
import io
import re
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from command_line import LANGUAGES, Fortnight, Run, misfits, tocsin, untranslated
from fire_log import LOG
from source import ROOT
from tocsin.roads.learning.answer import FitAnswer
from tocsin.roads.region_file import open_region
from tocsin.roads.speeds import Speeds
from tocsin.shown import fit as shown

PAGE = ROOT / "docs" / "learned-speeds.md"
METHODS = {
    "learned": "learned",
    "road_kinds": "road, constants by kind",
    "road": "road, 1 factor, 1 constant",
    "straight_kinds": "straight line, by kind",
    "straight": "straight line, 1 constant",
    "constant": "always the median",
    "paper": "road on paper",
}


@pytest.fixture(scope="module")
def judged(fortnight: Fortnight, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    out = tmp_path_factory.mktemp("fit") / "sf.speeds"
    words = ("--region", fortnight.folder / "sf.region", "--split", "2020-04-14", "--plain", "2", "--out", out, "--json")
    return tocsin("roads", "fit", fortnight.journal, *words), out


def test_the_documented_table_is_what_the_command_says(judged: tuple[Run, Path]) -> None:
    run, _ = judged
    assert run.status == 0, run.err
    assert misfits("fit_answer", run.json) == []
    answer = msgspec.json.decode(run.out, type=FitAnswer)
    rows = {(row.among, METHODS[row.method]): row for row in answer.judged if row.since == "rolled"}
    page = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    for among, title in (("known_start", "Start known"), ("station", "From a station"), ("all", "All")):
        table = next(part for part in page if part.startswith(title))
        told = {
            cells[0]: cells[1:] for line in table.splitlines() if len(cells := [cell.strip() for cell in line.strip("| ").split("|")]) == 8
        }
        for name in METHODS.values():
            mae_s, bias_s, median_s, rank, order, covered, _ = told[name]
            row = rows[among, name]
            assert row.mae_s == pytest.approx(float(mae_s), abs=3) and row.bias_s == pytest.approx(float(bias_s), abs=4), (among, name)
            assert row.median_error_s == pytest.approx(float(median_s), abs=2)
            assert (rank == "–" and row.rank is None) or row.rank == pytest.approx(float(rank), abs=0.02)
            assert row.order_right == pytest.approx(float(order) / 100, abs=0.02)
            assert (covered == "–" and row.covered is None) or row.covered == pytest.approx(float(covered) / 100, abs=0.02)


def test_the_file_is_the_regions_and_its_id_is_told(judged: tuple[Run, Path], fortnight: Fortnight) -> None:
    run, path = judged
    speeds = Speeds.load(path, open_region(fortnight.folder / "sf.region"))
    assert speeds.id == run.json["id"] and len(speeds.file.judged) == len(run.json["judged"]) == 24
    engine = speeds.constant_ms("engine")
    assert engine is not None and 60_000 < engine < 300_000


def test_every_unit_that_was_sent_is_accounted_for(judged: tuple[Run, Path], shared: Path) -> None:
    run, _ = judged
    with gzip.open(shared / LOG, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    source = run.json["learned_from"]
    arrived = sum(bool(row["Response DtTm"]) and bool(row["On Scene DtTm"]) for row in rows)
    before = sum(source["left_out"].values())
    assert before + source["trips"] + run.json["judged_on"] <= len(rows) <= before + source["trips"] + run.json["judged_on"] + 20
    assert source["trips"] + run.json["judged_on"] < arrived


def test_what_they_change_in_recommendations_is_what_the_page_says(judged: tuple[Run, Path], fortnight: Fortnight) -> None:
    answer = tocsin("replay", fortnight.journal, "--centre", fortnight.centre, "--speeds", judged[1], "--json").json
    [told] = re.findall(r"^\| learned speeds \| (.+) \|$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    first, everyone, engines, trucks = (float(cell) / 100 for cell in told.split(" | ")[:4])
    shown = answer["agreement_comparable"], answer["by_kind"]["engine"], answer["by_kind"]["truck"]
    assert shown[0] == {"first_unit": pytest.approx(first, abs=0.005), "all_units": pytest.approx(everyone, abs=0.005)}
    assert [one["same_units"] for one in shown[1:]] == [pytest.approx(engines, abs=0.005), pytest.approx(trucks, abs=0.005)]
    assert judged[0].json["id"] in answer["policy"]["metric"] and answer["redecided"]["differing"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_said_in_every_language(language: str, judged: tuple[Run, Path]) -> None:
    answer = msgspec.json.decode(judged[0].out, type=FitAnswer)
    with io.StringIO() as text:
        shown.fitted(Console(file=text, width=140, highlight=False), answer, language)
        assert untranslated(text.getvalue()) == [] and answer.id in text.getvalue()


def test_what_is_not_judged_says_how_to(fortnight: Fortnight) -> None:
    run = tocsin("roads", "fit", fortnight.journal, "--region", fortnight.region, "--until", "2020-04-09")
    assert run.status == 0 and "--split" in run.out and untranslated(run.out) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--region", "sf.region"), "fit_too_few"),
        ((), "fit_region"),
        (("--region", "sf.region", "--split", "14.4.2020"), "fit_date"),
        (("--region", "sf.region", "--split", "2020-04-14", "--until", "2020-04-14"), "fit_two_dates"),
        (("--region", "sf.region", "--plain", "7"), "fit_priority"),
        (("--region", "log.csv"), None),
        (("--region", "sf.region", "--out", "log.csv"), "file_kept"),
        (("--region", "sf.region", "--out", "no/such/folder.speeds"), "file_write"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(folder: Path, words: tuple[str, ...], code: str | None) -> None:
    before = sorted(path.name for path in folder.iterdir())
    run = tocsin("roads", "fit", "sf.journal", *words, "--json")
    assert run.status == 2 and misfits("error_answer", run.json) == []
    assert code in (None, run.json["error"]["code"])
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_centre_may_name_the_roads(folder: Path) -> None:
    run = tocsin("roads", "fit", "sf.journal", "--centre", "centre", "--json")
    assert run.json["error"]["code"] == "fit_too_few", "it got as far as the drives"
