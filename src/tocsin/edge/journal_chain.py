"""What every journal does alike: link new lines to the head, and hand out no line that does not link to the one before it."""

from collections.abc import Iterable, Iterator, Sequence

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


def unbroken(lines: Iterable[Stored], head: Head) -> Iterator[Stored]:
    """The lines behind ``head``, each checked before it is handed on: next position, hash as computed.

    Raises Broken ``chain_broken`` with the position where the chain ends.
    """
    wanted, previous = head
    for line in lines:
        wanted += 1
        pos, body, digest = line
        previous = link(pos=wanted, previous=previous, body=body) if isinstance(body, bytes) else b""
        if pos != wanted or digest != previous:
            raise Broken("chain_broken", pos=wanted)
        yield line
