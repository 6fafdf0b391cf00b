"""Which card is in force: selectors, windows over midnight, specificity, ties, alarm levels."""

import pytest

from tocsin.base.instants import from_local, local_parts
from tocsin.core.engine.plan_matching import Situation, cards_for, slots_of
from tocsin.core.messages.plan import Card, ResponsePlan, Slot

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def plan(*cards: Card) -> ResponsePlan:
    return ResponsePlan("p", ("high", "low"), (), cards)


def names(
    *cards: Card, at: str | None = "mon 12:00", what: str = "fire", priority: str = "high", area: str = "", level: int = 1
) -> list[str]:
    minute = None if at is None else DAYS.index(at[:3]) * 1440 + int(at[4:6]) * 60 + int(at[7:])
    return [card.name for card in cards_for(plan(*cards), Situation(what, priority, area, level, minute))]


def card(name: str, **selectors: object) -> Card:
    return Card(name, (Slot(name, (name,)),), **selectors)


NIGHT = card("night", from_minute=22 * 60, to_minute=6 * 60)
FRIDAY_NIGHT = card("friday", from_minute=22 * 60, to_minute=6 * 60, weekdays=(5,))
SUNDAY_NIGHT = card("sunday", from_minute=22 * 60, to_minute=6 * 60, weekdays=(7,))
OFFICE = card("office", from_minute=8 * 60, to_minute=17 * 60, weekdays=(1, 2, 3, 4, 5))
WEEKEND = card("weekend", weekdays=(6, 7))
EVENING = card("evening", from_minute=18 * 60)
MORNING = card("morning", to_minute=6 * 60)
UNTIL_MIDNIGHT = card("late", from_minute=20 * 60, to_minute=0)


@pytest.mark.parametrize(
    ("one", "at", "is_in_force"),
    [
        (NIGHT, "mon 21:59", False),
        (NIGHT, "mon 22:00", True),
        (NIGHT, "tue 05:59", True),
        (NIGHT, "tue 06:00", False),
        (FRIDAY_NIGHT, "fri 21:59", False),
        (FRIDAY_NIGHT, "fri 22:00", True),
        (FRIDAY_NIGHT, "sat 05:59", True),  # the day on which the window began
        (FRIDAY_NIGHT, "sat 22:00", False),
        (FRIDAY_NIGHT, "fri 05:59", False),
        (SUNDAY_NIGHT, "mon 03:00", True),  # over the end of the week
        (SUNDAY_NIGHT, "sun 03:00", False),
        (OFFICE, "fri 16:59", True),
        (OFFICE, "fri 17:00", False),
        (OFFICE, "sat 10:00", False),
        (WEEKEND, "sat 00:00", True),
        (WEEKEND, "sun 23:59", True),
        (WEEKEND, "mon 00:00", False),
        (EVENING, "mon 18:00", True),
        (EVENING, "mon 23:59", True),
        (EVENING, "tue 00:00", False),
        (MORNING, "tue 05:59", True),
        (MORNING, "tue 06:00", False),
        (UNTIL_MIDNIGHT, "tue 23:59", True),
        (UNTIL_MIDNIGHT, "tue 00:00", False),
    ],
)
def test_windows(one: Card, at: str, is_in_force: bool) -> None:
    assert names(one, at=at) == ([one.name] if is_in_force else [])


def test_without_a_known_hour_no_window_is_open() -> None:
    assert names(NIGHT, WEEKEND, card("any"), at=None) == ["any"]


def test_the_hour_is_the_one_on_the_centres_wall() -> None:
    at = from_local("2020-04-11 02:30", layout="%Y-%m-%d %H:%M", zone="America/Santiago")  # a Saturday
    minute = local_parts(at, "America/Santiago").minute_of_week
    assert [one.name for one in cards_for(plan(FRIDAY_NIGHT), Situation("fire", "high", "", 1, minute))] == ["friday"]


@pytest.mark.parametrize(
    ("selectors", "fits"),
    [
        ({}, True),
        ({"incident_types": ("fire", "flood")}, True),
        ({"incident_types": ("flood",)}, False),
        ({"priorities": ("high",)}, True),
        ({"priorities": ("low",)}, False),
        ({"areas": ("north",)}, True),
        ({"areas": ("south",)}, False),
        ({"incident_types": ("fire",), "areas": ("south",)}, False),
    ],
)
def test_every_selector_must_fit(selectors: dict[str, object], fits: bool) -> None:
    assert names(card("it", **selectors), area="north") == (["it"] if fits else [])


def test_type_before_area_before_priority_before_window() -> None:
    general = card("general")
    window = card("window", weekdays=(1,))
    priority = card("priority", priorities=("high",))
    area = card("area", areas=("north",))
    kind = card("kind", incident_types=("fire",))
    ordered = [general, window, priority, area, kind]
    for count in range(1, len(ordered) + 1):
        some = ordered[:count]
        assert names(*some, area="north") == [some[-1].name]
        assert names(*reversed(some), area="north") == [some[-1].name]
    all_but_type = card("rest", areas=("north",), priorities=("high",), weekdays=(1,))
    assert names(all_but_type, kind, area="north") == ["kind"]
    assert names(kind, card("both", incident_types=("fire",), weekdays=(1,)), area="north") == ["both"]


def test_ties_go_to_the_first_in_the_plan() -> None:
    first, second = card("first", incident_types=("fire",)), card("second", incident_types=("fire", "flood"))
    assert names(first, second) == ["first"]
    assert names(second, first) == ["second"]


def test_levels_are_additional_and_each_has_its_own_winner() -> None:
    cards = (
        card("one"),
        card("two", alarm_level=2),
        card("two for fires", alarm_level=2, incident_types=("fire",)),
        card("four", alarm_level=4),
    )
    assert names(*cards, level=1) == ["one"]
    assert names(*cards, level=2) == ["one", "two for fires"]
    assert names(*cards, level=3) == ["one", "two for fires"]  # a level without a card adds nothing
    assert names(*cards, level=4, what="flood") == ["one", "two", "four"]
    assert names(*cards, level=10**12) == ["one", "two for fires", "four"]
    assert names(*cards, level=0) == []


def test_slots_come_in_the_order_of_levels() -> None:
    cards = cards_for(plan(card("two", alarm_level=2), card("one")), Situation("fire", "high", "", 2, None))
    assert [slot.name for slot in slots_of(cards)] == ["one", "two"]
