"""The known words nearest to one that is not known, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """Up to three known words that look like this one; where none does, the first eight known."""
    words = sorted(set(known))
    by_lower = {one.lower(): one for one in words}
    close = [by_lower[one] for one in get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)]
    shown = close or words[:8]
    return ", ".join(shown) + (", …" if not close and len(words) > 8 else "") if shown else "–"
