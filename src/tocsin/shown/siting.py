"""Where to stand, as tables within 80 columns."""

from pathlib import Path

from rich.console import Console

from tocsin.pages.numerals import Numerals
from tocsin.pages.siting import caveats, days_told, effects, figure, lost, warnings
from tocsin.shown.figures import NOTHING, facts, paragraph, section, sheet, whole
from tocsin.views.siting_answer import SiteAnswer
from tocsin.words import say

MINUTES_SHOWN = (2, 4, 6, 8, 10, 15, 20)


def sited(out: Console, answer: SiteAnswer, language: str, page: Path | None) -> None:
    """``tocsin site``."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"lab.siting.{key}", language, **values)

    for one in warnings(answer, language):
        paragraph(out, one, mark="! ", style="bold")
    rows = [
        (told(f"goal_{answer.goal}"), figure(answer.goal, answer.objective, numerals)),
        (told("bound"), figure(answer.goal, answer.bound, numerals)),
        (told("today", count=answer.today_stations), figure(answer.goal, answer.today, numerals)),
    ]
    section(out, f"{answer.city}: {told(f'asked_{answer.goal}', stations=len(answer.stations))}", facts(rows))
    gap = numerals.percent(answer.gap, 2)
    paragraph(out, told("proved") if answer.is_proven else told("not_proved", gap=gap), mark="" if answer.is_proven else "! ")
    paragraph(out, told("bound_about"))
    _stations(out, answer, language)
    _reach(out, answer, language)
    changes = [*effects(answer, told, numerals)]
    if changes and answer.simulated is not None:
        columns = [told(key) for key in ("column_today", "column_chosen", "difference", "verdict")]
        section(out, told("simulated"), sheet("", *columns, rows=changes))
        policy, days = answer.policy, days_told(answer.simulated.asked.days, numerals)
        seed, replications = answer.simulated.asked.seed, answer.simulated.replications
        paragraph(out, told("simulated_about", policy=policy, replications=replications, days=days, seed=seed))
        for caveat in caveats(answer, language):
            paragraph(out, caveat)
    out.print()
    candidates, points = numerals.count(answer.candidates), numerals.count(answer.points)
    paragraph(out, told("how_question", candidates=candidates, points=points, reach=numerals.clock(answer.reach_s)))
    paragraph(out, told("how_units"))
    for remark in answer.remarks:
        paragraph(out, say(f"lab.remark.{remark.code}", language, **remark.values), mark="- ")
    whole(out, told("digest"), answer.city_digest)
    if page is not None:
        whole(out, told("page"), str(page))


def _stations(out: Console, answer: SiteAnswer, language: str) -> None:
    numerals, new = Numerals(language), say("lab.siting.new", language)
    rows = [
        (
            f"{one.name} ({new})" if one.is_new else one.name, f"{one.lat:.5f}", f"{one.lon:.5f}", numerals.count(one.units),
            lost(answer.goal, one.loss, numerals, language),
        )
        for one in answer.stations
    ]  # fmt: skip
    columns = [say(f"lab.siting.{key}", language) for key in ("station", "lat", "lon", "units", "loss")]
    section(out, say("lab.siting.stations", language), sheet(*columns, rows=rows))
    paragraph(out, say("lab.siting.loss_about", language))
    named = [(one.name, one.street) for one in answer.stations if one.street is not None]
    if named:
        section(out, say("lab.siting.street", language), facts([(name, street or NOTHING) for name, street in named], justify="left"))
    if answer.closed:
        paragraph(out, say("lab.siting.closed", language, names="; ".join(answer.closed)))


def _reach(out: Console, answer: SiteAnswer, language: str) -> None:
    numerals = Numerals(language)
    rows = [
        (str(minute), numerals.percent(answer.reach.today[minute - 1]), numerals.percent(answer.reach.chosen[minute - 1]))
        for minute in MINUTES_SHOWN
    ]
    means = (numerals.clock(answer.reach.mean_drive_today_s), numerals.clock(answer.reach.mean_drive_chosen_s))
    rows.append((say("lab.siting.mean_drive", language), *means))
    columns = [say(f"lab.siting.{key}", language) for key in ("minutes", "column_today", "column_chosen")]
    section(out, say("lab.siting.reach_title", language), sheet(*columns, rows=rows))
