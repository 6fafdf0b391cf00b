"""What the command line answers as JSON fits the schemas that docs/generated publishes. One short demo, everything asked of it."""

import gzip
import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from source import ROOT
from tocsin.edge.journal_sqlite import SqliteJournal

SCHEMAS = ROOT / "docs" / "generated" / "schemas"


def tocsin(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, as people run it."""
    return subprocess.run([sys.executable, "-m", "tocsin", *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has run the demo for an hour."""
    folder = tmp_path_factory.mktemp("demo")
    done = tocsin("demo", "--hours", "1", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "tocsin-demo"


def faults(schema: str, answer: Any) -> list[str]:
    """What does not fit."""
    validator = Draft202012Validator(json.loads((SCHEMAS / f"{schema}.json").read_text("utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("verify_answer", ["verify", "demo.journal"]),
        ("replay_answer", ["replay", "demo.journal", "--centre", "centre"]),
        ("report_answer", ["report", "demo.journal", "--excluded"]),
        ("report_answer", ["report", "demo.journal", "--targets", "england-arp-c1"]),
        ("check_answer", ["check", "centre"]),
        ("demo_answer", ["demo", "--hours", "0.25", "--out", "another"]),
        ("region_info", ["region", "info", "centre/coquimbo.region"]),
        ("route_rows", ["route", "centre/coquimbo.region", "--from=-71.34,-29.95", "--to=-71.25,-29.9", "--geometry"]),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_an_answer_fits_its_schema(demo: Path, schema: str, words: list[str]) -> None:
    done = tocsin(*words, "--json", folder=demo)
    assert done.returncode == 0, done.stderr
    assert faults(schema, json.loads(done.stdout)) == []


def test_an_import_answers_by_its_schema(shared: Path, tmp_path: Path) -> None:
    log = shared / "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz"
    with gzip.open(log, "rt", encoding="utf-8") as lines:
        (tmp_path / "calls.csv").write_text("".join(islice(lines, 200)), "utf-8")
    done = tocsin("import", "sf-fire", "calls.csv", "--centre", "sf", "--journal", "sf.journal", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert faults("import_answer", answer) == []
    assert answer["rows_read"] == 199 == answer["rows_used"] + sum(answer["rows_excluded"].values())


def test_every_line_of_a_journal_fits_the_schema_of_records(demo: Path) -> None:
    journal = SqliteJournal.open_to_read(demo / "demo.journal")
    validator = Draft202012Validator(json.loads((SCHEMAS / "record.json").read_text("utf-8")))
    lines = [json.loads(stored.body) for stored in journal.read()]
    journal.close()
    assert len(lines) > 50
    assert [line["cmd"] for line in lines if not validator.is_valid(line)] == []


def test_an_error_answers_by_its_schema_too(demo: Path) -> None:
    done = tocsin("report", "nobody.journal", "--json", "--language", "en", folder=demo)
    assert done.returncode == 2
    told = json.loads(done.stdout or done.stderr)
    assert faults("error_answer", told) == []


def test_bad_input_leaves_with_status_2_and_says_where(demo: Path) -> None:
    done = tocsin("report", "nobody.journal", "--language", "en", folder=demo)
    assert done.returncode == 2
    assert "nobody.journal" in done.stderr
    assert "Traceback" not in done.stderr
