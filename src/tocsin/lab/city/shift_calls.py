"""Kinds of call from a scenario's text (``lab/scenario.py``) and a response plan's cards; or, where nobody wrote a scenario, invented ones
that say so."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from tocsin.base.faults import BadInput
from tocsin.core.engine.plan_matching import Situation, cards_for, slots_of
from tocsin.core.messages.plan import Card, ResponsePlan
from tocsin.formats.nearest import nearest
from tocsin.lab.city.checks import Remark
from tocsin.lab.city.model import CallKind, Divert, PriorityClass, Span, Turnout
from tocsin.lab.scenario import Kind, Scenario

URGENT_S, OTHER_S = 480, 1_200
"""Targets where neither card nor anybody states one: NFPA 1710's eight minutes for advanced life support, rounded from call to arrival;
and twenty."""
CALLS_PER_UNIT_DAY: Final = 4.0
"""Of an invented demand: a unit is out a sixth of its time."""
INVENTED_SCENE_S: Final = 1_500
SCENE_SPREAD, TURNOUT_SPREAD, HOSPITAL_SPREAD = 0.5, 0.3, 0.4
"""Sigmas, as the invented shift of ``lab/world.py`` draws them."""


class Called(NamedTuple):
    """What people call about."""

    priorities: tuple[PriorityClass, ...]
    kinds: tuple[CallKind, ...]
    turnouts: tuple[Turnout, ...]
    call_taking: Span
    travel_spread: float
    remarks: tuple[Remark, ...]
    target_from: tuple[str, ...]
    """By priority (``City.target_from``)."""


def told_calls(plan: ResponsePlan, scenario: Scenario, *, file: str) -> Called:
    """As the scenario says, sent what the plan's cards say. Raises BadInput ``city_unknown`` for a priority that the plan does not have."""
    for kind in scenario.kinds:
        if kind.priority not in plan.priorities:
            known = nearest(kind.priority, plan.priorities)
            raise BadInput("city_unknown", file=file, field="kinds.priority", name=kind.priority, known=known)
    whole = sum(kind.share for kind in scenario.kinds)
    asked = [kind for kind in scenario.kinds if kind.share]
    names = _told_apart([(kind.incident_type, kind.priority) for kind in asked])
    kinds = tuple(_kind(plan, scenario, kind, name, kind.share / whole) for kind, name in zip(asked, names, strict=True))
    told_s = scenario.answer_s + scenario.interview_s + scenario.decide_s
    priorities, sources, remarks = priorities_of(plan, [(kind.incident_type, kind.priority) for kind in asked])
    return Called(
        priorities, kinds, turnouts_of(plan, scenario), Span(round(1000 * told_s)), scenario.travel_spread, tuple(remarks), sources
    )  # fmt: skip


def _kind(plan: ResponsePlan, scenario: Scenario, kind: Kind, name: str, share: float) -> CallKind:
    is_transport = kind.course == "transport"
    return CallKind(
        name=name,
        priority=plan.priorities.index(kind.priority),
        per_hour=tuple(rate * share for rate in scenario.calls_per_hour) * 7,
        slots=slots_of(_cards(plan, kind.incident_type, kind.priority)),
        on_scene=Span(kind.on_scene_s * 1000, "lognormal", SCENE_SPREAD),
        transport_ppm=round(1e6 * kind.transport_probability) if is_transport else 0,
        handover=Span(round(1000 * scenario.hospital_s), "lognormal", HOSPITAL_SPREAD) if is_transport else Span(0),
        second_report_ppm=round(1e6 * kind.second_call_probability),
    )


