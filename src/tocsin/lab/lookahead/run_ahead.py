"""Running a city under a policy that looks ahead: on the plain engine, with compiled futures at each decision."""

from importlib import import_module

from tocsin.base.faults import BadInput
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import Policy
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import Covering, models_of
from tocsin.lab.city.model import City
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.outcome import Outcome
from tocsin.lab.plain.engine import run_plain


def run_ahead(city: City, calls: Calls, policy: Policy, cover: Covering, rule: MoveUpRule, ahead: Ahead) -> Outcome:
    """Run all calls to their end.

    Raises BadInput cover_missing, look_ahead_city (calls for several units or shared crews: futures know one unit to a call),
    look_ahead_kernel (Numba cannot be loaded here).
    """
    models = models_of(cover)
    if not models:
        raise BadInput("cover_missing", field="cover", policy=policy.name)
    if any(kind.slots for kind in city.kinds) or _are_crews_shared(city):
        raise BadInput("look_ahead_city", field="policy", policy=policy.name, city=city.name)
    try:
        look = import_module("tocsin.lab.lookahead.look")
    except ImportError as missing:
        raise BadInput("look_ahead_kernel", field="policy", policy=policy.name, why=missing) from None
    return run_plain(city, calls, policy, models[0], rule, look.LookAhead(city, policy, models[0], rule, ahead))


def _are_crews_shared(city: City) -> bool:
    crews = [unit.crew for unit in city.units if unit.crew]
    return len(set(crews)) < len(crews)
