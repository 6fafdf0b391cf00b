"""The San Francisco fortnight, computed a second time in plain pandas from the CSV. The two must agree to the millisecond.

The records come straight from the CSV (``fire_log``); ``check`` takes the answer of any other journal of the same log.
"""

import subprocess
import sys
from math import ceil
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from fire_log import LOG, records_of
from tocsin.edge import targets
from tocsin.views.report_answer import ReportAnswer
from tocsin.views.response_times import response_times

LAYOUT = "%m/%d/%Y %I:%M:%S %p"


@pytest.fixture(scope="module")
def log(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / LOG, dtype=str)
    for column in table.columns:
        if column.endswith("DtTm"):
            table[column] = pd.to_datetime(table[column], format=LAYOUT)
    return table


@pytest.fixture(scope="module")
def answer(shared: Path) -> ReportAnswer:
    return response_times(records_of(shared / LOG), targets.load("nfpa-1710"))


def seconds(start: pd.Series, end: pd.Series) -> "pd.Series[float]":
    """Spans of rows that have both stamps, without those that run backwards."""
    span = (end - start).dt.total_seconds().dropna()
    return span[span >= 0].sort_values()


def expected(log: pd.DataFrame) -> "dict[str, pd.Series[float]]":
    calls = log.groupby("Call Number").agg(
        received=("Received DtTm", "first"), dispatch=("Dispatch DtTm", "min"), on_scene=("On Scene DtTm", "min")
    )
    return {
        "processing": seconds(calls["received"], calls["dispatch"]),
        "turnout": seconds(log["Dispatch DtTm"], log["Response DtTm"]),
        "travel": seconds(log["Response DtTm"], log["On Scene DtTm"]),
        "total_response": seconds(calls["received"], calls["on_scene"]),
    }


def check(answer: ReportAnswer, log: pd.DataFrame) -> None:
    """Every figure of every interval, against pandas."""
    for name, spans in expected(log).items():
        one = answer.intervals[name]
        assert one.n == len(spans), name
        assert one.mean_s == pytest.approx(spans.mean(), abs=0.0006), name
        for percent, value in ((50, one.p50_s), (90, one.p90_s)):
            assert value == spans.iloc[ceil(percent * len(spans) / 100) - 1], (name, percent)
            assert value == np.quantile(spans, percent / 100, method="inverted_cdf"), (name, percent)
        if one.target_s is not None:
            assert one.within_target == pytest.approx((spans <= one.target_s).mean(), abs=1e-12), name


def test_all_intervals_agree(answer: ReportAnswer, log: pd.DataFrame) -> None:
    check(answer, log)
    assert answer.intervals["answering"].excluded == {"no_answer_stamp": 5292}


def test_every_row_and_call_is_measured_or_left_out_with_a_reason(answer: ReportAnswer, log: pd.DataFrame) -> None:
    for name, whole in (("processing", 5292), ("total_response", 5292), ("turnout", len(log)), ("travel", len(log))):
        one = answer.intervals[name]
        assert one.n + sum(one.excluded.values()) == whole


def test_hours_types_areas_and_days_agree(answer: ReportAnswer, log: pd.DataFrame) -> None:
    first = log.sort_values("Unit sequence in call dispatch", key=lambda column: column.astype(int)).groupby("Call Number").first()
    received = first["Received DtTm"]
    assert [one.incidents for one in answer.by_hour] == received.dt.hour.value_counts().reindex(range(24), fill_value=0).tolist()
    assert {one.key: one.incidents for one in answer.by_type} == first["Call Type"].value_counts().to_dict()
    assert {one.key: one.incidents for one in answer.by_area} == first["Station Area"].value_counts().to_dict()
    days = received.dt.strftime("%Y-%m-%d").value_counts().to_dict()
    assert {one.date: one.incidents for one in answer.by_day if one.incidents} == days
    for group in answer.by_type[:4]:
        rows = log[log["Call Number"].isin(first.index[first["Call Type"] == group.key])]
        travel = expected(rows)["travel"]
        assert group.intervals["travel"].p90_s == travel.iloc[ceil(0.9 * len(travel)) - 1]


def test_unit_hours_agree(answer: ReportAnswer, log: pd.DataFrame) -> None:
    load = {one.unit: one for one in answer.busiest_units}
    assert {unit: one.jobs for unit, one in load.items()} == log["Unit ID"].value_counts().to_dict()
    for unit in ("74", "E03", "T03"):
        rows = log[log["Unit ID"] == unit].sort_values("Dispatch DtTm")
        busy_s, until = 0.0, pd.Timestamp.min
        for start, end in zip(rows["Dispatch DtTm"], rows["Available DtTm"], strict=True):
            busy_s += max((end - max(start, until)).total_seconds(), 0) if end > until else 0
            until = max(until, end)
        assert load[unit].busy_h == pytest.approx(busy_s / 3600, abs=0.0006)


def told_by(*words: str | Path) -> bytes:
    """What the command line answers."""
    return subprocess.run([sys.executable, "-m", "tocsin", *map(str, words)], check=True, capture_output=True).stdout


def test_the_imported_journal_agrees_to_the_same_millisecond(answer: ReportAnswer, log: pd.DataFrame, shared: Path, tmp_path: Path) -> None:
    """From the log through import, desk, journal and command line: the same figures as pandas, and as the records of ``fire_log``."""
    journal = tmp_path / "sf.journal"
    told_by("import", "sf-fire", shared / LOG, "--centre", tmp_path / "centre", "--journal", journal)
    imported = msgspec.json.decode(told_by("report", journal, "--targets", "nfpa-1710", "--json"), type=ReportAnswer)
    check(imported, log)
    assert (imported.rows.read, imported.rows.used, imported.rows.excluded) == (len(log), len(log), {})
    assert imported.defects["dispatch_before_available"] == 16
    assert imported.defects["hospital_before_transport"] == 13
    assert [one.histogram for one in imported.intervals.values()] == [one.histogram for one in answer.intervals.values()]
    assert imported.concurrency.units_max == answer.concurrency.units_max
