"""What changes many incidents at once asks for a few of them at once, and for the others at a pace."""

from shift_asks import instant
from shift_page import Shift, play
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant
from tocsin.core.board.advice import A_ROUND, MOST_AT_ONCE
from tocsin.core.board.timers import due, next_due
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.closure import CloseRoad, Shape
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.said import Ask
from tocsin.views.situation_rows import Rows

MANY = 20


def a_disaster() -> Shift:
    """Twenty incidents and one engine that all of them have picked; the last one is the most urgent."""
    stage = ["spans nobody_sent_s never, acknowledge_s never, en_route_s never", "unit E1 engine can pump", "unit E2 engine can pump"]
    stage += ["card fire: engine needs pump"]
    stage += [f"road E1 -> I{nth} 90s\nroad E2 -> I{nth} 200s" for nth in range(MANY)]
    shift = [
        f"08:00 open I{nth} fire {'high' if nth == MANY - 1 else 'low'} | I{nth} opened fire · I{nth} needs engine: E1 90s"
        for nth in range(MANY)
    ]
    return play("\n".join((*stage, *shift)))


def ask(shift: Shift, at: Instant, *commands: object) -> list[str]:
    """Which incidents were asked for."""
    answers = list[str]()
    shift.desk.listen(lambda answer: answers.extend(one.incident for one in answer.events if isinstance(one, UnitsRecommended)))
    shift.desk.answer([Ask(f"{at}/{nth}", "page", at, one) for nth, one in enumerate(commands)], at)
    return answers


def test_a_dispatch_asks_for_the_most_urgent_few_and_the_clock_for_the_others() -> None:
    shift = a_disaster()
    board, at = shift.desk.board, instant("08:01")
    rows = Rows()
    changes = []
    shift.desk.listen(lambda answer: changes.append(rows.change_of(answer.records, answer.pos, board)))
    first = ask(shift, at, DispatchUnits("I0", ("E1",)))
    assert len(first) == MOST_AT_ONCE
    assert first[0] == f"I{MANY - 1}"
    left = {name for name, one in board.open_incidents.items() if one.is_advice_stale}
    assert left == set(board.open_incidents) - set(first) - {"I0"}
    told = {row.incident: row.advice.is_stale for change in changes for row in change.incidents if row.advice is not None}
    assert {name for name, is_stale in told.items() if is_stale} == left, "screens say so"
    rounds = 0
    while (moment := next_due(board, at)) is not None:
        assert moment >= at + 1000
        at = moment
        commands = due(board, at)
        assert 0 < len(commands) <= A_ROUND
        assert all(isinstance(one, RecommendUnits) for one in commands)
        ask(shift, at, *commands)
        assert due(board, at) == []
        rounds += 1
    assert rounds == -(-len(left) // A_ROUND)
    assert not any(one.is_advice_stale for one in board.open_incidents.values())
    assert all(one.receipt.picks[0].unit == "E2" for one in board.open_incidents.values() if one.is_waiting())


def test_a_closed_road_asks_for_the_most_urgent_few() -> None:
    shift = a_disaster()
    asked = ask(shift, instant("08:01"), CloseRoad("K1", Shape("points", (LonLat(0.0, 0.0),))))
    assert asked[0] == f"I{MANY - 1}"
    assert len(asked) == MOST_AT_ONCE
    assert sum(one.is_advice_stale for one in shift.desk.board.open_incidents.values()) == MANY - MOST_AT_ONCE


def test_a_dispatch_on_advice_that_is_out_of_date_is_allowed() -> None:
    shift = a_disaster()
    board = shift.desk.board
    ask(shift, instant("08:01"), DispatchUnits("I0", ("E1",)))
    stale = next(one for one in board.open_incidents.values() if one.is_advice_stale)
    ask(shift, instant("08:02"), DispatchUnits(stale.incident, ("E2",), stale.receipt_sha256))
    assert [one.unit for one in stale.active()] == ["E2"]
    assert not stale.is_advice_stale


def test_the_clock_looks_when_a_closure_begins_and_finds_it() -> None:
    shift = a_disaster()
    board, at, begins = shift.desk.board, instant("08:01"), instant("08:30")
    ask(shift, at, CloseRoad("K1", Shape("points", (LonLat(0.0, 0.0),)), since=begins))
    woken = []
    while (moment := next_due(board, at)) is not None:
        at = moment
        woken.append(at)
        assert all(isinstance(one, RecommendUnits) for one in due(board, at)) and due(board, at)
        ask(shift, at, *due(board, at))
    assert begins in woken and not any(instant("08:02") < moment < begins for moment in woken)


def test_a_clock_that_was_set_back_is_not_woken_for_what_was_asked_already() -> None:
    shift = a_disaster()
    board, at = shift.desk.board, instant("08:01")
    ask(shift, at, CloseRoad("K1", Shape("points", (LonLat(0.0, 0.0),))))
    while (moment := next_due(board, at)) is not None:
        at = moment
        ask(shift, at, *due(board, at))
    assert next_due(board, Instant(instant("08:01") - 1)) is None
