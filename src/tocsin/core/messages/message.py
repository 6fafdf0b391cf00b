"""Messages between seats and crews: words of people, always sealed."""

import msgspec

from tocsin.base.identifiers import IncidentId, MessageId
from tocsin.core.messages.sealed import Personal

EVERYBODY = "all"
"""Recipient: every seat. ``log`` = the shift log, for whoever comes after."""


class SendMessage(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Say something to seats (by account), units (``unit:E1``), ``all`` or the shift log (``log``)."""

    message: MessageId
    to: tuple[str, ...]
    words: Personal
    about: IncidentId | None = None


class MessageSent(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It was said. Sealed under the key of the incident that it is about, else under its own."""

    message: MessageId
    to: tuple[str, ...]
    words: Personal
    about: IncidentId | None = None


class ReadMessage(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Confirm that one has read it."""

    message: MessageId


class MessageRead(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """``reader`` has read it."""

    message: MessageId
    reader: str
