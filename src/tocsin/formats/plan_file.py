"""``plan.toml`` ↔ ``ResponsePlan``. Pure. What the rules of the plan mean stands in ``core/messages/plan.py``."""

import re
from collections.abc import Mapping

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.instants import MINUTES_PER_DAY
from tocsin.core.messages.plan import DEFAULT_COVER, DEFAULT_SPANS, Card, CoverRules, ResponsePlan, Slot, Spans
from tocsin.formats.toml_lines import TomlText
from tocsin.formats.toml_tables import Layout, read_struct, toml_lines, toml_remark

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")


def _minute(value: object) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > MINUTES_PER_DAY:
        raise ValueError
    return int(found[1]) * 60 + int(found[2])


NEVER = "never"
"""How a span is written that no alarm waits for: TOML has no word for nothing."""

SPANS = tuple(field.name for field in msgspec.structs.fields(Spans))


def _span(value: object) -> int | None:
    if value == NEVER:
        return None
    if type(value) is not int:  # a truth value is a whole number to Python, not to people
        raise ValueError
    return value


LAYOUT = Layout(
    names={
        ResponsePlan: {
            "incident_type": "incident_types", "card": "cards", "divert": "diverts", "turnout": "turnouts",
            "station_order": "station_orders", "aid": "aids",
        },
        CoverRules: {"rest_from": "rest_from_minute", "rest_to": "rest_to_minute"},
        Card: {"slot": "slots", "from": "from_minute", "to": "to_minute"},
    },
    special={
        "from": _minute, "to": _minute, "rest_from": _minute, "rest_to": _minute, "at_rest_gain_ppm": _span, **dict.fromkeys(SPANS, _span),
    },
    examples={
        "name": 'name = "structure fire"', "priorities": 'priorities = ["1", "2"]', "own_agency": 'own_agency = "city-fire"',
        "policy": 'policy = "road-time"', "code": 'code = "structure-fire"', "discipline": 'discipline = "fire"',
        "incident_types": 'incident_types = ["structure-fire"]', "areas": 'areas = ["01"]', "weekdays": "weekdays = [6, 7]",
        "from": 'from = "22:00"', "to": 'to = "06:00"', "alarm_level": "alarm_level = 2", "mode": 'mode = "road_time"',
        "target_s": "target_s = 480", "is_from_call": "is_from_call = true",
        "needs": 'needs = ["pump"]', "count": "count = 2", "is_required": "is_required = false",
        "alternatives": 'alternatives = [{ needs = ["ambulance"], worth_s = 120 }]', "worth_s": "worth_s = 120",
        "doubles_with": 'doubles_with = "pump"', "slot": "[[card.slot]]", "card": "[[card]]", "incident_type": "[[incident_type]]",
        "divert": "[[divert]]", "turnout": "[[turnout]]", "station_order": "[[station_order]]", "from_priority": 'from_priority = "2"',
        "to_priority": 'to_priority = "1"', "min_gain_s": "min_gain_s = 120", "not_within_s": "not_within_s = 60",
        "kind": 'kind = "engine"', "at_station_s": "at_station_s = 60", "on_road_s": "on_road_s = 0", "area": 'area = "01"',
        "stations": 'stations = ["01", "02"]',
        "urgent": 'urgent = ["1"]', "aid": "[[aid]]", "agency": 'agency = "county-fire"',
        "offset_s": "offset_s = 120", "cost_s": "cost_s = 180",
        "cover": "[cover]", "least_gain_ppm": "least_gain_ppm = 2000", "price_ppm_per_min": "price_ppm_per_min = 100",
        "at_rest_gain_ppm": 'at_rest_gain_ppm = 10000  (or "never")', "moves_per_hour": "moves_per_hour = 1", "stay_min": "stay_min = 20",
        "rest_from": 'rest_from = "22:00"', "rest_to": 'rest_to = "07:00"', "free": "free = 3",
        "area_permille": 'area_permille = { "01" = 1500 }',
        "table": 'table = [{ free = 1, stations = ["01"] }]',
        "is_sent_at_once": "is_sent_at_once = true", "spans": "[spans]", **{name: f"{name} = 60" for name in SPANS},
    },
)  # fmt: skip


def read_plan(source: TomlText, problems: list[BadInput]) -> ResponsePlan | None:
    """The plan that a text states; None when ``problems`` says why not. What it refers to is checked in ``plan_checks.py``."""
    return read_struct(ResponsePlan, source.data, (), source, LAYOUT, problems)


def write_plan(plan: ResponsePlan, *, head: str = "", cards: Mapping[str, str] | None = None) -> str:
    """The text of a plan, for people to edit. ``head`` explains the file; ``cards`` gives a remark by card name."""
    remarks = cards or {}
    top = {"name": plan.name, "priorities": plan.priorities, "policy": plan.policy}
    if plan.own_agency:
        top["own_agency"] = plan.own_agency
    if plan.urgent:
        top["urgent"] = plan.urgent
    out = [*toml_remark(head), *toml_lines(top)]
    sections: tuple[tuple[str, tuple[msgspec.Struct, ...]], ...] = (
        ("incident_type", plan.incident_types), ("turnout", plan.turnouts),
        ("divert", plan.diverts), ("station_order", plan.station_orders),
        ("aid", plan.aids),
    )  # fmt: skip
    for name, entries in sections:
        # An empty list of a required section still has to be said, or the file could not be read back.
        for entry in entries:
            out += ["", f"[[{name}]]", *toml_lines(msgspec.to_builtins(entry))]
    if plan.spans != DEFAULT_SPANS:
        stated = {name: NEVER if span is None else span for name, span in msgspec.to_builtins(plan.spans).items()}
        out += ["", "[spans]", *toml_lines(stated)]
    if plan.cover != DEFAULT_COVER:
        out += ["", "[cover]", *toml_lines(_cover_table(plan.cover))]
    for card in plan.cards:
        out += _card_lines(card, remarks.get(card.name, ""))
    text = "\n".join(out) + "\n"
    missing = [f"{name} = []" for name, entries in (("incident_type", plan.incident_types), ("card", plan.cards)) if not entries]
    return "\n".join([*missing, text]) if missing else text


def _cover_table(rules: CoverRules) -> dict[str, object]:
    table: dict[str, object] = msgspec.to_builtins(rules)
    if rules.at_rest_gain_ppm is None:
        table["at_rest_gain_ppm"] = NEVER
    for field, key in (("rest_from_minute", "rest_from"), ("rest_to_minute", "rest_to")):
        if field in table:
            table[key] = "{:02d}:{:02d}".format(*divmod(int(str(table.pop(field))), 60))
    return table


def _card_lines(card: Card, remark: str) -> list[str]:
    table: dict[str, object] = msgspec.to_builtins(card)
    slots = table.pop("slots")
    for field, key in (("from_minute", "from"), ("to_minute", "to")):
        if field in table:
            table[key] = "{:02d}:{:02d}".format(*divmod(int(str(table.pop(field))), 60))
    if not slots:
        table["slot"] = []
    return ["", *toml_remark(remark), "[[card]]", *toml_lines(table), *(line for slot in card.slots for line in _slot_lines(slot))]


def _slot_lines(slot: Slot) -> list[str]:
    return ["[[card.slot]]", *(f"  {line}" for line in toml_lines(msgspec.to_builtins(slot)))]
