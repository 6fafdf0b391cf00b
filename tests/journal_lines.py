"""Lines to store and ways to look at files, for the tests of journal and vault."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st

from tocsin.base.identifiers import CommandId, IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.incident import IncidentClosed, MarkIncident
from tocsin.core.messages.line import GENESIS, Line, Stored, encode
from tocsin.core.messages.said import Record

NOON_MS = 1_586_260_800_000


def line(number: int, *, text: str = "alarm reset", step_ms: int = 1000) -> Line:
    """The n-th of a row of lines that fit one another: ten per incident, two per command."""
    incident = IncidentId(f"I{number // 10}")
    at = Instant(NOON_MS + number * step_ms)
    says = IncidentClosed(incident, text) if number % 2 else MarkIncident(incident, "water_on_fire")
    return encode(
        Record(f"incident:{incident}", number % 10 + 1, at, Instant(at + 40), "ana", CommandId(f"c{number // 2}"), number % 2, says)
    )


def lines(count: int, *, start: int = 0, text: str = "alarm reset") -> list[Line]:
    """So many of them, from a number on."""
    return [line(number, text=text) for number in range(start, start + count)]


def chain_of(some: Sequence[Line]) -> list[Stored]:
    """How they must stand in a journal, reckoned apart from the product: SHA-256(0x00 ‖ pos ‖ previous ‖ bytes)."""
    stored, previous = [], GENESIS
    for pos, one in enumerate(some, 1):
        previous = sha256(b"\0" + pos.to_bytes(8, "big") + previous + one.body).digest()
        stored.append(Stored(pos, one.body, previous))
    return stored


def batches() -> st.SearchStrategy[list[list[Line]]]:
    """Batches of any size, with texts of any letters and stamps that run in any direction."""
    sizes = st.lists(st.tuples(st.integers(0, 7), st.text(max_size=20), st.integers(-10_000, 10_000)), max_size=8)

    def build(drawn: list[tuple[int, str, int]]) -> list[list[Line]]:
        made, number = [], 0
        for size, text, step_ms in drawn:
            made.append([line(number + index, text=text, step_ms=step_ms) for index in range(size)])
            number += size
        return made

    return sizes.map(build)


def fingerprints(folder: Path) -> dict[str, str]:
    """Every file of a folder by its content."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()}
