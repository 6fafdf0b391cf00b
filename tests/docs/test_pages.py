"""Hand-written pages against the tree: links lead somewhere, files and folders that are named exist, so do commands and make targets."""

import re
from pathlib import Path

import pytest

from source import PACKAGE, ROOT
from tocsin.cli import app
from tocsin.edge import targets
from tocsin.words import catalogue, languages

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/decisions").glob("*.md"), *(ROOT / "docs/walk").glob("*.md")]
)
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]

A_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")
A_PATH = re.compile(r"`([a-z_]+(?:/[a-z0-9_.<>*…-]+)+|[a-z_]+\.py)(?:: ?\w+)?`")
A_COMMAND = re.compile(r"\btocsin ((?:[a-z][a-z-]+ ?)+)")
A_TARGET = re.compile(r"`make ([a-z-]+)")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in A_LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert broken == []


def is_there(path: str) -> bool:
    """Whether a path that a page names exists below the project, the package or docs. ``<…>``, ``*``, ``…`` and ``x`` stand for any."""
    wild = re.sub(r"<\w+>|…|NNNN-slug|\bx\b", "*", path).rstrip("/")
    return any(any(root.glob(wild if "/" in path else f"**/{wild}")) for root in (ROOT, PACKAGE, PACKAGE / "core", ROOT / "docs"))


PLANNED: set[str] = set()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_files_that_are_named_exist(page: Path) -> None:
    missing = [path for path in A_PATH.findall(page.read_text("utf-8")) if not is_there(path) and path not in PLANNED]
    assert missing == []


def test_the_tree_in_architecture_is_the_tree() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    shown = set(re.findall(r"^│   [│ ]*[├└]── ([a-z_]+/|[a-z_]+\.py) ", page, re.MULTILINE))
    for name in shown:
        assert any((root / name).exists() for root in (PACKAGE, PACKAGE / "core", PACKAGE / "roads")), name
    folders = {f"{path.name}/" for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - shown == set(), "folders that the page does not show"


def test_the_layers_in_architecture_are_the_contract() -> None:
    page, project = (ROOT / "ARCHITECTURE.md").read_text("utf-8"), (ROOT / "pyproject.toml").read_text("utf-8")
    for container, opening in (("tocsin", ""), ("tocsin.core", "inside core:  ")):
        listed = re.search(rf'containers = \["{re.escape(container)}"\]\nlayers = \[(.*)\]', project)
        assert listed
        layers = re.findall(r'"([^"]+)"', listed[1])
        assert opening + " > ".join(f"( {layer} )" if "|" in layer else layer for layer in layers) in page


def known_commands() -> set[str]:
    """``verify``, ``region``, ``region build`` … as the command line has them."""
    names = {name for name in app if not name.startswith("-")}
    return names | {f"{name} {below}" for name in names for below in app[name] if not below.startswith("-")}


def unknown_commands(text: str) -> set[str]:
    """Commands that a text tells people to type and that do not exist."""
    known = known_commands()
    found = {match.strip() for match in A_COMMAND.findall(text)}
    return {one for one in found if one.split()[0] not in known}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_and_make_targets_that_are_named_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    typed = "\n".join(re.findall(r"`([^`\n]+)`", text) + re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, re.DOTALL))
    assert unknown_commands(typed) == set()
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(A_TARGET.findall(text)) - made == set()


@pytest.mark.parametrize("language", languages())
def test_what_sentences_tell_people_to_type_works(language: str) -> None:
    for key, sentence in catalogue(language).items():
        typed = " ".join(re.findall(r"tocsin [a-z][^·”»\"]*", sentence))
        assert unknown_commands(typed) == set(), key
        for profile in re.findall(r"--targets ([a-z0-9-]+)", typed):
            assert targets.load(profile).name == profile, key
