"""What people call about, how often, where and what it takes: a log's calls as kinds of a city."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.instants import local_parts
from tocsin.core.engine.plan_matching import Situation, cards_for, slots_of
from tocsin.core.messages.plan import ResponsePlan, Slot
from tocsin.lab.city.model import HOURS_PER_WEEK, CallKind, City, Floats, Longs, PriorityClass, Span, Turnout
from tocsin.lab.city.spots import nearest_places
from tocsin.lab.forecast.counts import count_calls
from tocsin.lab.forecast.rates import CHOSEN, METHODS
from tocsin.lab.journal.rows import IncidentRow
from tocsin.lab.relived.drives import FEWEST, LONGEST_TURNOUT_MS, observed
from tocsin.views.whatif_answer import TargetSource

LONGEST_ON_SCENE_MS = 43_200_000
"""Twelve hours; a longer one was never closed."""

LATE_SHARE = 0.9
"""Where nobody says what is late: later than this share of the log's own responses of that priority."""

NOBODY_S = 1_200
"""Late where nobody says it and nobody was ever reached."""

PPM = 1_000_000

SlotsOf = Callable[[IncidentRow], tuple[Slot, ...]]


class Targets(NamedTuple):
    """Priorities in the order of urgency, with their targets from the call's arrival; and where those are from."""

    classes: tuple[PriorityClass, ...]
    by_priority: tuple[TargetSource, ...]
    """Where the target of each is from."""


class Demand(NamedTuple):
    """Everything that a log tells a city."""

    kinds: tuple[CallKind, ...]
    weights: Floats
    """(rows, places), each adding up to 1."""
    turnouts: tuple[Turnout, ...]
    call_taking: Span
    priorities: tuple[PriorityClass, ...]
    target_from: tuple[str, ...] = ()
    """By priority (``City.target_from``)."""


def situation_of(row: IncidentRow, zone: str) -> Situation:
    """What the plan's cards are chosen by, when the first unit was sent."""
    at = row.first_sent if row.first_sent is not None else row.opened
    return Situation(row.incident_type, row.priority, row.area, row.alarm_level, local_parts(at, zone).minute_of_week)


def asked_by_plan(plan: ResponsePlan | None, row: IncidentRow, zone: str) -> tuple[Slot, ...]:
    """Slots of the cards in force; none where no card fits."""
    return slots_of(cards_for(plan, situation_of(row, zone))) if plan is not None else ()


def as_sent(row: IncidentRow) -> tuple[Slot, ...]:
    """A slot for each kind that was sent; diverted and recalled units count, as somebody wanted them."""
    counts = Counter(one.kind for one in row.sent)
    return tuple(Slot(kind, (kind,), count) for kind, count in counts.items())


def target_by_plan_ms(plan: ResponsePlan | None, row: IncidentRow, zone: str, before_ms: int = 0) -> int | None:
    """Of the first card in force that states one, from the call's arrival on: a card's target counts from the dispatch, ``before_ms`` after
    it, unless the card says otherwise. None where none states one."""
    if plan is None:
        return None
    stated = (card for card in cards_for(plan, situation_of(row, zone)) if card.target_s is not None)
    return next((card.target_s * 1000 + (0 if card.is_from_call else before_ms) for card in stated if card.target_s is not None), None)


def targets_of(
    rows: Sequence[IncidentRow], plan: ResponsePlan | None, zone: str, asked_s: Mapping[str, int], lab_s: Mapping[str, float] | None = None
) -> Targets:
    """As asked, else as the centre's ``lab.toml`` has it (``lab_s``), else by the plan's cards and what came before the dispatch, else as
    nine of ten were. Raises BadInput ``whatif_priority``."""
    met = [row.priority for row in rows]
    order = [*(plan.priorities if plan is not None else ()), *sorted(set(met) - set(plan.priorities if plan is not None else ()))]
    unknown = sorted(set(asked_s) - set(order))
    if unknown:
        raise BadInput("whatif_priority", field="--target", value=", ".join(unknown), known=", ".join(order))
    classes: list[PriorityClass] = []
    sources: list[TargetSource] = []
    for nth, name in enumerate(order):
        target_ms, source = _target_ms([row for row in rows if row.priority == name], plan, zone)
        if name in asked_s:
            target_ms, source = asked_s[name] * 1000, "asked"
        elif lab_s and name in lab_s:
            target_ms, source = round(lab_s[name] * 1000), "lab"
        is_urgent = plan.is_urgent(name) if plan is not None and plan.urgent else len(order) == 1 or nth < len(order) - 1
        classes.append(PriorityClass(name, target_ms, is_urgent))
        sources.append(source)
    return Targets(tuple(classes), tuple(sources))


