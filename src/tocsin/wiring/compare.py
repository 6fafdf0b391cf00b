"""Several policies on one city, with the same calls."""

from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import City
from tocsin.lab.experiment.experiment import compared
from tocsin.views.experiment_answer import CityMap, CompareAnswer
from tocsin.wiring.experiments import ExperimentAsked, city_map, open_experiment, perform
from tocsin.wiring.stages import Progress
from tocsin.wiring.stress import stressed


class Compared(NamedTuple):
    """The answer, and the city with its map for its page."""

    answer: CompareAnswer
    map: CityMap
    city: City


def compare(wish: ExperimentAsked, *, is_stressed: bool = False, progress: Progress) -> Compared:
    """Each policy against the first; ``is_stressed``: in other worlds too.

    Raises BadInput of options and city; KeyboardInterrupt where nothing was done yet.
    """
    if len(wish.policies) < 2:
        raise BadInput("lab_two_policies", field="--policies", value=", ".join(wish.policies))
    opened = open_experiment(wish, progress)
    rows = perform(opened, wish, progress)
    told = compared(opened.experiment, opened.ground, rows)
    if is_stressed and rows.partial is None:
        told = stressed(told, opened, wish, progress)
    return Compared(told, city_map(opened.city), opened.city)
