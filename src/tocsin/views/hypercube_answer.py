"""What the hypercube answers: for JSON and the terminal. Shares are of 1, times in seconds; null where nobody calls."""

from typing import Literal

import msgspec

from tocsin.views.experiment_answer import Partial, Remark


class UnitWorkload(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unit that is on duty."""

    unit: str
    station: str
    workload: float
    """Share of its time with a job in hand."""
    simulated: float | None = None
    """The same as the simulation has it."""


class AreaShares(msgspec.Struct, frozen=True, omit_defaults=True):
    """One area (first-due station)."""

    share: float
    """Of all calls."""
    late_share: float | None
    """Of its high calls."""
    travel_s: float | None
    """Mean drive to a call."""
    own: float | None
    """Share of its calls that is served from its own station."""
    simulated_late_share: float | None = None


class AgainstSimulation(msgspec.Struct, frozen=True, omit_defaults=True):
    """``closest`` with the dice, beside the closed form."""

    days: float
    replications: int
    seed: int
    calls: int
    late_share: float | None
    half_width: float | None
    """Of ``late_share``, 95 %; null with one replication."""
    utilisation: float
    """Mean workload of the units."""
    late_off: float | None
    """Late share of the closed form less that of the simulation."""
    utilisation_off: float
    """The same of the mean workload."""
    workload_off: float
    """Mean absolute difference of a unit's workload."""
    is_cut_short: bool = False
    """Its figures are of a part; ``partial`` says why."""


class HypercubeAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``tocsin hypercube``."""

    city: str
    city_digest: str
    load: float
    hour: int | None
    """0 = Monday 00:00 … 167; null = the mean of the week."""
    method: Literal["exact", "approximate"]
    calls_per_hour: float
    units: tuple[UnitWorkload, ...]
    utilisation: float
    """Mean workload."""
    areas: dict[str, AreaShares]
    late_share: float
    """Of high calls; of all where none is high."""
    waits: float
    """Share of calls that find no free unit."""
    mean_wait_s: float
    """Of all calls, for a unit."""
    several_units_per_call: bool
    """The city's calls take several units and the model sends one: workloads, waits and lateness are told too low."""
    units_per_call: float
    """Mean over the calls."""
    remarks: tuple[Remark, ...]
    """What is left out, and what the city assumes."""
    simulated: AgainstSimulation | None = None
    partial: Partial | None = None
    """Why the simulation ended before its end: ``cancelled``, ``overload``. What is reckoned is whole."""
