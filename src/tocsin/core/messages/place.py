"""A place with its uncertainty: what a caller, a gazetteer or a log says about where."""

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres


class Place(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where something is. ``text`` is kept as it was said."""

    at: LonLat | None = None
    text: str = ""
    area: str = ""
    """Station area: whose station answers first (first due)."""
    district: str = ""
    """Wider area for figures: battalion, quarter, commune."""
    uncertainty_m: Metres | None = None
