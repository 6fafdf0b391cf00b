"""What is said over HTTP about the lab: what may be asked, what is asked, how far it is, what came of it."""

from typing import Annotated, Literal

import msgspec

from tocsin.base.instants import Instant
from tocsin.views.experiment_answer import CityMap, CompareAnswer
from tocsin.views.whatif_answer import WhatifAnswer
from tocsin.web.problems import Problem

What = Literal["close_station", "add_unit", "move_unit", "remove_unit"]
State = Literal["waiting", "running", "stopping", "done", "cancelled", "failed"]
Arms = Literal["policies", "changes"]
Calls = Literal["drawn", "log"]

AS_IT_IS, CHANGED = "as_it_is", "changed"
"""Names of the two arms where the city is changed: ``console.lab.arm.<name>``."""


class LabChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is otherwise in the changed city."""

    what: What
    subject: str
    """The station that is closed; the unit that is added, moved or taken away."""
    station: str = ""
    """Where a unit is added or moved to."""
    like: str = ""
    """The unit that an added one is like; empty = the first of its station."""


class LabWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A what-if. With changes: the city as it is against the changed one, under one policy; else policies against the first of them, of
    a log just one."""

    name: Annotated[str, msgspec.Meta(max_length=80)]
    policies: Annotated[tuple[str, ...], msgspec.Meta(max_length=6)]
    changes: Annotated[tuple[LabChange, ...], msgspec.Meta(max_length=20)] = ()
    days: Annotated[float, msgspec.Meta(gt=0, le=366)] = 28.0
    """Of each replication, the first is not counted; of a log the last ones, as many as there are."""
    load: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    """Times as many calls as usual."""
    replications: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 8
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 1
    calls: Calls = "drawn"
    """``log``: those of the centre's own journal, as they came, at the load that there was; only what it does not tell is drawn."""
    guard_points: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    """An area's late share may rise by so many percentage points; None = nobody asks. Of drawn calls only."""


class UnitKnown(msgspec.Struct, frozen=True):
    """A unit of the centre's folder."""

    unit: str
    kind: str
    station: str


class StationKnown(msgspec.Struct, frozen=True):
    """A station of the centre's folder that has a place."""

    station: str
    name: str


class LabChoices(msgspec.Struct, frozen=True):
    """What can be picked."""

    stations: tuple[StationKnown, ...]
    units: tuple[UnitKnown, ...]
    policies: tuple[str, ...]
    policy: str
    """The policy of the centre's own plan."""
    has_log: bool = False
    """Whether the centre has a journal of its own, the calls of which can be lived again."""


class LabRun(msgspec.Struct, frozen=True):
    """An experiment, and how far it is."""

    id: str
    wish: LabWish
    by: str
    """Account of whoever asked."""
    asked_at: Instant
    state: State
    stage: str
    """What it does just now, in the reader's language; empty where it does nothing."""
    done: int
    of: int | None
    """None = nobody knows how much there is."""
    ended_at: Instant | None
    has_result: bool
    """Also after it was stopped, if replications were whole by then."""
    is_kept: bool
    """Whether the result is there after the server has ended."""
    problem: Problem | None
    """Why there is no result."""


class LabTold(msgspec.Struct, frozen=True):
    """The lab of a served centre."""

    choices: LabChoices
    runs: tuple[LabRun, ...]
    """The latest first."""
    since: Instant
    """When the server was started: experiments that were under way then are gone."""
    most_kept: int
    """Beyond so many the oldest that has ended makes room."""
    days_kept: int | None
    """So long results are kept with the centre, whenever it is served; None = in memory alone, until the server ends."""


class DemandOf(msgspec.Struct, frozen=True):
    """Where the calls come from. All None = from the centre's folder, or invented; the remarks say which."""

    begins: Instant | None = None
    """First call of the journal that they were learned from; of a log the first that was lived again."""
    until: Instant | None = None
    """Its last."""
    calls: int | None = None


class LabWorked(msgspec.Struct, frozen=True):
    """What comes back from the process that did the work: an answer of one of the two kinds."""

    answer: CompareAnswer | None
    demand: DemandOf
    relived: WhatifAnswer | None = None
    """Of a log. No call of it is named."""
    map: CityMap | None = None
    """Of drawn calls: the city before any change."""


class VerdictTold(msgspec.Struct, frozen=True):
    """What may be said of one arm against the base."""

    arm: str
    code: Literal["fewer", "more", "none", "one", "empty"]
    text: str
    relative: str


class LabResult(msgspec.Struct, frozen=True):
    """What came of an experiment: figures, and the sentences that belong to them in the reader's language."""

    run: LabRun
    arms: Arms
    """What was compared."""
    answer: CompareAnswer | None
    """Of drawn calls."""
    relived: WhatifAnswer | None
    """Of a log."""
    map: CityMap | None
    demand: DemandOf
    changes: tuple[str, ...]
    """What is otherwise in the changed city, of a log."""
    verdicts: tuple[VerdictTold, ...]
    remarks: tuple[str, ...]
    """What was assumed or left out."""
    partial: str
    """Why it ended early; empty where it did not."""
    trust: str
    """Of a log: how far the log lived again can be trusted; empty else."""
