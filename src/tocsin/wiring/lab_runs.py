"""The lab of a served centre: experiments that were asked for on the console, one after the other, each in a process of its own."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tocsin.base.faults import BadInput, Fault
from tocsin.base.instants import Instant
from tocsin.core.engine.policies import POLICIES
from tocsin.edge.side_process import SideProcess
from tocsin.formats.centre import Centre
from tocsin.pages.experiment import verdict
from tocsin.pages.experiment_words import LabTongue
from tocsin.web.lab_told import LabChoices, LabWish, StationKnown, UnitKnown, VerdictTold
from tocsin.web.ports import LabRun, LabWords
from tocsin.wiring.lab_asked import WORK, LabAsked
from tocsin.wiring.lab_kept import DAYS_KEPT, KeptResults, is_too_old
from tocsin.wiring.lab_words import called, partial_told, relived_words

AT_ONCE: Final = 1
"""Experiments that run at the same time: a desk needs the other processors."""
MOST_WAITING: Final = 8
MOST_KEPT: Final = 24
ENDED: Final = frozenset({"done", "cancelled", "failed"})


class LabGround(NamedTuple):
    """What experiments are made on."""

    folder: Path
    centre: Centre
    journal: Path | None
    kept: Path | None = None
    """Folder for results; None = they are in memory alone."""


class LabRuns:
    """``Lab`` of ``web/ports.py``. Threads of its own follow the processes; closing it ends both."""

    def __init__(self, ground: LabGround, now: Callable[[], Instant], *, work: str = WORK) -> None:
        self.choices, self.since, self.most_kept = choices_of(ground.centre, has_log=ground.journal is not None), now(), MOST_KEPT
        self._kept = KeptResults(ground.kept) if ground.kept is not None else None
        self.days_kept = DAYS_KEPT if ground.kept is not None else None
        self._ground, self._now, self._work = ground, now, work
        self._runs = {run.id: run for run in self._kept.load(self.since)} if self._kept is not None else {}
        self._processes: dict[str, SideProcess] = {}
        self._asked = 0
        self._is_closed = False
        self._change = threading.Condition()
        self._threads = [threading.Thread(target=self._serve, name=f"lab-{nth}", daemon=True) for nth in range(AT_ONCE)]
        for thread in self._threads:
            thread.start()

    def runs(self) -> list[LabRun]:
        """In the order of their asking."""
        with self._change:
            now = self._now()
            for run in [one.id for one in self._runs.values() if is_too_old(one, now)]:
                self._drop(run)
            return list(self._runs.values())

    def find(self, run: str) -> LabRun:
        """Raises BadInput ``lab_run_unknown``."""
        with self._change:
            return self._found(run)

    def start(self, wish: LabWish, by: str) -> LabRun:
        """Begin, or wait for those that run. Raises BadInput ``lab_full``."""
        with self._change:
            if sum(one.state == "waiting" for one in self._runs.values()) >= MOST_WAITING:
                raise BadInput("lab_full", most=MOST_WAITING)
            self._make_room()
            self._asked += 1
            # With the moment of the beginning in it: a page that was left open must not take another's result for its own.
            run = LabRun(f"{self.since:x}-{self._asked}", wish, by, self._now(), "waiting")
            self._runs[run.id] = run
            self._change.notify()
            return run

    def cancel(self, run: str) -> LabRun:
        """Stop what runs or waits; what has ended stays. Raises BadInput ``lab_run_unknown``."""
        with self._change:
            found = self._found(run)
            if found.state == "waiting":
                return self._put(run, state="cancelled", ended_at=self._now())
            if found.state == "running":
                if (process := self._processes.get(run)) is not None:
                    process.stop()
                return self._put(run, state="stopping")
            return found

    def forget(self, run: str) -> None:
        """Stop it, and keep nothing of it. Raises BadInput ``lab_run_unknown``."""
        with self._change:
            self._found(run)
            if (process := self._processes.get(run)) is not None:
                process.kill()
            self._drop(run)

    def close(self) -> None:
        """End everything that runs."""
        with self._change:
            self._is_closed = True
            for process in self._processes.values():
                process.kill()
            self._change.notify_all()
        for thread in self._threads:
            thread.join(10)

    def tell(self, run: LabRun, language: str) -> LabWords:
        """The sentences of a run that has a result."""
        if run.worked is None:
            raise AssertionError("only what has a result is told")
        if run.worked.relived is not None:
            return relived_words(run.worked.relived, run.wish, language)
        if run.worked.answer is None:
            raise AssertionError("a result is of one kind or the other")
        answer, tongue = run.worked.answer, LabTongue(language)
        base = called(answer.base, language)
        verdicts = []
        for one in answer.differences:
            found = verdict(msgspec.structs.replace(one, policy=called(one.policy, language)), base, tongue)
            verdicts.append(VerdictTold(one.policy, found.code, found.text, found.relative))
        remarks = [tongue.remark(one.code, one.values) for one in answer.remarks]
        return LabWords((), verdicts, remarks, partial_told(answer.partial, answer.replications, run.wish, language))

    # ---- inside

    def _serve(self) -> None:
        while (run := self._next()) is not None:
            ended = self._live(run)
            with self._change:
                self._processes.pop(run.id, None)
                if run.id in self._runs:  # else it was forgotten meanwhile
                    put = self._put(run.id, **ended, stage="", ended_at=self._now())
                    self._put(run.id, is_kept=self._kept is not None and self._kept.keep(put))

    def _next(self) -> LabRun | None:
        """The next one that waits, now running; None when it is closing time."""
        with self._change:
            while not self._is_closed:
                waiting = next((one for one in self._runs.values() if one.state == "waiting"), None)
                if waiting is not None:
                    return self._put(waiting.id, state="running", stage="lab_begins")
                self._change.wait()
            return None

    def _live(self, run: LabRun) -> dict[str, object]:
        """What it ends as."""
        try:
            process = SideProcess(self._work, LabAsked(self._ground.folder, self._ground.journal, run.wish))
        except OSError as error:  # no memory, no processes left
            return {"state": "failed", "fault": BadInput("lab_run_died", status=error.strerror or str(error))}
        self._take(run.id, process)
        try:
            worked = process.follow(lambda done, of, stage: self._hear(run.id, done, of, stage))
        except Fault as fault:
            return self._failed(run.id, fault)
        answer = None if worked is None else worked.answer or worked.relived
        if answer is None or (answer.partial is not None and answer.partial.code == "cancelled"):
            return {"state": "cancelled", "worked": worked}
        return {"state": "done", "worked": worked}

    def _take(self, run: str, process: SideProcess) -> None:
        """Keep hold of it; whoever cancelled or closed before there was one meant it."""
        with self._change:
            self._processes[run] = process
            if self._is_closed or run not in self._runs:
                process.kill()
            elif self._runs[run].state == "stopping":
                process.stop()

    def _failed(self, run: str, fault: Fault) -> dict[str, object]:
        with self._change:
            is_stopping = run in self._runs and self._runs[run].state == "stopping"
        if fault.code == "side_died" and is_stopping:  # one that had to be killed after it was told to stop has done as it was told
            return {"state": "cancelled"}
        if fault.code == "side_died":
            fault = BadInput("lab_run_died", status=fault.values["status"])
        elif fault.code == "side_failed":
            fault = BadInput("lab_run_failed", cause=fault.values["cause"])
        return {"state": "failed", "fault": fault}

    def _hear(self, run: str, done: int, of: int | None, stage: str) -> None:
        with self._change:
            if run in self._runs:
                self._put(run, done=done, of=of, stage=stage)

    def _put(self, run: str, **changes: object) -> LabRun:
        self._runs[run] = self._runs[run]._replace(**changes)  # type: ignore[arg-type]  # names and types are those of LabRun
        return self._runs[run]

    def _found(self, run: str) -> LabRun:
        if run not in self._runs:
            raise BadInput("lab_run_unknown", id=run[:80])
        return self._runs[run]

    def _make_room(self) -> None:
        ended = [one.id for one in self._runs.values() if one.state in ENDED]
        for run in ended[: max(0, len(self._runs) - MOST_KEPT + 1)]:
            self._drop(run)

    def _drop(self, run: str) -> None:
        """From memory, and from the disk."""
        del self._runs[run]
        if self._kept is not None:
            self._kept.forget(run)


def choices_of(centre: Centre, *, has_log: bool = False) -> LabChoices:
    """What can be picked of a centre's folder: stations with a place, and the units that wait at one."""
    stations = [one for one in centre.stations if one.place.at is not None]
    known = {one.station for one in stations}
    units = [one for one in centre.units if one.station in known]
    return LabChoices(
        stations=tuple(StationKnown(one.station, one.name) for one in stations),
        units=tuple(UnitKnown(one.unit, one.kind, one.station or "") for one in units),
        # By its table or not at all: one that were made up would not be what the desk does.
        policies=tuple(name for name, policy in POLICIES.items() if policy.returns != "compliance" or centre.plan.cover.table),
        policy=centre.plan.policy,
        has_log=has_log,
    )
