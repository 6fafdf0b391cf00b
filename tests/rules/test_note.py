"""Notes: in people's own words, sealed, also after the end."""

import pytest

from shift_page import play
from tocsin.base.faults import Broken
from tocsin.core.messages.line import encode
from tocsin.core.messages.note import NoteAdded
from tocsin.core.messages.said import Record
from tocsin.core.messages.sealed import Plain


def test_a_note_belongs_to_an_incident() -> None:
    play(
        """
        no plan
        08:00 open I1 fire       | I1 opened fire (type unknown)
        08:01 note I1 "gas?"     | I1 noted
        08:01 note I9 "gas?"     | refused IncidentUnknown incident
        """
    )


def test_a_refused_note_is_sealed_too() -> None:
    shift = play('08:01 note I9 "gás no poço" | refused IncidentUnknown incident')
    assert "poço".encode() not in shift.bytes()
    assert b"po\\u00e7o" not in shift.bytes()


@pytest.mark.parametrize("words", ['"as":"plain"', '\\"as\\":\\"plain\\"', "as plain"])
def test_words_cannot_fake_the_mark_of_unsealed_words(words: str) -> None:
    shift = play("no plan\n08:00 open I1 fire | I1 opened fire (type unknown)")
    record = Record("incident:I1", 9, 0, 0, words, "k", 1, NoteAdded("I1", shift.vault.seal(words, key="incident:I1", bound_to="b")))
    assert encode(record).body


def test_unsealed_words_never_reach_a_journal() -> None:
    with pytest.raises(Broken) as caught:
        encode(Record("incident:I1", 1, 0, 0, "page", "k", 1, NoteAdded("I1", Plain("he said"))))
    assert caught.value.code == "plain_words"
