"""The style page as checks (ARCHITECTURE.md, "Style, by example"). What is allowed to differ stands in a table here, with its reason."""

import ast
import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from source import ROOT, Function, Module, docstrings, dotted, full_names, functions, modules, public, python_files

MODULES = modules()


def found_in(check: Callable[[Module], list[str]], among: Iterable[Module] = MODULES) -> dict[str, list[str]]:
    """File → what the check found there; files where it found nothing are left out."""
    return {module.name: found for module in among if (found := check(module))}


# Budgets.

MAX_FILE_LINES, P95_FILE_LINES = 450, 300
LOOK_TWICE_LINES, P95_FUNCTION_LINES = 60, 30

LONG_FUNCTIONS: dict[str, str] = {
    "core/board/fold.py:fold": "one arm per event: the list is the point",
    "core/kernel.py:_rule": "one arm per command: the list is the point",
}


LONG_FILES: dict[str, str] = {
    "lab/kernel/loop.py": "compiled functions call those of their own file only: the cache notices changes of no other",
}
"""Files above the maximum, each with the reason why it reads better in one piece."""


def percentile_95(numbers: list[int]) -> int:
    """Nearest rank."""
    ranked = sorted(numbers)
    return ranked[-(-95 * len(ranked) // 100) - 1]


def test_files_stay_short() -> None:
    lengths = {module.name: len(module.lines) for module in MODULES}
    long = {name: length for name, length in lengths.items() if length > MAX_FILE_LINES}
    assert {name: length for name, length in long.items() if name not in LONG_FILES} == {}, "split it, or say why it reads better so"
    assert set(LONG_FILES) <= set(long), "an exception that is not needed any more"
    assert percentile_95(list(lengths.values())) <= P95_FILE_LINES


def length_of(function: Function) -> int:
    """Lines from ``def`` to the last one."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_stay_short() -> None:
    lengths = {f"{module.name}:{function.name}": length_of(function) for module in MODULES for function in functions(module.tree)}
    long = {name: length for name, length in lengths.items() if length > LOOK_TWICE_LINES}
    assert {name: length for name, length in long.items() if name not in LONG_FUNCTIONS} == {}, "look twice, or say why it reads better so"
    assert set(LONG_FUNCTIONS) <= set(long), "an exception that is not needed any more"
    assert percentile_95(list(lengths.values())) <= P95_FUNCTION_LINES


LEAST_TEST_LINES = 0.8
"""Lines of test per line of source. The budget is 1; this floor is raised to what has been reached, never lowered."""


def test_tests_keep_pace_with_the_source() -> None:
    source = sum(len(module.lines) for module in MODULES)
    tests = sum(len(path.read_text("utf-8").splitlines()) for path in python_files("tests"))
    assert tests >= LEAST_TEST_LINES * source, f"{tests / source:.2f} lines of test per line of source"


# Names.

FORBIDDEN_NAMES = re.compile(r"^(utils?|helpers?|managers?|services?|common|misc|base_.*)$")
WITHOUT_UNIT = {"time", "dist", "duration", "distance", "speed", "timeout", "delay", "elapsed"}
"""A number of this name must end in its unit: ``road_ms``, ``snap_m``, ``timeout_s``."""


def test_no_two_files_of_the_tests_bear_one_name() -> None:
    """The tests are no package: of two files of one name only the first can be imported, and which is first is the order of the run."""
    names = sorted(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")
    assert [name for name, after in pairwise(names) if name == after] == []


def test_no_file_or_folder_is_named_after_nothing() -> None:
    paths = [*python_files("src", "tests", "benchmarks", "scripts"), *(ROOT / "docs").rglob("*")]
    names = {part for path in paths for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert {name for name in names if FORBIDDEN_NAMES.match(name)} == set()


def numeric_names(module: Module) -> list[str]:
    """Parameters, fields and variables that are annotated as numbers and named without a unit."""
    named: list[tuple[str, ast.expr | None]] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.arg):
            named.append((node.arg, node.annotation))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            named.append((node.target.id, node.annotation))
    is_number = re.compile(r"\b(int|float|Millis|Seconds|Metres)\b")
    return [name for name, annotation in named if name in WITHOUT_UNIT and annotation and is_number.search(ast.unparse(annotation))]


def test_times_and_lengths_name_their_unit() -> None:
    assert found_in(numeric_names) == {}


def lying_getters(module: Module) -> list[str]:
    """Verbs promise: ``get`` raises, ``find`` may give None."""
    return [
        one.name for one in functions(module.tree) if one.name.startswith("get_") and one.returns and "None" in ast.unparse(one.returns)
    ]


def test_get_never_gives_none() -> None:
    assert found_in(lying_getters) == {}


# Documentation.


def silent(module: Module) -> list[str]:
    """Public definitions without a docstring, and the module itself."""
    named = [("the module", module.tree), *public(module.tree.body)]
    return [name for name, node in named if not ast.get_docstring(node)]


def test_everything_public_says_what_it_is() -> None:
    assert found_in(silent) == {}


# Text for people stands in words/, never in code.

A_SENTENCE = re.compile(r"[a-zà-ÿ’']{2,} [a-zà-ÿ’']{2,} [a-zà-ÿ’']{2,}")
"""Three words of small letters in a row: what SQL, codes, formats and keys never hold."""

TEXT_IN_CODE: dict[str, str] = {
    "cli/": "help of commands and options stays English, next to the option that it explains (docs/decisions/0006)",
    "web/headers.py": "the policy that browsers are given",
    "web/openapi.py": "the description is for programmers",
}
"""Folders and files, by how their names begin."""


def sentences(module: Module) -> list[str]:
    """String literals that read like text for people. Beliefs (AssertionError) are told to programmers, patterns to machines."""
    spared = docstrings(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("AssertionError", "re.compile"):
            spared |= {one for one in ast.walk(node) if isinstance(one, ast.Constant)}
    return [
        node.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spared and A_SENTENCE.search(node.value)
    ]


def test_no_text_for_people_in_code() -> None:
    assert found_in(sentences, [module for module in MODULES if not module.name.startswith(tuple(TEXT_IN_CODE))]) == {}


# Ignores.

IGNORE = re.compile(r"#\s*(?P<what>noqa|type:\s*ignore)(?P<rest>.*)")
REASONED = {
    "noqa": re.compile(r"^: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* - .{4,}"),
    "type": re.compile(r"^\[[a-z-]+(, ?[a-z-]+)*\]  # .{4,}"),
}


def bare_ignores(text: str) -> list[str]:
    """Lines that silence a check without naming it or without a reason."""
    found = ((line, IGNORE.search(line)) for line in text.splitlines())
    return [line.strip() for line, match in found if match and not REASONED[match["what"][:4]].match(match["rest"])]


def test_no_ignore_without_its_reason() -> None:
    files = [path for path in python_files("src", "tests", "benchmarks", "scripts") if path != Path(__file__)]
    found = {path.relative_to(ROOT).as_posix(): bare_ignores(path.read_text("utf-8")) for path in files}
    for path, lines in found.items():
        if path.startswith("tests/"):  # types of tests are not checked, so a note to the type checker silences nothing there
            found[path] = [line for line in lines if "noqa" in line]
    assert {path: lines for path, lines in found.items() if lines} == {}


# The clock, waiting, and who may change the board.

CLOCK_READS = re.compile(
    r"^(time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|process_time|localtime|gmtime|ctime|strftime)"
    r"|datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today)$"
)
MAY_READ_THE_CLOCK = {"clocks/live.py"}
MAY_WAIT = ("edge/", "web/", "clocks/live.py", "clocks/played.py", "clocks/past.py", "wiring/")


def clock_reads(module: Module) -> list[str]:
    """Names in this file that stand for a reading of the machine's clock, however they were imported."""
    imported = full_names(module.tree)
    found = []
    for node in ast.walk(module.tree):
        name = dotted(node) if isinstance(node, ast.Attribute | ast.Name) else ""
        first, _, rest = name.partition(".")
        if first in imported and CLOCK_READS.match(f"{imported[first]}.{rest}" if rest else imported[first]):
            found.append(f"line {node.lineno}: {name}")  # type: ignore[attr-defined]  # names and attributes have lines
    return found


def test_only_the_live_clock_reads_the_clock() -> None:
    assert set(found_in(clock_reads)) == MAY_READ_THE_CLOCK


def waits(module: Module) -> list[str]:
    """Functions that wait, other than gather."""
    return [
        function.name
        for function in functions(module.tree)
        if isinstance(function, ast.AsyncFunctionDef) and not function.name.startswith("gather")
    ]


def test_only_the_outside_waits() -> None:
    assert found_in(waits, [module for module in MODULES if not module.name.startswith(MAY_WAIT)]) == {}


CHANGES = {
    "append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear", "sort", "reverse",
}  # fmt: skip
"""Methods that change the container that they are called on."""

RECORD_CHANGES = {"stand_at", "roll_to", "halt", "take_status"}
"""Methods that change a record of the board."""


def reached_through(node: ast.expr) -> tuple[str, bool]:
    """The name at the root of ``a.b[c].d(e)``, and whether a field was passed on the way to it."""
    is_field = False
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value
        elif isinstance(node, ast.Attribute | ast.Subscript):
            is_field = is_field or isinstance(node, ast.Attribute)
            node = node.value
        else:
            return "", is_field
    return node.id, is_field


def board_changes(tree: ast.Module) -> list[str]:
    """Assignments to fields, and changing calls on what a field or the board holds: what decides has no business with either."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            if reached_through(node)[1]:
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES | RECORD_CHANGES:
            root, is_field = reached_through(node.func.value)
            if is_field or root == "board" or node.func.attr in RECORD_CHANGES:
                found.append(f"line {node.lineno}: {ast.unparse(node.func)}")
    return found


COUNTS = "core/engine/cover.py"
"""A counter with a state of its own: the fold and the lab's engines put and take, what decides only reads it or tries on a copy."""


def test_what_decides_changes_nothing() -> None:
    deciding = [module for module in MODULES if re.match(r"core/(rules/|engine/|reactions\.py)", module.name) and module.name != COUNTS]
    assert found_in(lambda module: board_changes(module.tree), deciding) == {}


def open_ended(module: Module) -> list[str]:
    """Matches over messages that do not end in ``assert_never``: a new message could be forgotten there unnoticed."""
    matches = [node for node in ast.walk(module.tree) if isinstance(node, ast.Match)]
    over_messages = [node for node in matches if any(isinstance(part, ast.MatchClass) for case in node.cases for part in ast.walk(case))]
    return [f"line {node.lineno}" for node in over_messages if "assert_never" not in ast.unparse(node.cases[-1])]


def test_every_match_over_messages_is_complete() -> None:
    complete = [module for module in MODULES if module.name.startswith(("core/", "clocks/", "views/"))]
    assert found_in(open_ended, complete) == {}


# The checks themselves bite.


def as_module(text: str) -> Module:
    """A file that was never written."""
    return Module("core/probe.py", text, ast.parse(text))


@pytest.mark.parametrize(
    "text",
    ["import time\nat = time.time()", "from time import monotonic as m\nm()", "from datetime import datetime as d\nd.now()",
     "import datetime\ndatetime.date.today()", "import time as t\nat = t.perf_counter"],
)  # fmt: skip
def test_a_clock_read_is_found(text: str) -> None:
    assert clock_reads(as_module(text))


@pytest.mark.parametrize(
    "text",
    ["board.fleet += 1", "unit.phase = 'off'", "board.units[name] = unit", "del board.units[name]", "board.units.pop(name)",
     "board.units[name].legs.append(leg)", "board.get_unit(name).take_status(s, p, at)"],
)  # fmt: skip
def test_a_change_of_the_board_is_found(text: str) -> None:
    assert board_changes(ast.parse(text))


@pytest.mark.parametrize("text", ["left = []\nleft.append(slot)", "tally['a'] = 1", "crews.add(unit.crew)", "freed += [event]"])
def test_a_rule_may_build_its_own_lists(text: str) -> None:
    assert board_changes(ast.parse(text)) == []


@pytest.mark.parametrize("line", ["x = 1  # noqa", "x = 1  # noqa: E501", "x = y  # type: ignore", "x = y  # type: ignore[arg-type]"])
def test_a_bare_ignore_is_found(line: str) -> None:
    assert bare_ignores(line)


def test_a_sentence_in_code_is_found() -> None:
    assert sentences(as_module("print('nothing was found here')"))
    assert not sentences(as_module("'''Only a docstring, as long as it likes.'''\nq = 'SELECT pos FROM event ORDER BY pos'"))


# The project as a whole.

MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:work|root|home|Users|mnt|tmp)/\w")
TEXT_FILES = {".py", ".md", ".toml", ".txt", ".json", ".ndjson", ".j2", ".html", ".css", ".js", ".svg", ".yml", ""}


def project_files() -> list[Path]:
    """Every text file that belongs to the project."""
    folders = ("src", "tests", "docs", "scripts", "benchmarks", ".ci", "scenarios")
    below = [path for folder in folders if (ROOT / folder).is_dir() for path in (ROOT / folder).rglob("*")]
    files = [path for path in (*ROOT.iterdir(), *below) if path.is_file() and path.suffix in TEXT_FILES]
    return [path for path in files if "__pycache__" not in path.parts and ".egg-info" not in str(path) and path != Path(__file__)]


def test_no_path_of_one_machine() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in project_files() if MACHINE_PATH.search(path.read_text("utf-8", "replace"))}
    assert found == set()


HOW_IT_WAS_TYPED = re.compile(r"language model|chat ?bot|co-authored-by|(written|generated) (by|with) an? (ai|assistant)\b", re.IGNORECASE)
"""The project speaks of dispatch, not of anybody's workplace."""


def test_no_word_about_how_it_was_typed() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in project_files() if HOW_IT_WAS_TYPED.search(path.read_text("utf-8", "replace"))}
    assert found == set()


def test_architecture_fits_on_a_few_screens() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) < 200
