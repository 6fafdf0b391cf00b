"""Why each pick was picked, in codes with numbers. Reads a finished ranking; changes none."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tocsin.base.identifiers import CrewId
from tocsin.base.quantities import Millis
from tocsin.core.engine.recommend import Contender
from tocsin.core.messages.plan import Slot
from tocsin.core.messages.recommendation import Pick, Reason

LostByArea = Callable[[CrewId], Mapping[str, int]]
"""What is lost if a crew goes, by area."""


class _Rivals(NamedTuple):
    """Of those who could have gone in a pick's place: the soonest, and the soonest that need be neither diverted nor asked for."""

    soonest: Contender | None
    plain: Contender | None


def with_reasons(
    picks: Sequence[Pick], slots: Sequence[Slot], fleet: Sequence[Contender], target_ms: Millis | None, lost_by_area: LostByArea
) -> tuple[tuple[Reason, ...], ...]:
    """The reasons of each pick, in order. Rivals are those of crews that were not picked at all."""
    by_unit = {one.unit: one for one in fleet}
    taken = {by_unit[pick.unit].crew for pick in picks}
    left = [one for one in fleet if one.ruled_out is None and one.eta_ms is not None and one.crew not in taken]
    known: dict[frozenset[str], _Rivals] = {}
    told = []
    for pick in picks:
        needs = _needs(pick, slots, by_unit[pick.unit])
        if needs not in known:
            known[needs] = _rivals(left, needs)
        told.append(tuple(_reasons(pick, by_unit[pick.unit], known[needs], target_ms, lost_by_area)))
    return tuple(told)


def _needs(pick: Pick, slots: Sequence[Slot], unit: Contender) -> frozenset[str]:
    """What the slot asks for that it fills; cards of two alarm levels may use one name, so the first that it can fill in that way."""
    wishes = ((slot.needs, *(one.needs for one in slot.alternatives)) for slot in slots if slot.name == pick.slot)
    asked = (frozenset(wish[pick.choice]) for wish in wishes if pick.choice < len(wish))
    return next(needs for needs in asked if needs <= unit.capabilities)


def _rivals(left: Sequence[Contender], needs: frozenset[str]) -> _Rivals:
    able = [(one.eta_ms or 0, one.unit, one) for one in left if needs <= one.capabilities]
    if not able:
        return _Rivals(None, None)
    soonest = min(able)[2]
    if not soonest.handicap_ms and not soonest.cost_ms:
        return _Rivals(soonest, soonest)
    plain = [row for row in able if not row[2].handicap_ms and not row[2].cost_ms]
    return _Rivals(soonest, min(plain)[2] if plain else None)


def _reasons(pick: Pick, unit: Contender, rivals: _Rivals, target_ms: Millis | None, lost_by_area: LostByArea) -> list[Reason]:
    reasons = [_main_reason(pick, unit, rivals, lost_by_area)]
    if pick.diverted_from is not None:
        won_ms = None if rivals.plain is None else Millis((rivals.plain.eta_ms or 0) - pick.eta_ms)
        reasons.append(Reason("DIVERTED_FROM", incident=pick.diverted_from, ms=won_ms))
    if pick.is_late and target_ms is not None:
        reasons.append(Reason("OUT_OF_TARGET", ms=Millis(pick.eta_ms - target_ms)))
    return [reason for reason in reasons if reason is not None]


def _main_reason(pick: Pick, unit: Contender, rivals: _Rivals, lost_by_area: LostByArea) -> Reason | None:
    is_asked_for = bool(unit.handicap_ms or unit.cost_ms)
    # A sooner one that would have to be diverted or asked for won too little by it: the free ones of one's own are compared.
    rival = rivals.soonest if is_asked_for else rivals.plain
    if rival is None:
        return Reason("ONLY_CAPABLE")
    ahead_ms = Millis((rival.eta_ms or 0) - pick.eta_ms)
    if ahead_ms >= 0:
        return Reason("CLOSEST", ms=ahead_ms)
    if rival.rank > unit.rank:
        return Reason("FIRST_IN_ORDER", unit=rival.unit, ms=Millis(-ahead_ms))
    spared_ppb = (rival.loss_ppb or 0) - (unit.loss_ppb or 0)
    if unit.loss_ppb is None or spared_ppb <= 0:
        return None  # it serves another slot better: an assignment of several is told by its sum alone
    more = dict(lost_by_area(rival.crew))
    for area, lost_ppb in lost_by_area(unit.crew).items():
        more[area] = more.get(area, 0) - lost_ppb
    area = min(more, key=lambda name: (-more[name], name), default="")
    return Reason("PRESERVES_COVER", unit=rival.unit, area=area, ms=Millis(-ahead_ms), ppb=spared_ppb)
