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
    "ClosureUnknown",
    "ClosureAlreadyStated",
    "ClosureEnded",
    "ClosureNeverInForce",
    "ShapeTooSmall",
    "ShapeTooLarge",
    "ShapeOffEarth",
    "HeadingUnusable",
    "CentreAlreadyOpen",
    "ChangedMeanwhile",
    "PolicyUnknown",
    "TimezoneUnknown",
    "PersonalDataGone",
    "NotOverdue",
    "AlarmUnknown",
    "ShelvedTooLong",
    "WelfareEveryUnusable",
    "UnitHasNoJob",
    "HoldAlreadyOver",
    "HoldTooLong",
    "StampUnusable",
    "NothingToUndo",
    "TooLateToUndo",
    "MessageUnknown",
    "MessageAlreadySent",
    "RecipientMissing",
    "CoverUnusable",
]


class CommandRefused(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Nothing changed. ``field`` is the part of the question that a screen points at."""

    code: RefusalCode
    field: str = ""
    values: dict[str, str] = {}


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """How a rule says no; the kernel turns it into the event."""

    def __init__(self, code: RefusalCode, field: str = "", **values: object) -> None:
        super().__init__(code)
        self.event = CommandRefused(code, field, {name: str(value) for name, value in values.items()})


class StaleFacts(Exception):  # noqa: N818 - not an error: the desk gathers once more
    """The facts were looked up for another board than the one that decides."""
