"""The invented shift: alive in the browser, or computed at once; and a past one on the same screens."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from shutil import which
from typing import Annotated

from cyclopts import Parameter

from tocsin.base.faults import BadInput
from tocsin.cli.serve import complain, open_browser, run
from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import demo as demo_shown
from tocsin.shown.serve import ServedAnswer, link, show_addresses, show_link
from tocsin.wiring import demo as demo_wired
from tocsin.wiring import reports, serve_demo, serve_past, serving
from tocsin.wiring.doors import Doors


def demo(
    *, out_: Annotated[Path, Parameter(name="--out")] = Path("tocsin-demo"), seed: int = 1,
    speed_factor: Annotated[float | None, Parameter(name="--speed")] = None,
    replay: Path | None = None, region: Path | None = None, port: int | None = None, headless: bool = False, hours: float | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """An invented shift in La Serena and Coquimbo, alive in your browser, on the real engine. Needs no network.

    Parameters
    ----------
    out_
        Folder for what the demo writes.
    seed
        Another seed is another day.
    speed_factor
        Times as fast as the wall clock: 4 without it, 60 for a journal.
    replay
        Journal to watch on the same screens instead; read only.
    region
        Road file for the map of that journal.
    port
        Port of the server; without it 8042 or the next free one.
    headless
        No browser: the whole shift at once, and its report. Implied by ``--hours`` and ``--json``.
    hours
        How long people call; the whole shift of 24 h without it.
    """
    spoken = language_of(language)
    if replay is not None:
        _watch(serve_past.PastAsked(replay, out_ / "watching", region, speed_factor if speed_factor is not None else 60.0), port, spoken)
    elif headless or hours is not None or json:
        _compute(out_, seed=seed, hours=hours, json=json, language=spoken)
    else:
        _live(serve_demo.DemoAsked(out_, seed, speed_factor if speed_factor is not None else 4.0), port, spoken)


def _live(asked: serve_demo.DemoAsked, port: int | None, language: str) -> None:
    with ExitStack() as until:
        with progress_bar(language) as progress:
            opened = serve_demo.open_demo(asked, progress=progress, until=until, faults=lambda fault: complain(fault, language))
        _run(opened.stand, port, lambda taken: _ready(opened.stand, opened.doors, "demo", language, taken))


def _watch(asked: serve_past.PastAsked, port: int | None, language: str) -> None:
    with ExitStack() as until:
        opened = serve_past.open_past(asked, until=until, faults=lambda fault: complain(fault, language))
        _run(opened.stand, port, lambda taken: _ready(opened.stand, opened.doors, "replay", language, taken))


def _ready(stand: serving.Stand, doors: Doors, kind: str, language: str, taken: int | None) -> serving.Ready:
    def ready(address: str) -> None:
        told = ServedAnswer(address, stand.parts.journal.journal_id, doors.keys, taken)
        show_addresses(out, told, language, is_built=stand.parts.console is not None, kind=kind)
        doors.listen(lambda role, key: show_link(out, role, link(address, key), language))
        open_browser(link(address, doors.keys["dispatcher"]))

    return ready


def _run(stand: serving.Stand, port: int | None, ready: Callable[[int | None], serving.Ready]) -> None:
    """At the port that was asked for, else at the usual one, else at any that is free."""
    if port is not None:
        run(stand, serving.Address(port=port), ready(None))
        return
    try:
        run(stand, serving.Address(), ready(None))
    except BadInput as fault:
        if fault.code != "port_taken":
            raise
        run(stand, serving.Address(port=0), ready(serving.FIRST_PORT))


def _compute(folder: Path, *, seed: int, hours: float | None, json: bool, language: str) -> None:
    page = folder / "report.html"
    table = demo_shown.ShiftTable()
    with progress_bar(language) as progress:
        made = demo_wired.run_demo(folder, seed=seed, hours=hours, progress=progress, on_answer=table.hear)
        answer = reports.report(made.journal, "nfpa-1710", progress=progress)
        reports.write_page(answer, page, region=made.region, language=language)
    if json:
        print_json(demo_shown.DemoAnswer(str(made.journal), str(page), answer.head.hash if answer.head else "", table.counts(), answer))
    else:
        demo_shown.show(out, table, made, answer, page, language)
        demo_shown.next_steps(out, made, program_name(), language)


def program_name() -> str:
    """How this program was called, so that a hint can be typed as it stands: ``.venv/bin/tocsin`` where ``tocsin`` would not be found."""
    called = Path(sys.argv[0])
    if called.name != "tocsin":
        return "tocsin"
    found = which("tocsin")
    return "tocsin" if found is not None and Path(found).samefile(called) else str(called)
