"""What is sent to the process of an experiment. Light to import: the server does, and the process before it has stepped back."""

from pathlib import Path
from typing import Final, NamedTuple

from tocsin.web.lab_told import LabWish

WORK: Final = "tocsin.wiring.lab_work:work"
"""Who does it, as a side process calls it."""


class LabAsked(NamedTuple):
    """An experiment, and what it is made on."""

    folder: Path
    """Of the centre."""
    journal: Path | None
    """Its own, if it may have calls to learn from."""
    wish: LabWish
