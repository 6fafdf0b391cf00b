"""What a fit tells: the shape behind ``tocsin roads fit``."""

import msgspec

from tocsin.roads.speeds import Constants, Judged, LearnedFrom, Since, SpeedsFile


class ClassFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Factors of one road class, per mille of the time on paper, over all zones and bins of the hour."""

    road_class: str
    least: int
    middle: int
    most: int


class FitAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A fit and its judgement."""

    id: str
    """For ``MetricKey.speeds``."""
    out: str | None
    """The file; None when none was asked for."""
    learned_from: LearnedFrom
    classes: tuple[ClassFactor, ...]
    """Classes that are on the map and that drives speak of."""
    plain_permille: int
    constants: dict[Since, dict[str, Constants]]
    judged_on: int
    """Drives; 0 without ``--split``."""
    judged: tuple[Judged, ...]


def fit_answer(file: SpeedsFile, used: tuple[str, ...], *, out: str | None, judged_on: int) -> FitAnswer:
    """The answer. ``used``: road classes to tell of."""
    fitted = file.fitted
    factors = []
    for name in used:
        row = fitted.classes.index(name)
        values = sorted(zone[row] for table in fitted.factors_permille for zone in table)
        factors.append(ClassFactor(road_class=name, least=values[0], middle=values[len(values) // 2], most=values[-1]))
    return FitAnswer(
        id=file.id,
        out=out,
        learned_from=file.learned_from,
        classes=tuple(factors),
        plain_permille=fitted.plain_permille,
        constants=fitted.constants,
        judged_on=judged_on,
        judged=file.judged,
    )
