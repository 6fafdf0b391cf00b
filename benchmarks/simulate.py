"""How fast a city is simulated: calls a second on one core against SimPy 4 and Ciw 3, all in one run, in process CPU time.

SimPy runs the very same service (closest unit from its true place, turnout, drive, scene, hospital, handover, return), on the same tables
and the same calls: its response times must equal ours to the millisecond, or the benchmark fails. It is written as SimPy's own examples
are: a process for each call, another for each drive home, which is interrupted when the unit is sent on the way. Ciw runs the queue alone,
without geography: calls are taken, then wait for one of so many servers in two priorities, for the mean time that a call keeps a unit; its
records are read out. It throws its own dice, so against Ciw the drawing of our calls is counted too. ``default`` is compared with SimPy's
closest: nobody wrote cover in SimPy here.
"""

import gc
from collections.abc import Callable, Generator
from heapq import heappop, heappush
from time import process_time
from typing import Any

import ciw
import numpy as np
import simpy

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.model import City
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import run as run_city

DAYS, ROUNDS, SEED = 60, 3, 1
GATES = {
    "sim_plain_over_simpy": ("at_least", 2.0),
    "sim_plain_over_ciw": ("at_least", 2.0),
    "sim_compiled_over_simpy": ("at_least", 20.0),
    "sim_compiled_over_plain": ("at_least", 8.0),
}


class PeerUnit:
    """A unit in SimPy's world: at its station, or since it set out from ``origin`` on the way back to it."""

    def __init__(self, index: int, home: int) -> None:
        self.index, self.home, self.origin, self.there_ms = index, home, home, 0
        self.driving_home: simpy.Process | None = None


class Peer:
    """The service in SimPy. Tables are lists of lists, the quickest that Python reads."""

    def __init__(self, city: City, calls: Calls) -> None:
        self.env = simpy.Environment()
        self.lights, self.normal = city.roads.lights_ms.tolist(), city.roads.normal_ms.tolist()
        self.via = city.roads.normal_via.tolist()
        self.hospitals = [site.place for site in city.hospitals]
        self.is_urgent = [one.is_urgent for one in city.priorities]
        self.means = (city.turnouts[0].at_station.mean_ms, city.turnouts[0].on_road.mean_ms)
        self.free = [PeerUnit(nth, city.stations[unit.station].place) for nth, unit in enumerate(city.units)]
        self.waiting: list[tuple[int, int, int, simpy.Event]] = []
        self.on_scene_ms = [0] * calls.size
        self.ready, self.told, self.place = calls.ready_ms.tolist(), calls.told_priority.tolist(), calls.place.tolist()
        self.scene, self.transport = calls.on_scene_ms[:, 0].tolist(), calls.is_transport.tolist()
        self.handover, self.turnout = calls.handover_ms.tolist(), calls.turnout_ms[:, 0, :].tolist()
        self.at = calls.at_ms.tolist()

    def run(self) -> list[int]:
        """When somebody was on scene, by call."""
        self.env.process(self.callers())
        self.env.run()
        return self.on_scene_ms

    def callers(self) -> Generator[Any, Any, None]:
        """A process for every call, from its arrival."""
        for call, at_ms in enumerate(self.at):
            yield self.env.timeout(at_ms - self.env.now)
            self.env.process(self.life(call))

    def life(self, call: int) -> Generator[Any, Any, None]:
        """One call: answered, served or waiting for its turn, treated, driven to a hospital."""
        env = self.env
        yield env.timeout(self.ready[call] - env.now)
        unit = self.closest(call)
        if unit is None:
            turn = env.event()
            heappush(self.waiting, (self.told[call], self.ready[call], call, turn))
            unit, is_at_station = (yield turn), False
            start = unit.origin
        else:
            self.free.remove(unit)
            start, is_at_station = self.place_of(unit), unit.driving_home is None
            if unit.driving_home is not None:
                unit.driving_home.interrupt()
        place = self.place[call]
        table = self.lights if self.is_urgent[self.told[call]] else self.normal
        yield env.timeout(self.turnout[call][0 if is_at_station else 1])
        yield env.timeout(table[start][place])
        self.on_scene_ms[call] = env.now
        yield env.timeout(self.scene[call])
        at = place
        if self.transport[call]:
            _, at = min((self.normal[place][hospital], hospital) for hospital in self.hospitals)
            yield env.timeout(self.normal[place][at])
            yield env.timeout(self.handover[call])
        unit.origin = at
        if self.waiting:
            heappop(self.waiting)[3].succeed(unit)
        else:
            self.free.append(unit)
            unit.driving_home = env.process(self.return_home(unit))

    def return_home(self, unit: PeerUnit) -> Generator[Any, Any, None]:
        """Unless it is sent before it is there."""
        drive_ms = self.normal[unit.origin][unit.home]
        unit.there_ms = self.env.now + drive_ms
        try:
            yield self.env.timeout(drive_ms)
            unit.origin = unit.home
        except simpy.Interrupt:
            pass
        unit.driving_home = None

    def place_of(self, unit: PeerUnit) -> int:
        """Where it is on its way back."""
        if unit.driving_home is None:
            return unit.home
        left_ms, at = unit.there_ms - self.env.now, unit.origin
        while self.normal[at][unit.home] > left_ms:
            at = self.via[at][unit.home]
        return at

    def closest(self, call: int) -> PeerUnit | None:
        """By mean turnout and drive; of equal ones the lower index."""
        table = self.lights if self.is_urgent[self.told[call]] else self.normal
        best, best_key, place = None, (1 << 60, 0), self.place[call]
        for unit in self.free:
            mean_ms = self.means[0 if unit.driving_home is None else 1]
            key = (mean_ms + table[self.place_of(unit)][place], unit.index)
            if key < best_key:
                best, best_key = unit, key
        return best


