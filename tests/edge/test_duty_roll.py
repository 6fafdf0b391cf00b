"""The roll of duty: what is heard of single units is what a look at all of them would tell."""

from shift_page import asks_of, drawn_from
from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import after
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Desk
from tocsin.core.messages.said import Ask
from tocsin.core.messages.unit import STATUS, ReportUnitStatus, WithdrawUnit
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

E1 = UnitId("E1")
PAGE = """
card fire: engine needs pump
unit E1 engine can pump
unit E2 engine can pump
road E1 -> I1 90s
road E2 -> I1 240s
08:00 open I1 fire
08:01 send I1 E1
08:02 send I1 E2
"""


def test_hearing_of_the_units_that_answers_name_is_as_good_as_looking_at_all() -> None:
    roads, asks = asks_of(PAGE)
    desk, heard, looked = Desk(MemoryJournal("page"), GatherTable(roads), MemoryVault(drawn_from("page"))), DutyRoll(), DutyRoll()
    reports = [ReportUnitStatus(E1, STATUS[phase]) for phase in ("en_route", "on_scene", "on_radio", "off", "at_station")]
    later = [Ask(CommandId(f"r{nth}"), "page", after(asks[-1][0], Millis(nth * 1000)), one) for nth, one in enumerate(reports, 1)]
    later.append(Ask(CommandId("w"), "page", after(later[-1].at, Millis(1000)), WithdrawUnit(E1)))
    seen = []
    for now, ask in [*asks, *((ask.at, ask) for ask in later)]:
        for answer in desk.answer([ask], now):
            heard.hear(answer.events, desk.board, now)
        looked.look(desk.board, now)
        assert [heard.since(unit) for unit in (E1, UnitId("E2"))] == [looked.since(unit) for unit in (E1, UnitId("E2"))], ask
        seen.append(heard.since(E1))
    assert seen[-2] is not None and seen[-3:] == [None, later[-2].at, None], "off, on again, withdrawn"
