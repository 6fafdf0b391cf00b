"""How fast a city is run on the real desk: the whole event-sourced path in memory, against the plain engine and SimPy's closest.

The same city as in ``simulate.py``, fewer days; the outcome must be the plain engine's, field by field. Each call leaves two dozen
lines: questions with their facts, what followed, each encoded, linked and stored. ``desk_run_lines_alone_over_simpy`` is the bound that
this sets: the same lines only encoded and appended again, with nothing decided, gathered or folded. In process CPU time.
"""

import numpy as np

from simulate import Peer, cpu_s
from tocsin.clocks.replay import questions
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.line import encode
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City
from tocsin.lab.city.square import square_city
from tocsin.lab.desk_run import run_on_desk
from tocsin.lab.desked.opening import Conduct, conduct_of
from tocsin.lab.draws import draw_calls
from tocsin.lab.run import run as run_city

DAYS, SEED = 5, 1
GATES = {"desk_run_over_lines_alone": ("at_least", 0.15)}
"""The bar of half of SimPy (simulation note, G1) is above what the lines alone allow: it is shown, not held."""


def written(city: City, calls: Calls, conduct: Conduct) -> MemoryJournal:
    """The journal of a run whose outcome is the plain engine's."""
    journal = MemoryJournal("bench")
    outcome = run_on_desk(city, calls, conduct, journal=journal, vault=MemoryVault())
    plain = run_city(city, calls, POLICIES[conduct.policy], cover=conduct.cover, rule=conduct.rule, engine="plain")
    if not all(np.array_equal(one, other) for one, other in zip(outcome, plain, strict=True)):
        raise AssertionError("the desk and the plain engine differ")
    return journal


def lines_alone_s(journal: MemoryJournal) -> float:
    """The same lines without the desk: what encoding, linking and storing cost alone."""
    records = [one.records for one in questions(journal)]

    def write() -> None:
        copy = MemoryJournal("bench")
        head = copy.head()
        for lines in records:
            head = copy.append([encode(record) for record in lines], expected=head.pos)

    return cpu_s(write)


def run() -> dict[str, float]:
    """Calls a second by ``closest`` and by ``default``, lines and bytes a call, and how they compare."""
    city = square_city(17, 16, stations=14, hospitals=3, calls_per_hour=280 / 24)
    calls = draw_calls(city, seed=SEED, replication=0, days=DAYS)
    closest, default = conduct_of(city, "closest"), conduct_of(city, "default")
    journal = written(city, calls, closest)
    written(city, calls, default)

    def desk_s(conduct: Conduct) -> float:
        return cpu_s(lambda: run_on_desk(city, calls, conduct, journal=MemoryJournal("bench"), vault=MemoryVault()))

    closest_s, default_s, alone_s = desk_s(closest), desk_s(default), lines_alone_s(journal)
    simpy_s = cpu_s(lambda: Peer(city, calls).run())
    plain_s = cpu_s(lambda: run_city(city, calls, POLICIES["closest"], engine="plain"))
    return {
        "desk_run_calls_per_s": calls.size / closest_s,
        "desk_run_default_calls_per_s": calls.size / default_s,
        "desk_run_lines_per_call": journal.head().pos / calls.size,
        "desk_run_bytes_per_call": sum(len(stored.body) for stored in journal.read()) / calls.size,
        "desk_run_over_simpy": simpy_s / closest_s,
        "desk_run_over_plain": plain_s / closest_s,
        "desk_run_over_lines_alone": alone_s / closest_s,
        "desk_run_lines_alone_over_simpy": simpy_s / alone_s,
    }


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:34} {value:12,.3f}")
