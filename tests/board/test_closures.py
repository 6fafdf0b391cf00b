"""Which closures hold at a moment, for whom, and for how long."""

from hypothesis import given
from hypothesis import strategies as st

from shift_asks import instant
from shift_page import play
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.closure import ClosureState
from tocsin.core.messages.closure import Shape

HERE = Shape("points", (LonLat(0.0, 0.0),))

PAGE = """
unit E1 engine can pump
06:00 close_road K3 points 0 0                              | K3 closed from 06:00
06:00 close_road K1 points 0 0 from 08:00 until 10:00       | K1 closed from 08:00 until 10:00
06:00 close_road K2 points 0 0 from 09:00 for truck         | K2 closed from 09:00 for truck
06:00 close_road K4 points 0 0 from 07:00 until 09:30       | K4 closed from 07:00 until 09:30
06:30 reopen_road K4                                        | K4 open again
11:00 reopen_road K3                                        | K3 open again
"""


def held(board: Board, hour: str, vehicle: str = "engine") -> list[str]:
    return [closure.closure for closure in board.closures_in_force(instant(hour), vehicle)]


def test_what_is_closed_from_hour_to_hour() -> None:
    board = play(PAGE).desk.board
    assert held(board, "05:59:59") == []
    assert held(board, "06:00") == held(board, "07:59:59") == ["K3"]
    assert held(board, "08:00") == held(board, "09:59:59") == ["K3", "K1"]  # in the order in which they were stated
    assert held(board, "10:00") == held(board, "10:59:59") == ["K3"]
    assert held(board, "11:00") == []
    assert held(board, "09:00", "truck") == ["K3", "K1", "K2"]
    assert held(board, "+9 09:00", "truck") == ["K2"]


moments = st.integers(0, 12).map(Instant)


@st.composite
def states(draw: st.DrawFn) -> ClosureState:
    state = ClosureState("K", HERE, None, draw(moments), draw(st.none() | moments), (), "", None)
    reopened = draw(st.none() | moments)
    if reopened is not None:
        state.reopen(reopened)
    return state


@given(states(), moments)
def test_a_closure_holds_once_and_without_a_gap(closure: ClosureState, at: Instant) -> None:
    held = [closure.is_in_force(Instant(moment)) for moment in range(14)]
    first = held.index(True) if True in held else 14
    assert held[first : first + sum(held)] == [True] * sum(held)
    assert first in (14, closure.since), "it begins when it says"
    assert not closure.is_ended(at) or not closure.is_in_force(at) or closure.is_reopened
