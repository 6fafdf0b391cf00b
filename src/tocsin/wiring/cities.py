"""Cities opened: a JEMSS folder as it is, a centre's folder, or a folder of plain tables. Made once, then kept in the user's cache."""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tocsin.base.faults import BadInput
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.formats.centre_files import CENTRE
from tocsin.formats.city_tables import read_hospitals
from tocsin.formats.lab_file import LabText, read_lab_file
from tocsin.formats.lab_laid import LabFile
from tocsin.formats.toml_lines import read_toml
from tocsin.lab.city import jemss, tables
from tocsin.lab.city.centre import CentreFiles, Hospital, centre_city
from tocsin.lab.city.closed_roads import closed_roads
from tocsin.lab.city.digest import packed, unpacked
from tocsin.lab.city.laid import laid_over
from tocsin.lab.city.laid_wrong import Close
from tocsin.lab.city.model import City, Roads
from tocsin.lab.scenario import Scenario, read_scenario, scenario_of
from tocsin.places.categories import find
from tocsin.places.question import readings
from tocsin.places.store import open_blob
from tocsin.roads.closures import ClosedShape
from tocsin.roads.network import RoadNetwork
from tocsin.wiring.places import SECTION
from tocsin.wiring.roads import open_roads
from tocsin.wiring.stages import Progress

ROADS: Final = "roads.zip"
LAB, SCENARIO = "lab.toml", "scenario.toml"
"""What a city is not told by its tables. The second holds demand alone, and is read where the first holds none."""
LAB_KEYS: Final = frozenset(field.name for field in msgspec.structs.fields(LabFile))
DEMAND_KEYS: Final = frozenset(field.name for field in msgspec.structs.fields(Scenario))
MADE_BY: Final = "3"
"""Of how cities are made: change it with anything that makes another city of the same files."""
CITIES_KEPT: Final = 12
MOST_BYTES: Final = 1 << 30
"""A file of a city that unpacks to more is none."""
MOST_HOSPITALS: Final = 24


def no_progress(done: int, total: int | None, stage: str) -> None:
    """Nobody looks on."""


def open_city(path: Path, *, lab: Path | None = None, progress: Progress = no_progress, is_kept: bool = True) -> City:
    """The city of a folder: with ``centre.toml`` a centre's; with ``roads.zip`` JEMSS's; else plain tables. ``lab``: a text that stands in
    the place of the folder's ``lab.toml``. ``is_kept`` False: made anew, and nothing is written.

    Raises BadInput ``folder_missing``, ``city_folder`` (none of the three), ``lab_demand_jemss``, and of whoever reads it.
    """
    if not path.is_dir():
        raise BadInput("folder_missing", file=str(path))
    if not any((path / name).is_file() for name in (CENTRE, ROADS, tables.STATIONS, tables.DEMAND)):
        raise BadInput("city_folder", file=str(path))
    told, inputs = _told(path, lab), _inputs(path)
    if told.demand is not None and (path / ROADS).is_file() and not (path / CENTRE).is_file():
        raise BadInput("lab_demand_jemss", file=told.demand[1], field="kinds")
    store = _store(inputs, path, told) if is_kept else None
    city = _kept(store) if store is not None else None
    if city is None:
        city = _made(path, told, progress)
        if store is not None:
            _keep(store, city)
    return city if told.laid is None else laid_over(city, told.laid, _closer(path, progress))


class _Told(NamedTuple):
    """What a person wrote about the city: its demand, which it is made of, and what is laid over it."""

    demand: tuple[Scenario, str] | None
    """With its file."""
    laid: LabText | None


def _told(path: Path, lab: Path | None) -> _Told:
    file = lab or path / LAB
    if lab is None and not file.is_file():
        return _Told(_demand_of(path / SCENARIO), None)
    source = read_toml(_text(file), file=str(file))
    of_demand = {key: value for key, value in source.data.items() if key in DEMAND_KEYS - LAB_KEYS}
    laid = read_lab_file(source, apart=frozenset(of_demand))
    if not of_demand:
        return _Told(_demand_of(path / SCENARIO), laid)
    spread = {key: source.data[key] for key in DEMAND_KEYS & LAB_KEYS if key in source.data}
    return _Told((scenario_of({**of_demand, **spread}, file=str(file)), str(file)), laid)


def _demand_of(file: Path) -> tuple[Scenario, str] | None:
    return (read_scenario(_text(file), file=str(file)), str(file)) if file.is_file() else None


def _closer(path: Path, progress: Progress) -> Close | None:
    """Streets to close: a centre's only."""
    if not (path / CENTRE).is_file():
        return None
    centre = read_centre_folder(path)
    region = region_path(path, centre)
    if region is None:
        return None

    def close(city: City, shapes: Sequence[ClosedShape]) -> Roads:
        return closed_roads(open_roads(region, speeds_path(path, centre)), city, shapes, progress)

    return close


def _made(path: Path, told: _Told, progress: Progress) -> City:
    if (path / CENTRE).is_file():
        return _centre(path, told, progress)
    name = path.resolve().name
    if (path / ROADS).is_file():
        city = jemss.jemss_city(_jemss_texts(path), name=name, folder=str(path), progress=progress)
        return city._replace(sources=_jemss_sources(name))
    texts = {name: _text(path / name) for name in tables.NAMES if (path / name).is_file()}
    return tables.tables_city(texts, told.demand, name=name, folder=str(path), progress=progress)


