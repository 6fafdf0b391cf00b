"""``tocsin simulate`` and ``tocsin compare`` as people run them, on a small town of plain tables."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Run, tocsin

POINTS = [(x, y) for y in range(6) for x in range(6)]


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-six places, two stations, three units, one hospital; no roads."""
    folder = tmp_path_factory.mktemp("town")
    places = (f"P{x}{y},{-71.3 + x * 0.008:.4f},{-29.95 + y * 0.008:.4f},{1.2 if x < 3 else 0.6}" for x, y in POINTS)
    (folder / "demand.csv").write_text("\n".join(("place,lon,lat,calls_per_day", *places)) + "\n", "utf-8")
    (folder / "stations.csv").write_text("station,name,lon,lat\nS1,North,-71.28,-29.915\nS2,South,-71.288,-29.945\n", "utf-8")
    units = "A1,ambulance,transport,S1\nA2,ambulance,transport,S2\nA3,ambulance,transport,S2\n"
    (folder / "units.csv").write_text(f"unit,kind,capabilities,station\n{units}", "utf-8")
    (folder / "hospitals.csv").write_text("hospital,lon,lat\nH1,-71.284,-29.93\n", "utf-8")
    return folder


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def compared(town: Path, *words: object) -> Run:
    return tocsin("compare", town, "--policies", "closest,default", "--days", 2, "--replications", 4, *words)


def test_simulate_answers_what_was_promised(town: Path) -> None:
    run = tocsin("simulate", town, "--days", 3, "--replications", 3, "--json")
    assert run.status == 0, run.err
    told = run.json
    wanted = {"calls", "replications", "policy", "seed", "mean_response_s", "high", "areas", "utilisation", "journal_head"}
    assert wanted <= set(told)
    assert {"n", "late", "mean_s", "p90_s"} <= set(told["high"])
    assert (told["replications"], told["policy"], told["seed"]) == (3, "default", 1)
    assert told["high"]["late"] <= told["high"]["n"] == told["calls"]
    assert told["calls"] == pytest.approx(32.4 * 2 * 3, rel=0.25)
    assert 0 < told["utilisation"] < 1
    assert set(told["areas"]) == {"S1", "S2"}
    assert sum(area["n"] for area in told["areas"].values()) == told["high"]["n"]
    assert set(told["high"]["half_widths"]) == {"late_share", "mean_s", "p90_s"}
    assert len(told["journal_head"]) == 64
    assert "partial" not in told


def test_one_replication_has_no_half_widths(town: Path) -> None:
    told = tocsin("simulate", town, "--days", 1, "--policy", "closest", "--json").json
    assert "half_widths" not in told
    assert "half_widths" not in told["high"]
    assert told["journal_agrees"] is True


def test_the_number_of_workers_leaves_no_trace(town: Path) -> None:
    assert compared(town, "--workers", 1, "--json").out == compared(town, "--workers", 2, "--json").out


def test_compare_tells_differences_and_their_intervals(town: Path) -> None:
    told = compared(town, "--guard", 1, "--json").json
    (against,) = told["differences"]
    assert (told["base"], list(told["policies"]), against["policy"]) == ("closest", ["closest", "default"], "default")
    late = against["measures"]["high_late_share"]
    shares = [told["policies"][name]["high"]["late_share"] for name in ("closest", "default")]
    assert late["mean"] == pytest.approx(shares[1] - shares[0])
    assert late["is_shown"] == (abs(late["mean"]) > late["half_width"])
    assert against["fairness"]["guard"]["points"] == 1
    assert set(against["fairness"]["areas"]) == {"S1", "S2"}


def test_the_same_policy_twice_over_tables_says_no_difference(town: Path) -> None:
    text = tocsin("compare", town, "--policies", "closest,road-time-no-divert", "--days", 2, "--replications", 3).out
    assert text.count("no difference shown") >= 7
    assert "No area becomes worse" in text
    assert max(len(line.rstrip()) for line in text.splitlines() if "SHA" not in line) <= 80


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_tables_fit_and_every_word_is_translated(town: Path, language: str) -> None:
    for run in (
        tocsin("simulate", town, "--days", 2, "--replications", 2, "--language", language),
        compared(town, "--guard", 0.1, "--language", language),
    ):
        assert run.status == 0, run.err
        assert "lab." not in run.out.replace("lab.toml", "")
        assert max(len(line.rstrip()) for line in run.out.splitlines()) <= 80


