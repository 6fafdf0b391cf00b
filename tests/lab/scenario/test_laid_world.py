"""Every table of ``lab.toml`` changes in a run what it is there to change."""

import numpy as np
import pytest
from lab_texts import QUIET, SQUARE, laid, lived, on_scene_between

from tocsin.core.messages.plan import Posting
from tocsin.lab.city.model import City, Window
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.floor import duty_ms

DAY_MS = 86_400_000


def test_a_shift_says_who_is_on_duty_and_ends_with_overruns() -> None:
    city = laid('[[shift]]\nunits = ["U00", "U01", "U02"]\nfrom = "07:00"\nuntil = "19:00"\n', QUIET)
    assert city.units[0].shifts[:2] == (Window(420, 1140), Window(1860, 2580)) and len(city.units[0].shifts) == 7
    assert not city.units[3].shifts
    assert duty_ms(city, DAY_MS)[:4].tolist() == [DAY_MS / 2] * 3 + [DAY_MS]
    calls, outcome = lived(city, days=14)
    assert set(on_scene_between(calls, outcome, 0, 6.5)) <= {3, 4, 5}
    assert set(on_scene_between(calls, outcome, 8, 18)) > {0, 1, 2, 3}
    assert outcome.overrun_ms[:3].sum() > 0 and not outcome.overrun_ms[3:].any()


def test_a_night_shift_runs_over_midnight_and_over_the_weeks_end() -> None:
    city = laid('[[shift]]\nunits = ["U00"]\nfrom = "22:00"\nuntil = "06:00"\ndays = ["sun"]\n')
    assert city.units[0].shifts == (Window(6 * 1440 + 1320, 360),)
    calls, outcome = lived(city, days=1)
    assert 0 in on_scene_between(calls, outcome, 0, 6) and 0 not in on_scene_between(calls, outcome, 9, 24)


def test_who_rests_goes_to_urgent_calls_only() -> None:
    everyone = ", ".join(f'"{unit.name}"' for unit in QUIET.units[1:])
    city = laid(f'[[break]]\nunits = [{everyone}]\nfrom = "12:00"\nuntil = "14:00"\nminutes = 90\n', QUIET)
    assert city.units[1].break_ms == 5_400_000
    calls, outcome = lived(city, days=56)
    noon = (calls.at_ms % DAY_MS >= 12.3 * 3_600_000) & (calls.at_ms % DAY_MS < 13.2 * 3_600_000)
    low, high = ((outcome.first_unit[noon & (calls.priority == rank)] == 0).mean() for rank in (1, 0))
    assert low > 0.6, "the only one that does not rest; others come for low ones before theirs begins"
    assert high < 0.4


def test_lent_units_come_only_where_they_are_much_sooner() -> None:
    lent = '[[mutual_aid]]\nunits = ["U03"]\n{price} = 400\n'
    often = [int((lived(laid(lent.format(price=price)))[1].first_unit == 3).sum()) for price in ("offset_s", "cost_s")]
    own = int((lived(SQUARE)[1].first_unit == 3).sum())
    assert own > 1.2 * max(often)


def test_a_unit_more_helps_and_a_shared_crew_has_one_job() -> None:
    calls, plain = lived(SQUARE)
    more = laid('[[unit]]\nname = "N1"\nstation = "S02"\n')
    assert (more.units[-1].name, more.units[-1].station, more.units[-1].kind) == ("N1", 2, SQUARE.units[0].kind)
    assert lived(more, calls=calls)[1].on_scene_ms.mean() < plain.on_scene_ms.mean()
    one_crew = laid('[[unit]]\nname = "U00"\ncrew = "A"\n[[unit]]\nname = "U04"\ncrew = "A"\n')
    _, shared = lived(one_crew, calls=calls)
    assert shared.busy_ms[[0, 4]].sum() < 0.75 * plain.busy_ms[[0, 4]].sum() and shared.on_scene_ms.mean() > plain.on_scene_ms.mean()


