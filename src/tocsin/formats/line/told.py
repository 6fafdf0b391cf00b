"""Readings in words: one short sentence per step; of a problem what is wrong, where, and what to type next."""

from tocsin.formats.line.reading import Problem, Step, Told
from tocsin.formats.line.tongue import Tongue

_CODED = {"phase": "phase", "mark": "mark", "alarms": "alarm"}
"""Values that are codes → the table that has their words."""


def tell_step(step: Step, tongue: Tongue) -> str:
    """The preview: what will be asked, then what one should know about it."""
    sentences = [f"{tell(step.preview, 'preview', tongue)}"]
    sentences += [tell(note, "note", tongue) for note in step.notes]
    return ". ".join(sentences)


def tell(told: Told, table: str, tongue: Tongue) -> str:
    """One sentence of a table: ``preview`` or ``note``."""
    return tongue.say(f"{table}.{told.code}", **_worded(told.values, tongue))


def tell_problem(problem: Problem, tongue: Tongue) -> tuple[str, str]:
    """What is wrong, and what to type next."""
    values = _worded(problem.values, tongue)
    return tongue.say(f"problem.{problem.code}.what", **values), tongue.say(f"problem.{problem.code}.do", **values)


def _worded(values: dict[str, str], tongue: Tongue) -> dict[str, str]:
    return {name: _words(value, _CODED[name], tongue) if name in _CODED else value for name, value in values.items()}


def _words(value: str, table: str, tongue: Tongue) -> str:
    return ", ".join(tongue.say(f"{table}.{code}") for code in value.split(", "))
