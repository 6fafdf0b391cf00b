"""Whom to send: slots filled by units so that as few as possible stay empty, then as few as possible are late, then least travel.

One crew has one job, so crews, not units, are assigned: a crew comes with the best of its units. Every capable unit is in the answer,
chosen or with the reason why not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from msgspec import structs

from tocsin.base.identifiers import CrewId, IncidentId, UnitId
from tocsin.base.quantities import Metres, Millis
from tocsin.core.engine.assign import INFEASIBLE, assign
from tocsin.core.engine.policies import weigh
from tocsin.core.messages.plan import Slot
from tocsin.core.messages.recommendation import Candidate, Pick, Shortfall, Standing, WhyEmpty, WhyNot


class Contender(NamedTuple):
    """A unit as the engine sees it."""

    unit: UnitId
    crew: CrewId
    capabilities: frozenset[str]
    standing: Standing
    eta_ms: Millis | None
    """Turnout and way by the policy; None when it cannot be ranked."""
    ruled_out: WhyNot | None
    """Why it may not be taken at all; None when it may."""
    road_ms: Millis | None = None
    straight_m: Metres | None = None
    age_ms: Millis | None = None
    handicap_ms: Millis = Millis(0)
    """What a divert must win before it is worth it."""
    rank: int = 0
    """Order before travel: of the station, or own agency first; 0 where the card goes by road time."""
    diverted_from: IncidentId | None = None
    loss_ppb: int | None = None
    """Cover that is lost if it goes; 0 where it counts nowhere. None = not weighed: by the policy, or because it would be diverted."""
    cost_ms: Millis = Millis(0)
    """What a unit of another agency must win before it is asked for."""


class Ranking(NamedTuple):
    """The answer of the engine."""

    picks: tuple[Pick, ...]
    shortfalls: tuple[Shortfall, ...]
    candidates: tuple[Candidate, ...]
    not_capable: tuple[UnitId, ...]


class _Wish(NamedTuple):
    """One unit wanted: a slot with count 2 is two wishes. ``also`` is the doubling slot that the same unit fills as well."""

    slot: Slot
    needs: tuple[frozenset[str], ...]
    worth_ms: tuple[int | None, ...]
    also: str = ""

    def choice_for(self, capabilities: frozenset[str]) -> int | None:
        for choice, needs in enumerate(self.needs):
            if needs <= capabilities:
                return choice
        return None


class _Fits(NamedTuple):
    """The slots that a mix of capabilities could fill, and when the last of the units chosen for them arrives."""

    slots: tuple[str, ...]
    slowest_ms: Millis | None


class _Within(NamedTuple):
    """Until when a unit is in time, and until when surely enough to spare cover."""

    target_ms: Millis | None
    sure_ms: Millis | None


class _Offer(NamedTuple):
    cost: int
    contender: Contender
    choice: int


# A cost is one number with fields, most significant first: empty (required), empty (optional), choice, rank, late, cover lost,
# travel, tie. Widths leave room for the sum over MAX_WISHES wishes of a fleet of 65,536 and 32 models of cover.
_TIE, _TRAVEL, _LOSS, _LATE, _RANK, _CHOICE, _EMPTY = 40, 48, 48, 14, 30, 22, 14
_TRAVEL_AT = _TIE
_LOSS_AT = _TRAVEL_AT + _TRAVEL
_LATE_AT = _LOSS_AT + _LOSS
_RANK_AT = _LATE_AT + _LATE
_CHOICE_AT = _RANK_AT + _RANK
_OPTIONAL_AT = _CHOICE_AT + _CHOICE
_REQUIRED_AT = _OPTIONAL_AT + _EMPTY
MAX_WISHES = 4096
"""Far more units than one incident can ask for; the fields of a cost are sized by it."""
_MAX_DOUBLES = 4


def recommend(
    slots: Sequence[Slot], contenders: Sequence[Contender], *, target_ms: Millis | None, sure_ms: Millis | None = None
) -> Ranking:
    """Fill the slots. The order of ``contenders`` does not matter: ties go to the lower unit id, the earlier slot first.

    ``sure_ms``: who comes later than that spares no cover; None = who is in time may.
    """
    within = _Within(target_ms, target_ms if sure_ms is None else sure_ms)
    fleet = sorted(contenders)
    best: tuple[int, list[_Wish], list[_Offer | None]] | None = None
    wishes: list[_Wish] = []
    for merged in _mergers(slots):
        wishes = _wishes(slots, merged)
        cost, offers = _fill(wishes, fleet, within)
        if best is None or cost < best[0]:
            best = (cost, wishes, offers)
    if best is None:
        raise AssertionError("the empty merger is always tried")
    return _answer(best[1], best[2], fleet, wishes, target_ms)  # the last merger is the empty one: its wishes are those asked


def left_empty(slots: Sequence[Slot], at_work: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """How many units each slot still lacks when units with these capabilities are at work, each where it is of most use."""
    names = [str(nth) for nth in range(len(slots))]  # cards of two alarm levels may use one name
    by_name = {slot.name: name for name, slot in reversed(list(zip(names, slots, strict=True)))}
    told_apart = [
        structs.replace(slot, name=name, doubles_with=by_name.get(slot.doubles_with, "")) for name, slot in zip(names, slots, strict=True)
    ]
    units = [
        Contender(UnitId(f"{nth:04d}"), CrewId(str(nth)), capabilities, "on_this_incident", Millis(0), None)
        for nth, capabilities in enumerate(at_work)
    ]
    lacking = Counter(short.slot for short in recommend(told_apart, units, target_ms=None).shortfalls)
    return tuple(lacking[name] for name in names)


def _mergers(slots: Sequence[Slot]) -> list[dict[int, int]]:
    """Which doubling slots to let another slot's unit fill, as {partner's index: doubling slot's index}.

    Most merging first, so that of equal answers the one with fewer units wins. A unit does two slots, never three.
    """
    by_name = {slot.name: nth for nth, slot in reversed(list(enumerate(slots)))}
    pairs = [(by_name[slot.doubles_with], nth) for nth, slot in enumerate(slots) if by_name.get(slot.doubles_with, nth) != nth]
    mergers = []
    for size in range(min(len(pairs), _MAX_DOUBLES), -1, -1):
        for some in combinations(pairs[:_MAX_DOUBLES], size):
            if len({nth for pair in some for nth in pair}) == 2 * size:
                mergers.append(dict(some))
    return mergers


def _wishes(slots: Sequence[Slot], merged: Mapping[int, int]) -> list[_Wish]:
    doubled = set(merged.values())
    wishes = []
    for at, slot in enumerate(slots):
        needs = tuple(map(frozenset, (slot.needs, *(alternative.needs for alternative in slot.alternatives))))
        worth = (None, *(_worth_ms(alternative.worth_s) for alternative in slot.alternatives))
        wish = _Wish(slot, needs, worth)
        count = slot.count - (at in merged) - (at in doubled)  # one unit of the pair does both; the others of each slot stay as they are
        if at in merged:
            double = slots[merged[at]]
            wishes.append(_Wish(slot, (frozenset((*slot.needs, *double.needs)),), (None,), also=double.name))
        wishes += [wish] * count
    return wishes


def _worth_ms(worth_s: int | None) -> int | None:
    return None if worth_s is None else worth_s * 1000


def _fill(wishes: list[_Wish], fleet: list[Contender], within: _Within) -> tuple[int, list[_Offer | None]]:
    """Least total cost and the offer for each wish (None = it stays empty)."""
    shortlists = [_shortlist(nth, wish, fleet, within, keep=len(wishes)) for nth, wish in enumerate(wishes)]
    crews = sorted({offer.contender.crew for shortlist in shortlists for offer in shortlist})
    column = {crew: index for index, crew in enumerate(crews)}
    matrix = []
    for nth, wish in enumerate(wishes):
        row = [INFEASIBLE] * (len(crews) + len(wishes))
        for offer in shortlists[nth]:
            row[column[offer.contender.crew]] = offer.cost
        empty = 1 << (_REQUIRED_AT if wish.slot.is_required else _OPTIONAL_AT)
        # Two slots that no unit can do both of: worse than both of them empty, so that leaving them apart wins.
        row[len(crews) + nth] = 3 << _REQUIRED_AT if wish.also else empty
        matrix.append(row)
    chosen = assign(matrix) if matrix else []
    offers: list[_Offer | None] = []
    for nth, at in enumerate(chosen):
        crew = crews[at] if at < len(crews) else None
        offers.append(next((offer for offer in shortlists[nth] if offer.contender.crew == crew), None))
    return sum(matrix[nth][at] for nth, at in enumerate(chosen)), offers


def _shortlist(nth: int, wish: _Wish, fleet: list[Contender], within: _Within, *, keep: int) -> list[_Offer]:
    """The best offer of each of the ``keep`` best crews: with n wishes, no wish needs more than its n best."""
    # Most offers are looked at once and dropped: they are bare tuples until they are kept.
    offers: list[tuple[int, Contender, int]] = []
    diverts = []
    choices: dict[frozenset[str], int | None] = {}  # units of one kind share their capabilities: ask once for each mix
    for tie, contender in enumerate(fleet):
        if contender.ruled_out is None and contender.eta_ms is not None:
            capabilities = contender.capabilities
            if capabilities not in choices:
                choices[capabilities] = wish.choice_for(capabilities)
            choice = choices[capabilities]
            if choice is not None and contender.diverted_from is not None:
                diverts.append((tie, contender, choice))
            elif choice is not None:
                # Earlier wishes weigh their tie more, so that the lower unit id goes to the earlier slot.
                offers.append((_cost(wish, contender, choice, within) + tie * (MAX_WISHES - nth), contender, choice))
    if diverts:
        spared = _weighed_ppb(min(offers)[1], within) if offers else None
        for tie, contender, choice in diverts:
            # Nobody is diverted to spare cover: it counts as losing what the best that need not be diverted loses.
            cost = _cost(wish, contender._replace(loss_ppb=spared), choice, within) + tie * (MAX_WISHES - nth)
            offers.append((cost, contender, choice))
    return _best_of_crews(sorted(offers), keep)


def _best_of_crews(offers: list[tuple[int, Contender, int]], keep: int) -> list[_Offer]:
    best: dict[CrewId, _Offer] = {}
    for offer in offers:
        if offer[1].crew not in best:
            best[offer[1].crew] = _Offer(*offer)
        if len(best) == keep:
            break
    return list(best.values())


def _weighed_ppb(contender: Contender, within: _Within) -> int | None:
    """What a unit counts as losing; None where that is not weighed."""
    if contender.loss_ppb is None:
        return None
    return weigh(contender.eta_ms or 0, contender.loss_ppb, within.target_ms, sure_ms=within.sure_ms).loss_ppb


def _cost(wish: _Wish, contender: Contender, choice: int, within: _Within) -> int:
    eta_ms = contender.eta_ms or 0
    extra, tier = contender.handicap_ms + contender.cost_ms, 0
    for worth_ms in wish.worth_ms[1 : choice + 1] if choice else ():
        if worth_ms is None:
            tier += 1
        else:
            extra += worth_ms
    sure_ms = None if contender.loss_ppb is None else within.sure_ms if contender.diverted_from is None else within.target_ms
    is_late, loss_ppb, travel_ms = weigh(eta_ms, contender.loss_ppb or 0, within.target_ms, sure_ms=sure_ms)
    cost = (travel_ms + extra << _TRAVEL_AT) + (loss_ppb << _LOSS_AT) + (is_late << _LATE_AT)
    if tier or contender.rank:
        cost += (tier << _CHOICE_AT) + (contender.rank << _RANK_AT)
    return 2 * cost if wish.also else cost


def _answer(
    wishes: list[_Wish], offers: list[_Offer | None], fleet: list[Contender], asked: list[_Wish], target_ms: Millis | None
) -> Ranking:
    crews = {offer.contender.crew for offer in offers if offer is not None}
    picks, shortfalls = [], []
    for wish, offer in zip(wishes, offers, strict=True):
        if offer is None:
            shortfalls.append(Shortfall(wish.slot.name, _why_empty(wish, fleet, crews), wish.slot.is_required))
        else:
            picks += [_pick(slot, offer, target_ms) for slot in (wish.slot.name, wish.also) if slot]
    order = {wish.slot.name: nth for nth, wish in reversed(list(enumerate(asked)))}
    picks.sort(key=lambda pick: (order[pick.slot], pick.eta_ms, pick.unit))  # as the card lists its slots, soonest first in each
    chosen: dict[UnitId, list[Pick]] = {}
    for pick in picks:
        chosen.setdefault(pick.unit, []).append(pick)
    slowest = _slowest_by_slot(picks)
    candidates, not_capable = [], []
    fillable: dict[frozenset[str], _Fits] = {}
    for contender in fleet:
        fits = fillable.get(contender.capabilities)
        if fits is None:
            names = tuple(dict.fromkeys(wish.slot.name for wish in asked if wish.choice_for(contender.capabilities) is not None))
            fits = _Fits(names, max((slowest[name] for name in names if name in slowest), default=None))
            fillable[contender.capabilities] = fits
        if fits.slots:
            candidates.append(_candidate(contender, fits, chosen.get(contender.unit, ()), crews))
        else:
            not_capable.append(contender.unit)
    return Ranking(tuple(picks), tuple(shortfalls), tuple(candidates), tuple(not_capable))


def _pick(slot: str, offer: _Offer, target_ms: Millis | None) -> Pick:
    contender = offer.contender
    eta_ms = contender.eta_ms or Millis(0)
    is_late = target_ms is not None and eta_ms > target_ms
    return Pick(slot, contender.unit, eta_ms, offer.choice, contender.diverted_from, is_late)


def _why_empty(wish: _Wish, fleet: list[Contender], crews: set[CrewId]) -> WhyEmpty:
    capable = [contender for contender in fleet if wish.choice_for(contender.capabilities) is not None]
    if not capable:
        return "NOBODY_CAPABLE"
    # One that was free, could be ranked and was not chosen would have filled it: whoever is free and left has no known way there.
    is_any_left = any(contender.standing in ("free", "returning") and contender.crew not in crews for contender in capable)
    return "NOBODY_REACHABLE" if is_any_left else "NOBODY_FREE"


def _slowest_by_slot(picks: list[Pick]) -> dict[str, Millis]:
    slowest: dict[str, Millis] = {}
    for pick in picks:
        slowest[pick.slot] = max(pick.eta_ms, slowest.get(pick.slot, Millis(0)))
    return slowest


def _candidate(contender: Contender, fits: _Fits, picks: Sequence[Pick], crews: set[CrewId]) -> Candidate:
    why_not, behind_ms = (None, None) if picks else _why_not(contender, fits.slowest_ms, crews)
    return Candidate(
        contender.unit,
        contender.standing,
        contender.eta_ms,
        contender.road_ms,
        contender.straight_m,
        contender.age_ms,
        None if contender.crew == contender.unit else contender.crew,  # type: ignore[comparison-overlap]  # its own crew has its name
        fits.slots,
        tuple([pick.slot for pick in picks]),
        why_not,
        behind_ms,
        loss_ppb=contender.loss_ppb,
    )


def _why_not(contender: Contender, slowest_ms: Millis | None, crews: set[CrewId]) -> tuple[WhyNot, Millis | None]:
    if contender.ruled_out is not None:
        return contender.ruled_out, None
    if contender.eta_ms is None:
        return "UNREACHABLE", None
    if contender.crew in crews:
        return "CREW_TAKEN", None
    if slowest_ms is None:
        return "NOT_NEEDED", None
    behind_ms = Millis(contender.eta_ms - slowest_ms)
    if behind_ms < 0:  # sooner, and still not taken: either the divert wins too little, or the card puts others first
        return _why_not_sooner(contender), behind_ms
    return "FARTHER", behind_ms


def _why_not_sooner(contender: Contender) -> WhyNot:
    if contender.handicap_ms:
        return "DIVERT_GAIN_TOO_SMALL"
    if contender.cost_ms:
        return "AID_GAIN_TOO_SMALL"
    return "NEEDED_FOR_COVER" if contender.loss_ppb else "LATER_IN_ORDER"
