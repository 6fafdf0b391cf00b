"""What no import rule can catch: the order of a set. One shift under two hash seeds gives one chain."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

SCRIPT = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/clocks"]
from test_desk import PAGE, desk_of
desk, journal, asks = desk_of(PAGE)
desk.answer([ask for _, ask in asks], asks[-1][0])
print(journal.head().pos, journal.head().hash.hex())
"""


def head_under(seed: str) -> str:
    env = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(TESTS)], env=env, capture_output=True, text=True, check=True)
    return done.stdout


def test_two_hash_seeds_one_chain() -> None:
    first = head_under("0")
    assert first == head_under("4242")
    assert int(first.split()[0]) > 50
