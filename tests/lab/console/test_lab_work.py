"""What the process of an experiment does: arms, changes in their order, the calls of the centre's own journal, honest figures."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import StationId
from tocsin.base.instants import Instant
from tocsin.core.messages.plan import Posting
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import City
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.experiment import compared, jobs_of
from tocsin.lab.journal.rows import Heard
from tocsin.views.experiment_answer import Guard
from tocsin.web.lab_told import AS_IT_IS, CHANGED, LabChange, LabWish, What
from tocsin.wiring.cities import open_city
from tocsin.wiring.experiments import perform_by
from tocsin.wiring.lab_asked import LabAsked
from tocsin.wiring.lab_work import LEAST_CALLS, LEAST_DAYS, OneByOne, changed, demand_of, opened_for, work

DEMAND = "place,lon,lat,weight\n" + "".join(f"P{nth},{10 + nth % 8 / 100},{50 + nth // 8 / 100},{1 + nth % 2}\n" for nth in range(64))
TABLES = {
    "demand.csv": DEMAND,
    "stations.csv": "station,name,lon,lat\nA,North,10.01,50.06\nB,South,10.06,50.01\n",
    "units.csv": "unit,kind,capabilities,station\nM1,ambulance,transport,A\nM2,ambulance,transport,B\nE1,engine,pump,B\n",
    "hospitals.csv": "hospital,lon,lat,bays\nH,10.03,50.03,2\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city")
    for name, text in TABLES.items():
        (path / name).write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def city(folder: Path) -> City:
    return open_city(folder, is_kept=False)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def wish_of(*policies: str, changes: tuple[LabChange, ...] = (), replications: int = 2) -> LabWish:
    return LabWish("x", policies, changes, days=3.0, replications=replications)


def test_a_changed_city_is_set_against_the_city_as_it_is(folder: Path) -> None:
    said: list[tuple[int, int | None, str]] = []
    wish = wish_of("closest", changes=(LabChange("close_station", "A"),))
    answer, demand = (worked := work(LabAsked(folder, None, wish), lambda *one: said.append(one))).answer, worked.demand
    assert list(answer.policies) == [AS_IT_IS, CHANGED] and answer.base == AS_IT_IS and answer.replications == 2
    assert answer.policies[AS_IT_IS].calls == answer.policies[CHANGED].calls, "the same calls"
    assert answer.policies[AS_IT_IS].floor_late_share < answer.policies[CHANGED].floor_late_share
    assert "high_avoidable_late_share" not in answer.differences[0].measures, "two floors cannot be set against each other"
    assert answer.differences[0].measures["high_mean_s"].mean > 0, "farther to go"
    assert demand.calls is None and {one.code for one in answer.remarks} >= {"demand_invented", "roads_straight"}
    assert [stage for _, _, stage in said if stage.startswith("lab_")] == ["lab_begins", "lab_cover"]
    assert (2, 2, "replications") in said


def test_policies_are_compared_on_one_city_and_twice_the_same(folder: Path) -> None:
    asked = LabAsked(folder, None, wish_of("closest", "default"))
    first, second = (work(asked, lambda *_: None).answer for _ in range(2))
    assert first == second
    assert list(first.policies) == ["closest", "default"] and [one.policy for one in first.differences] == ["default"]
    assert "high_avoidable_late_share" in first.differences[0].measures


def test_a_guard_is_told_with_who_breaks_it(folder: Path) -> None:
    wish = wish_of("closest", changes=(LabChange("close_station", "A"),))

    def guard_of(points: float | None) -> Guard | None:
        answer = work(LabAsked(folder, None, msgspec.structs.replace(wish, guard_points=points)), lambda *_: None).answer
        assert answer is not None
        return answer.differences[0].fairness.guard

    assert guard_of(None) is None
    strict, loose = guard_of(0.0), guard_of(100.0)
    assert strict is not None and not strict.is_kept and "A" in strict.broken_by, "its own station is closed"
    assert loose is not None and loose.is_kept and loose.broken_by == () and loose.points == 100.0


def test_the_map_is_of_the_city_before_any_change(folder: Path, city: City) -> None:
    told = work(LabAsked(folder, None, wish_of("closest", changes=(LabChange("close_station", "A"),))), lambda *_: None).map
    assert told is not None and told.areas == city.areas and len(told.places) == city.places
    assert {one.name: one.is_open for one in told.stations} == {"A": True, "B": True}
    assert sum(one.weight for one in told.places) == pytest.approx(1.0)


def test_by_the_table_units_wait_where_it_says(city: City, folder: Path) -> None:
    """Both ambulances are wanted at A: with the table they drive more, whoever is nearest."""
    with pytest.raises(BadInput) as told:
        work(LabAsked(folder, None, wish_of("closest", "compliance")), lambda *_: None)
    assert told.value.code == "compliance_missing", "none is made up"
    tabled = sealed(city._replace(postings=(Posting(1, (StationId("A"), StationId("A"))),), posting_needs="transport"))
    opened = opened_for(tabled, wish_of("closest", "compliance"))
    rows = perform_by(OneByOne(), opened, lambda *_: None)
    answer = compared(opened.experiment, opened.ground, rows)
    assert answer.policies["compliance"].moves_per_unit_h > 0 == answer.policies["closest"].moves_per_unit_h


def test_both_arms_have_the_same_draws_and_a_cover_of_their_own(city: City) -> None:
    opened = opened_for(city, wish_of("default", changes=(LabChange("remove_unit", "M2"),)))
    first, second = (opened.ground.cities[arm.city] for arm in opened.experiment.arms)
    drawn = [draw_calls(one, seed=1, replication=1, days=3.0, load=1.0) for one in (first, second)]
    assert (drawn[0].at_ms == drawn[1].at_ms).all() and (drawn[0].place == drawn[1].place).all()
    assert set(opened.ground.covers) == {first.digest, second.digest}
    assert opened_for(city, wish_of("closest", "road-time")).ground.covers == {}


def test_changes_are_made_in_their_order(city: City) -> None:
    after = changed(city, (
        LabChange("add_unit", "M9", station="A", like="E1"), LabChange("move_unit", "M9", station="B"),
        LabChange("close_station", "A"), LabChange("remove_unit", "M2"),
    ))  # fmt: skip
    assert {unit.name: (unit.kind, unit.station) for unit in after.units} == {
        "M1": ("ambulance", 1), "E1": ("engine", 1), "M9": ("engine", 1),
    }  # fmt: skip
    assert [one.is_open for one in after.stations] == [False, True] and [one.is_open for one in city.stations] == [True, True]


@pytest.mark.parametrize(
    ("changes", "code", "nth"),
    [
        ((LabChange("close_station", "A"), LabChange("close_station", "B")), "city_stations_none", 1),
        ((LabChange("close_station", "A"), LabChange("move_unit", "M1", station="A")), "city_station_closed", 1),
        ((LabChange("remove_unit", "M7"),), "city_unknown", 0),
        ((LabChange("add_unit", "M1", station="A"),), "city_doubled", 0),
    ],
)
def test_a_change_that_cannot_be_made_is_told_with_its_number(city: City, changes: tuple[LabChange, ...], code: str, nth: int) -> None:
    with pytest.raises(BadInput) as told:
        changed(city, changes)
    assert told.value.code == code
    assert told.value.field == f"changes[{nth}]"


def test_every_kind_of_change_is_known(city: City) -> None:
    made = {what: LabChange(what, "A" if what == "close_station" else "M9" if what == "add_unit" else "M1", "B") for what in get_args(What)}
    assert len({changed(city, (one,)).digest for one in made.values()} | {city.digest}) == len(made) + 1


def test_work_is_cut_small_so_that_stopping_loses_little(city: City) -> None:
    experiment = opened_for(city, wish_of("closest", "default", replications=400)).experiment
    assert {job.replications for job in jobs_of(experiment, OneByOne().workers)} == {1}


class Row:
    """Of a journal, as far as it is looked at."""

    def __init__(self, arrived: int, place: object = (0, 0)) -> None:
        self.arrived, self.place, self.sent = Instant(arrived), place, ("E1",)


def heard_of(rows: list[Row]) -> Heard:
    return Heard(*(rows if name == "rows" else None for name in Heard._fields))  # type: ignore[arg-type]  # rows alone are looked at


def test_a_journal_speaks_for_the_calls_once_it_has_enough_days() -> None:
    day_ms = 86_400_000
    enough = [Row(nth * LEAST_DAYS * day_ms // (LEAST_CALLS - 1)) for nth in range(LEAST_CALLS)]
    told = demand_of(heard_of(enough))
    assert (told.begins, told.until, told.calls) == (0, LEAST_DAYS * day_ms, LEAST_CALLS)
    assert demand_of(heard_of(enough[:-1])).calls is None, "a call too few"
    assert demand_of(heard_of([Row(nth) for nth in range(LEAST_CALLS)])).calls is None, "too few days"
    assert demand_of(heard_of([*enough[:-1], Row(enough[-1].arrived, place=None)])).calls is None, "a call from nowhere does not count"
