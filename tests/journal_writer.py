"""A writer to be killed: appends to the journal it is given and says each position only after it was told so. Run by the crash test.

Arguments: journal, seed. Prints ``ready``, then one position per line.
"""

import random
import sys
from pathlib import Path

from journal_lines import lines
from tocsin.edge.journal_sqlite import SqliteJournal


def main() -> None:
    """Append batches of one to sixty lines until killed."""
    journal = SqliteJournal.open_or_create(Path(sys.argv[1]))
    dice = random.Random(int(sys.argv[2]))
    pos = journal.head().pos
    print("ready", flush=True)
    while True:
        pos = journal.append(lines(dice.choice((1, 1, 2, 7, 60)), start=pos), expected=pos).pos
        print(pos, flush=True)


if __name__ == "__main__":
    main()
