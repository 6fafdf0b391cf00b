"""Calls and crews to be expected."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import forecast as shown
from tocsin.wiring import forecast as wired


def forecast(
    journal: Path, *, weeks: int | None = None, target: float = 0.05,
    waited: Annotated[float, Parameter(name="--waited")] = 0.0, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Calls to be expected by hour of the week and area, how well that was foretold before, and the crews that it asks for.

    Parameters
    ----------
    journal
        The journal to learn from; it is not changed.
    weeks
        Learn from its last so many weeks only.
    target
        Share of calls that may find every crew of a kind at work.
    waited
        Seconds that a call may wait before it counts.
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        answer = wired.forecast(journal, wired.ForecastOptions(weeks, target, waited), progress=progress)
    print_json(answer) if json else shown.foretold(out, answer, spoken)
