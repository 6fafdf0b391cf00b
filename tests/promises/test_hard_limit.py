"""The hard limit: Tocsin handles calls, incidents and units. It never watches people.

No face recognition, no watch lists, no tracking of persons, no ethnic or religious attributes, no bulk biometrics. The only positions
that it keeps are a caller's, for that caller's own call, and those of on-duty units. Adding a field that crosses the line fails here.
"""

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest

import tocsin
from tocsin.base.faults import Broken
from tocsin.base.geometry import LonLat
from tocsin.core.board.board import Board
from tocsin.core.messages.line import encode
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Command, Event, Record
from tocsin.core.messages.sealed import Personal, Plain, Sealed

FORBIDDEN = {
    "face", "faces", "facial", "biometric", "biometrics", "fingerprint", "fingerprints", "iris", "retina", "gait", "voiceprint", "dna",
    "watchlist", "watchlists", "blacklist", "suspect", "suspects", "offender", "offenders", "criminal", "profiling",
    "race", "racial", "ethnic", "ethnicity", "religion", "religious", "faith", "tribe", "tribal", "caste", "nationality", "citizenship",
    "immigration", "political", "sexuality", "orientation",
    "imei", "imsi", "msisdn", "imeisv", "plate", "plates", "anpr", "alpr", "wiretap", "intercept", "stingray", "geofence",
    "passport", "surveillance",
}  # fmt: skip
"""Words that no name of a message, record, answer or table may hold."""

FORBIDDEN_PAIRS = {
    ("watch", "list"), ("black", "list"), ("person", "position"), ("person", "track"), ("track", "person"), ("caller", "track"),
    ("caller", "history"), ("person", "history"), ("phone", "history"), ("finger", "print"), ("licence", "plate"), ("number", "plate"),
    ("social", "media"), ("wanted", "person"), ("wanted", "list"), ("skin", "colour"), ("mother", "tongue"),
}  # fmt: skip
"""Two words side by side that mean the same."""

PERSONAL = {"name", "number", "words", "person", "patient", "phone", "surname", "birth", "birthday", "age", "sex", "gender", "email"}
"""With ``caller`` or ``patient`` before them, or alone where only a person has them: such a field must be sealed."""

NOT_A_PERSONS = {"at_patient", "age_ms"}  # that a crew reached the patient, not who that is; how old a position is


def words_of(name: str) -> list[str]:
    """``watchList_id`` → watch, list, id."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def crosses_the_line(name: str) -> bool:
    """Whether a name speaks of what Tocsin never does."""
    words = words_of(name)
    return bool(FORBIDDEN & set(words)) or any(pair in FORBIDDEN_PAIRS for pair in itertools.pairwise(words))


def structs_in(kind: Any, seen: set[type] | None = None) -> Iterator[type]:
    """Every struct that a type can hold, itself included."""
    seen = set() if seen is None else seen
    if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
        if kind not in seen:
            seen.add(kind)
            yield kind
            for field in msgspec.structs.fields(kind):
                yield from structs_in(field.type, seen)
    elif get_origin(kind) is not None or isinstance(kind, types.UnionType):
        for part in get_args(kind):
            yield from structs_in(part, seen)


def literals_in(kind: Any) -> Iterator[str]:
    """The fixed words that a field may hold."""
    for part in get_args(kind):
        if isinstance(part, str):
            yield part
        else:
            yield from literals_in(part)


def names_in(struct: type) -> Iterator[str]:
    """A struct's own name, its fields' names and the words that these may hold."""
    yield struct.__name__
    for field in msgspec.structs.fields(struct):
        yield field.name
        yield from literals_in(field.type)


def is_personal(struct: type, field: str) -> bool:
    """Whether a field holds something of a person who is not on duty."""
    if field in NOT_A_PERSONS:
        return False
    words = words_of(field)
    of_a_person = {"caller", "patient", "person", "victim", "witness"} & set(words)
    return bool(of_a_person) or bool(set(words) & (PERSONAL - {"name", "number", "words"})) or field == "words"


def holds_only_sealed(kind: Any) -> bool:
    """``Personal``, ``Sealed``, or nothing."""
    parts = set(get_args(kind)) if get_origin(kind) in (Union, types.UnionType) else {kind}
    return parts <= {Plain, Sealed, types.NoneType} and Sealed in parts


def modules() -> Iterator[types.ModuleType]:
    """Every module of the core, of the read models and of the codecs."""
    for part in ("core", "views", "formats"):
        package = importlib.import_module(f"tocsin.{part}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def structs_of_modules() -> list[type]:
    """Structs, named tuples and dataclasses of those modules."""
    found: dict[type, None] = {}
    for module in modules():
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__.startswith("tocsin") and issubclass(value, (msgspec.Struct, tuple)):
                found[value] = None
    return list(found)


def identifiers_in(source: str) -> Iterator[str]:
    """Names that code defines, and the keys that it looks up; comments and docstrings are free to say what is not done."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


MESSAGES = [*structs_in(Command), *(struct for struct in structs_in(Event) if struct not in set(structs_in(Command)))]


def test_all_messages_are_looked_at() -> None:
    named = {struct.__name__ for struct in MESSAGES}
    assert {part.__name__ for part in (*get_args(Command), *get_args(Event))} <= named
    assert {"Place", "LonLat", "Sealed", "Receipt", "Candidate", "Slot", "Alternative", "ResponsePlan"} <= named


@pytest.mark.parametrize("struct", MESSAGES, ids=lambda struct: struct.__name__)
def test_no_message_speaks_of_what_tocsin_never_does(struct: type) -> None:
    assert [name for name in names_in(struct) if crosses_the_line(name)] == []


