"""Where is it?"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.base.faults import BadInput
from tocsin.cli.terminal import Json, Language, err, language_of, out, parse_lon_lat, print_json
from tocsin.shown import figures
from tocsin.shown import places as shown
from tocsin.wiring.places import open_locator

MOST = 100
Place = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
Layers = Annotated[list[Path] | None, Parameter(negative="")]


def locate(
    path: Path, text: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None, *, at: Place = None, near: Place = None,
    limit: int = 8, areas: Layers = None, name: str | None = None, json: Json = False, language: Language = None,
) -> None:  # fmt: skip
    """Places that a text may mean, with their uncertainty; or, with --at, what a place is called. Needs no network.

    Parameters
    ----------
    path
        The road file.
    text
        Address, crossing, landmark, coordinates, Plus Code, MGRS, UTM, map link …
    at
        LON,LAT in degrees: say what is there.
    near
        LON,LAT in degrees: what lies near it comes first, and short Plus Codes refer to it.
    limit
        The most answers, 1 to 100.
    areas
        Polygons as GeoJSON, for the areas that hold each place; may be given several times.
    name
        Property of the polygons that names them; name, district, station … without it.
    """
    spoken = language_of(language)
    if (text is None) == (at is None):
        raise BadInput("locate_what")
    if not 1 <= limit <= MOST:
        raise BadInput("locate_limit", field="--limit", value=limit, most=MOST)
    place = parse_lon_lat(at, "--at") if at is not None else None
    reference = parse_lon_lat(near, "--near") if near is not None else None
    locator = open_locator(path, areas or [], name_key=name)
    if place is not None:
        described = locator.describe(place)
        notes = described.notes
        answer: shown.LocateAnswer | shown.PlaceAnswer = shown.PlaceAnswer(
            described.nearest, described.areas, described.grids, described.notes
        )
        print_json(answer) if json else shown.described(out, described, place, spoken)
    else:
        found = locator.find(text or "", limit=limit, near=reference)
        notes = found.notes
        print_json(shown.LocateAnswer(found.candidates, found.notes)) if json else shown.located(out, found, spoken)
    for note in notes:
        figures.paragraph(err, shown.note(note, spoken))
