"""Ctrl-C in any command: a sentence, a JSON error, status 130, never a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import tocsin
from tocsin.words import say


@pytest.fixture(autouse=True)
def hears_interrupts() -> Iterator[None]:
    """Where the tests run in a shell's background they are deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


pressing: list[str] = []
"""Name of the file at whose opening Ctrl-C is pressed; an audit hook stays for ever, and does nothing while this is empty."""


def press(event: str, args: tuple[object, ...]) -> None:
    if pressing and event == "open" and str(args[0]).endswith(pressing[0]):
        pressing.clear()
        os.kill(os.getpid(), signal.SIGINT)


sys.addaudithook(press)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A folder of tables; Ctrl-C comes as the first of them is opened."""
    for name in ("demand.csv", "stations.csv", "units.csv"):
        (tmp_path / name).write_text("station,lon,lat\nA,1,1\n", "utf-8")
    pressing.append(f"{tmp_path.name}/demand.csv")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (("site", "--stations", "2"), "en"),
        (("tune", "--guard", "1"), "pt"),
        (("hypercube", "--against-simulation"), "fr"),
        (("simulate",), "es"),
        (("compare", "--policies", "closest,default"), "en"),
    ],
)
def test_a_sentence_in_one_s_language_and_status_130(city: Path, words: tuple[str, ...], language: str) -> None:
    command, *options = words
    run = tocsin(command, city, *options, "--language", language, "--json")
    assert run.status == 130
    error = run.json["error"]
    assert error["code"] == "cancelled" and say("faults.cancelled.what", language) in error["text"]
    assert say("faults.cancelled.what", language) in run.err.replace("\n", " ")


def test_pressed_while_libraries_load_there_is_no_traceback(tmp_path: Path) -> None:
    """The first library that the commands need is one that presses Ctrl-C as it is loaded."""
    (tmp_path / "cyclopts.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n", "utf-8")
    script = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nfrom tocsin.cli import main\nmain(sys.argv[1:])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    for words in (["forecast"], ["forecast", "--json"]):
        done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 130 and "Traceback" not in done.stderr
        assert say("faults.cancelled.what", "en") in done.stderr
        assert not done.stdout if len(words) == 1 else json.loads(done.stdout)["error"]["code"] == "cancelled"
