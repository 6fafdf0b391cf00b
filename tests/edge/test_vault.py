"""One contract, every vault; then what only a file can promise: durable keys, and destroyed ones nowhere to be found."""

import os
import sqlite3
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal_lines import fingerprints
from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import KeyName
from tocsin.core.messages.sealed import Sealed
from tocsin.core.ports import Vault
from tocsin.edge import master_key
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.master_key import VARIABLE
from tocsin.edge.vault_file import KIND, FileVault, create_vault, open_or_create_vault, open_vault
from tocsin.edge.vault_memory import MemoryVault
from tocsin.words import languages, tell

K1, K2, K3 = KeyName("incident:I1"), KeyName("incident:I2"), KeyName("call:C3")
PLACE = "journal/c1/words"
_NAMES = count()


@pytest.fixture(autouse=True)
def no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own settings play no part."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture(params=["memory", "file"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    """Each empty vault in turn."""
    made: Vault = MemoryVault() if request.param == "memory" else create_vault(tmp_path / "keys")
    with closing(made):
        yield made


# The contract.


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), key=st.text(max_size=30), place=st.text(max_size=60))
def test_words_come_back_as_they_were(vault: Vault, text: str, key: str, place: str) -> None:
    sealed = vault.seal(text, key=KeyName(key), bound_to=place)
    assert sealed.key == key
    assert vault.open(sealed, bound_to=place) == text


def test_the_box_is_nonce_ciphertext_and_tag(vault: Vault) -> None:
    box = b64decode(vault.seal("Ana Souza", key=K1, bound_to=PLACE).box, validate=True)
    assert len(box) == 12 + len("Ana Souza") + 16
    assert b"Ana" not in box


def test_the_same_words_never_make_the_same_box(vault: Vault) -> None:
    boxes = {vault.seal("yes", key=K1, bound_to=PLACE).box for _ in range(200)}
    assert len({box[:16] for box in boxes}) == 200, "a nonce came twice"


def test_what_is_sealed_cannot_be_moved(vault: Vault) -> None:
    sealed = vault.seal("Ana Souza", key=K1, bound_to=PLACE)
    vault.seal("Rui", key=K2, bound_to=PLACE)
    for other, place in [(sealed, "journal/c2/words"), (sealed, ""), (Sealed(K2, sealed.box), PLACE)]:
        with pytest.raises(Broken) as caught:
            vault.open(other, bound_to=place)
        assert caught.value.code == "seal_broken"


@pytest.mark.parametrize("bit", range(0, 8 * (12 + 9 + 16), 7))
def test_one_flipped_bit_breaks_the_seal(vault: Vault, bit: int) -> None:
    sealed = vault.seal("Ana Souza", key=K1, bound_to=PLACE)
    box = bytearray(b64decode(sealed.box))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Broken, match="seal_broken"):
        vault.open(Sealed(K1, b64encode(bytes(box)).decode()), bound_to=PLACE)


@pytest.mark.parametrize("box", ["", "AAAA", "not base 64", "é", "A" * 16, "A" * 37])
def test_what_is_no_box_at_all(vault: Vault, box: str) -> None:
    vault.seal("x", key=K1, bound_to=PLACE)
    with pytest.raises(Broken, match="seal_broken"):
        vault.open(Sealed(K1, box), bound_to=PLACE)


def test_a_destroyed_key_opens_nothing_and_seals_nothing(vault: Vault) -> None:
    one, two = vault.seal("Ana", key=K1, bound_to=PLACE), vault.seal("Rui", key=K2, bound_to=PLACE)
    vault.destroy([K1])
    assert vault.open(one, bound_to=PLACE) is None
    assert vault.open(two, bound_to=PLACE) == "Rui"
    with pytest.raises(Broken) as caught:
        vault.seal("Ana again", key=K1, bound_to=PLACE)
    assert (caught.value.code, caught.value.values["key"]) == ("key_destroyed", K1)
    vault.destroy([K1])
    assert vault.open(one, bound_to=PLACE) is None


def test_a_key_destroyed_before_it_was_ever_used_is_remembered(vault: Vault) -> None:
    vault.destroy(iter([K3, K3]))
    assert vault.open(Sealed(K3, "AAAA"), bound_to=PLACE) is None
    with pytest.raises(Broken, match="key_destroyed"):
        vault.seal("x", key=K3, bound_to=PLACE)
    vault.destroy([])


def test_a_key_that_never_was_is_not_taken_for_a_destroyed_one(vault: Vault) -> None:
    with pytest.raises(Broken) as caught:
        vault.open(Sealed(K3, "AAAA"), bound_to=PLACE)
    assert caught.value.code == "key_missing"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["seal", "open", "destroy"]), st.sampled_from("abc")), max_size=25))
def test_any_row_of_steps(vault: Vault, steps: list[tuple[str, str]]) -> None:
    """Against two sets: what was sealed opens until its key is destroyed, and then never again."""
    name = next(_NAMES)  # one vault sees all examples, and what was destroyed in one of them stays so
    sealed: dict[str, Sealed] = {}
    destroyed: set[str] = set()
    for step, letter in steps:
        key = KeyName(f"{name}/{letter}")
        if step == "destroy":
            vault.destroy([key])
            destroyed.add(letter)
        elif step == "seal" and letter in destroyed:
            with pytest.raises(Broken, match="key_destroyed"):
                vault.seal(letter, key=key, bound_to=PLACE)
        elif step == "seal":
            sealed[letter] = vault.seal(letter, key=key, bound_to=PLACE)
        elif letter in sealed:
            assert vault.open(sealed[letter], bound_to=PLACE) == (None if letter in destroyed else letter)


def test_the_vault_in_memory_can_be_played_twice_alike() -> None:
    counted = [iter(range(256)), iter(range(256))]
    boxes = [
        [MemoryVault(lambda size, dice=dice: bytes([next(dice)] * size)).seal("x", key=K1, bound_to=PLACE).box for _ in range(3)]
        for dice in counted
    ]
    assert boxes[0] == boxes[1]
    assert len(set(boxes[0])) == 3


# In a file.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a vault may be made; the folder is otherwise empty."""
    return tmp_path / "keys"


