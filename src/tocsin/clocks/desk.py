"""The desk: the one path that every question takes, whatever the clock.

    seal personal words → gather facts → decide → fold (staged) → reactions → one durable append → tell

Nobody is told before the append has returned. If it fails, the staged board is thrown away and folded anew from the journal. Once it has
returned the batch is answered, whatever fails behind it: every listener is told, keys that were erased are destroyed, and what went wrong
there goes to the channel of faults.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tocsin.base.faults import Broken, Fault
from tocsin.base.identifiers import CommandId, KeyName
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Millis
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.facts import NO_FACTS, Facts
from tocsin.core.messages.incident import PersonalDataErased
from tocsin.core.messages.line import Head, Line, decode, decode_told, encode
from tocsin.core.messages.message import SendMessage
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.refusal import CommandRefused, StaleFacts
from tocsin.core.messages.said import Ask, Event, Record
from tocsin.core.messages.sealed import Plain, Sealed, bound_to, key_of_call, key_of_incident, key_of_message
from tocsin.core.messages.subject import subject_of
from tocsin.core.ports import Gather, Journal, Vault
from tocsin.core.reactions import REACTIONS, Reaction

MAX_BATCH = 1024
"""Questions in one transaction at most (journal note, section 2)."""


class Answer(NamedTuple):
    """What came of one question: its line and the lines of its events."""

    cmd: CommandId
    records: tuple[Record, ...]
    pos: int
    """Position of the last of them."""

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, without the question."""
        return tuple(record.says for record in self.records if record.n)  # type: ignore[misc]  # n > 0 carries an event

    @property
    def refusal(self) -> CommandRefused | None:
        """Why nothing happened, if so."""
        first = self.records[1].says
        return first if isinstance(first, CommandRefused) else None


Listener = Callable[[Answer], None]

DESTROY_AGAIN_MS = Millis(5_000)
"""Between two tries to destroy keys that could not be destroyed; each rewrites the vault."""


def shout(fault: Fault) -> None:
    """Where faults go that nobody has asked for: where those go that nobody catches."""
    sys.excepthook(type(fault), fault, fault.__traceback__)


