"""Bad input: status 2, a message with file, line or field and a remedy, the same as JSON, and nothing half-written."""

import gzip
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import LANGUAGES, Run, changed, listing, misfits, tocsin, untranslated, write_log
from fire_log import LOG

IMPORT = ("import", "sf-fire")
NEW = ("--centre", "new", "--journal", "new.journal")


def refused(folder: Path, code: str, *words: object, file: str | None = None, line: int | None = None) -> Run:
    """Run a command that must be refused, and see that it says so well and leaves nothing behind."""
    before = listing(folder)
    run = tocsin(*words, "--json")
    assert listing(folder) == before, "something was written"
    assert run.status == 2, run.out + run.err
    assert misfits("error_answer", run.json) == []
    error = run.json["error"]
    assert error["code"] == code, error
    if file is not None:
        assert error["file"] == file
    if line is not None:
        assert error["line"] == line
    what, _, remedy = error["text"].partition("\n")
    assert what.strip() and remedy.strip(), "what is wrong, and what to do"
    assert run.err.split() == error["text"].split(), "people are told the same"
    told = tocsin(*words)
    assert (told.status, told.out) == (2, "") and told.err == run.err
    return run


# ---- the log


def test_columns_that_are_missing_are_named(folder: Path, calls: list[dict[str, str]]) -> None:
    write_log(Path("bad.csv"), calls, without=["Received DtTm", "Unit ID"])
    run = refused(folder, "log_columns_missing", *IMPORT, "bad.csv", *NEW, file="bad.csv", line=1)
    assert "received" in run.err and "unit" in run.err and "Call Number" in run.err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table_empty"),
        ("a,b\n1,2\n", "log_columns_missing"),
    ],
    ids=["empty", "other columns"],
)
def test_a_table_that_is_no_log(folder: Path, text: str, code: str) -> None:
    Path("bad.csv").write_text(text)
    refused(folder, code, *IMPORT, "bad.csv", *NEW, file="bad.csv")


def test_a_quotation_mark_that_never_closes(folder: Path) -> None:
    text = Path("log.csv").read_text("utf-8").splitlines(keepends=True)
    Path("bad.csv").write_text("".join([*text[:4], '"' + text[4].replace('"', ""), *(line.replace('"', "") for line in text[5:])]), "utf-8")
    refused(folder, "table_broken", *IMPORT, "bad.csv", *NEW, file="bad.csv", line=5)  # not one long row with all the others in it


def test_a_header_alone_is_no_log(folder: Path) -> None:
    Path("bad.csv").write_text(Path("log.csv").read_text("utf-8").splitlines()[0] + "\n")
    refused(folder, "log_unusable", *IMPORT, "bad.csv", *NEW, file="bad.csv")


def test_a_log_in_another_alphabet_names_its_line(folder: Path) -> None:
    data = Path("log.csv").read_bytes().splitlines(keepends=True)
    Path("bad.csv").write_bytes(b"".join([*data[:3], data[3].replace(b"MISSION", b"MISI\xd3N", 1) + b"\xd3\n", *data[4:]]))
    refused(folder, "log_file_encoding", *IMPORT, "bad.csv", *NEW, file="bad.csv")


def test_stamps_that_no_calendar_has_are_told_when_nothing_is_left(folder: Path, calls: list[dict[str, str]]) -> None:
    write_log(Path("bad.csv"), [row | {"Received DtTm": "02/31/2020 25:00:00 PM"} for row in calls])
    run = refused(folder, "log_unusable", *IMPORT, "bad.csv", *NEW, file="bad.csv", line=2)
    assert str(len(calls)) in run.err


def test_a_compressed_log_that_breaks_off(folder: Path, shared: Path) -> None:
    data = (shared / LOG).read_bytes()
    Path("cut.csv.gz").write_bytes(data[:5000])
    run = refused(folder, "log_file_truncated", *IMPORT, "cut.csv.gz", *NEW, file="cut.csv.gz")
    assert run.json["error"]["line"] > 10, "how far it was whole"