def test_few_bays_make_units_wait_at_the_hospital() -> None:
    calls, plain = lived(SQUARE)
    _, few = lived(laid('[[hospital_bays]]\nhospital = "H0"\nbays = 2\n'), calls=calls)
    assert few.busy_ms.sum() > 1.1 * plain.busy_ms.sum()
    assert few.on_scene_ms.mean() > plain.on_scene_ms.mean()


def test_few_call_takers_let_callers_wait() -> None:
    talk = 'call_taking = { mean_s = 240, law = "gamma", spread = 2.0 }\n'
    alone, many = (draw_calls(laid(f"{talk}call_takers = {takers}\n"), seed=1, replication=1, days=3) for takers in (1, 9))
    waits = [float((calls.ready_ms - calls.at_ms).mean()) for calls in (alone, many)]
    assert waits[0] > 1.3 * waits[1] and waits[1] == pytest.approx(240_000, rel=0.1)


def test_rates_by_hour_by_day_and_by_area() -> None:
    rush = ", ".join("4" if hour == 8 else "1" for hour in range(24))
    areas = '[calls.areas]\n"S00" = 3.0\n'
    city = laid(f'[[calls]]\nname = "urgent"\nper_hour = [{rush}]\nper_day = 270\n{areas}\n[[area]]\nname = "S03"\ntimes = 0\n')
    calls = draw_calls(city, seed=3, replication=1, days=28)
    urgent = calls.kind == 0
    by_hour = np.bincount(calls.at_ms[urgent] // 3_600_000 % 24, minlength=24)
    assert by_hour[8] == pytest.approx(4 * by_hour[9:].mean(), rel=0.15)
    area = city.place_area[calls.place]
    assert not (area == 3).any()
    there, usual = ((area[urgent] == 0).sum(), (area[~urgent] == 0).sum())
    share = (SQUARE.place_weights[0][SQUARE.place_area == 0].sum(), SQUARE.place_weights[0][SQUARE.place_area < 3].sum())
    assert usual / (~urgent).sum() == pytest.approx(share[0] / share[1], rel=0.1)
    assert there / urgent.sum() == pytest.approx(3 * share[0] / (share[1] + 2 * share[0]), rel=0.1)
    assert (~urgent).sum() == pytest.approx(28 * 128 * share[1], rel=0.05), "as many fewer as that area had"


def test_a_kind_more_has_its_own_spans_and_needs() -> None:
    text = """
[[unit]]
name = "E1"
station = "S01"
kind = "engine"
[[calls]]
name = "fire"
priority = "urgent"
per_day = 12
needs = [["engine"]]
on_scene = { mean_s = 3600 }
second_report = 0.5
"""
    city = laid(text)
    calls, outcome = lived(city)
    fires = calls.kind == 2
    assert set(outcome.first_unit[fires].tolist()) == {6} and (calls.on_scene_ms[fires][:, 0] == 3_600_000).all()
    assert calls.reports[fires].mean() > 1.5 and outcome.busy_ms[6] > 0


def test_a_surge_makes_a_queue() -> None:
    city = laid('[[surge]]\nday = 1\nat = "12:00"\nwithin_min = 10\nkind = "urgent"\ncalls = 40\nstation = "S03"\n')
    calls, outcome = lived(city)
    assert calls.size - draw_calls(SQUARE, seed=1, replication=1, days=2).size == 40
    assert outcome.longest_queue >= 25 > 2 * lived(SQUARE)[1].longest_queue
    here = calls.place == city.stations[3].place
    assert (here & (calls.at_ms >= DAY_MS / 2) & (calls.at_ms < DAY_MS / 2 + 600_000)).sum() >= 40


def test_a_lost_stations_units_go_elsewhere() -> None:
    city = laid('[[happening]]\nwhat = "station_lost"\nstation = "S03"\nday = 1\nat = "06:00"\nhours = 24\n', QUIET)
    calls, plain = lived(QUIET)
    _, lost = lived(city, calls=calls)
    near = city.place_area[calls.place] == 3
    during = near & (calls.at_ms > 8 * 3_600_000) & (calls.at_ms < 29 * 3_600_000)
    response = [np.where(during, outcome.on_scene_ms - calls.at_ms, 0).sum() / during.sum() for outcome in (plain, lost)]
    assert response[1] > 1.2 * response[0]
    assert lost.on_scene_ms[calls.at_ms < 5 * 3_600_000].tolist() == plain.on_scene_ms[calls.at_ms < 5 * 3_600_000].tolist()


def test_a_lost_unit_is_not_sent_and_lost_radio_sends_from_where_one_was() -> None:
    calls, plain = lived(SQUARE)
    _, lost = lived(laid('[[happening]]\nwhat = "unit_lost"\nunit = "U01"\nat = "00:00"\nhours = 24\n'), calls=calls)
    assert not (lost.first_unit[calls.ready_ms < DAY_MS] == 1).any() and (lost.first_unit[calls.ready_ms > DAY_MS] == 1).any()
    _, deaf = lived(laid('[[happening]]\nwhat = "radio_lost"\n'), calls=calls)
    assert (deaf.first_unit != plain.first_unit).any() and deaf.on_scene_ms.mean() > plain.on_scene_ms.mean()


def test_slower_drives_and_hours_of_the_day() -> None:
    calls, plain = lived(QUIET, days=1)
    for text in ('[[happening]]\nwhat = "slower"\ntimes = 1.5\n', f"travel_times = [{', '.join(['1.5'] * 24)}]\n"):
        _, slow = lived(laid(text, QUIET), calls=calls)
        assert (slow.on_scene_ms - calls.ready_ms).sum() > 1.2 * (plain.on_scene_ms - calls.ready_ms).sum()


def test_wrong_priorities_targets_and_turnouts() -> None:
    city = laid(
        'wrong_priority = 0.25\n[[priority]]\nname = "urgent"\ntarget_s = 300\n[[turnout]]\nkind = "*"\nat_station = { mean_s = 300 }\n'
    )
    calls, outcome = lived(city)
    assert (calls.told_priority != calls.priority).mean() == pytest.approx(0.25, abs=0.05)
    assert city.priorities[0].target_ms == 300_000 and city.priorities[0].is_urgent
    assert (outcome.on_scene_ms - calls.ready_ms)[outcome.on_scene_ms >= 0].min() >= 10_000
    assert (calls.turnout_ms[:, 0, 0] == 300_000).all()


def test_who_lives_by_a_table_waits_where_it_says() -> None:
    stations = [", ".join(['"S00"'] * min(free, 3)) for free in range(1, 7)]
    rows = ", ".join(f"{{ free = {free}, stations = [{named}] }}" for free, named in enumerate(stations, start=1))
    city = laid(f"[compliance]\ntable = [{rows}]\n", QUIET)
    assert city.postings[0] == Posting(1, ("S00",)) and len(city.postings) == 6
    calls, plain = lived(city, days=7, policy="preserve")
    _, moved = lived(city, calls=calls, policy="compliance")
    assert moved.moves.sum() > 50 > plain.moves.sum() == 0
    near = city.place_area[calls.place] == 0
    response = [(outcome.on_scene_ms - calls.at_ms)[near].mean() for outcome in (plain, moved)]
    assert response[1] < response[0]


def test_what_is_laid_leaves_the_city_as_it_was_and_changes_its_digest() -> None:
    before = SQUARE.digest, SQUARE.place_weights.copy()
    city = laid('sources = ["me"]\ndata_to = "2026-05"\n[[area]]\nname = "S01"\ntimes = 2\n')
    assert SQUARE.digest == before[0] and (SQUARE.place_weights == before[1]).all()
    assert city.digest != SQUARE.digest and (city.sources, city.data_to) == (("me",), "2026-05")
    nothing: City = laid("")
    assert laid('sources = ["me"]\n').digest == nothing.digest, "whose data it is changes no figure"
