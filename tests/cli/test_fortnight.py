"""The real fortnight, end to end: taken in, replayed to the same bytes whatever the hash seed, reported as pandas would."""

import json
import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from command_line import Fortnight, lines, misfits, tocsin
from fire_log import LOG
from tocsin.base.canonical import canonical
from tocsin.clocks.replay import Decision, Questioned, questions
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.engine.plan_matching import cards_for, slots_of
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.plan import Slot
from tocsin.core.rules.recommendation import Question, answer, situation_of, still_open
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_places import journal_to_read
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region_file import open_region
from tocsin.views.report_answer import ReportAnswer
from views.test_against_pandas import LAYOUT, check, expected

SEEDS = ("0", "4242")
RECEIPTS = 200


@pytest.fixture(scope="module")
def log(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / LOG, dtype=str)
    for column in table.columns:
        if column.endswith("DtTm"):
            table[column] = pd.to_datetime(table[column], format=LAYOUT)
    return table


@pytest.fixture(scope="module")
def report(fortnight: Fortnight) -> ReportAnswer:
    run = tocsin("report", fortnight.journal, "--targets", "nfpa-1710", "--json")
    assert run.status == 0 and misfits("report_answer", run.json) == []
    return msgspec.json.decode(run.out, type=ReportAnswer)


# ---- taken in


def test_every_row_of_the_log_is_taken_in_or_accounted_for(fortnight: Fortnight, log: pd.DataFrame) -> None:
    answer = fortnight.imported
    assert misfits("import_answer", answer) == []
    assert answer["rows_read"] == len(log) == answer["rows_used"] + sum(answer["rows_excluded"].values())
    assert answer["incidents"] == log["Call Number"].nunique() and answer["units"] == log["Unit ID"].nunique()
    verified = tocsin("verify", fortnight.journal, "--json").json
    assert (verified["ok"], verified["events"], verified["head"]) == (True, answer["events"], answer["head"])
    assert tocsin("check", fortnight.centre).status == 0


# ---- replayed


