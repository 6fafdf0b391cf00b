"""The board on paper."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.terminal import Json, Language, language_of, out, print_json
from tocsin.shown import paper as shown
from tocsin.wiring.paper import print_board


def paper(journal: Path, *, out_: Annotated[Path, Parameter(name="--out")], json: Json = False, language: Language = None) -> None:
    """The board at a journal's end as one page to print: open incidents, units, closed roads, and numbered slips to go on by pen.

    Needs the journal alone: no server, no centre folder, no network. While a centre is served, the same page is written to
    ``paper/board.html`` in its folder every 15 minutes.

    Parameters
    ----------
    journal
        The journal to read; it is not changed.
    out_
        File for the page (HTML).
    """
    spoken = language_of(language)
    answer = print_board(journal, out_, language=spoken)
    print_json(answer) if json else shown.printed(out, answer, spoken)
