"""The command line. Each command: read options, call ``wiring``, show the answer — as text for people, as JSON for machines.

Exit status: 0 good; 1 the answer is "no" (a journal that does not verify); 2 bad input; 3 something of ours is broken; 130 stopped by hand.
"""

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from itertools import pairwise
from typing import NoReturn

from tocsin import __version__
from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.words import REFERENCE, tell

try:  # loading what the commands need takes a second, in which people press Ctrl-C, too
    from cyclopts import App, CycloptsError

    from tocsin.cli import account, demo, forecast, hypercube, journal, lab, paper, places, region, roads, serve, site, tune, whatif
    from tocsin.cli import map as map_command
    from tocsin.cli.ending import STOPPED
    from tocsin.cli.terminal import err, language_of, print_json, problem_told
    from tocsin.core.messages.refusal import Refused
    from tocsin.shown import figures as shown
except KeyboardInterrupt:
    said = tell(BadInput("cancelled"))
    if "--json" in sys.argv:
        told: dict[str, object] = {"code": "cancelled", "file": None, "line": None, "field": None, "values": {}, "text": said}
        sys.stdout.write(json.dumps({"error": told}, indent=2) + "\n")
    sys.stderr.write(f"{said}\n")
    raise SystemExit(130) from None

app = App(
    name="tocsin", version=__version__, help="Open emergency incident response.", help_format="plaintext", suppress_keyboard_interrupt=False
)
for command in (
    region.region_app,
    roads.roads_app,
    journal.import_app,
    region.route,
    places.locate,
    journal.replay,
    journal.report,
    journal.verify,
    journal.check,
    paper.paper,
    serve.serve,
    account.account_app,
    demo.demo,
    forecast.forecast,
    hypercube.hypercube,
    whatif.whatif,
    lab.simulate,
    lab.compare,
    tune.tune,
    site.site,
):
    app.command(command)
app.command(map_command.map_, name="map")


COORDINATES = ("--from", "--to", "--close", "--at", "--near")
_NEGATIVE_FIRST = re.compile(r"-?\d+(\.\d*)?,-?\d")


def join_coordinates(words: list[str]) -> list[str]:
    """``--from -71.2,-29.9 -71.3,-29.8`` as ``--from=-71.2,-29.9 --from=-71.3,-29.8``: a place may begin with a minus."""
    joined: list[str] = []
    option: str | None = None
    for word in words:
        if option is not None and _NEGATIVE_FIRST.match(word):
            if joined[-1] == option:
                joined.pop()
            joined.append(f"{option}={word}")
            continue
        option = word if word in COORDINATES else None
        joined.append(word)
    return joined


def _language_told(words: list[str]) -> str:
    """The language to tell a fault in: that of the command, if it can be had."""
    asked = next((word.partition("=")[2] for word in words if word.startswith("--language=")), None)
    asked = next((later for word, later in pairwise(words) if word == "--language"), asked)
    try:
        return language_of(asked)
    except BadInput:
        return REFERENCE


def _command_of(words: list[str]) -> str:
    """The command that was meant, as far as it can be told."""
    names, below = ["tocsin"], app
    for word in words:
        if word.startswith("-") or word not in list(below):
            break
        names.append(word)
        below = below[word]
    return " ".join(names)


def _fail(fault: Fault, words: list[str], status: int | None = None) -> NoReturn:
    language = _language_told(words)
    if "--json" in words:
        with suppress(OSError):  # where standard output itself is what failed, standard error still tells
            print_json(shown.ErrorAnswer(problem_told(fault, language)))
    shown.told_fault(err, tell(fault, language))
    raise SystemExit(status or (3 if isinstance(fault, Broken) else 2))


def _guarded(run: Callable[[], object], words: list[str]) -> None:
    try:
        run()
    except Refused as refusal:
        _fail(BadInput("refused", refusal=refusal.event.code, values=refusal.event.values), words)
    except Fault as fault:
        _fail(fault, words)
    except CycloptsError as error:
        _fail(BadInput("usage", why=str(error).strip(), command=_command_of(words)), words)
    except OSError as error:
        _fail(BadInput("machine_refused", file=error.filename, why=error.strerror or error), words)
    except KeyboardInterrupt:
        _fail(BadInput("cancelled"), words, STOPPED)


def main(words: list[str] | None = None) -> None:
    """Run one command. Raises SystemExit with the status where it is not 0."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal of few letters shows the rest as escapes and loses nothing
            stream.reconfigure(errors="backslashreplace")
    given = join_coordinates(sys.argv[1:] if words is None else words)
    _guarded(lambda: app(given, exit_on_error=False, print_error=False, result_action="return_value"), given)
