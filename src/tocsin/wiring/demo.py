"""The invented shift."""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

from tocsin.base.instants import Instant, span_ms
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.simulate import simulate
from tocsin.core.board.board import Board
from tocsin.edge.demo_folder import copy_centre, copy_once, make_room
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_places import new_journal
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import read_scenario
from tocsin.lab.world import City
from tocsin.wiring.cities import LAB
from tocsin.wiring.cover import adopt_cover, cover_of
from tocsin.wiring.opening import tell_opening
from tocsin.wiring.roads import make_region, open_roads
from tocsin.wiring.stages import Progress


class Demo(NamedTuple):
    """Where the demo wrote, and its board at the end."""

    journal: Path
    region: Path
    centre: Path
    board: Board


def run_demo(folder: Path, *, seed: int, hours: float | None, progress: Progress, on_answer: Callable[[Answer, Instant], None]) -> Demo:
    """One invented shift in La Serena and Coquimbo: real streets, invented stations, units and calls, the real desk and journal."""
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    scenario = read_scenario(data.joinpath("scenario.toml").read_text("utf-8"), file="scenario.toml")
    if hours is not None:
        scenario = scenario.lasting(hours)
    region_file, journal_file, keys = folder / "centre" / "coquimbo.region", folder / "demo.journal", folder / "demo.keys"
    make_room(folder, journal_file, keys)
    with as_file(data.joinpath("streets.geojson.gz")) as streets:
        make_region(streets, region_file, mapping=None, name="coquimbo", progress=progress)
    centre = copy_centre(data.joinpath("centre"), folder / "centre")
    copy_once(data.joinpath("scenario.toml"), folder / "centre" / LAB)  # so that this centre is simulated with the demo's own calls
    network = open_roads(region_file)
    network.prepare()
    city = City(scenario, StreetDemand(network.region), Drive(network), seed=seed, timezone=centre.timezone)
    begin, lasts = scenario.begin_at(), scenario.lasts_ms()

    def tell(answer: Answer, now: Instant) -> None:
        progress(min(span_ms(start=begin, end=now), lasts), lasts, "simulate")
        on_answer(answer, now)

    vault = open_or_create_vault(keys)
    try:
        with new_journal(journal_file) as journal:
            desk = Desk(journal, GatherRoads(network), vault)
            for answer in tell_opening(desk, centre, begin, clock="simulated"):
                list(city.hear(answer, begin))
            adopt_cover(desk, cover_of(folder / "centre", centre, progress), begin, "simulated")
            simulate(desk, city, on_answer=tell)
            board = desk.board
    finally:
        vault.close()
    return Demo(journal_file, region_file, folder / "centre", board)
