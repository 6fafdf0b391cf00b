"""Running a city: one function, whichever engine does it. Both engines give the same outcome to the last bit."""

from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Literal

from tocsin.base.faults import BadInput
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES, ROAD_TIME, Policy
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import Covering, models_of
from tocsin.lab.city.model import City
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.lookahead.run_ahead import run_ahead
from tocsin.lab.outcome import Outcome
from tocsin.lab.plain.engine import run_plain

Engine = Literal["auto", "plain", "compiled"]
HOME = MoveUpRule()
_KNOWN_HAPPENINGS = ("slower",)
"""What the compiled engine knows of what goes wrong."""


def run(city: City, calls: Calls, policy: Policy, *, cover: Covering = None, rule: MoveUpRule = HOME, engine: Engine = "auto") -> Outcome:
    """Run all calls to their end, or until the queue grows without end.

    ``auto``: compiled where there is a twin for this city and policy and it runs on this machine, else plain.
    A policy that looks ahead has dice of its own for that: ``lookahead.run_ahead`` takes those of an experiment, this takes the first.
    Raises BadInput cover_missing, compliance_missing, no_twin (``compiled`` was asked for), policy_failed.
    """
    _check(city, policy, cover)
    if policy.returns == "home" and policy.preserves == "nobody" and type(policy) is Policy:
        cover = None  # nobody asks for it
    if policy.returns == "look-ahead" and engine != "compiled":
        return run_ahead(city, calls, policy, cover, rule, Ahead())
    kernel = find_kernel() if engine != "plain" and has_twin(city, policy) and len(models_of(cover)) < 2 else None
    if kernel is not None:
        outcome: Outcome = kernel.run_compiled(city, calls, policy, cover, rule)
        return outcome
    if engine == "compiled":
        raise BadInput("no_twin", field="engine", policy=policy.name)
    return run_plain(city, calls, policy, cover, rule)


def has_twin(city: City, policy: Policy) -> bool:
    """Whether the compiled engine can run it: one unit for each call, by road time, nobody sharing a crew, no breaks, no roads closed.

    With cover of several services none can: ``run`` looks at that."""
    crews = [unit.crew for unit in city.units if unit.crew]
    return (
        type(policy) is Policy
        and policy.is_by_road
        and policy.travel_ms is POLICIES[ROAD_TIME].travel_ms
        and policy.returns in ("home", "dmexclp")
        and not any(kind.slots for kind in city.kinds)
        and len(set(crews)) == len(crews)
        and not any(unit.breaks for unit in city.units)
        and all(one.what in _KNOWN_HAPPENINGS for one in city.happenings)
    )


def _check(city: City, policy: Policy, cover: Covering) -> None:
    if policy.returns == "compliance" and not city.postings:
        raise BadInput("compliance_missing", field="policy", policy=policy.name)
    if not cover and (policy.returns in ("dmexclp", "look-ahead") or policy.preserves != "nobody"):
        raise BadInput("cover_missing", field="cover", policy=policy.name)


@lru_cache(maxsize=1)
def find_kernel() -> ModuleType | None:
    """The compiled engine; None where Numba cannot be loaded. Loading takes a second and 100 MB, hence not before it is asked for."""
    try:
        return import_module("tocsin.lab.kernel.twin")
    except ImportError:
        return None
