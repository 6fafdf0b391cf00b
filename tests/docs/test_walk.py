"""The walks are programs: their Python blocks run in order in one namespace, and print what the text blocks behind them say."""

import re
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from source import ROOT

WALKS = sorted((ROOT / "docs" / "walk").glob("*.md"))
A_BLOCK = re.compile(r"^```(?P<kind>python|text)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of a page."""

    kind: str
    body: str
    line: int


def blocks(path: Path) -> list[Block]:
    """Python and text blocks in their order."""
    page = path.read_text("utf-8")
    return [Block(match["kind"], match["body"], page.count("\n", 0, match.start()) + 2) for match in A_BLOCK.finditer(page)]


def run(path: Path) -> list[tuple[int, str, str]]:
    """Line, what a block was said to print, what it printed: for every Python block."""
    namespace: dict[str, object] = {"__name__": "walk"}
    found = blocks(path)
    told = []
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block.kind == "python":
            # Blank lines in front, so that a traceback names the line of the page.
            program = compile("\n" * (block.line - 1) + block.body, str(path), "exec")
            with redirect_stdout(StringIO()) as printed:
                exec(program, namespace)
            told.append((block.line, after.body if after is not None and after.kind == "text" else "", printed.getvalue()))
    return told


def test_there_is_a_walk() -> None:
    assert WALKS


@pytest.mark.parametrize("path", WALKS, ids=lambda path: path.stem)
def test_a_walk_prints_what_it_says(path: Path) -> None:
    for line, said, printed in run(path):
        assert printed == said, f"{path.name}, block at line {line}"


@pytest.mark.parametrize("path", WALKS, ids=lambda path: path.stem)
def test_every_text_block_belongs_to_a_program(path: Path) -> None:
    kinds = [block.kind for block in blocks(path)]
    assert ("text", "text") not in set(pairwise(kinds))
    assert kinds[0] == "python"
