"""Which incidents and units a report speaks of."""

import msgspec

from tocsin.core.messages.centre import Footing
from tocsin.views.dossiers import Dossier, Gathered, Job


class Selection(msgspec.Struct, frozen=True):
    """Empty = all. Without footings named, a journal with any live incident counts its live ones only: exercises never mix in."""

    priorities: frozenset[str] = frozenset()
    unit_kinds: frozenset[str] = frozenset()
    footings: frozenset[Footing] = frozenset()


EVERYTHING = Selection()


class Chosen(msgspec.Struct, frozen=True):
    """What a selection leaves of a journal."""

    dossiers: tuple[tuple[Dossier, list[Job]], ...]
    """Incidents with the jobs of the units that count."""
    left_out: int
    footings: frozenset[Footing]


def choose(gathered: Gathered, selection: Selection) -> Chosen:
    """Apply a selection. An incident of which no unit counts stays in: it was dispatched nobody of that kind, which is a finding."""
    footings = selection.footings or _own_footings(gathered)
    chosen = [
        (dossier, [job for job in dossier.jobs if _counts(gathered, selection, job)])
        for dossier in gathered.dossiers.values()
        if dossier.footing in footings and (not selection.priorities or dossier.priority in selection.priorities)
    ]
    return Chosen(tuple(chosen), len(gathered.dossiers) - len(chosen), footings)


def _own_footings(gathered: Gathered) -> frozenset[Footing]:
    met: frozenset[Footing] = frozenset(dossier.footing for dossier in gathered.dossiers.values())
    return frozenset({"live"}) if "live" in met else met


def _counts(gathered: Gathered, selection: Selection, job: Job) -> bool:
    unit = gathered.units.get(job.unit)
    return not selection.unit_kinds or (unit is not None and unit.kind in selection.unit_kinds)
