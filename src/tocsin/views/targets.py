"""Target profiles: dated, cited, never constants (domain note, section 4). The text comes from outside; here it is read and checked."""

import re
import tomllib

import msgspec

from tocsin.base.faults import BadInput
from tocsin.views.report_answer import ClockStart, Disagreement, IntervalName, Moment


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One demand: a share of samples within so many seconds, or a mean."""

    interval: IntervalName
    start: Moment
    stop: Moment
    seconds: int
    source: str
    percentile: int | None = None
    """1 … 100; None = the demand is for the mean."""
    clause: str = ""
    confirmed: bool = False
    """The primary text was read by whoever wrote the profile."""
    disciplines: tuple[str, ...] = ()
    """Disciplines of the response plan's incident types that it speaks of; empty = all."""
    applies: dict[str, str] = {}
    """Language → what it speaks of."""


class TargetProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that makes a figure comparable: who demands what, from which moment on, and how sure we are of the text."""

    name: str
    title: str
    edition: str
    issued: str
    """ISO date or year of the edition; empty when not known."""
    clock_start: ClockStart
    source: str
    confirmed: bool
    targets: tuple[Target, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    implausible_over_s: dict[IntervalName, int] = {}
    """Longer samples are left out, and counted. Without a bound nothing is left out for its length."""
    note: dict[str, str] = {}

    def of(self, interval: IntervalName) -> tuple[Target, ...]:
        """Targets of an interval, in the file's order; the first is the headline."""
        return tuple(target for target in self.targets if target.interval == interval)


def clock_of(interval: IntervalName, clock_start: ClockStart) -> tuple[Moment, Moment]:
    """Start and stop of an interval under a declared clock start."""
    fixed: dict[IntervalName, tuple[Moment, Moment]] = {
        "answering": ("arrived", "answered"),
        "processing": (clock_start, "dispatched"),
        "turnout": ("dispatched", "en_route"),
        "travel": ("en_route", "on_scene"),
        "total_response": (clock_start, "on_scene"),
    }
    return fixed[interval]


def read_profile(text: str, file: str) -> TargetProfile:
    """A profile from TOML. ``file`` is only for the error's place.

    Raises BadInput ``targets_toml`` (not TOML), ``targets_field`` (a field is missing, unknown or of the wrong kind),
    ``targets_clock`` (start or stop is not what Tocsin measures), ``targets_percentile``, ``targets_seconds``.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("targets_toml", file=file, line=_line_in(str(error), text), why=str(error).partition(" (at")[0]) from None
    try:
        profile = msgspec.convert(table, TargetProfile)
    except msgspec.ValidationError as error:
        why, _, path = str(error).partition(" - at `$")
        field = path.rstrip("`").removeprefix(".")
        raise BadInput("targets_field", file=file, line=line_of(text, field), field=field or None, why=why) from None
    for at, target in enumerate(profile.targets):
        _check(target, profile, text=text, file=file, path=f"targets[{at}]")
    return profile


def _check(target: Target, profile: TargetProfile, *, text: str, file: str, path: str) -> None:
    start, stop = clock_of(target.interval, profile.clock_start)

    def fault(code: str, name: str, **values: object) -> BadInput:
        field = f"{path}.{name}"
        return BadInput(code, file=file, line=line_of(text, field), field=field, **values)

    if target.start != start:
        raise fault("targets_clock", "start", interval=target.interval, value=target.start, wanted=start)
    if target.stop != stop:
        raise fault("targets_clock", "stop", interval=target.interval, value=target.stop, wanted=stop)
    if target.percentile is not None and not 1 <= target.percentile <= 100:
        raise fault("targets_percentile", "percentile", value=target.percentile)
    if target.seconds < 0:
        raise fault("targets_seconds", "seconds", value=target.seconds)


def _line_in(message: str, text: str) -> int:
    """The line that the reader of TOML names; it says "end of document" for the last."""
    found = re.search(r"at line (\d+)", message)
    return int(found.group(1)) if found else max(len(text.splitlines()), 1)


def line_of(text: str, path: str) -> int | None:
    """Line on which a field such as ``targets[1].seconds`` stands; its table's line when the field is missing; None when neither is."""
    table, _, name = path.rpartition(".")
    found = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", table or name)
    lines = text.splitlines()
    begin = 0
    if found and found.group(2) is not None:
        heads = [at for at, line in enumerate(lines) if line.strip() == f"[[{found.group(1)}]]"]
        if int(found.group(2)) >= len(heads):
            return None
        begin = heads[int(found.group(2))]
    return _seek(lines, begin, name) or (begin + 1 if begin else None)


def _seek(lines: list[str], begin: int, name: str) -> int | None:
    for at, line in enumerate(lines[begin:], start=begin + 1):
        if at > begin + 1 and line.startswith("[["):
            return None
        if re.match(rf"\s*{re.escape(name)}\s*=", line):
            return at
    return None


def told(words: dict[str, str], language: str) -> str:
    """A text of a profile in a language, else in English, else in any, else nothing."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")
