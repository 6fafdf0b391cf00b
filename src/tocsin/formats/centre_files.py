"""The texts of a centre folder ↔ ``Centre``: centre.toml, stations.csv, units.csv, plan.toml. Pure; ``edge/centre_folder.py`` reads files.

People edit these files. Everything wrong in them is told with file, line and remedy; a centre is read whole or not at all.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.instants import is_zone
from tocsin.core.messages.centre import Footing
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.centre import Centre
from tocsin.formats.couriers import TABLE as COURIER
from tocsin.formats.couriers import CourierSetting, check_couriers
from tocsin.formats.fleet_files import read_stations, read_units, write_stations, write_units
from tocsin.formats.nearest import nearest
from tocsin.formats.plan_checks import check_plan
from tocsin.formats.plan_file import read_plan, write_plan
from tocsin.formats.toml_lines import TomlText, read_toml
from tocsin.formats.toml_tables import Layout, read_struct, toml_lines, toml_remark

CENTRE, STATIONS, UNITS, PLAN = FILES = ("centre.toml", "stations.csv", "units.csv", "plan.toml")
"""The files of a folder, in the order in which they are read and checked."""


class Particulars(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands in ``centre.toml``."""

    id: str
    name: str
    timezone: str
    footing: Footing = "live"
    region: str = ""
    speeds: str = ""
    language: str = "en"
    attribution: tuple[str, ...] = ()
    status_codes: str = ""
    couriers: tuple[CourierSetting, ...] = ()


class Remarks(msgspec.Struct, frozen=True):
    """What written files explain of themselves, in the reader's language."""

    centre: str = ""
    plan: str = ""
    cards: dict[str, str] = {}
    """By card name: on what the card stands."""


_LAYOUT = Layout(
    names={Particulars: {COURIER: "couriers"}},
    special={},
    examples={
        "id": 'id = "coquimbo-fire"', "name": 'name = "Bomberos de Coquimbo"', "timezone": 'timezone = "America/Santiago"',
        "footing": 'footing = "exercise"',
        "region": 'region = "coquimbo.region"', "speeds": 'speeds = "coquimbo.speeds"',
        "language": 'language = "es"', "attribution": 'attribution = ["© OpenStreetMap contributors"]',
        "status_codes": 'status_codes = "de-fms"',
        "courier": '[[courier]]', "kind": 'kind = "webhook"', "events": 'events = ["UnitsDispatched"]',
        "url": 'url = "https://pager.example/tocsin"', "folder": 'folder = "printer"', "secret_file": 'secret_file = "pager.secret"',
    },
)  # fmt: skip


class _Parts(NamedTuple):
    particulars: Particulars | None
    stations: list[OpenStation]
    units: list[EnrolUnit]
    plan: ResponsePlan | None


def read_centre(texts: Mapping[str, str], *, folder: str = "", languages: Collection[str] = ()) -> Centre:
    """The centre that the texts (file name → text) state. Raises the first BadInput of ``check`` in the order of the files."""
    parts, problems = _read(texts, folder, languages)
    if problems:
        raise problems[0]
    one = parts.particulars
    assert one is not None and parts.plan is not None  # what is missing is a problem, raised above
    return Centre(
        one.id, one.name, one.timezone, parts.plan, one.footing, one.region, one.language, one.attribution,
        tuple(parts.stations), tuple(parts.units), one.speeds, one.status_codes, one.couriers,
    )  # fmt: skip


def check(texts: Mapping[str, str], *, folder: str = "", languages: Collection[str] = ()) -> list[BadInput]:
    """Everything that is wrong, in the order of the files and their lines. What refers to other entries is checked once all files read.

    ``languages``: those that are shipped; empty = any code is taken.
    """
    return _read(texts, folder, languages)[1]


def _read(texts: Mapping[str, str], folder: str, languages: Collection[str]) -> tuple[_Parts, list[BadInput]]:
    path = {name: f"{folder.rstrip('/')}/{name}" if folder else name for name in FILES}
    lacking = [name for name in FILES if name not in texts]
    problems: list[BadInput] = [BadInput("centre_file_missing", file=path[name], folder=folder or ".") for name in lacking]
    centre = _toml(texts, CENTRE, path, problems)
    particulars = _particulars(centre, languages, problems) if centre is not None else None
    stations, _ = read_stations(texts[STATIONS], file=path[STATIONS], problems=problems) if STATIONS in texts else ([], [])
    units, unit_lines = read_units(texts[UNITS], file=path[UNITS], problems=problems) if UNITS in texts else ([], [])
    source = _toml(texts, PLAN, path, problems)
    plan = read_plan(source, problems) if source is not None else None
    if not problems and plan is not None and source is not None:
        problems += _check_homes(stations, units, unit_lines, path[UNITS])
        problems += check_plan(plan, source, stations, units)
    order = {file: nth for nth, file in enumerate(path.values())}
    problems.sort(key=lambda fault: (order.get(fault.file or "", 0), fault.line or 0))
    return _Parts(particulars, stations, units, plan), problems


def _toml(texts: Mapping[str, str], name: str, path: Mapping[str, str], problems: list[BadInput]) -> TomlText | None:
    try:
        return read_toml(texts[name], file=path[name]) if name in texts else None
    except BadInput as fault:
        problems.append(fault)
        return None


def _particulars(source: TomlText, languages: Collection[str], problems: list[BadInput]) -> Particulars | None:
    found = read_struct(Particulars, source.data, (), source, _LAYOUT, problems)
    if found is None:
        return None
    for key in ("id", "name"):
        if not getattr(found, key).strip():
            problems.append(BadInput("value_empty", file=source.file, line=source.line(key), field=key, column=key))
    if not is_zone(found.timezone):
        problems.append(BadInput("timezone", file=source.file, line=source.line("timezone"), field="timezone", value=found.timezone))
    if found.speeds and not found.region:
        problems.append(BadInput("speeds_without_region", file=source.file, line=source.line("speeds"), field="speeds"))
    if languages and found.language not in languages:
        where = source.line("language")
        known = ", ".join(languages)
        problems.append(BadInput("centre_language", file=source.file, line=where, field="language", found=found.language, known=known))
    problems += check_couriers(found.couriers, source)
    return found


def _check_homes(stations: Sequence[OpenStation], units: Sequence[EnrolUnit], lines: Sequence[int], file: str) -> list[BadInput]:
    known = {station.station for station in stations}
    return [
        BadInput("station_unknown", file=file, line=line, field="station", found=unit.station, nearest=nearest(unit.station, known))
        for unit, line in zip(units, lines, strict=True)
        if unit.station is not None and unit.station not in known
    ]


def write_centre(centre: Centre, remarks: Remarks | None = None) -> dict[str, str]:
    """The texts (file name → text) of a centre; reading them gives the same centre."""
    said = remarks or Remarks()
    particulars = Particulars(
        centre.id, centre.name, centre.timezone, centre.footing, centre.region, centre.speeds, centre.language, centre.attribution,
        centre.status_codes,
    )  # fmt: skip
    return {
        CENTRE: "\n".join([*toml_remark(said.centre), *toml_lines(msgspec.to_builtins(particulars)), *_courier_lines(centre)]) + "\n",
        STATIONS: write_stations(centre.stations),
        UNITS: write_units(centre.units),
        PLAN: write_plan(centre.plan, head=said.plan, cards=said.cards),
    }


def _courier_lines(centre: Centre) -> list[str]:
    return [line for one in centre.couriers for line in ("", f"[[{COURIER}]]", *toml_lines(msgspec.to_builtins(one)))]
