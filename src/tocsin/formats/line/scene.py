"""What a verb's reader works with: one clause, the board as it will stand when the earlier steps of the line have been asked."""

from typing import NamedTuple

from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import FREE, Phase
from tocsin.formats.line.clauses import Clause, Word
from tocsin.formats.line.reading import Act, Candidate, Problem, Told
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.line.view import LineView, UnitSeen


class StuckError(Exception):
    """The line cannot be read on from here. Caught by ``read_line``; nobody else sees it."""

    def __init__(self, problem: Problem, candidates: tuple[Candidate, ...] = ()) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.candidates = candidates


class Job(NamedTuple):
    """Where a unit stands and what it works on."""

    phase: Phase
    incident: IncidentId | None

    def is_free(self) -> bool:
        """In service without a job."""
        return self.incident is None and self.phase in FREE


class Draft(NamedTuple):
    """What a verb's reader makes of a clause."""

    preview: Told
    plain: str
    commands: tuple[Command, ...] = ()
    act: Act | None = None
    notes: tuple[Told, ...] = ()
    incident: IncidentId | None = None
    """What a comment would be noted at."""


class Scene:
    """One clause against the board. Changed by reading: ``jobs`` and ``reopened`` carry what the steps so far will have done."""

    def __init__(self, view: LineView, tongue: Tongue) -> None:
        self.view = view
        self.tongue = tongue
        self.jobs: dict[UnitId, Job] = {}
        self.reopened: set[IncidentId] = set()
        self.clause = Clause((), None, {}, None, 0, 0)
        self.verb = Word("", 0, 0)
        self.words: tuple[Word, ...] = ()

    def enter(self, clause: Clause, verb: Word, words: tuple[Word, ...]) -> None:
        """Turn to the next clause; ``words`` are those after its verb."""
        self.clause, self.verb, self.words = clause, verb, words

    def job_of(self, unit: UnitSeen) -> Job:
        """As it will be by then."""
        return self.jobs.get(unit.unit) or Job(unit.phase, unit.incident)

    def why(self) -> str:
        """The stated reason, if any."""
        return self.value("why")

    def value(self, key: str) -> str:
        """What was given for a key; empty = nothing."""
        word = self.clause.keys.get(key)
        return word.text if word is not None else ""

    def place_text(self) -> str:
        """The words after ``>``."""
        return self.clause.place.text if self.clause.place is not None else ""

    def end(self) -> Word:
        """Where the next word of this clause would stand."""
        last = self.words[-1].end if self.words else self.verb.end
        return Word("", last, last)

    def stuck(self, code: str, word: Word | None = None, candidates: tuple[Candidate, ...] = (), **values: str) -> StuckError:
        """To be raised: what is wrong at a word; without one, where the next word would stand."""
        where = word if word is not None else self.end()
        return StuckError(Problem(code, where.start, where.end, values), candidates)
