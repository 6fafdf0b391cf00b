"""Logs on the disk: plain, gzipped, cut short, damaged, in another encoding; and the side file of unusable rows."""

import csv
import gzip
from hashlib import sha256
from pathlib import Path

import pytest

from tocsin.base.faults import BadInput
from tocsin.edge.log_files import read_log, write_unusable
from tocsin.formats import sf_fire
from tocsin.formats.sf_fire_rows import Unusable
from tocsin.words import languages, tell

HEADER = "Call Number,Unit ID,Call Type,Received DtTm,Dispatch DtTm,On Scene DtTm,Available DtTm"
ROWS = [f"{nth},E{nth % 7},Alarms,2020-04-07T10:00:00,2020-04-07T10:01:00,,2020-04-07T10:05:{nth % 60:02d}" for nth in range(3_000)]
TEXT = "\n".join((HEADER, *ROWS)) + "\n"


def test_plain_and_gzipped_logs_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeff" + TEXT, "utf-8")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    plain, packed = read_log(tmp_path / "a.csv"), read_log(tmp_path / "a.csv.gz")
    assert plain.text == packed.text == TEXT
    assert packed.sha256 == sha256((tmp_path / "a.csv.gz").read_bytes()).hexdigest()
    assert sf_fire.read(packed.lines(), file=packed.file).counts.rows_read == 3_000


def test_gzip_that_breaks_off_names_the_last_whole_row(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode())[:-2_000])
    with pytest.raises(BadInput) as raised:
        read_log(path)
    fault = raised.value
    rows = int(fault.values["rows"])
    assert (fault.code, fault.file, fault.line) == ("log_file_truncated", str(path), rows + 1)
    assert 0 < rows < 3_000
    for language in languages():
        assert str(rows) in tell(fault, language)


def test_gzip_without_its_end_mark_is_not_taken_for_whole(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode())[:-8])
    with pytest.raises(BadInput, match="log_file_truncated"):
        read_log(path)


def test_damaged_gzip_is_told(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(TEXT.encode()))
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "bad.csv.gz").write_bytes(data)
    with pytest.raises(BadInput) as raised:
        read_log(tmp_path / "bad.csv.gz")
    assert raised.value.code == "log_file_damaged" and "faults." not in tell(raised.value, "pt")


def test_other_encodings_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("a,b\n1,2\n3,Ñuñoa\n".encode("latin-1"))
    with pytest.raises(BadInput) as raised:
        read_log(tmp_path / "latin.csv")
    assert (raised.value.code, raised.value.line, raised.value.values["byte"]) == ("log_file_encoding", 3, "0xD1")
    (tmp_path / "wide.csv").write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(BadInput, match="log_file_encoding"):
        read_log(tmp_path / "wide.csv")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as raised:
        read_log(tmp_path / "none.csv")
    assert (raised.value.code, raised.value.file) == ("log_file_unreadable", str(tmp_path / "none.csv"))


def test_unusable_rows_stand_beside_with_line_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "x.unusable.csv"
    write_unusable(path, ["Call Number", "Unit ID"], [Unusable(7, "key_missing", ["", "E1, spare"]), Unusable(9, "row_length", ["1"])])
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason", "Call Number", "Unit ID"], ["7", "key_missing", "", "E1, spare"], ["9", "row_length", "1"],
        ]  # fmt: skip
    with pytest.raises(BadInput, match="unusable_write"):
        write_unusable(tmp_path / "no" / "x.csv", [], [])
