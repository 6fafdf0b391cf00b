"""Crews that a forecast asks for."""

import numpy as np

from report_shift import moment, shift
from tocsin.base.identifiers import UnitId
from tocsin.lab.forecast.staffing import Wanted, crews, on_duty, works
from tocsin.lab.journal.fold import hear
from tocsin.lab.journal.rows import OffDuty
from tocsin.lab.queueing.erlang import erlang_c

SHIFT = """
00:00:00 unit E1 engine
00:00:00 unit E2 engine
00:00:00 unit M1 ambulance
04:00:00 open I1 fire P1
04:00:00 send I1 E1 M1
04:30:00 E1 clear I1
05:00:00 M1 clear I1
20:00:00 open I2 fall P2
20:00:00 send I2 E1
20:10:00 E1 clear I2
20:20:00 close I2
"""


def test_work_is_units_by_call_and_time_by_job() -> None:
    engine, ambulance = works(hear(shift(SHIFT)).rows)[::-1]
    if engine.kind != "engine":
        engine, ambulance = ambulance, engine
    assert (engine.per_call, engine.job_s) == (1.0, 1200.0)
    assert (ambulance.per_call, ambulance.job_s) == (0.5, 3600.0)


def test_each_hour_has_the_fewest_crews_that_keep_the_wait() -> None:
    found = hear(shift(SHIFT))
    calls = np.linspace(0.1, 30.0, 168)
    for one in crews(found, calls, Wanted(0.05, 0.0)):
        offered = calls * one.work.per_call * one.work.job_s / 3600
        for load, needed in zip(offered.tolist(), one.needed, strict=True):
            assert erlang_c(needed, load) <= 0.05
            assert needed == 1 or needed - 1 <= load or erlang_c(needed - 1, load) > 0.05
        assert list(one.needed) == sorted(one.needed), "more calls, more crews"


def test_a_longer_wait_asks_for_no_more_crews() -> None:
    found, calls = hear(shift(SHIFT)), np.full(168, 8.0)
    at_once, later = (crews(found, calls, Wanted(0.05, waited)) for waited in (0.0, 300.0))
    assert all(two.needed[0] <= one.needed[0] for one, two in zip(at_once, later, strict=True))
    assert any(two.needed[0] < one.needed[0] for one, two in zip(at_once, later, strict=True))


def test_duty_is_counted_by_the_hour_of_the_wall() -> None:
    found = hear(shift(SHIFT))
    away = (OffDuty(moment("00:30:00"), moment("12:00:00")),)
    duty = on_duty(found._replace(off_duty={UnitId("E2"): away}))
    seen = duty["engine"][duty["engine"] > 0]
    assert set(seen.tolist()) == {1.0, 2.0}, "E2 is off until noon"
    assert (duty["ambulance"][duty["engine"] > 0] == 1.0).all()
