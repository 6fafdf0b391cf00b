"""What ``tocsin site`` tells people: what is worse than today, intervals, points against per cent, and what is left when it is stopped."""

import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from command_line import LANGUAGES, in_english, tocsin, untranslated
from lab.city.jemss_folder import texts, written
from tocsin.lab.siting.question import GOALS
from tocsin.pages.numerals import Numerals
from tocsin.pages.siting import MEASURES, figure, lost, render
from tocsin.shown.siting import sited
from tocsin.views.siting_answer import SiteAnswer
from tocsin.wiring.cities import no_progress
from tocsin.wiring.siting import Chosen, SiteAsked, site
from tocsin.wiring.stopping import until_stopped
from tocsin.words import say

TABLES = {
    "demand.csv": "place,lon,lat,weight\n" + "".join(f"P{n},{10 + n % 6 / 100},{50 + n // 6 / 100},{1 + n % 2}\n" for n in range(36)),
    "stations.csv": "station,lon,lat\nNorth,10.01,50.05\nSouth,10.05,50.01\n",
    "units.csv": "unit,kind,capabilities,station\nM1,ambulance,transport,North\nM2,ambulance,transport,South\n",
    "hospitals.csv": "hospital,lon,lat,bays\nH,10.03,50.03,2\n",
}


@pytest.fixture(scope="module", autouse=True)
def as_people_run_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with in_english(tmp_path_factory.mktemp("cache")):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("told") / "square", texts())


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables")
    for name, text in TABLES.items():
        (made / name).write_text(text, "utf-8")
    return made


def told_of(answer: SiteAnswer, language: str = "en") -> str:
    """The table, its lines joined."""
    out = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    sited(out, answer, language, None)
    return str(out.file.getvalue())  # type: ignore[attr-defined]


def chosen(folder: Path, **options: object) -> Chosen:
    wish = SiteAsked(folder, 2, candidates=8, days=1.0, replications=0)._replace(**options)  # type: ignore[arg-type]
    return site(wish, progress=no_progress)


@pytest.mark.parametrize("goal", GOALS)
def test_fewer_stations_than_today_are_told_to_be_worse(tables: Path, goal: str) -> None:
    made = chosen(tables, stations=1, keep=("North",), goal=goal)
    few = made.answer
    assert few.is_worse_than_today and few.today is not None
    assert few.objective > few.today if goal == "p-median" else few.objective < few.today
    numerals = Numerals("en")
    for language in LANGUAGES:
        first = " ".join(told_of(few, language).lstrip().splitlines()[:3])
        assert first.startswith("! ")
        assert figure(goal, few.objective, Numerals(language)) in first and figure(goal, few.today, Numerals(language)) in first
    page = render(few, made.map, language="en")
    assert figure(goal, few.today, numerals) in page and 'class="warning"' in page


@pytest.mark.parametrize("goal", GOALS)
def test_today_itself_and_better_sets_are_not(folder: Path, goal: str) -> None:
    same = chosen(folder, stations=2, keep=("North", "South"), goal=goal).answer
    assert not same.is_worse_than_today and same.objective == pytest.approx(same.today)
    assert not chosen(folder, stations=4, goal=goal).answer.is_worse_than_today
    assert not told_of(same).lstrip().startswith("!")


def test_losses_of_shares_are_points_and_those_of_drives_are_times() -> None:
    numerals = Numerals("en")
    assert lost("mclp", 0.0519, numerals, "en") == "5.19 pts" and lost("survival", 0.001, Numerals("pt"), "pt") == "0,10 p.p."
    assert lost("p-median", 3_725.0, numerals, "en") == "1:02:05" and lost("p-median", 64.0, numerals, "en") == "1:04"
    assert lost("mclp", None, numerals, "en") == numerals.decimal(None)
    assert figure("mclp", 0.9722, numerals) == "97.22%" and figure("p-median", 3_599.6, numerals) == "1:00:00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_simulated_difference_has_its_interval_and_a_verdict(folder: Path, language: str) -> None:
    answer = chosen(folder, stations=3, replications=3).answer
    text = told_of(answer, language)
    assert answer.simulated is not None
    measures = answer.simulated.differences[0].measures
    rows = [line for line in text.splitlines() if "±" in line and "±:" not in line and "± :" not in line]
    assert len(rows) == len(set(MEASURES) & set(measures))
    yes, no = (say(f"lab.siting.{key}", language) for key in ("is_shown", "not_shown"))
    assert all(row.rstrip().endswith((f" {yes}", f" {no}")) for row in rows)
    shown = measures["high_mean_s"].is_shown
    row = next(line for line in rows if line.startswith(say("lab.siting.high_mean_s", language)))
    assert row.rstrip().endswith(yes if shown else no)
    assert all(len(line) <= 80 for line in text.splitlines()), "within 80 columns"
    assert untranslated(text) == [] and "lab.siting" not in text


def test_page_and_table_tell_the_same_differences(folder: Path) -> None:
    made = chosen(folder, stations=3, replications=2)
    page, text = render(made.answer, made.map, language="en"), told_of(made.answer)
    changes = re.findall(r"[+−]?[\d.]+ ± [\d.]+ (?:pts|s|min)", text)
    assert len(changes) == 5 and all(change in page for change in changes)
    losses = re.findall(r"[\d.]+ pts$", text, re.MULTILINE)
    assert losses and all(f">{loss}<" in page for loss in losses)


