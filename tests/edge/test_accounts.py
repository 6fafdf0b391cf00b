"""Accounts on the disk: who gets in, who does not, and what a thief of the file would learn."""

import os
import sqlite3
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.faults import BadInput, Broken
from tocsin.base.instants import Instant
from tocsin.base.seats import ROLES, checked_name, checked_password, name_key
from tocsin.edge.accounts import IDLE_MS, KIND, MOST_MS, WALL_MS, AccountsFile, open_accounts, open_or_create_accounts
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.password_hash import HASHER, Passwords
from tocsin.words import languages, tell

NOW = Instant(1_790_000_000_000)
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Real Argon2id at its smallest, so that tests of everything else are quick."""
PHRASE = "four words apart"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "accounts.db"


@pytest.fixture
def accounts(path: Path) -> Iterator[AccountsFile]:
    """A new file with nobody in it."""
    with closing(open_or_create_accounts(path, CHEAP)) as made:
        yield made


def code_of(caught: pytest.ExceptionInfo[BadInput]) -> str:
    """The code, once its sentence is known to be complete in every language."""
    for language in languages():
        assert "{" not in tell(caught.value, language)
    return caught.value.code


def test_a_new_file_lets_nobody_in_and_only_its_owner_reads_it(accounts: AccountsFile, path: Path) -> None:
    assert accounts.list_accounts() == []
    for name in ("admin", "supervisor", "tocsin", ""):
        assert accounts.find_by_password(name, "admin") is None
    accounts.add("Ana", "dispatcher", password=PHRASE)
    files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}


def test_the_right_password_opens_and_nothing_else(accounts: AccountsFile) -> None:
    added = accounts.add("Ana", "dispatcher", language="pt", password=PHRASE)
    assert added == ("Ana", "dispatcher", None, "pt", True, False)
    assert accounts.find_by_password("ana", PHRASE) == added
    for name, password in [("Ana", PHRASE.upper()), ("Ana", ""), ("Ana", PHRASE + " "), ("Rui", PHRASE), ("Ana", PHRASE * 100)]:
        assert accounts.find_by_password(name, password) is None


def test_every_role_can_be_given_and_crews_alone_have_units(accounts: AccountsFile) -> None:
    for role in ROLES:
        accounts.add(f"one {role.replace('_', ' ')}", role, unit="E1" if role == "crew" else None)
    for role, unit in [("crew", None), ("crew", ""), ("wall", "E1"), ("supervisor", "E1")]:
        with pytest.raises(BadInput) as caught:
            accounts.add("Eva", role, unit=unit)
        assert code_of(caught) == "account_unit"
    with pytest.raises(BadInput) as caught:
        accounts.add("Eva", "root")
    assert code_of(caught) == "account_role"


@pytest.mark.parametrize(
    "name", ["", " ", "a" * 41, "unit:E1", "tocsin", "ALL", "Log", "a  b", " a", "a\n", "a\0b", "a\u202eb", "<b>", "a/b", "\ud800", "😀"]
)
def test_names_that_could_be_mistaken_are_refused(accounts: AccountsFile, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        accounts.add(name, "dispatcher", password=PHRASE)
    assert code_of(caught) == "account_name"
    assert accounts.list_accounts() == []


@pytest.mark.parametrize("name", ["Ana", "ana.souza", "D2 Fire-North", "D_2", "Ñuñoa 1", "Øyvind", "王伟", "नीता", "مريم"])
def test_names_of_any_script_are_kept(accounts: AccountsFile, name: str) -> None:
    accounts.add(unicodedata.normalize("NFD", name), "dispatcher", password=PHRASE)
    found = accounts.find_by_password(name.upper(), PHRASE)
    assert found is not None
    assert found.name == unicodedata.normalize("NFC", name)
    with pytest.raises(BadInput) as caught:
        accounts.add(name.swapcase(), "wall")
    assert code_of(caught) == "account_exists"


@given(st.text(max_size=60))
def test_a_name_that_is_accepted_is_one_seat(name: str) -> None:
    try:
        kept = checked_name(name)
    except BadInput:
        return
    assert checked_name(kept) == kept
    assert name_key(kept) == name_key(name)
    assert ":" not in kept and kept.isprintable()


@pytest.mark.parametrize(
    "password", ["é" * 10, "пароль-пароль", "🔥🚒🚑🚓🧯⛑🔥🚒🚑🚓", "\u202eright to left\u202c ", "tab\tand\nline\0nul", "x" * 1_000]
)
def test_any_signs_make_a_password_however_they_are_composed(accounts: AccountsFile, password: str) -> None:
    accounts.add("Ana", "dispatcher", password=unicodedata.normalize("NFD", password) if len(password) < 999 else password)
    assert accounts.find_by_password("Ana", password) is not None
    assert accounts.find_by_password("Ana", password[:-1]) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [("", "password_short"), ("123456789", "password_short"), ("e\u0301" * 9, "password_short"), ("x" * 1_001, "password_long"),
     ("\ud800" * 10, "password_signs")],
)  # fmt: skip
def test_passwords_that_cannot_be_kept_are_refused(accounts: AccountsFile, password: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        accounts.add("Ana", "dispatcher", password=password)
    assert code_of(caught) == code
    assert accounts.list_accounts() == []
    assert accounts.find_by_password("Ana", password) is None


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_a_password_is_either_refused_or_settled(password: str) -> None:
    try:
        kept = checked_password(password)
    except BadInput:
        return
    assert checked_password(kept) == kept


def test_a_one_time_key_lets_in_once_and_not_too_late(accounts: AccountsFile) -> None:
    accounts.add("Eva", "supervisor")
    late = accounts.draw_key("Eva", expires=NOW)
    key = accounts.draw_key("Eva", expires=Instant(NOW + 1_000))
    assert len(key) >= 43
    assert accounts.redeem_key(late, NOW) is None
    assert accounts.redeem_key("x" * 43, NOW) is None
    found = accounts.redeem_key(key, NOW)
    assert found is not None and not found.has_password
    assert accounts.redeem_key(key, NOW) is None
    assert accounts.find_by_password("Eva", "") is None


def test_of_many_who_bring_one_key_at_once_one_gets_in(accounts: AccountsFile) -> None:
    accounts.add("Eva", "supervisor")
    key = accounts.draw_key("Eva", expires=Instant(NOW + 1_000))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: accounts.redeem_key(key, NOW), range(16)))
    assert sum(one is not None for one in found) == 1


def test_a_session_lives_while_it_is_used_and_a_day_at_most(accounts: AccountsFile) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    idle, busy = accounts.start_session("Ana", NOW), accounts.start_session("Ana", NOW)
    assert idle != busy
    for hour in range(1, 24):
        found = accounts.find_session(busy, Instant(NOW + hour * 3_600_000))
        assert found is not None
        assert found.expires <= NOW + MOST_MS
        accounts.touch_session(found.id, Instant(NOW + hour * 3_600_000))
        accounts.touch_session(found.id, NOW)
    assert accounts.find_session(busy, Instant(NOW + MOST_MS)) is None
    assert accounts.find_session(idle, Instant(NOW + IDLE_MS)) is None
    assert accounts.find_session(idle, Instant(NOW + IDLE_MS - 1)) is not None
    assert accounts.find_session("forged", NOW) is None


def test_looking_whether_a_session_stands_does_not_prolong_it(accounts: AccountsFile) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    token = accounts.start_session("Ana", NOW)
    found = accounts.find_session(token, NOW)
    assert found is not None and token not in found.id
    assert accounts.is_session(found.id, Instant(NOW + IDLE_MS - 1))
    assert not accounts.is_session(found.id, Instant(NOW + IDLE_MS))
    accounts.end_session(found.id)
    accounts.end_session(found.id)
    assert not accounts.is_session(found.id, NOW)
    assert accounts.find_session(token, NOW) is None


def test_disabling_ends_sessions_and_keys_at_once_even_from_another_process(accounts: AccountsFile, path: Path) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    token, key = accounts.start_session("Ana", NOW), accounts.draw_key("Ana", expires=Instant(NOW + 1_000))
    with closing(open_accounts(path, CHEAP)) as beside:
        assert beside.set_disabled("ANA", is_disabled=True).is_disabled
    assert accounts.find_session(token, NOW) is None
    assert accounts.redeem_key(key, NOW) is None
    assert accounts.find_by_password("Ana", PHRASE) is None
    with pytest.raises(BadInput) as caught:
        accounts.start_session("Ana", NOW)
    assert code_of(caught) == "account_absent"
    accounts.set_disabled("Ana", is_disabled=False)
    assert accounts.find_session(token, NOW) is None, "what ended stays ended"
    assert accounts.find_by_password("Ana", PHRASE) is not None


def test_a_new_password_ends_the_other_sessions(accounts: AccountsFile) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    mine, other = accounts.start_session("Ana", NOW), accounts.start_session("Ana", NOW)
    key = accounts.draw_key("Ana", expires=Instant(NOW + 1_000))
    kept = accounts.find_session(mine, NOW)
    assert kept is not None
    accounts.set_password("Ana", "another phrase", but=kept.id)
    assert accounts.find_session(mine, NOW) is not None
    assert accounts.find_session(other, NOW) is None
    assert accounts.redeem_key(key, NOW) is None
    assert accounts.find_by_password("Ana", PHRASE) is None
    assert accounts.find_by_password("Ana", "another phrase") is not None
    accounts.set_password("Ana", PHRASE)
    assert accounts.find_session(mine, NOW) is None


def test_a_device_speaks_for_its_unit_until_it_is_replaced(accounts: AccountsFile) -> None:
    first, other = accounts.draw_device("E1", NOW), accounts.draw_device("E2", NOW)
    assert accounts.find_unit(first) == "E1"
    further = accounts.draw_device("E1", NOW, is_further=True)
    assert accounts.find_unit(first) == accounts.find_unit(further) == "E1"
    last = accounts.draw_device("E1", NOW)
    assert [accounts.find_unit(token) for token in (first, further, last, other, "", "x")] == [None, None, "E1", "E2", None, None]
    assert (accounts.end_devices("E1"), accounts.end_devices("E1")) == (1, 0)
    assert accounts.find_unit(last) is None


def test_a_stolen_file_opens_nothing(accounts: AccountsFile, path: Path) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    secrets = [
        PHRASE,
        accounts.start_session("Ana", NOW),
        accounts.draw_key("Ana", expires=Instant(NOW + 1)),
        accounts.draw_device("E1", NOW),
    ]
    held = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert b"$argon2id$v=19$" in held
    assert [secret for secret in secrets if secret.encode() in held] == []


def test_sessions_outlive_a_server_that_is_killed(path: Path) -> None:
    with closing(open_or_create_accounts(path, CHEAP)) as accounts:
        accounts.add("Ana", "dispatcher", password=PHRASE)
    script = (
        "import os, signal, sys; from pathlib import Path; from tocsin.edge.accounts import open_accounts\n"
        f"print(open_accounts(Path(sys.argv[1])).start_session('Ana', {NOW}), flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    with closing(open_accounts(path, CHEAP)) as accounts:
        found = accounts.find_session(done.stdout.strip(), NOW)
    assert found is not None and found.account.name == "Ana"


def test_looking_never_waits_for_somebody_who_writes(accounts: AccountsFile, path: Path) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    token = accounts.start_session("Ana", NOW)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer, ThreadPoolExecutor(1) as pool:
        writer.execute("BEGIN IMMEDIATE")
        waiting = pool.submit(accounts.start_session, "Ana", NOW)
        start = perf_counter()
        for _ in range(100):
            assert accounts.find_session(token, NOW) is not None
        assert perf_counter() - start < 2.0
        assert not waiting.done()
        writer.execute("ROLLBACK")
        assert accounts.find_session(waiting.result(), NOW) is not None


def test_costs_that_have_risen_since_are_paid_at_the_next_sign_in(accounts: AccountsFile, path: Path) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    for _ in range(2):
        with closing(open_accounts(path, dearer)) as later:
            assert later.find_by_password("Ana", PHRASE) is not None
    with closing(sqlite3.connect(path)) as reader:
        (kept,) = reader.execute("SELECT password FROM account").fetchone()
    assert kept.startswith("$argon2id$v=19$m=16,t=2,p=1$")


def test_the_costs_are_those_of_the_standard() -> None:
    assert (HASHER.memory_cost, HASHER.time_cost, HASHER.type.name) == (65_536, 3, "ID")


def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(path: Path) -> None:
    with closing(open_or_create_accounts(path)) as accounts:
        accounts.add("Ana", "dispatcher", password=PHRASE)
        accounts.add("Eva", "dispatcher")

        def least_s(name: str) -> float:
            spans = []
            for _ in range(3):
                start = perf_counter()
                assert accounts.find_by_password(name, "a wrong password") is None
                spans.append(perf_counter() - start)
            return min(spans)

        known, unknown, without = least_s("Ana"), least_s("Nobody"), least_s("Eva")
    assert max(known, unknown, without) < 3 * min(known, unknown, without)


def test_a_full_disk_or_a_lost_file_is_told_and_leaves_nothing_half_done(accounts: AccountsFile) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    accounts._store.execute("PRAGMA query_only=ON")  # the disk refuses from here on
    with pytest.raises(Broken) as caught:
        accounts.start_session("Ana", NOW)
    assert caught.value.code == "accounts_write"
    accounts._store.execute("PRAGMA query_only=OFF")
    assert accounts.find_session(accounts.start_session("Ana", NOW), NOW) is not None


def test_other_files_are_told_apart_and_left_alone(path: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        open_accounts(path)
    assert code_of(caught) == "accounts_absent"
    path.write_text("name,password\nadmin,admin\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        open_or_create_accounts(path)
    assert code_of(caught) == "accounts_foreign"
    assert path.read_text("utf-8") == "name,password\nadmin,admin\n"
    SqliteJournal.create(tmp_path / "a.journal").close()
    with pytest.raises(BadInput) as caught:
        open_accounts(tmp_path / "a.journal")
    assert code_of(caught) == "accounts_foreign"


def test_newer_torn_and_open_files_are_refused(accounts: AccountsFile, path: Path) -> None:
    accounts.add("Ana", "dispatcher", password=PHRASE)
    accounts.close()
    os.chmod(path, 0o640)
    with pytest.raises(BadInput) as caught:
        open_accounts(path, CHEAP)
    assert code_of(caught) == "accounts_open"
    os.chmod(path, 0o600)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute(f"PRAGMA user_version={KIND.format + 1}")
    with pytest.raises(BadInput) as caught:
        open_accounts(path, CHEAP)
    assert code_of(caught) == "accounts_newer"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute(f"PRAGMA user_version={KIND.format}")
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(BadInput) as caught:
        open_accounts(path, CHEAP)
    assert code_of(caught) == "accounts_torn"


def test_a_wall_that_shows_all_the_time_stays_for_thirty_days(accounts: AccountsFile) -> None:
    accounts.add("hall", "wall")
    token = accounts.start_session("hall", NOW)
    found = accounts.find_session(token, NOW)
    assert found is not None
    for hours in range(10, WALL_MS // 3_600_000, 10):
        accounts.touch_session(found.id, Instant(NOW + hours * 3_600_000))
    assert accounts.is_session(found.id, Instant(NOW + WALL_MS - 1))
    assert not accounts.is_session(found.id, Instant(NOW + WALL_MS))
