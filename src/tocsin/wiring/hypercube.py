"""The closed form on a city, and the simulation that it is held against."""

from math import isfinite, isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from tocsin.base.faults import BadInput, Fault
from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.model import HOURS_PER_WEEK, City
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, remarks, simulated
from tocsin.lab.experiment.figures import default_warm_up_days
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.queueing.city_shares import CityShares, hypercube_of
from tocsin.lab.queueing.lasting_hour import lasting_hour
from tocsin.views.experiment_answer import Figures, Partial, Remark
from tocsin.views.hypercube_answer import AgainstSimulation, AreaShares, HypercubeAnswer, UnitWorkload
from tocsin.wiring.cities import open_city
from tocsin.wiring.experiments import Opened, perform_by
from tocsin.wiring.stages import Progress

DIGITS = 6
POLICY = POLICIES["closest"]


class HypercubeAsked(NamedTuple):
    """Options as they were given."""

    centre: Path
    load: float = 1.0
    hour: int | None = None
    is_against: bool = False
    days: float = 28.0
    replications: int = 4
    seed: int = 1
    scenario: Path | None = None


def hypercube(asked: HypercubeAsked, *, progress: Progress) -> HypercubeAnswer:
    """Raises BadInput of options and city: ``hypercube_hour``, ``hypercube_load``, ``hypercube_nobody``."""
    _check(asked)
    city = open_city(asked.centre, lab=asked.scenario, progress=progress)
    try:
        shares = hypercube_of(city, load=asked.load, hour=asked.hour)
    except BadInput as fault:
        raise _of_city(fault, asked) from None
    answer = _answer(city, shares, asked)
    return _beside(answer, city, asked, progress) if asked.is_against else answer


def _check(asked: HypercubeAsked) -> None:
    for field, value in (("--load", asked.load), ("--days", asked.days)):
        if not (isfinite(value) and value > 0):
            raise BadInput("lab_number", field=field, value=value, least="0")
    if asked.replications < 1:
        raise BadInput("lab_count", field="--replications", value=asked.replications)
    if asked.hour is not None and not 0 <= asked.hour < HOURS_PER_WEEK:
        raise BadInput("hypercube_hour", field="--hour", value=asked.hour)


def _of_city(fault: BadInput, asked: HypercubeAsked) -> Fault:
    """In the words of a city: nobody on duty, or no steady state."""
    file = str(asked.centre)
    if fault.code == "queueing_units":
        return BadInput("hypercube_nobody", file=file, field="--hour" if asked.hour is not None else "units")
    if fault.code == "queueing_load":
        return BadInput("hypercube_load", file=file, field="--load", value=asked.load)
    return fault.at(file=file)


def _answer(city: City, shares: CityShares, asked: HypercubeAsked) -> HypercubeAnswer:
    rates = [float(np.mean(kind.per_hour)) if asked.hour is None else kind.per_hour[asked.hour] for kind in city.kinds]
    by_area = np.zeros(len(city.areas))
    for rate, kind in zip(rates, city.kinds, strict=True):
        by_area += rate * np.bincount(city.place_area, city.place_weights[kind.places], len(city.areas))
    units = [city.units[nth] for nth in shares.units]
    sent = [sum(slot.count for slot in kind.slots) or 1 for kind in city.kinds]
    return HypercubeAnswer(
        city=city.name,
        city_digest=city.digest,
        load=asked.load,
        hour=asked.hour,
        method=shares.method,
        calls_per_hour=round(sum(rates) * asked.load, DIGITS),
        units=tuple(
            UnitWorkload(unit.name, city.stations[unit.station].name, round(float(workload), DIGITS))
            for unit, workload in zip(units, shares.workloads, strict=True)
        ),
        utilisation=round(float(shares.workloads.mean()), DIGITS),
        areas={
            area: AreaShares(
                share=round(float(by_area[nth] / by_area.sum()), DIGITS),
                late_share=_known(shares.late_share[nth]),
                travel_s=_known(shares.travel_ms[nth] / 1000),
                own=_own(city, shares, nth),
            )
            for nth, area in enumerate(city.areas)
        },
        late_share=round(shares.all_late_share, DIGITS),
        waits=round(shares.waits, DIGITS),
        mean_wait_s=round(shares.mean_wait_ms / 1000, 3),
        several_units_per_call=any(count > 1 and rate > 0 for count, rate in zip(sent, rates, strict=True)),
        units_per_call=round(sum(count * rate for count, rate in zip(sent, rates, strict=True)) / sum(rates), DIGITS),
        remarks=(*(Remark(code) for code in shares.remarks), *remarks(city)),
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else round(float(value), DIGITS)


def _own(city: City, shares: CityShares, area: int) -> float | None:
    """Share of an area's calls that is served by units of the station that it is named after; None where no station is."""
    mine = [column for column, nth in enumerate(shares.units) if city.stations[city.units[nth].station].name == city.areas[area]]
    is_named = any(site.name == city.areas[area] for site in city.stations)
    return _known(float(shares.served[area, mine].sum())) if is_named else None


def _beside(answer: HypercubeAnswer, city: City, asked: HypercubeAsked, progress: Progress) -> HypercubeAnswer:
    lived = city if asked.hour is None else lasting_hour(city, asked.hour)
    arm = Arm(POLICY.name, lived.digest, POLICY)
    warm_up_days = default_warm_up_days(asked.days)
    experiment = Experiment((arm,), asked.days, asked.load, asked.seed, asked.replications, warm_up_days)
    opened = Opened(lived, experiment, Ground({lived.digest: lived}, {}))
    try:
        rows = perform_by(InProcess(), opened, progress)
    except KeyboardInterrupt:  # before the first replication was whole: what is reckoned stands
        return replace(answer, partial=Partial("cancelled"))
    told = simulated(experiment, opened.ground, rows)
    units = tuple(replace(one, simulated=round(told.units[one.unit].utilisation, DIGITS)) for one in answer.units)
    areas = {
        name: replace(one, simulated_late_share=told.areas[name].late_share if name in told.areas else None)
        for name, one in answer.areas.items()
    }
    beside = _off(answer, units, told, asked, is_cut_short=rows.partial is not None)
    return replace(answer, units=units, areas=areas, simulated=beside, partial=rows.partial)


def _off(
    answer: HypercubeAnswer, units: tuple[UnitWorkload, ...], told: Figures, asked: HypercubeAsked, *, is_cut_short: bool
) -> AgainstSimulation:
    late, halves = told.high.late_share, told.high.half_widths or {}
    lived = [one.simulated or 0.0 for one in units]
    utilisation = sum(lived) / len(lived)
    return AgainstSimulation(
        days=asked.days,
        replications=told.replications,
        seed=asked.seed,
        calls=told.calls,
        late_share=late,
        half_width=halves.get("late_share"),
        utilisation=round(utilisation, DIGITS),
        late_off=None if late is None else round(answer.late_share - late, DIGITS),
        utilisation_off=round(answer.utilisation - utilisation, DIGITS),
        workload_off=round(sum(abs(one.workload - lives) for one, lives in zip(units, lived, strict=True)) / len(lived), DIGITS),
        is_cut_short=is_cut_short,
    )
