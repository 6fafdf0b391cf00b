"""A journal's own calls lived again: as the centre was set up, and changed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput, Fault
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.edge.whole_file import check_place, write_whole
from tocsin.formats.lab_file import read_lab_file
from tocsin.formats.plan_checks import check_plan
from tocsin.formats.plan_file import read_plan
from tocsin.formats.toml_lines import read_toml
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.demand import targets_of
from tocsin.lab.relived.ground import RoadMaker, ground_of, is_outside, network_roads, straight_roads
from tocsin.lab.relived.past import past_of
from tocsin.lab.relived.serving import (
    Service,
    add_unit,
    close_station,
    move_unit,
    rehomed,
    remove_unit,
    service_of,
    stations_of,
)
from tocsin.lab.relived.whatif import Dice, Told, answer, live_twice, remarks_of
from tocsin.pages.whatif import render
from tocsin.views.trips import Trip
from tocsin.views.whatif_answer import Remark, WhatifAnswer
from tocsin.wiring.cities import DEMAND_KEYS, LAB, LAB_KEYS
from tocsin.wiring.heard import drives_of_journal, hear_journal
from tocsin.wiring.reports import PAGE_BEGIN
from tocsin.wiring.roads import open_roads
from tocsin.wiring.stages import Progress

DAY_MS = 86_400_000
BESIDE = "centre"
"""Name of the centre's folder beside a journal, as the demo and ``import`` write it."""


class WhatifOptions(NamedTuple):
    """The changes, and how to live through them."""

    centre: Path | None = None
    close_station: Sequence[str] = ()
    add_unit: Sequence[str] = ()
    move: Sequence[str] = ()
    remove_unit: Sequence[str] = ()
    policy: str | None = None
    plan: Path | None = None
    target: Sequence[str] = ()
    """``PRIORITY=SECONDS``."""
    replications: int = 3
    seed: int = 1


class Relive(NamedTuple):
    """A log that is to be lived again."""

    path: Path
    centre: Path | None
    """Folder with its roads."""
    last_days: float | None
    """Only calls that arrived within so many days before the last one; None = all."""
    targets_s: dict[str, int]
    dice: Dice


Sides = Callable[[Service, Heard], tuple[Service, Service, list[Remark]]]
"""From the log's own service: what is lived first, what is lived beside it, and how they differ."""


def whatif(path: Path, options: WhatifOptions, *, progress: Progress) -> WhatifAnswer:
    """Live a log twice. Raises BadInput of the ``whatif_…`` and ``journal_…`` codes, and those of files that cannot be read."""
    _check(options)
    asked = Relive(path, options.centre, None, _targets_asked(options.target), Dice(options.seed, options.replications))
    return relive(asked, lambda base, heard: (base, *_changed(base, options, heard)), progress)


def relive(asked: Relive, sides: Sides, progress: Progress) -> WhatifAnswer:
    """The same with changes of any making. Raises as ``whatif`` does."""
    heard, head = hear_journal(asked.path, progress=progress)
    trips = drives_of_journal(asked.path, progress=progress)
    if asked.last_days is not None:
        heard, trips = last_of(heard, trips, asked.last_days)
    if not any(row.place is not None and row.sent for row in heard.rows):
        raise BadInput("journal_without_calls", file=str(asked.path))
    stations = stations_of(heard)
    folder = _folder_of(asked.path, asked.centre, heard)
    targets = targets_of(heard.rows, heard.plan, heard.timezone, asked.targets_s, _lab_targets(folder))
    roads, road_remark = _roads(folder, asked.centre, heard, progress)
    ground = ground_of(heard, [one.at for one in stations], roads)
    past = past_of(heard, trips, ground, targets)
    base, changed, changes = sides(service_of(heard, trips, stations, ground), heard)
    changed, moved = rehomed(changed, past.ground)
    if moved:
        changes.append(Remark("rehomed", {"units": ", ".join(moved)}))
    dice = asked.dice
    runs = live_twice(past, (base, changed), dice, lambda done: progress(done, dice.replications, "relive"))
    told = Told(head, tuple(changes), (road_remark, *remarks_of(past, base, changed)))
    return answer(past, (base, changed), dice, runs, told)


def last_of(heard: Heard, trips: Sequence[Trip], days: float) -> tuple[Heard, list[Trip]]:
    """The part of a log that begins so many days before its last call that can be lived again; drives to other calls are left out with
    them."""
    last = max((row.arrived for row in heard.rows if row.place is not None and row.sent), default=heard.first)
    rows = tuple(row for row in heard.rows if row.arrived >= last - days * DAY_MS)
    kept = {row.incident for row in rows}
    return heard._replace(rows=rows), [trip for trip in trips if trip.incident in kept]


