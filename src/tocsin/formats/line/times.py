"""``at 14:32``: when it happened, by the centre's wall clock. The latest such moment that is not ahead, over midnight if near."""

import re
from typing import Final

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, from_local, local_parts, local_text
from tocsin.formats.line.clauses import Word
from tocsin.formats.line.reading import Candidate
from tocsin.formats.line.scene import Scene

_TIME: Final = re.compile(r"(\d{1,2})[:h]?(\d{2})(?::(\d{2}))?([ab]?)(-1)?", re.ASCII | re.IGNORECASE)
"""``14:32``, ``1432``, ``14h32``, ``14:32:10``; ``02:30a`` and ``02:30b`` where the clocks repeat an hour; ``14:32-1`` = the day before."""

DAY_MS = 86_400_000
NEAR_MS = 12 * 3_600_000
"""Beyond that, a time that is still to come today is taken for a slip, not for yesterday's."""

MINUTE_MS = 60_000
REPEATED_MIN = (60, 30, 120)
"""By how much clocks are put back; 30 minutes on Lord Howe Island."""

_LAYOUT: Final = "%Y-%m-%d %H:%M:%S"


def read_time(scene: Scene, words: tuple[Word, ...], before: Instant | None) -> tuple[Instant | None, tuple[Word, ...]]:
    """The moment that a clause begins with, else the one before; and the words after it. Holds for the rest of the line."""
    if not words or words[0].kind != "word" or scene.tongue.verb_of(words[0].text) != "at":
        return before, words
    if len(words) == 1:
        raise scene.stuck("time_missing", Word("", words[0].end, words[0].end))
    word, used = words[1], 2
    if len(words) > 2 and _is_short(word) and _is_short(words[2]):  # 14.32: the dot has parted it
        word, used = Word(f"{word.text}:{words[2].text}", word.start, words[2].end), 3
    return read_moment(scene, word), words[used:]


def _is_short(word: Word) -> bool:
    return word.kind == "word" and len(word.text) <= 2 and word.text.isascii() and word.text.isdigit()


def read_moment(scene: Scene, word: Word) -> Instant:
    """The instant of one word such as ``14:32``."""
    match = _TIME.fullmatch(word.text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59 or int(match[3] or 0) > 59:
        raise scene.stuck("time_wanted", word, typed=word.text)
    clock = f"{int(match[1]):02d}:{match[2]}:{match[3] or '00'}"
    which = match[4].casefold()
    now, zone = scene.view.now, scene.view.zone
    today = local_parts(now, zone).date
    if not match[5]:
        found = [one for one in _moments(today, clock, zone, which) if one <= now]
        if found:
            return _only(scene, found, word)
    yesterday = _day_before(today, zone)
    found = _moments(yesterday, clock, zone, which)
    if found and (match[5] or now - found[-1] <= NEAR_MS):
        return _only(scene, found, word)
    here = _moments(yesterday if match[5] else today, clock, zone, "")
    if not here:
        raise scene.stuck("time_skipped", word, typed=word.text)
    if which and len(here) < 2:  # 14:32b, where the hour came once
        raise scene.stuck("time_wanted", word, typed=word.text)
    earlier = Candidate(f"{word.text}-1", local_text(found[-1], zone), "time", word.start, word.end) if found else None
    raise scene.stuck("at_ahead", word, (earlier,) if earlier else (), typed=word.text)


def _moments(day: str, clock: str, zone: str, which: str) -> list[Instant]:
    """Every instant at which the wall shows this: none in an hour that is skipped, two in one that is repeated."""
    wanted = f"{day} {clock}"
    try:
        first = from_local(wanted, layout=_LAYOUT, zone=zone)
    except (BadInput, OverflowError):
        return []
    if local_text(first, zone) != wanted:
        return []
    again = [Instant(first + by * MINUTE_MS) for by in REPEATED_MIN]
    both = [first, *(one for one in again if local_text(one, zone) == wanted)]
    if which == "a":
        return both[:1]
    return both[1:] if which == "b" else both


def _only(scene: Scene, found: list[Instant], word: Word) -> Instant:
    if len(found) > 1:
        texts = (word.text.removesuffix("-1") + sign + ("-1" if word.text.endswith("-1") else "") for sign in "ab")
        labels = (local_text(one, scene.view.zone) for one in found)
        twice = tuple(Candidate(text, f"{text}  {label}", "time", word.start, word.end) for text, label in zip(texts, labels, strict=False))
        raise scene.stuck("time_twice", word, twice, typed=word.text)
    return found[0]


def _day_before(day: str, zone: str) -> str:
    """By the calendar: from noon, so that no change of clocks matters."""
    noon = from_local(f"{day} 12:00:00", layout=_LAYOUT, zone=zone)
    return local_parts(Instant(noon - DAY_MS), zone).date


def typed_moment(at: Instant, *, now: Instant, zone: str) -> str:
    """How an instant is typed so that it is read back as itself."""
    day, clock = local_text(at, zone).split(" ")
    both = _moments(day, clock, zone, "")
    which = "" if len(both) < 2 else "ab"[both.index(at)]
    return f"{clock}{which}" + ("-1" if day != local_parts(now, zone).date else "")
