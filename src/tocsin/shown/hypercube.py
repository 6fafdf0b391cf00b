"""The answer of ``tocsin hypercube`` as tables."""

from rich.console import Console

from tocsin.pages.numerals import Numerals
from tocsin.shown.figures import NOTHING, facts, paragraph, section, sheet, whole
from tocsin.shown.lab_signs import BAR, bar, signed
from tocsin.views.hypercube_answer import AgainstSimulation, AreaShares, HypercubeAnswer
from tocsin.words import say

HOURS_PER_DAY = 24


class _Told:
    """Sentences and numbers of one language."""

    def __init__(self, language: str) -> None:
        self.language, self.numerals = language, Numerals(language)

    def __call__(self, key: str, **values: object) -> str:
        return say(f"cli.hypercube.{key}", self.language, **values)


def reckoned(out: Console, answer: HypercubeAnswer, language: str) -> None:
    """Facts, units, areas, the simulation beside them, and what is left out."""
    told = _Told(language)
    section(out, told("title", city=answer.city), facts(_facts(answer, told)))
    if answer.several_units_per_call:
        paragraph(out, told("several_units", units=told.numerals.decimal(answer.units_per_call, 2)), mark="! ", style="bold")
    _units(out, answer, told)
    _areas(out, answer, told)
    if answer.simulated is not None:
        section(out, told("against"), facts(_against(answer.simulated, told)))
    if answer.partial is not None:
        done = 0 if answer.simulated is None else answer.simulated.replications
        key = "cut_short" if answer.partial.code != "cancelled" else "stopped" if done else "stopped_before"
        paragraph(out, told(key, done=done), mark="! ", style="bold")
    out.print()
    paragraph(out, told("left_out"), style="bold")
    for one in answer.remarks:
        paragraph(out, say(f"lab.remark.{one.code}", language, **one.values), mark="- ")
    whole(out, told("digest"), answer.city_digest)


def _facts(answer: HypercubeAnswer, told: _Told) -> list[tuple[str, str]]:
    percent, decimal = told.numerals.percent, told.numerals.decimal
    return [
        (told("when"), _when(answer.hour, told)),
        (told("method"), told(f"method_{answer.method}")),
        (told("calls_per_hour"), decimal(answer.calls_per_hour, 2)),
        (told("load"), decimal(answer.load, 2)),
        (told("units_on_duty"), told.numerals.count(len(answer.units))),
        (told("utilisation"), percent(answer.utilisation)),
        (told("late"), percent(answer.late_share)),
        (told("waits"), percent(answer.waits, 2)),
        (told("mean_wait"), f"{decimal(answer.mean_wait_s)} s"),
    ]


def _when(hour: int | None, told: _Told) -> str:
    if hour is None:
        return told("week")
    day = say("cli.forecast.days", told.language).split()[hour // HOURS_PER_DAY]
    return told("hour", day=day, hour=f"{hour % HOURS_PER_DAY:02d}:00")


def _units(out: Console, answer: HypercubeAnswer, told: _Told) -> None:
    most = max(one.workload for one in answer.units)
    is_beside = answer.simulated is not None
    heads = [told("unit"), told("station"), told("workload"), *([told("simulated")] if is_beside else []), told("bars")]
    rows = [
        [
            one.unit,
            one.station,
            told.numerals.percent(one.workload),
            *([told.numerals.percent(one.simulated)] if is_beside else []),
            bar(one.workload, most).ljust(BAR),
        ]
        for one in answer.units
    ]
    section(out, told("by_unit"), sheet(*heads, rows=rows))


def _areas(out: Console, answer: HypercubeAnswer, told: _Told) -> None:
    """Worst first; those where nobody calls are left out."""
    worst = sorted(((name, one) for name, one in answer.areas.items() if one.share), key=lambda item: -(item[1].late_share or 0.0))
    is_beside = answer.simulated is not None
    heads = [told("area"), told("share"), told("late_short"), *([told("simulated")] if is_beside else []), told("drive"), told("own")]
    section(out, told("by_area"), sheet(*heads, rows=[_area(name, one, told, is_beside=is_beside) for name, one in worst]))


def _area(name: str, one: AreaShares, told: _Told, *, is_beside: bool) -> list[str]:
    percent = told.numerals.percent
    beside = [percent(one.simulated_late_share)] if is_beside else []
    return [name, percent(one.share), percent(one.late_share), *beside, told.numerals.clock(one.travel_s), percent(one.own)]


def _against(one: AgainstSimulation, told: _Told) -> list[tuple[str, str]]:
    percent, points = told.numerals.percent, told("points")

    def off(value: float | None) -> str:
        return NOTHING if value is None else f"{signed(told.numerals.decimal(value * 100), value)} {points}"

    half = "" if one.half_width is None else f" ± {told.numerals.decimal(one.half_width * 100)} {points}"
    return [
        (told("lived"), told("lived_of", replications=one.replications, days=told.numerals.decimal(one.days, 0), seed=one.seed)),
        (told("late"), percent(one.late_share) + half),
        (told("late_off"), off(one.late_off)),
        (told("utilisation"), percent(one.utilisation)),
        (told("utilisation_off"), off(one.utilisation_off)),
        (told("workload_off"), f"{told.numerals.decimal(one.workload_off * 100)} {points}"),
    ]
