"""Personal words before and after the vault. Only ``Sealed`` may stand in a journal; the encoder of records enforces it."""

import msgspec

from tocsin.base.identifiers import CallId, CommandId, IncidentId, KeyName, MessageId


class Plain(msgspec.Struct, frozen=True, tag="plain", tag_field="as"):
    """Personal words as a person typed them. Lives in memory only, on the way to the vault."""

    text: str


class Sealed(msgspec.Struct, frozen=True, tag="sealed", tag_field="as"):
    """AES-256-GCM box under one key; unreadable, and for ever so once the key is destroyed."""

    key: KeyName
    box: str
    """Base 64 of nonce ‖ ciphertext ‖ tag."""


Personal = Plain | Sealed


def key_of_call(call: CallId) -> KeyName:
    """The key that a call's words are sealed under."""
    return KeyName(f"call:{call}")


def key_of_incident(incident: IncidentId) -> KeyName:
    """The key that an incident's notes are sealed under."""
    return KeyName(f"incident:{incident}")


def key_of_message(message: MessageId, about: IncidentId | None) -> KeyName:
    """The key that a message's words are sealed under: that of the incident that it is about, so that one erasure covers both."""
    return key_of_incident(about) if about is not None else KeyName(f"message:{message}")


def bound_to(*, journal_id: str, cmd: CommandId, field: str) -> str:
    """What a box is bound to, so that it cannot be moved to another field, command or journal unnoticed."""
    return f"{journal_id}/{cmd}/{field}"
