"""The invented shift."""

import sys
from pathlib import Path
from shutil import which
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import demo as demo_shown
from tocsin.wiring import demo as demo_wired
from tocsin.wiring import reports


def demo(
    *, out_: Annotated[Path, Parameter(name="--out")] = Path("tocsin-demo"), seed: int = 1, hours: float | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Run an invented shift in La Serena and Coquimbo through the real engine, and write its report. Needs no network.

    Parameters
    ----------
    out_
        Folder for what the demo writes.
    seed
        Another seed is another day.
    hours
        How long people call; the whole shift of 24 h without it.
    """
    spoken = language_of(language)
    page = out_ / "report.html"
    table = demo_shown.ShiftTable()
    with progress_bar(spoken) as progress:
        made = demo_wired.run_demo(out_, seed=seed, hours=hours, progress=progress, on_answer=table.hear)
        answer = reports.report(made.journal, "nfpa-1710", progress=progress)
        reports.write_page(answer, page, region=made.region, language=spoken)
    if json:
        print_json(demo_shown.DemoAnswer(str(made.journal), str(page), answer.head.hash if answer.head else "", table.counts(), answer))
    else:
        demo_shown.show(out, table, made, answer, page, spoken)
        demo_shown.next_steps(out, made, program_name(), spoken)


def program_name() -> str:
    """How this program was called, so that a hint can be typed as it stands: ``.venv/bin/tocsin`` where ``tocsin`` would not be found."""
    called = Path(sys.argv[0])
    if called.name != "tocsin":
        return "tocsin"
    found = which("tocsin")
    return "tocsin" if found is not None and Path(found).samefile(called) else str(called)
