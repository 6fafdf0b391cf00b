"""docs/generated is what the code says, and its schemas are schemas."""

import json
import sys
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from source import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import generated_docs

from tocsin.base.identifiers import CallId, CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.sealed import Plain
from tocsin.core.messages.unit import STATUS, ReportUnitStatus

PAGES = dict(generated_docs.all_pages())


def test_what_is_committed_is_what_the_code_says() -> None:
    assert "".join(generated_docs.differences(PAGES)) == ""


def test_a_page_that_is_out_of_date_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in PAGES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "refusals.md").write_text(PAGES["refusals.md"].replace("CrewBusy", "CrewIdle"), "utf-8")
    (tmp_path / "gone.md").write_text("nobody writes this", "utf-8")
    monkeypatch.setattr(generated_docs, "FOLDER", tmp_path)
    told = "".join(generated_docs.differences(PAGES))
    assert "CrewIdle" in told
    assert "gone.md" in told


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".json")])
def test_every_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(PAGES[name]))


@pytest.mark.parametrize(
    "command",
    [
        TakeCall(CallId("C1"), Instant(0), caller_name=Plain("A. Caller")),
        DispatchUnits(IncidentId("I1"), (UnitId("E1"), UnitId("M2")), override="asked for by the officer"),
        ReportUnitStatus(UnitId("E1"), STATUS["on_scene"], said="K2"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_we_encode_fits_the_schemas(command: Command) -> None:
    ask = Ask(CommandId("c1"), "D2", Instant(0), command)
    for name, value in (("command", command), ("ask", ask)):
        validator = Draft202012Validator(json.loads(PAGES[f"schemas/{name}.json"]))
        assert list(validator.iter_errors(json.loads(msgspec.json.encode(value)))) == []


def test_a_stranger_does_not_fit() -> None:
    validator = Draft202012Validator(json.loads(PAGES["schemas/command.json"]))
    assert list(validator.iter_errors({"type": "DispatchUnits", "incident": "I1", "units": ["E1"], "watch": "them"}))


def test_every_message_has_its_page() -> None:
    for union, page in ((Command, "commands.md"), (generated_docs.Event, "events.md")):
        for message in union.__args__:
            assert f"### {message.__name__}\n" in PAGES[page]