def cpu_s(work: Callable[[], object]) -> float:
    """Least CPU time of a few rounds."""
    spent = []
    for _ in range(ROUNDS):
        gc.collect()
        began = process_time()
        work()
        spent.append(process_time() - began)
    return min(spent)


def queue_only(city: City, calls: Calls, outcome: Outcome) -> Callable[[], object]:
    """Ciw: as many servers as units, as many calls an hour, and the mean time that a call keeps a unit."""
    span_ms = float(np.sum(outcome.busy_ms)) / calls.size
    taking_ms = float(np.mean(calls.ready_ms - calls.at_ms))
    names = [one.name for one in city.priorities]
    per_ms = [float(np.sum(calls.told_priority == nth)) / float(calls.at_ms[-1]) for nth in range(len(names))]
    network = ciw.create_network(
        arrival_distributions={name: [ciw.dists.Exponential(rate=rate), None] for name, rate in zip(names, per_ms, strict=True)},
        service_distributions={
            name: [ciw.dists.Exponential(rate=1 / taking_ms), ciw.dists.Exponential(rate=1 / span_ms)] for name in names
        },
        priority_classes={name: nth for nth, name in enumerate(names)},
        routing={name: [[0.0, 1.0], [0.0, 0.0]] for name in names},
        number_of_servers=[float("inf"), len(city.units)],
    )

    def simulated() -> list[float]:
        ciw.seed(SEED)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(float(calls.at_ms[-1]))
        return [record.waiting_time for record in simulation.get_all_records()]

    return simulated


def run() -> dict[str, float]:
    """Calls a second of each engine, and how they compare; a city of 16 units, 14 stations and 289 places."""
    city = square_city(17, 16, stations=14, hospitals=3, calls_per_hour=280 / 24)
    return figures(city, draw_calls(city, seed=SEED, replication=0, days=DAYS))


def figures(city: City, calls: Calls) -> dict[str, float]:
    """The same for any city that SimPy's service above fits: no bays, no shifts, one turnout, no factors on drives."""
    closest, default, cover = POLICIES["closest"], POLICIES["default"], cover_model(city)
    plain = run_city(city, calls, closest, engine="plain")
    compiled = run_city(city, calls, closest, engine="compiled")
    if not all(np.array_equal(one, other) for one, other in zip(plain, compiled, strict=True)):
        raise AssertionError("the plain and the compiled engine differ")
    if Peer(city, calls).run() != plain.on_scene_ms.tolist():
        raise AssertionError("SimPy's response times are not ours: this is not the same service")
    per_s = {
        "sim_simpy_calls_per_s": cpu_s(lambda: Peer(city, calls).run()),
        "sim_ciw_calls_per_s": cpu_s(queue_only(city, calls, plain)),
        "sim_plain_calls_per_s": cpu_s(lambda: run_city(city, calls, closest, engine="plain")),
        "sim_compiled_calls_per_s": cpu_s(lambda: run_city(city, calls, closest, engine="compiled")),
        "sim_plain_default_calls_per_s": cpu_s(lambda: run_city(city, calls, default, cover=cover, engine="plain")),
        "sim_compiled_default_calls_per_s": cpu_s(lambda: run_city(city, calls, default, cover=cover, engine="compiled")),
    }
    measured = {name: calls.size / spent for name, spent in per_s.items()}
    draw_s = cpu_s(lambda: draw_calls(city, seed=SEED, replication=0, days=DAYS))
    simpy_s, ciw_s = per_s["sim_simpy_calls_per_s"], per_s["sim_ciw_calls_per_s"]
    plain_s, compiled_s = per_s["sim_plain_calls_per_s"], per_s["sim_compiled_calls_per_s"]
    return measured | {
        "sim_plain_over_simpy": simpy_s / plain_s,
        "sim_plain_over_ciw": ciw_s / (plain_s + draw_s),
        "sim_compiled_over_simpy": simpy_s / compiled_s,
        "sim_compiled_over_plain": plain_s / compiled_s,
        "sim_plain_default_over_simpy": simpy_s / per_s["sim_plain_default_calls_per_s"],
        "sim_compiled_default_over_simpy": simpy_s / per_s["sim_compiled_default_calls_per_s"],
    }


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:34} {value:12,.1f}")
