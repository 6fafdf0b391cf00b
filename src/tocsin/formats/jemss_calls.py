"""What a JEMSS city says of its calls: ``scenario.json`` (derived, minutes) or, without it, ``call_gen_config_test.xml`` (days); and where
calls come from, ``demand_points.csv``. Pure."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.formats.delimited import lines_of, read_table
from tocsin.formats.jemss import MS_PER_DAY, Rank

MS_PER_MIN: Final = 60_000


class Span(msgspec.Struct, frozen=True):
    """A distribution of a duration."""

    dist: str
    mean_min: float


class Scenario(msgspec.Struct, frozen=True):
    """``scenario.json``: what is used of it."""

    calls_per_day: float
    priority_share: dict[str, float]
    target_response_min: dict[str, float]
    dispatch_delay_min: float
    on_scene: Span
    transport_probability: float
    handover: Span
    city: str = ""


class CallTold(NamedTuple):
    """How calls come and what they take."""

    calls_per_day: float
    shares: tuple[float, ...]
    """In the order of the priorities."""
    dispatch_delay_ms: int
    on_scene: tuple[str, int]
    """Law and mean (ms)."""
    transport_ppm: int
    handover: tuple[str, int]


class DemandPoints(NamedTuple):
    """Where calls come from."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    weight: NDArray[np.float64]
    """Not yet adding up to 1."""


_LAWS: Final = {"exponential": "exponential", "fixed": "fixed", "constant": "fixed", "normal": "fixed"}


def read_scenario(text: str, *, file: str) -> tuple[list[Rank], CallTold]:
    """Raises BadInput ``city_json``, ``city_span``, ``city_share``."""
    try:
        told = msgspec.json.decode(text.encode(), type=Scenario)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise BadInput("city_json", file=file, why=error) from None
    names = list(told.priority_share)
    if set(names) != set(told.target_response_min):
        raise BadInput("city_json", file=file, field="target_response_min", why=", ".join(told.target_response_min))
    ranks = [
        Rank(name, _ms(told.target_response_min[name], MS_PER_MIN, f"target_response_min.{name}", file, is_zero_taken=False))
        for name in names
    ]
    spans = [
        (_law(span.dist, f"{field}.dist", file), _ms(span.mean_min, MS_PER_MIN, f"{field}.mean_min", file))
        for field, span in (("on_scene", told.on_scene), ("handover", told.handover))
    ]
    return ranks, CallTold(
        _rate(told.calls_per_day, "calls_per_day", file),
        tuple(_share(told.priority_share[name], f"priority_share.{name}", file) for name in names),
        _ms(told.dispatch_delay_min, MS_PER_MIN, "dispatch_delay_min", file),
        spans[0],
        round(1e6 * _share(told.transport_probability, "transport_probability", file)),
        spans[1],
    )


