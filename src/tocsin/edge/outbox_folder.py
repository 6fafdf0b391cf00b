"""Courier into a folder: one JSON file per event, for printers, pagers and gateways that watch it and take files away."""

from pathlib import Path

from tocsin.core.messages.said import Record
from tocsin.core.ports import Undelivered
from tocsin.edge.whole_file import write_whole
from tocsin.formats.outbox_event import Sender, outbox_event


class FolderCourier:
    """Port ``Courier``. A file has its last name only when it is whole and on the disk; in the order of names is in the order of events."""

    def __init__(self, name: str, events: frozenset[str], sender: Sender, folder: Path) -> None:
        """The folder must be there; one that goes missing (a network drive) is waited for, never made."""
        self.name = name
        self._events, self._sender, self._folder = events, sender, folder

    def wants(self, record: Record) -> bool:
        """Whether the event's name is on its list."""
        return type(record.says).__name__ in self._events

    def carry(self, pos: int, record: Record) -> None:
        """Write the file; the same position has the same name. Raises Undelivered when the disk refuses."""
        try:
            text = outbox_event(self._sender, pos, record).decode()
            write_whole(self._folder / f"{self._sender.journal}-{pos:012d}.json", text + "\n")
        except OSError as error:
            raise Undelivered(error.strerror or str(error)) from None
