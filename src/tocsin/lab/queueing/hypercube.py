"""The hypercube: which units are at work together, when each call goes to the first free unit on its atom's list.

A state says of each of n units whether it is at work: a corner of an n-dimensional cube. Calls are Poisson by atom, service exponential by
unit. Calls that find every unit at work wait in one line, first come first served ("infinite"), or are lost to others ("none").

Source: R. C. Larson, "A hypercube queuing model for facility location and redistricting in urban emergency services", Computers &
Operations Research 1 (1974) 67-95; Larson & Odoni, Urban Operations Research (1981), sections 5.4 and 5.5.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import Floats, Shorts

Line = Literal["infinite", "none"]

MOST_EXACT = 14
"""More units than this have too many states to be asked for an answer at once: 2^14 = 16,384 states, a second or so."""
ENOUGH = 1e-13
MOST_SWEEPS = 20_000


class Shares(NamedTuple):
    """What a hypercube says, exact or approximate."""

    workloads: Floats
    """By unit: share of time at work."""
    served: Floats
    """(atoms, units): share of an atom's calls, those lost left out, that each unit serves; rows add up to 1."""
    waits: float
    """Share of calls that wait; with no line, share of calls that are lost."""
    mean_wait: float
    """Of all calls, in the unit of time of the rates; 0 with no line."""


def exact(rates: Floats, prefer: Shorts, service: Floats, *, line: Line = "infinite") -> Shares:
    """Larson's model solved for its stationary distribution, to about twelve digits.

    ``rates``: calls per unit of time by atom. ``prefer``: (atoms, units), each row all units from the first choice to the last.
    ``service``: mean service time by unit. Raises BadInput ``queueing_units`` (none, or more than 14), ``queueing_load`` (the line would
    grow without end, or nobody calls), ``queueing_preference`` and ``queueing_service``.
    """
    check(rates, prefer, service, line=line)
    units = len(service)
    if units > MOST_EXACT:
        raise BadInput("queueing_units", field="units", value=units, most=MOST_EXACT)
    lists, of_atom = np.unique(prefer, axis=0, return_inverse=True)
    sent = first_free(lists)
    chance = _stationary(np.bincount(of_atom.ravel(), rates, len(lists)).astype(np.float64), sent, 1 / service)
    return _shares(_Solved(chance, lists, of_atom.ravel(), sent), rates, 1 / service, line)


def check(rates: Floats, prefer: Shorts, service: Floats, *, line: Line) -> None:
    """Raises BadInput where a hypercube, exact or approximate, cannot be asked."""
    units = len(service)
    if not units:
        raise BadInput("queueing_units", field="units", value=0, most=MOST_EXACT)
    if prefer.shape != (len(rates), units) or not np.array_equal(np.sort(prefer, axis=1), np.tile(np.arange(units), (len(rates), 1))):
        raise BadInput("queueing_preference", field="prefer")
    if not np.all(np.isfinite(service)) or np.any(service <= 0):
        raise BadInput("queueing_service", field="service")
    demand = float(rates.sum())
    is_too_much = line == "infinite" and demand >= float((1 / service).sum())
    if not np.all(rates >= 0) or not demand > 0 or is_too_much:
        raise BadInput("queueing_load", field="rates", value=demand)


def first_free(lists: Shorts) -> Shorts:
    """(lists, states): the unit that a call is given in a state (bit i set = unit i at work); -1 where all are."""
    units = lists.shape[1]
    states = np.arange(2**units)
    sent = np.full((len(lists), len(states)), -1, np.int16)
    for row, order in zip(sent, lists, strict=True):
        for unit in order[::-1]:  # the last that is written is the first choice
            row[(states >> int(unit)) & 1 == 0] = unit
    return sent


class _Solved(NamedTuple):
    chance: Floats
    """By state, without a line: they add up to 1."""
    lists: Shorts
    of_atom: NDArray[np.intp]
    sent: Shorts


def _stationary(rates: Floats, sent: Shorts, pace: Floats) -> Floats:
    """Balance of every state, level by level (a level: so many units at work), up and down until nothing moves.

    Calls lead one level up and ends of service one level down, so that a level given its neighbours is known at once (Larson 1974). After
    each pass the levels are weighed anew by what flows between them, which must be equal both ways: without it the passes creep.
    """
    units, states = len(pace), np.arange(sent.shape[1])
    level = np.bitwise_count(states).astype(np.intp)
    up = np.zeros((len(states), units))
    for rate, row in zip(rates, sent, strict=True):
        known = row >= 0
        up[states[known], row[known]] += rate
    down = np.where((states[:, None] >> np.arange(units)) & 1, pace, 0.0)
    leaving = up.sum(axis=1) + down.sum(axis=1)
    by_level = [states[level == count] for count in range(units + 1)]
    chance = np.full(len(states), 1 / len(states))
    for _ in range(MOST_SWEEPS):
        before = chance.copy()
        for count in (*range(units + 1), *range(units - 1, -1, -1)):
            rows = by_level[count]
            chance[rows] = _inflow(chance, up, pace, rows) / leaving[rows]
        chance = _levelled(chance, level, up.sum(axis=1), down.sum(axis=1))
        if float(np.abs(chance - before).max()) <= ENOUGH * float(chance.max()):
            break
    return chance


def _inflow(chance: Floats, up: Floats, pace: Floats, rows: NDArray[np.intp]) -> Floats:
    total = np.zeros(len(rows))
    for unit, ended in enumerate(pace):
        other = rows ^ (1 << unit)
        is_busy = (rows >> unit) & 1 == 1
        total += chance[other] * np.where(is_busy, up[other, unit], ended)
    return total


def _levelled(chance: Floats, level: NDArray[np.intp], up: Floats, down: Floats) -> Floats:
    rise, fall = np.bincount(level, chance * up), np.bincount(level, chance * down)
    factor = np.ones(len(rise))
    for count in range(1, len(rise)):
        factor[count] = factor[count - 1] * rise[count - 1] / fall[count]
    weighed = chance * factor[level]
    settled: Floats = weighed / weighed.sum()
    return settled


def _shares(solved: _Solved, rates: Floats, pace: Floats, line: Line) -> Shares:
    """The line hangs on the state in which all are at work and is a birth-death chain of its own: its weights are a geometric row, whatever
    the units' paces, because the first in line goes to whichever unit ends first."""
    demand, most = float(rates.sum()), float(pace.sum())
    full = float(solved.chance[-1])
    queued = full * demand / (most - demand) if line == "infinite" else 0.0
    whole = 1 + queued
    bits = (np.arange(len(solved.chance))[:, None] >> np.arange(len(pace))) & 1
    workloads = (solved.chance @ bits + queued) / whole
    direct = np.stack([np.bincount(row[row >= 0], solved.chance[row >= 0], len(pace)) for row in solved.sent]) / whole
    waits = (full + queued) / whole
    if line == "infinite":
        wanted = direct + waits * pace / most
        return Shares(workloads, wanted[solved.of_atom], waits, waits / (most - demand))
    return Shares(workloads, direct[solved.of_atom] / (1 - waits), waits, 0.0)
