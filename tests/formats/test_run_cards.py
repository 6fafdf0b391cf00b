"""Run cards from a habit: which kinds get a slot, how many, and which card stands in for a rare call."""

from tocsin.formats.run_cards import FirstAlarm, Support, infer_cards

ROLES = {"medic": "ambulance", "private": "ambulance"}


def alarms(text: str) -> list[FirstAlarm]:
    """``5 fire/3 engine engine truck`` = five such calls."""
    found = []
    for line in text.strip().splitlines():
        times, key, *kinds = line.split()
        found += [FirstAlarm(*key.split("/"), tuple(kinds))] * int(times)
    return found


def cards(text: str) -> dict[str, str]:
    """Card name → its slots, ``2 engine | ambulance`` style."""
    inferred = infer_cards(alarms(text), ROLES)
    return {
        str(card.name): ", ".join(
            f"{slot.count} {'+'.join(slot.needs)}{''.join(' or ' + '+'.join(one.needs) for one in slot.alternatives)}"
            for slot in card.slots
        )
        for card in inferred.cards
    }


def test_kinds_in_half_of_the_calls_get_a_slot_with_their_usual_count() -> None:
    found = cards("""
        4 fire/3 engine engine truck
        3 fire/3 engine engine
        1 fire/3 engine engine engine truck chief
        2 fire/2 engine
    """)
    assert found["fire/3"] == "2 engine, 1 truck"
    assert found["fire"] == "2 engine, 1 truck"
    assert "fire/2" not in found, "two calls are no habit"
    assert found["any/2"] == "1 engine"
    assert list(found) == ["fire/3", "fire", "any/2", "any/3", "any"], "the most specific first"


def test_kinds_that_stand_in_for_one_another_share_a_slot() -> None:
    assert cards("3 sick/2 medic\n4 sick/2 private\n2 sick/2 engine")["sick"] == "1 private or ambulance"


def test_type_of_one_priority_has_one_card() -> None:
    assert list(cards("6 sick/2 medic")) == ["sick", "any/2", "any"]


def test_rare_type_falls_back_to_the_cards_for_any_type() -> None:
    assert list(cards("4 odour/3 engine\n9 sick/3 medic")) == ["sick", "any/3", "any"]


def test_when_nothing_is_usual_the_most_frequent_kind_is_sent() -> None:
    assert cards("2 odd/3 engine\n2 odd/3 truck\n2 odd/3 chief\n1 odd/3 truck")["odd"] == "1 truck"


def test_ties_do_not_depend_on_the_order_of_the_calls() -> None:
    text = "3 a/3 engine truck\n3 a/3 engine engine chief"
    assert infer_cards(alarms(text), ROLES) == infer_cards(alarms(text)[::-1], ROLES)
    assert cards(text)["a"] == "1 engine, 1 chief, 1 truck"


def test_support_counts_calls_sent_exactly_so() -> None:
    inferred = infer_cards(alarms("4 fire/3 engine truck\n1 fire/3 engine\n1 fire/3 engine truck chief"), ROLES)
    assert inferred.support["fire"] == Support(6, 4)
    assert set(inferred.support) == {str(card.name) for card in inferred.cards}
