"""The map."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.base.faults import BadInput
from tocsin.cli.terminal import Json, Language, language_of, out, parse_lon_lat, print_json, progress_bar
from tocsin.shown import map as shown
from tocsin.wiring import map as wiring


def map_(
    path: Path, *, html: Path | None = None, stations: Path | None = None,
    close: Annotated[list[str] | None, Parameter(help="LON,LAT on a street that is closed; may be given several times.")] = None,
    minutes: str | None = None, speeds: Path | None = None, zoom: int = 14, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Say what a road file's map holds, and draw it.

    Parameters
    ----------
    path
        The road file.
    html
        File for the map as a page; it needs no network.
    stations
        Table with columns station, name, lon, lat.
    minutes
        How far help comes from the stations within these minutes, as in 4,8,12.
    speeds
        Learned speeds for that, as ``tocsin roads fit`` writes them; without them the map's own.
    zoom
        Deepest zoom that goes into the page, 0 to 14.
    """
    spoken = language_of(language)
    wiring.check_zoom(zoom)
    closed = [parse_lon_lat(text, "--close") for text in close or ()]
    options = wiring.MapOptions(stations, closed, parse_minutes(minutes) if minutes is not None else (), speeds)
    with progress_bar(spoken) as progress:
        made = wiring.make_map(path, options, progress=progress)
    if html is not None:
        wiring.write_map(made, html, most_zoom=zoom, language=spoken)
    answer = wiring.map_answer(made, html)
    print_json(answer) if json else shown.mapped(out, answer, made.closed_streets, spoken)


def parse_minutes(text: str) -> list[int]:
    """``4,8,12``. Raises BadInput ``minutes``."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise BadInput("minutes", field="--minutes", value=text, most=wiring.MOST_MINUTES) from None
