"""Where the time of a call goes on the real desk: each part alone, without the parts inside it. Microseconds and times a call.

    python benchmarks/desk_parts.py [closest]

The city and days of ``desk_run.py``. Each part is timed where the desk calls it; what timing itself costs is measured on a part that does
nothing, and taken off. In process CPU time, the least of several runs by part.
"""

import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from desk_run import DAYS, SEED
from tocsin.clocks import desk
from tocsin.core import kernel
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab import desk_run
from tocsin.lab.city.square import square_city
from tocsin.lab.desked.gather_city import GatherCity
from tocsin.lab.desked.opening import conduct_of
from tocsin.lab.draws import draw_calls

PARTS: tuple[tuple[str, Any, str], ...] = (
    ("crews, callers, dispatcher", desk_run, "run_on_desk"),
    ("desk", desk.Desk, "answer"),
    ("look whether it was asked", MemoryJournal, "find_command"),
    ("gather", GatherCity, "facts"),
    ("decide", kernel, "decide"),
    ("make records", desk.Desk, "_record"),
    ("encode", desk, "encode"),
    ("fold", kernel, "fold"),
    ("reactions", kernel, "reactions_to"),
    ("link and store", MemoryJournal, "append"),
)
RUNS = 7


class Watch:
    """Own time and number of calls, by part."""

    def __init__(self) -> None:
        self.own_s: dict[str, float] = {}
        self.times: dict[str, int] = {}
        self._inside_s: list[float] = []

    def timed(self, part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """The same, watched."""

        def watched(*args: Any, **named: Any) -> Any:
            self._inside_s.append(0.0)
            began = process_time()
            answer = act(*args, **named)
            took_s = process_time() - began
            self.own_s[part] = self.own_s.get(part, 0.0) + took_s - self._inside_s.pop()
            self.times[part] = self.times.get(part, 0) + 1
            if self._inside_s:
                self._inside_s[-1] += took_s
            return answer

        return watched


def idle_s() -> tuple[float, float]:
    """What watching adds to a part itself and to the part around it, each time."""
    watch, turns = Watch(), 100_000
    nothing = watch.timed("inner", lambda *_: None)

    def around() -> None:
        for _ in range(turns):
            nothing(1, 2)

    watch.timed("outer", around)()
    return watch.own_s["inner"] / turns, watch.own_s["outer"] / turns


def lived(policy: str) -> Watch:
    """One run, watched."""
    city = square_city(17, 16, stations=14, hospitals=3, calls_per_hour=280 / 24)
    calls, conduct, watch = draw_calls(city, seed=SEED, replication=0, days=DAYS), conduct_of(city, policy), Watch()
    plain = [getattr(where, name) for _, where, name in PARTS]
    try:
        for (part, where, name), act in zip(PARTS, plain, strict=True):
            setattr(where, name, watch.timed(part, act))
        desk_run.run_on_desk(city, calls, conduct, journal=MemoryJournal("bench"), vault=MemoryVault())
    finally:
        for (_, where, name), act in zip(PARTS, plain, strict=True):
            setattr(where, name, act)
    watch.times["calls"] = calls.size
    return watch


AROUND = {"desk": "crews, callers, dispatcher"}
"""In which part another one is timed; the desk where none is named."""


def main() -> None:
    """Print the table."""
    runs = [lived(sys.argv[1] if sys.argv[1:] else "closest") for _ in range(RUNS)]
    calls, (inner_s, outer_s) = runs[0].times["calls"], min(idle_s() for _ in range(RUNS))
    own_s = {part: min(run.own_s[part] for run in runs) for part, _, _ in PARTS}
    for part, _, _ in PARTS:
        own_s[part] -= inner_s * runs[0].times[part]
        own_s[AROUND.get(part, "desk")] -= outer_s * runs[0].times[part] if part != "crews, callers, dispatcher" else 0.0
    for part, took_s in own_s.items():
        print(f"{part:28} {took_s / calls * 1e6:8.1f} us {runs[0].times[part] / calls:7.2f} times")
    print(f"{'all':28} {sum(own_s.values()) / calls * 1e6:8.1f} us")


if __name__ == "__main__":
    main()
