"""Stations: where units wait."""

import msgspec

from tocsin.base.identifiers import StationId
from tocsin.core.messages.place import Place


class OpenStation(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Put a station into use, or state its name and place anew."""

    station: StationId
    name: str
    place: Place


class StationOpened(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The station is in use, as stated."""

    station: StationId
    name: str
    place: Place


class CloseStation(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Take a station out of use."""

    station: StationId
    reason: str = ""


class StationClosed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The station is out of use."""

    station: StationId
    reason: str = ""
