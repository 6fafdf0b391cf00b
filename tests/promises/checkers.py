"""The invariants of a desk, one function each. Each raises AssertionError that says which promise was broken."""

from collections import Counter, deque
from copy import deepcopy

import msgspec

from board_state import state_of
from tocsin.base.canonical import digest
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import fold_journal
from tocsin.clocks.replay import questions, redecide
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.board.counting import counts_at
from tocsin.core.board.fold import fold
from tocsin.core.board.overdue import causes
from tocsin.core.board.timers import due, next_due
from tocsin.core.engine.cover import counted
from tocsin.core.engine.plan_matching import cards_for, slots_of
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.facts import NO_FACTS
from tocsin.core.messages.line import GENESIS, decode, link
from tocsin.core.messages.moveup import OrderMoveUp
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Ask
from tocsin.core.ports import Gather, Journal
from tocsin.core.rules.recommendation import Question, answer, situation_of, still_open


def one_job_each(board: Board) -> None:
    """A unit has one job; a crew has one job; what the unit says and what the incident says agree."""
    jobs = Counter(one.unit for incident in board.incidents.values() for one in incident.active())
    assert all(count == 1 for count in jobs.values()), jobs
    for name, unit in board.units.items():
        assert (unit.incident is not None) == (jobs[name] == 1), name
        if unit.incident is not None:
            assert any(one.unit == name for one in board.incidents[unit.incident].active()), name
    crews = Counter(unit.crew for unit in board.units.values() if unit.incident is not None)
    assert all(count == 1 for count in crews.values()), crews
    assert set(jobs) <= set(board.units)


def crews_are_listed(board: Board) -> None:
    """The list of crews says what the units say."""
    listed = sorted((crew, unit) for crew, units in board.crews.items() for unit in units)
    assert listed == sorted((unit.crew, name) for name, unit in board.units.items())


def nobody_at_an_ended_incident(board: Board) -> None:
    """Ended incidents have no units, and what is open is on the list of open ones."""
    for name, incident in board.incidents.items():
        assert incident.is_open() == (name in board.open_incidents), name
        assert incident.is_open() or not incident.active(), name


def a_next_step_for_everyone(board: Board) -> None:
    """An open incident has units, or was asked for, or it is stated why not: no plan, or no place."""
    for incident in board.open_incidents.values():
        has_reason = board.plan is None or incident.place.at is None
        assert incident.active() or incident.receipt is not None or has_reason, incident.incident


def calls_and_incidents_agree(board: Board) -> None:
    """What a call says of its incidents is what they say of it."""
    pairs = {(call.call, incident) for call in board.calls.values() for incident in call.incidents}
    assert pairs == {(call, incident.incident) for incident in board.incidents.values() for call in incident.calls}


def closures_never_turn_round(board: Board) -> None:
    """A closure holds from its beginning to its end and at no other time."""
    for closure in board.closures.values():
        end, since = closure.until, closure.since
        moments = [moment for moment in (since, end) if moment is not None]
        for at in (around for moment in moments for around in (moment - 1, moment, moment + 1)):
            assert closure.is_in_force(at) == (since <= at and (end is None or at < end)), closure.closure


def alarms_have_a_cause(board: Board) -> None:
    """Every active alarm is of something that stands; what runs is listed, and what the clock asks it asks of that."""
    standing = {(cause.alarm, cause.incident, cause.unit, cause.closure, cause.call) for cause in causes(board)}
    for name, alarm in board.alarms.items():
        assert (name, alarm.incident, alarm.unit, alarm.closure, alarm.call) in standing, name
    loose = {name for name, call in board.calls.items() if not call.incidents}
    assert set(board.loose_calls) <= loose
    for name, closure in board.running_closures.items():
        assert board.closures[name] is closure and not closure.is_reopened, name


def cover_is_counted(board: Board) -> None:
    """What is kept of who counts where is what counting everybody anew gives."""
    if board.cover is None:
        return
    lending = {aid.agency for aid in board.plan.plan.aids} if board.plan is not None else set()
    for model, kept in zip(board.cover.models, board.cover.covers, strict=True):
        at = []
        for names in board.crews.values():
            own = [unit for unit in map(board.units.__getitem__, names) if unit.agency not in lending]
            able = (unit for unit in own if not model.needs or model.needs in unit.capabilities)
            stations = [station for unit in able if (station := counts_at(board, unit)) in model.stations]
            at += [model.stations.index(stations[0])] if stations else []
        fresh = counted(model, at)
        assert (kept.counts, kept.gain_ppb, kept.loss_ppb) == (fresh.counts, fresh.gain_ppb, fresh.loss_ppb)


