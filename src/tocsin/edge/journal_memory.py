"""The journal in memory: for simulations, for the lab, and as the fake that passes the suite which SQLite passes. Nothing is durable."""

import threading
from collections.abc import Iterator, Sequence

from tocsin.base.faults import Broken
from tocsin.base.identifiers import CommandId
from tocsin.core.messages.line import GENESIS, Head, Line, Stored, decode
from tocsin.edge.journal_chain import linked, unbroken


class MemoryJournal:
    """Port ``Journal``. The id is an argument: a simulation that runs twice seals to the same id twice."""

    def __init__(self, journal_id: str = "memory") -> None:
        self.journal_id = journal_id
        self._stored: list[Stored] = []
        self._commands: dict[str, dict[int, Stored]] = {}
        """By command, then n."""
        self._streams: dict[str, dict[int, Stored]] = {}
        """By stream, then version."""
        self._moved = threading.Condition()
        self._is_closed = False

    def head(self) -> Head:
        """Position and hash of the last line."""
        return Head(self._stored[-1].pos, self._stored[-1].hash) if self._stored else Head(0, GENESIS)

    def append(self, lines: Sequence[Line], *, expected: int) -> Head:
        """Store all lines behind position ``expected``, or none. Raises Broken ``journal_moved``, ``line_doubled``, ``journal_closed``."""
        with self._moved:
            if self._is_closed:
                raise Broken("journal_closed", file=self.journal_id)
            head = self.head()
            if head.pos != expected:
                raise Broken("journal_moved", file=self.journal_id, expected=expected, found=head.pos)
            self._refuse_doubles(lines)
            stored = linked(lines, head)
            for line, new in zip(lines, stored, strict=True):
                self._commands.setdefault(line.cmd, {})[line.n] = new
                self._streams.setdefault(line.stream, {})[line.ver] = new
            self._stored.extend(stored)
            self._moved.notify_all()
            return self.head()

    def _refuse_doubles(self, lines: Sequence[Line]) -> None:
        versions = {(line.stream, line.ver) for line in lines}
        if len(versions) < len(lines) or any(ver in self._streams.get(stream, ()) for stream, ver in versions):
            raise Broken("line_doubled", file=self.journal_id, columns="stream, ver")
        commands = {(line.cmd, line.n) for line in lines}
        if len(commands) < len(lines) or any(n in self._commands.get(cmd, ()) for cmd, n in commands):
            raise Broken("line_doubled", file=self.journal_id, columns="cmd, n")

    def read(self, *, from_pos: int = 1, limit: int | None = None) -> Iterator[Stored]:
        """Lines in order, from a position on, each checked against the chain. Raises Broken ``chain_broken``."""
        start = max(1, from_pos)
        before = self._stored[start - 2] if 1 < start <= len(self._stored) + 1 else None
        return unbroken(self._rows(start, limit), Head(start - 1, before.hash if before else GENESIS))

    def _rows(self, start: int, limit: int | None) -> Iterator[tuple[int, bytes, bytes]]:
        index = start - 1
        while index < len(self._stored) and (limit is None or index < start - 1 + limit):
            line = self._stored[index]
            yield line.pos, line.body, line.hash
            index += 1

    def find_command(self, cmd: CommandId) -> list[Stored]:
        """The lines of one command in the order of n; empty when it was never asked."""
        return [line for _, line in sorted(self._commands.get(cmd, {}).items())]

    def read_commands(self, prefix: str) -> list[Stored]:
        """The lines of all commands whose keys begin so, in order."""
        found = [line for cmd, lines in self._commands.items() if cmd.startswith(prefix) for line in lines.values()]
        return sorted(found, key=lambda line: line.pos)

    def read_stream(self, stream: str, *, last: int) -> list[Stored]:
        """The last lines of one subject, no more than ``last``, in order."""
        return list(self._streams.get(stream, {}).values())[-last:] if last > 0 else []

    def read_types(self, *types: str) -> list[Stored]:
        """All lines that say one of these things, in order."""
        return [line for line in self._stored if type(decode(line.body).says).__name__ in types]

    def wait(self, pos: int, timeout_s: float) -> bool:
        """Until the head is at or past ``pos``; False when the time is up or the journal was closed."""
        with self._moved:
            self._moved.wait_for(lambda: self._is_closed or len(self._stored) >= pos, timeout_s)
            return len(self._stored) >= pos

    def close(self) -> None:
        """Nothing is kept open; lines stay readable, none can be added."""
        with self._moved:
            self._is_closed = True
            self._moved.notify_all()
