"""A city run on the real desk: the third way beside the plain engine and its compiled twin, and the one that writes a journal.

Questions, facts, rules, reactions and lines are those of a centre; only callers, crews and the clock are invented. Same city, calls and
policy: same bytes of the journal, whatever the process.
"""

from typing import Final

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant, from_local
from tocsin.clocks.desk import MAX_BATCH, Answer, Desk
from tocsin.core.messages.said import Ask, Command
from tocsin.core.ports import Journal, Vault
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City
from tocsin.lab.desked.gather_city import GatherCity
from tocsin.lab.desked.ground import Ground
from tocsin.lab.desked.opening import Conduct, conduct_of, opening
from tocsin.lab.desked.town import OnAnswer, Town
from tocsin.lab.outcome import Outcome

FIRST_MONDAY: Final = "2024-01-01 00:00"
"""The run's first instant, on the wall of the city. Invented: a Monday, as hours of the week count from one."""


def start_of(city: City) -> Instant:
    """The run's first instant. Raises BadInput ``timezone``."""
    return from_local(FIRST_MONDAY, layout="%Y-%m-%d %H:%M", zone=city.timezone)


def run_on_desk(
    city: City,
    calls: Calls,
    conduct: Conduct | str,
    *,
    journal: Journal,
    vault: Vault,
    on_answer: OnAnswer | None = None,
) -> Outcome:
    """Open a centre in an empty journal and put the calls before it. The journal's head then names the whole run.

    ``conduct``: a policy's name stands for it with the cover of the city's own demand. ``on_answer`` hears every answer once it is in the
    journal. Raises BadInput ``journal_exists`` (somebody's lines are in it), ``opening_refused`` (the city cannot be opened as a centre),
    ``timezone``, and what journal and vault raise.
    """
    if journal.head().pos:
        raise BadInput("journal_exists", file=journal.journal_id)
    start = start_of(city)
    conduct = conduct_of(city, conduct) if isinstance(conduct, str) else conduct
    ground = Ground(city, calls, conduct, start)
    desk = Desk(journal, GatherCity(ground), vault)
    for answer in _open(desk, opening(city, conduct, [one.home for one in ground.vehicles]), start):
        if on_answer is not None:
            on_answer(answer, start)
    town = Town(ground, desk, on_answer)
    town.run()
    return town.tally.outcome()


def _open(desk: Desk, said: list[Command], start: Instant) -> list[Answer]:
    asks = [Ask(CommandId(f"lab-opening-{nth}"), "tocsin", start, command, "simulated") for nth, command in enumerate(said)]
    answers = [one for first in range(0, len(asks), MAX_BATCH) for one in desk.answer(asks[first : first + MAX_BATCH], start)]
    for answer in answers:
        if answer.refusal is not None:
            raise BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values)
    return answers
