"""Advice on cover is asked in a dispatch's own transaction: whatever becomes of it, the dispatch stands as it would without it."""

from collections.abc import Callable

import pytest

from shift_page import asks_of, drawn_from
from tocsin.base.faults import Broken, Fault
from tocsin.base.identifiers import StationId
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.moveup import AdviseMoveUps, MoveUpAdvised, StayAdvised
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.said import Ask, Event
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.words import tell

PAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
station S3 at 0.5 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S1
unit E3 engine can pump at S2
adopt_cover pump: north 500 S1; mid 200 S2; south 300 S3
card fire: engine needs pump
road E1 -> I1 100s
road E2 -> I1 130s
road E3 -> I1 140s
road E1 -> S1 100s
road E1 -> S3 300s
road E3 -> S2 0s
road E3 -> S3 200s
rules at_rest_gain_ppm 10000
policy {policy}
08:00 open I1 fire
08:01 send I1 E1
08:10 E1 on_scene
08:30 E1 returning
"""


class Ground:
    """The page's road times; what is gathered for advice may go wrong in ``spoil``."""

    def __init__(self, table: GatherTable, spoil: Callable[[Facts], Facts]) -> None:
        self.table, self.spoil, self.asked = table, spoil, 0

    def facts(self, ask: Ask, board: Board) -> Facts:
        facts = self.table.facts(ask, board)
        if isinstance(ask.command, AdviseMoveUps):
            self.asked += 1
            return self.spoil(facts)
        return facts


def lost(_facts: Facts) -> Facts:
    raise KeyError("a station that the road file does not know")


def stale(facts: Facts) -> Facts:
    """Of another fleet, however often they are gathered."""
    return Facts(facts.metric, "another", local_minute_of_week=facts.local_minute_of_week, drives_ms=facts.drives_ms)


def played(
    policy: str = "move-up", spoil: Callable[[Facts], Facts] = lambda facts: facts
) -> tuple[Desk, list[Answer], list[Fault], Ground]:
    roads, asks = asks_of(PAGE.format(policy=policy))
    drives = {(unit, StationId(end)): ms for (unit, end), ms in roads.items() if end.startswith("S")}
    ground = Ground(GatherTable(roads, stations_ms=drives), spoil)
    desk = Desk(MemoryJournal("page"), ground, MemoryVault(drawn_from("page")))
    heard: list[Answer] = []
    told: list[Fault] = []
    desk.listen(heard.append)
    desk.tell_faults(told.append)
    for now, ask in asks:
        desk.answer([ask], now)
    return desk, heard, told, ground


def happened(heard: list[Answer]) -> list[Event]:
    advice = (MoveUpAdvised, StayAdvised)
    return [event for answer in heard for event in answer.events if not isinstance(event, (*advice, UnitsRecommended))]


@pytest.mark.parametrize("spoil", [lost, stale])
def test_a_dispatch_stands_though_advice_cannot_be_worked_out(spoil: Callable[[Facts], Facts]) -> None:
    desk, heard, told, ground = played(spoil=spoil)
    assert ground.asked >= 2, "after the dispatch and when the unit is free"
    assert [event.units for event in happened(heard) if isinstance(event, UnitsDispatched)] == [("E1",)]
    assert happened(heard) == happened(played()[1]), "all else as where advice comes"
    assert not desk.board.move_advice
    assert [fault.code for fault in told] == ["advice_failed"] * 2
    assert "E1" not in desk.board.open_incidents and desk.board.units["E1"].is_free()


def test_what_was_dropped_is_not_in_the_journal_and_it_folds_to_the_same_board() -> None:
    desk, heard, _, ground = played(spoil=lost)
    again = Desk(desk._journal, ground, MemoryVault(drawn_from("page")))
    assert not any(isinstance(answer.records[0].says, AdviseMoveUps) for answer in heard)
    assert again.board.versions == desk.board.versions
    assert again.board.units.keys() == desk.board.units.keys()
    assert again.board.units["E1"].phase == desk.board.units["E1"].phase


def test_a_person_who_asks_for_advice_hears_that_it_failed() -> None:
    desk, *_, ground = played(spoil=lost)
    now, ask = asks_of(PAGE.format(policy="move-up") + "08:40 advise_moves E2\n")[1][-1]
    ground.asked = 0
    before = desk.board.versions.copy()
    with pytest.raises(KeyError):
        desk.answer([ask], now)
    assert (ground.asked, desk.board.versions) == (1, before), "nothing of it has happened"


def test_what_is_no_advice_is_never_dropped() -> None:
    roads, asks = asks_of(PAGE.format(policy="move-up"))

    class Lost(Ground):
        def facts(self, ask: Ask, board: Board) -> Facts:
            if isinstance(ask.command, RecommendUnits):
                raise Broken("facts_stale_twice", cmd=ask.id)
            return self.table.facts(ask, board)

    desk = Desk(MemoryJournal("page"), Lost(GatherTable(roads), lost), MemoryVault(drawn_from("page")))
    told: list[Fault] = []
    desk.tell_faults(told.append)
    with pytest.raises(Broken, match="facts_stale_twice"):
        for now, ask in asks:
            desk.answer([ask], now)
    assert not told
    assert not desk.board.incidents, "whom to send is asked with the opening, all or nothing"


@pytest.mark.parametrize("policy", ["closest", "road-time", "road-time-no-divert", "straight-line"])
def test_where_nobody_moves_up_nothing_is_gathered_for_it(policy: str) -> None:
    _, heard, told, ground = played(policy, lost)
    assert (ground.asked, told) == (0, [])
    assert not any(isinstance(event, MoveUpAdvised | StayAdvised) for answer in heard for event in answer.events)


def test_the_dispatch_is_the_same_to_the_byte_with_advice_and_without() -> None:
    with_advice, spoilt = ([answer for answer in played(spoil=spoil)[1] if "/" not in answer.cmd] for spoil in (lambda facts: facts, lost))
    assert [(one.cmd, [record.says for record in one.records]) for one in with_advice] == [
        (one.cmd, [record.says for record in one.records]) for one in spoilt
    ]


def test_a_policy_that_looks_ahead_moves_by_cover_and_says_so() -> None:
    _, heard, *_ = played("look-ahead\nurgent high")
    moves = [event for answer in heard for event in answer.events if isinstance(event, MoveUpAdvised)]
    assert moves
    assert all([reason.code for reason in one.reasons] == ["ADDS_COVER"] for one in moves), "there is no table that could be short"
    assert all(one.reasons[0].area and one.reasons[0].ppb == one.gain_ppb > 0 for one in moves)


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_it_is_told_in_every_language(language: str) -> None:
    told = tell(Broken("advice_failed", cmd="c/1", why="KeyError: S9"), language)
    assert "c/1" in told and "KeyError: S9" in told and told.count("\n") == 1
