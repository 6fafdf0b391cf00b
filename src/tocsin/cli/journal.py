"""Journals and centre folders: import, replay, report, verify, check."""

from pathlib import Path

from cyclopts import App

from tocsin.cli.terminal import Json, Language, language_of, out, print_json, problem_told, progress_bar
from tocsin.shown import figures as shown
from tocsin.wiring import imports, replays, reports
from tocsin.words import tell

import_app = App(name="import", help="Take another system's log in.")


@import_app.command(name="sf-fire")
def import_sf_fire(
    log: Path, *, centre: Path, journal: Path, region: Path | None = None, stations: Path | None = None,
    timezone: str = "America/Los_Angeles", json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """San Francisco's "Fire Department Calls for Service", plain or gzipped: writes a centre folder and a journal.

    Parameters
    ----------
    log
        The log.
    centre
        Folder for stations, units and run cards; used as it is when it is there.
    journal
        The journal to write; must not be there yet.
    region
        Road file; places outside it are noticed.
    stations
        Table with columns station, lat, lon.
    timezone
        IANA name of the zone that the log's stamps are in.
    """
    spoken = language_of(language)
    paths = imports.ImportFiles(log, centre, journal, region, stations)
    with progress_bar(spoken) as progress:
        answer = imports.import_sf_fire(paths, zone=timezone, progress=progress)
    print_json(answer) if json else shown.imported(out, answer, spoken)


def replay(
    journal: Path, *, centre: Path | None = None, region: Path | None = None, speeds: Path | None = None, policy: str | None = None,
    receipts: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """At every dispatch that really happened: whom would the engine have sent?

    Parameters
    ----------
    journal
        The journal to replay; it is not changed.
    centre
        Folder with the run cards to replay with and the road file; without it the journal's own plan and recorded facts serve.
    region
        Road file, if the centre names none or another one is wanted; the centre's learned speeds go with its own only.
    speeds
        Learned speeds, as ``tocsin roads fit`` writes them, if the centre names none or others are wanted.
    policy
        road-time, road-time-no-divert or straight-line; the plan's own without it.
    receipts
        File for one receipt per line.
    """
    spoken = language_of(language)
    options = replays.ReplayOptions(centre, region, speeds, policy, receipts, spoken)
    with progress_bar(spoken) as progress:
        answer = replays.replay(journal, options, progress=progress)
    print_json(answer) if json else shown.replayed(out, answer, spoken)


def report(
    journal: Path, *, targets: str = "plain", html: Path | None = None, region: Path | None = None,
    priority: list[str] | None = None, unit_kind: list[str] | None = None, excluded: bool = False,
    json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """How the service did: answering, processing, turnout, travel and total response, against dated and cited targets.

    Parameters
    ----------
    journal
        The journal to read; it is not changed.
    targets
        Name of a shipped target profile, or a .toml file.
    html
        File for the page with plots and map; it needs no network.
    region
        Road file, to draw streets under the map.
    priority
        Only incidents of this priority; may be given several times.
    unit_kind
        Only units of this kind; may be given several times.
    excluded
        With --json: list every record that gave no figure.
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        only = reports.Selection(frozenset(priority or ()), frozenset(unit_kind or ()))
        answer = reports.report(journal, targets, selection=only, has_excluded=excluded, progress=progress)
    if html is not None:
        reports.write_page(answer, html, region=region, language=spoken)
    print_json(answer) if json else shown.reported(out, answer, html, spoken)


def verify(journal: Path, *, json: Json = False, language: Language = None) -> None:
    """Check every line and link of a journal. Exit status 1 when it does not hold.

    Parameters
    ----------
    journal
        The journal to check; it is not changed.
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        answer = reports.verify(journal, progress=progress)
    print_json(answer) if json else shown.verified(out, answer, spoken)
    if not answer.ok:
        raise SystemExit(1)


def check(centre: Path, *, json: Json = False, language: Language = None) -> None:
    """Say everything that is wrong in a centre folder, with file and line.

    Parameters
    ----------
    centre
        The folder.
    """
    spoken = language_of(language)
    problems = reports.check_centre(centre)
    if json:
        print_json(shown.CheckAnswer(not problems, [problem_told(problem, spoken) for problem in problems]))
    else:
        shown.checked(out, [tell(problem, spoken) for problem in problems], spoken)
    if problems:
        raise SystemExit(2)
