"""A centre as its files state it: who it is, its stations and units, its plan. Pure."""

import msgspec

from tocsin.core.messages.centre import Footing, OpenCentre
from tocsin.core.messages.plan import AdoptPlan, ResponsePlan
from tocsin.core.messages.said import Command
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.couriers import CourierSetting


class Centre(msgspec.Struct, frozen=True):
    """Everything that a centre folder holds, in the order of its files."""

    id: str
    name: str
    timezone: str
    """IANA name."""
    plan: ResponsePlan
    footing: Footing = "live"
    region: str = ""
    """Path of the region file (roads, places); relative to the folder unless it is absolute."""
    language: str = "en"
    attribution: tuple[str, ...] = ()
    stations: tuple[OpenStation, ...] = ()
    units: tuple[EnrolUnit, ...] = ()
    speeds: str = ""
    """Path of the file of learned speeds, made for that region; relative likewise."""
    status_codes: str = ""
    """Radio codes that its crews use: name of a shipped table (``de-fms``), or path of its own."""
    couriers: tuple[CourierSetting, ...] = ()
    """To whom events are told outside."""


def opening_commands(centre: Centre) -> list[Command]:
    """What the desk is told before anything else: the centre, its stations, its units (which need them), its plan."""
    opening = OpenCentre(centre.id, centre.name, centre.timezone, centre.footing, centre.attribution)
    return [opening, *centre.stations, *centre.units, AdoptPlan(centre.plan)]
