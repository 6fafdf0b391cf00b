"""What every journal does alike: link new lines to the head, and hand out no line that does not link to the one before it."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from tocsin.base.faults import Broken
from tocsin.core.messages.line import Head, Line, Stored, link


def linked(lines: Sequence[Line], head: Head) -> list[Stored]:
    """The lines as they will stand behind the head."""
    stored = []
    pos, previous = head
    for line in lines:
        pos += 1
        previous = link(pos=pos, previous=previous, body=line.body)
        stored.append(Stored(pos, line.body, previous))
    return stored


def unbroken(rows: Iterable[tuple[int, bytes, bytes]], head: Head) -> Iterator[Stored]:
    """The lines behind ``head``, each checked before it is handed on: next position, hash as computed.

    Raises Broken ``chain_broken`` with the position where the chain ends.
    """
    wanted, previous = head
    for pos, body, digest in rows:
        wanted += 1
        # The bytes that ``link`` hashes, written out: calling it would cost a fifth of the check.
        if pos != wanted or type(body) is not bytes or digest != (previous := sha256(wanted.to_bytes(9, "big") + previous + body).digest()):
            raise Broken("chain_broken", pos=wanted)
        yield Stored(pos, body, digest)
