"""The compliance table: the engines, the live desk, and a table that is made where nobody gave one."""

import msgspec
import numpy as np
import pytest
from lab_texts import QUIET, SQUARE, laid

from tocsin.base.faults import BadInput
from tocsin.core.engine.cover import Cover
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.cover import CoverModel
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.edit import close_station
from tocsin.lab.city.model import City
from tocsin.lab.city.postings import nested_postings, with_postings
from tocsin.lab.desk_run import run_on_desk
from tocsin.lab.desked.opening import Conduct
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import has_twin, run

TABLE = (
    '[compliance]\nneeds = "ambulance"\ntable = [{ free = 1, stations = ["S03"] }, { free = 3, stations = ["S03", "S00", "S03"] },'
    ' { free = 5, stations = ["S03", "S00", "S02", "S03"] }]\n'
)
ENGINE = '[[unit]]\nname = "E1"\nstation = "S01"\nkind = "engine"\n'
LENT = '[[mutual_aid]]\nunits = ["U05"]\noffset_s = 60\ncost_s = 60\n'


def lived(city: City, model: CoverModel, *, seed: int = 1) -> tuple[Outcome, Outcome]:
    calls = draw_calls(city, seed=seed, replication=1, days=1)
    usual = run(city, calls, POLICIES["compliance"], cover=model)
    return usual, run_on_desk(city, calls, Conduct("compliance", model), journal=MemoryJournal(), vault=MemoryVault())


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("city", [laid(TABLE), laid(TABLE, QUIET), close_station(laid(TABLE), "S00")], ids=["busy", "quiet", "one closed"])
def test_the_desk_goes_by_the_table_as_the_engine_does(city: City, seed: int) -> None:
    usual, desk = lived(city, cover_model(city), seed=seed)
    assert usual.moves.sum() > 0
    for name in Outcome._fields:
        assert np.array_equal(getattr(usual, name), getattr(desk, name)), name


def test_units_that_the_table_is_not_about_go_home() -> None:
    usual, desk = lived(laid(TABLE + ENGINE), cover_model(laid(TABLE + ENGINE)))
    assert usual.moves.sum() > 0 and not usual.moves[6] and np.array_equal(usual.on_scene_ms, desk.on_scene_ms)
    for outcome in lived(laid(TABLE + LENT), cover_model(laid(TABLE + LENT))):  # the desk counts lent units for cover, the engine does not
        assert outcome.moves.sum() > 0 and not outcome.moves[5]


def test_without_a_table_it_is_refused_and_one_can_be_made() -> None:
    model = cover_model(SQUARE)
    calls = draw_calls(SQUARE, seed=1, replication=1, days=1)
    with pytest.raises(BadInput) as caught:
        run(SQUARE, calls, POLICIES["compliance"], cover=model)
    assert caught.value.code == "compliance_missing"
    city = with_postings(SQUARE, model)
    assert not has_twin(city, POLICIES["compliance"]) and has_twin(city, POLICIES["closest"])
    assert city.remarks[-1] == ("postings_made", (("rows", 6), ("needs", "ambulance"))) and with_postings(city, model) is city
    assert run(city, calls, POLICIES["compliance"], cover=model).moves.sum() > 0


def test_a_made_table_is_nested_and_each_row_adds_most() -> None:
    model = cover_model(SQUARE)
    rows = nested_postings(SQUARE, model)
    assert [row.free for row in rows] == list(range(1, 7))
    cover = Cover(model)
    for before, row in zip(((), *(one.stations for one in rows)), rows, strict=False):
        assert row.stations[: len(before)] == before
        chosen = list(model.stations).index(row.stations[-1])
        assert cover.gain_ppb[chosen] == max(cover.gain_ppb)
        cover.put(chosen)


def test_a_made_table_leaves_closed_stations_out() -> None:
    city = close_station(SQUARE, "S01")
    named = {name for row in nested_postings(city, cover_model(city)) for name in row.stations}
    assert named and "S01" not in named


def test_a_table_may_name_stations_that_are_not_there_any_more() -> None:
    city = laid(TABLE)
    gone = city._replace(stations=tuple(one if one.name != "S03" else msgspec.structs.replace(one, name="Moved") for one in city.stations))
    usual, desk = lived(gone, cover_model(gone))
    assert np.array_equal(usual.on_scene_ms, desk.on_scene_ms)
