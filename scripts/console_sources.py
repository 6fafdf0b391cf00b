"""Writes console/src/generated: the types of everything that goes over the wire, and the words in every language.

``python scripts/console_sources.py`` writes; it is part of the console's build. A message that a language lacks, or that wants other
values than in English, ends it with status 1 and a list.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import msgspec

from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.incident import Mark
from tocsin.core.messages.unit import BUSY, FREE, NEXT, STATUS, UNDO_WITHIN_MS, Phase
from tocsin.formats.line.verbs import VERBS
from tocsin.words import REFERENCE, catalogue, languages

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "console" / "src" / "generated"
MADE_BY = "// Written by scripts/console_sources.py from the Python code: change that, then build.\n"

TYPES = (
    "tocsin.views.situation:Situation",
    "tocsin.views.situation:Change",
    "tocsin.views.situation:Fix",
    "tocsin.views.situation:IncidentDetail",
    "tocsin.core.messages.recommendation:Receipt",
    "tocsin.core.messages.said:Command",
    "tocsin.core.messages.said:Event",
    "tocsin.core.messages.alarm:AlarmKind",
    "tocsin.places.locate:Located",
    "tocsin.places.locate:Described",
    "tocsin.web.sessions:Session",
    "tocsin.web.seat:SeatTold",
    "tocsin.web.clock_told:ClockTold",
    "tocsin.web.problems:Problem",
    "tocsin.web.answers:Answered",
    "tocsin.web.intake:Intake",
    "tocsin.web.intake:CallTaken",
    "tocsin.web.line:LineTold",
    "tocsin.web.undo:Undone",
    "tocsin.core.messages.alarm:AcknowledgeAlarm",
    "tocsin.core.messages.alarm:ShelveAlarm",
    "tocsin.core.messages.alarm:SetWelfareCheck",
    "tocsin.core.messages.alarm:ConfirmWelfare",
    "tocsin.core.messages.message:SendMessage",
    "tocsin.core.messages.message:ReadMessage",
    "tocsin.core.messages.incident:HoldIncident",
    "tocsin.core.messages.incident:LookAtPersonalData",
    "tocsin.core.messages.unit:Phase",
    "tocsin.core.messages.recommendation:WhyNot",
    "tocsin.core.messages.recommendation:WhyEmpty",
    "tocsin.core.messages.recommendation:Standing",
    "tocsin.core.messages.incident:Mark",
    "tocsin.core.messages.assignment:Stamp",
    "tocsin.core.messages.refusal:RefusalCode",
    "tocsin.core.messages.call:Channel",
    "tocsin.web.lab_told:LabTold",
    "tocsin.web.lab_told:LabResult",
)
"""What the console speaks of. A union or an alias keeps its name."""

NAMES = {
    "tocsin_core_messages_recommendation_Candidate": "Candidate",
    "tocsin_places_candidate_Candidate": "PlaceCandidate",
    "tocsin_formats_line_reading_Candidate": "LineCandidate",
    "tocsin_web_problems_Problem": "Problem",
}
"""Of two structs of one name, what each is called here."""

TABLES = ("console.", "codes.", "refusals.", "locate.", "line.verb.")
"""Beginnings of the keys that screens need; the server tells everything else."""

LAB_TABLES = ("console.lab.", "lab.page.measure.")
"""What only the page of the lab says: a chunk of its own, so that nobody else carries it."""

PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


def main() -> int:
    """Write all; 1 when a language is not complete."""
    wrong = list(gaps())
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    (FOLDER / "words").mkdir(parents=True, exist_ok=True)
    write(FOLDER / "api.ts", MADE_BY + "".join(api()))
    write(FOLDER / "words.ts", MADE_BY + "".join(words_file()))
    write(FOLDER / "lab_words.ts", MADE_BY + "".join(lab_words_file()))
    write(FOLDER / "life.ts", MADE_BY + "".join(life_file()))
    write(FOLDER / "verbs.ts", MADE_BY + "".join(verbs_file()))
    for language in languages():
        write(FOLDER / "words" / f"{language}.json", packed(language, is_of_lab=False))
        write(FOLDER / "words" / f"lab_{language}.json", packed(language, is_of_lab=True))
    return 0


def write(path: Path, text: str) -> None:
    """Only what is different: a build that has nothing to do stays quick."""
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


# Types.


def api() -> Iterator[str]:
    """All declarations of api.ts."""
    # ``Event`` is taken: every browser has one.
    named = {where.rpartition(":")[2].replace("Event", "DeskEvent"): at(where) for where in TYPES}
    outlines, components = msgspec.json.schema_components(named.values(), ref_template="{name}")
    for name, schema in sorted(components.items()):
        yield from declaration(called(name), schema)
    known = {called(name) for name in components}
    for name, outline in zip(named, outlines, strict=True):
        if name not in known:
            yield f"\nexport type {name} = {kind(outline)};\n"


def at(where: str) -> Any:
    """What stands at ``module:name``."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def called(name: str) -> str:
    """What a struct is called in TypeScript."""
    plain = name.replace(".", "_")
    return NAMES.get(plain, plain)