def test_no_record_answer_or_codec_does_either() -> None:
    crossing = []
    for struct in structs_of_modules():
        names = names_in(struct) if issubclass(struct, msgspec.Struct) else (struct.__name__, *getattr(struct, "_fields", ()))
        crossing += [f"{struct.__name__}.{name}" for name in names if crosses_the_line(name)]
    assert crossing == []


def test_no_code_does_either() -> None:
    crossing = []
    for found in pkgutil.walk_packages(tocsin.__path__, "tocsin."):
        spec = importlib.util.find_spec(found.name)
        if spec is not None and spec.origin is not None and spec.origin.endswith(".py"):
            with open(spec.origin, encoding="utf-8") as file:
                crossing += [f"{found.name}: {name}" for name in identifiers_in(file.read()) if crosses_the_line(name)]
    assert crossing == []


@pytest.mark.parametrize("struct", MESSAGES, ids=lambda struct: struct.__name__)
def test_what_is_a_persons_is_sealed(struct: type) -> None:
    unsealed = [
        field.name for field in msgspec.structs.fields(struct) if is_personal(struct, field.name) and not holds_only_sealed(field.type)
    ]
    assert unsealed == []


def test_the_board_offers_no_look_up_by_person() -> None:
    tables = {name for name, value in vars(Board()).items() if isinstance(value, dict | set)}
    assert tables == {
        "stations",
        "units",
        "crews",
        "calls",
        "loose_calls",
        "incidents",
        "open_incidents",
        "move_ups",
        "move_advice",
        "closures",
        "running_closures",
        "alarms",
        "messages",
        "versions",
        "erased_keys",
    }
    for struct in structs_of_modules():
        fields = msgspec.structs.fields(struct) if issubclass(struct, msgspec.Struct) else ()
        for field in fields:
            if get_origin(field.type) is dict:
                assert not {"caller", "person", "phone", "patient"} & set(words_of(field.name)), f"{struct.__name__}.{field.name}"


def test_nothing_that_the_board_keeps_is_personal() -> None:
    board_modules = [module for module in modules() if module.__name__.startswith("tocsin.core.board")]
    structs = {
        value
        for module in board_modules
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__ and issubclass(value, msgspec.Struct)
    }
    assert len(structs) >= 6
    for struct in structs:
        for field in msgspec.structs.fields(struct):
            assert Sealed not in set(structs_in(field.type)), f"{struct.__name__}.{field.name}"
            assert not is_personal(struct, field.name), f"{struct.__name__}.{field.name}"


def test_positions_in_the_clear_are_of_incidents_stations_and_units_only() -> None:
    """The caller's own place is sealed. Whoever adds a place to another message must say here whose it is."""
    with_place = {
        struct.__name__ for struct in MESSAGES for field in msgspec.structs.fields(struct) if {LonLat, Place} & set(structs_in(field.type))
    }
    assert with_place == {
        "OpenIncident", "IncidentOpened", "RelocateIncident", "IncidentRelocated",  # the incident's
        "OpenStation", "StationOpened",  # a building's
        "ReportUnitStatus", "UnitStatusChanged",  # an on-duty unit's
        "Shape", "CloseRoad", "RoadClosed",  # a road's: what was drawn on the map to close it
        "Place",
    }  # fmt: skip


WITH_SEALED = [event for event in get_args(Event) if any(holds_only_sealed(field.type) for field in msgspec.structs.fields(event))]


@pytest.mark.parametrize("says", WITH_SEALED)
def test_the_encoder_refuses_plain_words_in_every_field(says: type) -> None:
    for field in msgspec.structs.fields(says):
        if holds_only_sealed(field.type):
            given = {other.name: "x" for other in msgspec.structs.fields(says) if other.required}
            said = says(**{**given, field.name: Plain("Ana")})
            with pytest.raises(Broken) as caught:
                encode(Record("call:C1", 1, 0, 0, "page", "k", 1, said))
            assert caught.value.code == "plain_words"


class Made(msgspec.Struct):
    """A made-up message that crosses every line there is."""

    watch_list: str = ""
    imei: str = ""
    face_template: bytes = b""
    caller_name: str = ""
    patient_age: int = 0
    sealed_well: Personal | None = None
    caller_number: Personal | None = None


def test_this_test_sees_a_field_that_crosses_the_line() -> None:
    assert [name for name in names_in(Made) if crosses_the_line(name)] == ["watch_list", "imei", "face_template"]
    unsealed = [field.name for field in msgspec.structs.fields(Made) if is_personal(Made, field.name) and not holds_only_sealed(field.type)]
    assert unsealed == ["caller_name", "patient_age"]
    outer = msgspec.defstruct("Outer", [("inner", dict[str, list[Made]])])
    assert Made in set(structs_in(outer))  # found however deep it lies
    assert list(literals_in(Literal["ethnicity", "calm"] | None)) == ["ethnicity", "calm"]


SPELLINGS = ["watchList", "wantedList", "religion_code", "numberPlate", "DNAProfile", "person_position", "suspects_by_id"]
INNOCENT = ["surface_m", "interface", "terrace", "template", "trace", "grace_ms", "tribunal", "plan", "wishlist_of_slots", "wanted"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_names_are_read_whatever_their_spelling(name: str) -> None:
    assert crosses_the_line(name)


@pytest.mark.parametrize("name", INNOCENT)
def test_innocent_names_are_not_accused(name: str) -> None:
    assert not crosses_the_line(name)
