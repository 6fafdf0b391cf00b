"""The hypercube sends one unit to a call: where the city's calls take several, that is said first of all."""

import io
import signal
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from command_line import LANGUAGES, in_english, tocsin, untranslated
from lab.city.jemss_folder import texts, written
from tocsin.edge.demo_folder import copy_centre
from tocsin.pages.numerals import Numerals
from tocsin.roads.region import Region
from tocsin.roads.region_file import write_region
from tocsin.shown.hypercube import reckoned
from tocsin.views.hypercube_answer import HypercubeAnswer
from tocsin.wiring.cities import no_progress, open_city
from tocsin.wiring.hypercube import HypercubeAsked, hypercube

DATA = files("tocsin").joinpath("data").joinpath("coquimbo")


@pytest.fixture(scope="module", autouse=True)
def as_people_run_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with in_english(tmp_path_factory.mktemp("cache")):
        yield


@pytest.fixture(scope="module")
def centre_folder(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped centre, whose plan sends several units to a fire."""
    made = tmp_path_factory.mktemp("centre") / "centre"
    made.mkdir()
    copy_centre(DATA.joinpath("centre"), made)
    write_region(region, made / "coquimbo.region")
    return made


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("several") / "square", texts())


def text_of(answer: HypercubeAnswer, language: str) -> str:
    out = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    reckoned(out, answer, language)
    return str(out.file.getvalue())  # type: ignore[attr-defined]


def test_a_city_of_several_units_a_call_is_marked_for_machines_and_people(centre_folder: Path) -> None:
    city = open_city(centre_folder)
    rates = [float(np.mean(kind.per_hour)) for kind in city.kinds]
    sent = [max(sum(slot.count for slot in kind.slots), 1) for kind in city.kinds]
    answer = hypercube(HypercubeAsked(centre_folder, load=0.3), progress=no_progress)
    assert answer.several_units_per_call and max(sent) > 1
    assert answer.units_per_call == pytest.approx(np.average(sent, weights=rates), abs=1e-6)
    for language in LANGUAGES:
        text = text_of(answer, language)
        units = Numerals(language).decimal(answer.units_per_call, 2)
        warning = next(line for line in text.splitlines() if line.startswith("! "))
        assert units in warning and text.index(warning) < text.index("█"), "before the first figure by unit"
        assert "tocsin simulate" in " ".join(text.split()) and untranslated(text) == [] and "cli.hypercube" not in text


def test_an_hour_is_asked_of_the_calls_of_that_hour(centre_folder: Path) -> None:
    city = open_city(centre_folder)
    answer = hypercube(HypercubeAsked(centre_folder, load=0.2, hour=15), progress=no_progress)
    rates = [kind.per_hour[15] for kind in city.kinds]
    sent = [max(sum(slot.count for slot in kind.slots), 1) for kind in city.kinds]
    assert answer.units_per_call == pytest.approx(np.average(sent, weights=rates), abs=1e-6)


def test_a_city_of_one_unit_a_call_is_not(square: Path) -> None:
    run = tocsin("hypercube", square, "--json")
    assert run.json["several_units_per_call"] is False and run.json["units_per_call"] == 1.0
    assert "!" not in tocsin("hypercube", square).out


def pressed(done: int) -> object:
    """A progress that presses Ctrl-C after so many replications."""

    def heard(at: int, _of: int | None, stage: str) -> None:
        if (stage, at) == ("replications", done):
            signal.raise_signal(signal.SIGINT)

    return heard


def test_stopped_beside_the_simulation_what_is_reckoned_stands(square: Path) -> None:
    wish = HypercubeAsked(square, is_against=True, days=2.0, replications=3)
    plain = hypercube(HypercubeAsked(square), progress=no_progress)
    none, two = (hypercube(wish, progress=pressed(done)) for done in (0, 2))  # type: ignore[arg-type]
    assert none.partial is not None and none.partial.code == "cancelled" and none.simulated is None
    assert none.units == plain.units and none.late_share == plain.late_share
    assert two.partial is not None and two.simulated is not None
    assert two.simulated.is_cut_short and two.simulated.replications == 2
    for language in LANGUAGES:
        for answer in (none, two):
            assert sum(line.startswith("! ") for line in text_of(answer, language).splitlines()) == 1
    assert "2 whole replications" in " ".join(text_of(two, "en").split())


def test_a_whole_simulation_is_not_marked(square: Path) -> None:
    """Neither flag nor sentence where it came to its end."""
    answer = hypercube(HypercubeAsked(square, is_against=True, days=3.0, replications=2), progress=no_progress)
    assert answer.partial is None and "Stopped" not in text_of(answer, "en")


def test_half_widths_of_shares_are_points(square: Path) -> None:
    text = tocsin("hypercube", square, "--against-simulation", "--days", 4, "--replications", 3).out
    row = next(line for line in text.splitlines() if line.startswith("High: late") and "±" in line)
    assert row.rstrip().endswith("pts") and "%" in row