def advice_can_be_taken(board: Board) -> None:
    """A move that is advised can be ordered; what cannot has been taken off the list."""
    for name, one in board.move_advice.items():
        question = Ask(CommandId("try"), "tocsin", one.at, OrderMoveUp(name, one.advice.station))
        assert not isinstance(kernel.decide(board, question, NO_FACTS)[0], CommandRefused), name


def the_clock_is_told_the_truth(board: Board, at: Instant) -> None:
    """Nothing is due before the moment that it was told, and something is at that moment. Questions of the clock repeat nothing."""
    asked = due(board, at)
    assert len({msgspec.json.encode(one) for one in asked}) == len(asked)
    moment = next_due(board, at)
    assert moment is None or (moment > at and due(board, moment)), "nothing is due when the clock was told to look"
    if not asked:
        last = Instant(at + 7_200_000 if moment is None else moment - 1)
        assert due(board, last) == [], "something was due before the clock was told to look"


def the_clock_finds_an_end(board: Board, at: Instant, gather: Gather) -> None:
    """What the clock asks takes away its own reason: answered, none of it is refused and nothing more is due at that moment.

    Tried on a copy of every board that comes about: a desk that asked the same without end would bury its journal.
    """
    asked = due(board, at)
    if not asked:
        return
    copied = deepcopy(board)
    waiting = deque(Ask(CommandId(f"the-end-{nth}"), "tocsin", at, command) for nth, command in enumerate(asked))
    while waiting:
        question = waiting.popleft()
        events = kernel.decide(copied, question, gather.facts(question, copied))
        assert question.cause is not None or not isinstance(events[0], CommandRefused), (question.command, events)
        for event in events:
            fold(copied, event, at)
        waiting.extendleft(reversed(kernel.reactions_to(copied, question, events, at)))
    assert due(copied, at) == [], "what the clock asked is still due"


def versions_gapless_and_chain_whole(journal: Journal) -> None:
    """Every subject counts 1, 2, 3 …; every line links to the one before; every question is followed by at least one event."""
    versions: Counter[str] = Counter()
    commands: Counter[str] = Counter()
    pos, previous = 0, GENESIS
    for stored in journal.read():
        pos += 1
        previous = link(pos=pos, previous=previous, body=stored.body)
        assert (stored.pos, stored.hash) == (pos, previous)
        record = decode(stored.body)
        versions[record.stream] += 1
        assert record.ver == versions[record.stream]
        assert record.n == commands[record.cmd]
        commands[record.cmd] += 1
    assert all(count > 1 for count in commands.values())
    assert journal.head() == (pos, previous)


def fold_is_live(journal: Journal, board: Board) -> None:
    """Folding the journal anew gives the board that decides."""
    assert state_of(fold_journal(journal)) == state_of(board)


def same_answers_again(journal: Journal) -> None:
    """The same questions with the facts that were written down get the same answers."""
    tally = redecide(journal)
    assert tally.differing == 0, tally


def receipts_recompute(journal: Journal) -> None:
    """Every recommendation can be computed again from the journal, byte for byte."""
    board = Board()
    for one in questions(journal):
        for event in one.events:
            if isinstance(event, UnitsRecommended):
                assert digest(event.receipt) == event.receipt_sha256
                assert isinstance(one.ask.command, RecommendUnits)
                assert board.plan is not None
                incident = board.incidents[event.incident]
                assert incident.place.at is not None
                cards = cards_for(board.plan.plan, situation_of(incident, one.facts))
                question = Question(incident, incident.place.at, cards, still_open(slots_of(cards), board, incident))
                policy = get_policy(one.ask.command.policy or board.plan.plan.policy)
                assert digest(answer(board, question, policy, one.facts)) == event.receipt_sha256
        for record in one.records:
            kernel.fold(board, record)


def check_board(board: Board) -> None:
    """The promises that the board alone can keep."""
    one_job_each(board)
    crews_are_listed(board)
    nobody_at_an_ended_incident(board)
    a_next_step_for_everyone(board)
    calls_and_incidents_agree(board)
    closures_never_turn_round(board)
    alarms_have_a_cause(board)
    cover_is_counted(board)
    advice_can_be_taken(board)


def check_journal(journal: Journal, board: Board) -> None:
    """The promises that the journal keeps with the board."""
    versions_gapless_and_chain_whole(journal)
    fold_is_live(journal, board)
    same_answers_again(journal)
    receipts_recompute(journal)
