"""What futures are drawn from and played on: a city's laws as tables of whole numbers, its drives, its cover model."""

from math import log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from tocsin.core.engine.cover import worth_ppb
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import Policy
from tocsin.core.messages.cover import CoverModel
from tocsin.lab.city.model import HOURS_PER_WEEK, City, Floats, Longs, Roads, Span
from tocsin.lab.kernel import future_arrays as arrays
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.plain.drives import nearest_of
from tocsin.lab.turned import turned

QUANTILES = 1 << arrays.QUANTILE_BITS


def ground_of(city: City, policy: Policy, model: CoverModel, rule: MoveUpRule, ahead: Ahead, roads: Roads) -> arrays.Ground:
    """Everything that a decision's futures read; all stations are as the city has them."""
    by_to, rows_from, rows = turned(roads), *_rows(model)
    rank = {str(name): nth for nth, name in enumerate(model.stations)}
    hospitals = [one.place for one in city.hospitals]
    return arrays.Ground(
        lights_ms=by_to.lights_ms,
        normal_ms=by_to.normal_ms,
        normal_via=by_to.normal_via,
        station_place=longs([one.place for one in city.stations]),
        is_open=longs([one.is_open for one in city.stations]),
        station_row=longs([rank.get(one.name, arrays.NOWHERE) for one in city.stations]),
        hospital_place=longs(hospitals),
        nearest_hospital=longs(nearest_of(roads, hospitals)),
        gap_ms=_gaps_ms(city, ahead.load),
        kind_until=_kind_until(city),
        kinds=_kinds(city, policy),
        spans=longs([quantiles_ms(span) for kind in city.kinds for span in (kind.on_scene, kind.handover)]),
        gaps=quantiles_ms(Span(arrays.PPM, "exponential")),
        places=_places(city),
        settings=longs((rule.least_gain_ppb, rule.price_ppb_per_s, ahead.horizon_ms, ahead.looks, arrays.PPM)),
        rows_from=rows_from,
        rows=rows,
        worth=longs([worth_ppb(row.weight_ppb, model.busy_ppm) for row in model.rows]).reshape(-1, arrays.MOST_COUNTED + 1),
    )


def room_for(units: int, rows: int) -> arrays.Room:
    """Where that many units are played."""
    return arrays.Room(
        u=np.zeros((arrays.UNIT_ROWS, units), np.int64),
        v=np.zeros((arrays.UNIT_ROWS, units), np.int64),
        f=np.zeros((arrays.FUTURE_ROWS, arrays.MOST_CALLS), np.int64),
        counts=np.zeros(rows, np.int64),
        queue=np.zeros(arrays.MOST_CALLS + 1, np.int64),
        score=np.zeros(4, np.int64),
    )


def quantiles_ms(span: Span) -> Longs:
    """A law as 1,024 equally likely whole numbers, each from the middle of its chance; their mean is the law's to a few per mille."""
    chances: Floats = (np.arange(QUANTILES) + 0.5) / QUANTILES
    match span.law:
        case "fixed":
            times: Floats = np.full(QUANTILES, float(span.mean_ms))
        case "exponential":
            times = np.array([-log(1 - chance) for chance in chances]) * span.mean_ms
        case "lognormal":
            normal = NormalDist()
            times = np.exp(np.array([normal.inv_cdf(chance) for chance in chances]) * span.spread - span.spread**2 / 2) * span.mean_ms
        case "gamma":
            times = gammaincinv(span.spread, chances) * (span.mean_ms / span.spread)
        case "observed":
            times = np.sort(np.asarray(span.values_ms, np.float64))[(chances * len(span.values_ms)).astype(np.int64)]
    return longs(np.maximum(np.rint(times), 0))


def _gaps_ms(city: City, load: float) -> Longs:
    per_hour: Floats = np.sum([kind.per_hour for kind in city.kinds], axis=0) * load
    gaps = np.full(HOURS_PER_WEEK, float(arrays.SELDOM_MS))
    np.divide(arrays.HOUR_MS, per_hour, out=gaps, where=per_hour > 0)
    return longs(np.clip(np.rint(gaps), 1, arrays.SELDOM_MS))


def _kind_until(city: City) -> NDArray[np.int64]:
    rates: Floats = np.array([kind.per_hour for kind in city.kinds], np.float64).T
    totals = rates.sum(axis=1, keepdims=True)
    shares = np.divide(rates, totals, out=np.zeros_like(rates), where=totals > 0)
    return longs(np.rint(np.cumsum(shares, axis=1) * (1 << arrays.KIND_BITS)))


def _kinds(city: City, policy: Policy) -> NDArray[np.int64]:
    rows = []
    for kind in city.kinds:
        one = city.priorities[kind.priority]
        left_ms = one.target_ms - city.call_taking.mean_ms
        weighs = policy.weighs_cover(is_urgent=one.is_urgent)
        means = kind.on_scene.mean_ms, kind.handover.mean_ms
        rows.append((one.is_urgent, left_ms, weighs, kind.places, kind.transport_ppm, kind.priority, *means, policy.sure_ms(left_ms)))
    return longs(rows)


def _places(city: City) -> NDArray[np.int16]:
    """By 65,536 even chances, the place whose share of the demand they fall into."""
    chances = (np.arange(1 << arrays.PLACE_BITS) + 0.5) / (1 << arrays.PLACE_BITS)
    rows = []
    for weights in city.place_weights:
        cumulated = np.cumsum(weights)
        rows.append(np.minimum(np.searchsorted(cumulated, chances * cumulated[-1], side="right"), city.places - 1))
    return np.ascontiguousarray(np.array(rows), np.int16)


def _rows(model: CoverModel) -> tuple[Longs, Longs]:
    """Rows of the model by station, one after the other, and where each station's begin."""
    by_station = [[nth for nth, row in enumerate(model.rows) if station in row.stations] for station in range(len(model.stations))]
    begins = np.cumsum([0, *map(len, by_station)])
    return longs(begins), longs([row for rows in by_station for row in rows])


def longs(numbers: object) -> NDArray[np.int64]:
    """As the compiled functions want them."""
    return np.ascontiguousarray(np.asarray(numbers), np.int64)
