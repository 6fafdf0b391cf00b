"""``tocsin simulate`` and ``compare`` given what cannot be run: told in four languages and as JSON, with file, line and remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import LANGUAGES, misfits, tocsin, untranslated
from small_town import HOSPITALS, STATIONS, UNITS, demand, write_town
from tocsin.base.quantities import Millis
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.core.messages.facts import UnitRoad
from tocsin.lab.experiment import job
from tocsin.wiring import experiments, simulate, stress

CALLS = '[[calls]]\nname = "call"\n'


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


BAD: dict[str, tuple[dict[str, str | None], str, str, str]] = {
    # What is changed, the fault's code, the end of its file's name, what its English sentence names.
    "no hospital, and patients for it": (
        {"hospitals": None, "lab": f"{CALLS}transport = 0.5\n"}, "city_hospitals_none", "lab.toml", "hospitals.csv",
    ),
    "a station at the antipodes": (
        {"stations": STATIONS.replace("-71.28,-29.915", "108.72,29.915")}, "city_far_away", "stations.csv", "S1",
    ),
    "a hospital with the sign of its longitude lost": (
        {"hospitals": HOSPITALS.replace("-71.284", "71.284")}, "city_far_away", "hospitals.csv", "H1",
    ),
    "nobody calls": ({"demand": demand((0.0, 0.0))}, "city_demand_none", "demand.csv", "nobody calls"),
    "nobody calls any more": ({"lab": f"{CALLS}per_day = 0\n"}, "city_demand_none", "lab.toml", "nobody calls"),
    "fewer calls than none": ({"demand": demand((1.2, -0.6))}, "city_number", "demand.csv", "-0.6"),
    "a number left out": ({"demand": demand().replace(",1.2\n", ",\n", 1)}, "city_number", "demand.csv", "is not a number"),
    "no station at all": ({"stations": None}, "city_file_missing", "stations.csv", "stations.csv"),
    "no unit": ({"units": UNITS.split("\n")[0] + "\n"}, "city_units_none", "units.csv", "unit"),
    "a unit of a station that is not there": ({"units": UNITS.replace(",S1", ",S9")}, "city_unknown", "units.csv", "S9"),
    "no column of longitudes": ({"hospitals": HOSPITALS.replace("lon", "length")}, "city_column_missing", "hospitals.csv", "lon"),
    "less than no time on scene": ({"lab": f"{CALLS}on_scene = {{ mean_s = -20 }}\n"}, "", "lab.toml", "-20"),
    "a duration left out": ({"lab": f"{CALLS}on_scene = {{ law = \"gamma\", spread = 2 }}\n"}, "", "lab.toml", "mean_s"),
    "a target of nothing": ({"lab": '[[priority]]\nname = "urgent"\ntarget_s = 0\n'}, "", "lab.toml", "0"),
    "a drive of less than nothing": ({"times": "from,to,lights_s\nP00,P10,-5\n"}, "city_number", "times.csv", "-5"),
    "a drive to nowhere": ({"times": "from,to,lights_s\nP00,P99,5\n"}, "city_unknown", "times.csv", "P99"),
    "a place told twice": ({"demand": demand().replace("P10,", "P00,")}, "city_doubled", "demand.csv", "P00"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_city_that_cannot_be_is_told_with_its_file(tmp_path: Path, name: str) -> None:
    changed, code, file, named = BAD[name]
    folder = write_town(tmp_path / "town", **changed)
    plain, machine = tocsin("simulate", folder, "--days", 1), tocsin("simulate", folder, "--days", 1, "--json")
    assert (plain.status, plain.out, machine.status) == (2, "", 2)
    flat = " ".join(plain.err.split())
    assert named in flat and file in flat
    error = machine.json["error"]
    assert misfits("error_answer", machine.json) == [] and (error["code"] == code or not code)
    assert error["file"].endswith((file, "town"))
    _, _, remedy = error["text"].partition("\n")
    assert named in error["text"] and len(remedy.strip()) > 10, "what to do stands below"
    compare = tocsin("compare", folder, "--policies", "closest,default", "--days", 1, "--json")
    assert compare.status == 2 and compare.json == machine.json, "both commands say the same"


@pytest.mark.parametrize("name", BAD)
def test_it_is_told_in_every_language(tmp_path: Path, name: str) -> None:
    folder = write_town(tmp_path / "town", **BAD[name][0])
    told = [tocsin("simulate", folder, "--days", 1, "--language", language) for language in LANGUAGES]
    assert [one.status for one in told] == [2] * 4
    assert len({one.err for one in told}) == 4 and not any(untranslated(one.err) for one in told)


def test_lines_are_named_where_tables_have_them(tmp_path: Path) -> None:
    far = write_town(tmp_path / "far", hospitals=f"{HOSPITALS}H2,-71.28,29.93\n")
    error = tocsin("simulate", far, "--json").json["error"]
    assert (error["line"], error["values"]["name"]) == (3, "H2")
    assert 6_600 < float(error["values"]["away_km"]) < 6_700, "from 29.9 S to 29.9 N"


def test_a_large_county_is_no_mistake(tmp_path: Path) -> None:
    """1.5 degrees of latitude are 167 km: a station so far is taken, and nobody is told off."""
    folder = write_town(tmp_path / "county", stations=f"{STATIONS}S3,Far,-71.28,-31.415\n")
    assert tocsin("simulate", folder, "--days", 1, "--json").status == 0


# ---- policies that raise


def half(road: UnitRoad) -> Millis | None:
    raise ZeroDivisionError("half a policy")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(POLICIES, "half", Policy("half", "1", half, may_divert=False))
    return "half"


def test_a_policy_that_raises_at_once_leaves_nothing(tmp_path: Path, broken: str) -> None:
    folder = write_town(tmp_path / "town")
    words = ("compare", folder, "--policies", f"closest,{broken}", "--days", 1, "--replications", 2, "--workers", 1)
    run = tocsin(*words)
    flat = " ".join(run.err.split())
    assert (run.status, run.out) == (2, "")
    assert "the policy half broke in replication 1: ZeroDivisionError: half a policy" in flat and "Choose another policy" in flat
    error = tocsin(*words, "--json").json["error"]
    assert (error["code"], error["values"]["policy"], error["values"]["replication"]) == ("lab_policy_failed", "half", "1")
    assert len({tocsin(*words, "--language", language).err for language in LANGUAGES}) == 4


def test_a_policy_that_raises_later_leaves_the_replications_before(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, begun = write_town(tmp_path / "town"), []

    def until_the_third(road: UnitRoad) -> Millis | None:
        if len(begun) > 2:
            raise ZeroDivisionError("half a policy")
        return road.road_ms

    run = job.run

    def counted(*words: object, **options: object) -> object:
        begun.append(1)
        return run(*words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "run", counted)
    monkeypatch.setitem(POLICIES, broken, Policy(broken, "1", until_the_third, may_divert=False))
    words = ("simulate", folder, "--policy", broken, "--days", 1, "--replications", 4, "--workers", 1)
    machine = tocsin(*words, "--json")
    assert machine.status == 1 and misfits("simulate_answer", machine.json) == []
    assert (machine.json["replications"], machine.json["partial"]["code"]) == (2, "policy_failed")
    assert machine.json["partial"]["values"]["replication"] == "3"
    assert machine.json["journal_head"] is None and machine.json["journal_remark"]["code"] == "journal_partial", "it would raise there, too"
    begun.clear()
    text = tocsin(*words)
    assert text.status == 1 and "PARTIAL: 2 of 4 replications." in text.out and "half broke in replication 3" in " ".join(text.out.split())


# ---- stopped by hand


@pytest.mark.parametrize("stage", ["open_city", "cover_models", "perform_by"])
def test_stopped_before_anything_was_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    """While the city is made, while cover is weighed, within the first replication: the same end."""

    monkeypatch.setattr(experiments, stage, interrupted)
    folder, page = write_town(tmp_path / "town"), tmp_path / "page.html"
    for words in (("simulate", folder), ("compare", folder, "--policies", "closest,default")):
        plain, machine = tocsin(*words, "--html", page), tocsin(*words, "--json")
        assert (plain.status, plain.out, machine.status) == (130, "", 130)
        assert "Stopped by hand" in plain.err and "Traceback" not in plain.err
        assert machine.json["error"]["code"] == "cancelled" and misfits("error_answer", machine.json) == []
    assert not page.exists()
    assert len({tocsin("simulate", folder, "--language", language).err for language in LANGUAGES}) == 4


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_stopped_while_the_journal_is_written_keeps_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, journal = write_town(tmp_path / "town"), tmp_path / "run.journal"
    words = ("simulate", folder, "--days", 1, "--replications", 2, "--json")
    whole = tocsin(*words).json
    monkeypatch.setattr(simulate, "run_on_desk", interrupted)
    for more in ((), ("--journal", journal)):
        run = tocsin(*words, *more)
        assert run.status == 130 and misfits("simulate_answer", run.json) == []
        assert run.json["figures"] == whole["figures"] and run.json["partial"]["code"] == "cancelled"
        assert run.json["journal_head"] is None and run.json["journal_remark"]["code"] == "journal_partial"
    assert not journal.exists(), "half a journal is none"


def test_stopped_between_worlds_keeps_the_worlds_that_were_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, lived = write_town(tmp_path / "town"), stress._lived
    begun: list[object] = []

    def until_the_third(*words: object) -> object:
        begun.append(words)
        return lived(*words) if len(begun) < 3 else interrupted()  # type: ignore[arg-type]

    monkeypatch.setattr(stress, "_lived", until_the_third)
    words = ("--policies", "closest,road-time", "--days", 1, "--replications", 2, "--workers", 1, "--stress", "--json")
    run = tocsin("compare", folder, *words)
    assert run.status == 130 and run.json["partial"]["code"] == "cancelled"
    worlds = run.json["stress"]["worlds"]
    assert [one["world"] for one in worlds] == ["as_is", "demand", "demand", "drives"]
    assert [one["replications"] for one in worlds] == [2, 2, 2, 0]


# ---- overload


@pytest.mark.parametrize("language", LANGUAGES)
def test_overload_is_told_first_of_all_on_page_and_terminal(tmp_path: Path, language: str) -> None:
    folder, page = write_town(tmp_path / "town"), tmp_path / "page.html"
    words = ("--policies", "closest,road-time", "--load", 20, "--days", 3, "--replications", 3, "--workers", 1)
    run = tocsin("compare", folder, *words, "--html", page, "--language", language)
    assert run.status == 1 and untranslated(run.out) == []
    assert run.out.lstrip().startswith("! PAR")
    assert all(len(line) <= 80 for line in run.out.splitlines() if line != str(page)), "paths stay whole"
    first = run.out.splitlines()[0].removeprefix("! ")
    text = page.read_text("utf-8")
    assert first in text and text.index('class="partial"') < text.index("<main>")
    assert "closest, road-time" in text[text.index('class="partial"') : text.index("<main>")]


def test_overload_as_json(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    words = ("--load", 20, "--days", 3, "--replications", 3, "--workers", 1, "--json")
    run = tocsin("compare", folder, "--policies", "closest,road-time", *words)
    told = run.json
    assert run.status == 1 and told["replications"] == 1 and told["asked"]["replications"] == 3
    assert [one["overloaded"] for one in told["policies"].values()] == [[1], [1]]
    assert not any(one["is_shown"] for one in told["differences"][0]["measures"].values())
    alone = tocsin("simulate", folder, *words)
    assert alone.status == 1 and alone.json["figures"]["overloaded"] == [1] and alone.json["journal_head"] is None
    high = alone.json["high"]
    assert high["n"] > alone.json["figures"]["unreached"] > 150 and high["late"] / high["n"] > 0.5, "who still waits is late, not left out"


# ---- options


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("simulate", "--policy", "nearest"), "--policy"),
        (("compare", "--policies", "closest,nearest"), "--policies"),
        (("compare", "--policies", "closest,closest"), "--policies"),
        (("compare", "--policies", "closest"), "--policies"),
    ],
)
def test_the_option_that_was_given_is_the_one_that_is_named(tmp_path: Path, words: tuple[str, ...], field: str) -> None:
    error = tocsin(words[0], write_town(tmp_path / "town"), *words[1:], "--json").json["error"]
    assert error["field"] == field


Spoiling = Callable[[Path], None]


@pytest.mark.parametrize("spoil", [lambda file: None, lambda file: file.write_text("not a journal\n", "utf-8")])
def test_a_journal_that_is_none(tmp_path: Path, spoil: Spoiling) -> None:
    folder, file = write_town(tmp_path / "town"), tmp_path / "calls.journal"
    spoil(file)
    machine = tocsin("simulate", folder, "--demand", file, "--json")
    assert machine.status == 2 and machine.json["error"]["file"] == str(file)
    assert tocsin("compare", folder, "--policies", "closest,default", "--demand", file, "--json").json == machine.json
