"""Tuning move-ups to one city's limits, and judging what was found on calls that nobody tuned on."""

from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.edge.whole_file import write_whole
from tocsin.lab.city.cover import cover_models, with_areas
from tocsin.lab.experiment.experiment import compared
from tocsin.lab.experiment.tuning import TUNED, Limits, Setting, Tuner
from tocsin.views.experiment_answer import CityMap, CompareAnswer
from tocsin.views.tuning_answer import TuneAnswer
from tocsin.wiring.experiments import ExperimentAsked, Opened, city_map, executor_of, open_experiment, perform
from tocsin.wiring.stages import Progress
from tocsin.words import say

BASE, POLICY = "closest", "default"


class TuneAsked(NamedTuple):
    """Options as they were given."""

    experiment: ExperimentAsked
    """With the base and the policy to be tuned."""
    limits: Limits
    out: Path | None
    language: str


class TunedAnswer(NamedTuple):
    """The answer, and the city's map for its page."""

    answer: TuneAnswer
    map: CityMap


def tune(wish: TuneAsked, *, progress: Progress) -> TunedAnswer:
    """Raises BadInput of options and city, ``tune_limits`` where nothing limits; KeyboardInterrupt where a person stops it."""
    limits = wish.limits
    if limits == Limits(None, None):
        raise BadInput("tune_limits", field="--guard")
    opened = open_experiment(wish.experiment, progress)
    even = opened.ground._replace(covers={opened.city.digest: cover_models(opened.city)})  # what is found stands in the place of the plan's
    tuner = Tuner(opened.experiment, even, executor_of(opened, wish.experiment), limits)
    found = tuner.tune(lambda done, of: progress(done, of, "tune"))
    judged = _judge(opened, wish.experiment, found.setting, progress)
    permille = found.setting.by_area(opened.city.areas)
    if wish.out is not None:
        write_whole(wish.out, settings_text(found.setting.price_ppm_per_min, permille, wish.language))
    answer = TuneAnswer(
        found.setting.price_ppm_per_min, permille, found.holds, limits.guard_points, limits.driving_cap, found.tries,
        _kept(judged), judged, None if wish.out is None else str(wish.out),
    )  # fmt: skip
    return TunedAnswer(answer, city_map(opened.city))


def _judge(opened: Opened, wish: ExperimentAsked, setting: Setting, progress: Progress) -> CompareAnswer:
    """On the calls of the stated seed, which tuning has not seen."""
    base, policy = opened.experiment.arms
    models = with_areas(cover_models(opened.city), setting.by_area(opened.city.areas))
    arm = policy._replace(name=TUNED, rule=setting.rule(policy.rule), cover=TUNED)
    ground = opened.ground._replace(covers={**opened.ground.covers, TUNED: models})
    all_three = Opened(opened.city, opened.experiment._replace(arms=(base, policy, arm)), ground)
    return compared(all_three.experiment, ground, perform(all_three, wish, progress))


def _kept(judged: CompareAnswer) -> float | None:
    """Share of the untuned gain; None where there was none."""
    gains = [one.measures["high_late_share"].mean for one in judged.differences if "high_late_share" in one.measures]
    return gains[1] / gains[0] if len(gains) == 2 and gains[0] < 0 else None


def settings_text(price_ppm_per_min: int, permille: dict[str, int], language: str) -> str:
    """The part of a plan's file that says so."""
    lines = [f"# {say('lab.tune.head', language)}", "[cover]", f"price_ppm_per_min = {price_ppm_per_min}"]
    if permille:
        rows = [f"{_quoted(area)} = {weight}" for area, weight in permille.items()]
        lines += ["", "[cover.area_permille]", *rows]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """As a TOML key."""
    escaped = "".join(f"\\u{ord(one):04x}" if ord(one) < 32 or one == "\x7f" else f"\\{one}" if one in '"\\' else one for one in text)
    return f'"{escaped}"'
