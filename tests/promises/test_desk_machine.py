"""Whatever is asked, in whatever order, with whatever clock, on a disk that fails and a process that dies: the promises hold."""

from collections.abc import Iterator, Sequence

from checkers import check_board, check_journal, the_clock_finds_an_end, the_clock_is_told_the_truth
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import structs

from shift_page import drawn_from
from tocsin.base.faults import Broken
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.board.timers import due
from tocsin.core.messages.alarm import RANK, AcknowledgeAlarm, ConfirmWelfare, NoteOverdue, SetWelfareCheck, ShelveAlarm, alarm_id
from tocsin.core.messages.assignment import CorrectStamp, DispatchUnits, UnassignUnit
from tocsin.core.messages.call import AttachCall, TakeCall
from tocsin.core.messages.centre import DropPositions, OpenCentre
from tocsin.core.messages.closure import CloseRoad, ExtendClosure, LapseClosure, ReopenRoad, Shape
from tocsin.core.messages.cover import AdoptCover, CoverModel, CoverRow
from tocsin.core.messages.incident import (
    CancelIncident,
    CloseIncident,
    ErasePersonalData,
    HoldIncident,
    LookAtPersonalData,
    MarkIncident,
    OpenIncident,
    RaiseAlarm,
    ReclassifyIncident,
    RelocateIncident,
    ReopenIncident,
)
from tocsin.core.messages.line import Head, Line, Stored
from tocsin.core.messages.message import ReadMessage, SendMessage
from tocsin.core.messages.moveup import AcknowledgeMoveUp, AdviseMoveUps, EndMoveUp, OrderMoveUp
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import (
    AdoptPlan,
    Aid,
    Alternative,
    Card,
    CoverRules,
    DivertRule,
    IncidentType,
    Posting,
    ResponsePlan,
    Slot,
    Spans,
    StationOrder,
    Turnout,
)
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.unit import STATUS, EnrolUnit, ReportUnitStatus, Status, UndoStatus, WithdrawUnit
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

START = 1_586_246_400_000

# More of everything exists than is ever opened, so that names without a thing come too.
units = st.sampled_from([f"U{nth}" for nth in range(6)])
crews = st.sampled_from([None, None, None, "K1", "K1", "U0"])
stations = st.sampled_from(["S1", "S2", "S3"])
incidents = st.sampled_from([f"I{nth}" for nth in range(5)])
calls = st.sampled_from(["C1", "C2", "C3"])
kinds = st.sampled_from(["fire", "medical", "flood"])
priorities = st.sampled_from(["high", "low", "odd"])
places = st.builds(
    Place, st.sampled_from([None, LonLat(0.0, 0.0), LonLat(0.01, 0.02), LonLat(0.3, 0.1)]), area=st.sampled_from(["", "north", "south"])
)
capabilities = st.lists(st.sampled_from(["pump", "ladder", "als"]), max_size=3).map(tuple)
statuses = st.sampled_from(list(STATUS.values())) | st.builds(
    Status,
    st.sampled_from(["Available", "ConditionallyAvailable", "NotAvailable"]),
    st.sampled_from([(), ("Meal",), ("OnScene",), ("Odd",)]),
)
words = st.sampled_from(["Rui Nobody", "he said “plain”", '"as":"plain"'])
closures = st.sampled_from(["K1", "K2", "K3"])
shapes = st.builds(
    Shape,
    st.sampled_from(["points", "line", "polygon"]),
    st.lists(st.sampled_from([LonLat(0.0, 0.0), LonLat(0.1, 0.0), LonLat(0.0, 0.1), LonLat(0.0, 91.0)]), max_size=4).map(tuple),
)
instants = st.integers(START - 3_600_000, START + 3_600_000).map(Instant)

