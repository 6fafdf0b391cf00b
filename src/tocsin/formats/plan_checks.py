"""What a plan refers to, held against the centre's stations, units and policies. Pure. Every finding names line and remedy.

A plan that loads is a plan whose every word does something: no card for a type that does not exist, no slot that nobody could fill.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tocsin.base.faults import BadInput
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import LONGEST_SPAN_S, Card, ResponsePlan, Slot, Spans
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.cover_checks import Known, check_cover
from tocsin.formats.nearest import nearest
from tocsin.formats.toml_lines import TomlText


def check_plan(plan: ResponsePlan, source: TomlText, stations: Sequence[OpenStation], units: Sequence[EnrolUnit]) -> list[BadInput]:
    """All findings. Codes: ``doubled``, ``list_empty``, ``type_unknown``, ``priority_unknown``, ``area_unknown``, ``station_unknown``,
    ``kind_unknown``, ``agency_unknown``, ``agency_missing``, ``plan_policy_unknown``, ``capability_unknown``, ``capability_mix``,
    ``number_small``, ``number_large``, ``weekday``, ``window_empty``, ``alarm_gap``, ``doubles_unknown``,
    ``divert_upwards``, ``order_missing``; and those of ``cover_checks.py``."""
    return list(_PlanCheck(plan, source, stations, units).findings())


class _PlanCheck:
    """The plan with what it may refer to."""

    def __init__(self, plan: ResponsePlan, source: TomlText, stations: Sequence[OpenStation], units: Sequence[EnrolUnit]) -> None:
        self.plan = plan
        self.source = source
        self.types = [entry.code for entry in plan.incident_types]
        self.stations = [station.station for station in stations]
        self.areas = {station.place.area for station in stations if station.place.area}
        self.fleet = [(unit.kind, frozenset(unit.capabilities), unit.agency) for unit in units]
        self.capabilities = {word for _, can, _ in self.fleet for word in can}

    def findings(self) -> Iterator[BadInput]:
        yield from self._lists()
        yield from self._turnouts()
        yield from self._diverts()
        yield from self._station_orders()
        yield from self._spans()
        agencies = {agency for _, _, agency in self.fleet if agency}
        kinds = {kind for kind, _, _ in self.fleet}
        yield from check_cover(self.plan, self.source, Known(self.stations, agencies, self.capabilities | kinds))
        for nth, card in enumerate(self.plan.cards):
            yield from self._card(card, nth)
            for place, slot in enumerate(card.slots):
                yield from self._slot(card, slot, nth, place)

    def _bad(self, code: str, *path: str | int, **values: object) -> BadInput:
        field = next((part for part in reversed(path) if isinstance(part, str)), "")
        return BadInput(code, file=self.source.file, line=self.source.line(*path), field=field, **values)

    def _doubled(self, names: Sequence[str], path: Sequence[tuple[str | int, ...]]) -> Iterator[BadInput]:
        first: dict[str, int] = {}
        for nth, name in enumerate(names):
            if name in first:
                yield self._bad("doubled", *path[nth], found=name, first=self.source.line(*path[first[name]]))
            first.setdefault(name, nth)

    def _known(self, code: str, words: Iterable[str], known: Iterable[str], *path: str | int, **values: object) -> Iterator[BadInput]:
        listed = list(known)
        for word in words:
            if word not in listed:
                yield self._bad(code, *path, found=word, nearest=nearest(word, listed), **values)

    def _lists(self) -> Iterator[BadInput]:
        plan = self.plan
        for key, entries in (("priorities", plan.priorities), ("incident_type", plan.incident_types), ("card", plan.cards)):
            if not entries:
                yield self._bad("list_empty", key)
        yield from self._doubled(plan.priorities, [("priorities",)] * len(plan.priorities))
        yield from self._doubled(self.types, [("incident_type", nth, "code") for nth in range(len(self.types))])
        yield from self._doubled([card.name for card in plan.cards], [("card", nth, "name") for nth in range(len(plan.cards))])
        yield from self._known("plan_policy_unknown", [plan.policy], POLICIES, "policy")
        if plan.own_agency:
            yield from self._known("agency_unknown", [plan.own_agency], {agency for _, _, agency in self.fleet if agency}, "own_agency")

    def _turnouts(self) -> Iterator[BadInput]:
        turnouts = self.plan.turnouts
        kinds = {kind for kind, _, _ in self.fleet} | {"*"}
        yield from self._doubled([turnout.kind for turnout in turnouts], [("turnout", nth, "kind") for nth in range(len(turnouts))])
        for nth, turnout in enumerate(turnouts):
            yield from self._known("kind_unknown", [turnout.kind], kinds, "turnout", nth, "kind")
            yield from self._small(turnout.at_station_s, 0, "turnout", nth, "at_station_s")
            yield from self._small(turnout.on_road_s, 0, "turnout", nth, "on_road_s")

    def _diverts(self) -> Iterator[BadInput]:
        for nth, rule in enumerate(self.plan.diverts):
            unknown = [
                *self._known("priority_unknown", [rule.from_priority], self.plan.priorities, "divert", nth, "from_priority"),
                *self._known("priority_unknown", [rule.to_priority], self.plan.priorities, "divert", nth, "to_priority"),
            ]
            yield from unknown
            rank = self.plan.priorities.index
            if not unknown and rank(rule.from_priority) <= rank(rule.to_priority):
                order = ", ".join(self.plan.priorities)
                yield self._bad(
                    "divert_upwards", "divert", nth, "to_priority", left=rule.from_priority, taken=rule.to_priority, order=order
                )
            yield from self._small(rule.min_gain_s, 0, "divert", nth, "min_gain_s")
            yield from self._small(rule.not_within_s, 0, "divert", nth, "not_within_s")

    def _station_orders(self) -> Iterator[BadInput]:
        orders = self.plan.station_orders
        yield from self._doubled([order.area for order in orders], [("station_order", nth, "area") for nth in range(len(orders))])
        for nth, order in enumerate(orders):
            yield from self._areas([order.area], "station_order", nth, "area")
            yield from self._known("station_unknown", order.stations, self.stations, "station_order", nth, "stations")

    def _spans(self) -> Iterator[BadInput]:
        for field in msgspec.structs.fields(Spans):
            span, most = getattr(self.plan.spans, field.name), LONGEST_SPAN_S // (60 if field.name.endswith("_min") else 1)
            yield from self._small(span, 1, "spans", field.name)
            if span is not None and span > most:
                yield self._bad("number_large", "spans", field.name, found=span, most=most)

    def _areas(self, areas: Sequence[str], *path: str | int) -> Iterator[BadInput]:
        # A centre whose stations name no areas has its areas from elsewhere: nothing to hold them against.
        if self.areas:
            yield from self._known("area_unknown", areas, self.areas, *path)

    def _small(self, number: int | None, least: int, *path: str | int) -> Iterator[BadInput]:
        if number is not None and number < least:
            yield self._bad("number_small", *path, found=number, least=least)

    def _card(self, card: Card, nth: int) -> Iterator[BadInput]:
        if not card.slots:
            yield self._bad("list_empty", "card", nth, "slot")
        yield from self._doubled(
            [slot.name for slot in card.slots], [("card", nth, "slot", place, "name") for place in range(len(card.slots))]
        )
        yield from self._known("type_unknown", card.incident_types, self.types, "card", nth, "incident_types", card=card.name)
        yield from self._known("priority_unknown", card.priorities, self.plan.priorities, "card", nth, "priorities")
        yield from self._areas(card.areas, "card", nth, "areas")
        for day in card.weekdays:
            if not 1 <= day <= 7:
                yield self._bad("weekday", "card", nth, "weekdays", found=day)
        if card.from_minute is not None and card.from_minute == card.to_minute:
            yield self._bad("window_empty", "card", nth, "to")
        if card.to_minute is not None and card.from_minute is None:
            yield self._bad("window_open", "card", nth, "to")
        yield from self._small(card.target_s, 1, "card", nth, "target_s")
        yield from self._alarm(card, nth)
        yield from self._mode(card, nth)

    def _alarm(self, card: Card, nth: int) -> Iterator[BadInput]:
        """Level n is additional to n-1: without a card below, what it adds to would be nothing."""
        yield from self._small(card.alarm_level, 1, "card", nth, "alarm_level")
        below = [other for other in self.plan.cards if other.alarm_level == card.alarm_level - 1 and _overlap(card, other)]
        if card.alarm_level > 1 and not below:
            yield self._bad("alarm_gap", "card", nth, "alarm_level", card=card.name, level=card.alarm_level, below=card.alarm_level - 1)

    def _mode(self, card: Card, nth: int) -> Iterator[BadInput]:
        if card.mode == "station_order":
            ordered = [order.area for order in self.plan.station_orders]
            lacking = [area for area in card.areas if area not in ordered] if card.areas or not ordered else []
            if lacking or not ordered:
                yield self._bad("order_missing", "card", nth, "mode", card=card.name, areas=", ".join(lacking) or "*")
        if card.mode == "own_agency_first" and not self.plan.own_agency:
            yield self._bad("agency_missing", "card", nth, "mode", card=card.name)

    def _slot(self, card: Card, slot: Slot, nth: int, place: int) -> Iterator[BadInput]:
        at = ("card", nth, "slot", place)
        yield from self._small(slot.count, 1, *at, "count")
        yield from self._needs(card, slot, slot.needs, *at, "needs")
        for choice, alternative in enumerate(slot.alternatives):
            yield from self._needs(card, slot, alternative.needs, *at, "alternatives", choice, "needs")
            yield from self._small(alternative.worth_s, 0, *at, "alternatives", choice, "worth_s")
        others = [other.name for other in card.slots if other is not slot]
        if slot.doubles_with and slot.doubles_with not in others:
            found = slot.doubles_with
            yield self._bad("doubles_unknown", *at, "doubles_with", slot=slot.name, found=found, nearest=nearest(found, others))

    def _needs(self, card: Card, slot: Slot, needs: Sequence[str], *path: str | int) -> Iterator[BadInput]:
        if not needs:
            yield self._bad("list_empty", *path)
        unknown = list(self._known("capability_unknown", needs, self.capabilities, *path, slot=slot.name, card=card.name))
        yield from unknown
        if needs and not unknown and not any(can.issuperset(needs) for _, can, _ in self.fleet):
            yield self._bad("capability_mix", *path, slot=slot.name, card=card.name, needs=" + ".join(needs))


def _overlap(card: Card, other: Card) -> bool:
    """Whether some incident could fall under both."""
    pairs = ((card.incident_types, other.incident_types), (card.priorities, other.priorities), (card.areas, other.areas))
    return all(not mine or not theirs or set(mine) & set(theirs) for mine, theirs in pairs)
