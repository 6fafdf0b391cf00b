"""Two services live one log; what comes of it is told call by call."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.instants import local_text
from tocsin.core.engine.move_up import rule_of
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import DEFAULT_COVER
from tocsin.lab.city.cover import cover_models, with_areas
from tocsin.lab.city.model import CrewedUnit, Longs
from tocsin.lab.draws import Streams
from tocsin.lab.outcome import Outcome
from tocsin.lab.relived.drives import FittedDrives
from tocsin.lab.relived.paired import Blocks, Lives, blocks_of, fits, group, worst_first
from tocsin.lab.relived.past import Kinds, Past
from tocsin.lab.relived.serving import Service
from tocsin.lab.relived.touched import touched
from tocsin.lab.relived.weeks import Lived, differing, kinds_for, live, short_of, wanted_of
from tocsin.lab.run import run
from tocsin.views.experiment_answer import Partial
from tocsin.views.whatif_answer import CallTold, Group, KindLoad, Remark, StationTold, WhatifAnswer

MOVED_MS = 60_000
"""A call that much sooner or later is told to be better or worse."""

MOST_TOLD = 5
WEEK_MINUTES, MINUTE_MS = 10_080, 60_000

DEFECTS = frozenset(
    f"defect_{code}"
    for code in (
        "no_place", "nobody_sent", "nobody_arrived", "sent_before_call", "on_scene_before_call", "free_before_there", "never_free",
        "unit_unknown", "at_hospital_before_transporting",
    )
)  # fmt: skip
"""Defects that have a sentence; the others are the reports' (``tocsin report --excluded``)."""

Services = tuple[Service, Service]
"""As it was, and changed."""


class Dice(NamedTuple):
    """What is drawn, and how often."""

    seed: int
    replications: int


class Run(NamedTuple):
    """What came of one service in one replication."""

    response_ms: Longs
    """By row; -1 = nobody came."""
    busy_ms: dict[str, int]
    duty_ms: dict[str, int]
    is_overloaded: bool


def live_twice(past: Past, services: Services, dice: Dice, on_done: Callable[[int], None] = lambda done: None) -> list[tuple[Run, Run]]:
    """Every replication of both services, with the same calls and dice; those that were whole when a person stopped it. Raises BadInput of
    ``lab/run.py``, and KeyboardInterrupt where none was whole."""
    kinds = kinds_for(past, *services)
    found: list[tuple[Run, Run]] = []
    try:
        for replication in range(dice.replications):
            found.append(_lived_once(past, services, kinds, Streams(dice.seed, replication)))
            on_done(replication + 1)
    except KeyboardInterrupt:
        if not found:
            raise
    return found


def _lived_once(past: Past, services: Services, kinds: Kinds, streams: Streams) -> tuple[Run, Run]:
    runs = [Run(np.full(len(past.rows), -1, np.int64), {}, {}, False) for _ in services]
    for lived in live(past, [(services[0], kinds.base), (services[1], kinds.changed)], kinds, streams):
        for nth, (one, service) in enumerate(zip(lived, services, strict=True)):
            runs[nth] = _with_week(runs[nth], one, past, _outcome(one, service))
    return runs[0], runs[1]


def _outcome(lived: Lived, service: Service) -> Outcome:
    policy, rules = POLICIES[service.policy], service.plan.cover if service.plan is not None else DEFAULT_COVER
    needs_cover = policy.returns != "home" or policy.preserves != "nobody"
    cover = with_areas(cover_models(lived.city), rules.area_permille) if needs_cover else None
    return run(lived.city, lived.calls, policy, cover=cover, rule=rule_of(rules.least_gain_ppm, rules.price_ppm_per_min))


