"""A city as bytes, and what an experiment quotes of it: equal cities have equal digests, whatever they were read from."""

from hashlib import sha256
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.canonical import canonical
from tocsin.core.messages.plan import Posting
from tocsin.lab.city.model import (
    CallKind,
    City,
    CrewedUnit,
    Divert,
    Happening,
    HospitalSite,
    PriorityClass,
    Roads,
    Span,
    StationSite,
    Surge,
    Turnout,
)

ARRAYS: Final = ("place_lon", "place_lat", "place_area", "place_weights")
PARTS: Final[dict[str, Any]] = {
    "name": str, "timezone": str, "areas": tuple[str, ...], "priorities": tuple[PriorityClass, ...], "kinds": tuple[CallKind, ...],
    "stations": tuple[StationSite, ...], "hospitals": tuple[HospitalSite, ...], "units": tuple[CrewedUnit, ...],
    "turnouts": tuple[Turnout, ...], "diverts": tuple[Divert, ...], "call_taking": Span, "call_takers": int, "travel_spread": float,
    "travel_ppm": tuple[int, ...], "happenings": tuple[Happening, ...], "surges": tuple[Surge, ...], "wrong_priority_ppm": int,
    "postings": tuple[Posting, ...], "posting_needs": str, "target_from": tuple[str, ...], "sources": tuple[str, ...], "data_to": str,
    "remarks": tuple[tuple[str, tuple[tuple[str, Any], ...]], ...],
}  # fmt: skip
"""Everything of a city but its arrays and its digest."""
KINDS: Final = {name: np.dtype(kind) for name, kind in zip(ARRAYS, ("<f8", "<f8", "<i2", "<f8"), strict=True)}
KINDS.update(lights_ms=np.dtype("<i4"), normal_ms=np.dtype("<i4"), lights_via=np.dtype("<i2"), normal_via=np.dtype("<i2"))


def arrays_of(city: City) -> list[tuple[str, NDArray[Any]]]:
    """Name and array, in one order, in the types of a file."""
    named = [(name, getattr(city, name)) for name in ARRAYS]
    for roads in (city.roads, *city.other_roads):
        named += zip(Roads._fields, roads, strict=True)
    return [(name, np.ascontiguousarray(array, dtype=KINDS[name])) for name, array in named]


def parts_of(city: City) -> dict[str, Any]:
    """The rest, by name."""
    return {name: getattr(city, name) for name in PARTS}


ABOUT: Final = ("remarks", "sources", "data_to", "target_from")
"""What is said of a city and decides nothing in it."""


def sealed(city: City) -> City:
    """The same city with the digest of what it is."""
    total = sha256(canonical({name: value for name, value in parts_of(city).items() if name not in ABOUT}))
    for name, array in arrays_of(city):
        total.update(f"{name} {array.shape}\n".encode())
        total.update(array.data)
    return city._replace(digest=total.hexdigest())


MAGIC: Final = b"tocsin-city-1\n"


def packed(city: City) -> list[bytes | memoryview]:
    """The city in pieces that belong one after the other: sign, SHA-256 of the rest, length of the head, head, arrays."""
    arrays = arrays_of(city)
    head = canonical({
        "parts": parts_of(city), "digest": city.digest, "other_roads": len(city.other_roads),
        "names": [name for name, _ in arrays],
            "shapes": [list(array.shape) for _, array in arrays],
    })  # fmt: skip
    body: list[bytes | memoryview] = [len(head).to_bytes(8, "little"), head]
    body += [array.reshape(-1).view(np.uint8).data for _, array in arrays]
    total = sha256()
    for piece in body:
        total.update(piece)
    return [MAGIC, total.digest(), *body]


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    parts: dict[str, msgspec.Raw]
    digest: str
    other_roads: int
    names: list[str]
    shapes: list[list[int]]


def unpacked(data: bytes | bytearray) -> City | None:
    """The city of ``packed`` bytes; None where they are cut, changed or of another version: whoever asks makes it anew.

    Its arrays lie in ``data``: those of a bytearray can be written to, as those of a city that was just made.
    """
    view = memoryview(data)
    begin = len(MAGIC) + 32
    if bytes(view[: len(MAGIC)]) != MAGIC or sha256(view[begin:]).digest() != bytes(view[len(MAGIC) : begin]):
        return None
    length = int.from_bytes(view[begin : begin + 8], "little")
    try:
        head = msgspec.json.decode(view[begin + 8 : begin + 8 + length], type=_Head)
        parts = {name: msgspec.json.decode(head.parts[name], type=kind) for name, kind in PARTS.items()}
    except (msgspec.MsgspecError, KeyError):
        return None  # whole, but written by a version of other fields
    arrays, at = [], begin + 8 + length
    for name, shape in zip(head.names, head.shapes, strict=True):
        size = int(np.prod(shape, dtype=np.int64))
        # A copy where it lies across words: what is compiled for whole ones would be compiled once more, and memory views refuse it.
        arrays.append(np.require(np.frombuffer(data, KINDS[name], size, at).reshape(shape), requirements="A"))
        at += size * KINDS[name].itemsize
    first, rest = len(ARRAYS), len(Roads._fields)
    sets = [Roads(*arrays[first + nth * rest : first + (nth + 1) * rest]) for nth in range(1 + head.other_roads)]
    made: dict[str, Any] = {**parts, **dict(zip(ARRAYS, arrays[:first], strict=True))}
    return City(**made, roads=sets[0], other_roads=tuple(sets[1:]), digest=head.digest)
