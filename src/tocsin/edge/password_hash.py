"""Passwords as Argon2id, and tokens as SHA-256: what a stolen file of accounts must not give away."""

import hashlib
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from tocsin.base.seats import MOST_PASSWORD

TOKEN_BYTES = 32
"""256 bits: cannot be guessed, so that a fast hash is enough to keep it under."""

HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""RFC 9106, section 4, second choice: 64 MiB, three passes, four lanes."""


class Passwords:
    """Hashes and checks. Every check costs one hash, whether or not there is anything to check against."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._nobodys = hasher.hash(secrets.token_hex(TOKEN_BYTES))  # checked against for names that nobody has

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and its costs."""
        return self._hasher.hash(password)

    def is_right(self, kept: str | None, password: str) -> bool:
        """Is this the password? Takes as long where none is kept."""
        plain = unicodedata.normalize("NFC", password[:MOST_PASSWORD]).encode("utf-8", "replace")
        try:
            self._hasher.verify(kept or self._nobodys, plain)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None and len(password) <= MOST_PASSWORD

    def is_outdated(self, kept: str) -> bool:
        """Was it hashed with other costs than today's?"""
        return self._hasher.check_needs_rehash(kept)


def draw_token() -> str:
    """A new token, 43 signs of URL-safe base64."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
