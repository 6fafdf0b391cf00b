"""How far a long piece of work is."""

from collections.abc import Callable

Progress = Callable[[int, int | None, str], None]
"""Done, of how many (None = not known), at which stage: the last part of a key ``cli.stage.…``."""

BATCH = 1000
"""Questions in one transaction when a log is taken in."""
