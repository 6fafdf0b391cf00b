"""``lab.toml``: what a city is not told by its tables. Pure.

Names are checked where the city is known (``lab/city/laid.py``); types, bounds and hours of the day here.
"""

import re
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.base.instants import MINUTES_PER_DAY
from tocsin.formats.lab_bounds import Bounds
from tocsin.formats.lab_laid import Break, LabFile, Shift
from tocsin.formats.toml_lines import TomlText
from tocsin.formats.toml_tables import Layout, read_struct


class LabText(NamedTuple):
    """What was written, and where each thing stands."""

    laid: LabFile
    source: TomlText


_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")


def _minute(value: object) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > MINUTES_PER_DAY:
        raise ValueError
    return int(found[1]) * 60 + int(found[2])


LAYOUT = Layout(
    names={
        LabFile: {"break": "rest"},
        Shift: {"from": "begins"},
        Break: {"from": "begins"},
    },
    special={"from": _minute, "until": _minute, "at": _minute},
    examples={
        "sources": 'sources = ["Streets © OpenStreetMap contributors"]', "data_to": 'data_to = "2026-05"',
        "from": 'from = "07:00"', "until": 'until = "19:00"', "at": 'at = "08:30"', "days": 'days = ["mon", "tue"]',
        "units": 'units = ["A1", "A2"]', "minutes": "minutes = 30", "shift": "[[shift]]", "break": "[[break]]", "unit": "[[unit]]",
        "mutual_aid": "[[mutual_aid]]", "hospital_bays": "[[hospital_bays]]", "turnout": "[[turnout]]", "priority": "[[priority]]",
        "calls": "[[calls]]", "area": "[[area]]", "surge": "[[surge]]", "happening": "[[happening]]", "hospital": 'hospital = "H1"',
        "bays": "bays = 3", "offset_s": "offset_s = 120", "cost_s": "cost_s = 180", "call_takers": "call_takers = 2",
        "call_taking": 'call_taking = { mean_s = 90, law = "lognormal", spread = 0.4 }', "travel_spread": "travel_spread = 0.2",
        "travel_times": "travel_times = [1.0, …]  (24 or 168 numbers)", "wrong_priority": "wrong_priority = 0.1",
        "mean_s": "mean_s = 90", "law": 'law = "lognormal"', "spread": "spread = 0.4", "values_s": "values_s = [60, 75, 120]",
        "at_station": 'at_station = { mean_s = 60, law = "lognormal", spread = 0.3 }', "on_road": "on_road = { mean_s = 10 }",
        "on_scene": 'on_scene = { mean_s = 1200, law = "exponential" }',
        "handover": 'handover = { mean_s = 900, law = "gamma", spread = 2 }',
        "per_hour": "per_hour = [1.5, …]  (24 or 168 numbers)", "per_day": "per_day = 20", "needs": 'needs = [["ambulance"]]',
        "transport": "transport = 0.5", "second_report": "second_report = 0.2", "areas": 'areas = { "A1" = 2.0 }', "times": "times = 1.3",
        "target_s": "target_s = 480", "is_urgent": "is_urgent = true", "what": 'what = "station_lost"', "day": "day = 2",
        "hours": "hours = 6", "line": "line = [[-71.25, -29.90], [-71.24, -29.91]]", "points": "points = [[-71.25, -29.90]]",
        "point": "point = [-71.25, -29.90]", "within_min": "within_min = 10", "compliance": "[compliance]", "free": "free = 2",
        "table": 'table = [{ free = 1, stations = ["A1"] }]', "stations": 'stations = ["A1", "A2"]',
        "capabilities": 'capabilities = ["transport"]',
    },
)  # fmt: skip


def read_lab_file(source: TomlText, *, apart: frozenset[str] = frozenset()) -> LabText:
    """The text's own part; ``apart``: keys of its top that somebody else reads. Raises the first fault, with its line: BadInput
    ``setting_unknown``, ``setting_missing``, ``value_kind``, ``value_choice``, ``number_small``, ``number_large``, ``window_empty``,
    ``list_empty``, ``lab_hours``, ``lab_lacks``."""
    problems: list[BadInput] = []
    table = {key: value for key, value in source.data.items() if key not in apart}
    laid = read_struct(LabFile, table, (), source, LAYOUT, problems)
    if laid is not None:
        problems += Bounds(laid, source).findings()
    if problems or laid is None:
        raise min(problems, key=lambda one: one.line or 0)
    return LabText(laid, source)
