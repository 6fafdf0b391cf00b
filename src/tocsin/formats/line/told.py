"""Readings in words: one short sentence per step; of a problem what is wrong, where, and what to type next."""

from tocsin.formats.line.reading import Problem, Step, Told
from tocsin.formats.line.tongue import Tongue

_CODED = {"phase": "phase", "mark": "mark", "alarms": "alarm"}
"""Values that are codes → the table that has their words."""


def tell_step(step: Step, tongue: Tongue) -> str:
    """The preview: what will be asked, then what one should know about it."""
    return ". ".join([tell_preview(step.preview, tongue), *(tell_note(note, tongue) for note in step.notes)])


def tell_preview(told: Told, tongue: Tongue) -> str:
    """What a step will ask."""
    return tongue.say(f"preview.{told.code}", **_worded(told.values, tongue))


def tell_note(told: Told, tongue: Tongue) -> str:
    """What one should know before Enter."""
    return tongue.say(f"note.{told.code}", **_worded(told.values, tongue))


def tell_problem(problem: Problem, tongue: Tongue) -> tuple[str, str]:
    """What is wrong, and what to type next."""
    values = _worded(problem.values, tongue)
    return tongue.say(f"problem.{problem.code}.what", **values), tongue.say(f"problem.{problem.code}.do", **values)


def _worded(values: dict[str, str], tongue: Tongue) -> dict[str, str]:
    return {name: _words(value, _CODED[name], tongue) if name in _CODED else value for name, value in values.items()}


def _words(value: str, table: str, tongue: Tongue) -> str:
    return ", ".join(tongue.say(f"{table}.{code}") for code in value.split(", "))
