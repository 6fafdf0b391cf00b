"""Spellings that mean the same fold to the same; others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.places.folding import KIND, SMALL, fold, key_of, level

SAME = [
    ("3RD ST", "Third Street"),
    ("03RD ST", "3rd st."),
    ("O'Farrell St", "OFARRELL STREET"),
    ("rue de l'Église", "RUE DE L EGLISE"),
    ("C/ Mayor", "Calle Mayor"),
    ("Av. da Liberdade", "Avenida da Liberdade"),
    ("Pç. do Comércio", "Praça do Comercio"),
    ("R. de São Bento", "Rua de Sao Bento"),
    ("Bd. Voltaire", "boulevard voltaire"),
    ("Tv. do Carmo", "Travessa do Carmo"),
    ("Hauptstr.", "Hauptstraße"),
    ("Hauptstr", "HAUPTSTRASSE"),
    ("St. Luzi-Strasse", "Sankt Luzi Str."),
    ("ul. Łódzka", "Ulica Lodzka"),
    ("Pl. Wolności", "Plac Wolnosci"),
    ("Van Ness Av", "VAN NESS AVENUE"),
    ("Great Hy", "Great Highway"),
    ("N Point St", "North Point Street"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key_of(fold(one)) == key_of(fold(other))


@pytest.mark.parametrize(("one", "other"), [("3rd St", "13th St"), ("Market St", "Market Ave"), ("Rua Nova", "Rua Velha"), ("Ost", "West")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert key_of(fold(one)) != key_of(fold(other))


def test_kinds_weigh_less_than_names_and_small_words_least() -> None:
    assert [word.weight for word in fold("Rua da Torrinha")] == [KIND, SMALL, 1.0]


def test_control_signs_and_directions_of_writing_become_spaces() -> None:
    assert level("Market\x00\u202eSt\x1b[2J") == "market  st [2j"


@given(st.text(max_size=300))
def test_any_text_folds_and_its_words_fold_to_themselves(text: str) -> None:
    for word in fold(text):
        assert word.text
        assert not set(word.text) & set(" \"'*")
