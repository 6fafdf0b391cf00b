"""Where should stations stand?"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.ending import end
from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import siting as shown
from tocsin.wiring import siting
from tocsin.wiring.experiment_pages import check_page
from tocsin.wiring.siting import SiteAsked

Names = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


def site(
    centre: Path, *, stations: int, objective: str = "mclp", keep: Names = None, candidates: int = 100, busy: float = 0.3,
    limit: float = 60.0, policy: str = "default", days: float = 7.0, replications: int = 8, seed: int = 1, region: Path | None = None,
    html: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Where stations should stand: the best choice with its proof, today's beside it, and what a simulation says.

    Parameters
    ----------
    centre
        Folder of a city: a centre's, a JEMSS city as it is, or tables.
    stations
        How many in all, those kept included.
    objective
        mclp: most demand within the target; mexclp: the same when units are often busy; p-median: shortest mean drive; survival: most
        survivors of cardiac arrest.
    keep
        Names of today's stations that must stay.
    candidates
        Places to choose from beside today's stations.
    busy
        Chance that a unit is not free, for mexclp.
    limit
        Seconds that the proof may take; then the gap is told. 0 = no proof.
    policy
        Policy of the simulation.
    days
        Days of each replication.
    replications
        Pairs of simulations with the same calls; 0 = none.
    seed
        Of the simulated calls.
    region
        Road file to look up the nearest streets in; without it the centre's own, if it has one.
    html
        File for a page with maps and plots.
    """
    spoken = language_of(language)
    wish = SiteAsked(
        centre, stations, objective, tuple(keep or ()), candidates, busy, limit, policy, days, replications, seed, region
    )  # fmt: skip
    check_page(html)
    with progress_bar(spoken) as progress:
        chosen = siting.site(wish, progress=progress)
        if html is not None:
            siting.write_site_page(chosen, html, language=spoken)
    print_json(chosen.answer) if json else shown.sited(out, chosen.answer, spoken, html)
    end(chosen.answer.partial)