slots = st.lists(
    st.builds(
        Slot,
        st.sampled_from(["a", "b", "c"]),
        st.lists(st.sampled_from(["pump", "ladder", "als", "rope"]), min_size=1, max_size=2).map(tuple),
        st.integers(1, 2),
        st.lists(st.builds(Alternative, st.sampled_from([("pump",), ("als",)]), st.sampled_from([None, 60])), max_size=1).map(tuple),
        st.booleans(),
        st.sampled_from(["", "", "a", "b"]),
    ),
    max_size=3,
).map(tuple)
cards = st.builds(
    Card,
    st.sampled_from(["x", "y", "z"]),
    slots,
    st.sampled_from([(), ("fire",), ("medical",)]),
    areas=st.sampled_from([(), (), ("north",)]),
    alarm_level=st.sampled_from([1, 1, 2]),
    mode=st.sampled_from(["road_time", "station_order", "own_agency_first"]),
    target_s=st.sampled_from([None, 120]),
    is_sent_at_once=st.sampled_from([False, False, True]),
)
plans = st.builds(
    ResponsePlan,
    st.just("plan"),
    st.just(("high", "low")),
    st.just((IncidentType("fire", "Fire"), IncidentType("medical", "Medical"))),
    st.lists(cards, max_size=4).map(tuple),
    st.sampled_from([(), (DivertRule("low", "high", 60, 30),)]),
    st.sampled_from([(), (Turnout("engine", 60, 10), Turnout("*", 90))]),
    st.sampled_from([(), (StationOrder("north", ("S2", "S1")),)]),
    st.sampled_from(["", "City"]),
    st.sampled_from(["road-time", "road-time", "straight-line", "astrology", "preserve", "default", "dmexclp", "compliance", "move-up"]),
    st.sampled_from([Spans(), Spans(60, 30, 60, 60, 5, 10), Spans(None, None, None, None, None, None)]),
    st.sampled_from([(), ("high",)]),
    st.builds(
        CoverRules,
        st.sampled_from([0, 100_000]),
        st.sampled_from([0, 1_000]),
        st.sampled_from([None, 1, 10_000]),
        st.sampled_from([1, 3]),
        st.sampled_from([0, 20]),
        table=st.sampled_from([(), (Posting(1, ("S2",)), Posting(3, ("S1", "S2", "S2")))]),
    ),
    st.sampled_from([(), (Aid("City", 30, 120),)]),
)

