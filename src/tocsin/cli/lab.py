"""What-if on one's own city: a policy simulated, several compared."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import lab as shown
from tocsin.shown import stress as shown_stress
from tocsin.views.experiment_answer import CompareAnswer, Partial
from tocsin.wiring import compare as comparing
from tocsin.wiring import experiment_pages as pages
from tocsin.wiring import simulate as simulating
from tocsin.wiring.experiments import ExperimentAsked, names_of


def simulate(
    centre: Path, *, days: float = 7.0, load: float = 1.0, policy: str = "default", seed: int = 1, replications: int = 1,
    scenario: Path | None = None, demand: Path | None = None, workers: int | None = None, warm_up_days: float | None = None,
    cluster: str | None = None, journal: Path | None = None, html: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Simulate a city under one policy: response times, lateness by area, how busy units are.

    Parameters
    ----------
    centre
        Folder of a city: a centre's, a JEMSS city as it is, or tables.
    days
        Days in which people call, from a Monday 00:00 on.
    load
        Times as many calls as the city's own.
    policy
        Name of the policy.
    seed
        Another seed is another experiment; the same gives the same to the last byte.
    replications
        Times that the days are lived through, each with calls of its own. From 2 on there are confidence intervals.
    scenario
        File that says what the city's tables do not: shifts, lent units, surges, closures. In the place of the folder's lab.toml.
    demand
        Journal whose calls people make: how often, where, about what, and how long each takes. In the place of the city's own.
    workers
        Processes; without it as many as pay. The answer does not depend on it.
    warm_up_days
        First days whose calls are not counted; without it 1, and none in runs under 2 days.
    cluster
        Address of a Dask scheduler, in the place of processes.
    journal
        File for the journal of the first replication.
    html
        File for a page with maps and plots.
    """
    spoken = language_of(language)
    wish = ExperimentAsked(centre, (policy,), days, load, seed, replications, workers, warm_up_days, None, cluster, scenario, demand)
    pages.check_page(html)
    with progress_bar(spoken) as progress:
        made = simulating.simulate(wish, journal=journal, progress=progress)
    pages.write_simulated(html, made, wish, spoken)
    print_json(made.answer) if json else shown.simulated(out, made.answer, spoken, html)
    _end(made.answer.partial)


def compare(
    centre: Path, *, policies: Annotated[list[str], Parameter(negative="")], days: float = 7.0, load: float = 1.0, seed: int = 1,
    replications: int = 8, scenario: Path | None = None, demand: Path | None = None, workers: int | None = None,
    warm_up_days: float | None = None, guard: float | None = None, stress: bool = False, cluster: str | None = None,
    html: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Compare policies on a city, each against the first, with the very same calls.

    Parameters
    ----------
    centre
        Folder of a city: a centre's, a JEMSS city as it is, or tables.
    policies
        Names with commas between; the first is what the others are compared with.
    days
        Days in which people call, from a Monday 00:00 on.
    load
        Times as many calls as the city's own.
    seed
        Another seed is another experiment; the same gives the same to the last byte.
    replications
        Pairs: times that the days are lived through by every policy.
    scenario
        File that says what the city's tables do not: shifts, lent units, surges, closures. In the place of the folder's lab.toml.
    demand
        Journal whose calls people make: how often, where, about what, and how long each takes. In the place of the city's own.
    workers
        Processes; without it as many as pay. The answer does not depend on it.
    warm_up_days
        First days whose calls are not counted; without it 1, and none in runs under 2 days.
    guard
        Percentage points by which an area's late share may rise; areas beyond are named.
    stress
        The same again with other demand, drives, priorities, a station closed, or radio lost: what remains of the gain.
    cluster
        Address of a Dask scheduler, in the place of processes.
    html
        File for a page with maps and plots.
    """
    spoken = language_of(language)
    named = names_of(policies)
    wish = ExperimentAsked(centre, named, days, load, seed, replications, workers, warm_up_days, guard, cluster, scenario, demand)
    pages.check_page(html)
    with progress_bar(spoken) as progress:
        made = comparing.compare(wish, is_stressed=stress, progress=progress)
    pages.write_compared(html, made, wish, spoken)
    print_json(made.answer) if json else _show_compared(made.answer, spoken, html)
    _end(made.answer.partial)


def _show_compared(answer: CompareAnswer, language: str, page: Path | None) -> None:
    shown.compared(out, answer, language, page)
    shown_stress.stressed(out, answer, language)


def _end(partial: Partial | None) -> None:
    """Exit status 1 where the experiment ended before its end, 130 where a person stopped it: the answer is of what came before."""
    if partial is not None:
        raise SystemExit(130 if partial.code == "cancelled" else 1)
