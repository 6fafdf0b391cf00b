"""A small file of learned speeds for any region: one zone, one bin, everything twice as slow as on paper, and round numbers beside it."""

import msgspec

from tocsin.roads.region import Region
from tocsin.roads.speeds import HOURS_PER_WEEK, Constants, Fitted, LearnedFrom, SpeedsFile, Spread, Zone, speeds_file

LONG_MS = 2**30 - 1
CONSTANTS = {
    "told": {"engine": Constants(170_000, 90_000, 100), "*": Constants(175_000, 150_000, 400)},
    "rolled": {"engine": Constants(92_000, 91_000, 100), "*": Constants(121_000, 120_000, 400)},
}
"""Milliseconds: from quarters, and from the road."""
SPREADS = (
    Spread("told", "station", 300_000, 700, 1600, 50),
    Spread("told", "station", LONG_MS, 800, 1500, 50),
    Spread("told", "on_route", LONG_MS, 400, 2800, 50),
    Spread("told", "last_known", LONG_MS, 500, 5000, 50),
    Spread("told", "*", LONG_MS, 600, 2500, 200),
    Spread("rolled", "on_route", LONG_MS, 300, 2900, 50),
    Spread("rolled", "*", LONG_MS, 600, 2400, 200),
)


def learned_speeds(region: Region, **changed: object) -> SpeedsFile:
    """The file, with some of its parts replaced."""
    table = ((2000,) * len(region.header.classes),)
    middle = Zone(int(region.point_lon_e7.mean()), int(region.point_lat_e7.mean()))
    fitted = Fitted(
        map_hash=region.map_hash, classes=region.header.classes, cos_permille=800, zones=(middle,), bin_of_hour=(0,) * HOURS_PER_WEEK,
        factors_permille=(table,), any_hour_permille=table, constants=CONSTANTS, spreads=SPREADS,
    )  # fmt: skip
    source = LearnedFrom(
        journal="made.journal", head="00", first="2020-01-01T00:00:00Z", last="2020-01-31T00:00:00Z", trips=400, sure_trips=300,
        left_out={}, settings={},
    )  # fmt: skip
    return speeds_file(msgspec.structs.replace(fitted, **changed), source)
