"""What was printed, for people."""

from rich.console import Console

from tocsin.wiring.paper import PaperAnswer
from tocsin.words import say


def printed(console: Console, told: PaperAnswer, language: str) -> None:
    """What stands on the page, and where it is."""
    console.print(say("cli.paper.done", language, at=told.at, incidents=told.incidents, units=told.units, first=told.first_slip))
    console.print(say("cli.paper.out", language, out=told.out), soft_wrap=True)
