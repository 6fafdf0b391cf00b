"""What the columns and properties of a street file mean: tables in ``data/mappings/*.toml``, or a file of the same form."""

import os
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from tocsin.base.faults import BadInput
from tocsin.roads.streets import Way


class Properties(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"klass": "class"}):
    """Which property of a feature says what; empty = none does."""

    klass: str = ""
    name: str = ""
    direction: str = ""
    speed: str = ""
    speed_against: str = ""
    """Where it differs; else ``speed`` holds both ways."""
    from_node: str = ""
    to_node: str = ""
    """Numbers of the nodes at the first and last point; without them equal coordinates are one node."""

    def used(self) -> list[str]:
        """All properties that are read."""
        return [name for name in msgspec.structs.astuple(self) if name]


class NumberProperties(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which properties say what house numbers a street has; for the gazetteer."""

    left_from: str
    """Number at the line's first point, left of it; 0 = none on this side."""
    left_to: str
    right_from: str
    right_to: str
    postcode: str = ""
    limits: str = ""
    """The cross streets at the two ends, in words."""
    limits_between: str = " - "
    limits_numbers: str = ""
    """How ``limits`` writes the numbers of a street that ends there, as a regular expression with two groups."""


class StreetMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to read one kind of GeoJSON."""

    name: str
    properties: Properties
    recognised_by: tuple[str, ...] = ()
    """Properties of the first feature by which a file is known without being told."""
    directions: dict[str, Way] = {}
    """Value of the direction property → both, along, against or unknown; "" is for streets without one. What is not here is unknown."""
    classes: dict[str, str] = {}
    """Value of the class property → road class; our own classes need no line."""
    other_class: str = ""
    """For any other value; empty = such a street is left out."""
    speed_unit: str = "km/h"
    is_met_within: bool = False
    """Streets meet wherever they share a point, not at ends alone."""
    attribution: tuple[str, ...] = ()
    licence: str = ""
    numbers: NumberProperties | None = None


class NodeColumns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of the table of nodes."""

    table: str
    id: str
    lon: str
    lat: str
    may_join: str = ""


class ArcColumns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of the table of arcs."""

    table: str
    from_node: str
    to_node: str
    days: str


class TableMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to read tables of nodes and arcs."""

    name: str
    nodes: NodeColumns
    arcs: ArcColumns
    attribution: tuple[str, ...] = ()
    licence: str = ""


M = TypeVar("M", StreetMapping, TableMapping)
_FOLDER = files("tocsin").joinpath("data", "mappings")
TABLES = "jemss.toml"


def street_mappings() -> list[StreetMapping]:
    """Those that are built in, in alphabetical order."""
    entries = sorted((entry for entry in _FOLDER.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return [msgspec.toml.decode(entry.read_bytes(), type=StreetMapping) for entry in entries if entry.name != TABLES]


def table_mapping() -> TableMapping:
    """The one for JEMSS city models."""
    return msgspec.toml.decode(_FOLDER.joinpath(TABLES).read_bytes(), type=TableMapping)


def read_street_mapping(path: Path) -> StreetMapping:
    """A mapping for GeoJSON from a file. Raises BadInput ``file_missing``, ``mapping_unreadable``."""
    return _read(path, StreetMapping)


def read_table_mapping(path: Path) -> TableMapping:
    """A mapping for tables from a file. Raises BadInput ``file_missing``, ``mapping_unreadable``."""
    return _read(path, TableMapping)


def _read(path: Path, kind: type[M]) -> M:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise BadInput("file_missing", file=os.fspath(path)) from None
    except (OSError, ValueError) as problem:
        raise BadInput("mapping_unreadable", file=os.fspath(path), reason=problem) from None


def recognise(present: set[str], file: str) -> StreetMapping:
    """The mapping whose properties are all there, the one that asks for most. Raises BadInput ``mapping_unknown``."""
    known = street_mappings()
    fitting = [one for one in known if one.recognised_by and present.issuperset(one.recognised_by)]
    if not fitting:
        names = ", ".join(one.name for one in known)
        raise BadInput("mapping_unknown", file=file, properties=", ".join(sorted(present)) or "-", known=names)
    return max(fitting, key=lambda one: len(one.recognised_by))
