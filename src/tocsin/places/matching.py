"""How well the words of a question fit the words of a name. Pure: words in, score out."""

from typing import Final

import msgspec
from rapidfuzz.distance import OSA

from tocsin.places.folding import STRONG, Word

ABBREVIATED: Final = 0.99
"""Against a name that is written exactly so."""
BARE: Final = 0.2
"""What a name scores at least whose matched word is one of many."""
SHORT, LONG = 4, 8
"""Letters from which one error and two errors are forgiven."""
COMPOUND: Final = 5
"""Letters of a word that is looked for inside of others: "polizei" in "Gemeindepolizei"."""


def is_inside(part: str, whole: str) -> bool:
    """Whether a word is the end or the inside of a compound one."""
    return len(part) >= COMPOUND and part != whole and not part.isdigit() and part in whole


def errors_allowed(length: int) -> int:
    """One in 4 to 7 letters, two in 8 or more."""
    return 0 if length < SHORT else 1 if length < LONG else 2


class Fit(msgspec.Struct, frozen=True):
    """How a name fits."""

    score: float
    """0 to 1 for the name alone; words that fit nothing are in ``left``."""
    asked: float
    """Share of the question's weight that the name explains."""
    left: tuple[Word, ...]
    """Words of the question that the name does not explain."""
    reason: str


def _quality(asked: Word, named: Word, is_open: bool) -> float:
    """1 for the same word, less for a beginning or a misspelling, 0 for another word."""
    if asked.text == named.text:
        return 1.0
    length = len(asked.raw)
    if is_open and not asked.text.isdigit() and (named.text.startswith(asked.raw) or named.raw.startswith(asked.raw)):
        return 0.7 + 0.3 * length / max(len(named.raw), len(named.text))
    compound = 0.55 + 0.3 * length / len(named.text) if is_inside(asked.text, named.text) else 0.0
    allowed = 0 if asked.text.isdigit() else errors_allowed(length)
    if not allowed:
        return compound
    errors: float = OSA.distance(asked.text, named.text, score_cutoff=allowed)
    if errors > allowed and is_open and len(named.text) > length:
        errors = min(OSA.distance(asked.text, named.text[: length + more], score_cutoff=allowed) for more in (-1, 0, 1)) + 0.5
    return max(compound, 1.0 - 0.8 * errors / length) if errors <= allowed + 0.5 else compound


def fit(asked: tuple[Word, ...], named: tuple[Word, ...], *, is_open: bool) -> Fit:
    """Each asked word takes the best name word that is still free, in the order of the question."""
    free = list(named)
    left: list[Word] = []
    gained, explained, worst = 0.0, 0.0, 1.0
    for row, word in enumerate(asked):
        may_grow = is_open and row == len(asked) - 1
        quality, best = max(((_quality(word, other, may_grow), -place) for place, other in enumerate(free)), default=(0.0, 0))
        if quality <= 0.0 or (quality < 1.0 and word.weight < STRONG and not may_grow):
            left.append(word)
            continue
        match = free.pop(-best)
        gained += match.weight * quality
        explained += word.weight
        worst = min(worst, quality if not may_grow or match.text != word.text else 1.0)
    whole = sum(word.weight for word in named)
    total = sum(word.weight for word in asked)
    is_same = not left and len(asked) == len(named) and all(a.raw == b.raw for a, b in zip(asked, named, strict=True))
    reason = "" if is_same else "misspelt" if _is_misspelt(asked, named, left, is_open) else _shortened(asked, named, left)
    score = gained / whole if whole else 0.0
    return Fit(score if is_same else score * ABBREVIATED, explained / total if total else 0.0, tuple(left), reason)


def _shortened(asked: tuple[Word, ...], named: tuple[Word, ...], left: list[Word]) -> str:
    """Whether words are written otherwise, or all as they are and some not at all."""
    said = [word.raw for word in asked if word not in left]
    if not set(said) <= {word.raw for word in named}:
        return "abbreviation"
    return "part_of_name" if len(said) < len(named) else ""


def _is_misspelt(asked: tuple[Word, ...], named: tuple[Word, ...], left: list[Word], is_open: bool) -> bool:
    texts = {word.text for word in named} | {word.raw for word in named}
    for row, word in enumerate(asked):
        may_grow = is_open and row == len(asked) - 1
        if (
            word in left
            or any(word.text == text or is_inside(word.text, text) for text in texts)
            or (may_grow and any(text.startswith(word.raw) for text in texts))
        ):
            continue
        return True
    return False


def explained_by(left: tuple[Word, ...], area: tuple[Word, ...], *, is_open: bool) -> float:
    """Weight of the words left over that name the area."""
    return sum(
        word.weight for row, word in enumerate(left) if any(_quality(word, other, is_open and row == len(left) - 1) > 0 for other in area)
    )
