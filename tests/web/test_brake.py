"""The brake: guesses get slower, slips cost nothing, nobody is locked out for good, and nothing grows without end."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant
from tocsin.web import brake
from tocsin.web.brake import FREE_TRIES, FREE_TRIES_OF_ADDRESS, MOST_MS, Brake, SignInBrake, network_of

NOW = 1_790_000_000_000


def tries_within(span_ms: int) -> int:
    """How many guesses at one account go through in that time, tried every half second from ever new addresses."""
    one, through = SignInBrake(), 0
    for nth, at in enumerate(range(NOW, NOW + span_ms, 500)):
        try:
            one.enter("ana", f"10.{nth >> 16 & 255}.{nth >> 8 & 255}.{nth & 255}", Instant(at))
        except BadInput:
            continue
        through += 1
    return through


def test_guesses_at_an_account_become_one_a_minute() -> None:
    assert tries_within(60_000) <= 12
    assert tries_within(3_600_000) <= 72


def test_one_address_is_slowed_down_over_all_accounts() -> None:
    one, through = SignInBrake(), 0
    for nth in range(1_000):
        try:
            one.enter(f"account {nth}", "10.0.0.1", Instant(NOW + nth))
        except BadInput as fault:
            assert int(fault.values["seconds"]) >= 1
            continue
        through += 1
    assert through == FREE_TRIES_OF_ADDRESS


def test_a_seat_that_is_known_is_not_slowed_down_by_strangers() -> None:
    one = SignInBrake()
    one.enter("ana", "10.0.0.5", Instant(NOW))
    one.forgive("ana", "10.0.0.5")
    for nth in range(100):
        with pytest.raises(BadInput) if nth >= FREE_TRIES else _nothing():
            one.enter("ana", f"99.0.0.{nth}", Instant(NOW))
    for _ in range(FREE_TRIES - 1):
        one.enter("ana", "10.0.0.5", Instant(NOW))


class _nothing:  # noqa: N801 - stands where pytest.raises stands
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


@given(st.lists(st.integers(0, 200_000), max_size=60))
def test_whoever_waits_as_long_as_told_gets_in(gaps: list[int]) -> None:
    one, now = Brake(free=FREE_TRIES, most_ms=MOST_MS), NOW
    for gap in gaps:
        now += gap
        try:
            one.enter("ana", Instant(now))
        except BadInput as fault:
            seconds = int(fault.values["seconds"])
            assert 1 <= seconds <= MOST_MS // 1_000
            now += seconds * 1_000
            one.enter("ana", Instant(now))


def test_what_was_right_or_long_ago_is_forgotten() -> None:
    one = Brake(free=1, most_ms=MOST_MS)
    for at in (NOW, NOW + brake.FORGET_MS + 1_001):
        one.enter("ana", Instant(at))
        with pytest.raises(BadInput):
            one.enter("ana", Instant(at + 999))
    one.forgive("ana")
    one.enter("ana", Instant(NOW))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "MOST_KEPT", 100)
    one = SignInBrake()
    for nth in range(1_000):
        one.enter(f"a{nth}", f"n{nth}", Instant(NOW))
        one.forgive(f"a{nth}", f"n{nth}")
        one.enter(f"a{nth}", f"n{nth}", Instant(NOW))
    assert max(len(one._known), len(one._accounts._tries), len(one._addresses._tries)) <= 100


def test_an_address_is_as_much_as_one_guesser_has() -> None:
    assert network_of("10.0.0.1") == "10.0.0.1" == network_of("::ffff:10.0.0.1")
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2") != network_of("2001:db8:0:1::1")
    assert network_of("testclient") == "testclient"


def test_who_was_signed_in_there_before_does_not_wait_for_what_the_room_tries() -> None:
    one, now = SignInBrake(), NOW
    one.forgive("ana", "10.0.0.1")
    for nth in range(FREE_TRIES_OF_ADDRESS + 5):
        with suppress(BadInput):
            one.enter(f"guess{nth}", "10.0.0.1", Instant(now))
    with pytest.raises(BadInput):
        one.enter("bia", "10.0.0.1", Instant(now))
    one.enter("ana", "10.0.0.1", Instant(now))
