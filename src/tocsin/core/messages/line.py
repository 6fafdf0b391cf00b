"""The journal's line: a record as canonical bytes, encoded once, and the link of the chain over those bytes.

Hash what is stored; nothing is serialised again to verify (journal note, section 8).
"""

from hashlib import sha256
from typing import NamedTuple

import msgspec

from tocsin.base.faults import Broken
from tocsin.core.messages.said import Noted, Record, Told
from tocsin.core.messages.sealed import Plain

GENESIS = bytes(32)
"""What the first line links to."""

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Record)
_TOLD_DECODER = msgspec.json.Decoder(Told)
_NOTED_DECODER = msgspec.json.Decoder(Noted)
_PLAIN_MARK = b'"as":"plain"'


class Line(NamedTuple):
    """A record ready to be stored: its extracts for the columns, and its bytes."""

    stream: str
    ver: int
    at: int
    recorded: int
    actor: str
    cmd: str
    n: int
    type: str
    body: bytes


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A line as the journal gives it back. A struct: a named tuple takes twice as long to make, and every line read makes one."""

    pos: int
    body: bytes
    hash: bytes


class Head(NamedTuple):
    """Position and hash of the last line; ``(0, GENESIS)`` for an empty journal."""

    pos: int
    hash: bytes


def encode(record: Record) -> Line:
    """The line of a record. Raises Broken ``plain_words`` if personal words were not sealed."""
    body = _ENCODER.encode(record)
    # A person's text cannot fake the mark: JSON escapes its quotation marks.
    if _PLAIN_MARK in body:
        raise Broken("plain_words", field=type(record.says).__name__, mark=Plain.__name__)
    return Line(
        record.stream, record.ver, record.at, record.recorded, record.actor, record.cmd, record.n,
        type(record.says).__name__, body,
    )  # fmt: skip


def decode(body: bytes) -> Record:
    """The record of a line. Raises Broken ``line_unreadable`` when the bytes are not a record of this or an older version."""
    try:
        return _DECODER.decode(body)
    except msgspec.DecodeError as error:  # ValidationError is one of these
        raise Broken("line_unreadable", why=error) from None


def decode_told(body: bytes) -> Told:
    """Of a line only what the fold needs; the rest is passed over, not checked. Raises Broken ``line_unreadable`` as ``decode`` does."""
    try:
        return _TOLD_DECODER.decode(body)
    except msgspec.DecodeError as error:
        raise Broken("line_unreadable", why=error) from None


def decode_noted(body: bytes) -> Noted:
    """Of a line what logs and screens need; facts are passed over. Raises Broken ``line_unreadable`` as ``decode`` does."""
    try:
        return _NOTED_DECODER.decode(body)
    except msgspec.DecodeError as error:
        raise Broken("line_unreadable", why=error) from None


def link(*, pos: int, previous: bytes, body: bytes) -> bytes:
    """Chain hash and leaf in one: SHA-256(0x00 ‖ position, 8 bytes big-endian ‖ previous hash ‖ bytes), as RFC 6962 marks leaves."""
    return sha256(pos.to_bytes(9, "big") + previous + body).digest()
