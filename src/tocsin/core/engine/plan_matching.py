"""Which cards of the plan are in force for an incident, and the slots that they ask for."""

from typing import NamedTuple

from tocsin.base.instants import MINUTES_PER_DAY
from tocsin.core.messages.plan import Card, ResponsePlan, Slot


class Situation(NamedTuple):
    """What a card is chosen by."""

    incident_type: str
    priority: str
    area: str
    alarm_level: int
    local_minute_of_week: int | None


def cards_for(plan: ResponsePlan, situation: Situation) -> tuple[Card, ...]:
    """The winning card of each alarm level up to the incident's: level n is additional to n-1 (NFPA usage).

    Most specific wins: type before area before priority before time window; ties by the order in the plan.
    """
    won = []
    # Only levels that some card is for: a level typed in as 10,000,000 must not keep the desk counting.
    for level in sorted({card.alarm_level for card in plan.cards if 1 <= card.alarm_level <= situation.alarm_level}):
        best: Card | None = None
        for card in plan.cards:
            fits = card.alarm_level == level and _fits(card, situation)
            if fits and (best is None or _specificity(card) > _specificity(best)):
                best = card
        if best is not None:
            won.append(best)
    return tuple(won)


def _fits(card: Card, situation: Situation) -> bool:
    return (
        (not card.incident_types or situation.incident_type in card.incident_types)
        and (not card.priorities or situation.priority in card.priorities)
        and (not card.areas or situation.area in card.areas)
        and _is_in_window(card, situation.local_minute_of_week)
    )


def _is_in_window(card: Card, minute_of_week: int | None) -> bool:
    if not _has_window(card):
        return True
    if minute_of_week is None:
        return False
    day, minute = divmod(minute_of_week, MINUTES_PER_DAY)
    opens = card.from_minute or 0
    closes = MINUTES_PER_DAY if card.to_minute is None else card.to_minute
    if opens < closes:
        is_open = opens <= minute < closes
    else:  # over midnight: the small hours belong to the day on which the window began
        is_open = minute >= opens or minute < closes
        if minute < closes:
            day = (day - 1) % 7
    return is_open and (not card.weekdays or day + 1 in card.weekdays)


def _specificity(card: Card) -> tuple[bool, bool, bool, bool]:
    return bool(card.incident_types), bool(card.areas), bool(card.priorities), _has_window(card)


def _has_window(card: Card) -> bool:
    return bool(card.weekdays) or card.from_minute is not None or card.to_minute is not None


def slots_of(cards: tuple[Card, ...]) -> tuple[Slot, ...]:
    """All slots in the order of the alarm levels."""
    return tuple(slot for card in cards for slot in card.slots)
