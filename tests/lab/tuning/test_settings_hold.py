"""What tuning hands out, put into a centre's plan: experiments and the desk go by it."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.demo_folder import copy_centre
from tocsin.lab.experiment.tuning import Limits
from tocsin.roads.region import Region
from tocsin.roads.region_file import write_region
from tocsin.wiring.cities import no_progress
from tocsin.wiring.cover import cover_of
from tocsin.wiring.experiments import ExperimentAsked, open_experiment
from tocsin.wiring.simulate import simulate
from tocsin.wiring.tune import TuneAsked, tune

DATA = files("tocsin").joinpath("data").joinpath("coquimbo")


@pytest.fixture
def folder(region: Region, tmp_path: Path) -> Path:
    """The shipped centre, with its roads, under the default policy."""
    made = tmp_path / "centre"
    made.mkdir()
    copy_centre(DATA.joinpath("centre"), made)
    write_region(region, made / "coquimbo.region")
    return made


def say_of_cover(folder: Path, settings: str) -> None:
    """In the place of what the plan says of it."""
    plan = folder / "plan.toml"
    own = re.sub(r"^\[cover\]\n(?:[^\[\n].*\n|\n)*", "", plan.read_text("utf-8"), flags=re.MULTILINE)
    plan.write_text(f"{own}\n{settings}", "utf-8")


@pytest.mark.parametrize("limits", [Limits(guard_points=None, driving_cap=0.1), Limits(guard_points=0.1, driving_cap=None)])
def test_a_plan_with_tuned_settings_simulates_as_tuning_said(folder: Path, tmp_path: Path, limits: Limits) -> None:
    say_of_cover(folder, '[cover]\nleast_gain_ppm = 500\narea_permille = { "A1" = 1234 }\n')
    asked = ExperimentAsked(folder, ("closest", "default"), days=1.2, seed=3, replications=1, workers=1)
    told = tune(TuneAsked(asked, limits, tmp_path / "cover.toml", "en"), progress=no_progress).answer
    settings = (tmp_path / "cover.toml").read_text("utf-8")
    say_of_cover(folder, settings.replace("[cover]", "[cover]\nleast_gain_ppm = 500"))
    rules = read_centre_folder(folder).plan.cover
    assert (rules.price_ppm_per_min, rules.area_permille) == (told.price_ppm_per_min, told.area_permille)
    assert (rules.price_ppm_per_min, rules.area_permille) != (600, {}), "something must have been tuned"
    again = simulate(asked._replace(policies=("default",)), journal=None, progress=no_progress).answer.figures
    assert again.high == told.judged.policies["tuned"].high
    assert again.areas == told.judged.policies["tuned"].areas
    assert again.return_min_per_call == told.judged.policies["tuned"].return_min_per_call


def test_the_desk_and_experiments_weigh_the_same_cover(folder: Path) -> None:
    area = read_centre_folder(folder).stations[0].station
    say_of_cover(folder, f'[cover]\nprice_ppm_per_min = 90\nleast_gain_ppm = 7\narea_permille = {{ "{area}" = 3000 }}\n')
    opened = open_experiment(ExperimentAsked(folder, ("default",), days=1.0), no_progress)
    live = cover_of(folder, read_centre_folder(folder), no_progress)
    assert opened.ground.covers[opened.city.digest] == live
    assert {model.needs for model in live} >= {"pump", "transport"}
    assert opened.experiment.arms[0].rule == (7_000, 1_500)