class Desk:
    """One writer on one journal. Not for two threads at once: ``clocks/live.py`` queues in front of it."""

    def __init__(
        self,
        journal: Journal,
        gather: Gather,
        vault: Vault,
        *,
        reactions: Mapping[type, tuple[Reaction, ...]] = REACTIONS,
    ) -> None:
        self._journal, self._gather, self._vault, self._reactions = journal, gather, vault, reactions
        self._listeners: list[Listener] = []
        self._tell_fault: Callable[[Fault], None] = shout
        self._head: Head = journal.head()
        self.board = fold_journal(journal)
        # The process may have ended between the erasure's append and its destroying.
        self._to_destroy: list[KeyName] = sorted(self.board.erased_keys)
        self._destroyed_at: Instant | None = None
        """When destroying was tried last and failed."""
        self._destroy()

    def listen(self, listener: Listener) -> None:
        """Call back with every answer, reactions included, once it is durable."""
        self._listeners.append(listener)

    def tell_faults(self, channel: Callable[[Fault], None]) -> None:
        """Where to tell what fails once a batch is durable: ``listener_failed``, and what destroying keys raises. Else it is shouted."""
        self._tell_fault = channel

    def answer(self, asks: Sequence[Ask], now: Instant) -> list[Answer]:
        """Answer a batch in its order, in one transaction. A key that was asked before gets the answer that it got then.

        Raises what the journal's ``append`` raises; then nothing of the batch has happened.
        """
        batch = _Batch(self._head.pos)
        try:
            for ask in asks:
                self._answer_with_reactions(ask, now, batch)
            if batch.lines:
                self._head = self._journal.append(batch.lines, expected=self._head.pos)
        except BaseException:
            self._forget_staged()
            raise
        fresh = list(batch.answers.values())
        self._tell(fresh)
        self._destroy_erased_keys(fresh, now)
        return [batch.answers.get(ask.id) or batch.repeated[ask.id] for ask in asks]

    def _answer_with_reactions(self, ask: Ask, now: Instant, batch: "_Batch") -> None:
        waiting = [ask]
        while waiting:
            question = waiting.pop()
            known = self._find_answer(question.id, batch)
            if known is not None:
                if question.cause is not None and question.cause != known.records[0].cause:
                    # Somebody's own key happens to look like this reaction's: the reaction is asked all the same.
                    waiting.append(msgspec.structs.replace(question, id=CommandId(f"{question.id}/")))
                continue
            question, refusal = self._seal(question)
            decided = (NO_FACTS, None, [refusal]) if refusal is not None else self._decide_unless_advice_fails(question)
            if decided is None:
                continue
            facts, tried, events = decided
            records = self._record(question, facts, tried, events, now)
            for record in records:
                batch.lines.append(encode(record))
                kernel.fold(self.board, record)
            batch.answers[question.id] = Answer(question.id, records, batch.start + len(batch.lines))
            # Depth first: what an event causes stands right behind it, wherever a batch happens to end.
            waiting.extend(reversed(kernel.reactions_to(self.board, question, events, now, table=self._reactions)))

    def _find_answer(self, cmd: CommandId, batch: "_Batch") -> Answer | None:
        """The answer that this key got in the batch or before it."""
        known = batch.answers.get(cmd) or batch.repeated.get(cmd)
        before = self._journal.find_command(cmd) if known is None else None
        if before:
            records = tuple(decode(stored.body) for stored in before)
            known = batch.repeated[cmd] = Answer(cmd, records, before[-1].pos)
        return known

    def _decide_unless_advice_fails(self, question: Ask) -> tuple[Facts, Facts | None, Sequence[Event]] | None:
        """None = advice that nobody asked for cannot be worked out: the dispatch that it comes after stands without it."""
        if question.cause is None or not isinstance(question.command, AdviseMoveUps):
            return self._decide(question)
        try:
            return self._decide(question)
        except Exception as fault:  # noqa: BLE001 - not swallowed: it is told
            failed = Broken("advice_failed", cmd=question.id, why=f"{type(fault).__name__}: {fault}")
            self._tell_fault(failed.with_traceback(fault.__traceback__))
            return None

    def _decide(self, question: Ask) -> tuple[Facts, Facts | None, Sequence[Event]]:
        tried: Facts | None = None
        for _ in range(2):
            facts = self._gather.facts(question, self.board)
            try:
                return facts, tried, kernel.decide(self.board, question, facts)
            except StaleFacts:
                tried = facts
        raise Broken("facts_stale_twice", cmd=question.id)

    def _record(self, question: Ask, facts: Facts, tried: Facts | None, events: Sequence[Event], now: Instant) -> tuple[Record, ...]:
        stream = subject_of(question.command)
        version = self.board.versions.get(stream, 0)
        first = Record(
            stream,
            version + 1,
            question.at,
            now,
            question.actor,
            question.id,
            0,
            question.command,
            question.cause,
            question.clock,
            question.uncertainty_ms,
            facts,
            tried,
        )
        rest = [
            Record(
                stream,
                version + 1 + n,
                question.at,
                now,
                question.actor,
                question.id,
                n,
                event,
                question.cause,
                question.clock,
                question.uncertainty_ms,
            )
            for n, event in enumerate(events, start=1)
        ]
        return (first, *rest)

    def _seal(self, question: Ask) -> tuple[Ask, CommandRefused | None]:
        """Personal words go to the vault before anything else sees them. What was erased is not taken up again."""
        command = question.command
        if not isinstance(command, (TakeCall, AddNote, SendMessage)):
            return question, None
        key = _key_of(command)
        refusal: CommandRefused | None = None
        sealed: dict[str, Sealed] = {}
        for field in command.__struct_fields__:
            words = getattr(command, field)
            if isinstance(words, Plain):
                box = self._find_box(words, key, bound_to(journal_id=self._journal.journal_id, cmd=question.id, field=field))
                sealed[field] = box or Sealed(key, "")  # without a box: the words are gone; that they were there is not
                if box is None and refusal is None:
                    refusal = CommandRefused("PersonalDataGone", field)
        if not sealed:
            return question, None
        return msgspec.structs.replace(question, command=msgspec.structs.replace(command, **sealed)), refusal

    def _find_box(self, words: Plain, key: KeyName, binding: str) -> Sealed | None:
        """None under a key that was erased: by the journal, this batch's staged erasures included, or in the vault alone."""
        if key in self.board.erased_keys:
            return None
        try:
            return self._vault.seal(words.text, key=key, bound_to=binding)
        except Broken as fault:
            if fault.code != "key_destroyed":
                raise
            return None

    def _tell(self, answers: Iterable[Answer]) -> None:
        """Each listener hears each answer, whatever became of the others: one that missed some would show another board for ever."""
        for one in answers:
            for listener in self._listeners:
                try:
                    listener(one)
                except Exception as fault:  # noqa: BLE001 - not swallowed: the batch stands in the journal, and the fault is told
                    failed = Broken("listener_failed", cmd=one.cmd, why=f"{type(fault).__name__}: {fault}")
                    self._tell_fault(failed.with_traceback(fault.__traceback__))

    def _destroy_erased_keys(self, answers: Iterable[Answer], now: Instant) -> None:
        said = [record.says for one in answers for record in one.records]
        erased = [key for event in said if isinstance(event, PersonalDataErased) for key in event.keys]
        self._to_destroy += erased
        if not self._to_destroy:
            return
        last = self._destroyed_at
        if erased or last is None or abs(span_ms(start=last, end=now)) >= DESTROY_AGAIN_MS:
            self._destroyed_at = now
            self._destroy()

    def _destroy(self) -> None:
        """What cannot be destroyed now is tried again with later answers; nobody else's answer fails because of it."""
        if not self._to_destroy:
            return
        try:
            self._vault.destroy(list(dict.fromkeys(self._to_destroy)))
        except Exception as fault:  # noqa: BLE001 - not swallowed: it is told, and tried again
            self._tell_fault(fault if isinstance(fault, Fault) else Broken("vault_write", file="vault", why=fault))
        else:
            self._to_destroy.clear()

    def _forget_staged(self) -> None:
        self._head = self._journal.head()
        self.board = fold_journal(self._journal)


def _key_of(command: TakeCall | AddNote | SendMessage) -> KeyName:
    """Under which key the words of a command are sealed."""
    if isinstance(command, TakeCall):
        return key_of_call(command.call)
    return key_of_incident(command.incident) if isinstance(command, AddNote) else key_of_message(command.message, command.about)


class _Batch:
    """What a transaction will hold, and the answers that it will give."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.lines: list[Line] = []
        self.answers: dict[CommandId, Answer] = {}
        self.repeated: dict[CommandId, Answer] = {}


def fold_journal(journal: Journal) -> Board:
    """The board at the head of a journal. Raises Broken ``line_unreadable`` or ``belief``."""
    board = Board()
    for stored in journal.read():
        kernel.fold(board, decode_told(stored.body))
    return board
