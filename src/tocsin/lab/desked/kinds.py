"""Kinds of events, in the order in which those of one millisecond happen: that of the plain engine (``plain/kinds.py``), with what only a
desk hears between them, and calls last.
"""

from typing import Final

HAPPENING: Final = 0
DUTY: Final = 1
ROLLS: Final = 2
ON_SCENE: Final = 3
LEAVES: Final = 4
AT_HOSPITAL: Final = 5
FREE: Final = 6
AT_STATION: Final = 7
BREAK_DUE: Final = 8
BREAK_OVER: Final = 9
TAKEN: Final = 10
READY: Final = 11
TOLD_AGAIN: Final = 12