def check_page(out: Path) -> None:
    """Whether a page may be written there: told before the work, not after it."""
    check_place(out, begins=PAGE_BEGIN)


def write_page(answer: WhatifAnswer, out: Path, *, language: str) -> None:
    """The answer as one file that needs no network."""
    check_page(out)
    try:
        write_whole(out, render(answer, language=language))
    except OSError as error:
        raise BadInput("file_write", file=str(out), why=error.strerror or error) from None


# ---- what is asked


def _check(options: WhatifOptions) -> None:
    if not 1 <= options.replications <= 1000:
        raise BadInput("whatif_replications", field="--replications", value=options.replications)
    if options.policy is not None and options.policy not in POLICIES:
        raise BadInput("policy_unknown", field="--policy", value=options.policy, known=", ".join(POLICIES))
    asked = (options.close_station, options.add_unit, options.move, options.remove_unit, options.policy, options.plan)
    if not any(asked):
        raise BadInput("whatif_nothing", field="--close-station")


def _targets_asked(texts: Sequence[str]) -> dict[str, int]:
    found = {}
    for text in texts:
        name, _, seconds = text.rpartition("=")
        if not name or not seconds.isascii() or not seconds.isdigit() or int(seconds) == 0:
            raise BadInput("whatif_spec", field="--target", value=text, layout="PRIORITY=SECONDS")
        found[name] = int(seconds)
    return found


def _changed(base: Service, options: WhatifOptions, heard: Heard) -> tuple[Service, list[Remark]]:
    service, told = base, []
    for texts, change, code in (
        (options.add_unit, add_unit, "add"),
        (options.move, move_unit, "move"),
        (options.remove_unit, remove_unit, "remove"),
        (options.close_station, close_station, "close"),
    ):
        for text in dict.fromkeys(texts):
            service = change(service, text)
            told.append(Remark(code, {"what": text}))
    if options.plan is not None:
        plan = _read_plan(options.plan, heard)
        service = service._replace(plan=plan, policy=plan.policy)
        told.append(Remark("plan", {"what": options.plan.name, "version": plan.version()}))
    if options.policy is not None:
        service = service._replace(policy=options.policy)
        told.append(Remark("policy", {"what": options.policy, "before": base.policy}))
    return service, told


def _read_plan(path: Path, heard: Heard) -> ResponsePlan:
    source = read_toml(_text(path), file=str(path))
    problems: list[BadInput] = []
    plan = read_plan(source, problems)
    if plan is not None and not problems:
        stations = [OpenStation(one.station, one.name, one.place) for one in heard.stations.values()]
        units = [EnrolUnit(one.unit, one.kind, one.capabilities, one.station, one.crew, one.agency) for one in heard.units.values()]
        problems += check_plan(plan, source, stations, units)
    if problems:
        raise problems[0]
    if plan is None:
        raise AssertionError("no plan is a problem")
    return plan


def _folder_of(path: Path, named: Path | None, heard: Heard) -> Path | None:
    """The centre that was named, or the folder beside the journal if it is the same centre."""
    beside = path.parent / BESIDE
    if named is not None or not (beside / "centre.toml").exists():
        return named
    try:
        return beside if read_centre_folder(beside).id == heard.centre else None
    except Fault:
        return None


def _lab_targets(folder: Path | None) -> dict[str, float]:
    """By priority, seconds: what the centre's lab.toml has in the place of the plan's. Raises BadInput of a text that cannot be read."""
    file = folder / LAB if folder is not None else None
    if file is None or not file.is_file():
        return {}
    source = read_toml(_text(file), file=str(file))
    laid = read_lab_file(source, apart=DEMAND_KEYS - LAB_KEYS).laid
    return {one.name: one.target_s for one in laid.priority if one.target_s is not None}


def _roads(folder: Path | None, named: Path | None, heard: Heard, progress: Progress) -> tuple[RoadMaker, Remark]:
    """Roads of a centre's folder; straight lines where it has none."""
    if folder is None:
        return straight_roads, Remark("straight")
    centre = read_centre_folder(folder)
    region = region_path(folder, centre)
    if region is None or (named is None and not region.exists()):
        return straight_roads, Remark("straight")
    network = open_roads(region, speeds_path(folder, centre))
    if is_outside(network, [row.place for row in heard.rows if row.place is not None][:200]):
        raise BadInput("whatif_region", file=str(region), field="region")
    return network_roads(network, progress), Remark("roads", {"region": region.name})


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("centre_file_unreadable", file=str(path), why=error) from None
