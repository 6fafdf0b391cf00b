"""``[[courier]]`` tables of centre.toml: to whom events are told. Pure; ``wiring/couriers.py`` makes couriers of them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

import msgspec

from tocsin.base.faults import BadInput
from tocsin.core.messages.said import Event
from tocsin.formats.nearest import nearest
from tocsin.formats.toml_lines import TomlText

CourierKind = Literal["webhook", "folder"]

TABLE: Final = "courier"

SETTINGS: Final[dict[CourierKind, tuple[str, ...]]] = {"webhook": ("url", "secret_file"), "folder": ("folder",)}
"""What each kind needs; the settings of other kinds mean nothing to it."""

EVENTS: Final = frozenset(kind.__name__ for kind in get_args(Event))

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class CourierSetting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One table."""

    name: str
    """Its bookmark is kept under it: a courier of a new name is a new one."""
    kind: CourierKind
    events: tuple[str, ...]
    """Names of the events that it carries."""
    url: str = ""
    folder: str = ""
    """Relative to the centre's folder unless stated absolute; so is ``secret_file``."""
    secret_file: str = ""
    """What posts are signed with; only its owner may read it."""


def check_couriers(couriers: Sequence[CourierSetting], source: TomlText) -> list[BadInput]:
    """Everything that is wrong in them, told with its line.

    Codes: ``courier_name``, ``courier_doubled``, ``courier_events``, ``courier_event``, ``courier_lacks``, ``courier_foreign``,
    ``courier_url``.
    """
    problems: list[BadInput] = []
    for nth, one in enumerate(couriers):
        at = _At(source, nth)
        if one.name in {before.name for before in couriers[:nth]}:
            problems.append(_fault("courier_doubled", "name", at, found=one.name))
        problems += [*_misnamed(one, at), *_miscarried(one, at)]
    return problems


class _At(NamedTuple):
    source: TomlText
    nth: int


def _fault(code: str, key: str, at: _At, **values: str) -> BadInput:
    return BadInput(code, file=at.source.file, line=at.source.line(TABLE, at.nth, key), field=key, **values)


def _misnamed(one: CourierSetting, at: _At) -> Iterator[BadInput]:
    if not _NAME.fullmatch(one.name):
        yield _fault("courier_name", "name", at, found=one.name)
    if not one.events:
        yield _fault("courier_events", "events", at, courier=one.name)
    for name in one.events:
        if name not in EVENTS:
            yield _fault("courier_event", "events", at, found=name, nearest=nearest(name, EVENTS))


def _miscarried(one: CourierSetting, at: _At) -> Iterator[BadInput]:
    for key in ("url", "folder", "secret_file"):
        is_stated, is_needed = bool(getattr(one, key)), key in SETTINGS[one.kind]
        if is_needed and not is_stated:
            yield _fault("courier_lacks", key, at, courier=one.name, kind=one.kind, setting=key)
        if is_stated and not is_needed:
            yield _fault("courier_foreign", key, at, courier=one.name, kind=one.kind, setting=key)
    if one.url and not is_url(one.url):
        yield _fault("courier_url", "url", at, found=one.url)


def is_url(text: str) -> bool:
    """An address that can be posted to as it stands: http or https with a host, and nobody's password in it."""
    if not (text.isascii() and text.isprintable()) or " " in text:
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # a port that is none, brackets that do not close, a label that is too long
        return False
    is_plain = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme in ("http", "https") and bool(host) and port != 0 and is_plain
