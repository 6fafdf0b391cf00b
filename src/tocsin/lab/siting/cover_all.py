"""Set cover: the cheapest sites that leave nobody out of reach."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tocsin.base.faults import BadInput
from tocsin.lab.siting.question import PROVEN_GAP, Flags, Floats, Sited


def cover_all(reaches: Flags, prices: Floats, *, limit_s: float | None = None) -> Sited:
    """The choice of least price in which every row is reached; ``value`` is its price. ``reaches``: (rows, sites).

    Rows that hold another row are left out: who reaches the narrower one reaches them too.
    Raises BadInput ``siting_unreached`` when no site reaches some row, ``siting_no_time`` when the time was too short for any choice.
    """
    if not reaches.any(axis=1).all():
        raise BadInput("siting_unreached", rows=int((~reaches.any(axis=1)).sum()))
    rows = _narrowest(reaches)
    bounds = Bounds(np.zeros(len(prices)), np.ones(len(prices)))
    demand = LinearConstraint(csr_array(rows.astype(np.float64)), 1.0, np.inf)
    options: dict[str, float] = {"mip_rel_gap": PROVEN_GAP / 10} | ({} if limit_s is None else {"time_limit": limit_s})
    found = milp(prices, integrality=np.ones(len(prices)), bounds=bounds, constraints=demand, options=options)
    if found.x is None:
        raise BadInput("siting_no_time", seconds=limit_s)
    chosen = np.flatnonzero(found.x > 0.5)
    value, bound = float(prices[chosen].sum()), float(found.mip_dual_bound)
    if np.all(prices == np.rint(prices)):
        bound = float(np.ceil(bound - 1e-6))
    bound = min(bound, value)
    gap = (value - bound) / value if value else 0.0
    return Sited(tuple(int(one) for one in chosen), value, bound, gap, gap <= PROVEN_GAP, "exact")


def _narrowest(reaches: Flags) -> Flags:
    """Rows that hold no other row; equal rows once."""
    rows = np.unique(reaches, axis=0).astype(np.float32)
    sizes = rows.sum(axis=1)
    holds = (rows @ rows.T) >= sizes[None, :]  # row i holds all of row j
    np.fill_diagonal(holds, False)
    return np.asarray(rows[~holds.any(axis=1)] > 0)
