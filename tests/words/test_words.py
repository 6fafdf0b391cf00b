"""The catalogues against each other and against the code: nothing unsaid, nothing said in vain, the same fields in every language."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from string import Formatter
from typing import NamedTuple, get_args

import pytest

from source import PACKAGE, docstrings, dotted, functions, modules
from tocsin.base.faults import BadInput
from tocsin.clocks.replay import Difference
from tocsin.core.messages.recommendation import ReasonCode, WhyEmpty, WhyNot
from tocsin.core.messages.refusal import RefusalCode
from tocsin.core.messages.unit import Phase
from tocsin.words import REFERENCE, catalogue, languages, say, tell

OTHERS = [language for language in languages() if language != REFERENCE]
FAULTS = ("BadInput", "Broken")
CODES = {"phase": Phase, "why_not": WhyNot, "why_empty": WhyEmpty, "reason": ReasonCode, "difference": Difference}


def fields(sentence: str) -> set[str]:
    """Names of the values that a sentence wants."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_four_languages_are_shipped() -> None:
    assert languages() == ("en", "es", "fr", "pt")


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_what_english_says(language: str) -> None:
    english, other = catalogue(REFERENCE), catalogue(language)
    assert set(english) - set(other) == set(), "not translated"
    assert set(other) - set(english) == set(), "not in English"
    differing = {key for key in english if fields(english[key]) != fields(other[key])}
    assert differing == set(), "other values than in English"


@pytest.mark.parametrize("language", languages())
def test_no_sentence_is_blank_or_broken(language: str) -> None:
    for key, sentence in catalogue(language).items():
        assert sentence, key
        assert sentence == sentence.strip(" \t\n"), key  # a narrow space that does not break is typography
        sentence.format(**dict.fromkeys(fields(sentence), "x"))


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_were_translated(language: str) -> None:
    """A long sentence that is letter for letter the English one was forgotten."""
    english = catalogue(REFERENCE)
    same = {key for key, sentence in catalogue(language).items() if sentence == english.get(key) and len(sentence.split()) > 4}
    assert same == set()


# What the code raises.


class Raised(NamedTuple):
    """One place where a fault or a refusal is made."""

    code: str
    """A regular expression, for codes that are put together from parts."""
    values: frozenset[str] | None
    """Names of the values given; None where they are handed through."""
    where: str


ANY = r"[A-Za-z0-9_.-]+"


@cache
def file_kinds() -> tuple[str, ...]:
    """Names of the kinds of file that we make: ``f"{kind.name}_torn"`` is one code for each of them."""
    calls = (node for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    names = [keyword.value for call in calls if dotted(call.func).endswith("Kind") for keyword in call.keywords if keyword.arg == "name"]
    return tuple(sorted(node.value for node in names if isinstance(node, ast.Constant)))


def patterns(node: ast.expr) -> list[str]:
    """Regular expressions for the texts that an expression can give; none when it says nothing."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.escape(node.value)]
    if isinstance(node, ast.FormattedValue):
        return list(file_kinds()) if dotted(node.value) == "kind.name" else patterns(node.value)
    if isinstance(node, ast.JoinedStr):
        return ["".join(parts) for parts in product(*(patterns(part) or [ANY] for part in node.values))]
    if isinstance(node, ast.IfExp):
        return [*patterns(node.body), *patterns(node.orelse)]
    return []


def called(node: ast.Call) -> str:
    """Last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)


@cache
def wrappers() -> dict[str, int]:
    """What makes a fault of a code that it is given → position of the code among the arguments. Functions that hand one on count too."""
    known = dict.fromkeys(FAULTS, 0)
    defined = [function for module in modules() for function in functions(module.tree)]
    before = -1
    while before < len(known):
        before = len(known)
        for function in defined:
            names = [arg.arg for arg in function.args.args if arg.arg not in ("self", "cls")]
            for node in ast.walk(function):
                at = known.get(called(node)) if isinstance(node, ast.Call) else None
                if isinstance(node, ast.Call) and at is not None and len(node.args) > at:
                    code = node.args[at]
                    if isinstance(code, ast.Name) and code.id in names:
                        known[function.name] = names.index(code.id)
    return known


def made(kinds: tuple[str, ...]) -> Iterator[Raised]:
    """Every place in the package where one of these is made with a code that can be read from the source."""
    makers = wrappers() if kinds == FAULTS else dict.fromkeys(kinds, 0)
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = called(node)
            at = makers.get(name)
            names = [keyword.arg for keyword in node.keywords]
            is_known = name in kinds and None not in names
            given = frozenset(one for one in names if one) if is_known else None
            if at is not None and len(node.args) > at:
                for code in patterns(node.args[at]):
                    yield Raised(code, given, f"{module.name}:{node.lineno}")


def fault_codes(language: str = REFERENCE) -> set[str]:
    """Codes that the catalogue has a table for."""
    return {key.split(".")[1] for key in catalogue(language) if key.startswith("faults.")}


def test_every_fault_says_what_is_wrong_and_what_to_do() -> None:
    known = {code for code in fault_codes() if {f"faults.{code}.what", f"faults.{code}.do"} <= set(catalogue(REFERENCE))}
    untold = {(one.where, one.code) for one in made(FAULTS) if not any(re.fullmatch(one.code, code) for code in known)}
    assert untold == set()


