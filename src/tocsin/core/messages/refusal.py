"""Refusals: the state forbids it. An answer like any other: told to the person, kept in the journal, given again to the same key."""

from typing import Literal

import msgspec

RefusalCode = Literal[
    "CallUnknown",
    "CallAlreadyTaken",
    "IncidentUnknown",
    "IncidentAlreadyOpen",
    "IncidentNotOpen",
    "IncidentNotEnded",
    "IncidentHasUnits",
    "UnitUnknown",
    "UnitNotFree",
    "UnitHasJob",
    "UnitNamedTwice",
    "UnitNotAssigned",
    "CrewBusy",
    "StationUnknown",
    "NobodyNamed",
    "PlanMissing",
    "PlaceMissing",
    "AlarmNotHigher",
    "NothingToChange",
    "MoveUpMissing",
    "StampOutOfOrder",
    "CentreAlreadyOpen",
    "ChangedMeanwhile",
    "PolicyUnknown",
]


class CommandRefused(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Nothing changed. ``field`` is the part of the question that a screen points at."""

    code: RefusalCode
    field: str = ""
    values: dict[str, str] = {}
