"""Move-up: at which station a free unit is of most use. Numbers in, a station out; the same function live, in replay and simulated.

DMEXCLP (Jagtenberg, Bhulai & van der Mei 2015): the station at which one more unit adds most expected cover.
"""

from collections.abc import Sequence
from typing import NamedTuple

PPB_PER_PPM, S_PER_MIN = 1_000, 60
PRICE_PPB_PER_S = 10_000
"""600 ppm for a minute: as ``CoverRules`` has it where nobody says otherwise."""


class MoveUpRule(NamedTuple):
    """When another station than its own is worth the drive."""

    least_gain_ppb: int = 0
    """What it must add more than its own station would."""
    price_ppb_per_s: int = PRICE_PPB_PER_S
    """What a second's longer drive than that to its own station must add."""


def rule_of(least_gain_ppm: int, price_ppm_per_min: int) -> MoveUpRule:
    """From the numbers of a plan."""
    return MoveUpRule(least_gain_ppm * PPB_PER_PPM, price_ppm_per_min * PPB_PER_PPM // S_PER_MIN)


NO_WAY_MS = -1
LESS_THAN_ANY_PPB = -1
"""What a station is worth that nobody can get to: no gain is below 0."""


def best_station(gain_ppb: Sequence[int], drive_ms: Sequence[int], own: int, rule: MoveUpRule) -> int:
    """Index of the station to go to.

    ``gain_ppb``: by station, what one more unit there adds (the unit itself counts nowhere). ``drive_ms``: by station, -1 = no way.
    ``own``: index of its own station; no way there = any other is better. Of equal ones its own, then the nearest, then the first.
    """
    own_ms = drive_ms[own]
    best, best_worth, best_ms = own, gain_ppb[own] + rule.least_gain_ppb if own_ms >= 0 else LESS_THAN_ANY_PPB, own_ms
    for station, ms in enumerate(drive_ms):
        if ms < 0 or station == own:
            continue
        longer_ms = ms - own_ms if ms > own_ms >= 0 else 0
        worth = gain_ppb[station] - rule.price_ppb_per_s * longer_ms // 1000
        if worth > best_worth or (worth == best_worth and best != own and ms < best_ms):
            best, best_worth, best_ms = station, worth, ms
    return best


def table_station(lacks: Sequence[bool], drive_ms: Sequence[int], own: int) -> int:
    """Index of the station to go to by a compliance table: its own where that lacks one, else the nearest that does, else its own.

    ``lacks``: by station, whether the table wants one more there than will be without this unit. Of equally near ones the first; none where
    there is no way.
    """
    if lacks[own] and drive_ms[own] >= 0:
        return own
    near = [(ms, station) for station, ms in enumerate(drive_ms) if lacks[station] and ms >= 0]
    return min(near)[1] if near else own