def test_one_pair_has_no_interval_and_says_so(folder: Path) -> None:
    text = told_of(chosen(folder, stations=3, replications=1).answer)
    assert "one pair only" in text and not re.search(r"± \d", text)


def test_a_bound_is_explained_and_an_open_gap_is_told(folder: Path) -> None:
    answer = chosen(folder, stations=3, goal="mexclp", limit_s=0).answer
    text = " ".join(told_of(answer).split())
    assert "the gap between them is what is not proved" in text
    assert answer.is_proven == ("Proved:" in text) != ("Not proved:" in text)


@pytest.mark.parametrize("goal", GOALS)
def test_tables_will_do_and_a_kept_station_stays(tables: Path, goal: str) -> None:
    run = tocsin("site", tables, "--stations", 2, "--keep", "South", "--objective", goal, "--candidates", 6, "--replications", 0, "--json")
    assert run.status == 0, run.err
    answer = run.json
    assert [one["name"] for one in answer["stations"] if one.get("is_kept")] == ["South"]
    assert answer["is_proven"] and answer["is_worse_than_today"] is False
    assert answer["objective"] <= answer["today"] + 1e-9 if goal == "p-median" else answer["objective"] >= answer["today"] - 1e-9


@pytest.mark.parametrize(
    ("words", "code", "needle"),
    [
        (("--stations", 3, "--candidates", 0), "siting_stations", "1 to 2"),
        (("--stations", 99, "--candidates", 4), "siting_stations", "--candidates"),
        (("--stations", 1, "--keep", "North", "South"), "siting_kept", "2 or more"),
        (("--stations", 2, "--keep", "Nowhere"), "siting_keep_unknown", "North; South"),
        (("--stations", -1), "siting_stations", "-1"),
        (("--stations", 2, "--objective", "MCLP"), "siting_goal", "p-median"),
        (("--stations", 2, "--objective", "mexclp", "--busy", "-0.1"), "siting_figures", "--busy"),
        (("--stations", 2, "--days", "nan"), "lab_number", "--days"),
        (("--stations", 2, "--limit", "inf"), "lab_not_negative", "--limit"),
        (("--stations", "two"), "usage", "stations"),
        ((), "usage", "stations"),
    ],
)
def test_slips_are_told_as_text_and_as_json(tables: Path, words: tuple[object, ...], code: str, needle: str) -> None:
    run, plain = tocsin("site", tables, *words, "--json"), tocsin("site", tables, *words)
    assert run.status == plain.status == 2 and plain.out == ""
    assert run.json["error"]["code"] == code and needle in run.json["error"]["text"] + str(run.json["error"]["field"])
    assert needle in plain.err.replace("\n", " ").replace("  ", " ")
    assert untranslated(tocsin("site", tables, *words, "--language", "fr").err) == []


def test_a_file_of_ones_own_is_not_written_over_and_that_is_said_before_the_work(folder: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("do not lose", "utf-8")
    run = tocsin("site", folder, "--stations", 99, "--html", notes, "--json")
    assert run.json["error"]["code"] == "file_kept", "before the number of stations is looked at"
    assert notes.read_text("utf-8") == "do not lose"


def pressed(stage: str, done: int) -> object:
    """A progress that presses Ctrl-C."""

    def heard(at: int, _of: int | None, of_stage: str) -> None:
        if (of_stage, at) == (stage, done):
            signal.raise_signal(signal.SIGINT)

    return heard


@pytest.mark.parametrize("goal", GOALS)
def test_stopped_in_the_search_the_best_so_far_stands_unproved_unless_it_is(folder: Path, goal: str) -> None:
    wish = SiteAsked(folder, 3, goal, candidates=8, replications=2, days=1.0)
    answer = site(wish, progress=pressed("siting", 0)).answer  # type: ignore[arg-type]
    assert answer.partial is not None and (answer.partial.code, answer.partial.values) == ("cancelled", {"at": "proof"})
    assert len(answer.stations) == 3 and answer.simulated is None and answer.policy is None
    best = chosen(folder, stations=3, goal=goal).answer
    low, high = sorted((answer.objective, answer.bound))
    assert low - 1e-9 <= best.objective <= high + 1e-9, "the true optimum lies between value and bound"
    assert "siting_open" not in {one.code for one in answer.remarks}, "it was a person, not the clock"
    for language in LANGUAGES:
        text = told_of(answer, language)
        assert text.lstrip().startswith("!") and "lab.siting" not in text


def test_stopped_in_the_simulation_the_choice_stands(folder: Path) -> None:
    wish = SiteAsked(folder, 3, candidates=8, replications=3, days=1.0)
    none = site(wish, progress=pressed("replications", 0)).answer  # type: ignore[arg-type]
    two = site(wish, progress=pressed("replications", 2)).answer  # type: ignore[arg-type]
    assert none.simulated is None and none.is_proven
    assert none.partial is not None and none.partial.values == {"at": "simulation"} == (two.partial and two.partial.values)
    assert two.simulated is not None and two.simulated.replications == 2 and "2 of 3 pairs" in told_of(two)
    whole = site(wish._replace(replications=2), progress=no_progress).answer
    assert two.simulated.differences == whole.simulated.differences if whole.simulated else False


def test_a_second_press_ends_it_at_once_and_the_first_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with until_stopped() as is_wanted:
        assert is_wanted()
        signal.raise_signal(signal.SIGINT)
        assert not is_wanted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
