"""Work for the processes at the side of a server, of every kind that can go wrong; by the name of the experiment."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tocsin.base.faults import BadInput
from tocsin.views.experiment_answer import Asked, CompareAnswer, Figures, Group, Partial
from tocsin.web.lab_told import DemandOf, LabWorked
from tocsin.wiring.lab_asked import LabAsked

WORK = "lab_works:work"
Told = Callable[[int, int | None, str], None]

NONE = Group(0, 0)
FIGURES = Figures("closest", "1", 1, 0, None, NONE, 0.0, None, {}, {}, NONE, 0.0, None, 0.0, 0.0, 0, 0, None, None, None)
ANSWER = CompareAnswer("closest", 1, {"closest": FIGURES}, (), Asked("town", "0" * 64, 1.0, 1.0, 1, 1, 0.0))


def work(asked: LabAsked, told: Told) -> LabWorked:
    """What the name says."""
    told(0, 3, "replications")
    match asked.wish.name:
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stumbles":
            raise LookupError("nowhere")
        case "refused":
            raise BadInput("city_stations_none", file=str(asked.folder), field="stations")
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            rest(asked.folder)
        case "long":
            rest(asked.folder)
        case "kept":
            return stopped_with_one(asked.folder)
    return LabWorked(ANSWER, DemandOf())


def rest(folder: Path) -> None:
    """Until somebody ends it."""
    (folder / "pid").write_text(f"{os.getpid()} {os.nice(0)}", "utf-8")
    while True:
        signal.pause()


def stopped_with_one(folder: Path) -> LabWorked:
    """One replication was whole when it was stopped."""
    try:
        rest(folder)
    except KeyboardInterrupt:
        partial = msgspec.structs.replace(ANSWER, partial=Partial("cancelled"))
        return LabWorked(partial, DemandOf())
    raise AssertionError("nobody rests forever")


def doubled(asked: Any, told: Told) -> Any:
    """Says a million times how far it is."""
    for nth in range(100_000):
        told(nth, 100_000, "counting")
    return asked * 2
