"""Reactions cause reactions, and they come to an end: what the desk does by itself is bounded by what there is to send."""

from collections import Counter

from checkers import check_board, check_journal
from hypothesis import given, settings
from hypothesis import strategies as st

from shift_page import drawn_from
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.replay import questions
from tocsin.core.messages.assignment import DispatchUnits, UnitsDispatched
from tocsin.core.messages.closure import CloseRoad, Shape
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Card, IncidentType, ResponsePlan, Slot
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import STATUS, EnrolUnit, ReportUnitStatus, UndoStatus
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

NOW = Instant(1_586_246_400_000)
HERE = Place(LonLat(0.0, 0.0))

slots = st.lists(
    st.builds(
        Slot, st.sampled_from("abc"), st.sampled_from([("pump",), ("als",), ("rope",)]), st.integers(1, 2), is_required=st.booleans()
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda slot: slot.name,
).map(tuple)
cards = st.lists(
    st.builds(Card, st.just("x"), slots, st.sampled_from([(), ("fire",)]), is_sent_at_once=st.booleans()), min_size=1, max_size=2
).map(
    lambda drawn: tuple(
        Card(f"x{nth}", one.slots, one.incident_types, is_sent_at_once=one.is_sent_at_once) for nth, one in enumerate(drawn)
    )
)
units = st.integers(0, 4).map("U{}".format)
incidents = st.integers(0, 5).map("I{}".format)
afterwards = st.lists(
    st.builds(ReportUnitStatus, units, st.sampled_from([STATUS["on_scene"], STATUS["on_radio"], STATUS["off"]]))
    | st.builds(UndoStatus, units)
    | st.builds(DispatchUnits, incidents, units.map(lambda name: (name,)), override=st.sampled_from(["", "person"]))
    | st.builds(RecommendUnits, incidents)
    | st.builds(CloseRoad, st.sampled_from(["K1", "K2"]), st.just(Shape("points", (LonLat(0.0, 0.0),)))),
    max_size=10,
)


@settings(max_examples=120)
@given(
    st.lists(st.sampled_from([("pump",), ("als",), ("pump", "als")]), max_size=5),
    st.integers(0, 6),
    cards,
    st.booleans(),
    afterwards,
    st.dictionaries(st.tuples(units, incidents), st.integers(0, 900_000), max_size=30),
)
def test_whatever_is_asked_the_desk_comes_to_rest(
    fleet: list[tuple[str, ...]], storm: int, plan: tuple[Card, ...], is_planned_first: bool, later: list[Command], roads: dict
) -> None:
    journal = MemoryJournal("storm")
    near = {(f"U{unit}", f"I{nth}"): 60_000 * (1 + unit) for unit in range(len(fleet)) for nth in range(storm)}
    desk = Desk(journal, GatherTable({**near, **roads}), MemoryVault(drawn_from("storm")))
    heard: list[Answer] = []
    desk.listen(heard.append)
    adopting: list[Command] = [AdoptPlan(ResponsePlan("storm", ("high", "low"), (IncidentType("fire", "Fire"),), plan))]
    opening: list[Command] = [OpenIncident(f"I{nth}", "fire", "high" if nth % 2 else "low", HERE) for nth in range(storm)]
    enrolling: list[Command] = [EnrolUnit(f"U{nth}", "engine", can) for nth, can in enumerate(fleet)]
    for nth, command in enumerate([*enrolling, *(adopting + opening if is_planned_first else opening + adopting), *later]):
        heard.clear()
        desk.answer([Ask(CommandId(f"k{nth}"), "page", NOW, command)], NOW)
        sent = Counter(
            event.incident for one in heard for event in one.events if isinstance(event, UnitsDispatched) and one.cmd != f"k{nth}"
        )
        assert all(count == 1 for count in sent.values()), "sent at once, once"
        # Each sending shows at most every waiting incident other units, and looks once at what its own still lacks.
        assert len(heard) <= 4 + (storm + 3) * (len(sent) + 2)
        check_board(desk.board)
    by_itself = [one for one in journal_asks(journal) if one[0] == "tocsin"]
    first = Counter(one.incident for _, one in by_itself)
    assert all(count == 1 for count in first.values()), "a second sending is a person's"
    check_journal(journal, desk.board)


def journal_asks(journal: MemoryJournal) -> list[tuple[str, DispatchUnits]]:
    """Who asked for sendings."""
    return [
        (one.ask.actor if one.ask.cause is None else "tocsin", one.ask.command)
        for one in questions(journal)
        if isinstance(one.ask.command, DispatchUnits)
    ]
