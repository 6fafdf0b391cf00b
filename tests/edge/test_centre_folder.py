"""The centre folder on the disk: whole or not at all, in the reader's language."""

import stat
from pathlib import Path

import msgspec
import pytest

from centre_texts import texts
from tocsin.base.faults import BadInput
from tocsin.edge.centre_folder import check_centre_folder, read_centre_folder, region_path, write_centre_folder
from tocsin.edge.whole_file import write_whole
from tocsin.formats.centre import Centre
from tocsin.formats.centre_files import FILES, read_centre
from tocsin.formats.run_cards import Support
from tocsin.words import tell


@pytest.fixture
def centre() -> Centre:
    return read_centre(texts())


def test_written_folder_reads_back_the_same(tmp_path: Path, centre: Centre) -> None:
    write_centre_folder(tmp_path / "new" / "bay", centre)
    assert read_centre_folder(tmp_path / "new" / "bay") == centre
    assert check_centre_folder(tmp_path / "new" / "bay") == []
    assert sorted(entry.name for entry in (tmp_path / "new").iterdir()) == ["bay"], "nothing is left beside it"
    assert sorted(entry.name for entry in (tmp_path / "new" / "bay").iterdir()) == sorted(FILES)
    assert stat.S_IMODE((tmp_path / "new" / "bay" / "plan.toml").stat().st_mode) == 0o644


def test_files_explain_themselves_in_the_language_of_the_centre(tmp_path: Path, centre: Centre) -> None:
    write_centre_folder(tmp_path / "bay", centre, support={"fire": Support(1091, 949)})
    plan = (tmp_path / "bay" / "plan.toml").read_text("utf-8")
    assert plan.startswith("# O plano de resposta") and '# 1091 chamadas, 87 % enviadas exatamente assim\n[[card]]\nname = "fire"' in plan
    assert (tmp_path / "bay" / "centre.toml").read_text("utf-8").startswith("# A central")
    english = msgspec.structs.replace(centre, language="en")
    write_centre_folder(tmp_path / "english", english)
    assert (tmp_path / "english" / "plan.toml").read_text("utf-8").startswith("# The response plan")


def test_folder_that_holds_something_is_left_alone_unless_told(tmp_path: Path, centre: Centre) -> None:
    write_centre_folder(tmp_path / "bay", centre)
    (tmp_path / "bay" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="folder_exists"):
        write_centre_folder(tmp_path / "bay", centre)
    renamed = msgspec.structs.replace(centre, name="Other bay")
    write_centre_folder(tmp_path / "bay", renamed, replace=True)
    assert read_centre_folder(tmp_path / "bay") == renamed
    assert (tmp_path / "bay" / "notes.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    write_centre_folder(tmp_path / "empty", centre)
    assert read_centre_folder(tmp_path / "empty") == centre


def test_failed_writing_leaves_nothing_half_done(tmp_path: Path, centre: Centre) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput) as raised:
        write_centre_folder(tmp_path / "file" / "bay", centre)
    assert raised.value.code == "folder_write" and "faults." not in tell(raised.value)
    target = tmp_path / "plan.toml"
    target.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "x" * 100_000 + "\ud800")
    assert target.read_text() == "old" and [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def right() -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts().items()}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as raised:
        read_centre_folder(tmp_path / "nowhere")
    assert (raised.value.code, raised.value.file) == ("folder_missing", str(tmp_path / "nowhere"))
    write_files(tmp_path / "bay", {name: data for name, data in right().items() if name != "units.csv"})
    [problem] = check_centre_folder(tmp_path / "bay")
    assert (problem.code, problem.file) == ("centre_file_missing", str(tmp_path / "bay" / "units.csv"))


def test_text_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    write_files(tmp_path / "bay", right() | {"stations.csv": texts()["stations.csv"].replace("Two", "Dóis").encode("latin-1")})
    with pytest.raises(BadInput) as raised:
        read_centre_folder(tmp_path / "bay")
    fault = raised.value
    assert (fault.code, fault.file, fault.line, fault.values["byte"]) == (
        "centre_file_encoding", str(tmp_path / "bay" / "stations.csv"), 3, "0xF3",
    )  # fmt: skip


def test_file_that_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    write_files(tmp_path / "bay", {name: data for name, data in right().items() if name != "plan.toml"})
    (tmp_path / "bay" / "plan.toml").mkdir()
    [problem] = check_centre_folder(tmp_path / "bay")
    assert problem.code == "centre_file_unreadable" and "faults." not in tell(problem, "es")


def test_language_that_is_not_shipped_is_told(tmp_path: Path) -> None:
    write_files(tmp_path / "bay", right() | {"centre.toml": texts()["centre.toml"].replace('"pt"', '"tlh"').encode()})
    [problem] = check_centre_folder(tmp_path / "bay")
    assert (problem.code, problem.line, problem.values["found"]) == ("centre_language", 7, "tlh")


def test_problems_name_the_path_of_their_file(tmp_path: Path) -> None:
    write_files(tmp_path / "bay", right() | {"plan.toml": texts()["plan.toml"].replace('needs = ["ladder"]', 'needs = ["wings"]').encode()})
    problems = check_centre_folder(tmp_path / "bay")
    path = str(tmp_path / "bay" / "plan.toml")
    assert [(one.code, one.file, one.line) for one in problems] == [("capability_unknown", path, 40), ("capability_unknown", path, 52)]


def test_region_lies_in_the_folder_unless_stated_absolute(tmp_path: Path, centre: Centre) -> None:
    assert region_path(tmp_path, centre) == tmp_path / "bay.region"
    assert region_path(tmp_path, msgspec.structs.replace(centre, region="/maps/x.region")) == Path("/maps/x.region")
    assert region_path(tmp_path, msgspec.structs.replace(centre, region="")) is None
