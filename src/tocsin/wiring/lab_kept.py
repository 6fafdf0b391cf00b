"""Results of the lab in the centre's folder, so that they outlive the server: figures and what was asked, never who asked, no call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from tocsin.base.instants import Instant
from tocsin.edge.whole_file import write_whole
from tocsin.web.lab_told import LabWish, LabWorked
from tocsin.web.ports import LabRun

FOLDER: Final = "experiments"
"""Beside the centre's other files."""
DAYS_KEPT: Final = 30
DAY_MS: Final = 86_400_000
FORMAT: Final = 1


class Kept(msgspec.Struct, frozen=True):
    """A result as its file has it."""

    format: Literal[1]
    id: str
    wish: LabWish
    asked_at: Instant
    ended_at: Instant
    state: Literal["done", "cancelled"]
    worked: LabWorked


class KeptResults:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, now: Instant) -> list[LabRun]:
        """In the order of their asking. Those that are too old are deleted; what cannot be read (another version's) is left alone until
        it is as old."""
        found = []
        for path in self._files():
            kept = _read(path)
            if _is_old(kept.ended_at if kept is not None else _written(path), now):
                _delete(path)
            elif kept is not None and path == self._path(kept.id):
                found.append(_run_of(kept))
        return sorted(found, key=lambda run: (run.asked_at, run.id))

    def keep(self, run: LabRun) -> bool:
        """Write a result; False where that cannot be done, or where there is none."""
        if run.worked is None or run.ended_at is None or run.state not in ("done", "cancelled"):
            return False
        state: Literal["done", "cancelled"] = "done" if run.state == "done" else "cancelled"
        kept = Kept(FORMAT, run.id, run.wish, run.asked_at, run.ended_at, state, run.worked)
        try:
            self._folder.mkdir(exist_ok=True)
            write_whole(self._path(run.id), msgspec.json.encode(kept).decode())
        except OSError:
            return False
        return True

    def forget(self, run: str) -> None:
        """Delete it, if it is there."""
        _delete(self._path(run))

    def _path(self, run: str) -> Path:
        return self._folder / f"{run}.json"

    def _files(self) -> Iterator[Path]:
        try:
            yield from sorted(self._folder.glob("[!.]*.json"))
        except OSError:
            return


def is_too_old(run: LabRun, now: Instant) -> bool:
    """Whether a result has stood its time."""
    return run.is_kept and run.ended_at is not None and _is_old(run.ended_at, now)


def _is_old(ended_at: int, now: Instant) -> bool:
    return now - ended_at > DAYS_KEPT * DAY_MS


def _read(path: Path) -> Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _written(path: Path) -> int:
    try:
        return int(path.stat().st_mtime * 1000)
    except OSError:
        return 0


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # a folder that cannot be written: it is tried again at the next start


def _run_of(kept: Kept) -> LabRun:
    answer = kept.worked.answer or kept.worked.relived
    done = answer.replications if answer is not None else 0
    run = LabRun(kept.id, kept.wish, "", kept.asked_at, kept.state, done=done, of=kept.wish.replications, ended_at=kept.ended_at)
    return run._replace(worked=kept.worked, is_kept=True)
