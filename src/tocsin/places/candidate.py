"""One answer to "where is it?". There may be several: ambiguity is an answer, and nothing is guessed silently."""

from typing import Literal, Self

import msgspec

from tocsin.base.quantities import Metres

Kind = Literal[
    "address",  # a house number at its own place
    "address_interpolated",  # between known numbers, or within a stated range: a stretch of street
    "block",  # "800 block of …": the stretch of street with these numbers
    "street",
    "crossing",
    "landmark",  # points of interest: hospitals, schools, stations, shops …
    "locality",
    "kilometre_post",
    "coordinates",
    "grid_cell",  # Plus Code, MGRS, USNG: an area
]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A place that a text may mean."""

    text: str
    """How it is written in full, to be shown and read back to the caller."""
    kind: Kind
    lon: float
    lat: float
    """The middle of what is meant; degrees, WGS 84."""
    uncertainty_m: Metres
    """Radius round the middle that holds all of what is meant: half a stretch, half a cell's diagonal, 0 only for a surveyed point."""
    score: float
    """0 to 1: how well the text fits; equal texts score 1. Not a probability."""
    source: str
    """Where it comes from: ``osm``, ``streets``, ``plus-code``, ``mgrs``, ``utm``, ``typed`` …"""
    reason: str = ""
    """Code of why it is here or uncertain (``interpolated``, ``misspelt``, ``several_streets`` …); its words are in ``words/``."""
    area: str = ""
    """Locality, postcode or district that tells it from another of the same name."""

    def told(self) -> Self:
        """The same in as many digits as say something: a centimetre of place, 0.1 m of doubt, a ten-thousandth of the score."""
        return msgspec.structs.replace(
            self,
            lon=round(float(self.lon), 7),
            lat=round(float(self.lat), 7),
            uncertainty_m=Metres(round(float(self.uncertainty_m), 1)),
            score=round(float(self.score), 4),
        )
