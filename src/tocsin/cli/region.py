"""Road files and road times."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from tocsin.cli.terminal import Coordinates, Json, Language, err, language_of, out, parse_lon_lat, print_json, progress_bar
from tocsin.roads.info import Shown
from tocsin.shown import figures as shown
from tocsin.wiring import roads

region_app = App(name="region", help="Road files: build one, look into one.")


@region_app.command(name="build")
def region_build(
    source: Path, *, out_: Annotated[Path, Parameter(name="--out")], mapping: Path | None = None, name: str | None = None,
    journal: Path | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Make a road file from OpenStreetMap (.osm.pbf, .osm, .osm.gz), streets as GeoJSON, or tables of nodes and arcs.

    Parameters
    ----------
    source
        The file or folder to read.
    out_
        The road file to write.
    mapping
        Names of the properties or columns, for a layout that is not known.
    name
        What the region is called; the file's name without one.
    journal
        A journal of the centre: where at least two of its incidents gave a block of a street, its numbers are known there (GeoJSON only).
    """
    spoken = language_of(language)
    with progress_bar(spoken) as progress:
        made = roads.make_region(source, out_, mapping=mapping, name=name, progress=progress, journal=journal)
    print_json(made) if json else shown.region(out, made, spoken)


@region_app.command(name="info")
def region_info(path: Path, *, json: Json = False, language: Language = None) -> None:
    """Say what a road file holds.

    Parameters
    ----------
    path
        The road file.
    """
    spoken = language_of(language)
    found = roads.show_region(path)
    print_json(found) if json else shown.region(out, found, spoken)


def route(
    path: Path, *, from_: Annotated[list[str], Parameter(name="--from", help="LON,LAT; may be given several times.")], to: Coordinates,
    close: Annotated[
        list[str] | None, Parameter(help="LON,LAT on a street that is closed; may be given several times.", negative="")
    ] = None,
    speeds: Path | None = None, hour: int | None = None, plain: Annotated[bool, Parameter(negative="")] = False,
    steps: Annotated[bool, Parameter(negative="")] = False, geometry: bool = False, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Road times from each place to one.

    Parameters
    ----------
    path
        The road file.
    speeds
        Learned speeds, as ``tocsin roads fit`` writes them; without them the map's own.
    hour
        Hour of the week, 0 = Monday 00:00; only with learned speeds.
    plain
        Without lights and sirens.
    steps
        With what to do on the way.
    geometry
        With the line that is driven.
    """
    spoken = language_of(language)
    places = [parse_lon_lat(text, "--from") for text in from_]
    closed = [parse_lon_lat(text, "--close") for text in close or ()]
    options = roads.RouteOptions(closed, speeds, hour, not plain, Shown(geometry, steps))
    found = roads.show_routes(path, places, parse_lon_lat(to, "--to"), options)
    if not found.is_compiled:
        shown.note(err, "roads.slow", spoken)
    print_json(found.rows) if json else shown.routes(out, found.rows, found.closed_streets, spoken)
