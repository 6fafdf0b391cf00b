"""Tuned settings as text: what was found, what was tried for it, what is left of the gain; then the comparison on fresh calls."""

from pathlib import Path

from rich.console import Console

from tocsin.shown.figures import NOTHING, facts, paragraph, section, sheet
from tocsin.shown.lab import compared
from tocsin.shown.lab_signs import Told
from tocsin.views.tuning_answer import Try, TuneAnswer
from tocsin.words import say

MOST_SHOWN = 12
"""Tries in the table: the best of them."""


def tuned(out: Console, answer: TuneAnswer, language: str, page: Path | None) -> None:
    """``tocsin tune``."""
    told = Told(language)
    decimal = told.numerals.decimal

    def say_of(key: str, **values: object) -> str:
        return say(f"lab.tune.{key}", language, **values)

    found = [(say_of("price"), say_of("price_of", ppm=told.numerals.count(answer.price_ppm_per_min)))]
    found += [(area, say_of("weight_of", factor=decimal(permille / 1000, 2))) for area, permille in answer.area_permille.items()]
    section(out, say_of("title", city=answer.judged.asked.city), facts(found))
    best = sorted(answer.tries, key=lambda one: (not one.holds, -one.gain_points))[:MOST_SHOWN]
    columns = [say_of(key) for key in ("tried_price", "tried_gain", "tried_worst", "tried_driving", "tried_holds")]
    table = sheet(*columns, rows=[_row(one, told) for one in best])
    section(out, say_of("tried", count=len(answer.tries)), table)
    if not answer.holds:
        paragraph(out, say_of("nothing_holds"), mark="! ")
    compared(out, answer.judged, language, page)
    paragraph(out, say_of("kept", share=NOTHING if answer.kept is None else told.numerals.percent(answer.kept)))
    if answer.file is not None:
        paragraph(out, say_of("written", file=answer.file))


def _row(one: Try, told: Told) -> tuple[str, ...]:
    decimal = told.numerals.decimal
    return (
        told.numerals.count(one.price_ppm_per_min),
        decimal(one.gain_points),
        f"{'+' if one.worst_points > 0 else ''}{decimal(one.worst_points)}",
        f"{'+' if one.driving_more > 0 else ''}{decimal(100 * one.driving_more, 0)} %",
        "✓" if one.holds else "·",
    )
