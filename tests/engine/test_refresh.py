"""A recommendation that waits is asked for again when a unit that matters has moved or fallen silent, and not more often."""

import pytest

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres, Millis
from tocsin.core.engine.refresh import FEW, LEAST_APART_MS, STALE_MS, Basis, LastPlace, basis_of, should_ask_again
from tocsin.core.messages.facts import Facts, PositionSource, UnitRoad
from tocsin.core.messages.recommendation import Candidate, Pick, Receipt, Standing

ASKED = Instant(1_790_000_000_000)
LATER = Instant(ASKED + LEAST_APART_MS)
HOME = LonLat(-71.25, -29.9)
E1, E2, E3 = UnitId("E1"), UnitId("E2"), UnitId("E3")


def away(metres: float) -> LonLat:
    return LonLat(HOME.lon, HOME.lat + metres / 111_194.93)


def road(source: PositionSource) -> UnitRoad:
    return UnitRoad(source, HOME, Millis(1000), Millis(60_000), Metres(500.0))


def receipt(picks: list[UnitId], others: dict[UnitId, tuple[int | None, Standing]]) -> Receipt:
    candidates = [Candidate(unit, standing, None if eta is None else Millis(eta)) for unit, (eta, standing) in others.items()]
    return Receipt(
        IncidentId("I1"), "nearest", "1", "plan", "1", (), "metric", "", (),
        tuple(Pick("engine", unit, Millis(1)) for unit in picks), (), tuple(candidates),
    )  # fmt: skip


@pytest.fixture
def basis() -> Basis:
    return Basis(ASKED, {E1: HOME, E2: HOME}, frozenset({E1}))


@pytest.mark.parametrize(("metres", "is_worth_it"), [(0, False), (199, False), (201, True), (5_000, True)])
def test_a_unit_that_has_moved_is_worth_a_question(basis: Basis, metres: float, is_worth_it: bool) -> None:
    for unit in (E1, E2):  # E2 was at its station and now says that it is elsewhere
        last = {E1: LastPlace(HOME, LATER)} | {unit: LastPlace(away(metres), LATER)}
        assert should_ask_again(basis, last, LATER) is is_worth_it
        assert not should_ask_again(basis, last, Instant(LATER - 1)), "never sooner than 20 s"
    assert not should_ask_again(basis, {E1: LastPlace(HOME, LATER), E3: LastPlace(away(metres), LATER)}, LATER), "far behind"


def test_a_unit_that_has_fallen_silent_is_too(basis: Basis) -> None:
    last = {E1: LastPlace(HOME, ASKED)}
    assert not should_ask_again(basis, last, Instant(ASKED + STALE_MS))
    assert should_ask_again(basis, last, Instant(ASKED + STALE_MS + 1))
    assert should_ask_again(basis, {}, LATER), "gone from the book: off duty, or its device was taken from it"
    assert not should_ask_again(Basis(ASKED, {E2: HOME}, frozenset()), {}, LATER), "who never said anything has not fallen silent"
    old = {E1: LastPlace(HOME, Instant(ASKED + STALE_MS)), E2: LastPlace(away(900), ASKED)}
    assert not should_ask_again(basis, old, Instant(ASKED + STALE_MS + 1)), "where E2 was long ago tells nothing"


def test_the_chosen_and_the_few_behind_them_are_looked_at() -> None:
    many = {UnitId(f"U{nth:02d}"): (1000 * nth, "free") for nth in range(20)}
    said = receipt([E1], {E1: (90_000, "free"), E2: (1, "busy"), E3: (None, "free"), **many})  # type: ignore[dict-item]
    facts = Facts(roads={unit: road("reported" if unit in (E1, "U00") else "station") for unit in (E1, E2, *many)})
    basis = basis_of(said, facts, ASKED)
    assert list(basis.places) == [E1, *list(many)[:FEW]]
    assert basis.reporting == {E1, "U00"} and basis.at == ASKED
    assert basis_of(receipt([E1], {}), Facts(), ASKED).places == {}
