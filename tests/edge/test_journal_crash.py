"""Killed without warning, again and again: nothing that was told is lost, and the chain stays whole."""

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from journal_lines import lines
from tocsin.edge.journal_check import check
from tocsin.edge.journal_sqlite import SqliteJournal

ROUNDS = 50
LONGEST_S = 0.06
WRITER = Path(__file__).parents[1] / "journal_writer.py"


def told_before_the_kill(path: Path, seed: int) -> int:
    """Start a writer, kill it at a moment that the seed draws, and give the last position that it was told (0 = none)."""
    dice = random.Random(seed)
    with subprocess.Popen([sys.executable, str(WRITER), str(path), str(seed)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        try:
            # One time in ten it dies while it starts: making or opening the journal, taking the lock.
            if dice.random() < 0.9:
                assert writer.stdout.readline() == "ready\n"
                time.sleep(dice.uniform(0, LONGEST_S))
            else:
                time.sleep(dice.uniform(0.1, 0.3))
        finally:
            writer.kill()
        # A position whose line was cut off by the kill was not told.
        told = [line for line in writer.stdout.read().split("\n")[:-1] if line != "ready"]
    return int(told[-1]) if told else 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_no_line_that_was_told_is_ever_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    seed, told, had = random.SystemRandom().randrange(2**32), 0, 0
    for turn in range(ROUNDS):
        label = f"seed {seed}, round {turn}"
        print(label)
        told = max(told, told_before_the_kill(path, seed + turn))
        if not path.exists():  # killed before it was made: then nothing was told either
            assert told == 0, label
            continue
        with closing(SqliteJournal.open_to_read(path)) as journal:  # as found, log and all; every link is checked on the way
            found = [stored.body for stored in journal.read(from_pos=had + 1)]
        wanted = lines(len(found), start=had)
        assert found == [one.body for one in wanted], label
        had += len(found)
        assert had >= told, label
    answer = check(path)
    assert (answer.ok, answer.events) == (True, had)
    assert told > 10 * ROUNDS, "the writers wrote too little for this to prove anything"
    with closing(SqliteJournal.open(path)) as journal:
        journal.append(lines(3, start=had), expected=had)
    leftovers = {one.name for one in tmp_path.iterdir()} - {path.name, f"{path.name}-lock"}
    assert all(name.endswith((".new", ".new-wal", ".new-shm")) for name in leftovers), "drafts of a kill while making, and nothing else"