def test_a_compressed_log_that_is_damaged(folder: Path, shared: Path) -> None:
    data = bytearray((shared / LOG).read_bytes())
    data[-6] ^= 255  # of its check sum
    Path("bad.csv.gz").write_bytes(data)
    refused(folder, "log_file_damaged", *IMPORT, "bad.csv.gz", *NEW, file="bad.csv.gz")


@pytest.mark.parametrize("log", ["nowhere.csv", "centre"])
def test_a_log_that_cannot_be_read(folder: Path, log: str) -> None:
    refused(folder, "log_file_unreadable", *IMPORT, log, *NEW, file=log)


def test_a_time_zone_that_nobody_has(folder: Path) -> None:
    refused(folder, "timezone", *IMPORT, "log.csv", *NEW, "--timezone", "Mars/Phobos")


@pytest.mark.parametrize(
    ("table", "code", "line"),
    [
        ("place,lat\n1,2\n", "column_missing", 1),
        ("station,lat,lon\n1,north,2\n", "number", 2),
        ("station,lat,lon\n1,37.7,-222\n", "coordinates", 2),
    ],
    ids=["columns", "no number", "off the earth"],
)
def test_a_station_table_that_cannot_be_used(folder: Path, table: str, code: str, line: int) -> None:
    Path("stations.csv").write_text(table)
    run = tocsin(*IMPORT, "log.csv", *NEW, "--stations", "stations.csv", "--json")
    refused(folder, run.json["error"]["code"], *IMPORT, "log.csv", *NEW, "--stations", "stations.csv", file="stations.csv", line=line)


# ---- rows that cannot be used


def test_rows_that_cannot_be_used_are_kept_beside_with_their_reason(folder: Path, calls: list[dict[str, str]]) -> None:
    rows = changed(changed(changed(calls, 3, Received_DtTm="02/31/2020 01:00:00 AM"), 5, Dispatch_DtTm=""), 8, Unit_ID="")
    write_log(Path("odd.csv"), [*rows, rows[1]])
    with Path("odd.csv").open("a") as file:
        file.write("too,short\n")
    run = tocsin(*IMPORT, "odd.csv", *NEW, "--json")
    assert run.status == 0
    answer = run.json
    expected = {"stamp_unreadable": 1, "dispatch_missing": 1, "key_missing": 1, "doubled": 1, "row_length": 1}
    assert answer["rows_excluded"] == expected
    assert answer["rows_read"] == len(calls) + 2 == answer["rows_used"] + 5
    kept = Path(answer["unusable"])
    assert kept == Path("new.journal.unusable.csv")
    lines = kept.read_text("utf-8").splitlines()
    assert lines[0].startswith("line,reason,Call Number,Unit ID")
    assert {tuple(line.split(",")[:2]) for line in lines[1:]} == {
        ("5", "stamp_unreadable"),
        ("7", "dispatch_missing"),
        ("10", "key_missing"),
        (str(len(calls) + 2), "doubled"),
        (str(len(calls) + 3), "row_length"),
    }
    source = Path("odd.csv").read_text("utf-8").splitlines()
    for line in lines[1:]:
        assert line.split(",", 2)[2] == source[int(line.split(",")[0]) - 1], "the row as it was"


def test_places_outside_the_region_are_used_without_their_place_and_counted(folder: Path, calls: list[dict[str, str]]) -> None:
    calm = [row for row in calls if row["Call Number"] != calls[0]["Call Number"]]
    away = [row | {"Location": "(40.0, -100.0)"} for row in calls if row["Call Number"] == calls[0]["Call Number"]]
    write_log(Path("away.csv"), [*away, *calm])
    answer = tocsin(*IMPORT, "away.csv", *NEW, "--region", "sf.region", "--json").json
    assert answer["rows_excluded"] == {} and answer["defects"]["place_outside_region"]["count"] == 1
    replayed = tocsin("replay", "new.journal", "--centre", "new", "--json").json
    assert replayed["passed_over"]["no_place"] >= 1 and replayed["incidents"] == 39


