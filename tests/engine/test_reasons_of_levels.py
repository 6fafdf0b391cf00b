"""Reasons of picks where cards of two alarm levels use one name for their slots."""

from tocsin.base.identifiers import CrewId, UnitId
from tocsin.base.quantities import Millis
from tocsin.core.engine.reasons import with_reasons
from tocsin.core.engine.recommend import Contender, recommend
from tocsin.core.messages.plan import Alternative, Slot


def unit(name: str, eta_ms: int, *can: str) -> Contender:
    return Contender(UnitId(name), CrewId(name), frozenset(can), "free", Millis(eta_ms), None)


def test_a_pick_is_told_by_the_slot_that_it_fills_not_by_the_first_of_that_name() -> None:
    """The first level's slot has no alternatives; the second's is filled by one: it is compared with those that could fill that."""
    slots = (Slot("engine", ("engine",)), Slot("engine", ("pump",), alternatives=(Alternative(("tanker",)),)))
    fleet = [unit("E1", 1_000, "engine"), unit("E2", 2_000, "engine"), unit("T1", 3_000, "tanker"), unit("T2", 9_000, "tanker")]
    picks = recommend(slots, fleet, target_ms=None).picks
    assert sorted((pick.unit, pick.choice) for pick in picks) == [("E1", 0), ("T1", 1)]
    told = dict(zip((pick.unit for pick in picks), with_reasons(picks, slots, fleet, None, lambda _: {}), strict=True))
    assert [(name, reason.code, reason.ms) for name in ("E1", "T1") for reason in told[name]] == [
        ("E1", "CLOSEST", 1_000),
        ("T1", "CLOSEST", 6_000),
    ]
