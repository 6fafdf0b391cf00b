"""Only units on duty have a position; the last one counts; nobody can flood the book; threads may do all of it at once."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CrewId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.unit import STATUS, Phase, UnitEnrolled, UnitStatusChanged, UnitWithdrawn
from tocsin.edge import positions_book
from tocsin.edge.duty_roll import LONGEST_MS, DutyRoll
from tocsin.edge.positions_book import BURST, LATEST_MS, PER_SECOND, PositionsBook
from tocsin.edge.positions_frame import fix_of, rows_of
from tocsin.formats.position import Reported
from tocsin.views.situation import Fix

NOW = Instant(1_790_000_000_000)
E1, E2 = UnitId("E1"), UnitId("E2")


def said(at: int, lon: float = 10.0) -> Reported:
    return Reported(LonLat(lon, 50.0), Instant(at), 90.0, 12.0)


class Duty(dict[UnitId, Instant]):
    """Since when they are on duty."""

    def book(self) -> PositionsBook:
        return PositionsBook(self.get)


def test_whoever_is_not_on_duty_has_no_position() -> None:
    duty = Duty({E1: Instant(NOW - 1000)})
    book = duty.book()
    assert book.take(E2, [said(NOW)], NOW) == 0
    assert (book.find(E2), book.fixes(), book.take_frame(), dict(book.dropped)) == (None, [], None, {"off_duty": 1})
    assert book.take(E1, [said(NOW - 1001)], NOW) == 0 and book.dropped["before_duty"] == 1, "held back while it was off duty"
    assert book.take(E1, [said(NOW - 1000)], NOW) == 1
    assert book.find(E1) == Fix(E1, 10.0, 50.0, Instant(NOW - 1000), 90.0, 12.0)
    del duty[E1]
    assert (book.find(E1), book.fixes()) == (None, []), "gone with the end of its duty"
    duty[E1] = Instant(NOW + 5000)
    assert book.find(E1) is None, "and not back with the next one"


def test_who_goes_off_duty_is_forgotten() -> None:
    duty = Duty({E1: NOW, E2: NOW})
    book = duty.book()
    for unit in (E1, E2):
        book.take(unit, [said(NOW)], NOW)
    del duty[E1]
    frame = book.take_frame()
    assert frame is not None and frame.positions == 2 and list(book._last) == [E2]


def test_the_last_one_counts_whatever_the_order() -> None:
    book = Duty({E1: Instant(0)}).book()
    assert book.take(E1, [said(NOW - 5000, 1.0), said(NOW - 700_000, 2.0), said(NOW - 1000, 3.0), said(NOW - 2000, 4.0)], NOW) == 4
    found = book.find(E1)
    assert found is not None and (found.lon, found.at) == (3.0, NOW - 1000)
    frame = book.take_frame()
    assert frame is not None
    assert [fix_of(E1, row, frame.base).lon for row in rows_of(frame.body).tolist()] == [1.0, 2.0, 3.0, 4.0], "all are stored"
    assert book.take(E1, [said(NOW - 1000, 3.0)], NOW) == 0 and book.dropped["repeated"] == 1
    assert book.take(E1, [said(NOW - LATEST_MS - 1)], NOW) == 0 and book.dropped["too_late"] == 1


def test_no_stamp_is_later_than_its_receipt() -> None:
    book = Duty({E1: Instant(0)}).book()
    book.take(E1, [said(NOW + 60_000)], NOW)
    found = book.find(E1)
    assert found is not None and found.at == NOW


def test_one_device_cannot_flood_the_book() -> None:
    book = Duty({E1: Instant(0), E2: Instant(0)}).book()
    kept = sum(book.take(E1, [said(NOW - 1_000_000 + nth)], NOW) for nth in range(BURST + 50))
    assert (kept, book.dropped["too_often"]) == (BURST, 50)
    assert book.take(E2, [said(NOW)], NOW) == 1, "others are not held up"
    later = Instant(NOW + 1000)
    assert sum(book.take(E1, [said(NOW + nth)], later) for nth in range(50)) == PER_SECOND


def test_while_the_disk_refuses_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions_book, "MOST_WAITING", 100)
    book = Duty({E1: Instant(0)}).book()
    for nth in range(105):
        book.take(E1, [said(NOW + nth * 1000)], Instant(NOW + nth * 1000))
    frame = book.take_frame()
    assert frame is not None and (frame.positions, book.dropped["overflow"]) == (95, 10)
    assert fix_of(E1, rows_of(frame.body).tolist()[-1], frame.base).at == NOW + 104_000


@given(st.lists(st.tuples(st.sampled_from([E1, E2, UnitId("M1")]), st.integers(-9, 9), st.booleans()), max_size=40))
def test_what_moved_is_told_once_and_as_it_is_last(drawn: list[tuple[UnitId, int, bool]]) -> None:
    """Somebody who joins what it was told has the same as somebody who asks for all."""
    book = Duty({E1: Instant(0), E2: Instant(0), UnitId("M1"): Instant(0)}).book()
    known: dict[UnitId, Fix] = {}
    upto = 0
    for nth, (unit, late_s, is_asked) in enumerate(drawn):
        now = Instant(NOW + nth * 5000)
        book.take(unit, [said(now - 10_000 + late_s * 1000, float(nth))], now)
        if is_asked:
            upto, fixes = book.moved(upto)
            assert len({fix.unit for fix in fixes}) == len(fixes)
            known |= {fix.unit: fix for fix in fixes}
            assert [known[unit] for unit in sorted(known)] == book.fixes() and book.moved(upto).fixes == []


def test_threads_lose_nothing() -> None:
    units = [UnitId(f"U{nth}") for nth in range(8)]
    book, taken = Duty(dict.fromkeys(units, Instant(0))).book(), []

    def report(unit: UnitId) -> None:
        for nth in range(200):
            book.take(unit, [said(NOW + nth)], Instant(NOW + 200))

    threads = [Thread(target=report, args=(unit,)) for unit in units]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken.append(book.take_frame())
        book.moved(0)
    taken.append(book.take_frame())
    assert sum(frame.positions for frame in taken if frame is not None) == 8 * 200
    assert [fix.at for fix in book.fixes()] == [NOW + 199] * 8


def test_the_roll_follows_the_board() -> None:
    board, roll = Board(), DutyRoll()

    def says(at: int, phase: Phase) -> None:
        fold(board, UnitStatusChanged(E1, STATUS[phase], None), Instant(at))
        roll.look(board, Instant(7000))

    roll.look(board, Instant(7000))
    assert roll.since(E1) is None
    fold(board, UnitEnrolled(E1, "engine", (), None, CrewId("")), Instant(1000))
    roll.look(board, Instant(7000))
    assert roll.since(E1) == 1000
    says(2000, "returning")
    assert roll.since(E1) == 1000, "since it came on duty, not since its last status"
    says(3000, "off")
    assert roll.since(E1) is None
    says(4000, "on_radio")
    assert roll.since(E1) == 4000
    late = DutyRoll()
    says(5000, "returning")
    late.look(board, Instant(7000))
    assert late.since(E1) == 5000, "after a start: later than the truth, never earlier"
    roll.look(board, Instant(5000 + LONGEST_MS))
    assert roll.since(E1) == 4000
    roll.look(board, Instant(5001 + LONGEST_MS))
    assert roll.since(E1) is None, "gone home without a word"
    fold(board, UnitWithdrawn(E1), Instant(6000))
    roll.look(board, Instant(7000))
    assert roll.since(E1) is None
