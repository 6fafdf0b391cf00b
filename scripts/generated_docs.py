"""Writes docs/generated from the code: what can be said, what follows, how a unit lives, why nothing happens, the command line, schemas.

``python scripts/generated_docs.py`` writes; ``--check`` compares and exits with 1 when a committed page is not what the code says.
"""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from difflib import unified_diff
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import UnionType
from typing import Annotated, NamedTuple, get_args

import msgspec
from cyclopts import App
from rich.console import Console

from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.incident import Mark
from tocsin.core.messages.refusal import RefusalCode
from tocsin.core.messages.said import Command, Event
from tocsin.core.messages.unit import BUSY, FREE, NEXT, STATUS
from tocsin.core.reactions import REACTIONS
from tocsin.web.openapi import description
from tocsin.web.routes import ROUTES
from tocsin.web.sessions import SignInDesk
from tocsin.words import say

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "generated"
CORE = ROOT / "src" / "tocsin" / "core"
MADE_BY = "<!-- Written by scripts/generated_docs.py from the code: change the code, then `make docs`. -->"
WIDTH = 100

SCHEMAS = {
    "ask": "tocsin.core.messages.said:Ask",
    "command": "tocsin.core.messages.said:Command",
    "event": "tocsin.core.messages.said:Event",
    "record": "tocsin.core.messages.said:Record",
    "plan": "tocsin.core.messages.plan:ResponsePlan",
    "receipt": "tocsin.core.messages.recommendation:Receipt",
    "import_answer": "tocsin.formats.import_answer:ImportAnswer",
    "replay_answer": "tocsin.clocks.replay_answer:ReplayAnswer",
    "report_answer": "tocsin.views.report_answer:ReportAnswer",
    "verify_answer": "tocsin.edge.journal_check:VerifyAnswer",
    "check_answer": "tocsin.shown.figures:CheckAnswer",
    "simulate_answer": "tocsin.views.experiment_answer:SimulateAnswer",
    "compare_answer": "tocsin.views.experiment_answer:CompareAnswer",
    "site_answer": "tocsin.views.siting_answer:SiteAnswer",
    "tune_answer": "tocsin.views.tuning_answer:TuneAnswer",
    "forecast_answer": "tocsin.lab.forecast.answers:ForecastAnswer",
    "whatif_answer": "tocsin.views.whatif_answer:WhatifAnswer",
    "demo_answer": "tocsin.shown.demo:DemoAnswer",
    "map_answer": "tocsin.wiring.map:MapAnswer",
    "paper_answer": "tocsin.wiring.paper:PaperAnswer",
    "error_answer": "tocsin.shown.figures:ErrorAnswer",
    "region_info": "tocsin.roads.info:RegionInfo",
    "route_rows": "tocsin.roads.info:RouteRow[]",
    "fit_answer": "tocsin.roads.learning.answer:FitAnswer",
    "locate_answer": "tocsin.shown.places:LocateAnswer",
    "place_answer": "tocsin.shown.places:PlaceAnswer",
    "account_answer": "tocsin.wiring.accounts:AccountAnswer",
    "accounts_answer": "tocsin.wiring.accounts:AccountsAnswer",
    "token_answer": "tocsin.wiring.accounts:TokenAnswer",
}
"""File → type whose JSON it describes; ``[]`` = a list of it."""


