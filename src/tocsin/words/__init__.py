"""Everything that people read, in their language: one folder per language, one file per part of the house. No text in code.

A key is ``file.table.name``; values are named fields: ``say("faults.stamp.what", "pt", value="…")``. English is the reference: a test
holds every other language to the same keys and the same fields.
"""

import tomllib
from functools import lru_cache
from importlib.resources import files

from tocsin.base.faults import BadInput, Fault

REFERENCE = "en"
MOST_SHOWN = 400


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Codes of the languages that are shipped (ISO 639-1), in alphabetical order. Asked with every request: looked up once."""
    return tuple(sorted(entry.name for entry in files(__name__).iterdir() if entry.is_dir() and not entry.name.startswith("_")))


@lru_cache(maxsize=16)
def catalogue(language: str) -> dict[str, str]:
    """All sentences of a language by key. Raises BadInput ``language`` for one that is not shipped."""
    if language not in languages():
        raise BadInput("language", value=language, known=", ".join(languages()))
    sentences: dict[str, str] = {}
    for entry in sorted(files(__name__).joinpath(language).iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            # faults.toml, faults_roads.toml, … are one table: each part of the house keeps its own sentences.
            table = entry.name.removesuffix(".toml").partition("_")[0]
            _flatten(table, tomllib.loads(entry.read_text("utf-8")), sentences)
    return sentences


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for name, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}.{name}", value, into)
        else:
            into[f"{prefix}.{name}"] = str(value)


def say(key: str, language: str = REFERENCE, /, **values: object) -> str:
    """The sentence of a key with its values put in. A key that a catalogue lacks is shown as itself: never a blank."""
    sentence = catalogue(language).get(key) or catalogue(REFERENCE).get(key) or key
    return sentence.format(**values) if values else sentence


def tell(fault: Fault, language: str = REFERENCE) -> str:
    """What went wrong, where, and what to do about it: one or two lines."""
    where = ":".join(str(part) for part in (fault.file, fault.line) if part is not None)
    if fault.field:
        where = f"{where} [{fault.field}]" if where else f"[{fault.field}]"
    what, remedy = sentences_of(fault, language)
    return f"{where}: {what}\n  {remedy}" if where else f"{what}\n  {remedy}"


def sentences_of(fault: Fault, language: str = REFERENCE) -> tuple[str, str]:
    """What went wrong, and what to do about it, without the place where it was met."""
    values = {"file": fault.file, "line": fault.line, "field": fault.field, **{key: _shown(value) for key, value in fault.values.items()}}
    return say(f"faults.{fault.code}.what", language, **values), say(f"faults.{fault.code}.do", language, **values)


def _shown(value: str) -> str:
    """Somebody's bytes as a terminal may show them: nothing that moves its cursor, and no more than a few lines."""
    printable = "".join(sign if sign.isprintable() or sign == " " else f"\\x{ord(sign):02x}" for sign in value[:MOST_SHOWN])
    return f"{printable}…" if len(value) > MOST_SHOWN else printable