@pytest.fixture(scope="module")
def replays(fortnight: Fortnight, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[bytes, Path]]:
    """Two replays at once, each in a process with another order of sets and dicts: what they print, and their receipts."""
    folder = tmp_path_factory.mktemp("replays")
    running = []
    for seed in SEEDS:
        words = ("replay", fortnight.journal, "--centre", fortnight.centre, "--receipts", folder / f"{seed}.ndjson", "--json")
        command = [sys.executable, "-m", "tocsin", *map(str, words)]
        running.append(subprocess.Popen(command, env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    ended = []
    for seed, child in zip(SEEDS, running, strict=True):
        out, err = child.communicate(timeout=240)
        assert (child.returncode, err) == (0, b""), err.decode()
        ended.append((out, folder / f"{seed}.ndjson"))
    return ended


def test_two_replays_are_one_to_the_byte(replays: list[tuple[bytes, Path]]) -> None:
    (first, first_receipts), (second, second_receipts) = replays
    assert first == second
    digests = [sha256(b"".join(lines(path))).hexdigest() for path in (first_receipts, second_receipts)]
    assert digests[0] == digests[1]


def test_the_replay_s_answer_holds_together(replays: list[tuple[bytes, Path]], fortnight: Fortnight, log: pd.DataFrame) -> None:
    answer = json.loads(replays[0][0])
    assert misfits("replay_answer", answer) == []
    assert answer["head"] == fortnight.imported["head"]
    assert answer["redecided"]["differing"] == 0 and answer["redecided"]["questions"] > 50_000
    moments = log.groupby(["Call Number", "Dispatch DtTm"]).ngroups
    taken_from_others = fortnight.imported["defects"]["dispatch_before_available"]["count"]  # each is a dispatch of its own
    assert moments <= answer["decisions"] + sum(answer["passed_over"].values()) <= moments + taken_from_others
    assert answer["incidents"] == log["Call Number"].nunique() - answer["passed_over"]["no_place"]
    assert sum(answer["differences"].values()) == answer["decisions"] == answer["regret_s"]["n"] + answer["without_regret"]
    kinds = log.groupby(["Call Number", "Dispatch DtTm"])["Unit Type"].unique().explode().str.lower().str.replace(" ", "-").value_counts()
    for kind, found in answer["by_kind"].items():
        assert 0 < found["dispatches"] <= kinds[kind] + taken_from_others, kind
    # Units with a station and a known place: there the engine and the dispatchers should mostly agree.
    assert answer["by_kind"]["engine"]["same_units"] > 0.75 and answer["by_kind"]["truck"]["same_units"] > 0.75
    assert 0 < answer["recommended_eta_s"]["p50"] <= answer["chosen_eta_s"]["p50"] < 600


def test_receipts_say_what_the_answer_sums_up(replays: list[tuple[bytes, Path]]) -> None:
    answer = json.loads(replays[0][0])
    count = first = everyone = 0
    regrets = []
    for line in lines(replays[0][1]):
        decision = msgspec.json.decode(line, type=Decision)
        count += 1
        first += decision.is_first_same
        everyone += decision.is_all_same
        assert decision.is_all_same == (set(decision.recommended) == set(decision.chosen))
        if decision.regret_ms is not None:
            regrets.append(decision.regret_ms)
    assert count == answer["decisions"]
    assert answer["agreement"] == {"first_unit": round(first / count, 4), "all_units": round(everyone / count, 4)}
    regrets.sort()
    assert answer["regret_s"]["n"] == len(regrets)
    assert answer["regret_s"]["p50"] == regrets[-(-50 * len(regrets) // 100) - 1] / 1000
    assert answer["regret_s"]["p90"] == regrets[-(-90 * len(regrets) // 100) - 1] / 1000


def test_receipts_can_be_recomputed_from_the_journal_byte_for_byte(replays: list[tuple[bytes, Path]], fortnight: Fortnight) -> None:
    """Each by itself, with roads that nobody asked before: what is kept from one question to the next changes no answer."""
    every = json.loads(replays[0][0])["decisions"] // RECEIPTS
    wanted = {json.loads(line)["pos"]: line for nth, line in enumerate(lines(replays[0][1])) if nth % every == 0}
    assert len(wanted) >= RECEIPTS
    region = open_region(fortnight.region)
    network = RoadNetwork(region)
    board = Board()
    with journal_to_read(fortnight.journal) as journal:
        for one in questions(journal):
            line = wanted.pop(one.pos, None)
            if line is not None:
                receipt, like = recomputed(board, one, GatherRoads(network), msgspec.json.decode(line, type=Decision))
                assert b'"receipt":' + receipt + b"," in line and line.endswith(b'"like":' + like + b"}\n")
            for record in one.records:
                kernel.fold(board, record)
    assert not wanted


def recomputed(board: Board, one: Questioned, roads: GatherRoads, decision: Decision) -> tuple[bytes, bytes]:
    """What the run card asks for, and the same kinds as were sent: the engine's receipts as bytes."""
    assert board.plan is not None
    incident = board.incidents[decision.incident]
    place = incident.place.at
    assert place is not None
    facts, policy = roads.for_place(board, place, one.ask.at), get_policy(board.plan.plan.policy)
    cards = cards_for(board.plan.plan, situation_of(incident, facts))
    sent = Counter(board.units[unit].kind for unit in decision.chosen)
    like = tuple(Slot(kind, (kind,), count) for kind, count in sent.items())
    asked = still_open(slots_of(cards), board, incident) or like
    receipts = (answer(board, Question(incident, place, cards, slots), policy, facts) for slots in (asked, like))
    first, second = map(canonical, receipts)
    return first, second


# ---- reported


def test_the_report_is_what_pandas_says(report: ReportAnswer, log: pd.DataFrame) -> None:
    check(report, log)
    assert report.intervals["answering"].n == 0, "the log does not say when the call was answered"


def test_hours_and_types_are_what_pandas_says(report: ReportAnswer, log: pd.DataFrame) -> None:
    calls = log.groupby("Call Number").first()
    hours = calls["Received DtTm"].dt.hour.value_counts().reindex(range(24), fill_value=0)
    assert [one.incidents for one in report.by_hour] == hours.tolist()
    slugs = calls["Call Type"].str.lower().str.replace(r"[^a-z0-9]+", "-", regex=True).str.strip("-")
    assert {one.key: one.incidents for one in report.by_type} == slugs.value_counts().to_dict()
    for group in report.by_type[:3]:
        rows = log[log["Call Number"].isin(calls.index[slugs == group.key])]
        for name in ("processing", "turnout", "travel", "total_response"):
            spans = expected(rows)[name]
            one = group.intervals[name]  # type: ignore[index]  # an interval's name
            assert (one.n, one.p90_s) == (len(spans), spans.iloc[-(-90 * len(spans) // 100) - 1]), (group.key, name)


def test_what_is_left_out_is_counted(report: ReportAnswer, log: pd.DataFrame) -> None:
    calls, rows = log["Call Number"].nunique(), len(log)
    for name, whole in (("answering", calls), ("processing", calls), ("total_response", calls), ("turnout", rows), ("travel", rows)):
        one = report.intervals[name]  # type: ignore[index]  # an interval's name
        assert one.n + sum(one.excluded.values()) == whole, name
    assert report.rows.read == rows and report.defects["hospital_missing"] == 42
