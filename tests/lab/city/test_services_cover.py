"""Cover by service: who counts for what, with the spread of what comes before the drive; the same on the desk."""

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.cover import PPB
from tocsin.core.messages.plan import Slot
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.city.cover import cover_model, cover_models
from tocsin.lab.city.model import City, Span, Turnout
from tocsin.lab.city.slack import LAYERS, slack_ms
from tocsin.lab.city.square import square_city
from tocsin.lab.desk_run import run_on_desk
from tocsin.lab.desked.opening import Conduct
from tocsin.lab.draws import draw_calls
from tocsin.lab.run import run

CERTAIN = square_city(9, 6, calls_per_hour=6.0)._replace(call_taking=Span(90_000), turnouts=(Turnout("*", Span(60_000), Span(10_000)),))


def several(city: City = CERTAIN) -> City:
    """Engines and ambulances; every urgent call wants both, the others an ambulance that is also called medic."""
    units = tuple(
        replace(
            one, name=f"U{nth:02d}", kind=("engine", "ambulance")[nth % 2], station=nth // 2 % 4, capabilities=((), ("medic",))[nth % 2]
        )
        for nth, one in enumerate(2 * city.units)
    )
    medic, engine = Slot("medic", ("medic",)), Slot("engine", ("engine",))
    rescue = Slot("rescue", ("diver",), is_required=False)
    kinds = (replace(city.kinds[0], slots=(Slot("ambulance", ("ambulance",)), engine, rescue)), replace(city.kinds[1], slots=(medic,)))
    return city._replace(units=units, kinds=kinds)


def test_a_city_of_one_service_keeps_its_one_model() -> None:
    assert cover_models(CERTAIN) == (cover_model(CERTAIN),)


def test_each_service_has_a_model_and_two_names_of_one_service_have_one() -> None:
    ambulance, engine = cover_models(several())
    assert (ambulance.needs, engine.needs) == ("medic", "engine")  # more calls ask for a medic; nobody dives
    for model in (ambulance, engine):
        assert sum(row.weight_ppb for row in model.rows) == PPB
        assert [str(name) for name in model.stations] == [one.name for one in CERTAIN.stations]


def test_slack_is_the_targets_rest_and_has_its_spread() -> None:
    assert slack_ms(CERTAIN, "ambulance", 480_000) == (330_000,)
    city = CERTAIN._replace(call_taking=Span(90_000, "gamma", 4.0), travel_spread=0.2)
    slack = slack_ms(city, "ambulance", 480_000)
    assert len(slack) == LAYERS and list(slack) == sorted(set(slack))
    dice = np.random.default_rng(5)
    drawn = 420_000 - dice.standard_gamma(4.0, 200_000) * 22_500
    drawn /= np.exp(0.2 * dice.standard_normal(200_000) - 0.02)
    assert np.mean(slack) == pytest.approx(drawn.mean(), rel=0.03)
    (model,) = cover_models(city)
    near = sum(row.weight_ppb * len(row.stations) for row in model.rows)
    assert near != sum(row.weight_ppb * len(row.stations) for row in cover_model(city).rows)


@pytest.mark.parametrize("policy", ["default", "dmexclp"])
@pytest.mark.parametrize("seed", [1, 2])
def test_desk_and_plain_engine_count_several_services_alike(policy: str, seed: int) -> None:
    city = several(square_city(15, 5, calls_per_hour=9.0))
    models = cover_models(city)
    assert len(models) == 2
    calls = draw_calls(city, seed=seed, replication=1, days=0.4)
    plain = run(city, calls, POLICIES[policy], cover=models)
    desk = run_on_desk(city, calls, Conduct(policy, models), journal=MemoryJournal(), vault=MemoryVault())
    assert plain.moves.sum() > 0
    assert np.array_equal(plain.on_scene_ms, desk.on_scene_ms) and np.array_equal(plain.moves, desk.moves)
