"""Run cards inferred from a log's habit: what was first sent to each type and priority. Pure.

A proposal for a person to edit: it tells what was done, not what should be.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tocsin.base.identifiers import CardName
from tocsin.core.messages.plan import Alternative, Card, Slot

MIN_CALLS = 5
"""Fewer calls than this make no habit: the type's card for any priority, or the one for any type, stands in."""

MIN_SHARE = 0.5
"""A kind that comes to at least this share of the calls gets a slot."""


class FirstAlarm(NamedTuple):
    """What one incident was first sent: the kinds of its units, each as often as it came."""

    incident_type: str
    priority: str
    kinds: tuple[str, ...]


class Support(NamedTuple):
    """On what a card stands."""

    calls: int
    like: int
    """Calls that were sent exactly what the card asks for."""


class Inferred(NamedTuple):
    """Cards, the most specific first, and the support of each by its name."""

    cards: tuple[Card, ...]
    support: dict[str, Support]


def infer_cards(alarms: Iterable[FirstAlarm], roles: Mapping[str, str]) -> Inferred:
    """Cards for type and priority, for the type at any priority, for any type at a priority, and for anything.

    ``roles``: kind → the capability under which kinds stand in for one another (medic and private → ambulance). Such a slot wishes for
    the kind that came most often; any unit with the capability is its alternative.
    """
    groups: dict[tuple[str, str], list[FirstAlarm]] = {}
    for alarm in alarms:
        for key in ((alarm.incident_type, alarm.priority), (alarm.incident_type, ""), ("", alarm.priority), ("", "")):
            groups.setdefault(key, []).append(alarm)
    cards, support = [], {}
    for key in sorted(groups, key=_specific_first):
        is_rare = key[0] and len(groups[key]) < MIN_CALLS
        # A type that only ever came at one priority needs one card, not the same twice.
        is_same = all(key) and len(groups[key]) == len(groups[key[0], ""])
        if is_rare or is_same:
            continue
        card, found = _card(key, groups[key], roles)
        cards.append(card)
        support[str(card.name)] = found
    return Inferred(tuple(cards), support)


def _specific_first(key: tuple[str, str]) -> tuple[bool, str, bool, str]:
    incident_type, priority = key
    return not incident_type, incident_type, not priority, priority


def _card(key: tuple[str, str], alarms: list[FirstAlarm], roles: Mapping[str, str]) -> tuple[Card, Support]:
    sent = [Counter(roles.get(kind, kind) for kind in alarm.kinds) for alarm in alarms]
    wanted = _wanted(sent)
    kinds = Counter(kind for alarm in alarms for kind in alarm.kinds)
    incident_type, priority = key
    card = Card(
        name=CardName("/".join((incident_type or "any", *([priority] if priority else [])))),
        slots=tuple(_slot(role, count, kinds, roles) for role, count in wanted.items()),
        incident_types=(incident_type,) if incident_type else (),
        priorities=(priority,) if priority else (),
    )
    return card, Support(len(alarms), sum(one == wanted for one in sent))


def _wanted(sent: list[Counter[str]]) -> dict[str, int]:
    """Role → count: the roles that come often enough, the most frequent first; the single most frequent one when none does."""
    came = Counter(role for one in sent for role in one)
    often = sorted((role for role, calls in came.items() if calls >= MIN_SHARE * len(sent)), key=lambda role: (-came[role], role))
    if not often:
        often = [min(came, key=lambda role: (-came[role], role))]
    return {role: _mode(one[role] for one in sent if one[role]) for role in often}


def _mode(counts: Iterable[int]) -> int:
    """The most frequent count; the smallest of those that tie."""
    return min(Counter(counts).items(), key=lambda item: (-item[1], item[0]))[0]


def _slot(role: str, count: int, kinds: Counter[str], roles: Mapping[str, str]) -> Slot:
    under = sorted((kind for kind in kinds if roles.get(kind, kind) == role), key=lambda kind: (-kinds[kind], kind))
    is_shared = role in roles.values()
    return Slot(
        name=role,
        needs=(under[0],),
        count=count,
        alternatives=(Alternative((role,)),) if is_shared else (),
    )
