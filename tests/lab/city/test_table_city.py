"""Cities from plain tables; and cities that were made once and kept."""

from pathlib import Path

import numpy as np
import pytest
from jemss_folder import texts, written

from tocsin.base.faults import BadInput
from tocsin.lab.city.cover import floor_ppb
from tocsin.lab.city.tables import ACCELERATION_M_PER_S2, LIGHTS_M_PER_S, square_root_ms
from tocsin.wiring import cities
from tocsin.wiring.cities import open_city
from tocsin.words import languages, say, tell

DEMAND = "place,lon,lat,weight\n" + "".join(f"P{nth},{10 + nth % 8 / 100},{50 + nth // 8 / 100},{1 + nth % 2}\n" for nth in range(64))
STATIONS = "station,name,lon,lat\nA,North,10.01,50.06\nB,South,10.06,50.01\n"
UNITS = "unit,kind,capabilities,station\nM1,ambulance,transport,A\nM2,ambulance,transport,B\nE1,engine,pump,B\n"
TABLES = {"demand.csv": DEMAND, "stations.csv": STATIONS, "units.csv": UNITS, "hospitals.csv": "hospital,lon,lat,bays\nH,10.03,50.03,2\n"}
LAB = """name = "Small"
begins = "2026-01-05T00:00:00Z"
hours = 24
calls_per_hour = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]
[[kinds]]
incident_type = "sick"
priority = "red"
share = 3
on_scene_s = 900
course = "transport"
transport_probability = 0.5
[[kinds]]
incident_type = "fall"
priority = "green"
share = 1
on_scene_s = 600
[[hospitals]]
name = "unused"
lon = 10
lat = 50
"""


def folder_of(path: Path, files: dict[str, str]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / name).write_text(text, "utf-8")
    return path


def test_without_roads_the_square_root_law_serves(tmp_path: Path) -> None:
    city = open_city(folder_of(tmp_path, TABLES), is_kept=False)
    assert (city.places, len(city.stations), len(city.hospitals), len(city.units)) == (67, 2, 1, 3)
    assert [code for code, _ in city.remarks] == ["calls_plain", "demand_invented", "roads_straight"]
    ms = city.roads.lights_ms
    assert (ms == ms.T).all() and not np.diagonal(ms).any() and (city.roads.normal_ms >= ms).all()
    assert city.hospitals[0].bays == 2 and city.kinds[0].transport_ppm == 500_000
    assert 0 < floor_ppb(city) < 200_000_000
    for start in range(0, 60, 7):
        here, steps = start, 0
        while here != 63:
            onward = int(city.roads.lights_via[here, 63])
            assert ms[onward, 63] < ms[here, 63]
            here, steps = onward, steps + 1
        assert steps < 20
    for code, values in city.remarks:
        for language in languages():
            assert "{" not in say(f"lab.remark.{code}", language, **dict(values))


def test_the_law_is_a_root_first_and_a_line_later() -> None:
    turn_m = LIGHTS_M_PER_S**2 / ACCELERATION_M_PER_S2
    ms = square_root_ms(np.array([0.0, turn_m / 4, turn_m, 2 * turn_m]), LIGHTS_M_PER_S)
    root_s = 2 * LIGHTS_M_PER_S / ACCELERATION_M_PER_S2
    assert ms.tolist() == [0, round(500 * root_s), round(1000 * root_s), round(1000 * root_s + 1000 * turn_m / LIGHTS_M_PER_S)]


def test_a_table_of_times_is_taken_as_it_is(tmp_path: Path) -> None:
    demand = "place,lon,lat,calls_per_day\nX,10,50,4\nY,10.1,50,8\n"
    times = (
        "from,to,lights_s,normal_s\nA,X,100,200\nA,Y,300,\nB,X,50,60\nB,Y,70,80\nX,Y,400,500\nX,H,20,30\nY,H,25,35\nA,H,10,10\nA,B,5,5\n"
    )
    files = {**TABLES, "demand.csv": demand, "times.csv": times}
    city = open_city(folder_of(tmp_path, files), is_kept=False)
    x, y, a, b = 0, 1, 2, 3
    assert city.roads.lights_ms[a, x] == city.roads.lights_ms[x, a] == 100_000 and city.roads.normal_ms[a, y] == 390_000
    assert city.roads.lights_ms[b, 4] == -1 and city.roads.lights_via[b, 4] == 4
    assert [city.areas[area] for area in city.place_area[:2]] == ["B", "B"]
    assert round(sum(city.kinds[0].per_hour) / 7, 9) == 12 and city.place_weights[0, :2].tolist() == [1 / 3, 2 / 3]
    assert city.roads.lights_via[x, y] in (y, b, 4)