def declaration(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """One struct as an interface, or as a tuple where it travels as an array."""
    yield comment(schema.get("description", ""), "")
    if schema.get("type") != "object" or "properties" not in schema:
        yield f"export type {name} = {kind(schema)};\n"
        return
    yield f"export interface {name} {{\n"
    needed = set(schema.get("required", ()))
    for field, shape in schema["properties"].items():
        yield f"  {field}{'' if field in needed else '?'}: {kind(shape)};\n"
    yield "}\n"


def comment(text: str, indent: str) -> str:
    """The first line of a docstring; a blank line above."""
    line = text.strip().partition("\n")[0].replace("*/", "* /")
    return f"\n{indent}/** {line} */\n" if line else "\n"


SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def kind(schema: dict[str, Any]) -> str:
    """A schema as a TypeScript type."""
    if "$ref" in schema:
        return called(str(schema["$ref"]))
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return array(schema)
    if schema.get("type") == "object":
        return f"Record<string, {kind(schema.get('additionalProperties') or {})}>"
    return SCALARS.get(str(schema.get("type")), "unknown")


def array(schema: dict[str, Any]) -> str:
    """A list, or a tuple whose last places may be missing."""
    if "prefixItems" not in schema:
        return f"({kind(schema.get('items') or {})})[]"
    least = schema.get("minItems", 0)
    places = [kind(one) if n < least else f"({kind(one)})?" for n, one in enumerate(schema["prefixItems"])]
    return f"[{', '.join(places)}]"


# The life of a unit.


def life_file() -> Iterator[str]:
    """life.ts: which status may follow which, and what each is on the wire; the console's buttons come from it."""
    phases: tuple[Phase, ...] = get_args(Phase)
    table = {
        "next": {phase: [one for one in phases if one in NEXT[phase]] for phase in phases},
        "busy": list(BUSY),
        "free": [phase for phase in phases if phase in FREE],
        "status": {phase: msgspec.to_builtins(STATUS[phase]) for phase in phases},
    }
    yield "\n/** The life of a unit (core/messages/unit.py). */\n"
    yield f"export const LIFE = {json.dumps(table, indent=2)} as const;\n"
    yield f"\n/** How long a slip can be taken back. */\nexport const UNDO_WITHIN_MS = {UNDO_WITHIN_MS};\n"
    yield f"\nexport const MARKS = {json.dumps(list(get_args(Mark)))} as const;\n"
    yield f"\n/** Stamps in the order of a job. */\nexport const STAMPS = {json.dumps(list(get_args(Stamp)))} as const;\n"


def verbs_file() -> Iterator[str]:
    """verbs.ts: the verbs of the command line with an example of each; what they mean is ``line.verb.<verb>``."""
    yield "\n/** The verbs of the command line, each with an example (formats/line/verbs.py). */\n"
    yield f"export const VERBS = {json.dumps([[verb.name, verb.example] for verb in VERBS.values()], ensure_ascii=False)} as const;\n"


# Words.


def sentences(language: str) -> dict[str, str]:
    """What screens say, by key."""
    return {key: text for key, text in catalogue(language).items() if key.startswith((*TABLES, *LAB_TABLES))}


def packed(language: str, *, is_of_lab: bool) -> str:
    """The sentences of one chunk, as JSON."""
    wanted = {key: text for key, text in sentences(language).items() if key.startswith(LAB_TABLES) == is_of_lab}
    return json.dumps(wanted, ensure_ascii=False, sort_keys=True, indent=0)


def fields(sentence: str) -> set[str]:
    """Names of the values that a sentence wants."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def gaps() -> Iterator[str]:
    """What a language lacks, has too much, or fills with other values than English."""
    english = sentences(REFERENCE)
    for language in languages():
        other = sentences(language)
        yield from (f"{language}: {key} is not translated" for key in sorted(english.keys() - other.keys()))
        yield from (f"{language}: {key} is not in English" for key in sorted(other.keys() - english.keys() - plural_forms(english)))
        shared = sorted(english.keys() & other.keys())
        yield from (f"{language}: {key} wants other values" for key in shared if fields(english[key]) != fields(other[key]))


def unused() -> list[str]:
    """Keys of ``console`` that no source of the console asks for, neither by name nor by the beginning of a name that is put together."""
    sources = [path for path in (FOLDER.parent).rglob("*") if path.suffix in (".ts", ".svelte") and FOLDER not in path.parents]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    named = set(re.findall(r"console\.[\w.]+", text))
    begun = tuple(set(re.findall(r"`(console\.[\w.]*)\$\{", text)))
    keys = {key for key in sentences(REFERENCE) if key.startswith("console.")}
    return sorted(key for key in keys if not {key, key.rpartition(".")[0]} & named and not key.startswith(begun))


def plural_forms(keys: Iterable[str]) -> set[str]:
    """Forms that a language may have beyond English's two."""
    return {f"{key.removesuffix('.other')}.{form}" for key in keys if key.endswith(".other") for form in PLURALS}


def words_file() -> Iterator[str]:
    """words.ts: the key of every sentence with the values that it wants, and where each language's sentences are."""
    english = sentences(REFERENCE)
    plurals = {key.removesuffix(".other") for key in english if key.endswith(".other") and f"{key.removesuffix('.other')}.one" in english}
    yield "\n/** Key → values of the sentence; `count` chooses among the forms of a plural. */\nexport interface Sentences {\n"
    for key in sorted(english.keys() | plurals):
        if is_form(key, plurals):
            continue
        wanted = fields(english[f"{key}.other"]) | {"count"} if key in plurals else fields(english[key])
        yield f"  {json.dumps(key)}: {values(wanted, key in plurals)};\n"
    yield "}\n\nexport type Key = keyof Sentences;\n"
    yield "\n/** Keys of sentences without values: titles and the like. */\n"
    yield "export type PlainKey = { [K in Key]: Sentences[K] extends null ? K : never }[Key];\n"
    yield f"\nexport type Language = {' | '.join(json.dumps(one) for one in languages())};\n"
    yield f"\nexport const REFERENCE: Language = {json.dumps(REFERENCE)};\n"
    yield "\n/** Each language is a chunk of its own, loaded when it is wanted. */\n"
    yield "export const LOADERS: Record<Language, () => Promise<{ default: Record<string, string> }>> = {\n"
    yield from (f"  {one}: () => import({json.dumps(f'./words/{one}.json')}),\n" for one in languages())
    yield "};\n"


def lab_words_file() -> Iterator[str]:
    """lab_words.ts: where the lab's sentences are; only its page knows of them."""
    yield '\nimport type { Language } from "./words";\n'
    yield "\nexport const LAB_LOADERS: Record<Language, () => Promise<{ default: Record<string, string> }>> = {\n"
    yield from (f"  {one}: () => import({json.dumps(f'./words/lab_{one}.json')}),\n" for one in languages())
    yield "};\n"


def is_form(key: str, plurals: set[str]) -> bool:
    """Whether it is one form of a plural, which nobody says by its own key."""
    stem, _, form = key.rpartition(".")
    return form in PLURALS and stem in plurals


def values(wanted: set[str], is_plural: bool) -> str:
    """The record of values as a type; null for a sentence without any."""
    if not wanted:
        return "null"
    return "{ " + "; ".join(f"{name}: {'number' if is_plural and name == 'count' else 'string | number'}" for name in sorted(wanted)) + " }"


if __name__ == "__main__":
    sys.exit(main())
