"""What each station of a choice is worth."""

from tocsin.lab.siting.question import Question, Sought
from tocsin.lab.siting.solve import value_of


def losses(question: Question, sought: Sought, sites: tuple[int, ...]) -> tuple[float | None, ...]:
    """By chosen site: how much worse the value is without it, the others staying where they are (not optimised anew). 0 or more.

    None where it is the only one. Raises BadInput ``siting_…``.
    """
    if len(sites) == 1:
        return (None,)
    whole = value_of(question, sought, sites)
    return tuple(abs(value_of(question, sought, tuple(other for other in sites if other != site)) - whole) for site in sites)
