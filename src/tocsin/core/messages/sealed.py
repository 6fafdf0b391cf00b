"""Personal words before and after the vault. Only ``Sealed`` may stand in a journal; the encoder of records enforces it."""

import msgspec

from tocsin.base.identifiers import KeyName


class Plain(msgspec.Struct, frozen=True, tag="plain", tag_field="as"):
    """Personal words as a person typed them. Lives in memory only, on the way to the vault."""

    text: str


class Sealed(msgspec.Struct, frozen=True, tag="sealed", tag_field="as"):
    """AES-256-GCM box under one key; unreadable, and for ever so once the key is destroyed."""

    key: KeyName
    box: str
    """Base 64 of nonce ‖ ciphertext ‖ tag."""


Personal = Plain | Sealed