def test_a_journal_is_kept_and_can_be_verified(town: Path, tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    told = tocsin("simulate", town, "--days", 1, "--policy", "closest", "--journal", journal, "--json").json
    assert told["journal"] == str(journal)
    assert told["journal_head"] == tocsin("simulate", town, "--days", 1, "--policy", "closest", "--json").json["journal_head"]
    assert tocsin("verify", journal).status == 0
    again = tocsin("simulate", town, "--days", 1, "--journal", journal)
    assert again.status == 2
    assert "run.journal" in again.err


def test_the_page_stands_alone_and_says_how_to_get_it_again(town: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for words in (["simulate", town, "--policy", "closest"], ["compare", town, "--policies", "closest,default"]):
        run = tocsin(*words, "--days", 2, "--replications", 2, "--html", page)
        assert run.status == 0, run.err
        text = page.read_text("utf-8")
        assert f"tocsin {words[0]} {town} {words[2]} {words[3]} --days 2 --load 1 --seed 1 --replications 2" in text
        assert "<script src" not in text
    journal = tmp_path / "kept.journal"
    journal.write_text("mine", "utf-8")
    assert tocsin("simulate", town, "--html", journal).status == 2
    assert journal.read_text("utf-8") == "mine"


def test_overload_says_so_and_what_can_be_borne(town: Path) -> None:
    run = tocsin("simulate", town, "--load", 20, "--json")
    assert run.status == 1
    partial = run.json["partial"]
    assert partial["code"] == "overload"
    assert 1 < float(partial["values"]["bearable_load"]) < 20
    assert run.json["calls"] > 0
    text = tocsin("simulate", town, "--load", 20)
    assert "PARTIAL" in text.out
    assert "grows without end" in text.out
    assert partial["values"]["bearable_load"] in text.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--policy", "nearest"], "there is no policy"),
        (["--days", "0"], "[--days]"),
        (["--days", "nan"], "[--days]"),
        (["--load", "-1"], "[--load]"),
        (["--replications", "0"], "[--replications]"),
        (["--workers", "0"], "[--workers]"),
        (["--warm-up-days", "7"], "[--warm-up-days]"),
        (["--cluster", "nowhere"], "[--cluster]"),
    ],
)
def test_bad_options_are_named(town: Path, words: list[str], told: str) -> None:
    run = tocsin("simulate", town, *words)
    assert run.status == 2
    assert told in run.err
    assert run.out == ""


@pytest.mark.parametrize(("policies", "told"), [("closest", "two policies"), ("closest,closest", "twice"), ("closest,best", "best")])
def test_bad_comparisons_are_named(town: Path, policies: str, told: str) -> None:
    run = tocsin("compare", town, "--policies", policies)
    assert run.status == 2
    assert told in run.err


def test_a_folder_that_is_no_city_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        run = tocsin("simulate", folder)
        assert run.status == 2
        assert str(folder.name) in run.err


def test_stopped_by_hand_keeps_whole_replications(town: Path, tmp_path: Path) -> None:
    """Ctrl-C once some replications are told: the answer is that of an experiment with just so many."""
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # deaf to it where the tests run in a shell's background
        "from tocsin.lab.experiment import experiment\n"
        "take = experiment._take\n"
        "def stopped(results, jobs, come, heard):\n"
        "    def hear():\n"
        "        heard()\n"
        "        if len(come) >= 3: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return take(results, jobs, come, hear)\n"
        "experiment._take = stopped\n"
        "from tocsin.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    words = ["simulate", str(town), "--days", "1", "--replications", "12", "--json"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 128 + signal.SIGINT, done.stderr
    told = json.loads(done.stdout)
    assert told["partial"]["code"] == "cancelled"
    assert told["replications"] == 3
    three = tocsin("simulate", town, "--days", 1, "--replications", 3, "--json").json
    assert told["figures"] == three["figures"]