def refused(act: Callable[[], object]) -> BadInput:
    """The fault of something that must be refused; told in every language."""
    with pytest.raises(BadInput) as caught:
        act()
    for language in languages():
        assert "faults." not in tell(caught.value, language)
    return caught.value


def test_keys_and_tombstones_outlive_the_process(path: Path) -> None:
    with closing(open_or_create_vault(path)) as vault:
        one, two = vault.seal("Ana", key=K1, bound_to=PLACE), vault.seal("Rui", key=K2, bound_to=PLACE)
        vault.destroy([K2, K3])
    with closing(open_or_create_vault(path)) as vault:
        assert vault.open(one, bound_to=PLACE) == "Ana"
        assert vault.open(two, bound_to=PLACE) is None
        for key in (K2, K3):
            with pytest.raises(Broken, match="key_destroyed"):
                vault.seal("x", key=key, bound_to=PLACE)
    assert sorted(fingerprints(path.parent)) == ["keys", "keys.master"]


SEAL_AND_DIE = """
import os, sys
from pathlib import Path
import msgspec
from tocsin.edge.vault_file import open_or_create_vault
vault = open_or_create_vault(Path(sys.argv[1]))
sealed = vault.seal("Ana", key="k", bound_to="p")
print(msgspec.json.encode(sealed).decode(), flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_key_is_on_disk_before_its_first_box_is_out(path: Path) -> None:
    said = subprocess.run([sys.executable, "-c", SEAL_AND_DIE, str(path)], capture_output=True, text=True, timeout=60, check=False).stdout
    with closing(open_vault(path)) as vault:
        assert vault.open(msgspec.json.decode(said, type=Sealed), bound_to="p") == "Ana"


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_only_the_owner_may_read_keys(path: Path) -> None:
    with closing(create_vault(path)) as vault:
        vault.seal("x", key=K1, bound_to=PLACE)
        for found in path.parent.iterdir():
            assert found.stat().st_mode & 0o777 == 0o600, found.name


def raw_key(path: Path, key: KeyName) -> tuple[bytes, bytes]:
    """A key as it lies in the file, and unwrapped."""
    with closing(sqlite3.connect(path)) as direct:
        wrapped = direct.execute("SELECT wrapped FROM key WHERE name=?", (key,)).fetchone()[0]
    master = bytes.fromhex(path.with_name(f"{path.name}.master").read_text().strip())
    return wrapped, AESGCM(master).decrypt(wrapped[:12], wrapped[12:], b"key " + key.encode())


def test_keys_lie_wrapped_under_the_master_key(path: Path) -> None:
    with closing(create_vault(path)) as vault:
        sealed = vault.seal("Ana", key=K1, bound_to=PLACE)
    _, key = raw_key(path, K1)
    box = b64decode(sealed.box)
    assert AESGCM(key).decrypt(box[:12], box[12:], PLACE.encode()) == b"Ana"
    assert key not in path.read_bytes()


@pytest.mark.parametrize("among", [1, 40, 400])
def test_destroyed_keys_are_nowhere_in_any_file(path: Path, among: int) -> None:
    """Neither the wrapped key nor a piece of it, in the file, its log or anything beside, while open and when closed."""
    names = [KeyName(f"incident:I{number}") for number in range(among)]
    doomed = names[:: max(1, among // 20)]
    with closing(create_vault(path)) as vault:
        for name in names:
            vault.seal("x", key=name, bound_to=PLACE)
        pieces = [raw_key(path, name)[0][at : at + 10] for name in doomed for at in (0, 20, 40)]
        assert all(any(piece in held.read_bytes() for held in path.parent.iterdir()) for piece in pieces)
        vault.destroy(doomed)
        for moment in ("open", "closed"):
            for held in path.parent.iterdir():
                data = held.read_bytes()
                assert not any(piece in data for piece in pieces), (held.name, moment)
            vault.close()
    with closing(open_vault(path)) as again:
        for name in names:
            if name not in doomed:
                again.seal("still there", key=name, bound_to=PLACE)


def test_destroying_while_somebody_else_reads_says_so_and_can_be_asked_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.edge.sqlite_file.BUSY_S", 0.05)
    with closing(create_vault(path)) as vault, closing(sqlite3.connect(path)) as reader:
        sealed = vault.seal("Ana", key=K1, bound_to=PLACE)
        wrapped, _ = raw_key(path, K1)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM key").fetchall()
        with pytest.raises(Broken) as caught:
            vault.destroy([K1])
        assert caught.value.code == "key_lingers"
        assert vault.open(sealed, bound_to=PLACE) is None
        reader.execute("ROLLBACK")
        vault.destroy([K1])
        assert not any(wrapped in held.read_bytes() for held in path.parent.iterdir())


def test_a_key_destroyed_by_another_process_is_gone_here_at_once(path: Path) -> None:
    with closing(create_vault(path)) as here, closing(open_vault(path)) as there:
        sealed = here.seal("Ana", key=K1, bound_to=PLACE)
        assert there.open(sealed, bound_to=PLACE) == "Ana"
        there.destroy([K1])
        assert here.open(sealed, bound_to=PLACE) is None


def test_two_processes_that_make_the_same_key_make_one(path: Path) -> None:
    with closing(create_vault(path)) as here, closing(open_vault(path)) as there:
        boxes = [one.seal("x", key=K1, bound_to=PLACE) for one in (here, there, here)]
        assert [one.open(box, bound_to=PLACE) for one in (there, here) for box in boxes] == ["x"] * 6


def test_a_tampered_key_is_noticed(path: Path) -> None:
    with closing(create_vault(path)) as vault:
        sealed = vault.seal("Ana", key=K1, bound_to=PLACE)
        vault.seal("Rui", key=K2, bound_to=PLACE)
        with closing(sqlite3.connect(path)) as direct, direct:  # the other incident's key under this name
            direct.execute("UPDATE key SET wrapped=(SELECT wrapped FROM key WHERE name=?) WHERE name=?", (K2, K1))
        with pytest.raises(Broken, match="seal_broken"):
            vault.open(sealed, bound_to=PLACE)
        with pytest.raises(Broken, match="seal_broken"):
            vault.seal("Ana", key=K1, bound_to=PLACE)


def test_a_full_disk_seals_nothing_and_resumes(path: Path) -> None:
    with closing(create_vault(path)) as vault:
        held = vault.seal("Ana", key=K1, bound_to=PLACE)
        pages = vault._store.execute("PRAGMA page_count").fetchone()[0]
        vault._store.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(Broken) as caught:
            for number in range(500):
                vault.seal("x", key=KeyName(f"n{number}"), bound_to=PLACE)
        assert caught.value.code == "vault_write"
        assert vault.open(held, bound_to=PLACE) == "Ana"
        assert vault.open(vault.seal("Rui", key=K2, bound_to=PLACE), bound_to=PLACE) == "Rui"


# Its master key.


def test_another_master_key_is_refused_and_nothing_touched(path: Path) -> None:
    create_vault(path).close()
    path.with_name("keys.master").write_text("ab" * 32)
    before = fingerprints(path.parent)
    assert refused(lambda: open_vault(path)).code == "master_key_wrong"
    assert fingerprints(path.parent) == before


def test_a_lost_master_key_is_not_made_anew(path: Path) -> None:
    create_vault(path).close()
    path.with_name("keys.master").unlink()
    assert refused(lambda: open_or_create_vault(path)).code == "master_key_absent"
    assert sorted(fingerprints(path.parent)) == ["keys"]


@pytest.mark.parametrize("text", ["", "ab", "xy" * 32, "ab" * 31, "ab" * 33, "é" * 64])
def test_what_is_no_master_key(path: Path, text: str) -> None:
    create_vault(path).close()
    path.with_name("keys.master").write_text(text, "utf-8")
    assert refused(lambda: open_vault(path)).code == "master_key_form"


@pytest.mark.skipif(os.name != "posix", reason="file modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_master_key_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    create_vault(path).close()
    path.with_name("keys.master").chmod(mode)
    fault = refused(lambda: open_vault(path))
    assert (fault.code, fault.values) == ("master_key_open", {"mode": oct(mode)})


def test_the_master_key_may_lie_elsewhere(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "stick"
    elsewhere.mkdir()
    with closing(create_vault(path, master_file=elsewhere / "master")) as vault:
        sealed = vault.seal("Ana", key=K1, bound_to=PLACE)
    assert refused(lambda: open_vault(path)).code == "master_key_absent"
    with closing(open_or_create_vault(path, master_file=elsewhere / "master")) as vault:
        assert vault.open(sealed, bound_to=PLACE) == "Ana"
    with closing(create_vault(tmp_path / "second", master_file=elsewhere / "master")):
        assert len((elsewhere / "master").read_text()) == 65, "an existing master key serves a second vault"


def test_the_master_key_may_come_from_outside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "0123456789abcdef" * 4)
    with closing(create_vault(path)) as vault:
        sealed = vault.seal("Ana", key=K1, bound_to=PLACE)
    assert sorted(fingerprints(path.parent)) == ["keys"], "then none is written down"
    with closing(open_vault(path)) as vault:
        assert vault.open(sealed, bound_to=PLACE) == "Ana"
    monkeypatch.setenv(VARIABLE, "f" * 64)
    assert refused(lambda: open_vault(path)).code == "master_key_wrong"
    monkeypatch.setenv(VARIABLE, "secret")
    fault = refused(lambda: open_vault(path))
    assert (fault.code, fault.file) == ("master_key_form", VARIABLE)
    assert "secret" not in str(fault)


def test_a_drawn_master_key_is_never_drawn_twice(tmp_path: Path) -> None:
    keys = {master_key.load_or_draw(tmp_path / name) for name in "abcd"}
    assert len(keys) == 4
    assert master_key.load_or_draw(tmp_path / "a") == master_key.load(tmp_path / "a")
    assert refused(lambda: master_key.load_or_draw(tmp_path / "none" / "a")).code == "vault_unwritable"


# Files that are not ours, or not whole.


def test_a_vault_is_never_overwritten(path: Path) -> None:
    create_vault(path).close()
    before = fingerprints(path.parent)
    assert refused(lambda: create_vault(path)).code == "vault_exists"
    assert fingerprints(path.parent) == before


@pytest.mark.parametrize("content", [b"", b"keys\n" * 2000, bytes(8192)])
def test_a_foreign_file_is_refused_and_not_touched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    before = fingerprints(path.parent)
    assert refused(lambda: open_or_create_vault(path)).code == "vault_foreign"
    assert fingerprints(path.parent) == before


def test_a_journal_is_no_vault(path: Path) -> None:
    SqliteJournal.create(path).close()
    before = fingerprints(path.parent)
    assert refused(lambda: open_vault(path)).code == "vault_foreign"
    assert fingerprints(path.parent) == before


def test_absent_newer_and_torn_vaults_are_refused_and_not_touched(path: Path) -> None:
    assert refused(lambda: open_vault(path)).code == "vault_absent"
    with closing(create_vault(path)) as vault:
        for number in range(300):
            vault.seal("x", key=KeyName(f"n{number}"), bound_to=PLACE)
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as direct:
        direct.execute(f"PRAGMA user_version={KIND.format + 1}")
    before = fingerprints(path.parent)
    assert refused(lambda: open_vault(path)).code == "vault_newer"
    assert fingerprints(path.parent) == before
    for size in (600, 4096, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        before = fingerprints(path.parent)
        assert refused(lambda: open_vault(path)).code == "vault_torn"
        assert fingerprints(path.parent) == before


def test_a_vault_that_went_bad_while_open(path: Path) -> None:
    with closing(create_vault(path)) as vault:
        sealed = vault.seal("Ana", key=K1, bound_to=PLACE)
        with closing(sqlite3.connect(path)) as direct:
            direct.execute("DROP TABLE key")
        with pytest.raises(Broken, match="vault_unreadable"):
            vault.open(sealed, bound_to=PLACE)
        with pytest.raises(Broken, match="vault_write"):
            vault.seal("x", key=K2, bound_to=PLACE)
        with pytest.raises(Broken, match="vault_write"):
            vault.destroy([K1])
        assert isinstance(vault, FileVault)