def _target_ms(rows: Sequence[IncidentRow], plan: ResponsePlan | None, zone: str) -> tuple[int, TargetSource]:
    before = [row.first_sent - row.arrived for row in rows if row.first_sent is not None and row.first_sent >= row.arrived] or [0]
    usual_ms = int(np.median(before))
    stated = [target_ms for row in rows if (target_ms := target_by_plan_ms(plan, row, zone, usual_ms)) is not None]
    if len(stated) * 2 > len(rows):
        return int(np.median(stated)), "plan"
    seen = sorted(response_ms for row in rows if (response_ms := row.response_ms) is not None)
    return (int(np.quantile(seen, LATE_SHARE)), "log") if seen else (NOBODY_S * 1000, "default")


def kinds_of(
    rows: Sequence[IncidentRow], zone: str, priorities: Sequence[PriorityClass], slots: SlotsOf, *, has_hospitals: bool
) -> tuple[tuple[CallKind, ...], Longs]:
    """Kinds by type, priority and units wanted, those with most calls first; and the kind of each row.

    ``places`` of a kind is its priority: a row of weights for each. Without hospitals the whole stay counts as on scene.
    """
    keys = [(row.incident_type, row.priority, slots(row)) for row in rows]
    order = [key for key, _ in Counter(keys).most_common()]
    index = {key: nth for nth, key in enumerate(order)}
    kind_of = np.array([index[key] for key in keys], np.int64)
    rank = {one.name: nth for nth, one in enumerate(priorities)}
    rates = rates_of(rows, zone, kind_of)
    pools = _Pools(rows, has_hospitals=has_hospitals)
    names: Counter[str] = Counter()
    kinds = []
    for nth, (incident_type, priority, wanted) in enumerate(order):
        own = [rows[row] for row in np.flatnonzero(kind_of == nth).tolist()]
        told = f"{incident_type} {priority}"
        names[told] += 1
        kinds.append(
            CallKind(
                name=told if names[told] == 1 else f"{told} #{names[told]}",
                priority=rank[priority],
                per_hour=tuple(rates[:, nth].tolist()),
                places=rank[priority],
                slots=wanted,
                on_scene=pools.on_scene(incident_type),
                transport_ppm=round(PPM * sum(map(is_transport, own)) / len(own)) if has_hospitals else 0,
                handover=pools.handover,
                second_report_ppm=round(PPM * (1 - 1 / (sum(row.reports for row in own) / len(own)))),
            )
        )
    return tuple(kinds), kind_of


def rates_of(rows: Sequence[IncidentRow], zone: str, kind_of: Longs) -> Floats:
    """(168, kinds): calls per hour, as the forecast learns them; flat where the log is shorter than a day."""
    name = {row.incident: f"{kind:06d}" for row, kind in zip(rows, kind_of.tolist(), strict=True)}
    try:
        return METHODS[CHOSEN](count_calls(rows, zone, lambda row: name[row.incident])).mean
    except BadInput as fault:
        if fault.code != "forecast_short":
            raise
        hours = max((max(row.arrived for row in rows) - min(row.arrived for row in rows)) / 3_600_000, 1.0)
        return np.tile(np.bincount(kind_of) / hours, (HOURS_PER_WEEK, 1))


def is_transport(row: IncidentRow) -> bool:
    """Whether somebody was driven to a hospital."""
    return any(one.transporting is not None or one.at_hospital is not None for one in row.sent)


