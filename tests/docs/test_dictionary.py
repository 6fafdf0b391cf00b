"""The dictionary against the code: every word that messages and board use stands there once, and no word that they do not use."""

import re
from typing import get_args

import pytest

from source import ROOT
from tocsin.clocks.replay import Difference
from tocsin.core.board import alarm, board, call, closure, incident, message, overdue, station, unit
from tocsin.core.messages.alarm import AlarmKind
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.facts import PositionSource
from tocsin.core.messages.incident import Mark
from tocsin.core.messages.recommendation import Standing, WhyEmpty, WhyNot
from tocsin.core.messages.refusal import RefusalCode
from tocsin.core.messages.said import Command, Event
from tocsin.core.messages.unit import Phase, Primary

PAGE = (ROOT / "docs" / "dictionary.md").read_text("utf-8")

CODED = {
    "Primary status": Primary,
    "Phases": Phase,
    "Stamps": Stamp,
    "Marks": Mark,
    "Standings": Standing,
    "Why a candidate lost": WhyNot,
    "Why a slot stayed empty": WhyEmpty,
    "Sources of positions": PositionSource,
    "Differences between a log's choice and the engine's": Difference,
    "Alarms": AlarmKind,
    "Refusals": RefusalCode,
}

VERBS = {
    "open", "close", "take", "attach", "reclassify", "relocate", "raise", "mark", "cancel", "reopen", "erase", "add", "recommend",
    "dispatch", "unassign", "report", "correct", "order", "acknowledge", "end", "enrol", "withdraw", "adopt", "record",
    "extend", "extended", "lapse", "lapsed", "sounded", "shelve", "shelved", "set", "confirm", "confirmed", "hold", "held",
    "look", "at", "seen", "undo",
    "undone", "send", "sent", "read", "drop", "dropped",
    "opened", "closed", "received", "attached", "reclassified", "relocated", "raised", "marked", "cancelled", "reopened", "erased",
    "added", "recommended", "dispatched", "diverted", "cleared", "changed", "corrected", "ordered", "acknowledged", "ended", "enrolled",
    "withdrawn", "adopted", "imported", "refused", "advise", "advised",
}  # fmt: skip

NOUNS_OF = {
    "log": "import",
    "command": "command",
    "move up": "move-up",
    "move ups": "move-up",
    "stay": "move-up",
    "move advice": "advice",
    "positions": "position",
    "welfare": "welfare check",
    "last": "last report",
}
"""Where a name in the code stands for a word of the page that is written otherwise."""


def sections() -> dict[str, list[list[str]]]:
    """Heading → rows of its table, without the head."""
    found: dict[str, list[list[str]]] = {}
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line.startswith("|")]
        found[heading.strip()] = rows[2:]
    return found


WORDS = {row[0] for row in sections()["Words"]}


@pytest.mark.parametrize("heading", CODED)
def test_coded_words_are_those_of_the_code_in_its_order(heading: str) -> None:
    assert [row[0].strip("`") for row in sections()[heading]] == list(get_args(CODED[heading]))


def test_every_word_stands_once_and_names_its_source() -> None:
    for heading, rows in sections().items():
        names = [row[0] for row in rows]
        assert len(names) == len(set(names)), heading
        for row in rows:
            assert len(row) == 3 and all(row), f"{heading}: {row}"


def test_words_are_in_alphabetical_order() -> None:
    names = [row[0] for row in sections()["Words"]]
    assert names == sorted(names)


def nouns(name: str) -> str:
    """``UnitStatusChanged`` → ``unit status``, in the singular."""
    parts = [part.lower() for part in re.findall(r"[A-Z][a-z]*", name)]
    noun = " ".join(part for part in parts if part not in VERBS)
    noun = noun.removesuffix("s") if noun.endswith("units") else noun
    return NOUNS_OF.get(noun, noun)


@pytest.mark.parametrize("name", sorted({one.__name__ for union in (Command, Event) for one in get_args(union)}))
def test_what_messages_speak_of_is_explained(name: str) -> None:
    noun = nouns(name)
    known = noun in WORDS or all(part in WORDS for part in noun.split())
    assert known, f"{name}: {noun!r} is not in docs/dictionary.md"


def test_what_the_board_holds_is_explained() -> None:
    for module in (alarm, board, call, closure, incident, message, overdue, station, unit):
        for name, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__ and not name.startswith("_"):
                noun = nouns(name.removesuffix("State").removesuffix("InForce"))
                assert noun in WORDS, f"{module.__name__}.{name}: {noun!r} is not in docs/dictionary.md"
