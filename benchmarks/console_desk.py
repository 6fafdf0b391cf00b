"""A desk that is busy to order, for the benchmark of the console: the real server, map and page; only what happens is made up.

    python console_desk.py FOLDER [--units N]

Says where it is (JSON, as ``served_centre.py``), then does what each line asks (JSON) and answers when it is done:

``{"rows": 20, "per_s": 20, "lasts_s": 10}``
    so many rows of units changed at once, so many times a second; the first unit's ``kind`` counts. Answers with the moments of telling,
    UTC ms, in order.
``{"moving": 5000, "lasts_s": 10, "every_s": 1}``
    so many units report a new place every so many seconds.
"""

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from contextlib import ExitStack, closing
from math import cos, sin
from pathlib import Path
from typing import Any

import msgspec

import tocsin.web.hub as hub_module
from served_centre import make_centre
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.live import WallClock
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.views.situation import Change, Fix, UnitRow
from tocsin.web.access import cookie_of, csrf_of
from tocsin.wiring import serve, serving

REST_S = 0.02
"""The hub rests less than it does in earnest: here every change is to arrive by itself."""
MIDDLE = LonLat(-71.27, -29.93)


def now_ms() -> float:
    """UTC."""
    return time.time() * 1e3


class Busy:
    """Makes things happen."""

    def __init__(self, opened: serve.Opened, units: list[UnitRow]) -> None:
        self.hub, self.clock, self.units = opened.stand.parts.hub, WallClock(), units
        self.pos = opened.stand.parts.journal.head().pos
        self.fixes: list[Fix] = []
        self.told = 0
        self.hub._fixes = lambda: self.fixes

    def change(self, rows: int, per_s: float, lasts_s: float) -> list[float]:
        """Unit rows, in turn; the first one each time."""
        moments, started = [], time.perf_counter()
        for nth in range(int(per_s * lasts_s)):
            time.sleep(max(0.0, started + nth / per_s - time.perf_counter()))
            changed = [self._moved(row, nth) for row in self._turn(nth, rows)]
            self.pos += 1
            moments.append(now_ms())
            self.hub.tell(Change(self.pos, self.clock.now(), units=[self._counted(nth), *changed]))
        return moments

    def _turn(self, nth: int, rows: int) -> list[UnitRow]:
        return [self.units[1 + (nth * rows + place) % (len(self.units) - 1)] for place in range(rows - 1)]

    def _counted(self, nth: int) -> UnitRow:
        return msgspec.structs.replace(self.units[0], kind=f"engine {nth}", since=self.clock.now())

    def _moved(self, row: UnitRow, nth: int) -> UnitRow:
        phase = "at_station" if (nth // 100) % 2 else "on_radio"
        return msgspec.structs.replace(row, phase=phase, since=self.clock.now())  # type: ignore[arg-type]  # a plain text of the tables

    def move(self, moving: int, lasts_s: float, every_s: float) -> list[float]:
        """Everybody drives round a place of their own; a share of them each second when reports are rarer than that."""
        groups, started = max(1, round(every_s)), time.perf_counter()
        at = {nth: self._placed(nth, 0) for nth in range(moving)}
        for second in range(int(lasts_s)):
            at.update((nth, self._placed(nth, second)) for nth in range(second % groups, moving, groups))
            self.fixes = list(at.values())
            time.sleep(max(0.0, started + second + 1 - time.perf_counter()))
        return []

    def _placed(self, nth: int, second: int) -> Fix:
        angle, far = nth * 2.399963 + second / 20, 0.0009 * (1 + nth % 97)
        now = Instant(self.clock.now())
        unit = self.units[nth % len(self.units)].unit if nth < len(self.units) else UnitId(f"Y{nth:04d}")
        return Fix(unit, MIDDLE.lon + far * cos(angle), MIDDLE.lat + far * 0.8 * sin(angle), now, (nth * 7 + second) % 360, 12.0)


def answer_lines(busy: Busy) -> None:
    """Until nobody asks any more."""
    for line in sys.stdin:
        wanted: dict[str, Any] = json.loads(line)
        told = busy.change(**wanted) if "rows" in wanted else busy.move(**wanted)
        print(json.dumps({"moments": told}), flush=True)
    os._exit(0)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description="Serve a desk that is busy to order.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=2000)
    given = parser.parse_args()
    hub_module.LEAST_REST_S = REST_S
    make_centre(given.folder, further_units=max(0, given.units - 22))
    with ExitStack() as until:
        opened = serve.open_centre(given.folder, journal=None, areas=[], progress=lambda *_: None, until=until, faults=lambda _: None)
        with closing(open_or_create_accounts(given.folder / "accounts.db")) as accounts:
            tokens = [accounts.start_session("supervisor", WallClock().now()) for _ in range(2)]
        parts = opened.stand.parts
        cookie = cookie_of(parts.journal.journal_id)

        def ready(address: str) -> None:
            def begin() -> None:
                told = asyncio.run_coroutine_threadsafe(
                    parts.desk.look(lambda board: parts.rows.situation(board, journal="", pos=0, at=WallClock().now())), loop
                ).result()
                print(
                    json.dumps(
                        {"address": address, "sessions": [(one, csrf_of(one)) for one in tokens], "pid": os.getpid(), "cookie": cookie}
                    ),
                    flush=True,
                )
                answer_lines(Busy(opened, list(told.units)))

            loop = asyncio.get_running_loop()
            threading.Thread(target=begin, daemon=True).start()

        asyncio.run(serving.serve(opened.stand, serving.Address(port=0), ready))


if __name__ == "__main__":
    main()
