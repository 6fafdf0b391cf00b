"""Numbers counted from parallels: what follows from a regular grid, and what is never touched."""

from itertools import product

from msgspec.structs import replace

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.chains import Segment
from tocsin.places.hundreds import infer_stretches

ACROSS = 5
"""Streets that run east, A to E, and cross streets 0 to 5; 120 m apart."""


def node(street: int, cross: int) -> int:
    return street * 100 + cross


def place(street: int, cross: int) -> LonLat:
    return LonLat(cross * 120 / 111_195, street * 120 / 111_195)


def grid(stated: dict[int, int], step: int = 100) -> list[Segment]:
    """Blocks of a grid; ``stated``: street → number at its first cross street."""
    blocks = []
    for street, cross in product(range(ACROSS), range(5)):
        low = stated[street] + step * cross if street in stated else None
        line = (place(street, cross), place(street, cross + 1))
        high = None if low is None else low + step - 1
        blocks.append(Segment("ABCDE"[street], node(street, cross), node(street, cross + 1), line, Metres(120.0), low, high))
    for cross, street in product(range(6), range(ACROSS - 1)):
        line = (place(street, cross), place(street + 1, cross))
        blocks.append(Segment(f"cross {cross}", node(street, cross), node(street + 1, cross), line, Metres(120.0)))
    return blocks


def inferred(stated: dict[int, int], step: int = 100) -> dict[tuple[str, float], tuple[int, int]]:
    """(street, cross street where the block begins) → numbers."""
    found = infer_stretches(grid(stated, step))
    return {(one.street, round(one.line[0].lon * 111_195 / 120)): (one.first, one.last) for one in found if len(one.street) == 1}


def test_a_street_is_counted_from_its_own_beginning_in_the_steps_of_its_parallels() -> None:
    found = inferred({0: 300, 4: 500})
    assert [found["C", cross] for cross in range(5)] == [(1, 99), (100, 199), (200, 299), (300, 399), (400, 499)]
    wider = inferred({0: 300, 4: 500}, step=200)
    assert [wider["C", cross] for cross in range(3)] == [(1, 199), (200, 399), (400, 599)]


def test_a_street_that_states_some_of_its_numbers_goes_on_from_them() -> None:
    blocks = grid({0: 300})
    held = [replace(one, low=None, high=None) if one.street == "A" and one.tail in (node(0, 3), node(0, 4)) else one for one in blocks]
    found = {one.line[0]: (one.first, one.last) for one in infer_stretches(held) if one.street == "A"}
    assert found == {place(0, 3): (600, 699), place(0, 4): (700, 799)}


def test_what_is_stated_stays_and_what_is_counted_is_marked() -> None:
    found = list(infer_stretches(grid({0: 100, 4: 100})))
    assert not {"A", "E"} & {one.street for one in found}
    assert all(one.origin == "inferred" and one.spread_m >= 50.0 for one in found)


def test_without_any_stated_number_nothing_is_counted() -> None:
    assert list(infer_stretches(grid({}))) == []


def test_equal_input_gives_equal_numbers() -> None:
    assert list(infer_stretches(grid({0: 200}))) == list(infer_stretches(grid({0: 200})))
