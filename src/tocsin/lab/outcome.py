"""What came of a run: the same arrays from every engine, so that two engines can be compared to the last bit."""

from typing import NamedTuple

from tocsin.lab.city.model import Ints, Longs

NOT_YET_MS = -1


class Outcome(NamedTuple):
    """One replication. Times are milliseconds since the run's first instant; -1 = it did not happen before the end."""

    first_unit: Ints
    """By call: index of the unit that was on scene first; -1 = none."""
    on_scene_ms: Longs
    """By call: when the first unit was on scene."""
    full_ms: Longs
    """By call: when the last unit that was wanted was on scene; as ``on_scene_ms`` where one was wanted."""
    sent: Ints
    """By call: units that were sent, those that were diverted away included."""
    busy_ms: Longs
    """By unit: with a job in hand."""
    return_ms: Longs
    """By unit: driving without a job, homewards or to another station."""
    moves: Ints
    """By unit: times that it was sent to another station than its own."""
    overrun_ms: Longs
    """By unit: at work after its shift's end."""
    diverted: int
    """Units that were taken from one call for another."""
    longest_queue: int
    """Most calls that waited for a unit at once."""
    ended_ms: int
    """When the last event happened."""
    is_overloaded: bool = False
    """The queue grew without end and the run was stopped: figures are of what came before."""
