"""The page of an experiment as a file."""

import shlex
from pathlib import Path
from typing import Final

from tocsin.base.faults import BadInput
from tocsin.edge.whole_file import check_place, write_whole
from tocsin.lab.city.model import City
from tocsin.pages.experiment import Source, render_compared, render_simulated
from tocsin.wiring.compare import Compared
from tocsin.wiring.experiments import ExperimentAsked
from tocsin.wiring.simulate import Simulated

PAGE_BEGIN: Final = b"<!doctype html"


def check_page(page: Path | None) -> None:
    """Before the work. Raises BadInput ``file_write``, ``file_kept``."""
    if page is not None:
        check_place(page, begins=PAGE_BEGIN)


def write_simulated(page: Path | None, made: Simulated, asked: ExperimentAsked, language: str) -> None:
    """Nothing where no page was wanted. Raises BadInput ``file_write``."""
    if page is not None:
        _write(page, render_simulated(made.answer, made.map, source_of("simulate", asked, made.city), language=language))


def write_compared(page: Path | None, made: Compared, asked: ExperimentAsked, language: str) -> None:
    """Nothing where no page was wanted. Raises BadInput ``file_write``."""
    if page is not None:
        source = source_of("compare", asked, made.city, is_stressed=made.answer.stress is not None)
        _write(page, render_compared(made.answer, made.map, source, language=language))


def source_of(name: str, asked: ExperimentAsked, city: City, *, is_stressed: bool = False) -> Source:
    """Where the figures come from."""
    return Source(command_of(name, asked) + (" --stress" if is_stressed else ""), city.data_to, city.sources)


def command_of(name: str, asked: ExperimentAsked) -> str:
    """What to type to get the same figures again."""
    policies = ("--policy", asked.policies[0]) if name == "simulate" else ("--policies", ",".join(asked.policies))
    options: list[tuple[str, object]] = [
        policies, ("--days", asked.days), ("--load", asked.load), ("--seed", asked.seed), ("--replications", asked.replications),
        ("--warm-up-days", asked.warm_up_days), ("--guard", asked.guard_points), ("--scenario", asked.scenario),
        ("--demand", asked.demand),
    ]  # fmt: skip
    told = (word for option, value in options if value is not None for word in (option, _number(value)))
    return shlex.join(("tocsin", name, str(asked.centre), *told))


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _write(page: Path, text: str) -> None:
    try:
        write_whole(page, text)
    except OSError as error:
        raise BadInput("file_write", file=str(page), why=error.strerror or error) from None
