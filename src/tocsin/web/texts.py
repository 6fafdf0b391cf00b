"""What a person may send in a message: how long texts are, what an id is made of, which numbers can be meant. Checked for any message."""

import re
from functools import cache
from typing import Any, Final, NewType, get_args, get_type_hints

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import AlarmId, CardName, CrewId, StationId, UnitId
from tocsin.core.messages.sealed import Plain, Sealed

MOST_WORDS, MOST_REASON, MOST_NAME, MOST_ID, MOST_CALLED = 4_000, 500, 200, 64, 128
_CALLED: Final = (UnitId, StationId, CrewId, CardName, AlarmId)
"""What is called as people call it; an alarm's id holds the name of its unit."""
LAST_INSTANT_MS: Final = 253_402_300_799_999
"""The end of the year 9999: no number of a message is larger."""
ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_CONTROL: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]")
"""Signs that steer terminals and printers; line ends and tabulators are text."""
_INVISIBLE: Final = re.compile(f"{_CONTROL.pattern[:-1]}\u202a-\u202e\u2066-\u2069]")
"""The same, and what overrides the direction of everything behind it."""

_REASONS: Final = ("reason", "override", "disposition")


def check_texts(message: object, path: str = "") -> None:
    """Everything inside of a message.

    Raises BadInput ``text_long``, ``text_broken``, ``id_unfit``, ``number_far``, ``off_earth``, ``sealed_sent`` with the field's path.
    """
    if isinstance(message, Sealed):
        raise BadInput("sealed_sent", field=path)
    if isinstance(message, Plain):
        check_length(message.text, MOST_WORDS, path, is_shown_to_all=False)
    elif isinstance(message, LonLat):
        if not message.is_on_earth():
            raise BadInput("off_earth", field=path, lon=message.lon, lat=message.lat)
    elif isinstance(message, msgspec.Struct):
        kinds = _kinds(type(message))
        for field in message.__struct_fields__:
            _check(getattr(message, field), kinds[field], f"{path}.{field}".lstrip("."))
    else:
        _check(message, "name", path)


def check_id(text: str, field: str) -> None:
    """Raises BadInput ``id_unfit``."""
    if not ID.fullmatch(text):
        raise BadInput("id_unfit", field=field, value=ascii(text[:MOST_ID])[1:-1], most=MOST_ID)


def check_called(text: str, field: str) -> None:
    """Units, stations and crews are called as their centre calls them, in any script. Raises BadInput ``id_unfit``."""
    if not (0 < len(text) <= MOST_CALLED and text.isprintable() and text == text.strip()):
        raise BadInput("id_unfit", field=field, value=ascii(text[:MOST_ID])[1:-1], most=MOST_CALLED)


def _check(value: Any, kind: str, path: str) -> None:
    if isinstance(value, msgspec.Struct):
        check_texts(value, path)
    elif isinstance(value, str):
        _check_string(value, kind, path)
    elif isinstance(value, int | float):
        if not abs(value) <= LAST_INSTANT_MS:
            raise BadInput("number_far", field=path)
    elif isinstance(value, dict):
        for key, one in value.items():
            _check(key, kind, path)
            _check(one, kind, path)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            _check(one, kind, path)


def _check_string(text: str, kind: str, path: str) -> None:
    if kind == "id":
        check_id(text, path)
    elif kind == "called":
        check_called(text, path)
    else:
        check_length(text, MOST_REASON if kind == "reason" else MOST_NAME, path)


def check_length(text: str, most: int, path: str, *, is_shown_to_all: bool = True) -> None:
    """What is shown to all must not turn other texts around; a caller's words may be written in any direction.

    Raises BadInput ``text_long``, ``text_broken``, ``text_control``.
    """
    if len(text) > most:
        raise BadInput("text_long", field=path, most=most, found=len(text))
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("text_broken", field=path) from None
    if found := (_INVISIBLE if is_shown_to_all else _CONTROL).search(text):
        raise BadInput("text_control", field=path, sign=f"U+{ord(found[0]):04X}")


@cache
def _kinds(struct: type) -> dict[str, str]:
    """Field → ``id``, ``called``, ``reason`` or ``name``, by its declared type: identifiers are types of their own."""
    return {name: _id_kind(hint) or ("reason" if name in _REASONS else "name") for name, hint in get_type_hints(struct).items()}


def _id_kind(hint: Any) -> str:
    if isinstance(hint, NewType):
        return "called" if hint in _CALLED else "id" if hint.__supertype__ is str else ""
    return next((kind for kind in map(_id_kind, get_args(hint)) if kind), "")
