"""Calls as ``lab.toml`` has them: kinds, rates by hour, and where from."""

import msgspec
import numpy as np

from tocsin.core.messages.plan import Slot
from tocsin.formats.lab_laid import CallsLaid, LabFile
from tocsin.lab.city.laid_names import PPM, Names, hours_of, span_of
from tocsin.lab.city.model import HOURS_PER_WEEK, CallKind, City, Floats, PriorityClass


def priorities_of(city: City, laid: LabFile, names: Names) -> tuple[PriorityClass, ...]:
    """Raises BadInput ``city_unknown``."""
    ranks = list(city.priorities)
    for nth, one in enumerate(laid.priority):
        at = names.get(one.name, [rank.name for rank in city.priorities], "priority", nth, "name")
        target_ms = ranks[at].target_ms if one.target_s is None else round(1000 * one.target_s)
        ranks[at] = PriorityClass(one.name, target_ms, ranks[at].is_urgent if one.is_urgent is None else one.is_urgent)
    return tuple(ranks)


def sources_of(city: City, laid: LabFile) -> tuple[str, ...]:
    """Where targets are from, once the text has been laid over (``City.target_from``)."""
    told = {one.name for one in laid.priority if one.target_s is not None}
    before = city.target_from or ("city",) * len(city.priorities)
    return tuple("lab" if rank.name in told else source for rank, source in zip(city.priorities, before, strict=True))


def with_calls(city: City, laid: LabFile, names: Names) -> City:
    """Raises BadInput ``city_unknown``, ``lab_lacks``, ``lab_calls_none``."""
    if not laid.calls and not laid.area:
        return city
    rows: list[Floats] = list(city.place_weights)
    kinds = {kind.name: kind for kind in city.kinds}
    for nth, one in enumerate(laid.calls):
        kinds[one.name] = _kind(city, one, nth, kinds.get(one.name), names)
    factors: dict[str, Floats] = {name: np.ones(city.places) for name in kinds}
    for nth, one in enumerate(laid.calls):
        for area, times in one.areas.items():
            factors[one.name][_within(city, area, names, "calls", nth, "areas")] *= times
    for nth, whole in enumerate(laid.area):
        within = _within(city, whole.name, names, "area", nth, "name")
        for factor in factors.values():
            factor[within] *= whole.times
    made = [_weighed(kind, factors[kind.name], rows) for kind in kinds.values()]
    return city._replace(kinds=tuple(made), place_weights=np.stack(rows))


def _within(city: City, area: str, names: Names, *at: str | int) -> Floats:
    inside: Floats = city.place_area == names.get(area, city.areas, *at)
    return inside


def _kind(city: City, one: CallsLaid, nth: int, known: CallKind | None, names: Names) -> CallKind:
    if known is None and not one.priority:
        raise names.fault("lab_lacks", "calls", nth, field="priority", what=one.name)
    if known is None and one.per_hour is None and one.per_day is None:
        raise names.fault("lab_lacks", "calls", nth, field="per_day", what=one.name)
    like = known or CallKind(one.name, 0, (1.0,) * HOURS_PER_WEEK)
    ranks = [rank.name for rank in city.priorities]
    return msgspec.structs.replace(
        like,
        priority=names.get(one.priority, ranks, "calls", nth, "priority") if one.priority else like.priority,
        per_hour=_rates(one, like),
        slots=like.slots if one.needs is None else tuple(Slot(f"{place + 1}", needs) for place, needs in enumerate(one.needs)),
        on_scene=like.on_scene if one.on_scene is None else span_of(one.on_scene),
        transport_ppm=like.transport_ppm if one.transport is None else round(PPM * one.transport),
        handover=like.handover if one.handover is None else span_of(one.handover),
        second_report_ppm=like.second_report_ppm if one.second_report is None else round(PPM * one.second_report),
    )


def _rates(one: CallsLaid, like: CallKind) -> tuple[float, ...]:
    """``per_hour`` says when; ``per_day``, if it is stated too, how many on the mean."""
    per_hour = like.per_hour if one.per_hour is None else hours_of(one.per_hour)
    if one.per_day is None:
        return per_hour
    whole = sum(per_hour)
    if not whole:
        return (one.per_day / 24,) * HOURS_PER_WEEK
    return tuple(rate * one.per_day * 7 / whole for rate in per_hour)


def _weighed(kind: CallKind, factor: Floats, rows: list[Floats]) -> CallKind:
    """The kind with as many calls from each place as that; a row of weights of its own where they are not all alike."""
    if (factor == 1).all():
        return kind
    row = rows[kind.places] * factor
    whole = float(row.sum())
    if not whole:
        return msgspec.structs.replace(kind, per_hour=(0.0,) * HOURS_PER_WEEK)
    rows.append(row / whole)
    return msgspec.structs.replace(kind, per_hour=tuple(rate * whole for rate in kind.per_hour), places=len(rows) - 1)