def _centre(path: Path, told: _Told, progress: Progress) -> City:
    centre = read_centre_folder(path)
    region = region_path(path, centre)
    if region is None:
        raise BadInput("city_region_none", file=str(path / CENTRE), field="region")
    network = open_roads(region, speeds_path(path, centre))
    scenario, file = told.demand or (None, "")
    return centre_city(centre, network, CentreFiles(str(path), scenario, file, _hospitals(path), _known_hospitals(network)), progress)


def _hospitals(path: Path) -> tuple[Hospital, ...]:
    file = path / tables.HOSPITALS
    rows = read_hospitals(_text(file), file=str(file)) if file.is_file() else []
    return tuple(Hospital(one.name, one.at, one.bays) for one in rows)


def _known_hospitals(network: RoadNetwork) -> tuple[Hospital, ...]:
    """Of the region's gazetteer, each name once."""
    section = network.region.sections.get(SECTION)
    if section is None:
        return ()
    base = open_blob(section)
    try:
        answers = [answer for _, answer in find(base, readings("hospital")[0])]
    finally:
        base.close()
    once = {answer.text: Hospital(answer.text, answer.place) for answer in reversed(answers)}
    return tuple(once[name] for name in sorted(once))[:MOST_HOSPITALS]


def _jemss_sources(name: str) -> tuple[str, ...]:
    """Whose data a city of that layout is made of."""
    text = files("tocsin").joinpath("data").joinpath("jemss").joinpath("sources.toml").read_text("utf-8")
    told = msgspec.toml.decode(text, type=_Sources)
    return (*told.every, *told.city.get(name, ()))


class _Sources(msgspec.Struct, forbid_unknown_fields=True):
    every: tuple[str, ...]
    city: dict[str, tuple[str, ...]]


def _jemss_texts(path: Path) -> dict[str, str]:
    texts = {name: _text(path / name) for name in (*jemss.NEEDED, *jemss.OPTIONAL) if "/" not in name and (path / name).is_file()}
    try:
        with zipfile.ZipFile(path / ROADS) as archive:
            for entry in archive.infolist():
                name = f"{ROADS}/{entry.filename.rpartition('/')[2]}"
                if name in jemss.NEEDED and entry.file_size <= MOST_BYTES:
                    texts[name] = archive.read(entry).decode("utf-8-sig")
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, OSError, NotImplementedError, RuntimeError) as problem:
        raise BadInput("zip_unreadable", file=str(path / ROADS), reason=problem) from None
    return texts


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("file_unreadable", file=str(path), reason=error.strerror or error) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput("centre_file_encoding", file=str(path), line=line, byte=f"0x{data[error.start]:02X}") from None


# ---- what was made before


def _inputs(path: Path) -> list[Path]:
    """Every file that the city may be made of."""
    names = (CENTRE, "plan.toml", ROADS, *tables.NAMES, *(name for name in (*jemss.NEEDED, *jemss.OPTIONAL) if "/" not in name))
    files = [path / name for name in dict.fromkeys(names) if (path / name).is_file()]
    if (path / CENTRE).is_file():
        centre = read_centre_folder(path)
        files += [file for file in (region_path(path, centre), speeds_path(path, centre)) if file is not None and file.is_file()]
    return files


def _store(inputs: Iterable[Path], path: Path, told: _Told) -> Path | None:
    """Where a city of these bytes is kept; None where there is no home for it. Its sentences name files, so its folder is in the key.
    What is laid over it is not: it is laid anew each time."""
    total = sha256(f"{MADE_BY} {path.resolve().name}\n".encode())
    total.update(msgspec.json.encode(told.demand))
    for file in inputs:
        try:
            with file.open("rb") as opened:
                total.update(f"{file.name} ".encode())
                while piece := opened.read(1 << 22):
                    total.update(piece)
        except OSError as error:
            raise BadInput("file_unreadable", file=str(file), reason=error.strerror or error) from None
    folder = cache_folder()
    return folder / f"{total.hexdigest()[:40]}.city" if folder is not None else None


def cache_folder() -> Path | None:
    """``$XDG_CACHE_HOME/tocsin/cities``, by default below ``~/.cache``; None for somebody without a home."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    try:
        root = Path(told) if told and Path(told).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return root / "tocsin" / "cities"


def _kept(store: Path) -> City | None:
    try:
        data = bytearray(store.stat().st_size)
        with store.open("rb") as file:
            file.readinto(data)
        city = unpacked(data)
        if city is not None:
            os.utime(store)  # those used last stay longest
    except OSError:
        return None  # nothing kept, or not to be read: it is made
    return city


def _keep(store: Path, city: City) -> None:
    """Beside, then renamed; a cache that cannot be written is done without."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=".", suffix=".city", dir=store.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(packed(city))
            os.replace(beside, store)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        for old in sorted(store.parent.glob("[!.]*.city"), key=lambda one: one.stat().st_mtime, reverse=True)[CITIES_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return