def test_a_lab_file_says_what_people_call_about(tmp_path: Path) -> None:
    city = open_city(folder_of(tmp_path, {**TABLES, "lab.toml": LAB}), is_kept=False)
    assert [(one.name, one.is_urgent) for one in city.priorities] == [("red", True), ("green", False)]
    assert [(one.name, one.transport_ppm, one.slots) for one in city.kinds] == [("sick", 500_000, ()), ("fall", 0, ())]
    assert round(sum(city.kinds[0].per_hour) / 7, 9) == 18


SPOILT = {
    "no units": ({"units.csv": None}, "city_file_missing", None, None),
    "no demand": ({"demand.csv": None}, "city_file_missing", None, None),
    "zero demand": ({"demand.csv": "place,lon,lat,weight\nX,10,50,0\n"}, "city_demand_none", None, "weight"),
    "a negative weight": ({"demand.csv": "place,lon,lat,weight\nX,10,50,-1\n"}, "city_number", 2, "weight"),
    "no weight": ({"demand.csv": "place,lon,lat\nX,10,50\n"}, "city_column_missing", 1, "weight"),
    "no longitude": ({"demand.csv": "place,lat,weight\nX,50,1\n"}, "city_column_missing", 1, "lon"),
    "a place twice": ({"demand.csv": "place,lon,lat,weight\nX,10,50,1\nX,10,51,1\n"}, "city_doubled", 3, "place"),
    "off the earth": ({"demand.csv": "place,lon,lat,weight\nX,10,95,1\n"}, "coordinates_swapped", 2, "lat"),
    "a unit without a home": ({"units.csv": UNITS.replace(",B\n", ",C\n", 1)}, "city_unknown", 3, "station"),
    "nobody to send": ({"units.csv": "unit,kind,capabilities,station\n"}, "city_units_none", None, "unit"),
    "a drive from nowhere": ({"times.csv": "from,to,lights_s\nZ,A,5\n"}, "city_unknown", 2, "from"),
    "a negative drive": ({"times.csv": "from,to,lights_s\nP1,A,-5\n"}, "city_number", 2, "lights_s"),
    "a drive without a time": ({"times.csv": "from,to,lights_s\nP1,A\n"}, "city_number", 2, "lights_s"),
    "a station that nobody leaves": ({"times.csv": "from,to,lights_s\nP1,A,5\n"}, "city_station_cut_off", None, "stations"),
    "bays that are none": ({"hospitals.csv": "hospital,lon,lat,bays\nH,10,50,x\n"}, "city_number", 2, "bays"),
    "no hospital": ({"hospitals.csv": None, "lab.toml": LAB}, "city_hospitals_none", None, "hospitals"),
    "a scenario cut": ({"lab.toml": LAB[:40]}, "toml_syntax", 2, None),
}


@pytest.mark.parametrize("how", SPOILT)
def test_bad_tables_are_told(how: str, tmp_path: Path) -> None:
    changes, code, line, field = SPOILT[how]
    files = {name: text for name, text in {**TABLES, **changes}.items() if text is not None}
    with pytest.raises(BadInput) as caught:
        open_city(folder_of(tmp_path / "city", files), is_kept=False)
    fault = caught.value
    assert (fault.code, fault.line, fault.field) == (code, line, field) and "city" in str(fault.file)
    for language in languages():
        assert len(tell(fault, language).splitlines()) == 2


# ---- kept


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tocsin" / "cities"


def test_a_city_is_made_once_and_anew_when_a_file_changes(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "square", texts())
    made = open_city(folder)
    assert len(list(cache.iterdir())) == 1
    with monkeypatch.context() as patched:
        patched.setattr(cities, "_made", None)  # whoever makes it now fails
        again = open_city(folder)
    assert again.digest == made.digest and again.remarks == made.remarks
    for one, other in zip(made.roads, again.roads, strict=True):
        np.testing.assert_array_equal(one, other)
    (folder / "ambulances.csv").write_text("ambulances,,\nindex,stationIndex,class\n1,1,1\n", "utf-8")
    assert len(open_city(folder).units) == 1 and len(list(cache.iterdir())) == 2


def test_a_damaged_copy_is_made_anew(tmp_path: Path, cache: Path) -> None:
    folder = written(tmp_path / "square", texts())
    made = open_city(folder)
    (store,) = cache.iterdir()
    whole = store.read_bytes()
    for damage in (whole[:100], whole[:-3], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        store.write_bytes(damage)
        assert open_city(folder).digest == made.digest
        assert store.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path / "tables", TABLES)
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert open_city(folder).digest == open_city(folder, is_kept=False).digest
    assert (tmp_path / "file").read_text("utf-8") == "no folder"


def test_only_the_last_used_stay(tmp_path: Path, cache: Path) -> None:
    folder = folder_of(tmp_path / "tables", TABLES)
    for nth in range(cities.CITIES_KEPT + 3):
        (folder / "hospitals.csv").write_text(f"hospital,lon,lat\nH{nth},10.03,50.03\n", "utf-8")
        open_city(folder)
    assert len(list(cache.iterdir())) == cities.CITIES_KEPT