def read_call_config(text: str, *, file: str) -> CallTold:
    """``callDistributions`` of a JEMSS generator's configuration: means of the distributions, days. Raises BadInput ``city_xml`` (cannot be
    read, or a distribution that is not known), ``city_span``, ``city_share``."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInput("city_xml", file=file, field="DOCTYPE", why="DOCTYPE")
    try:
        tree = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BadInput("city_xml", file=file, line=error.position[0], why=error) from None
    said: dict[str, str] = {name: (tree.findtext(f".//callDistributions/{name}") or "").strip() for name in _WANTED}
    found = {name: _distribution(said[name], name, file) for name in _WANTED}
    gap_days = found["interarrivalTime"][1][0]
    return CallTold(
        _rate(1 / gap_days if gap_days > 0 else float("nan"), "interarrivalTime", file),
        tuple(_share(value, "priority", file) for value in found["priority"][1]),
        _ms(found["dispatchDelay"][1][0], MS_PER_DAY, "dispatchDelay", file),
        (found["onSceneDuration"][0], _ms(found["onSceneDuration"][1][0], MS_PER_DAY, "onSceneDuration", file)),
        round(1e6 * _share(found["transport"][1][0], "transport", file)),
        (found["handoverDuration"][0], _ms(found["handoverDuration"][1][0], MS_PER_DAY, "handoverDuration", file)),
    )


_WANTED: Final = ("interarrivalTime", "priority", "dispatchDelay", "onSceneDuration", "transport", "handoverDuration")
_CALL: Final = re.compile(r"\s*(Exponential|Normal|Categorical|Bernoulli)\s*\((.*)\)\s*", re.S)


def _distribution(said: str, field: str, file: str) -> tuple[str, list[float]]:
    """Its law, and its arguments as numbers."""
    found = _CALL.fullmatch(said)
    try:
        if found is None:
            raise ValueError(said)
        value = _reckon(ast.parse(f"({found[2]},)", mode="eval").body)
        numbers = [float(one) for one in (value[0] if isinstance(value[0], list) else value)]
    except (ValueError, SyntaxError, ZeroDivisionError, TypeError, IndexError, OverflowError, RecursionError):
        raise BadInput("city_xml", file=file, field=field, why=said[:80] or "–") from None
    if found[1] == "Normal" and (len(numbers) < 2 or numbers[1] != 0):
        raise BadInput("city_xml", file=file, field=field, why=said[:80])
    return _LAWS.get(found[1].lower(), found[1].lower()), numbers


_SIGNS: Final[Mapping[type, Callable[[float, float], float]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def _reckon(node: ast.AST) -> Any:
    """Plain sums such as 12/60/24; nothing else is run. Raises ValueError."""
    match node:
        case ast.Constant(value=int() | float()):
            return node.value
        case ast.BinOp() if type(node.op) in _SIGNS:
            return _SIGNS[type(node.op)](_reckon(node.left), _reckon(node.right))
        case ast.UnaryOp(op=ast.USub()):
            return -_reckon(node.operand)
        case ast.List() | ast.Tuple():
            return [_reckon(one) for one in node.elts]
    raise ValueError


def read_demand_points(text: str, *, file: str) -> DemandPoints:
    """``demand_points.csv``: index, lon, lat, weight. Raises BadInput ``city_column_missing``, ``city_number``, ``city_demand_none``."""
    table = read_table(lines_of(text), file=file)
    for column in ("lon", "lat", "weight"):
        if column not in table.header:
            raise BadInput("city_column_missing", file=file, line=table.line, field=column, known=", ".join(table.header))
    at = [table.header.index(column) for column in ("lon", "lat", "weight")]
    rows = []
    for line, fields in table.rows:
        numbers = [_number(fields[nth] if nth < len(fields) else "") for nth in at]
        for column, number, least, most in zip(("lon", "lat", "weight"), numbers, (-180, -90, 0), (180, 90, 1e12), strict=True):
            if not least <= number <= most:
                nth = table.header.index(column)
                raise BadInput("city_number", file=file, line=line, field=column, value=fields[nth] if nth < len(fields) else "")
        rows.append(numbers)
    found = np.array(rows, dtype=np.float64).reshape(-1, 3)
    if not found[:, 2].sum() > 0:
        raise BadInput("city_demand_none", file=file, field="weight")
    return DemandPoints(found[:, 0].copy(), found[:, 1].copy(), found[:, 2].copy())


def _number(text: str) -> float:
    """NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _law(text: str, field: str, file: str) -> str:
    if text not in _LAWS:
        raise BadInput("city_law", file=file, field=field, value=text, known=", ".join(sorted(_LAWS)))
    return _LAWS[text]


def _ms(value: float, unit_ms: int, field: str, file: str, *, is_zero_taken: bool = True) -> int:
    if not (isfinite(value) and value * unit_ms <= 7 * MS_PER_DAY and (value > 0 or (is_zero_taken and value == 0))):
        raise BadInput("city_span", file=file, field=field, value=value)
    return round(value * unit_ms)


def _share(value: float, field: str, file: str) -> float:
    if not 0 <= value <= 1:
        raise BadInput("city_share", file=file, field=field, value=value)
    return value


def _rate(value: float, field: str, file: str) -> float:
    if not (isfinite(value) and value > 0):
        raise BadInput("city_demand_none", file=file, field=field)
    return value
