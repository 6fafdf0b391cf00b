"""``tocsin account``: everything that it does, as people and as machines see it, with the real file and a real terminal."""

import io
import os
import pty
import stat
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from centre_texts import texts
from command_line import LANGUAGES, Run, tocsin, untranslated
from tocsin.base.seats import ROLES
from tocsin.clocks.live import WallClock
from tocsin.edge.accounts import open_accounts
from tocsin.wiring.accounts import AccountAnswer, AccountsAnswer, TokenAnswer

PASSWORD = "four words apart"


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """A centre's folder with units."""
    folder = tmp_path / "centre"
    folder.mkdir()
    for name, text in texts().items():
        (folder / name).write_text(text, "utf-8")
    return folder


def said(kind: type, *words: object) -> Any:
    """The answer for machines, held against its type's schema."""
    run = tocsin("account", *words, "--json")
    assert run.status == 0, run.err
    assert list(Draft202012Validator(msgspec.json.schema(kind)).iter_errors(run.json)) == []
    return run.json


def typed(monkeypatch: pytest.MonkeyPatch, text: str, *words: object) -> Run:
    """A command that reads its standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return tocsin("account", *words)


def refused(run: Run, code: str) -> bool:
    """Did it fail so, and say it in whole sentences?"""
    assert run.status == 2 and untranslated(run.err) == []
    return run.json["error"]["code"] == code


def test_an_account_from_its_making_to_its_end(centre: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added = typed(monkeypatch, f"{PASSWORD}\n", "add", centre, "Ana", "--role", "dispatcher", "--password-stdin", "--json")
    assert added.json == {
        "account": {"name": "Ana", "role": "dispatcher", "unit": None, "language": None, "has_password": True, "is_disabled": False},
        "key": None, "key_expires": None,
    }  # fmt: skip
    assert PASSWORD not in added.out + added.err
    assert stat.S_IMODE((centre / "accounts.db").stat().st_mode) == 0o600
    assert said(AccountsAnswer, "list", centre)["accounts"] == [added.json["account"]]
    assert said(AccountAnswer, "disable", centre, "ana")["account"]["is_disabled"] is True
    assert said(AccountAnswer, "enable", centre, "ana")["account"]["is_disabled"] is False
    changed = typed(monkeypatch, "another phrase\r\n", "password", centre, "Ana", "--password-stdin")
    assert changed.status == 0, changed.err
    with closing(open_accounts(centre / "accounts.db")) as accounts:
        assert accounts.find_by_password("Ana", PASSWORD) is None
        assert accounts.find_by_password("Ana", "another phrase") is not None


def test_a_key_lets_in_once(centre: Path) -> None:
    answer = said(AccountAnswer, "add", centre, "Eva", "--role", "supervisor", "--seat-language", "pt", "--key")
    assert answer["account"]["has_password"] is False and answer["account"]["language"] == "pt"
    second = said(AccountAnswer, "password", centre, "Eva", "--key")
    with closing(open_accounts(centre / "accounts.db")) as accounts:
        for key in (answer["key"], second["key"]):
            assert accounts.redeem_key(key, WallClock().now()) is not None
            assert accounts.redeem_key(key, WallClock().now()) is None


def test_a_device_token_speaks_for_its_unit(centre: Path) -> None:
    first = said(TokenAnswer, "token", centre, "E1")
    further = said(TokenAnswer, "token", centre, "E1", "--further")
    with closing(open_accounts(centre / "accounts.db")) as accounts:
        assert [accounts.find_unit(one["token"]) for one in (first, further)] == ["E1", "E1"]
        assert said(TokenAnswer, "token", centre, "E1")["ended"] == 2
        assert accounts.find_unit(first["token"]) is None
        assert said(TokenAnswer, "token", centre, "E1", "--end") == {"unit": "E1", "token": None, "ended": 1}


def test_what_cannot_be_is_refused_and_nothing_is_made(centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(tocsin("account", "list", centre, "--json"), "accounts_absent")
    assert refused(tocsin("account", "list", tmp_path / "none", "--json"), "folder_missing")
    assert refused(tocsin("account", "add", centre, "Eva", "--role", "crew", "--unit", "X9", "--key", "--json"), "account_unit_unknown")
    assert refused(tocsin("account", "token", centre, "X9", "--json"), "account_unit_unknown")
    assert refused(tocsin("account", "add", centre, "Eva", "--role", "wall", "--seat-language", "xx", "--key", "--json"), "language")
    both = typed(monkeypatch, "", "add", centre, "Eva", "--role", "wall", "--key", "--password-stdin", "--json")
    assert refused(both, "password_or_key")
    assert refused(typed(monkeypatch, "", "add", centre, "Eva", "--role", "wall", "--json"), "password_unasked")
    assert not (centre / "accounts.db").exists()
    for given, code in [("short\n", "password_short"), ("x" * 1_001 + "\n", "password_long"), ("", "password_short")]:
        assert refused(typed(monkeypatch, given, "add", centre, "Eva", "--role", "wall", "--password-stdin", "--json"), code)
    unfit = {
        "account_role": ("Eva", "--role", "root"),
        "account_name": ("log", "--role", "wall"),
        "account_unit": ("Eva", "--role", "crew"),
    }
    for code, words in unfit.items():
        assert refused(tocsin("account", "add", centre, *words, "--key", "--json"), code)
    assert refused(tocsin("account", "disable", centre, "Nobody", "--json"), "account_absent")
    assert said(AccountsAnswer, "list", centre) == {"accounts": []}


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_in_their_language(centre: Path, language: str) -> None:
    told = []
    for role in ROLES:
        unit = ("--unit", "E1") if role == "crew" else ()
        told.append(
            tocsin("account", "add", centre, f"One {role.replace('_', ' ')}", "--role", role, *unit, "--key", "--language", language)
        )
    told.append(tocsin("account", "disable", centre, "One wall", "--language", language))
    told.append(tocsin("account", "list", centre, "--language", language))
    told.append(tocsin("account", "token", centre, "E1", "--language", language))
    told.append(tocsin("account", "token", centre, "E1", "--end", "--language", language))
    for run in told:
        assert run.status == 0, run.err
        assert "account." not in run.out and untranslated(run.out) == []


@pytest.mark.parametrize("second", [PASSWORD, "something else"])
def test_a_terminal_is_asked_twice_and_shows_nothing(centre: Path, second: str) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"TOCSIN_LANGUAGE": "en", "PYTHONPATH": os.pathsep.join(sys.path)}
        os.execv(sys.executable, [sys.executable, "-m", "tocsin", "account", "add", str(centre), "Ana", "--role", "wall"])
    shown = b""
    for asked, given in [(b"Password:", PASSWORD), (b"again:", second)]:
        deadline = time.monotonic() + 30
        while asked not in shown and time.monotonic() < deadline:
            shown += os.read(terminal, 1_000)
        os.write(terminal, given.encode() + b"\n")
    try:
        while part := os.read(terminal, 1_000):
            shown += part
    except OSError:  # the other side has gone
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert PASSWORD.encode() not in shown
    assert (status == 0) == (second == PASSWORD), shown
