"""Whether a gain stands when the city is not quite what it is taken for: a table for each policy."""

from collections.abc import Iterator
from typing import NamedTuple

from tocsin.pages.experiment_words import LabTongue
from tocsin.views.experiment_answer import CompareAnswer, Difference, InWorld


class StressTable(NamedTuple):
    """One policy against the base."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, list[str]]]
    summary: str


def stress_tables(answer: CompareAnswer, tongue: LabTongue) -> Iterator[StressTable]:
    """None where no stress was asked for."""
    if answer.stress is None:
        return
    for one in answer.stress.spreads:
        rows = [(_name(world, tongue), _cells(world, one.policy, tongue)) for world in answer.stress.worlds]
        points = {name: tongue.of_kind(value, "points") for name, value in (("most", one.most), ("least", one.least))}
        worst = _name(answer.stress.worlds[one.worst], tongue)
        yield StressTable(
            tongue.stress("title", policy=one.policy, base=answer.base),
            (tongue.stress("late", base=answer.base), tongue.stress("change"), tongue.stress("avoidable")),
            rows,
            tongue.stress("spread", worst=worst, gains=one.gains, loses=one.loses, of=one.of, **points),
        )


def _name(world: InWorld, tongue: LabTongue) -> str:
    name = tongue.stress(f"world.{world.world}", **world.values)
    return name if world.partial is None else tongue.stress("partial", world=name, replications=world.replications)


def _cells(world: InWorld, policy: str, tongue: LabTongue) -> list[str]:
    changes, nothing = world.changes.get(policy, {}), tongue.numerals.decimal(None)
    late, avoidable = changes.get("high_late_share"), changes.get("high_avoidable_late_share")
    return [
        tongue.numerals.percent(world.late_share),
        nothing if late is None else _with_half(late.mean, late.half_width, tongue, places=2),
        nothing if avoidable is None else _relative(avoidable, tongue),
    ]


def _relative(one: Difference, tongue: LabTongue) -> str:
    if one.relative is None:
        return tongue.numerals.decimal(None)
    return tongue.percent_sign(_with_half(one.relative, one.relative_half_width, tongue, places=1))


def _with_half(value: float, half: float | None, tongue: LabTongue, *, places: int) -> str:
    return tongue.signed(100 * value, places) + ("" if half is None else f" ± {tongue.numerals.decimal(100 * half, places)}")
