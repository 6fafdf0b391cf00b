"""Where should stations stand? The question and its answer in pure numbers: demand × sites × drives in, chosen sites out.

Nothing here knows of cities, names or files.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

NO_WAY_MS = -1
PROVEN_GAP = 1e-6
"""An answer is called proven when no choice can be better by more than this part of its value: the accuracy of the solver's sums."""

Goal = Literal["mclp", "mexclp", "p-median", "survival"]
GOALS: tuple[Goal, ...] = ("mclp", "mexclp", "p-median", "survival")


class Question(NamedTuple):
    """How many stations among which sites, for whom."""

    weights: Floats
    """Demand of each point, 0 or more, any unit."""
    drive_ms: Ints
    """(points, sites): from the site to the point; -1 = no way."""
    stations: int
    """How many, those that are kept included."""
    keep: tuple[int, ...] = ()
    """Sites that must be among them."""
    forbid: tuple[int, ...] = ()
    """Sites that must not."""

    @property
    def sites(self) -> int:
        """How many sites there are to choose from, forbidden ones included."""
        return int(self.drive_ms.shape[1])


class Fixed(NamedTuple):
    """Sites that are decided beforehand, as flags."""

    kept: Flags
    shut: Flags


class Sought(NamedTuple):
    """What is to be best. Only what the goal speaks of is looked at."""

    goal: Goal = "mclp"
    reach_ms: int = 480_000
    """mclp, mexclp: a point is covered by a site that is no farther."""
    busy: float = 0.3
    """mexclp: chance that a unit is not free (q)."""
    units_each: int = 1
    """mexclp: units at every station."""
    before_ms: int = 0
    """survival: from the call to the wheels' rolling; the curve is of the whole response."""


class Sited(NamedTuple):
    """Which sites, how good, and how much better any choice could be at most."""

    sites: tuple[int, ...]
    """Rising."""
    value: float
    """mclp: share of demand covered; mexclp: expected share; survival: expected share of survivors (all three: more is better);
    p-median: mean drive in milliseconds (less is better)."""
    bound: float
    """No choice is better than this."""
    gap: float
    """|bound - value| / |value|; 0 where both are 0."""
    is_proven: bool
    """The gap is below one part in a million."""
    way: Literal["swap", "relaxed", "exact"]
    """What found or proved it: exchange alone, a relaxation that leaves no room, or branch and bound."""


def check(question: Question, sought: Sought) -> None:
    """Raises BadInput ``siting_…``: no demand, too few sites, more kept than stations, a site kept and forbidden, a figure out of range."""
    weights, keep, forbid = question.weights, set(question.keep), set(question.forbid)
    if weights.shape != question.drive_ms.shape[:1] or not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise BadInput("siting_weights")
    if not weights.sum() > 0:
        raise BadInput("siting_no_demand")
    open_sites = question.sites - len(forbid)
    if question.stations < 1 or question.stations > open_sites:
        raise BadInput("siting_stations", value=question.stations, sites=open_sites)
    if len(keep) > question.stations:
        raise BadInput("siting_kept", value=question.stations, kept=len(keep))
    if keep & forbid or not keep | forbid <= set(range(question.sites)):
        raise BadInput("siting_sites")
    if sought.reach_ms <= 0 or not 0 <= sought.busy < 1 or sought.units_each < 1 or sought.before_ms < 0:
        raise BadInput("siting_figures")
