"""Nothing in a default install asks for more than Apache-2.0 gives (docs/decisions/0004): no GPL, no AGPL, no LGPL, nothing unnamed."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from source import ROOT

COPYLEFT = re.compile(r"\b(A?GPL|LGPL|GNU (Affero |Lesser |Library )?General Public)", re.IGNORECASE)

LOOKED_AT: dict[str, str] = {}
"""Distributions whose metadata name no licence → what a person read in their source."""


@cache
def tree() -> dict[str, metadata.Distribution]:
    """The default install: Tocsin's dependencies and theirs, without extras, as they are installed here."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(needed("tocsin", frozenset()))
    while waiting:
        requirement = waiting.pop()
        name = requirement.name.lower().replace("_", "-")
        if name not in found:
            found[name] = metadata.distribution(requirement.name)
            waiting += needed(requirement.name, frozenset(requirement.extras))
    return found


def needed(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a distribution requires on this machine with these extras."""
    for line in metadata.requires(name) or ():
        requirement = Requirement(line)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            yield requirement


def licence_of(distribution: metadata.Distribution) -> str:
    """What the metadata say: the SPDX expression, else the classifiers, else the first line of the licence field."""
    told = distribution.metadata
    expression = told.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    return "; ".join(classifiers) or str(told.get("License") or "").strip().partition("\n")[0]


def is_free_of_copyleft(licence: str) -> bool:
    """Whether one may use it without any GPL. In an SPDX ``OR`` one open choice is enough; an exception for linked runtimes is one too."""
    choices = re.split(r"\s+OR\s+", licence)
    return any(not COPYLEFT.search(re.sub(r"GPL-[\d.]+-(or-later|only) WITH GCC-exception-[\d.]+", "", choice)) for choice in choices)


def test_the_tree_is_whole() -> None:
    assert {"msgspec", "numpy", "scipy", "osmium", "cryptography", "cyclopts", "rich", "jinja2"} <= set(tree())
    assert not {"pytest", "hypothesis", "pandas", "eventsourcing", "mypy"} & set(tree()), "a tool of the tests has crept into the product"


def test_no_gpl_in_a_default_install() -> None:
    licences = {name: licence_of(distribution) for name, distribution in tree().items()}
    assert {name: licence for name, licence in licences.items() if not is_free_of_copyleft(licence)} == {}


def test_every_distribution_names_its_licence() -> None:
    unnamed = {name for name, distribution in tree().items() if not licence_of(distribution)}
    assert unnamed == set(LOOKED_AT)


@pytest.mark.parametrize(
    ("licence", "is_free"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True),
        ("MPL-2.0", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GPL-3.0-or-later OR MIT", True),
        ("BSD-3-Clause AND GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GPL-2.0-only", False),
        ("MIT AND LGPL-2.1-or-later", False),
        ("AGPL-3.0-only", False),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
    ],
)
def test_the_check_tells_them_apart(licence: str, is_free: bool) -> None:
    assert is_free_of_copyleft(licence) is is_free


def test_data_under_another_licence_carry_it() -> None:
    folder = ROOT / "src" / "tocsin" / "data" / "coquimbo"
    assert "Open Database License" in (folder / "LICENSE-ODbL.txt").read_text("utf-8")
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    assert "LICENSE-ODbL.txt" in (ROOT / "pyproject.toml").read_text("utf-8")
