"""A journal asked again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tocsin.base.canonical import canonical
from tocsin.base.faults import BadInput
from tocsin.clocks.desk import fold_journal
from tocsin.clocks.replay import Decision, Passed, compare, redecide
from tocsin.clocks.replay_answer import ReplayAnswer, ReplayTally
from tocsin.core.board.board import Board
from tocsin.core.engine.policies import POLICIES
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_places import journal_to_read
from tocsin.edge.region_bounds import check_incidents
from tocsin.edge.whole_file import check_place, writing_whole
from tocsin.formats.centre import Centre
from tocsin.roads.network import RoadNetwork
from tocsin.roads.speeds import Speeds
from tocsin.wiring.roads import open_roads
from tocsin.wiring.stages import Progress
from tocsin.words import say

RECEIPTS_BEGIN = b'{"pos":'
"""How our own receipts begin: an older file may be replaced, anything else stays."""


class ReplayOptions(NamedTuple):
    """What to replay with; what is None is the journal's own."""

    centre: Path | None = None
    region: Path | None = None
    speeds: Path | None = None
    policy: str | None = None
    receipts: Path | None = None
    language: str = "en"


def replay(path: Path, options: ReplayOptions, *, progress: Progress) -> ReplayAnswer:
    """Every real dispatch beside the engine's choice; and every question asked again with its recorded facts."""
    if options.policy is not None and options.policy not in POLICIES:
        raise BadInput("policy_unknown", value=options.policy, known=", ".join(POLICIES))
    centre = read_centre_folder(options.centre) if options.centre is not None else None
    found, speeds = _road_files(options, centre)
    network = open_roads(found, speeds) if found is not None else None
    roads = GatherRoads(network) if network is not None else None
    with journal_to_read(path) as journal, _receipts_file(options.receipts) as put:
        head, tally, board = journal.head(), ReplayTally(), fold_journal(journal)
        if found is not None:
            check_incidents(board, found)
        plan = centre.plan if centre is not None else None
        for decision in compare(
            journal, roads, policy=options.policy, plan=plan, on_question=lambda pos: progress(pos, head.pos, "replay")
        ):
            tally.add(decision)
            put(decision)
        if options.centre is not None and roads is None and tally.is_without_facts():
            raise BadInput("replay_without_roads", file=str(options.centre / "centre.toml"), field="region")
        again = redecide(journal, on_question=lambda pos: progress(pos, head.pos, "redecide"))
        assumptions = _replay_assumptions(board, network, options.language)
    return tally.answer(redecided=again, head=head.hash.hex(), assumptions=assumptions)


def _road_files(options: ReplayOptions, centre: Centre | None) -> tuple[Path | None, Path | None]:
    """Region and learned speeds; the centre's speeds go with its own region only. Raises BadInput ``speeds_without_region``."""
    region, speeds = options.region, options.speeds
    if region is None and options.centre is not None and centre is not None:
        region, speeds = region_path(options.centre, centre), speeds or speeds_path(options.centre, centre)
    if region is None and speeds is not None:
        raise BadInput("speeds_without_region", field="--speeds")
    return region, speeds


@contextmanager
def _receipts_file(path: Path | None) -> Iterator[Callable[[Decision | Passed], None]]:
    """Takes decisions, a line each, as they come: those of a fortnight would not be held in memory lightly."""
    if path is None:
        yield lambda decision: None
        return
    check_place(path, begins=RECEIPTS_BEGIN)
    with writing_whole(path) as file:

        def put(decision: Decision | Passed) -> None:
            if isinstance(decision, Decision):
                file.write(f"{canonical(decision).decode()}\n")

        yield put


def _replay_assumptions(board: Board, network: RoadNetwork | None, language: str) -> tuple[str, ...]:
    homeless = sum(unit.station is None for unit in board.units.values())
    codes: list[tuple[str, dict[str, object]]] = [
        ("like", {}),
        ("positions_recorded" if network is None else "positions_roads", {}),
        ("returning", {}),
        ("hospital", {}),
    ]
    if network is not None and isinstance(network.speeds, Speeds):
        source = network.speeds.file.learned_from
        codes.insert(0, ("learned", {"id": network.speeds.id, "first": source.first[:10], "last": source.last[:10]}))
    if homeless:
        codes.append(("homeless", {"count": homeless}))
    if board.imports:
        codes.append(("imported", {}))
    return tuple(say(f"replay.assumption.{code}", language, **values) for code, values in codes)
