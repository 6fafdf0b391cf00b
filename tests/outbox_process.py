"""A centre's outbox to be killed: appends dispatches while two couriers carry them. Run by the crash test.

Arguments: folder, seed. One courier writes files, the other a line per event into ``carried.txt``. With ``finish`` for a seed nothing is
appended any more and the process ends when all is carried.
"""

import os
import random
import sys
from contextlib import closing
from pathlib import Path

from outbox_stage import EVENTS, QUICK, SENDER, Told, dispatches, soon
from tocsin.core.messages.said import Record
from tocsin.edge.bookmarks import open_or_create_bookmarks
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.outbox import Outbox
from tocsin.edge.outbox_folder import FolderCourier


class Lined(Told):
    """Writes down each position in one piece, as a pager that is called."""

    def __init__(self, path: Path) -> None:
        super().__init__("lined")
        self.handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def carry(self, pos: int, record: Record) -> None:
        os.write(self.handle, f"{pos}\n".encode())


def main() -> None:
    """Work until killed, or until there is nothing left to carry."""
    folder = Path(sys.argv[1])
    couriers = [FolderCourier("folder", EVENTS, SENDER, folder / "files"), Lined(folder / "carried.txt")]
    with (
        closing(SqliteJournal.open_or_create(folder / "a.journal")) as journal,
        closing(open_or_create_bookmarks(folder / "outbox.db")) as bookmarks,
        Outbox(journal, bookmarks, couriers, print, QUICK) as outbox,
    ):
        print("ready", flush=True)
        if sys.argv[2] == "finish":
            assert soon(lambda: all(one.behind == 0 for one in outbox.told()))
            return
        dice = random.Random(int(sys.argv[2]))
        pos = journal.head().pos
        while True:
            pos = journal.append(dispatches(dice.choice((1, 1, 3)), start=pos // 2), expected=pos).pos


if __name__ == "__main__":
    main()
