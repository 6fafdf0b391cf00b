"""The outbox: events leave for others from the journal, each courier in a thread of its own behind its own bookmark. Nothing waits for it.

In order and at least once: a bookmark moves on after the carrying, so what was carried when the process died is carried again, under the
same key. What cannot be delivered is tried again for ever, with growing waits, and holds up nothing but what comes after it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from tocsin.base.faults import Broken, Fault
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Record
from tocsin.core.ports import Courier, CourierTold, Declined, Journal, Undelivered
from tocsin.edge.bookmarks import Bookmark, Bookmarks

READ = 256
"""Lines that are looked at in one go."""

KEPT_EVERY = 1024
"""Lines that nobody wants after which a bookmark is written all the same, so that a new start does not look through a year again."""

WATCH_S = 0.25
"""How long a courier without work waits for the journal before it looks whether it is to stop."""


class Waits(NamedTuple):
    """How long couriers wait."""

    first_s: float = 1.0
    """Before the second try; doubled with each further one."""
    longest_s: float = 60.0
    stop_s: float = 2.0
    """For one that is carrying when it is told to stop; after that it is left behind and carries the same again at the next start."""


WAITS = Waits()


class Outbox:
    """Use as a context: couriers start when it is entered and have stopped when it is left."""

    def __init__(
        self, journal: Journal, bookmarks: Bookmarks, couriers: Sequence[Courier], faults: Callable[[Fault], None], waits: Waits = WAITS
    ) -> None:
        """``faults`` is told, from the courier's thread, the first failure of each event, and each that is declined."""
        self._rounds = [_Round(journal, bookmarks, courier, faults, waits) for courier in couriers]
        self._waits = waits

    def __enter__(self) -> "Outbox":
        for one in self._rounds:
            one.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._rounds:
            one.stopping.set()
        for one in self._rounds:
            one.thread.join(self._waits.stop_s)

    def told(self) -> list[CourierTold]:
        """How far each has come. Waits for nobody."""
        return [one.told() for one in self._rounds]


class _Round:
    """One courier at work."""

    def __init__(self, journal: Journal, bookmarks: Bookmarks, courier: Courier, faults: Callable[[Fault], None], waits: Waits) -> None:
        self._journal, self._bookmarks, self._courier, self._faults, self._waits = journal, bookmarks, courier, faults, waits
        head = journal.head().pos
        found = bookmarks.find(journal.journal_id, courier.name)
        # A new courier does not carry years of history; and a journal that was put back from a backup may end before the bookmark.
        self._mark = found._replace(pos=min(found.pos, head)) if found is not None else Bookmark(head)
        self._kept = -1
        self._tries, self._why = 0, ""
        self.stopping = threading.Event()
        # A daemon: one that hangs in somebody's network does not keep the program from ending.
        self.thread = threading.Thread(target=self._run, name=f"courier {courier.name}", daemon=True)
        self._keep()

    def told(self) -> CourierTold:
        """How far it has come."""
        mark = self._mark
        behind = max(0, self._journal.head().pos - mark.pos)
        is_at_work = self.thread.is_alive()
        return CourierTold(self._courier.name, is_at_work, mark.pos, behind, mark.carried, mark.declined, self._tries, self._why)

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                if self._journal.wait(self._mark.pos + 1, WATCH_S):
                    self._go_on()
            except Broken as fault:  # the disk refuses: the desk shouts about its own part, this one tries again
                self._failed(fault, str(fault))
        with suppress(Broken):
            self._keep()

    def _go_on(self) -> None:
        for stored in self._journal.read(from_pos=self._mark.pos + 1, limit=READ):
            record = decode(stored.body)
            if record.n and self._courier.wants(record):
                if not self._bring(stored.pos, record):
                    return
            else:
                self._mark = self._mark._replace(pos=stored.pos)
        if self._mark.pos - self._kept >= KEPT_EVERY:
            self._keep()

    def _bring(self, pos: int, record: Record) -> bool:
        """Try until it is there or never will be; False when told to stop before."""
        mark = self._mark
        while not self.stopping.is_set():
            try:
                self._courier.carry(pos, record)
            except Undelivered as error:
                self._failed(Broken("courier_undelivered", courier=self._courier.name, pos=pos, why=error), str(error))
            except Declined as error:
                self._why = str(error)
                self._faults(Broken("courier_declined", courier=self._courier.name, pos=pos, why=error))
                return self._done(Bookmark(pos, mark.carried, mark.declined + 1))
            else:
                return self._done(Bookmark(pos, mark.carried + 1, mark.declined))
        return False

    def _done(self, mark: Bookmark) -> bool:
        self._mark, self._tries = mark, 0
        self._keep()
        return True

    def _keep(self) -> None:
        if self._kept != self._mark.pos:
            self._bookmarks.put(self._journal.journal_id, self._courier.name, self._mark)
            self._kept = self._mark.pos

    def _failed(self, fault: Fault, why: str) -> None:
        """Remember why, say it once, and wait: 1, 2, 4 … 60 s."""
        self._why = why
        if self._tries == 0 and not self.stopping.is_set():
            self._faults(fault)
        self._tries += 1
        self.stopping.wait(min(self._waits.longest_s, self._waits.first_s * 2 ** min(self._tries - 1, 16)))
