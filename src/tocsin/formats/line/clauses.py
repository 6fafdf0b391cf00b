"""A line cut into clauses, words, places, keys and comments, each with where it stands. Blanks, dots and commas part words."""

import re
import unicodedata
from typing import Final, Literal, NamedTuple

KEYS: Final = ("why", "disp", "typ", "pri")
"""``why/`` takes all that follows, as a place does; the others one word."""

LONGEST = 2_000
"""Signs of a line: a note of a page belongs into the note's own field."""

WordKind = Literal["word", "quoted", "mark"]


class Word(NamedTuple):
    """One word of a clause."""

    text: str
    start: int
    end: int
    kind: WordKind = "word"


class Clause(NamedTuple):
    """One link of the chain, as typed."""

    words: tuple[Word, ...]
    place: Word | None
    keys: dict[str, Word]
    comment: Word | None
    start: int
    end: int


_KEY = "|".join(KEYS)
_STOP = rf"(?=[\s.,]/[\s.,]|[\s.,]/$|;|>|[\s.,](?:{_KEY})/|$)"
_PIECE: Final = re.compile(
    rf"""
      ;(?P<comment>.*)$
    | >(?P<place>.*?){_STOP}
    | (?P<long>why)/(?P<reason>.*?){_STOP}
    | (?P<key>{_KEY})/(?P<value>[^\s.,;>]*)
    | "(?P<quoted>[^"]*)"?
    | (?P<mark>[?!])
    | (?P<word>[^\s.,;>"?!]+)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def clean(text: str) -> str:
    """Of the same length: what would move a cursor or break a line becomes a blank."""
    return "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in text)


def _unmarked(text: str) -> str:
    """Without marks of writing direction and joiners, which are copied along from right-to-left texts."""
    return text if text.isascii() else "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def cut(text: str) -> list[Clause]:
    """The clauses of a line that ``clean`` has been over, the last one perhaps empty. Never raises."""
    clauses: list[Clause] = []
    words: list[Word] = []
    keys: dict[str, Word] = {}
    place: Word | None = None
    comment: Word | None = None
    start = 0
    for found in _PIECE.finditer(text):
        group = found.lastgroup or ""
        if group == "word" and found[0] == "/":
            clauses.append(Clause(tuple(words), place, keys, None, start, found.start()))
            words, keys, place, start = [], {}, None, found.end()
        elif group == "comment":
            comment = _piece(found, "comment")
        elif group == "place":
            place = place or _piece(found, "place")
        elif group in ("reason", "value"):
            keys.setdefault((found["long"] or found["key"]).casefold(), _piece(found, group))
        else:
            word = _piece(found, group)
            if word.text:
                words.append(word)
    return [*clauses, Clause(tuple(words), place, keys, comment, start, len(text))]


def _piece(found: re.Match[str], group: str) -> Word:
    kind: WordKind = "quoted" if group == "quoted" else "mark" if group == "mark" else "word"
    is_words = group in ("comment", "place", "reason")
    text = found[group].strip(" .,\t") if group in ("place", "reason") else found[group].strip() if is_words else _unmarked(found[group])
    return Word(text, found.start(), found.end(), kind)
