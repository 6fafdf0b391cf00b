"""A process that stores positions until it is killed, and says which second is on disk. Started by the tests of the position store."""

import sys
from pathlib import Path

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.positions_store import PositionsStore
from tocsin.formats.position import Reported

DAY = Instant(1_790_035_200_000)
"""A midnight."""
UNITS = [UnitId(f"E{nth}") for nth in range(250)]


def place_at(second: int, nth: int) -> LonLat:
    """Where the nth unit is in a second."""
    return LonLat(round(-71.2 + nth * 1e-3 + second * 1e-6, 7), round(-29.9 - second * 1e-6, 7))


def main(folder: Path, first: int) -> None:
    """Seconds from ``first`` on."""
    book, store = PositionsBook(lambda unit: DAY), PositionsStore(folder)
    print("ready", flush=True)
    for second in range(first, 80_000):
        now = Instant(DAY + second * 1000)
        for nth, unit in enumerate(UNITS):
            book.take(unit, [Reported(place_at(second, nth), now)], now)
        store.write(book.take_frame())
        print(second, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
