"""Calls: taken once, joined to incidents, their words sealed."""

import pytest

from shift_page import play
from tocsin.base.faults import Broken
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.sealed import Sealed, bound_to

STAGE = """
station S1
unit E1 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
"""


def test_a_call_is_taken_once_and_opens_an_incident() -> None:
    shift = play(
        STAGE
        + """
        08:09 call C1 arrived 08:08:50          | C1 received
        08:09 call C1                           | refused CallAlreadyTaken call
        08:10 open I1 fire calls C1             | I1 opened fire · I1 needs engine: E1 90s
        """
    )
    assert shift.desk.board.calls["C1"].incidents == ["I1"]
    assert shift.desk.board.incidents["I1"].calls == ["C1"]


def test_many_calls_join_one_incident_and_one_call_opens_several() -> None:
    shift = play(
        STAGE
        + """
        08:09 call C1                           | C1 received
        08:09 call C2                           | C2 received
        08:10 open I1 fire calls C1             | I1 opened fire · I1 needs engine: E1 90s
        08:10 open I2 fire calls C1             | I2 opened fire · I2 needs engine: NOBODY_REACHABLE
        08:11 attach C2 I1                      | C2 joins I1
        08:11 attach C2 I1                      | refused NothingToChange incident
        08:11 attach C9 I1                      | refused CallUnknown call
        08:11 attach C2 I9                      | refused IncidentUnknown incident
        """
    )
    assert shift.desk.board.calls["C1"].incidents == ["I1", "I2"]
    assert shift.desk.board.incidents["I1"].calls == ["C1", "C2"]


def test_an_incident_is_not_opened_from_a_call_that_nobody_took() -> None:
    play(STAGE + "08:10 open I1 fire calls C1, C9 | refused CallUnknown calls")


def test_a_call_may_join_after_the_end() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire                      | I1 opened fire · I1 needs engine: E1 90s
        08:11 cancel I1                         | I1 cancelled
        08:12 call C1                           | C1 received
        08:13 attach C1 I1                      | C1 joins I1
        """
    )


def test_what_a_caller_says_stands_in_the_journal_sealed_only() -> None:
    shift = play(
        STAGE
        + """
        08:09 call C1 name "Ana Macuácua" number "+258 84 555 0101" says "fumo na cozinha" | C1 received
        08:10 open I1 fire calls C1             | I1 opened fire · I1 needs engine: E1 90s
        08:10 note I1 "a chave está com a vizinha" | I1 noted
        """
    )
    journal = shift.bytes()
    for words in ("Ana", "Macu", "258", "0101", "fumo", "cozinha", "chave", "vizinha", "plain"):
        assert words.encode() not in journal
    received = next(event for event in shift.events if isinstance(event, CallReceived))
    assert isinstance(received.words, Sealed)
    binding = bound_to(journal_id=shift.journal.journal_id, cmd="line-1", field="words")
    assert shift.vault.open(received.words, bound_to=binding) == "fumo na cozinha"


def test_each_field_is_bound_to_its_own_place() -> None:
    shift = play(STAGE + '08:09 call C1 name "Ana" says "fumo" | C1 received')
    received = next(event for event in shift.events if isinstance(event, CallReceived))
    binding = bound_to(journal_id=shift.journal.journal_id, cmd="line-1", field="words")
    with pytest.raises(Broken) as caught:
        shift.vault.open(received.caller_name, bound_to=binding)
    assert caught.value.code == "seal_broken"
