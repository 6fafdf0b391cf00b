"""Messages between seats and crews, and looks at sealed words: what is sealed, who is told, what an erasure covers."""

from shift_page import play
from tocsin.core.messages.message import MessageSent
from tocsin.core.messages.sealed import Sealed, bound_to

STAGE = "no plan\n08:00 open I1 fire | I1 opened fire (type unknown)\n"


def test_a_message_is_sent_sealed_and_read_once_by_each() -> None:
    shift = play(
        STAGE
        + """
        08:01 message M1 to D2, unit:E1 about I1 says "the gate is locked" by_seat D1   | M1 to D2, unit:E1 about I1
        08:01 message M2 to log says "night was calm"           | M2 to log
        08:01 message M2 to log says "again"                    | refused MessageAlreadySent message
        08:01 message M3 says "to nobody"                       | refused RecipientMissing to
        08:01 message M3 to all about I9                        | refused IncidentUnknown incident
        08:02 read M1 by_seat D2                                | M1 read by D2
        08:02 read M1 by_seat D2                                | refused NothingToChange message
        08:02 read M1 by_seat D3                                | M1 read by D3
        08:02 read M9                                           | refused MessageUnknown message
        """
    )
    assert b"gate" not in shift.bytes() and b"calm" not in shift.bytes()
    board = shift.desk.board
    assert [(one.to, one.about, one.read_by) for one in board.messages.values()] == [
        (("D2", "unit:E1"), "I1", ["D2", "D3"]),
        (("log",), None, []),
    ]
    assert [event.words.key for event in shift.events if isinstance(event, MessageSent)] == ["incident:I1", "message:M2"]
    assert board.versions["message:M1"] == 8 and board.versions["incident:I1"] == 2


def test_an_erasure_covers_the_messages_about_an_incident() -> None:
    shift = play(
        STAGE
        + """
        08:01 message M1 to all about I1 says "Rui has the key" #m1  | M1 to all about I1
        08:01 message M2 to all says "tea is ready" #m2   | M2 to all
        08:02 close I1                                  | I1 closed
        08:03 erase I1                                  | I1 erased incident:I1
        08:04 message M3 to all about I1 says "more"    | refused PersonalDataGone words
        """
    )
    first, second = (event.words for event in shift.events if isinstance(event, MessageSent))
    assert isinstance(first, Sealed) and isinstance(second, Sealed)
    journal_id = shift.journal.journal_id
    assert shift.vault.open(first, bound_to=bound_to(journal_id=journal_id, cmd="m1", field="words")) is None
    assert shift.vault.open(second, bound_to=bound_to(journal_id=journal_id, cmd="m2", field="words")) == "tea is ready"


def test_whoever_looks_at_sealed_words_is_written_down() -> None:
    play(
        """
        no plan
        08:00 call C1 says "smoke"          | C1 received
        08:00 open I1 fire calls C1         | I1 opened fire (type unknown)
        08:00 open I2 fire calls C1         | I2 opened fire (type unknown)
        08:01 look I1                       | I1 seen incident:I1, call:C1
        08:01 look I9                       | refused IncidentUnknown incident
        08:02 close I1                      | I1 closed
        08:03 erase I1                      | I1 erased incident:I1
        08:04 look I1                       | I1 seen call:C1
        08:05 close I2                      | I2 closed
        08:06 erase I2                      | I2 erased incident:I2, call:C1
        08:07 look I1                       | refused PersonalDataGone incident
        """
    )


def test_deleting_positions_is_written_down() -> None:
    shift = play("no plan\n08:00 drop 2020-04-06 1234 | 1234 positions of 2020-04-06 dropped")
    assert shift.desk.board.versions["centre"] == 4
