"""Tuned settings as text: what was found, what was tried for it, what is left of the gain; then the comparison on fresh calls."""

from pathlib import Path

from rich.console import Console

from tocsin.shown.figures import facts, paragraph, section, sheet
from tocsin.shown.lab import compared
from tocsin.shown.lab_signs import Told, signed
from tocsin.views.tuning_answer import Try, TuneAnswer
from tocsin.words import say

PPM_PER_PERCENT = 10_000
MOST_SHOWN = 12
"""Tries in the table: the best of them."""


def tuned(out: Console, answer: TuneAnswer, language: str, page: Path | None) -> None:
    """``tocsin tune``."""
    told = Told(language)
    decimal = told.numerals.decimal

    def say_of(key: str, **values: object) -> str:
        return say(f"lab.tune.{key}", language, **values)

    share = _share(answer.price_ppm_per_min, told)
    found = [(say_of("price"), say_of("price_of", ppm=told.numerals.count(answer.price_ppm_per_min), share=share))]
    found += [(area, say_of("weight_of", factor=decimal(permille / 1000, 2))) for area, permille in answer.area_permille.items()]
    if answer.partial is not None and answer.partial.code == "cancelled":
        paragraph(out, say_of(f"stopped_{answer.partial.values['at']}"), mark="! ", style="bold")
    section(out, say_of("title", city=answer.city), facts(found))
    paragraph(out, say_of("price_about", share=share))
    if answer.area_permille:
        paragraph(out, say_of("weight_about"))
    best = sorted(answer.tries, key=lambda one: (not one.holds, -one.gain_points))[:MOST_SHOWN]
    columns = [say_of(key) for key in ("tried_price", "tried_gain", "tried_worst", "tried_driving", "tried_holds")]
    table = sheet(*columns, rows=[_row(one, told) for one in best])
    section(out, say_of("tried", count=len(answer.tries)), table)
    paragraph(out, say_of("tried_about"))
    if not answer.holds:
        paragraph(out, say_of("nothing_holds"), mark="! ")
    if answer.judged is not None:
        compared(out, answer.judged, language, page)
        out.print()
    half = "" if answer.kept_half_width is None else f" ± {decimal(100 * answer.kept_half_width)} %"
    paragraph(out, say_of(answer.verdict, share=told.numerals.percent(answer.kept), half=half), style="bold")
    if answer.file is not None:
        paragraph(out, say_of("written", file=answer.file))


def _share(price_ppm_per_min: int, told: Told) -> str:
    """Of demand, in per cent."""
    return told.numerals.decimal(price_ppm_per_min / PPM_PER_PERCENT, 2)


def _row(one: Try, told: Told) -> tuple[str, ...]:
    decimal = told.numerals.decimal
    return (
        f"{_share(one.price_ppm_per_min, told)} %",
        f"{signed(decimal(one.gain_points), one.gain_points)} {told('points')}",
        f"{signed(decimal(one.worst_points), one.worst_points)} {told('points')}",
        f"{signed(decimal(100 * one.driving_more, 0), one.driving_more)} %",
        "✓" if one.holds else "·",
    )
