"""One policy on one city, and the journal of its first replication."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.core.ports import Journal
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.journal_places import new_journal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.city.model import City
from tocsin.lab.desk_run import run_on_desk
from tocsin.lab.desked.opening import Conduct
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.experiment import Rows, asked, remarks, simulated, targets
from tocsin.lab.run import run
from tocsin.views.experiment_answer import CityMap, Partial, Remark, SimulateAnswer
from tocsin.wiring.experiments import ExperimentAsked, Opened, city_map, open_experiment, perform
from tocsin.wiring.stages import Progress

MOST_CALLS = 10_000
"""A replication with more calls is put before the real desk only if its journal is wanted: that takes its time."""


class Journalled(NamedTuple):
    """What came of writing the journal of replication 1."""

    head: str | None
    remark: Remark | None = None
    agrees: bool | None = None
    """Whether the real desk reached every call in the very millisecond in which the engine of the figures did."""


class Simulated(NamedTuple):
    """The answer, and the city with its map for its page."""

    answer: SimulateAnswer
    map: CityMap
    city: City


def simulate(wish: ExperimentAsked, *, journal: Path | None, progress: Progress) -> Simulated:
    """Raises BadInput of options, city and journal file; KeyboardInterrupt where nothing was done yet."""
    if journal is not None and journal.exists():
        raise BadInput("journal_exists", file=str(journal), field="--journal")
    opened = open_experiment(wish, progress)
    rows = perform(opened, wish, progress)
    try:
        written = _journal(opened, rows, journal, progress)
    except KeyboardInterrupt:  # the figures are whole by now
        written, rows = Journalled(None, Remark("journal_partial")), rows._replace(partial=rows.partial or Partial("cancelled"))
    return Simulated(_answer(opened, rows, written, journal), city_map(opened.city), opened.city)


def _answer(opened: Opened, rows: Rows, written: Journalled, journal: Path | None) -> SimulateAnswer:
    told = simulated(opened.experiment, opened.ground, rows)
    return SimulateAnswer(
        calls=told.calls,
        replications=told.replications,
        policy=told.policy,
        seed=opened.experiment.seed,
        mean_response_s=told.mean_response_s,
        high=told.high,
        areas=told.areas,
        utilisation=told.utilisation,
        journal_head=written.head,
        figures=told,
        asked=asked(opened.experiment, opened.city),
        half_widths=told.half_widths,
        journal_remark=written.remark,
        journal_agrees=written.agrees,
        journal=str(journal) if journal is not None and written.head is not None else None,
        remarks=remarks(opened.city, [told]),
        partial=rows.partial,
        targets=targets(opened.city),
    )


def _journal(opened: Opened, rows: Rows, file: Path | None, progress: Progress) -> Journalled:
    """The first replication once more, on the real desk."""
    one = opened.experiment
    if rows.partial is not None:
        return Journalled(None, Remark("journal_partial"))
    calls = draw_calls(opened.city, seed=one.seed, replication=1, days=one.days, load=one.load)
    if file is None and calls.size > MOST_CALLS:
        return Journalled(None, Remark("journal_long", {"calls": str(calls.size), "most": str(MOST_CALLS)}))
    arm = one.arms[0]
    progress(0, None, "journal")
    cover = opened.ground.covers.get(arm.city)
    with _new_journal(file) as journal:
        try:
            outcome = run_on_desk(opened.city, calls, Conduct(arm.policy.name, cover, arm.rule), journal=journal, vault=MemoryVault())
        except BadInput as fault:
            if file is not None:
                raise
            return Journalled(None, Remark("journal_refused", {"why": str(fault)}))
        head = journal.head().hash.hex()
    usual = run(opened.city, calls, arm.policy, cover=cover, rule=arm.rule)
    return Journalled(head, agrees=bool(np.array_equal(usual.on_scene_ms, outcome.on_scene_ms)))


@contextmanager
def _new_journal(file: Path | None) -> Iterator[Journal]:
    if file is None:
        yield MemoryJournal()
        return
    with new_journal(file) as journal:
        yield journal
