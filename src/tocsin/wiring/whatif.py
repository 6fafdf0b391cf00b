"""A journal's own calls lived again: as the centre was set up, and changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput, Fault
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.edge.whole_file import check_place, write_whole
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
from tocsin.views.whatif_answer import Remark, WhatifAnswer
from tocsin.wiring.heard import drives_of_journal, hear_journal
from tocsin.wiring.reports import PAGE_BEGIN
from tocsin.wiring.roads import open_roads
from tocsin.wiring.stages import Progress

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


def whatif(path: Path, options: WhatifOptions, *, progress: Progress) -> WhatifAnswer:
    """Live a log twice. Raises BadInput of the ``whatif_…`` and ``journal_…`` codes, and those of files that cannot be read."""
    _check(options)
    heard, head = hear_journal(path, progress=progress)
    trips = drives_of_journal(path, progress=progress)
    if not any(row.place is not None and row.sent for row in heard.rows):
        raise BadInput("journal_without_calls", file=str(path))
    stations = stations_of(heard)
    targets = targets_of(heard.rows, heard.plan, heard.timezone, _targets_asked(options.target))
    roads, road_remark = _roads(path, options, heard, progress)
    ground = ground_of(heard, [one.at for one in stations], roads)
    past = past_of(heard, trips, ground, targets)
    base = service_of(heard, trips, stations, ground)
    changed, changes = _changed(base, options, heard)
    changed, moved = rehomed(changed, past.ground)
    if moved:
        changes.append(Remark("rehomed", {"units": ", ".join(moved)}))
    dice = Dice(options.seed, options.replications)
    runs = live_twice(past, (base, changed), dice, lambda done: progress(done, dice.replications, "relive"))
    told = Told(head, tuple(changes), (road_remark, *remarks_of(past, base)))
    return answer(past, (base, changed), dice, runs, told)


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
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("centre_file_unreadable", file=str(path), why=error) from None
    source = read_toml(text, file=str(path))
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


def _roads(path: Path, options: WhatifOptions, heard: Heard, progress: Progress) -> tuple[RoadMaker, Remark]:
    """Roads of the centre that was named, or of the folder beside the journal if it is the same centre; straight lines else."""
    folder = options.centre
    if folder is None and (path.parent / BESIDE / "centre.toml").exists():
        try:
            folder = path.parent / BESIDE if read_centre_folder(path.parent / BESIDE).id == heard.centre else None
        except Fault:
            folder = None
    if folder is None:
        return straight_roads, Remark("straight")
    centre = read_centre_folder(folder)
    region = region_path(folder, centre)
    if region is None or (options.centre is None and not region.exists()):
        return straight_roads, Remark("straight")
    network = open_roads(region, speeds_path(folder, centre))
    if is_outside(network, [row.place for row in heard.rows if row.place is not None][:200]):
        raise BadInput("whatif_region", file=str(region), field="region")
    return network_roads(network, progress), Remark("roads", {"region": region.name})
