"""A small town made for tests: a grid of four streets, a second street of one name elsewhere, houses, a hospital, a road with posts."""

from tocsin.base.geometry import LonLat
from tocsin.places.rows import Alias, House, Meeting, Named, Piece, Post, Row, Stretch


def at(east_m: float, north_m: float) -> LonLat:
    """Metres from the middle of the town."""
    return LonLat(round(9.5 + east_m / 75_700, 7), round(47.1 + north_m / 111_195, 7))


PIECES: list[Row] = [
    Piece("Hauptstraße", 1, 2, (at(0, 0), at(100, 0))),
    Piece("Hauptstraße", 2, 3, (at(100, 0), at(200, 0))),
    Piece("Kirchgasse", 2, 4, (at(100, 0), at(100, 100))),
    Piece("3RD ST", 3, 5, (at(200, 0), at(200, 100))),
    Piece("O'FARRELL ST", 5, 4, (at(200, 100), at(100, 100))),
    Piece("Hauptstraße", 11, 12, (at(6000, 0), at(6100, 0))),
    Piece("Seeweg", 20, 21, (at(100, 160), at(100, 400))),
]
ROWS: list[Row] = [
    *PIECES,
    Named(("Oberdorf", "Upper Village"), "locality", at(50, 20), category="village"),
    Named(("Niederdorf",), "locality", at(6050, 20), category="village"),
    Named(("Landesspital",), "landmark", at(150, 50), category="hospital"),
    Alias("Kirchgasse", "Ruelle de l'Église"),
    House("Hauptstraße", "2", at(20, 8)),
    House("Hauptstraße", "8", at(80, 8), postcode="9490"),
    House("Hauptstraße", "12", at(120, 8)),
    House("Hauptstraße", "12a", at(125, 18)),
    House("Hauptstraße", "12", at(6050, 8)),
    House("Oberdorf", "77", at(40, 40), "Oberdorf"),
    Stretch("3RD ST", 801, 899, (at(200, 0), at(200, 100)), "odd"),
    Stretch("3RD ST", 800, 898, (at(200, 0), at(200, 100)), "even"),
    Stretch("O'FARRELL ST", 100, 198, (at(200, 100), at(100, 100)), origin="inferred", spread_m=60.0),  # type: ignore[arg-type]
    Meeting("Seeweg", "Hafenplatz", at(100, 400)),
    Post("A1", 23.0, at(0, 500)),
    Post("A1", 24.0, at(1000, 500)),
]