def invented_calls(plan: ResponsePlan, units: int, *, is_transport: bool) -> Called:
    """Every incident type that a card is for, equally often, at all priorities that its cards are for, at all hours alike;
    how often, by the number of units."""
    asked = [(one.code, priority) for one in plan.incident_types for priority in _priorities_for(plan, one.code)]
    asked = asked or [("call", priority) for priority in plan.priorities]
    per_day = CALLS_PER_UNIT_DAY * max(1, units)
    types = Counter(code for code, _ in asked)
    kinds = tuple(
        CallKind(
            name=name,
            priority=plan.priorities.index(priority),
            per_hour=(per_day / 24 / len(types) / types[code],) * 168,
            slots=slots_of(_cards(plan, code, priority)),
            on_scene=Span(INVENTED_SCENE_S * 1000, "lognormal", SCENE_SPREAD),
            transport_ppm=500_000 if is_transport and _is_for_patients(plan, code, priority) else 0,
            handover=Span(1_200_000, "lognormal", HOSPITAL_SPREAD) if is_transport else Span(0),
        )
        for (code, priority), name in zip(asked, _told_apart(asked), strict=True)
    )
    priorities, sources, remarks = priorities_of(plan, asked)
    said: Remark = ("demand_invented", (("per_day", round(per_day)), ("units", units)))
    return Called(priorities, kinds, turnouts_of(plan, None), Span(90_000), 0.18, (said, *remarks), sources)


def _priorities_for(plan: ResponsePlan, code: str) -> list[str]:
    """Those that cards for the type name; all where one of them names none; none where no card is for the type."""
    cards = [card for card in plan.cards if code in card.incident_types or not card.incident_types]
    named = {priority for card in cards for priority in (card.priorities or plan.priorities)}
    return [priority for priority in plan.priorities if priority in named]


def _told_apart(asked: Sequence[tuple[str, str]]) -> list[str]:
    """A name for each type and priority: what chance decides of a kind of call hangs on its name, so no two are alike."""
    often, names = Counter(code for code, _ in asked), Counter[str]()
    told = []
    for code, priority in asked:
        name = code if often[code] == 1 else f"{code} {priority}"
        names[name] += 1
        told.append(name if names[name] == 1 else f"{name} {names[name]}")
    return told


def _is_for_patients(plan: ResponsePlan, code: str, priority: str) -> bool:
    needs = {need for slot in slots_of(_cards(plan, code, priority)) for need in slot.needs}
    return bool(needs & {"ambulance", "transport", "als", "bls"})


def _cards(plan: ResponsePlan, code: str, priority: str) -> tuple[Card, ...]:
    """Those of the first alarm, at no hour in particular, in no area in particular."""
    return cards_for(plan, Situation(code, priority, "", 1, None))


def priorities_of(plan: ResponsePlan, asked: Sequence[tuple[str, str]]) -> tuple[tuple[PriorityClass, ...], tuple[str, ...], list[Remark]]:
    """``asked``: types with their priorities. Driven to with lights are those that the plan calls urgent, else the more urgent half;
    targets are the shortest of their cards, and where each is from comes second. What had to be assumed is said."""
    half = (len(plan.priorities) + 1) // 2
    urgent = plan.urgent or plan.priorities[:half]
    made, assumed = [], []
    for name in plan.priorities:
        told = [card.target_s for code, priority in asked if priority == name for card in _cards(plan, code, name) if card.target_s]
        if not told:
            assumed.append(name)
        target_s = min(told) if told else URGENT_S if name in urgent else OTHER_S
        made.append(PriorityClass(name, target_s * 1000, is_urgent=name in urgent))
    remarks: list[Remark] = [] if plan.urgent else [("urgent_assumed", (("urgent", ", ".join(urgent)),))]
    if assumed:
        remarks.append(("targets_assumed", (("priorities", ", ".join(assumed)), ("urgent_s", URGENT_S), ("other_s", OTHER_S))))
    return tuple(made), tuple("default" if one.name in assumed else "plan" for one in made), remarks


def turnouts_of(plan: ResponsePlan, scenario: Scenario | None) -> tuple[Turnout, ...]:
    """The plan's; what it does not state, the scenario's; nothing where neither does."""
    made = {one.kind: (one.at_station_s, one.on_road_s) for one in plan.turnouts}
    for kind, at_station_s in (scenario.turnout_s if scenario is not None else {}).items():
        made.setdefault(kind, (round(at_station_s), 0))
    return tuple(
        Turnout(kind, Span(1000 * at_station_s, "lognormal", TURNOUT_SPREAD), Span(1000 * on_road_s))
        for kind, (at_station_s, on_road_s) in made.items()
    )


def diverts_of(plan: ResponsePlan) -> tuple[Divert, ...]:
    """The plan's divert table."""
    at = plan.priorities.index
    return tuple(Divert(at(one.from_priority), at(one.to_priority), 1000 * one.min_gain_s, 1000 * one.not_within_s) for one in plan.diverts)