WHOLE = 1_000_000_000
MODELS = (
    CoverModel(
        "pump", ("S1", "S2"), (CoverRow("north", (0,), WHOLE // 2), CoverRow("south", (0, 1), WHOLE // 4), CoverRow("", (), WHOLE // 4))
    ),
    CoverModel("", ("S2",), (CoverRow("south", (0,), WHOLE),), 500_000),
)
covers = st.lists(st.sampled_from([*MODELS, CoverModel("als", ("S3",), (CoverRow("", (0,), WHOLE),))]), max_size=2).map(tuple)

alarms = st.builds(alarm_id, st.sampled_from(sorted(RANK)), units | incidents | closures, st.sampled_from([START, START + 60_000]))
messages = st.sampled_from(["M1", "M2", "M3"])

SANE_PLAN = ResponsePlan(
    "plan",
    ("high", "low"),
    (IncidentType("fire", "Fire"),),
    (
        Card("fire", (Slot("a", ("pump",)), Slot("b", ("als",), doubles_with="a"), Slot("c", ("ladder",), is_required=False)), ("fire",)),
        Card("more", (Slot("a", ("pump",), 2),), alarm_level=2),
        Card("rest", (Slot("a", ("als",), 1, (Alternative(("pump",), 60),)),), is_sent_at_once=True),
    ),
    (DivertRule("low", "high", 60, 30),),
    spans=Spans(welfare_min=15),
)

commands = st.one_of(
    st.builds(DispatchUnits, incidents, st.lists(units, max_size=3).map(tuple), override=st.sampled_from(["", "", "person"])),
    st.builds(ReportUnitStatus, units, statuses, st.none() | incidents, st.none() | places),
    st.builds(UndoStatus, units),
    st.builds(HoldIncident, incidents, st.none() | instants) | st.builds(LookAtPersonalData, incidents),
    st.builds(NoteOverdue, alarms, st.sampled_from(sorted(RANK)), st.none() | incidents, st.none() | units, st.none() | closures),
    st.builds(AcknowledgeAlarm, alarms) | st.builds(ShelveAlarm, alarms, instants, st.just("later")),
    st.builds(SetWelfareCheck, units, st.sampled_from([None, 0, 10, 241])) | st.builds(ConfirmWelfare, units),
    st.builds(
        SendMessage,
        messages,
        st.lists(st.sampled_from(["", "all", "unit:U1"]), max_size=2).map(tuple),
        st.builds(Plain, words),
        st.none() | incidents,
    )
    | st.builds(ReadMessage, messages)
    | st.builds(DropPositions, st.just("2020-04-06"), st.just("0" * 64), st.just(3)),
    st.builds(OpenIncident, incidents, kinds, priorities, places, st.lists(calls, max_size=2, unique=True).map(tuple)),
    st.builds(RecommendUnits, incidents, st.sampled_from(["", "", "straight-line", "road-time-no-divert", "dmexclp", "astrology"])),
    st.builds(UnassignUnit, incidents, units),
    st.builds(OrderMoveUp, units, stations) | st.builds(AdviseMoveUps, st.none() | units),
    st.builds(AdoptCover, covers),
    st.builds(CloseIncident, incidents) | st.builds(CancelIncident, incidents) | st.builds(ReopenIncident, incidents),
    st.builds(ReclassifyIncident, incidents, st.none() | kinds, st.none() | priorities),
    st.builds(RelocateIncident, incidents, places),
    st.builds(RaiseAlarm, incidents, st.sampled_from([0, 1, 2, 3, 10**15])),
    st.builds(MarkIncident, incidents, st.sampled_from(["water_on_fire", "fire_under_control"])),
    st.builds(CorrectStamp, incidents, units, st.sampled_from(["dispatched", "on_scene", "cleared"]), instants, st.just("paper")),
    st.builds(
        EnrolUnit, units, st.sampled_from(["engine", "ladder"]), capabilities, st.none() | stations, crews, st.sampled_from(["", "City"])
    ),
    st.builds(WithdrawUnit, units),
    st.builds(AcknowledgeMoveUp, units) | st.builds(EndMoveUp, units),
    st.builds(OpenStation, stations, st.just("Station"), places) | st.builds(CloseStation, stations),
    st.builds(
        CloseRoad,
        closures,
        shapes,
        st.sampled_from([None, None, 90.0, 90, 400.0]),
        st.none() | instants,
        st.none() | instants,
        st.sampled_from([(), ("truck", "engine", "truck")]),
        incident=st.none() | incidents,
    ),
    st.builds(ExtendClosure, closures, st.none() | instants) | st.builds(ReopenRoad, closures) | st.builds(LapseClosure, closures),
    st.builds(TakeCall, calls, instants, caller_name=st.none() | st.builds(Plain, words)) | st.builds(AttachCall, calls, incidents),
    st.builds(AddNote, incidents, st.builds(Plain, words)) | st.builds(ErasePersonalData, incidents),
    st.builds(AdoptPlan, plans) | st.just(AdoptPlan(SANE_PLAN)),
    st.builds(OpenCentre, st.sampled_from(["one", "two"]), st.just("Centre"), st.sampled_from(["UTC", "America/Santiago", "Mars/Olympus"])),
)


class Disk:
    """A journal on a disk that refuses when it is told to."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal, self.refusals, self.journal_id = journal, 0, journal.journal_id

    def append(self, lines: Sequence[Line], *, expected: int) -> Head:
        if self.refusals:
            self.refusals -= 1
            raise Broken("journal_write", file="disk")
        return self.journal.append(lines, expected=expected)

    def head(self) -> Head:
        return self.journal.head()

    def read(self, *, from_pos: int = 1, limit: int | None = None) -> Iterator[Stored]:
        return self.journal.read(from_pos=from_pos, limit=limit)

    def find_command(self, cmd: CommandId) -> list[Stored]:
        return self.journal.find_command(cmd)

    def wait(self, pos: int, timeout_s: float) -> bool:
        return self.journal.wait(pos, timeout_s)

    def close(self) -> None:
        self.journal.close()


class DeskMachine(RuleBasedStateMachine):
    """A desk under everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = Disk(MemoryJournal("machine"))
        self.vault = MemoryVault(drawn_from("machine"))
        self.now, self.count = START, 0
        self.told: dict[str, Answer] = {}
        self.lost: list[Ask] = []

    @initialize(
        data=st.data(),
        has_plan=st.sampled_from([True, True, True, False]),
        has_cover=st.booleans(),
        policy=st.sampled_from(["road-time", "default", "dmexclp"]),
    )
    def open_up(self, data: st.DataObject, has_plan: bool, has_cover: bool, policy: str) -> None:
        far = st.none() | st.sampled_from([0, 30_000, 90_000, 90_000, 400_000])
        roads = data.draw(st.dictionaries(st.tuples(units, incidents), far, max_size=6))
        known = {(f"U{unit}", f"I{nth}"): 60_000 + 37_000 * (unit * 3 + nth * 5 % 7) for unit in range(6) for nth in range(5)}
        drives = data.draw(st.dictionaries(st.tuples(units, stations), far))
        self.gather = GatherTable({**known, **roads}, stations_ms=drives)
        self.desk = Desk(self.disk, self.gather, self.vault)
        fleet = [
            ("U0", ("pump", "als"), None),
            ("U1", ("pump",), None),
            ("U2", ("als",), "K1"),
            ("U3", ("ladder", "pump"), "K1"),
            ("U4", ("pump", "als"), None),
        ]
        stage = [OpenStation(name, "Station", Place(LonLat(0.0, 0.0))) for name in ("S1", "S2")]
        stage += [EnrolUnit(name, "engine", can, "S1", crew) for name, can, crew in fleet]
        stage += [AdoptPlan(structs.replace(SANE_PLAN, policy=policy))] if has_plan else []
        stage += [AdoptCover(MODELS)] if has_cover else []
        stage += [OpenIncident(f"I{nth}", "fire", ("high", "low", "low")[nth], Place(LonLat(0.0, 0.0))) for nth in range(3)]
        self._ask([self._new(one) for one in stage])

    def _new(self, command: object, at: int | None = None, expected: int | None = None) -> Ask:
        self.count += 1
        return Ask(f"k{self.count}", "machine", Instant(self.now if at is None else at), command, expected=expected)

    def _ask(self, asks: list[Ask]) -> None:
        head = self.disk.head()
        try:
            answers = self.desk.answer(asks, Instant(self.now))
        except Broken as fault:
            assert fault.code == "journal_write"
            assert self.disk.head() == head
            self.lost += asks
            return
        for ask, answer in zip(asks, answers, strict=True):
            assert answer.cmd == ask.id
            assert answer.events
            assert self.told.setdefault(ask.id, answer).events == answer.events

    @rule(asked=st.lists(st.tuples(commands, st.integers(-900_000, 60_000)), min_size=1, max_size=6), late=st.booleans())
    def ask(self, asked: list[tuple[object, int]], late: bool) -> None:
        """A batch, some of it late, some of it ahead of the clock."""
        self._ask([self._new(command, self.now + offset if late else None) for command, offset in asked])

    @rule(unit=units, incident=incidents, steps=st.integers(0, 5))
    def job(self, unit: str, incident: str, steps: int) -> None:
        """A plain piece of work, so that chains of it come about; it may be left in the middle."""
        self._ask([sent := self._new(DispatchUnits(incident, (unit,)))])
        if sent.id not in self.told or self.told[sent.id].refusal is not None:
            return
        for phase in ("acknowledged", "en_route", "on_scene", "on_radio", "at_station")[:steps]:
            self.now += 60_000
            self._ask([self._new(ReportUnitStatus(unit, STATUS[phase]))])

    @rule(span_ms=st.sampled_from([0, 30_000, 120_000, 600_000]))
    def timers(self, span_ms: int) -> None:
        """The clock asks what is due; nothing that it asks is refused, and then nothing more is due."""
        self.now += span_ms
        asks = [self._new(command) for command in due(self.desk.board, Instant(self.now))]
        self._ask(asks)
        if all(ask.id in self.told for ask in asks):
            assert [self.told[ask.id].refusal for ask in asks if self.told[ask.id].refusal is not None] == []
            assert due(self.desk.board, Instant(self.now)) == []

    @rule(unit=units, phase=st.sampled_from(["on_scene", "on_radio", "at_station", "off"]), span_ms=st.integers(0, 70_000))
    def slip(self, unit: str, phase: str, span_ms: int) -> None:
        """A report and its taking back: the unit stands as before, and so does its job."""
        state = self.desk.board.units.get(unit)
        if state is None:
            return
        stood = (state.status, state.phase, state.since, state.incident, state.place, state.legs)
        self._ask([said := self._new(ReportUnitStatus(unit, STATUS[phase]))])
        self.now += span_ms
        self._ask([undone := self._new(UndoStatus(unit))])
        if said.id in self.told and undone.id in self.told and self.told[undone.id].refusal is None:
            state = self.desk.board.units[unit]
            assert (state.status, state.phase, state.since, state.incident, state.place, state.legs) == stood

    @rule(unit=units, span_ms=st.integers(1, 900_000))
    def hold_what_a_slip_left(self, unit: str, span_ms: int) -> None:
        """Its last unit was free by a slip; before that was taken back the incident was held."""
        state = self.desk.board.units.get(unit)
        if state is not None and state.incident is not None:
            incident = state.incident
            said = [
                ReportUnitStatus(unit, STATUS["on_radio"]),
                ReopenIncident(incident),
                HoldIncident(incident, Instant(self.now + span_ms)),
            ]
            self._ask([self._new(one) for one in (*said, UndoStatus(unit))])

    @rule(nth=st.integers(0, 5), until_ms=st.integers(-1, 4_000_000), is_shelved=st.booleans())
    def take_care_of_an_alarm(self, nth: int, until_ms: int, is_shelved: bool) -> None:
        known = list(self.desk.board.alarms)
        if known:
            name = known[nth % len(known)]
            command = ShelveAlarm(name, Instant(self.now + until_ms), "later") if is_shelved else AcknowledgeAlarm(name)
            self._ask([self._new(command)])

    @rule(unit=units, taking=incidents)
    def take_from_low_for_high(self, unit: str, taking: str) -> None:
        """The divert table allows it while the unit is on its way."""
        state = self.desk.board.units.get(unit)
        if state is not None and state.incident is not None:
            self._ask(
                [self._new(ReclassifyIncident(state.incident, priority="low")), self._new(ReclassifyIncident(taking, priority="high"))]
            )
            self._ask([self._new(DispatchUnits(taking, (unit,)))])

    @rule(incident=incidents, unit=units, to_ms=st.integers(-60_000, 900_000))
    def correct(self, incident: str, unit: str, to_ms: int) -> None:
        """A stamp of somebody who is or was there."""
        state = self.desk.board.incidents.get(incident)
        if state is not None and state.assignments:
            one = state.assignments[-1]
            stamp = sorted(one.stamps)[to_ms % len(one.stamps)]
            self._ask([self._new(CorrectStamp(incident, one.unit, stamp, Instant(one.stamps["dispatched"] + to_ms), "paper"))])

    @rule(incident=incidents, override=st.booleans())
    def follow_the_recommendation(self, incident: str, override: bool) -> None:
        """Send whom the board says; what it picked can be sent without an override as long as nothing has changed."""
        state = self.desk.board.incidents.get(incident)
        if state is None or state.receipt is None or not state.receipt.picks:
            return
        self._ask([ask := self._new(RecommendUnits(incident))])
        state = self.desk.board.incidents[incident]
        names = tuple(dict.fromkeys(pick.unit for pick in state.receipt.picks))
        fresh = ask.id in self.told and self.told[ask.id].refusal is None
        if names:
            self._ask([send := self._new(DispatchUnits(incident, names, override="yes" if override else ""))])
            if fresh and send.id in self.told:
                assert self.told[send.id].refusal is None, self.told[send.id].refusal

    @rule(command=commands, seen=st.integers(0, 6))
    def ask_with_a_version(self, command: object, seen: int) -> None:
        self._ask([self._new(command, expected=seen)])

    @rule(nth=st.integers(0, 50), twice=st.booleans())
    def ask_again(self, nth: int, twice: bool) -> None:
        """A key that was answered gets that answer and writes nothing."""
        if self.told:
            cmd = list(self.told)[nth % len(self.told)]
            first, head, refusals = self.told[cmd].records[0], self.disk.head(), self.disk.refusals
            ask = Ask(first.cmd, first.actor, first.at, first.says)
            self._ask([ask, ask] if twice else [ask])
            assert self.disk.head() == head
            assert self.disk.refusals == refusals

    @rule(command=commands, ahead=st.integers(1, 3), nth=st.integers(1, 2))
    def ask_under_a_reactions_key(self, command: object, ahead: int, nth: int) -> None:
        """Somebody's own key looks like one that a reaction is going to have."""
        self._ask([Ask(f"k{self.count + ahead}/{nth}", "machine", Instant(self.now), command)])

    @rule()
    def ask_what_was_lost(self) -> None:
        asks, self.lost = self.lost[:4], self.lost[4:]
        if asks:
            self._ask(asks)

    @rule(span_ms=st.integers(-3_600_000, 600_000))
    def clock_steps(self, span_ms: int) -> None:
        """Forwards, and back."""
        self.now += span_ms

    @rule(count=st.integers(1, 2))
    def disk_refuses(self, count: int) -> None:
        self.disk.refusals = count

    @rule()
    def kill(self) -> None:
        """The process dies; what it knew is what the journal says."""
        self.desk = Desk(self.disk, self.gather, self.vault)

    @invariant()
    def the_board_keeps_its_promises(self) -> None:
        if hasattr(self, "desk"):
            check_board(self.desk.board)
            the_clock_is_told_the_truth(self.desk.board, Instant(self.now))
            the_clock_finds_an_end(self.desk.board, Instant(self.now), self.gather)

    def teardown(self) -> None:
        check_journal(self.disk, self.desk.board)
        written = b"".join(stored.body for stored in self.disk.read())
        assert b"Rui" not in written
        assert b"he said" not in written


DeskMachine.TestCase.settings = settings(
    max_examples=350,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestDeskMachine = DeskMachine.TestCase