def _with_week(so_far: Run, lived: Lived, past: Past, outcome: Outcome) -> Run:
    response_ms = so_far.response_ms
    response_ms[lived.rows] = np.where(outcome.on_scene_ms >= 0, outcome.on_scene_ms - lived.calls.at_ms, -1)
    first_ms, last_ms = int(lived.calls.at_ms.min()), int(lived.calls.at_ms.max())
    for unit, busy_ms in zip(lived.city.units, outcome.busy_ms.tolist(), strict=True):
        so_far.busy_ms[unit.name] = so_far.busy_ms.get(unit.name, 0) + busy_ms
        so_far.duty_ms[unit.name] = so_far.duty_ms.get(unit.name, 0) + _duty_ms(unit, first_ms, last_ms)
    return so_far._replace(is_overloaded=so_far.is_overloaded or outcome.is_overloaded)


def _duty_ms(unit: CrewedUnit, first_ms: int, last_ms: int) -> int:
    """Of the week, between its first call and its last."""
    windows = [(one.begins * MINUTE_MS, one.until * MINUTE_MS) for one in unit.shifts] or [(0, WEEK_MINUTES * MINUTE_MS)]
    return sum(max(0, min(until, last_ms) - max(begins, first_ms)) for begins, until in windows)


# ---- what is told


class Told(NamedTuple):
    """What is said beside the figures."""

    head: str
    changes: tuple[Remark, ...]
    remarks: tuple[Remark, ...]


def answer(past: Past, services: Services, dice: Dice, runs: list[tuple[Run, Run]], told: Told) -> WhatifAnswer:
    """Raises BadInput ``whatif_nobody_reached``."""
    all_base, all_changed = (np.stack([pair[nth].response_ms for pair in runs]) for nth in (0, 1))
    was_reached = np.array([row.response_ms is not None for row in past.rows])
    rows = np.flatnonzero(was_reached & (all_base >= 0).all(axis=0) & (all_changed >= 0).all(axis=0))
    if not len(rows):
        raise BadInput("whatif_nobody_reached")
    own = [past.rows[nth] for nth in rows.tolist()]
    newly = np.flatnonzero(was_reached & (all_base >= 0).all(axis=0) & (all_changed < 0).any(axis=0))
    lives = Lives(all_base[:, rows], all_changed[:, rows])
    zone, classes = past.heard.timezone, past.targets.classes
    target_ms = {one.name: one.target_ms for one in classes}
    late_ms = np.array([target_ms[row.priority] for row in own], np.int64)
    blocks = blocks_of(own, zone, Streams(dice.seed, 0))
    every = np.ones(len(own), np.bool_)
    apart_ms = (lives.changed - lives.base).mean(axis=0)
    order = np.argsort(apart_ms, kind="stable")
    return WhatifAnswer(
        centre=past.heard.name or past.heard.centre,
        journal_head=told.head,
        policy_base=services[0].policy,
        policy_changed=services[1].policy,
        changes=told.changes,
        seed=dice.seed,
        replications=len(runs),
        replications_asked=dice.replications,
        calls=len(past.rows),
        incidents=len(past.heard.rows),
        measured=len(own),
        resampled=blocks.what,
        targets_s={one.name: one.target_ms / 1000 for one in classes},
        targets_source={one.name: source for one, source in zip(classes, past.targets.by_priority, strict=True)},
        fit=fits(past, rows, lives.base),
        every=group(lives, late_ms, blocks, every, has_p90=True),
        priorities=_groups(lives, late_ms, blocks, [row.priority for row in own], [one.name for one in classes], has_p90=True),
        areas=worst_first(_groups(lives, late_ms, blocks, [row.area for row in own], sorted({row.area for row in own}), has_p90=False)),
        stations=_stations(past, services, rows, lambda chosen: group(lives, late_ms, blocks, chosen, has_p90=True)),
        kinds=_loads(services, runs),
        unreached_base=round(float((all_base < 0).sum(axis=1).mean())),
        unreached_changed=round(float((all_changed < 0).sum(axis=1).mean())),
        newly_unreached=dict(Counter(past.rows[nth].area for nth in newly.tolist()).most_common()),
        better=int((apart_ms < -MOVED_MS).sum()),
        worse=int((apart_ms > MOVED_MS).sum()),
        best=tuple(_call(past, rows, lives, int(nth)) for nth in order[:MOST_TOLD] if apart_ms[nth] < -MOVED_MS),
        worst=tuple(_call(past, rows, lives, int(nth)) for nth in order[::-1][:MOST_TOLD] if apart_ms[nth] > MOVED_MS),
        remarks=told.remarks,
        is_overloaded=any(one.is_overloaded for pair in runs for one in pair),
        partial=Partial("cancelled") if len(runs) < dice.replications else None,
    )