def test_every_fault_carries_what_its_sentence_wants() -> None:
    always = {"file", "line", "field"}  # every fault can carry them, and ``tell`` hands them over
    lacking = {}
    for one in made(FAULTS):
        for code in fault_codes():
            if one.values is not None and re.fullmatch(one.code, code):
                wanted = fields(say(f"faults.{code}.what")) | fields(say(f"faults.{code}.do"))
                missing = wanted - one.values - always
                if missing:
                    lacking[one.where] = (code, sorted(missing))
    assert lacking == {}


def test_no_fault_is_described_that_is_never_raised() -> None:
    raised = [one.code for one in made(FAULTS)]
    assert {code for code in fault_codes() if not any(re.fullmatch(one, code) for one in raised)} == set()


def test_every_refusal_has_a_sentence() -> None:
    assert {f"refusals.{code}" for code in get_args(RefusalCode)} == {key for key in catalogue(REFERENCE) if key.startswith("refusals.")}


def test_every_refusal_code_is_used_and_carries_what_its_sentence_wants() -> None:
    places = list(made(("Refused", "CommandRefused")))
    assert {one.code for one in places} == set(get_args(RefusalCode))
    lacking = {one.where: sorted(fields(say(f"refusals.{one.code}")) - (one.values or set())) for one in places}
    assert {where: missing for where, missing in lacking.items() if missing} == {}


@pytest.mark.parametrize("table", CODES)
def test_every_code_that_people_meet_has_words(table: str) -> None:
    told = {key for key in catalogue(REFERENCE) if key.startswith(f"codes.{table}.")}
    assert told == {f"codes.{table}.{code}" for code in get_args(CODES[table])}


def test_there_are_no_other_codes() -> None:
    assert {key.split(".")[1] for key in catalogue(REFERENCE) if key.startswith("codes.")} == set(CODES)


# Nothing is said in vain.

TEMPLATES = {".html", ".j2", ".jinja", ".svg", ".js"}
A_STRING = re.compile(r"""["'`]([A-Za-z][A-Za-z0-9_.-]*)["'`]""")
A_PREFIX = re.compile(r"(?P<prefix>[a-z_]+(\\\.[a-z_]+)*)\\\." + re.escape(ANY))


@cache
def strings() -> frozenset[str]:
    """Regular expressions for every string that code or page can come up with, docstrings aside."""
    found: set[str] = set()
    for module in modules():
        spared = docstrings(module.tree)
        for node in ast.walk(module.tree):
            if node not in spared and isinstance(node, ast.Constant | ast.JoinedStr):
                found.update(patterns(node))
    for path in PACKAGE.rglob("*"):
        if path.suffix in TEMPLATES:
            for match in A_STRING.finditer(path.read_text("utf-8")):
                found.add(re.escape(match[1]) + (ANY if match[1].endswith(".") else ""))
    return frozenset(found - {ANY})


@cache
def literals() -> frozenset[str]:
    """The strings that stand in the source as they are."""
    return frozenset(re.sub(r"\\(.)", r"\1", one) for one in strings() if ANY not in one)


@cache
def compiled() -> tuple[re.Pattern[str], ...]:
    """Strings that are put together from parts, other than a prefix with its rest, and with enough that is fixed to mean anything."""
    parted = (one for one in strings() if ANY in one and not A_PREFIX.fullmatch(one))
    return tuple(re.compile(one) for one in parted if len(re.findall(r"[a-z]", one.replace(ANY, ""))) >= 3)


@cache
def prefixes() -> tuple[str, ...]:
    """What stands before a rest that is given elsewhere: ``report`` of ``f"report.{key}"``."""
    matches = (A_PREFIX.fullmatch(one) for one in strings())
    return tuple(re.sub(r"\\", "", match["prefix"]) for match in matches if match)


@cache
def is_asked_for(key: str) -> bool:
    """Whether some string in code or page is this key, or stands for it, or is its rest behind a prefix."""
    if key in literals() or any(one.fullmatch(key) for one in compiled()):
        return True
    return any(key.startswith(f"{prefix}.") and is_asked_for(key[len(prefix) + 1 :]) for prefix in prefixes())


def test_no_sentence_is_unused() -> None:
    by_code = ("faults.", "refusals.", "codes.")  # held against the code above
    unused = {key for key in catalogue(REFERENCE) if not key.startswith(by_code) and not is_asked_for(key)}
    assert unused == set()


# Telling.


@pytest.mark.parametrize("language", languages())
def test_a_fault_is_told_with_its_place_its_value_and_a_remedy(language: str) -> None:
    told = tell(BadInput("stamp", file="log.csv", line=7, field="received", value="yesterday", layout="%H:%M"), language)
    first, second = told.splitlines()
    assert first.startswith("log.csv:7 [received]: ")
    assert "yesterday" in first
    assert second.strip()


def test_a_key_that_nobody_asks_for_is_seen() -> None:
    assert is_asked_for("report.title")
    assert not is_asked_for("report.nobody_ever_asks_for_this")
    assert not is_asked_for("nowhere.title_of_nothing")


def test_an_unknown_key_is_shown_and_never_blank() -> None:
    assert say("nothing.of.that.name") == "nothing.of.that.name"


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadInput) as caught:
        say("faults.stamp.do", "xx")
    assert caught.value.code == "language"
    assert caught.value.values == {"value": "xx", "known": "en, es, fr, pt"}
