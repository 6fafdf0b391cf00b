"""Status codes: the shipped tables say what the domain note says, in words that the core understands."""

from importlib.resources import files
from pathlib import Path

import pytest

from tocsin.base.faults import BadInput
from tocsin.core.messages.unit import STATUS, phase_of
from tocsin.edge import status_tables
from tocsin.formats.status_codes import QUALIFIERS, StatusTable, read_status_table
from tocsin.words import tell

FOLDER = files("tocsin").joinpath("data/status_codes")
TABLES = sorted(entry.name for entry in FOLDER.iterdir() if entry.name.endswith(".toml"))


def table(name: str) -> StatusTable:
    return read_status_table(FOLDER.joinpath(name).read_text("utf-8"), file=name)


def test_three_practices_are_shipped() -> None:
    assert TABLES == ["de-fms.toml", "nz-fire.toml", "us-words.toml"]


@pytest.mark.parametrize("name", TABLES)
def test_every_code_is_an_eido_status_or_an_event(name: str) -> None:
    for code in table(name).codes:
        status = code.status()
        assert (status is None) == (code.event is not None)
        if status is not None:
            assert status.primary in ("Available", "ConditionallyAvailable", "NotAvailable")
            assert set(status.qualifiers) <= QUALIFIERS and list(status.qualifiers) == sorted(set(status.qualifiers))


def test_every_word_of_the_core_is_an_eido_qualifier() -> None:
    assert {word for status in STATUS.values() for word in status.qualifiers} <= QUALIFIERS


@pytest.mark.parametrize(
    ("name", "said", "phase"),
    [
        ("de-fms.toml", "1", "on_radio"),
        ("de-fms.toml", "2", "at_station"),
        ("de-fms.toml", "3", "en_route"),
        ("de-fms.toml", "4", "on_scene"),
        ("de-fms.toml", "6", "off"),
        ("de-fms.toml", "7", "transporting"),
        ("de-fms.toml", "8", "at_hospital"),
        ("de-fms.toml", "8005", "en_route"),
        ("us-words.toml", "available", "on_radio"),
        ("us-words.toml", "IN QUARTERS", "at_station"),
        ("us-words.toml", "en-route", "en_route"),
        ("us-words.toml", "Dispatched", "dispatched"),
        ("us-words.toml", "on_scene", "on_scene"),
        ("us-words.toml", "Transport arrive", "at_hospital"),
        ("us-words.toml", "Move up", "moving_up"),
        ("us-words.toml", "out of service", "off"),
        ("nz-fire.toml", "k1", "en_route"),
        ("nz-fire.toml", "K2", "on_scene"),
        ("nz-fire.toml", "K5", "on_scene"),
        ("nz-fire.toml", "K7", "at_station"),
    ],
)
def test_codes_lead_to_the_life_of_a_unit(name: str, said: str, phase: str) -> None:
    code = table(name).find(said)
    assert code is not None
    status = code.status()
    assert status is not None and phase_of(status) == phase


@pytest.mark.parametrize(("said", "event"), [("5", "request_to_speak"), ("0", "emergency"), ("8002", "emergency"), ("9", "local")])
def test_requests_to_speak_and_emergencies_are_events_not_states(said: str, event: str) -> None:
    code = table("de-fms.toml").find(said)
    assert code is not None and code.event == event and code.status() is None


def test_unknown_code_is_not_guessed() -> None:
    assert table("nz-fire.toml").find("K3") is None


RIGHT = """\
id = "x"
name = "X"
source = "us"
[[code]]
code = "1"
meaning = "free"
primary = "Available"
[[code]]
code = "2"
meaning = "stop"
event = "local"
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('event = "local"\n', "", "status_neither", 9),
        ('event = "local"', 'event = "local"\nprimary = "Available"', "status_neither", 9),
        ('primary = "Available"', 'primary = "Avail"', "value_kind", 7),
        ('primary = "Available"', 'primary = "Available"\nqualifiers = ["Enroute"]', "qualifier_unknown", 8),
        ('code = "2"', 'code = "1"', "doubled", 9),
        ('code = "2"', 'code = "2"\nalso = ["1"]', "doubled", 9),
        ('meaning = "stop"\n', "", "setting_missing", 8),
        ('source = "us"', "source = us", "toml_syntax", 3),
    ],
)
def test_error_is_told_with_its_line(old: str, new: str, code: str, line: int) -> None:
    with pytest.raises(BadInput) as told:
        read_status_table(RIGHT.replace(old, new), file="x.toml")
    assert (told.value.code, told.value.file, told.value.line) == (code, "x.toml", line)
    assert "faults." not in tell(told.value, "fr")


def test_a_centre_names_its_table_shipped_or_its_own(tmp_path: Path) -> None:
    assert status_tables.names() == ["de-fms", "nz-fire", "us-words"]
    fms = status_tables.load("de-fms", tmp_path)
    assert fms.find("3") is not None
    (tmp_path / "own.toml").write_text(
        'id = "own"\nname = "Own"\nsource = "ours"\n[[code]]\ncode = "7"\nmeaning = "away"\nevent = "local"\n', "utf-8"
    )
    own = status_tables.load("own.toml", tmp_path)
    assert own.find("7") is not None and own.find("3") is None
    for name in ("fms", "absent.toml"):
        with pytest.raises(BadInput) as caught:
            status_tables.load(name, tmp_path)
        assert caught.value.code == "status_table_unknown" and "de-fms" in caught.value.values["known"]
