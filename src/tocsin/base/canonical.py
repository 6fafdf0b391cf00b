"""One way to write a value as bytes, so that equal values have equal hashes."""

from hashlib import sha256

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


def canonical(value: object) -> bytes:
    """JSON bytes: struct fields in declared order, sets and keys sorted, no white space."""
    return _ENCODER.encode(value)


def digest(value: object) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return sha256(canonical(value)).hexdigest()