def main() -> int:
    """Write or compare; the exit status."""
    pages = dict(all_pages())
    if "--check" not in sys.argv[1:]:
        for name, text in pages.items():
            (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(text, "utf-8")
        for path in stray(pages):
            path.unlink()
        return 0
    stale = list(differences(pages))
    print("".join(stale), end="")
    if stale:
        print("docs/generated is not what the code says: run `make docs` and commit.")
    return 1 if stale else 0


def all_pages() -> Iterator[tuple[str, str]]:
    """Every generated file: path below docs/generated, content."""
    yield "commands.md", commands_page()
    yield "events.md", events_page()
    yield "statuses.md", statuses_page()
    yield "refusals.md", refusals_page()
    yield "cli.md", cli_page()
    yield "openapi.json", openapi_file()
    for name, where in SCHEMAS.items():
        yield f"schemas/{name}.json", schema_file(where)


def stray(pages: dict[str, str]) -> list[Path]:
    """Files in docs/generated that nothing writes any more."""
    wanted = {FOLDER / name for name in pages}
    return sorted(path for path in FOLDER.rglob("*") if path.is_file() and path not in wanted)


def differences(pages: dict[str, str]) -> Iterator[str]:
    """What is committed against what the code says, as a diff."""
    for name, text in pages.items():
        path = FOLDER / name
        before = path.read_text("utf-8") if path.exists() else ""
        yield from unified_diff(before.splitlines(True), text.splitlines(True), f"committed/{name}", f"code/{name}")
    for path in stray(pages):
        yield f"docs/generated/{path.relative_to(FOLDER)}: nothing writes this file any more\n"


# Messages.


class Field(NamedTuple):
    """A field of a message, as the source writes it."""

    name: str
    kind: str
    default: str
    meaning: str


def fields_of(message: type) -> list[Field]:
    """The fields with the docstrings that stand below them."""
    body = ast.parse(inspect.getsource(message)).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    found = []
    for statement, after in zip(statements, [*statements[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            default = "" if statement.value is None else ast.unparse(statement.value)
            is_told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            meaning = inspect.cleandoc(str(after.value.value)) if is_told else ""  # type: ignore[union-attr]  # looked at in the line above
            found.append(Field(statement.target.id, ast.unparse(statement.annotation), default, meaning))
    return found


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(one_line(cell) for cell in row) + " |" for row in lines) + "\n"


def one_line(text: str) -> str:
    """Fit for a cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """As code, or nothing."""
    return f"`{text}`" if text else ""


def messages(union: object, after: Callable[[type], str]) -> Iterator[str]:
    """A section per message, by the file that it stands in."""
    for module, members in groupby(sorted(get_args(union), key=lambda one: one.__module__), key=lambda one: one.__module__):
        yield f"## {module.rpartition('.')[2]}\n"
        for message in members:
            yield f"### {message.__name__}\n"
            yield f"{inspect.cleandoc(message.__doc__ or '')}\n"
            rows = [(code(one.name), code(one.kind), code(one.default), one.meaning) for one in fields_of(message)]
            if rows:
                yield table(("field", "type", "default", "meaning"), rows)
            if after(message):
                yield after(message) + "\n"


def page(title: str, *parts: str) -> str:
    """A page with its head."""
    return "\n".join((f"# {title}\n", f"{MADE_BY}\n", *parts)).rstrip("\n") + "\n"


def commands_page() -> str:
    """Everything that can be asked."""
    intro = (
        "A command is a question put to the desk. Its answer is events, or one refusal (refusals.md).\n"
        "Fields without a default must be given. Any command may be refused as `ChangedMeanwhile` when it names the version that\n"
        "the person saw; one that carries personal words, as `PersonalDataGone`.\n"
    )
    following = what_follows()
    return page("Commands", intro, *messages(Command, lambda command: following[command.__name__]))


def what_follows() -> dict[str, str]:
    """Command → the events and refusals that its rule can give, read from the rules' source."""
    sources = [*sorted((CORE / "rules").glob("*.py")), CORE / "board" / "board.py", CORE / "engine" / "policies.py"]
    trees = [ast.parse(path.read_text("utf-8")) for path in sources]
    known = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    events = {one.__name__ for one in get_args(Event)}
    told = {}
    for case in (node for node in ast.walk(ast.parse((CORE / "kernel.py").read_text("utf-8"))) if isinstance(node, ast.match_case)):
        if isinstance(case.pattern, ast.MatchClass):
            names = reached(case.body, known)
            gives = [code(one) for one in dict.fromkeys(names) if one in events]
            refuses = [code(one) for one in get_args(RefusalCode) if one in names]
            refused = f" Refused as: {', '.join(refuses)}." if refuses else ""
            told[ast.unparse(case.pattern.cls)] = f"Gives: {', '.join(gives)}.{refused}"
    return told


def reached(body: list[ast.stmt], known: dict[str, ast.FunctionDef]) -> list[str]:
    """Everything that is called by name from here on, refusal codes included, each function entered once."""
    names: list[str] = []
    waiting: list[ast.AST] = list(body)
    while waiting:
        for node in ast.walk(waiting.pop(0)):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
                if name in known and name not in names:
                    waiting.append(known[name])
                names.append(name)
                if name == "Refused" and isinstance(node.args[0], ast.Constant):
                    names.append(str(node.args[0].value))
    return names


def events_page() -> str:
    """Everything that can happen, with what it leads to."""
    intro = "An event is what happened. Nothing but events changes the board. *Asks further* names the reactions (`core/reactions.py`).\n"
    return page("Events", intro, *messages(Event, asked_by))


def asked_by(event: type) -> str:
    """The reactions to an event."""
    reactions = [f"`{one.__name__}` ({one_line(one.__doc__ or '')})" for one in REACTIONS.get(event, ())]
    return f"Asks further: {'; '.join(reactions)}" if reactions else ""


# Statuses and refusals.


def statuses_page() -> str:
    """The life of a unit, and how it stands in EIDO."""
    arrows = [f"    {phase} --> {later}" for phase, following in NEXT.items() for later in sorted(following, key=list(NEXT).index)]
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> at_station", "    [*] --> on_radio", *arrows, "```\n"])
    held = {phase: "free" if phase in FREE else "at work" if phase in BUSY else "out of service" for phase in STATUS}
    rows = [
        (code(phase), say(f"codes.phase.{phase}"), held[phase], status.primary, ", ".join(status.qualifiers) or "–")
        for phase, status in STATUS.items()
    ]
    return page(
        "Statuses",
        "A unit's status is one EIDO primary value plus a set of qualifiers (NENA-STA-021.1b). The *phase* is read from them.\n"
        "A report that is not foreseen in this life is recorded all the same and marked surprising.\n",
        diagram,
        table(("phase", "in words", "counts as", "EIDO primary", "EIDO qualifiers"), rows),
        "## Stamps of one unit on one incident\n",
        ", ".join(code(one) for one in get_args(Stamp)) + "\n",
        "## Marks on the scene\n",
        ", ".join(code(one) for one in get_args(Mark)),
    )


def refusals_page() -> str:
    """Why nothing happened, and who says so."""
    where: dict[str, list[str]] = {}
    for path in sorted((ROOT / "src" / "tocsin").rglob("*.py")):
        for function, refused in refusals_in(ast.parse(path.read_text("utf-8"))):
            where.setdefault(refused, []).append(f"{path.relative_to(ROOT / 'src' / 'tocsin').as_posix()}: {function}")
    rows = [(code(one), say(f"refusals.{one}"), ", ".join(map(code, dict.fromkeys(where.get(one, []))))) for one in get_args(RefusalCode)]
    intro = "A refusal is an answer like any other: the state forbids it, nothing changed, and it is kept in the journal.\n"
    return page("Refusals", intro, table(("code", "what is said", "by"), rows))


def refusals_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Function and code of every refusal in a file."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                is_refusal = (
                    isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Refused", "CommandRefused")
                )
                if is_refusal and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]  # is_refusal: a call
                    yield function.name, str(node.args[0].value)  # type: ignore[attr-defined]  # is_refusal: a call


# Command line and schemas.


def cli_page() -> str:
    """The help of every command, as the terminal shows it."""
    app = import_module("tocsin.cli").app
    return page("Command line", *sections(app, app, ()))


def sections(app: App, below: App, path: tuple[str, ...]) -> Iterator[str]:
    """Help of a command and of those below it."""
    console = Console(width=WIDTH, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as shown:
        app.help_print(list(path), console=console)
    text = "\n".join(line.rstrip() for line in shown.get().strip().splitlines())
    yield f"## {' '.join(('tocsin', *path))}\n"
    yield f"```text\n{text}\n```\n"
    for name in below:
        if not name.startswith("-"):
            yield from sections(app, below[name], (*path, name))


def openapi_file() -> str:
    """The server's description, as it answers it at /api/openapi.json."""
    described = [*ROUTES, *SignInDesk(None, None).routes()]  # type: ignore[arg-type]  # nobody signs in here
    return json.dumps(description(described), indent=2, ensure_ascii=False) + "\n"


def schema_file(where: str) -> str:
    """JSON Schema (2020-12) of a type, deterministic."""
    module, _, name = where.removesuffix("[]").partition(":")
    kind = getattr(import_module(module), name)
    if isinstance(kind, UnionType):  # has no name of its own
        kind = Annotated[kind, msgspec.Meta(title=name)]
    schema = msgspec.json.schema(list[kind] if where.endswith("[]") else kind)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
