"""Back-dating: midnight, the change of clocks, and what is said again reads as the same moment."""

import pytest

from line_world import view, world
from tocsin.base.instants import Instant, local_text, parse_iso
from tocsin.formats.line.read import read_line
from tocsin.formats.line.reading import Reading
from tocsin.words.line import tongue_of

BOARD = world()
EN = tongue_of("en")


def read(text: str, now: str) -> Reading:
    """A line read at a local minute of the staged centre (offset in the stamp)."""
    return read_line(text, view(BOARD, now=parse_iso(now)), EN)


@pytest.mark.parametrize(
    ("typed", "now", "told"),
    [
        ("14:32", "2026-11-23T14:40:00-03:00", "2026-11-23 14:32:00"),
        ("1432", "2026-11-23T14:40:00-03:00", "2026-11-23 14:32:00"),
        ("14.32", "2026-11-23T14:40:00-03:00", "2026-11-23 14:32:00"),
        ("14h32", "2026-11-23T14:40:00-03:00", "2026-11-23 14:32:00"),
        ("14:32:10", "2026-11-23T14:40:00-03:00", "2026-11-23 14:32:10"),
        ("00:05", "2026-11-23T14:40:00-03:00", "2026-11-23 00:05:00"),
        ("14:32-1", "2026-11-23T14:40:00-03:00", "2026-11-22 14:32:00"),
        ("23:58", "2026-11-24T00:05:00-03:00", "2026-11-23 23:58:00"),
        ("00:01", "2026-11-24T00:05:00-03:00", "2026-11-24 00:01:00"),
    ],
)
def test_a_time_is_the_latest_one_that_is_not_ahead(typed: str, now: str, told: str) -> None:
    step = read(f"at {typed} os E1", now).steps[0]
    assert step.at is not None
    assert local_text(step.at, "America/Santiago") == told
    assert step.clock == "paper"
    assert step.notes[0].values == {"stamp": told}


@pytest.mark.parametrize(
    ("typed", "now", "code", "offered"),
    [
        ("14:50", "2026-11-23T14:40:00-03:00", "at_ahead", ["14:50-1"]),
        ("25:00", "2026-11-23T14:40:00-03:00", "time_wanted", []),
        ("soon", "2026-11-23T14:40:00-03:00", "time_wanted", []),
        # Santiago: 2026-04-05 00:00 -03 becomes 2026-04-04 23:00 -04; 2026-09-06 00:00 -04 becomes 01:00 -03.
        ("23:30", "2026-04-05T00:10:00-04:00", "time_twice", ["23:30a", "23:30b"]),
        ("00:30", "2026-09-06T01:10:00-03:00", "time_skipped", []),
    ],
)
def test_a_time_is_never_guessed(typed: str, now: str, code: str, offered: list[str]) -> None:
    reading = read(f"at {typed} os E1", now)
    assert reading.problem is not None
    assert reading.problem.code == code
    assert [one.text for one in reading.candidates] == offered


def test_an_hour_that_came_twice_can_be_named() -> None:
    now = "2026-04-05T00:10:00-04:00"
    first, second = (read(f"at 23:30{which} os E1", now).steps[0] for which in "ab")
    assert (first.at, second.at) == (parse_iso("2026-04-04T23:30:00-03:00"), parse_iso("2026-04-04T23:30:00-04:00"))
    for step in (first, second):
        assert read(step.plain, now).steps[0].at == step.at
    # While the hour runs for the first time there is only one.
    assert read("at 23:30 os E1", "2026-04-04T23:40:00-03:00").steps[0].at == first.at


def test_a_time_holds_for_the_rest_of_the_line() -> None:
    now = "2026-11-23T14:40:00-03:00"
    steps = read("at 14:20 os E1 / av E1 / at 14:30 os M3", now).steps
    assert [local_text(step.at or Instant(0), "America/Santiago")[11:16] for step in steps] == ["14:20", "14:20", "14:30"]


def test_what_a_screen_does_has_no_other_time() -> None:
    problem = read("at 14:20 s 42", "2026-11-23T14:40:00-03:00").problem
    assert problem is not None
    assert problem.code == "at_not_wanted"
