"""A typed text to what it may ask for: each way to read it is one ``Ask``. Which of them fits, the gazetteer decides."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

from tocsin.places.folding import Word, fold, level, spellings

LONGEST_TEXT: Final = 200
"""Signs that are looked at; no address is longer."""

MOST_WORDS: Final = 12
MOST_NUMBERS: Final = 3
BLOCK: Final = 100


class Number(msgspec.Struct, frozen=True):
    """The house numbers that are asked for."""

    first: int
    last: int
    label: str
    """As on the door; empty for a block."""
    is_block: bool = False


class Ask(msgspec.Struct, frozen=True):
    """One reading of a text."""

    words: tuple[Word, ...]
    number: Number | None = None
    other: tuple[Word, ...] | None = None
    """The second street of a crossing."""
    km: float | None = None
    is_open: bool = True
    """The last of ``words`` may be half typed."""


_NUMBER = re.compile(
    r"(?<![\w./'-])(\d{1,5})(?:[ -]?([a-z])(?=$|[\s,;/]))?(?: (1/2))?"  # 12, 12a, 12-a, 12 1/2
    r"(?:\s?[-–/]\s?((?:\d{1,5})[a-z]?|[a-z]))?(?!\w)"  # -16, /16b, /b
)
_STUCK = re.compile(r"(?<!\w)([^\W\d_]{4,})(?=\d{1,5}[a-z]?(?!\w))")
"""Hauptstrasse12"""
_BLOCK_XX = re.compile(r"(?<!\w)(\d{0,3})xx(?!\w)")


@lru_cache(maxsize=1)
def _block() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(spellings().numbers.blocks, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(\d{{1,5}})\s+(?:{words})(?!\w)")


@lru_cache(maxsize=1)
def _post() -> tuple[re.Pattern[str], ...]:
    """Word before number, and after it: "N 101 km 12" is at 12, "A1 23,4 km" at 23.4."""
    words = "|".join(re.escape(word) for word in sorted(spellings().numbers.posts, key=len, reverse=True))
    number = r"(\d{1,4})(?:[.,+](\d{1,3}))?"
    return re.compile(rf"(?<!\w)(?:{words})\.?\s*{number}(?!\w)"), re.compile(rf"(?<![\w.,+]){number}\s*(?:{words})(?!\w)")


@lru_cache(maxsize=1)
def _between() -> re.Pattern[str]:
    signs, words = spellings().crossing.signs, spellings().crossing.words
    parts = [re.escape(sign) for sign in signs] + [rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(words, key=len, reverse=True)]
    return re.compile("|".join(parts))


@lru_cache(maxsize=1)
def _opening() -> re.Pattern[str]:
    openings = sorted(spellings().crossing.openings, key=len, reverse=True)
    return re.compile(rf"^\s*(?:the\s+)?(?:{'|'.join(openings)})(?!\w)")


def is_cut(text: str) -> bool:
    """Whether the text is longer than what is looked at."""
    return len(text.strip()) > LONGEST_TEXT


def readings(text: str) -> list[Ask]:
    """All ways to read a text, the plain one first. Of a longer text the first ``LONGEST_TEXT`` signs are read."""
    levelled = level(text.strip()[:LONGEST_TEXT])
    for sign, meaning in spellings().signs.items():
        levelled = re.sub(rf"(?<!\w){re.escape(sign)}", meaning, levelled)
    is_open = levelled[-1:].isalnum()
    # "block of" and a corner's sign leave no doubt what is asked; a number or a lonely "e" between two words does
    asks = list(_blocks(levelled)) or [*_plain(levelled, is_open), *_posts(levelled), *_numbers(levelled), *_crossings(levelled)]
    apart = _STUCK.sub(r"\1 ", levelled)
    asks += _numbers(apart) if apart != levelled else ()
    return [ask for ask in asks if ask.words]


def _words(text: str) -> tuple[Word, ...]:
    return fold(text)[:MOST_WORDS]


def _plain(text: str, is_open: bool) -> Iterator[Ask]:
    yield Ask(_words(text), is_open=is_open)


def _posts(text: str) -> Iterator[Ask]:
    found = next((found for form in _post() if (found := form.search(text))), None)
    if found:
        rest = f"{text[: found.start()]} {text[found.end() :]}"
        yield Ask(_words(rest), km=int(found[1]) + float(f"0.{found[2] or 0}"), is_open=False)


def _blocks(text: str) -> Iterator[Ask]:
    named = _block().search(text)
    masked = _BLOCK_XX.search(text)
    found = named or masked
    if found:
        first = int(found[1] or 0) * (1 if named else BLOCK)
        number = Number(first - first % BLOCK, first - first % BLOCK + BLOCK - 1, "", True)
        yield Ask(_words(f"{text[: found.start()]} , {text[found.end() :]}"), number)


def _numbers(text: str) -> Iterator[Ask]:
    for count, found in enumerate(_NUMBER.finditer(text)):
        if count == MOST_NUMBERS:
            return
        first, letter, half, last = found.groups()
        label = label_of(first + (letter or "") + (half or "") + (f"-{last}" if last else ""))
        number = Number(int(first), max(int(first), int("".join(filter(str.isdigit, last or "")) or first)), label)
        is_last = not text[found.end() :].strip(" ,")
        yield Ask(_words(f"{text[: found.start()]} , {text[found.end() :]}"), number, is_open=not is_last)


def _crossings(text: str) -> Iterator[Ask]:
    opened = _opening().match(text)
    rest = text[opened.end() :] if opened else text
    for count, found in enumerate(_between().finditer(rest)):
        if count == MOST_NUMBERS:
            return
        words, other = _words(rest[: found.start()]), _words(rest[found.end() :])
        if words and other:
            yield Ask(words, other=other, is_open=False)


def label_of(number: str) -> str:
    """A number on a door as it is compared: ``12 A``, ``12-a`` and ``12a'`` are ``12a``, ``39A/B`` is ``39a-b``."""
    plain = re.sub(r"[^\w/–-]+", "", level(number)).replace("–", "-").replace("/", "-")
    return re.sub(r"(?<=\d)-(?=[a-z](?!\w))", "", plain)
