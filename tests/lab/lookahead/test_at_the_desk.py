"""At the desk nobody plays futures: look-ahead advises as by cover, and decides all else as the default does."""

import numpy as np

from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.city.square import square_city
from tocsin.lab.desk_run import run_on_desk
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome


def test_the_desk_moves_units_as_under_the_default() -> None:
    city = square_city(21, 6, stations=6, calls_per_hour=5.0)
    calls = draw_calls(city, seed=1, replication=0, days=0.4)
    ahead, default = (run_on_desk(city, calls, name, journal=MemoryJournal(), vault=MemoryVault()) for name in ("look-ahead", "default"))
    for field, one, other in zip(Outcome._fields, ahead, default, strict=True):
        assert np.array_equal(one, other), field
    assert ahead.moves.sum() > 0
