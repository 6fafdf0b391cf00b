"""An afternoon for the tests of paper: something of everything that a board shows, and of everything that it must not."""

import msgspec

from shift_page import asks_of, drawn_from
from tocsin.base.identifiers import CommandId
from tocsin.clocks.desk import Desk
from tocsin.core.board.timers import due
from tocsin.core.messages.centre import Footing, OpenCentre
from tocsin.core.messages.said import Ask
from tocsin.core.ports import Journal
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.vault_memory import MemoryVault

SECRETS = ("Zenobia", "5550199", "kitchen-in-flames", "door-code-4711", "meet-me-behind", "upstairs-left")
"""Name, number, words, note, message, place of the caller."""

PAGE = f"""
centre Bahía zone America/Santiago
station S1 at 0.0 0.0
station S2 at 0.2 0.0
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit M1 ambulance can als at S1
unit M2 ambulance can als
card fire: engine needs pump
card sick: medic needs als
spans nobody_sent_s 60
road E1 -> 20200407-0041 90s
road E2 -> 20200407-0041 240s
road E1 -> 20200407-0042 90s
road E2 -> 20200407-0042 240s
road M1 -> 20200407-0043 60s
road M2 -> 20200407-0043 600s
15:50 call C1 name {SECRETS[0]} number {SECRETS[1]} at {SECRETS[5]} says {SECRETS[2]} arrived 15:50
16:00 open 20200407-0041 fire high at 0.001 0.001
16:01 send 20200407-0041 E1
16:02 E1 en_route of 20200407-0041
16:06 E1 on_scene of 20200407-0041
16:07 note 20200407-0041 {SECRETS[3]}
16:08 message m1 to all says {SECRETS[4]}
16:10 open 20200407-0042 fire low at 0.01 0.01
16:20 open 20200407-0043 sick high at 0.02 0.01
16:21 send 20200407-0043 M1
16:22 recall 20200407-0043 M1
16:22 send 20200407-0043 M2
16:25 close_road K1 line 0.0 0.1, 0.0 0.2 from 16:00 until 23:00 because "burst main"
16:31 call C2 arrived 16:30
"""


def play_afternoon(journal: Journal, *, footing: Footing = "live", page: str = PAGE) -> Desk:
    """The afternoon, written to a journal, with what is overdue at its end. Times are UTC: 16:31 is 12:31 in Santiago."""
    roads, asks = asks_of(page)
    desk, now = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("paper"))), asks[0][0]
    for now, ask in asks:
        is_opening = isinstance(ask.command, OpenCentre)
        footed = msgspec.structs.replace(ask, command=msgspec.structs.replace(ask.command, footing=footing)) if is_opening else ask
        [answer] = desk.answer([footed], now)
        assert answer.refusal is None, (ask, answer.refusal)
    desk.answer([Ask(CommandId(f"due-{nth}"), "tocsin", now, one) for nth, one in enumerate(due(desk.board, now))], now)
    return desk
