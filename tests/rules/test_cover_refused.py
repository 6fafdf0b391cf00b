"""Cover models that cannot be adopted: refused whole, in words of every language, and nothing changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, StationId
from tocsin.base.instants import Instant
from tocsin.core import kernel
from tocsin.core.board import fold as folding
from tocsin.core.board.board import Board
from tocsin.core.messages.cover import PPB, AdoptCover, CoverAdopted, CoverModel, CoverRow
from tocsin.core.messages.facts import NO_FACTS
from tocsin.core.messages.place import Place
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Ask, Command, Event
from tocsin.core.messages.station import OpenStation
from tocsin.words import languages, say

AT = Instant(1_586_250_000_000)
S1, S2 = StationId("S1"), StationId("S2")
WHOLE = (CoverRow("north", (0,), 400_000_000), CoverRow("north", (0, 1), 350_000_000), CoverRow("far", (), 250_000_000))


def decided(board: Board, command: Command) -> Event:
    (event,) = kernel.decide(board, Ask(CommandId("c"), "test", AT, command), NO_FACTS)
    return event


@pytest.fixture
def board() -> Board:
    board = Board()
    for name in (S1, S2):
        folding.fold(board, decided(board, OpenStation(name, "", Place(LonLat(0.0, 0.0)))), AT)
    return board


def model(*rows: CoverRow, stations: tuple[StationId, ...] = (S1, S2), needs: str = "pump", busy_ppm: int = 300_000) -> CoverModel:
    return CoverModel(needs, stations, rows, busy_ppm)


def refusal(board: Board, *models: CoverModel) -> CommandRefused:
    event = decided(board, AdoptCover(models))
    assert isinstance(event, CommandRefused)
    assert event.field == "models"
    return event


@pytest.mark.parametrize(
    "rows",
    [
        (CoverRow("north", (0,), PPB - 1),),
        (CoverRow("north", (0,), PPB + 1),),
        (CoverRow("north", (0,), PPB + 5), CoverRow("south", (1,), -5)),
        (CoverRow("north", (1, 0), PPB),),
        (CoverRow("north", (0, 0), PPB),),
        (CoverRow("north", (-1,), PPB),),
        (CoverRow("north", (0, 2), PPB),),
        (),
    ],
    ids=["too little", "too much", "below nothing", "falling", "twice", "before the first", "beyond the last", "none"],
)
def test_rows_that_cannot_be_used(board: Board, rows: tuple[CoverRow, ...]) -> None:
    told = refusal(board, model(*rows))
    assert (told.code, told.values) == ("CoverUnusable", {"needs": "pump"})


@pytest.mark.parametrize("busy_ppm", [-1, 1_000_000, 2_000_000])
def test_a_share_of_time_at_work_that_is_none(board: Board, busy_ppm: int) -> None:
    assert refusal(board, model(*WHOLE, busy_ppm=busy_ppm)).code == "CoverUnusable"


@pytest.mark.parametrize("busy_ppm", [0, 999_999])
def test_the_ends_of_it_can_be_used(board: Board, busy_ppm: int) -> None:
    assert isinstance(decided(board, AdoptCover((model(*WHOLE, busy_ppm=busy_ppm),))), CoverAdopted)


def test_a_station_that_is_named_twice_or_that_nobody_opened(board: Board) -> None:
    assert refusal(board, model(CoverRow("north", (0,), PPB), stations=(S1, S1))).code == "CoverUnusable"
    told = refusal(board, model(CoverRow("north", (0,), PPB), stations=(S1, StationId("S9"))))
    assert (told.code, told.values) == ("StationUnknown", {"station": "S9"})


def test_two_models_for_one_capability(board: Board) -> None:
    told = refusal(board, model(*WHOLE), model(*WHOLE, needs="als"), model(*WHOLE))
    assert (told.code, told.values) == ("CoverUnusable", {"needs": "pump"})
    told = refusal(board, model(*WHOLE, needs=""), model(*WHOLE, needs=""))
    assert told.values == {"needs": "*"}, "the model of everybody has a sign, not a hole in the sentence"


def test_one_bad_model_refuses_them_all(board: Board) -> None:
    folding.fold(board, decided(board, AdoptCover((model(*WHOLE),))), AT)
    before = board.cover
    assert refusal(board, model(*WHOLE), model(CoverRow("north", (0,), 1), needs="als")).values == {"needs": "als"}
    assert board.cover is before and before is not None and before.models == (model(*WHOLE),)


@pytest.mark.parametrize("language", languages())
def test_the_refusal_names_the_model_in_every_language(board: Board, language: str) -> None:
    told = refusal(board, model())
    sentence = say(f"refusals.{told.code}", language, **told.values)
    assert "pump" in sentence and sentence.endswith(".")
    assert sentence != say("refusals.CoverUnusable", language, needs="als")


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.sets(st.integers(0, 1)), st.integers(0, PPB)), min_size=1, max_size=5),
    st.sampled_from(["", "pump"]),
    st.integers(0, 999_999),
)
def test_whatever_adds_up_is_adopted_and_its_version_is_its_content(told: list[tuple[set[int], int]], needs: str, busy_ppm: int) -> None:
    board = Board()
    for name in (S1, S2):
        folding.fold(board, decided(board, OpenStation(name, "", Place(LonLat(0.0, 0.0)))), AT)
    rows = [CoverRow("north", tuple(sorted(near)), weight) for near, weight in told]
    total = sum(row.weight_ppb for row in rows)
    event = decided(board, AdoptCover((model(*rows, needs=needs, busy_ppm=busy_ppm),)))
    assert isinstance(event, CoverAdopted) == (total == PPB)
    if total < PPB:
        filled = model(*rows, CoverRow("rest", (), PPB - total), needs=needs, busy_ppm=busy_ppm)
        first, again = (decided(board, AdoptCover((filled,))) for _ in range(2))
        other = decided(board, AdoptCover((model(*WHOLE, needs=needs, busy_ppm=busy_ppm),)))
        assert isinstance(first, CoverAdopted) and isinstance(other, CoverAdopted)
        assert first == again
        assert first.version != other.version and len(first.version) == 12
