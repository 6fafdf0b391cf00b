"""TOML tables to structs, every fault told with its line; and values back to TOML text. Pure.

Each key is converted on its own, so that one reading finds all that is wrong, not only the first.
"""

import json
import re
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Literal, TypeVar, get_args, get_origin

import msgspec

from tocsin.base.faults import BadInput
from tocsin.formats.nearest import nearest
from tocsin.formats.toml_lines import Path, TomlText

T = TypeVar("T", bound=msgspec.Struct)

Names = Mapping[str, str]
"""TOML key → field of the struct, where the two differ."""

Special = Callable[[object], object]
"""Reads a value that TOML writes in another way than the struct holds it; raises ValueError."""


class Layout(msgspec.Struct, frozen=True):
    """How TOML writes structs: other names by struct, special readings by field, an example line by key."""

    names: dict[type, Names]
    special: dict[str, Special]
    examples: dict[str, str]


def read_struct(kind: type[T], table: object, at: Path, source: TomlText, layout: Layout, problems: list[BadInput]) -> T | None:
    """A struct from a table; None when something in it is wrong, which ``problems`` then says.

    Codes: ``setting_unknown``, ``setting_missing``, ``value_kind``, ``value_choice``.
    """
    if not isinstance(table, dict):
        problems.append(_fault("value_kind", at, source, layout, table))
        return None
    before = len(problems)
    names = {field.encode_name: field.encode_name for field in msgspec.structs.fields(kind)}
    for key, field_name in layout.names.get(kind, {}).items():
        names.pop(field_name, None)
        names[key] = field_name
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, object] = {}
    for key, raw in table.items():
        if key not in names:
            where = _fault("setting_unknown", (*at, key), source, layout, raw)
            where.values |= {"nearest": nearest(key, names), "known": ", ".join(names)}
            problems.append(where)
        else:
            values[names[key]] = _read_value(fields[names[key]].type, raw, (*at, key), source, layout, problems)
    for key, field_name in names.items():
        if fields[field_name].required and field_name not in values:
            problems.append(_fault("setting_missing", (*at, key), source, layout, None))
    return kind(**values) if len(problems) == before else None


def _read_value(kind: object, raw: object, at: Path, source: TomlText, layout: Layout, problems: list[BadInput]) -> object:
    kind = _without_none(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return read_struct(kind, raw, at, source, layout, problems)
    element = _struct_in(kind)
    if element is not None:
        if not isinstance(raw, list):
            problems.append(_fault("value_kind", at, source, layout, raw))
            return None
        return tuple(read_struct(element, one, (*at, nth), source, layout, problems) for nth, one in enumerate(raw))
    try:
        special = layout.special.get(str(at[-1]))
        return special(raw) if special is not None else msgspec.convert(raw, kind)
    except (msgspec.ValidationError, ValueError):
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        fault = _fault("value_choice" if choices and isinstance(raw, str) else "value_kind", at, source, layout, raw)
        fault.values |= {"known": ", ".join(choices)} if choices else {}
        problems.append(fault)
        return None


def _without_none(kind: object) -> object:
    """TOML has no null: what is there is of the other type."""
    others = [one for one in get_args(kind) if one is not NoneType] if isinstance(kind, UnionType) else []
    return others[0] if len(others) == 1 else kind


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    """The struct of ``tuple[Struct, ...]``."""
    inner = get_args(kind)[:1] if get_origin(kind) is tuple else ()
    return inner[0] if inner and isinstance(inner[0], type) and issubclass(inner[0], msgspec.Struct) else None


def _fault(code: str, at: Path, source: TomlText, layout: Layout, raw: object) -> BadInput:
    key = next((str(part) for part in reversed(at) if isinstance(part, str)), "")
    example = layout.examples.get(key, f'{key} = "…"')
    found = toml_value(raw)[:60] if raw is not None else ""
    return BadInput(code, file=source.file, line=source.line(*at), field=key, setting=key, found=found, example=example)


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: object) -> str:
    """A value as TOML writes it, on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # JSON escapes are TOML escapes, but for DEL, which TOML wants escaped too.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case list() | tuple():
            return f"[{', '.join(toml_value(one) for one in value)}]"
        case dict():
            return f"{{ {', '.join(f'{toml_key(key)} = {toml_value(one)}' for key, one in value.items())} }}"
        case _:
            return str(value)


def toml_key(key: object) -> str:
    """Bare where TOML allows it."""
    return str(key) if _BARE.fullmatch(str(key)) else toml_value(str(key))


def toml_lines(table: Mapping[str, object]) -> list[str]:
    """``key = value`` lines."""
    return [f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items()]


def toml_remark(text: str) -> list[str]:
    """``#`` lines of a remark, without the control characters that TOML forbids there."""
    lines = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", text).strip("\n").split("\n")
    return [f"# {line}".rstrip() for line in lines] if text.strip() else []
