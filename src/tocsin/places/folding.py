"""Text to the words that are compared: case, diacritics, apostrophes, ordinals and abbreviations levelled. Used on both sides alike."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec

STRONG: Final = 1.0
KIND: Final = 0.3
SMALL: Final = 0.1

_ORDINAL = re.compile(r"0*(\d+)(?:st|nd|rd|th|er|eme|ieme|ª|º)")
_NUMBER = re.compile(r"0+(?=\d)")
_WORD = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*", re.UNICODE)
# letters that no decomposition levels
_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "`": "'", "´": "'"}
)


class Crossings(msgspec.Struct, frozen=True):
    """What stands between two streets that meet, and before them."""

    signs: tuple[str, ...]
    words: frozenset[str]
    openings: tuple[str, ...]


class Numbers(msgspec.Struct, frozen=True):
    """Words for stretches of numbers, and for posts along a road."""

    blocks: tuple[str, ...]
    posts: tuple[str, ...]


class Spellings(msgspec.Struct, frozen=True):
    """The tables of ``spellings.toml``."""

    kinds: tuple[tuple[str, ...], ...]
    directions: tuple[tuple[str, ...], ...]
    small: frozenset[str]
    elided: frozenset[str]
    endings: dict[str, str]
    signs: dict[str, str]
    ordinals: dict[str, str]
    crossing: Crossings
    numbers: Numbers


class Word(msgspec.Struct, frozen=True):
    """One word of a name or of a question."""

    text: str
    """Levelled: what is compared."""
    raw: str
    """As written, without case and diacritics."""
    weight: float
    is_ordinal: bool = False


@lru_cache(maxsize=1)
def spellings() -> Spellings:
    """The tables, read once."""
    return msgspec.convert(tomllib.loads(files(__package__).joinpath("spellings.toml").read_text("utf-8")), type=Spellings)


@lru_cache(maxsize=1)
def _classes() -> dict[str, str]:
    """Written form → the form that stands for it; the first class that lists a form has it."""
    classes: dict[str, str] = {}
    for forms in (*spellings().kinds, *spellings().directions):
        for form in forms:
            classes.setdefault(form, forms[0])
    return classes


def level(text: str) -> str:
    """Small letters without diacritics; what cannot be printed becomes a space."""
    if text.isascii() and text.isprintable():
        return text.lower()
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    parts = unicodedata.normalize("NFKD", shown.replace("º", "\x00").replace("ª", "\x01").casefold())
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare).replace("\x00", "º").replace("\x01", "ª").translate(_LETTERS)


def fold(text: str) -> tuple[Word, ...]:
    """The words of a text, in its order."""
    levelled = level(text)
    for sign, meaning in spellings().signs.items():
        if sign in levelled:
            levelled = re.sub(rf"(?<!\w){re.escape(sign)}", meaning, levelled)
    return tuple(_word(raw) for found in _WORD.finditer(levelled.replace(".", ". ")) for raw in _apart(found.group()))


def _apart(raw: str) -> tuple[str, ...]:
    """``l'eglise`` is two words, ``o'farrell`` is one."""
    head, sign, tail = raw.partition("'")
    if not sign:
        return (raw,)
    if head in spellings().elided:
        return (head, *_apart(tail))
    return (raw.replace("'", ""),)


@lru_cache(maxsize=65_536)
def _word(raw: str) -> Word:
    tables = spellings()
    ordinal = _ORDINAL.fullmatch(raw)
    if ordinal:
        return Word(ordinal[1], raw, STRONG, True)
    if raw in tables.ordinals:
        return Word(tables.ordinals[raw], raw, STRONG, True)
    if raw in tables.small:
        return Word(raw, raw, SMALL)
    if raw in _classes():
        return Word(_classes()[raw], raw, KIND)
    for ending, whole in tables.endings.items():
        if raw.endswith(ending) and len(raw) > len(ending) + 2:
            return Word(raw.removesuffix(ending) + whole, raw, STRONG)
    return Word(_NUMBER.sub("", raw) if raw[0] == "0" else raw, raw, STRONG)


def key_of(words: tuple[Word, ...]) -> str:
    """What two spellings of one name have in common."""
    return " ".join(word.text for word in words)
