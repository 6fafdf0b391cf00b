"""The world in front of the desk: people call, a dispatcher does at once what the rules recommend, crews do as they are told.

It throws no dice: how long everything takes stands in ``Calls``. What happens at one moment happens in the order of its kind, then in
the order in which it was planned, as in every engine of the lab.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

from tocsin.base.identifiers import CallId, CommandId, IncidentId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.messages.assignment import DispatchUnits, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import AttachCall, TakeCall
from tocsin.core.messages.incident import CloseIncident, OpenIncident
from tocsin.core.messages.moveup import MoveUpAdvised, MoveUpOrdered, OrderMoveUp
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.said import Ask, Command, Record
from tocsin.core.messages.unit import UnitStatusChanged
from tocsin.lab.desked.crews import DISPATCHER, Crews
from tocsin.lab.desked.duty import Duty
from tocsin.lab.desked.ground import Ground
from tocsin.lab.desked.kinds import BREAK_DUE, DUTY, HAPPENING, READY, TAKEN, TOLD_AGAIN
from tocsin.lab.desked.tally import Tally

CALL_TAKER = "call-taker"
TOLD_AGAIN_MS = 60_000
"""Between two people who report the same thing."""

OnAnswer = Callable[[Answer, Instant], None]


class Town:
    """Callers, a dispatcher and crews before one desk."""

    def __init__(self, ground: Ground, desk: Desk, on_answer: OnAnswer | None) -> None:
        self._ground, self._desk, self._on_answer = ground, desk, on_answer
        self.tally = Tally(ground.city, ground.calls.size)
        self._crews = Crews(ground, self.tally, self._say, self._plan)
        self._heap: list[tuple[int, int, int, int, int]] = []
        """When, what kind, how many were planned before, of which call or unit, on which errand."""
        self._planned = self._said = 0
        self._to_say: list[Ask] = []
        self._heard: list[Answer] = []
        self._advice: deque[UnitsRecommended] = deque()
        """What the dispatcher has just been shown."""
        self._moves: deque[MoveUpAdvised] = deque()
        self._calls_to_come = 0
        self._most_waiting = max(200, 20 * len(ground.vehicles))
        self._reports: list[int] = ground.calls.reports.tolist()
        self._kinds: list[int] = ground.calls.kind.tolist()
        self._duty = Duty(ground, self._crews, self._say, self._plan)
        self._by_call = {
            HAPPENING: self._duty.happening,
            DUTY: self._duty.boundary,
            BREAK_DUE: self._duty.break_due,
            TAKEN: self._take_call,
            READY: self._open_incident,
            TOLD_AGAIN: self._tell_again,
        }
        desk.listen(self._heard.append)

    # ---- the order of things

    def run(self) -> None:
        """Until nothing is left to happen, or more wait than will ever be served."""
        ground, heap, by_kind = self._ground, self._heap, self._crews.by_kind
        self._duty.open()
        self._let_follow()
        for call, (at_ms, ready_ms) in enumerate(zip(ground.calls.at_ms.tolist(), ground.calls.ready_ms.tolist(), strict=True)):
            self._plan(at_ms, TAKEN, call, 0)
            self._plan(ready_ms, READY, call, 0)
        self._calls_to_come = ground.calls.size
        while heap and not self.tally.is_overloaded and (self._calls_to_come or self._crews.jobs or self._crews.lacking):
            at_ms, kind, _, subject, errand = heappop(heap)
            act = by_kind.get(kind)
            if act is None:
                ground.now_ms = at_ms
                self._by_call[kind](subject)
            elif ground.vehicles[subject].errand == errand:
                ground.now_ms = at_ms
                act(ground.vehicles[subject])
            else:
                continue
            self._let_follow()
        self.tally.ended_ms = ground.now_ms
        self._crews.end()

    def _let_follow(self) -> None:
        """What is said now and what follows from it, until nobody has anything more to say at this moment."""
        while True:
            if self._to_say:
                self._ask()
            elif self._advice:
                self._follow(self._advice.popleft())
            elif self._moves:
                move = self._moves.popleft()
                vehicle = self._ground.by_name[move.unit]
                if vehicle.job is None and vehicle.is_crewed and not vehicle.mates:  # who moves a crew moves it from its other units
                    self._say(DISPATCHER, OrderMoveUp(move.unit, move.station))
            elif self._crews.leaving:
                self._crews.leave_station(self._crews.leaving.popleft())
            elif self._crews.freed:
                self._crews.go_home(self._crews.freed.popleft())
            else:
                break
        waiting = len(self._crews.lacking)
        self.tally.longest_queue = max(self.tally.longest_queue, waiting)
        self.tally.is_overloaded = waiting > self._most_waiting

    def _plan(self, at_ms: int, kind: int, subject: int, errand: int) -> None:
        self._planned += 1
        heappush(self._heap, (at_ms, kind, self._planned, subject, errand))

    def _say(self, actor: str, command: Command) -> None:
        self._said += 1
        self._to_say.append(Ask(CommandId(f"lab-{self._said:07d}"), actor, self._now(), command, "simulated"))

    def _now(self) -> Instant:
        return Instant(self._ground.start + self._ground.now_ms)

    def _ask(self) -> None:
        asks, self._to_say = self._to_say, []
        now = self._now()
        self._desk.answer(asks, now)
        for answer in self._heard:
            if self._on_answer is not None:
                self._on_answer(answer, now)
            for record in answer.records[1:]:
                self._hear(record)
            if answer.refusal is not None and isinstance(command := answer.records[0].says, DispatchUnits):
                self._say(DISPATCHER, RecommendUnits(command.incident))  # two lists named one unit: the second is made anew
        self._heard.clear()

    def _hear(self, record: Record) -> None:
        event = record.says
        match event:
            case UnitStatusChanged():
                pass  # the crews know: they said so; by far the most are these
            case UnitsRecommended():
                self._advice.append(event)
                is_short = any(short.is_required for short in event.receipt.shortfalls)
                lacking = self._crews.lacking
                (lacking.add if is_short else lacking.discard)(self._ground.call_of[event.incident])
            case UnitCleared():
                self._end_if_left(event.incident)
            case UnitDiverted():
                self._crews.be_diverted(event.unit)
            case UnitsDispatched():
                self._crews.be_sent(event.units, self._ground.call_of[event.incident])
            case MoveUpAdvised():
                self._moves.append(event)
            case MoveUpOrdered():
                self._crews.cover(event.unit, event.station)
            case _:
                pass  # the rest is for screens

    # ---- the dispatcher

    def _follow(self, advice: UnitsRecommended) -> None:
        """Whoever is recommended is sent at once, unless the list has been made anew since."""
        incident = self._desk.board.incidents[advice.incident]
        if advice.receipt.picks and incident.receipt_sha256 == advice.receipt_sha256 and incident.is_open():
            units = tuple(dict.fromkeys(pick.unit for pick in advice.receipt.picks))
            self._say(DISPATCHER, DispatchUnits(advice.incident, units, advice.receipt_sha256))

    def _end_if_left(self, incident: IncidentId) -> None:
        """Everybody has left: whoever was still looked for is wanted no more, and can be sent to the next who waits."""
        call, state = self._ground.call_of[incident], self._desk.board.incidents[incident]
        if call in self._crews.lacking and state.is_open() and not state.active():
            self._crews.lacking.discard(call)
            self._say(DISPATCHER, CloseIncident(incident))
            waiting = [self._desk.board.incidents[self._ground.incident_of(one)] for one in self._crews.lacking]
            if waiting:
                self._say(DISPATCHER, RecommendUnits(self._desk.board.by_urgency(waiting)[0].incident))

    # ---- callers and call-takers

    def _take_call(self, call: int) -> None:
        # Where call-takers are few, when one was free is drawn together with the interview: it is not known apart.
        answered = self._now() if self._ground.city.call_takers == 0 else None
        self._say(CALL_TAKER, TakeCall(_call_id(call), self._now(), answered))

    def _open_incident(self, call: int) -> None:
        self._calls_to_come -= 1
        ground, incident = self._ground, self._ground.incident_of(call)
        city, at = ground.city, ground.place_of[call]
        ground.call_of[incident] = call
        place = Place(ground.lon_lat[at], area=city.areas[city.place_area[at]])
        kind, priority = city.kinds[self._kinds[call]].name, city.priorities[ground.told[call]].name
        self._say(CALL_TAKER, OpenIncident(incident, kind, priority, place, (_call_id(call),)))
        for nth in range(1, self._reports[call]):
            self._plan(ground.now_ms + nth * TOLD_AGAIN_MS, TOLD_AGAIN, call, nth)

    def _tell_again(self, call: int) -> None:
        """Somebody else reports the same thing; joined to it as long as it is being dealt with."""
        incident = self._desk.board.incidents[self._ground.incident_of(call)]
        if incident.is_open():
            again = CallId(f"{_call_id(call)}+{len(incident.calls)}")
            self._say(CALL_TAKER, TakeCall(again, self._now(), self._now()))
            self._say(CALL_TAKER, AttachCall(again, incident.incident))


def _call_id(call: int) -> CallId:
    return CallId(f"call-{call:06d}")
