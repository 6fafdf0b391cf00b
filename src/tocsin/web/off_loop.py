"""What may block is done in a thread: the event loop carries every screen's heartbeat."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread

from tocsin.base.identifiers import CommandId
from tocsin.core.messages.line import Stored, decode
from tocsin.core.messages.said import Record
from tocsin.web.ports import Parts

T = TypeVar("T")


async def in_thread(do: Callable[[], T]) -> T:
    """What ``do`` gives, done in a thread; whoever asks may go away meanwhile."""
    return await anyio.to_thread.run_sync(do, abandon_on_cancel=True)


async def find_command(parts: Parts, cmd: CommandId) -> list[Stored]:
    """The journal's lines of one command."""
    return await in_thread(lambda: parts.journal.find_command(cmd))


async def read_stream(parts: Parts, stream: str, *, last: int) -> list[tuple[int, Record]]:
    """The last lines of one subject, with their positions."""
    return await in_thread(lambda: [(stored.pos, decode(stored.body)) for stored in parts.journal.read_stream(stream, last=last)])
