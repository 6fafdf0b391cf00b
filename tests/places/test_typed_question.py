"""What a typed text may ask for."""

import pytest

from tocsin.places.folding import key_of
from tocsin.places.question import LONGEST_TEXT, Ask, label_of, readings


def asks(text: str, **wanted: object) -> bool:
    """Whether one of the readings is so."""
    return any(all(shown(ask)[name] == value for name, value in wanted.items()) for ask in readings(text))


def shown(ask: Ask) -> dict[str, object]:
    number = ask.number
    return {
        "name": key_of(ask.words),
        "label": number.label if number else None,
        "numbers": (number.first, number.last) if number else None,
        "other": key_of(ask.other) if ask.other is not None else None,
        "km": ask.km,
    }


@pytest.mark.parametrize("text", ["12a Market St", "Market St 12a", "market st., 12 A", "Market St. 12-a"])
def test_a_number_stands_before_or_after_its_street(text: str) -> None:
    assert asks(text, name="market st", label="12a")


def test_ranges_and_halves() -> None:
    assert asks("12-16 Market St", name="market st", numbers=(12, 16), label="12-16")
    assert asks("Market St 12–16", name="market st", numbers=(12, 16))
    assert asks("625 1/2 OAK ST", name="oak st", numbers=(625, 625))
    assert asks("Dorfstrasse 39A/B", name="dorfstrasse", label="39a-b")


@pytest.mark.parametrize("text", ["800 block of Market St", "800 BLOCK OF MARKET ST", "8XX Market St", "850 blk Market St"])
def test_blocks(text: str) -> None:
    assert asks(text, name="market st", numbers=(800, 899), label="")


def test_block_nought() -> None:
    assert asks("0 Block of MARKET ST", name="market st", numbers=(0, 99))


@pytest.mark.parametrize(
    "text",
    [
        "Haight St / Ashbury St",
        "Haight St/Ashbury St",
        "haight st and ashbury st",
        "Haight St & Ashbury St",
        "Haight St y Ashbury St",
        "Haight St e Ashbury St",
        "Haight St et Ashbury St",
        "Haight St esquina Ashbury St",
        "Haight St x Ashbury St",
        "corner of Haight St and Ashbury St",
    ],
)
def test_crossings(text: str) -> None:
    assert asks(text, name="haight st", other="ashbury st")


def test_an_ordinal_is_no_house_number() -> None:
    assert not any(ask.number for ask in readings("3rd St"))
    assert asks("24 24th St", name="24 st", label="24")


def test_posts() -> None:
    assert asks("A1 km 23.4", name="a1", km=23.4)
    assert asks("N101 pk 12+300", name="n101", km=12.3)


def test_labels_are_compared_as_they_are_meant() -> None:
    assert {label_of(text) for text in ("12a", "12 A", "12-a", "12a'")} == {"12a"}
    assert label_of("12-16") == label_of("12–16") == label_of("12/16") == "12-16"


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert readings("x" * LONGEST_TEXT + " 12") == readings("x" * LONGEST_TEXT)
    assert readings("") == readings("  \x00\u202e ") == []
