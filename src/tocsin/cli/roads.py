"""Road times: learned from what was driven."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import fit as shown
from tocsin.wiring import fit as fitting

roads_app = App(name="roads", help="Road times: learn them from what was driven.")


@roads_app.command(name="fit")
def fit(
    journal: Path, *, region: Path | None = None, centre: Path | None = None, until: str | None = None, split: str | None = None,
    plain: list[str] | None = None, out_: Annotated[Path | None, Parameter(name="--out")] = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Learn how fast units really drive from a journal's stage times; say how well that predicts later drives.

    Parameters
    ----------
    journal
        The journal to learn from; it is not changed.
    region
        Road file.
    centre
        Folder of the centre, if its road file is wanted.
    until
        Learn from what came before this date only (2020-04-14).
    split
        The same, and judge on what came from this date on.
    plain
        Priority that is driven without lights and sirens; may be given several times.
    out_
        File for the learned speeds.
    """
    spoken = language_of(language)
    options = fitting.FitOptions(region, centre, until, split, frozenset(plain or ()), out_)
    with progress_bar(spoken) as progress:
        answer = fitting.fit_roads(journal, options, progress=progress)
    print_json(answer) if json else shown.fitted(out, answer, spoken)
