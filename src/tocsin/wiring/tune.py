"""Tuning move-ups to one city's limits, and judging what was found on calls that nobody tuned on."""

from math import isfinite
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.edge.whole_file import check_place, write_whole
from tocsin.lab.city.cover import cover_models, with_areas
from tocsin.lab.experiment.experiment import compared
from tocsin.lab.experiment.tuning import TUNED, Limits, Setting, Tuner, kept_of
from tocsin.views.experiment_answer import CityMap, CompareAnswer, Partial
from tocsin.views.tuning_answer import TuneAnswer
from tocsin.wiring.experiments import ExperimentAsked, Opened, city_map, executor_of, open_experiment, perform
from tocsin.wiring.stages import Progress
from tocsin.words import say

BASE, POLICY = "closest", "default"
SETTINGS_BEGIN = b"# tocsin tune\n"


class TuneAsked(NamedTuple):
    """Options as they were given."""

    experiment: ExperimentAsked
    """With the base and the policy to be tuned."""
    limits: Limits
    out: Path | None
    language: str


class Judged(NamedTuple):
    """What fresh calls say; nothing where a person stopped it before."""

    answer: CompareAnswer | None
    late_shares: tuple[tuple[float | None, ...], ...]
    """Of high calls by replication: under the base, the policy as it is, the tuned one."""
    partial: Partial | None


class TunedAnswer(NamedTuple):
    """The answer, and the city's map for its page."""

    answer: TuneAnswer
    map: CityMap


def tune(wish: TuneAsked, *, progress: Progress) -> TunedAnswer:
    """Raises BadInput of options and city, ``tune_limits`` where nothing limits; KeyboardInterrupt where a person stops it at once."""
    limits = wish.limits
    _check(wish)
    opened = open_experiment(wish.experiment, progress)
    even = opened.ground._replace(covers={opened.city.digest: cover_models(opened.city)})  # what is found stands in the place of the plan's
    tuner = Tuner(opened.experiment, even, executor_of(opened, wish.experiment), limits)
    found = tuner.tune(lambda done, of: progress(done, of, "tune"))
    judged = Judged(None, ((), (), ()), Partial("cancelled", {"at": "tuning"}))
    if not found.is_stopped:
        judged = _judge(opened, wish.experiment, found.setting, progress)
    permille = found.setting.by_area(opened.city.areas)
    is_written = wish.out is not None and judged.partial is None
    if wish.out is not None and is_written:
        write_whole(wish.out, settings_text(found.setting.price_ppm_per_min, permille, wish.language))
    verdict, kept = kept_of(*judged.late_shares)
    answer = TuneAnswer(
        price_ppm_per_min=found.setting.price_ppm_per_min,
        area_permille=permille,
        holds=found.holds,
        guard_points=limits.guard_points,
        driving_cap=limits.driving_cap,
        tries=found.tries,
        verdict=verdict,
        kept=None if kept is None or kept.relative is None else 1 + kept.relative,
        kept_half_width=None if kept is None else kept.relative_half_width,
        judged=judged.answer,
        city=opened.city.name,
        file=str(wish.out) if is_written else None,
        partial=judged.partial,
    )
    return TunedAnswer(answer, city_map(opened.city))


def _check(wish: TuneAsked) -> None:
    limits = wish.limits
    if limits == Limits(None, None):
        raise BadInput("tune_limits", field="--guard")
    cap = limits.driving_cap
    if cap is not None and not (isfinite(cap) and cap >= 0):
        raise BadInput("lab_not_negative", field="--most-driving", value=100 * cap)
    if wish.out is not None:
        check_place(wish.out, begins=SETTINGS_BEGIN)


def _judge(opened: Opened, wish: ExperimentAsked, setting: Setting, progress: Progress) -> Judged:
    """On the calls of the stated seed, which tuning has not seen. Where a person stops it, what was whole by then."""
    base, policy = opened.experiment.arms
    models = with_areas(cover_models(opened.city), setting.by_area(opened.city.areas))
    arm = policy._replace(name=TUNED, rule=setting.rule(policy.rule), cover=TUNED)
    ground = opened.ground._replace(covers={**opened.ground.covers, TUNED: models})
    all_three = Opened(opened.city, opened.experiment._replace(arms=(base, policy, arm)), ground)
    try:
        rows = perform(all_three, wish, progress)
    except KeyboardInterrupt:
        return Judged(None, ((), (), ()), Partial("cancelled", {"at": "judging"}))
    partial = Partial("cancelled", {"at": "judging"}) if rows.partial is not None and rows.partial.code == "cancelled" else rows.partial
    late_shares = tuple(tuple(row.high.late_share for row in of) for of in rows.by_arm)
    return Judged(compared(all_three.experiment, ground, rows), late_shares, partial)


def settings_text(price_ppm_per_min: int, permille: dict[str, int], language: str) -> str:
    """The part of a plan's file that says so."""
    lines = [SETTINGS_BEGIN.decode().rstrip(), f"# {say('lab.tune.head', language)}", "[cover]", f"price_ppm_per_min = {price_ppm_per_min}"]
    if permille:
        rows = [f"{_quoted(area)} = {weight}" for area, weight in permille.items()]
        lines += ["", "[cover.area_permille]", *rows]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """As a TOML key."""
    escaped = "".join(f"\\u{ord(one):04x}" if ord(one) < 32 or one == "\x7f" else f"\\{one}" if one in '"\\' else one for one in text)
    return f'"{escaped}"'