# ---- the centre


def without_unit(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("E32,"))


def test_a_kept_centre_that_lacks_a_unit(folder: Path) -> None:
    units = Path("centre/units.csv")
    units.write_text(without_unit(units.read_text("utf-8")), "utf-8")
    words = (*IMPORT, "log.csv", "--centre", "centre", "--journal", "new.journal")
    run = refused(folder, "centre_lacks_units", *words, file="centre/units.csv")
    assert "E32" in run.err and "log.csv:2" in run.err


def test_a_kept_centre_that_lacks_a_type(folder: Path) -> None:
    plan = Path("centre/plan.toml")
    text = plan.read_text("utf-8")
    pieces = re.split(r"(?m)^(?=(?:#[^\n]*\n)*\[\[(?:incident_type|card)\]\])", text)
    plan.write_text("".join(piece for piece in pieces if '"alarms"' not in piece), "utf-8")
    assert tocsin("check", "centre").status == 0, "a good centre, only not for this log"
    words = (*IMPORT, "log.csv", "--centre", "centre", "--journal", "new.journal")
    run = refused(folder, "centre_lacks_types", *words, file="centre/plan.toml")
    assert "alarms" in run.err and "log.csv:" in run.err


def test_a_plan_that_asks_for_what_nobody_can(folder: Path) -> None:
    plan = Path("centre/plan.toml")
    text = plan.read_text("utf-8").replace('needs = ["ambulance"', 'needs = ["teleporter"', 1)
    plan.write_text(text, "utf-8")
    line = 1 + text[: text.index("teleporter")].count("\n")
    for words in (("replay", "sf.journal", "--centre", "centre"), (*IMPORT, "log.csv", "--centre", "centre", "--journal", "new.journal")):
        run = refused(folder, "capability_unknown", *words, file="centre/plan.toml", line=line)
        assert "teleporter" in run.err


def test_a_centre_that_is_no_folder_or_is_not_there(folder: Path) -> None:
    refused(folder, "folder_is_file", *IMPORT, "log.csv", "--centre", "log.csv", "--journal", "new.journal", file="log.csv")
    refused(folder, "folder_missing", "replay", "sf.journal", "--centre", "nowhere", file="nowhere")
    run = tocsin("check", "nowhere", "--json")
    assert run.status == 2 and [problem["code"] for problem in run.json["problems"]] == ["folder_missing"]


# ---- roads


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def grown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def older(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8] + (77).to_bytes(4, "little") + data[12:])


def foreign(path: Path) -> None:
    shutil.copy("sf.journal", path)


def garbled(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:20] + b"}{" + data[22:])


def gone(path: Path) -> None:
    path.unlink()


SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut off": (cut, "region_truncated"),
    "added to": (grown, "region_truncated"),
    "of another version": (older, "region_version"),
    "no region at all": (foreign, "region_foreign"),
    "garbled": (garbled, "region_damaged"),
    "gone": (gone, "file_missing"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_region_that_cannot_be_used(folder: Path, how: str) -> None:
    spoil, code = SPOILED[how]
    spoil(Path("sf.region"))
    to = ("--from", "-122.4,37.77", "--to", "-122.41,37.77")
    for words in (("region", "info", "sf.region"), ("route", "sf.region", *to), (*IMPORT, "log.csv", *NEW, "--region", "sf.region")):
        refused(folder, code, *words, file="sf.region")
    refused(folder, code, "replay", "sf.journal", "--centre", "centre", file="centre/../sf.region")
    refused(folder, code, "report", "sf.journal", "--html", "page.html", "--region", "sf.region", file="sf.region")


def test_a_centre_without_a_region_cannot_replay_a_foreign_log(folder: Path) -> None:
    head = Path("centre/centre.toml")
    head.write_text(re.sub(r"(?m)^region = .*\n", "", head.read_text("utf-8")), "utf-8")
    words = ("replay", "sf.journal", "--centre", "centre", "--receipts", "receipts.ndjson")
    run = refused(folder, "replay_without_roads", *words, file="centre/centre.toml")
    assert run.json["error"]["field"] == "region" and "--region" in run.err


@pytest.mark.parametrize("place", ["nonsense", "-122.4", "-122.4,", "-922.4,37.77", "nan,37.7", "-122.4,37.7,9", "-122.4;37.7"])
def test_a_place_that_is_none(folder: Path, place: str) -> None:
    for words in ((f"--from={place}", "--to=-122.4,37.7"), ("--from=-122.4,37.7", f"--to={place}")):
        run = refused(folder, "lon_lat", "route", "sf.region", *words)
        assert run.json["error"]["field"] in ("--from", "--to") and place in run.err


@pytest.mark.parametrize("source", ["log.csv", "nowhere.osm", "centre", "half.geojson.gz", "half.osm.pbf", "not.geojson"])
def test_streets_that_cannot_be_read(folder: Path, shared: Path, source: str) -> None:
    whole = (shared / "data/roads/san-francisco/sf_streets.geojson.gz").read_bytes()
    Path("half.geojson.gz").write_bytes(whole[:30_000])
    Path("half.osm.pbf").write_bytes((shared / "data/roads/monaco/monaco.osm.pbf").read_bytes()[:30_000])
    Path("not.geojson").write_text('{"type": "FeatureCollection", "features": 3}')
    code = tocsin("region", "build", source, "--out", "new.region", "--json").json["error"]["code"]
    run = refused(folder, code, "region", "build", source, "--out", "new.region")
    assert source in str(run.json["error"]["file"])


# ---- journals, targets, policies, languages, options


def test_a_journal_is_never_overwritten(folder: Path) -> None:
    before = Path("sf.journal").read_bytes()
    refused(folder, "journal_exists", *IMPORT, "log.csv", "--centre", "new", "--journal", "sf.journal", file="sf.journal")
    refused(folder, "journal_exists", *IMPORT, "log.csv", "--centre", "new", "--journal", "centre", file="centre")
    assert Path("sf.journal").read_bytes() == before


@pytest.mark.parametrize("command", ["verify", "replay", "report"])
def test_a_journal_that_is_none(folder: Path, command: str) -> None:
    refused(folder, "journal_foreign", command, "log.csv", file="log.csv")
    refused(folder, "journal_absent", command, "nowhere.journal", file="nowhere.journal")
    Path("torn.journal").write_bytes(Path("sf.journal").read_bytes()[:20_000])
    torn = tocsin(command, "torn.journal", "--json")
    if command == "verify":
        assert torn.status in (1, 2)
    else:
        refused(folder, torn.json["error"]["code"], command, "torn.journal", file="torn.journal")


def test_names_that_nobody_knows(folder: Path) -> None:
    assert "nfpa-1710" in refused(folder, "targets_unknown", "report", "sf.journal", "--targets", "mine").err
    refused(folder, "targets_file", "report", "sf.journal", "--targets", "mine.toml", file="mine.toml")
    assert "road-time" in refused(folder, "policy_unknown", "replay", "sf.journal", "--policy", "best").err
    Path("half.toml").write_text('name = "half"\n[[targets]\n')
    refused(folder, "targets_toml", "report", "sf.journal", "--targets", "half.toml", file="half.toml")


def test_a_language_that_is_not_shipped_is_told_before_any_work(folder: Path) -> None:
    for words in ((*IMPORT, "log.csv", *NEW), ("report", "sf.journal", "--html", "page.html"), ("region", "info", "sf.region"), ("demo",)):
        assert "pt" in refused(folder, "language", *words, "--language", "xx").err


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_said_in_the_language_asked_for(folder: Path, language: str) -> None:
    for style in (("--language", language), (f"--language={language}",)):
        run = tocsin("replay", "sf.journal", "--policy", "best", *style)
        assert run.status == 2 and untranslated(run.err) == []
        assert {"en": "there is no policy", "pt": "política", "fr": "politique", "es": "política"}[language] in run.err


@pytest.mark.parametrize(
    "words",
    [("fly",), ("report",), ("report", "sf.journal", "--fly"), ("demo", "--hours", "many"), ("region", "fly"), ("route", "sf.region")],
)
def test_commands_that_are_none(folder: Path, words: tuple[str, ...]) -> None:
    run = refused(folder, "usage", *words)
    assert "--help" in run.err


@pytest.mark.parametrize("hours", ["0", "-1", "nan", "inf", "99999"])
def test_a_shift_of_no_length(folder: Path, hours: str) -> None:
    run = refused(folder, "scenario_hours", "demo", f"--hours={hours}")
    assert run.json["error"]["field"] == "--hours"


# ---- places that cannot be written to


@pytest.mark.parametrize("place", ["nowhere/there", "centre", "log.csv/there"])
def test_what_cannot_be_written_is_told_before_the_work(folder: Path, shared: Path, place: str) -> None:
    streets = shared / "data/roads/san-francisco/sf_streets.geojson.gz"
    for words in (
        ("replay", "sf.journal", "--centre", "centre", "--receipts", place),
        ("report", "sf.journal", "--html", place),
        ("region", "build", streets, "--out", place),
    ):
        refused(folder, "file_write", *words, file=place)
    code = "journal_exists" if place == "centre" else "file_write"
    refused(folder, code, *IMPORT, "log.csv", "--centre", "new", "--journal", place, file=place)


def test_a_demo_needs_a_folder(folder: Path) -> None:
    refused(folder, "file_write", "demo", "--out", "log.csv", file="log.csv")
    refused(folder, "file_write", "demo", "--out", "log.csv/deeper", file="log.csv/deeper")


def test_a_centre_that_cannot_be_written_leaves_no_journal(folder: Path) -> None:
    refused(folder, "folder_write", *IMPORT, "log.csv", "--centre", "log.csv/new", "--journal", "new.journal", file="log.csv/new")


# ---- an import that is stopped


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_an_import_that_is_stopped_leaves_no_journal(shared: Path, tmp_path: Path, how: signal.Signals) -> None:
    words = ("import", "sf-fire", str(shared / LOG), "--centre", "centre", "--journal", "sf.journal")
    child = subprocess.Popen(
        [sys.executable, "-m", "tocsin", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a run of tests in the background ignores the signal, and so would the child
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here that hold locks
    )
    partial = tmp_path / ".sf.journal.partial"
    while not (partial.exists() and partial.stat().st_size > 0):
        assert child.poll() is None, child.stderr.read() if child.stderr else ""
        try:
            child.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
    child.send_signal(how)
    out, err = child.communicate(timeout=30)
    assert child.returncode == (130 if how == signal.SIGINT else -how), err.decode()
    assert (out, b"Traceback" in err) == (b"", False)
    assert not (tmp_path / "sf.journal").exists() and not (tmp_path / "centre").exists()
    if how == signal.SIGINT:
        assert list(tmp_path.iterdir()) == []


def test_what_a_killed_import_left_is_no_hindrance(folder: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f".new.journal.partial{end}").write_bytes(b"half of something")
    run = tocsin(*IMPORT, "log.csv", *NEW, "--json")
    assert run.status == 0 and tocsin("verify", "new.journal", "--json").json["head"] == run.json["head"]
    assert not list(folder.glob(".new*"))


def test_a_compressed_log_and_a_plain_one_are_one_log(folder: Path) -> None:
    Path("log.csv.gz").write_bytes(gzip.compress(Path("log.csv").read_bytes()))
    run = tocsin(*IMPORT, "log.csv.gz", *NEW, "--region", "sf.region", "--json")
    assert run.status == 0 and run.json["incidents"] == 40
