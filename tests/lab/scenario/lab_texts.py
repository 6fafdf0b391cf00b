"""Texts of ``lab.toml`` laid over a small square city."""

from collections.abc import Sequence

from tocsin.core.engine.policies import POLICIES
from tocsin.formats.lab_file import LabText, read_lab_file
from tocsin.formats.toml_lines import read_toml
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.laid import laid_over
from tocsin.lab.city.model import City
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import run

SQUARE = square_city(9, 6, calls_per_hour=8.0)
QUIET = square_city(9, 6, calls_per_hour=2.0)


def told(text: str) -> LabText:
    return read_lab_file(read_toml(text, file="lab.toml"))


def laid(text: str, city: City = SQUARE) -> City:
    return laid_over(city, told(text))


def lived(city: City, *, days: float = 2, policy: str = "closest", calls: Calls | None = None) -> tuple[Calls, Outcome]:
    drawn = draw_calls(city, seed=1, replication=1, days=days) if calls is None else calls
    return drawn, run(city, drawn, POLICIES[policy], cover=cover_model(city))


def on_scene_between(calls: Calls, outcome: Outcome, begin_h: float, end_h: float) -> Sequence[int]:
    """First units of the calls that came in these hours."""
    is_then = (calls.at_ms >= begin_h * 3_600_000) & (calls.at_ms < end_h * 3_600_000)
    return [unit for unit in outcome.first_unit[is_then].tolist() if unit >= 0]