class _Pools:
    """Spans that happened, by type where there are enough."""

    def __init__(self, rows: Sequence[IncidentRow], *, has_hospitals: bool) -> None:
        spans: defaultdict[str, list[int]] = defaultdict(list)
        for row in rows:
            for one in row.sent:
                span_ms = one.on_scene_ms if has_hospitals else one.stay_ms
                if span_ms is not None and span_ms <= LONGEST_ON_SCENE_MS:
                    spans[row.incident_type].append(span_ms)
        every = [ms for seen in spans.values() for ms in seen] or [900_000]
        self._whole = observed(every)
        self._of = {name: observed(seen) for name, seen in spans.items() if len(seen) >= FEWEST}
        waits = [ms for row in rows for one in row.sent if (ms := one.handover_ms) is not None and ms <= LONGEST_ON_SCENE_MS]
        self.handover = observed(waits) if waits else Span(0)

    def on_scene(self, incident_type: str) -> Span:
        return self._of.get(incident_type, self._whole)


def weights_of(rows: Sequence[IncidentRow], places: Longs, size: int, priorities: Sequence[PriorityClass]) -> Floats:
    """(priorities, places): a call's place by its priority; of all calls where a priority has none."""
    found = np.zeros((len(priorities), size))
    rank = {one.name: nth for nth, one in enumerate(priorities)}
    for row, place in zip(rows, places.tolist(), strict=True):
        if place >= 0:
            found[rank[row.priority], place] += 1
    every = found.sum(axis=0)
    found[found.sum(axis=1) == 0] = every
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def call_taking_of(rows: Sequence[IncidentRow]) -> Span:
    """From the call's arrival to somebody being sent, as observed; waits for units that are in it stay in it."""
    seen = [row.first_sent - row.arrived for row in rows if row.first_sent is not None and row.first_sent >= row.arrived]
    short = [ms for ms in seen if ms <= LONGEST_TURNOUT_MS]
    return observed(short) if short else Span(90_000)


def with_demand(city: City, demand: Demand, *, digest: str = "") -> City:
    """The city with this log's calls in the place of its own. ``demand.weights`` are of its places."""
    return city._replace(
        kinds=demand.kinds,
        place_weights=demand.weights,
        turnouts=demand.turnouts or city.turnouts,
        call_taking=demand.call_taking,
        priorities=demand.priorities,
        target_from=demand.target_from,
        digest=digest,
    )


def demand_for(city: City, rows: Sequence[IncidentRow], plan: ResponsePlan | None, turnouts: tuple[Turnout, ...] = ()) -> Demand:
    """A log's demand on a city's own places: each call at the place that is nearest to it. Its priorities are the city's where they have
    the same names; others are the log's."""
    zone = city.timezone
    known = [row for row in rows if row.place is not None and row.sent]
    targets = targets_of(known, plan, zone, {})
    own = {one.name: one for one in city.priorities}
    priorities = tuple(own.get(one.name, one) for one in targets.classes)
    known_from = dict(zip(own, city.target_from or ("city",) * len(own), strict=True))
    target_from = tuple(known_from.get(one.name, source) for one, source in zip(targets.classes, targets.by_priority, strict=True))
    kinds, _ = kinds_of(known, zone, priorities, lambda row: asked_by_plan(plan, row, zone), has_hospitals=bool(city.hospitals))
    lon = np.array([row.place.lon for row in known if row.place is not None])
    lat = np.array([row.place.lat for row in known if row.place is not None])
    places = nearest_places(city.place_lon, city.place_lat, lon, lat)[0]
    weights = weights_of(known, places, city.places, priorities)
    return Demand(kinds, weights, turnouts, call_taking_of(known), priorities, target_from)


def renamed(kinds: Sequence[CallKind], slots: Sequence[tuple[Slot, ...]]) -> tuple[CallKind, ...]:
    """The same kinds with other units wanted."""
    return tuple(msgspec.structs.replace(kind, slots=wanted) for kind, wanted in zip(kinds, slots, strict=True))
