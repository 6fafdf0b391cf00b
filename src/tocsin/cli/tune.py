"""Settings of move-ups that a city can stand."""

from pathlib import Path

from tocsin.cli.ending import end
from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.lab.experiment.tuning import Limits
from tocsin.shown import tune as shown
from tocsin.wiring import tune as tuning
from tocsin.wiring.experiments import ExperimentAsked


def tune(
    centre: Path, *, guard: float | None = None, most_driving: float | None = None, days: float = 28.0, load: float = 1.0, seed: int = 1,
    replications: int = 8, scenario: Path | None = None, workers: int | None = None, out_file: Path | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Find settings of the default policy under which no area becomes much worse, or less is driven; judge them on other calls.

    Parameters
    ----------
    centre
        Folder of a city: a centre's, a JEMSS city as it is, or tables.
    guard
        Percentage points by which the late share of an area may rise against "closest".
    most_driving
        Per cent by which return driving may rise against "closest".
    days
        Days in which people call, from a Monday 00:00 on.
    load
        Times as many calls as the city's own.
    seed
        Of the calls that judge; those that are tuned on have another one.
    replications
        Times that the days are lived through, in tuning and in judging.
    scenario
        File that says what the city's tables do not: shifts, lent units, surges, closures. In the place of the folder's lab.toml.
    workers
        Processes; without it as many as pay. The answer does not depend on it.
    out_file
        File for the settings, as a part of a response plan.
    """
    spoken = language_of(language)
    wish = ExperimentAsked(centre, (tuning.BASE, tuning.POLICY), days, load, seed, replications, workers, None, guard, scenario=scenario)
    limits = Limits(guard, None if most_driving is None else most_driving / 100)
    with progress_bar(spoken) as progress:
        made = tuning.tune(tuning.TuneAsked(wish, limits, out_file, spoken), progress=progress)
    print_json(made.answer) if json else shown.tuned(out, made.answer, spoken, None)
    end(made.answer.partial)
