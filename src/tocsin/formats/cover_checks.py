"""What a plan says of cover, urgency and mutual aid, held against its centre. Pure; a part of ``plan_checks.py``."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import ResponsePlan
from tocsin.formats.nearest import nearest
from tocsin.formats.toml_lines import TomlText

MOST_PPM = 1_000_000
LONGEST_STAY_MIN = 1_440
MOST_MOVES = 60
MOST_PERMILLE = 1_000_000


class Known(NamedTuple):
    """What a plan may name."""

    stations: Collection[str]
    agencies: Collection[str]
    capabilities: Collection[str]


def check_cover(plan: ResponsePlan, source: TomlText, known: Known) -> Iterator[BadInput]:
    """Findings: ``priority_unknown``, ``doubled``, ``urgent_missing``, ``agency_unknown``, ``number_small``, ``number_large``,
    ``window_half``, ``window_empty``, ``station_unknown``, ``capability_unnamed``, ``posting_missing``, ``doubled``."""
    yield from _urgent(plan, source)
    yield from _aids(plan, source, known)
    yield from _numbers(plan, source)
    yield from _rest(plan, source)
    yield from _table(plan, source, known)
    yield from _areas(plan, source, known)


def slip(code: str, source: TomlText, *path: str | int, **values: object) -> BadInput:
    """One finding, with its line."""
    field = next((part for part in reversed(path) if isinstance(part, str)), "")
    return BadInput(code, file=source.file, line=source.line(*path), field=field, **values)


def unknown(code: str, source: TomlText, words: Sequence[str], listed: Collection[str], *path: str | int) -> Iterator[BadInput]:
    """A finding for each word that is not listed."""
    for word in words:
        if word not in listed:
            yield slip(code, source, *path, found=word, nearest=nearest(word, list(listed)))


def _doubled(source: TomlText, names: Sequence[object], *path: str | int) -> Iterator[BadInput]:
    for nth, name in enumerate(names):
        if name in names[:nth]:
            yield slip("doubled", source, *path, found=name, first=source.line(*path))


def _urgent(plan: ResponsePlan, source: TomlText) -> Iterator[BadInput]:
    yield from unknown("priority_unknown", source, plan.urgent, plan.priorities, "urgent")
    yield from _doubled(source, plan.urgent, "urgent")
    policy = POLICIES.get(plan.policy)
    if policy is not None and policy.preserves == "not_urgent" and not plan.urgent:
        yield slip("urgent_missing", source, "policy", policy=plan.policy, order=", ".join(plan.priorities))


def _aids(plan: ResponsePlan, source: TomlText, known: Known) -> Iterator[BadInput]:
    yield from _doubled(source, [aid.agency for aid in plan.aids], "aid")
    for nth, aid in enumerate(plan.aids):
        yield from unknown("agency_unknown", source, [aid.agency], known.agencies, "aid", nth, "agency")
        for field in ("offset_s", "cost_s"):
            yield from _within(source, getattr(aid, field), (0, 86_400), "aid", nth, field)


def _within(source: TomlText, number: int | None, bounds: tuple[int, int], *path: str | int) -> Iterator[BadInput]:
    least, most = bounds
    if number is not None and number < least:
        yield slip("number_small", source, *path, found=number, least=least)
    if number is not None and number > most:
        yield slip("number_large", source, *path, found=number, most=most)


def _numbers(plan: ResponsePlan, source: TomlText) -> Iterator[BadInput]:
    bounds = {
        "least_gain_ppm": (0, MOST_PPM), "price_ppm_per_min": (0, MOST_PPM), "at_rest_gain_ppm": (0, MOST_PPM),
        "moves_per_hour": (1, MOST_MOVES), "stay_min": (0, LONGEST_STAY_MIN),
    }  # fmt: skip
    for field, between in bounds.items():
        yield from _within(source, getattr(plan.cover, field), between, "cover", field)


def _rest(plan: ResponsePlan, source: TomlText) -> Iterator[BadInput]:
    opens, closes = plan.cover.rest_from_minute, plan.cover.rest_to_minute
    if (opens is None) != (closes is None):
        yield slip("window_half", source, "cover", "rest_from" if closes is None else "rest_to")
    elif opens is not None and opens == closes:
        yield slip("window_empty", source, "cover", "rest_to")


def _areas(plan: ResponsePlan, source: TomlText, known: Known) -> Iterator[BadInput]:
    """Areas are those of the stations that are first due there."""
    for area, permille in plan.cover.area_permille.items():
        yield from unknown("station_unknown", source, [area], known.stations, "cover", "area_permille", area)
        yield from _within(source, permille, (0, MOST_PERMILLE), "cover", "area_permille", area)


def _table(plan: ResponsePlan, source: TomlText, known: Known) -> Iterator[BadInput]:
    rules, policy = plan.cover, POLICIES.get(plan.policy)
    if policy is not None and policy.returns == "compliance" and not rules.table:
        yield slip("posting_missing", source, "policy", policy=plan.policy)
    if rules.needs and rules.needs not in known.capabilities:
        yield slip(
            "capability_unnamed", source, "cover", "needs", found=rules.needs, nearest=nearest(rules.needs, list(known.capabilities))
        )
    yield from _doubled(source, [row.free for row in rules.table], "cover", "table")
    for nth, row in enumerate(rules.table):
        yield from _within(source, row.free, (0, 65_536), "cover", "table", nth, "free")
        yield from unknown("station_unknown", source, row.stations, known.stations, "cover", "table", nth, "stations")
        if len(row.stations) > row.free:
            yield slip("table_row_long", source, "cover", "table", nth, "stations", free=row.free, count=len(row.stations))
