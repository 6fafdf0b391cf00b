"""Whether a gain stands when the city is not quite what it is taken for, as tables within 80 columns."""

from rich.console import Console

from tocsin.pages.experiment_words import PLACES
from tocsin.shown.figures import NOTHING, paragraph, section, sheet
from tocsin.shown.lab_signs import Told, percent, signed
from tocsin.views.experiment_answer import CompareAnswer, Difference, InWorld, Spread, Stress
from tocsin.words import say


def stressed(out: Console, answer: CompareAnswer, language: str) -> None:
    """A table for each policy against the base; nothing where no stress was asked for."""
    if answer.stress is None:
        return
    told = Told(language)
    for one in answer.stress.spreads:
        rows = [_row(world, one.policy, told) for world in answer.stress.worlds]
        columns = (_say("late", language, base=answer.base), _say("change", language), _say("avoidable", language))
        section(out, _say("title", language, policy=one.policy, base=answer.base), sheet("", *columns, rows=rows))
        _spread(out, answer.stress, one, told)
    paragraph(out, _say("how", language))


def _say(key: str, language: str, **values: object) -> str:
    return say(f"lab.stress.{key}", language, **values)


def name_of(world: InWorld, language: str) -> str:
    """In words."""
    return _say(f"world.{world.world}", language, **world.values)


def _row(world: InWorld, policy: str, told: Told) -> tuple[str, ...]:
    name = name_of(world, told.language)
    if world.partial is not None:
        name = _say("partial", told.language, world=name, replications=world.replications)
    changes = world.changes.get(policy, {})
    late, avoidable = changes.get("high_late_share"), changes.get("high_avoidable_late_share")
    points = NOTHING if late is None else _points(late, told)
    share = NOTHING
    if avoidable is not None and avoidable.relative is not None:
        share = percent(avoidable.relative, told) + _half(avoidable.relative_half_width, told)
    return name, told.value("share", world.late_share), points, share


def _points(one: Difference, told: Told) -> str:
    """The column's heading says that these are points."""
    places = PLACES["points"]
    text = signed(told.numerals.decimal(one.mean * 100, places), one.mean)
    return text if one.half_width is None else f"{text} ± {told.numerals.decimal(one.half_width * 100, places)}"


def _half(half: float | None, told: Told) -> str:
    return " %" if half is None else f" ± {told.numerals.decimal(half * 100)} %"


def _spread(out: Console, stress: Stress, one: Spread, told: Told) -> None:
    points = {
        name: signed(told.numerals.decimal(value * 100, PLACES["points"]), value)
        for name, value in (("most", one.most), ("least", one.least))
    }
    worst = name_of(stress.worlds[one.worst], told.language)
    paragraph(out, _say("spread", told.language, worst=worst, gains=one.gains, loses=one.loses, of=one.of, **points))
