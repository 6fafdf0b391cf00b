"""A first look at a city without dice."""

from pathlib import Path

from tocsin.cli.ending import end
from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import hypercube as shown
from tocsin.wiring import hypercube as wired


def hypercube(
    centre: Path, *, load: float = 1.0, hour: int | None = None, against_simulation: bool = False, days: float = 28.0,
    replications: int = 4, seed: int = 1, scenario: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """What closest unit and return home lead to, reckoned instead of simulated: workloads, waits, late share by area. Takes a second.

    Parameters
    ----------
    centre
        Folder of a city: a centre's, a JEMSS city as it is, or tables.
    load
        Times as many calls as the city's own.
    hour
        Hour of the week, 0 = Monday 00:00 to 167, as if it went on for ever; without it the mean of the week.
    against_simulation
        Simulate the policy "closest" beside it and show how far apart the two are.
    days
        Days of each simulated replication.
    replications
        Of the simulation.
    seed
        Of the simulation.
    scenario
        File that says what the city's tables do not, in the place of the folder's lab.toml.
    """
    spoken = language_of(language)
    asked = wired.HypercubeAsked(centre, load, hour, against_simulation, days, replications, seed, scenario)
    with progress_bar(spoken) as progress:
        answer = wired.hypercube(asked, progress=progress)
    print_json(answer) if json else shown.reckoned(out, answer, spoken)
    end(answer.partial)
