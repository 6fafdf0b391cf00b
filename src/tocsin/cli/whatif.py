"""A log lived again, with changes."""

from pathlib import Path

from tocsin.cli.ending import end
from tocsin.cli.terminal import Json, Language, language_of, out, print_json, progress_bar
from tocsin.shown import whatif as shown
from tocsin.wiring import whatif as wired


def whatif(
    journal: Path, *, centre: Path | None = None, close_station: list[str] | None = None, add_unit: list[str] | None = None,
    move: list[str] | None = None, remove_unit: list[str] | None = None, policy: str | None = None, plan: Path | None = None,
    target: list[str] | None = None, replications: int = 3, seed: int = 1, html: Path | None = None,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Your own log's calls lived again, as they were served and with changes: who waits longer, who less. Changes may be given together.

    Parameters
    ----------
    journal
        The journal whose calls are lived again; it is not changed.
    centre
        Folder of the centre, for its roads; the folder "centre" beside the journal without it, straight lines where there is none.
    close_station
        Station to close; its units wait at the nearest open one.
    add_unit
        NAME:KIND:STATION[:CAPABILITY+CAPABILITY], a unit that is always on duty.
    move
        UNIT:STATION.
    remove_unit
        Unit to do without.
    policy
        How units are chosen: closest, preserve, move-up, dmexclp, default, road-time, …
    plan
        Response plan (a plan.toml) in the place of the journal's.
    target
        PRIORITY=SECONDS from the call to the first unit on scene; later is late. Without it the centre's lab.toml
        says, else the plan, else the log itself.
    replications
        How often what the log does not tell is drawn anew.
    seed
        Of these dice.
    html
        File for the page; it needs no network.
    """
    spoken = language_of(language)
    options = wired.WhatifOptions(
        centre, close_station or (), add_unit or (), move or (), remove_unit or (), policy, plan, target or (), replications, seed
    )  # fmt: skip
    if html is not None:
        wired.check_page(html)
    with progress_bar(spoken) as progress:
        answer = wired.whatif(journal, options, progress=progress)
    if html is not None:
        wired.write_page(answer, html, language=spoken)
    print_json(answer) if json else shown.relived(out, answer, spoken, html)
    end(answer.partial)
