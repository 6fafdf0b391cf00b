"""How a command ends whose answer is of a part only."""

from tocsin.views.experiment_answer import Partial

STOPPED = 130


def end(partial: Partial | None) -> None:
    """Raises SystemExit: 130 where a person stopped it, 1 where it ended by itself; nothing for a whole answer."""
    if partial is not None:
        raise SystemExit(STOPPED if partial.code == "cancelled" else 1)
