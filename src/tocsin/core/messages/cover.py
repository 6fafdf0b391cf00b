"""Cover: how much of what may happen could be reached in time by the units that are free.

Expected covering (Daskin 1983): a free unit answers with probability 1 - q, so the k-th unit in reach of a place is worth
(1 - q) · q^(k-1) of that place's demand. Demand is of places, never of persons.
"""

import msgspec

from tocsin.base.identifiers import StationId

PPB = 1_000_000_000
BUSY_PPM = 300_000
REACH_MS = 480_000


class CoverRow(msgspec.Struct, frozen=True, array_like=True):
    """All places of one area that the same stations reach in time."""

    area: str
    stations: tuple[int, ...]
    """Indices into ``CoverModel.stations``, rising; none = no station reaches these places in time."""
    weight_ppb: int
    """Share of all demand; the rows of a model add up to 1,000,000,000."""


class CoverModel(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the stations of one service reach. Made from a road network and a demand, then adopted; decisions need no road for it."""

    needs: str
    """Capability that a unit must have to count: one model for ambulances, one for engines …"""
    stations: tuple[StationId, ...]
    rows: tuple[CoverRow, ...]
    busy_ppm: int = BUSY_PPM
    """q. Chosen by simulation, not from the load (simulation note, section 3)."""
    reach_ms: int = REACH_MS
    """Drive within which a place counted as reached: for the record, the rows are made with it."""
    source: str = ""
    """Which demand and which roads, for the record."""

    def __post_init__(self) -> None:
        # The encoder knows a default by identity, not by value. Equal models must have equal bytes, hence one version.
        if self.busy_ppm == BUSY_PPM:
            msgspec.structs.force_setattr(self, "busy_ppm", BUSY_PPM)
        if self.reach_ms == REACH_MS:
            msgspec.structs.force_setattr(self, "reach_ms", REACH_MS)


class AdoptCover(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Put cover models into force in the place of all that were; none = nothing is known of cover."""

    models: tuple[CoverModel, ...]


class CoverAdopted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The models are in force."""

    models: tuple[CoverModel, ...]
    version: str
    """First twelve hexadecimal digits of the SHA-256 of the models' canonical bytes."""
