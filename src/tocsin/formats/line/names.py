"""Names as people type them: whatever their case, accents, blanks, dots and hyphens; exact before alike, what is begun only offered."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

_LEFT_OUT: Final = re.compile(r"[\W_]+")
_PARTS: Final = re.compile(r"\d+|\D+")
MOST_CLOSE = 3
CLOSE_ENOUGH = 0.6


def fold(text: str) -> str:
    """Case and width do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=16_384)
def key_of(text: str) -> str:
    """Neither accents nor signs between letters and digits count either. What has no letter and no digit stays as it is."""
    spread = unicodedata.normalize("NFKD", fold(text))
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return _LEFT_OUT.sub("", bare) or spread


def in_order(name: str) -> list[tuple[int, int, str]]:
    """Sorting key: E2 before E11."""
    parts = _PARTS.findall(fold(name))
    return [(0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part) for part in parts]


class Names:
    """An index of names, made once for one fleet."""

    def __init__(self, names: Iterable[str]) -> None:
        self.sorted: tuple[str, ...] = tuple(sorted(names, key=in_order))
        self._rank = {name: rank for rank, name in enumerate(self.sorted)}
        self._folded: dict[str, list[str]] = {}
        self._alike: dict[str, list[str]] = {}
        for name in self.sorted:
            self._folded.setdefault(fold(name), []).append(name)
            self._alike.setdefault(key_of(name), []).append(name)
        self._keys = sorted(self._alike)

    def exact(self, typed: str) -> list[str]:
        """Names that are this, case aside; else those that are this, signs and accents aside. More than one = ambiguous."""
        return self._folded.get(fold(typed)) or self._alike.get(key_of(typed), [])

    def begun(self, typed: str) -> list[str]:
        """Names that begin so, in their own order."""
        key = key_of(typed) if typed else ""
        if not key:
            return list(self.sorted)
        low = bisect_left(self._keys, key)
        found: list[str] = []
        for one in self._keys[low:]:
            if not one.startswith(key):
                break
            found += self._alike[one]
        return sorted(found, key=self._rank.__getitem__)

    def close(self, typed: str) -> list[str]:
        """Names that look like it: to be offered, never to be taken."""
        key = key_of(typed)
        if len(key) > 40:
            return []
        near = [one for one in self._keys if abs(len(one) - len(key)) <= 2 and one[:1] == key[:1]] or self._keys
        return [name for one in get_close_matches(key, near[:500], n=MOST_CLOSE, cutoff=CLOSE_ENOUGH) for name in self._alike[one]][:6]

    def find(self, typed: str) -> list[str]:
        """One name: it is meant. Several: any may be meant. None: nothing begins so."""
        exact = self.exact(typed)
        if exact:
            return exact
        # A number is a name whole or not at all: 4 does not mean 42.
        return [] if typed.isdecimal() else self.begun(typed)


@lru_cache(maxsize=32)
def names_of(names: tuple[str, ...]) -> Names:
    """The index of these names, made anew only when they change."""
    return Names(names)
