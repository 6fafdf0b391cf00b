"""What the outside must offer the desk. The adapters live in ``edge/``; each port has one contract suite in ``tests/edge``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from tocsin.base.identifiers import CommandId, KeyName
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.line import Head, Line, Stored
from tocsin.core.messages.said import Ask, Record
from tocsin.core.messages.sealed import Sealed


class Journal(Protocol):
    """The append-only record. One writer; durable before ``append`` returns."""

    @property
    def journal_id(self) -> str:
        """Drawn once when the journal is made; part of what sealed fields are bound to."""
        ...

    def head(self) -> Head:
        """Position and hash of the last line."""
        ...

    def append(self, lines: Sequence[Line], *, expected: int) -> Head:
        """Store all lines in one transaction behind position ``expected``, or none of them.

        Raises Broken ``journal_moved`` when the head is elsewhere (somebody else wrote), ``line_doubled`` when a
        (stream, ver) or (cmd, n) stands there already, ``journal_write`` when the disk refuses.
        """
        ...

    def read(self, *, from_pos: int = 1, limit: int | None = None) -> Iterator[Stored]:
        """Lines in order, from a position on."""
        ...

    def find_command(self, cmd: CommandId) -> list[Stored]:
        """The lines of one command in the order of n; empty when it was never asked."""
        ...

    def read_commands(self, prefix: str) -> list[Stored]:
        """The lines of all commands whose keys begin so, in order."""
        ...

    def read_stream(self, stream: str, *, last: int) -> list[Stored]:
        """The last lines of one subject, no more than ``last``, in order; empty for one that nobody has spoken of."""
        ...

    def read_types(self, *types: str) -> list[Stored]:
        """All lines that say one of these things (names of events or commands), in order."""
        ...

    def wait(self, pos: int, timeout_s: float) -> bool:
        """Until the head is at or past ``pos``; False when the time is up."""
        ...

    def close(self) -> None:
        """Let go of files; the journal can be opened again."""
        ...


class Clock(Protocol):
    """The one source of ``now``."""

    def now(self) -> Instant:
        """UTC milliseconds."""
        ...


class Gather(Protocol):
    """Looks up what a question needs. The only step that may wait."""

    def facts(self, ask: Ask, board: Board) -> Facts:
        """Facts for one question on this board; ``NO_FACTS`` where none are needed."""
        ...


class Vault(Protocol):
    """Seals personal words under keys of its own, kept apart from the journal."""

    def seal(self, text: str, *, key: KeyName, bound_to: str) -> Sealed:
        """Seal under a key, made now if it is new and durable before this returns. ``bound_to`` is authenticated, not stored.

        Raises Broken ``key_destroyed`` for a key that was destroyed: what was erased is not taken up again.
        """
        ...

    def open(self, sealed: Sealed, *, bound_to: str) -> str | None:
        """The words; None when the key was destroyed. Raises Broken ``seal_broken`` when box or binding do not fit."""
        ...

    def destroy(self, keys: Iterable[KeyName]) -> None:
        """Make these keys unrecoverable; unknown ones are remembered as destroyed."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class Undelivered(Exception):  # noqa: N818 - an outcome that is foreseen; whoever catches it tries again
    """It did not get there this time. ``str`` says what the other side or the network said."""


class Declined(Exception):  # noqa: N818 - likewise; whoever catches it goes on with the next
    """The other side will never have it. ``str`` says what it said."""


class Courier(Protocol):
    """Carries events to somebody outside. Each has a thread of its own, so it may wait; nobody waits for it."""

    @property
    def name(self) -> str:
        """What its bookmark is kept under."""
        ...

    def wants(self, record: Record) -> bool:
        """Whether this event is to be carried. Asked of events only, never of questions."""
        ...

    def carry(self, pos: int, record: Record) -> None:
        """There when this returns. The same position may be carried again after a crash, and must be known again by its receiver.

        Raises Undelivered (try again later) or Declined (leave it out).
        """
        ...


class CourierTold(msgspec.Struct, frozen=True):
    """How far a courier has come."""

    name: str
    is_at_work: bool
    pos: int
    """Position of the journal up to which everything that it wants has been carried or declined."""
    behind: int
    """Lines of the journal after that position."""
    carried: int
    declined: int
    """Events that the other side would not have: left out, and counted."""
    tries: int
    """Failed ones of what it carries now; 0 = it gets through."""
    why: str
    """What the other side or the network said when it failed or declined last; empty = never yet."""