def _stations(past: Past, services: Services, rows: Longs, figures: Callable[[NDArray[np.bool_]], Group]) -> dict[str, StationTold]:
    found = {}
    for one in touched(past, *services):
        chosen = one.is_nearest[rows]
        found[one.station] = StationTold(
            one.is_closed, one.before, one.after, one.posted, one.areas, figures(chosen) if chosen.any() else None
        )  # fmt: skip
    return found


def _groups(lives: Lives, late_ms: Longs, blocks: Blocks, key: list[str], names: list[str], *, has_p90: bool) -> dict[str, Group]:
    of = np.array(key)
    return {name: group(lives, late_ms, blocks, of == name, has_p90=has_p90) for name in names if (of == name).any()}


def _call(past: Past, rows: Longs, lives: Lives, nth: int) -> CallTold:
    row = past.rows[int(rows[nth])]
    before_s, after_s = (round(float(one[:, nth].mean()) / 1000, 1) for one in lives)
    at = local_text(row.arrived, past.heard.timezone)
    return CallTold(row.incident, at, row.incident_type, row.priority, row.area, before_s, after_s)


def _loads(services: Services, runs: list[tuple[Run, Run]]) -> dict[str, KindLoad]:
    kinds = sorted({unit.kind for service in services for unit in service.units})
    found = {}
    for kind in kinds:
        names = [{unit.name for unit in service.units if unit.kind == kind} for service in services]
        shares = []
        for nth in (0, 1):
            busy = sum(ms for pair in runs for name, ms in pair[nth].busy_ms.items() if name in names[nth])
            duty = sum(ms for pair in runs for name, ms in pair[nth].duty_ms.items() if name in names[nth])
            shares.append(round(busy / duty, 4) if duty else 0.0)
        found[kind] = KindLoad(len(names[0]), len(names[1]), shares[0], shares[1])
    return found


def _fitted(drives: FittedDrives) -> Remark:
    fitted = drives.lights.drives + (drives.normal.drives if drives.normal != drives.lights else 0)
    if not fitted:
        return Remark("not_fitted")
    values = {
        "drives": str(fitted),
        "factor": f"{drives.lights.factor:.2f}",
        "constant_s": str(round(drives.lights.constant_ms / 1000)),
        "plain_factor": f"{drives.normal.factor:.2f}",
        "plain_constant_s": str(round(drives.normal.constant_ms / 1000)),
    }
    return Remark("fitted", values)


def remarks_of(past: Past, base: Service, changed: Service) -> list[Remark]:
    """What was assumed of the log, with its defects."""
    heard, drives = past.heard, past.drives
    found = [_fitted(drives)]
    counted = [
        ("lost", len(heard.rows) - len(past.rows)),
        ("guessed", sum(unit.is_guessed for unit in base.units)),
        ("duty", sum(unit.name in heard.off_duty for unit in base.units)),
        ("differing", differing(past, wanted_of(past, base))),
        ("short", short_of(past, base, changed)),
        ("waited", past.waited),
        ("left_out", heard.left_out),
        *((f"defect_{code}", count) for code, count in sorted(heard.defects.items()) if f"defect_{code}" in DEFECTS),
    ]
    found += [Remark(code, {"count": str(count)}) for code, count in counted if count]
    if not heard.hospitals:
        found.append(Remark("no_hospitals"))
    found += [Remark("weeks"), Remark("hindsight"), Remark("people")]
    return found
