"""What ``tocsin site`` answers: the same structs for JSON, the terminal and the page. Shares are of 1, times in seconds."""

from typing import Literal

import msgspec

from tocsin.views.experiment_answer import CompareAnswer, Partial, Pin, Remark


class ChosenStation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One station of the choice."""

    name: str
    """That of today's station, or ``new-1``, ``new-2`` …"""
    lon: float
    lat: float
    units: int
    """Of the service's own, as they are spread for the simulation."""
    loss: float | None
    """How much worse the objective is without it, the others staying where they are (not optimised anew); None for the only one."""
    is_new: bool
    is_kept: bool
    """Asked to be kept."""
    street: str | None = None
    """What is nearest, where a road file was given to look it up in."""


class Reach(msgspec.Struct, frozen=True):
    """Share of demand within a drive of 1, 2 … minutes of the nearest station, before and after."""

    today: tuple[float, ...]
    chosen: tuple[float, ...]
    mean_drive_today_s: float | None
    """Of the demand that can be reached at all."""
    mean_drive_chosen_s: float | None


class SiteAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where to stand, how good that is, and how much better anything else could be."""

    stations: tuple[ChosenStation, ...]
    goal: str
    """mclp, mexclp, p-median, survival."""
    objective: float
    """The goal's value. mclp: share of urgent demand covered in time; mexclp: the same with busy units, expected; survival: expected share
    of survivors; p-median: mean drive in seconds, the only one of which less is better."""
    bound: float
    """No choice of as many among these candidates is better."""
    gap: float | None
    """|bound - objective| / |objective|; None where the objective is 0."""
    is_proven: bool
    """The gap is below one part in a million."""
    way: Literal["swap", "relaxed", "exact"]
    """Exchange alone; proved by a relaxation; branch and bound."""
    today: float | None
    """The objective of today's stations, all of them."""
    today_stations: int
    closed: tuple[str, ...]
    """Today's stations that are not in the choice."""
    candidates: int
    """Sites to choose from, today's included."""
    points: int
    """Places with demand."""
    reach_s: float
    """Drive within which a place counts as covered: target less mean call taking and turnout."""
    reach: Reach
    city: str
    city_digest: str
    is_worse_than_today: bool
    """The choice is worth less than today's stations are: fewer of them, or sites that were kept. False where there are none today."""
    busy: float | None = None
    """mexclp: chance that a unit is not free."""
    policy: str | None = None
    """Of the simulation."""
    simulated: CompareAnswer | None = None
    """Today's stations against the chosen ones, the same units and calls; None if it was not asked for."""
    remarks: tuple[Remark, ...] = ()
    partial: Partial | None = None
    """Why it ended before its end; what had been found by then stands. ``cancelled`` with ``at``: proof, simulation."""


class Spot(msgspec.Struct, frozen=True, array_like=True):
    """A place with demand, and the drive to it from the nearest station, before and after; -1 = no way."""

    lon: float
    lat: float
    share: float
    today_ms: int
    chosen_ms: int


class SiteMap(msgspec.Struct, frozen=True):
    """For the page, not part of the JSON answer."""

    spots: tuple[Spot, ...]
    today: tuple[Pin, ...]
    chosen: tuple[Pin, ...]
    """In the order of the answer's stations."""
    candidates: tuple[tuple[float, float], ...]
    """Longitude and latitude of sites that were not chosen."""
    today_rings: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Around what is reached in time: longitudes and latitudes, the last point being the first."""
    chosen_rings: tuple[tuple[tuple[float, float], ...], ...] = ()
