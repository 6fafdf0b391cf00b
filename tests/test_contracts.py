"""Who may import whom, and which words are banned: each contract is broken on purpose in a copy, and the break must be seen.

A lint rule that allows everything looks exactly like one that works; only breaking it tells them apart.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}

HOUSE = "The shape of the house"
CORE = "Inside the core"
RULES = "Rules never import each other"
ROADS = "Roads and places know only base"
PURE = "No clock, no dice, no I/O in what decides and what reads"
WIRING = "Only wiring names adapters"
CIRCLES = "No circles among siblings"

BREACHES = [
    (HOUSE, "base/geometry.py", "from tocsin.core.messages import place"),
    (HOUSE, "core/kernel.py", "from tocsin.clocks import desk"),
    (HOUSE, "clocks/desk.py", "from tocsin.edge import gather_table"),
    (HOUSE, "views/__init__.py", "from tocsin.formats import slug"),
    (HOUSE, "roads/router.py", "import tocsin.words"),
    (HOUSE, "lab/__init__.py", "import tocsin.wiring"),
    (HOUSE, "gossip/__init__.py", '"""A folder that nobody has placed."""'),
    (CORE, "core/messages/note.py", "from tocsin.core.board import board"),
    (CORE, "core/engine/assign.py", "from tocsin.core import ports"),
    (CORE, "core/engine/assign.py", "from tocsin.core.board import board"),
    (CORE, "core/rules/unit.py", "from tocsin.core import reactions"),
    (CORE, "core/reactions.py", "from tocsin.core import kernel"),
    (CORE, "core/gossip.py", '"""A part of the core that nobody has placed."""'),
    (RULES, "core/rules/unit.py", "from tocsin.core.rules import call"),
    (RULES, "core/rules/call.py", "from tocsin.core.rules.incident import open_incident"),
    (ROADS, "roads/router.py", "from tocsin.core.messages import facts"),
    (WIRING, "cli/__init__.py", "from tocsin.edge import journal_sqlite"),
    (WIRING, "lab/__init__.py", "from tocsin.edge import journal_memory"),
    (WIRING, "pages/__init__.py", "from tocsin.edge import osm"),
    (CIRCLES, "base/quantities.py", "from tocsin.base import instants"),
    (CIRCLES, "core/messages/sealed.py", "from tocsin.core.messages import note"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source that tests may break and must mend."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    # Only what imports: data and sentences do not, and need not be copied.
    shutil.copytree(ROOT / "src/tocsin", folder / "tocsin", ignore=lambda _, names: {n for n in names if n in ("data", "__pycache__")})
    return folder


def lint(house: Path) -> tuple[int, str]:
    """Exit status and report of import-linter on the copy, which shadows the installed package."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", "--config", "pyproject.toml"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def lint_with(house: Path, file: str, line: str) -> tuple[int, str]:
    """The same with one more line at the end of a file, which is taken away again."""
    path = house / "tocsin" / file
    before = path.read_text("utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n", "utf-8")
    try:
        return lint(house)
    finally:
        if before is not None:
            path.write_text(before, "utf-8")
        elif path.name == "__init__.py":
            shutil.rmtree(path.parent)
        else:
            path.unlink()


def test_the_house_as_it_stands_keeps_every_contract(house: Path) -> None:
    status, report = lint(house)
    assert status == 0, report
    for name in CONTRACTS:
        assert f"{name} KEPT" in report


def test_every_contract_is_broken_on_purpose_somewhere() -> None:
    assert {name for name, _, _ in BREACHES} | {PURE} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=[f"{file}: {line}" for _, file, line in BREACHES])
def test_a_breach_is_seen(house: Path, contract: str, file: str, line: str) -> None:
    status, report = lint_with(house, file, line)
    assert status == 1, report
    assert f"{contract} BROKEN" in report


@pytest.mark.parametrize("file", ["core/kernel.py", "base/quantities.py", "formats/slug.py", "views/__init__.py"])
def test_clock_dice_and_io_are_seen_wherever_they_are_forbidden(house: Path, file: str) -> None:
    forbidden = CONTRACTS[PURE]["forbidden_modules"]
    status, report = lint_with(house, file, "\n".join(f"import {module}" for module in forbidden))
    assert status == 1, report
    assert f"{PURE} BROKEN" in report
    told = report.partition("Broken contracts")[2]
    for module in forbidden:
        assert f"-> {module}" in told, f"{module} went unseen in {file}"


def test_clock_dice_and_io_are_seen_behind_a_corner(house: Path) -> None:
    """Forbidden even indirectly: the core may not reach a clock through a friend in base."""
    status, report = lint_with(house, "base/quantities.py", "import time")
    assert status == 1
    told = report.partition("Broken contracts")[2]
    assert "tocsin.core is not allowed to import time" in told


def test_the_two_named_exceptions_are_all(house: Path) -> None:
    assert CONTRACTS[PURE]["ignore_imports"] == ["tocsin.base.instants -> datetime", "tocsin.base.instants -> zoneinfo"]


# The second fence: words that ruff bans.

BANNED = {
    "time.time": "import time\nat = time.time()\n",
    "time.time_ns": "from time import time_ns\nat = time_ns()\n",
    "datetime.datetime.now": "from datetime import UTC, datetime\nat = datetime.now(UTC)\n",
    "uuid.uuid4": "import uuid\nname = uuid.uuid4()\n",
    "random": "import random\ndie = random.random()\n",
}
WHERE_BANNED = (
    "core/kernel.py", "clocks/desk.py", "clocks/replay.py", "views/probe.py", "roads/probe.py", "pages/probe.py", "wiring/roads.py",
)  # fmt: skip
WHERE_ALLOWED = ("clocks/live.py", "lab/probe.py", "edge/probe.py")


def ruff_finds_ban(file: str, source: str) -> bool:
    """Whether ruff says TID251 of this source if it stood in that file."""
    done = subprocess.run(
        [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "--output-format", "concise",
         "--stdin-filename", str(ROOT / "src/tocsin" / file), "-"],
        cwd=ROOT, input=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return "TID251" in done.stdout


def test_every_ban_has_its_proof() -> None:
    assert set(BANNED) == set(PYPROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"])


@pytest.mark.parametrize("word", BANNED)
def test_a_banned_word_is_seen_and_its_home_is_spared(word: str) -> None:
    for file in WHERE_BANNED:
        assert ruff_finds_ban(file, BANNED[word]), f"{word} went unseen in {file}"
    for file in WHERE_ALLOWED:
        assert not ruff_finds_ban(file, BANNED[word]), f"{word} should be allowed in {file}"
