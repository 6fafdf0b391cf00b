"""Chance is drawn thing by thing: what is changed changes its own draws and no other's; queues for call-takers and surges by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.base.faults import BadInput
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import HOURS_PER_WEEK, CallKind, City, Span, Surge, Turnout
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import FURTHER_REPORT_MS, Streams, draw_calls

SQUARE = square_city(9, 4, calls_per_hour=9.0)
CITY = SQUARE._replace(
    travel_spread=0.2,
    wrong_priority_ppm=100_000,
    turnouts=(*SQUARE.turnouts, Turnout("car", Span(40_000, "exponential"), Span(8_000, "gamma", 2.0))),
    kinds=tuple(replace(kind, second_report_ppm=200_000, transport_ppm=500_000) for kind in SQUARE.kinds),
)
"""Nothing in it is certain."""
URGENT, OTHER = CITY.kinds


def drawn(city: City, *, seed: int = 1, replication: int = 1, days: float = 2, load: float = 1.0) -> Calls:
    return draw_calls(city, seed=seed, replication=replication, days=days, load=load)


def kind_of(city: City, nth: int, **changes: object) -> City:
    return city._replace(kinds=tuple(replace(kind, **changes) if at == nth else kind for at, kind in enumerate(city.kinds)))


def changed(one: Calls, other: Calls) -> set[str]:
    """Columns that differ."""
    return {name for name in Calls._fields if not np.array_equal(getattr(one, name), getattr(other, name))}


def heaped(city: City) -> City:
    weights = np.arange(1.0, city.places + 1)
    return city._replace(place_weights=(weights / weights.sum())[None, :])


CHANGES: dict[str, tuple[Callable[[City], City], set[str]]] = {
    "call-taking": (lambda city: city._replace(call_taking=Span(200_000, "exponential")), {"ready_ms"}),
    "on scene": (lambda city: kind_of(city, 0, on_scene=Span(5_000, "exponential")), {"on_scene_ms"}),
    "transport": (lambda city: kind_of(city, 0, transport_ppm=900_000), {"is_transport"}),
    "handover": (lambda city: kind_of(city, 0, handover=Span(5_000, "lognormal", 0.4)), {"handover_ms"}),
    "reports": (lambda city: kind_of(city, 0, second_report_ppm=600_000), {"reports"}),
    "turnout": (lambda city: city._replace(turnouts=(city.turnouts[0], replace(city.turnouts[1], on_road=Span(7)))), {"turnout_ms"}),
    "spread of drives": (lambda city: city._replace(travel_spread=0.4), {"travel_ppm"}),
    "wrong priorities": (lambda city: city._replace(wrong_priority_ppm=400_000), {"told_priority"}),
    "where from": (heaped, {"place"}),
    "drives": (lambda city: city._replace(travel_ppm=(1_500_000,) * 168), set()),
    "targets": (lambda city: city._replace(priorities=tuple(replace(one, target_ms=1) for one in city.priorities)), set()),
    "who goes": (lambda city: city._replace(units=city.units[:1], diverts=(), hospitals=(), stations=city.stations[:1]), set()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_change_changes_one_column(what: str) -> None:
    change, columns = CHANGES[what]
    assert changed(drawn(CITY), drawn(change(CITY))) == columns


@pytest.mark.parametrize("what", ["on scene", "transport", "handover", "reports"])
def test_a_change_of_one_kind_leaves_calls_of_the_other(what: str) -> None:
    before, after = drawn(CITY), drawn(CHANGES[what][0](CITY))
    others = before.kind == 1
    assert (
        others.any() and changed(Calls._make(column[others] for column in before), Calls._make(column[others] for column in after)) == set()
    )


def test_turnouts_of_one_kind_of_unit_leave_those_of_others() -> None:
    before, after = drawn(CITY).turnout_ms, drawn(CHANGES["turnout"][0](CITY)).turnout_ms
    assert np.array_equal(before[:, 0], after[:, 0]) and np.array_equal(before[:, 1, 0], after[:, 1, 0])
    assert set(after[:, 1, 1].tolist()) == {7} != set(before[:, 1, 1].tolist())


def test_the_order_of_kinds_and_turnouts_means_nothing() -> None:
    turned = CITY._replace(kinds=CITY.kinds[::-1], turnouts=CITY.turnouts[::-1])
    one, other = drawn(CITY), drawn(turned)
    assert np.array_equal(one.kind, 1 - other.kind) and np.array_equal(one.turnout_ms, other.turnout_ms[:, ::-1])
    assert changed(one, other) == {"kind", "turnout_ms"}


def test_one_more_kind_leaves_every_call_that_there_was() -> None:
    fire = CallKind("fire", 0, (1.0,) * HOURS_PER_WEEK)
    before, after = drawn(CITY), drawn(CITY._replace(kinds=(*CITY.kinds, fire)))
    kept = after.kind < 2
    assert kept.sum() == before.size < after.size
    assert changed(before, Calls._make(column[kept] for column in after)) == set()


def test_calls_for_several_units_leave_the_first_units_time_on_scene() -> None:
    """A card that wants more is a change of who goes, not of what the first finds there."""
    two = kind_of(CITY, 0, slots=(Slot("engine", ("engine",), 2),))
    three = kind_of(CITY, 0, slots=(Slot("engine", ("engine",), 2), Slot("chief", ("chief",))))
    one, pair, triple = (drawn(city).on_scene_ms for city in (CITY, two, three))
    assert [column.shape[1] for column in (one, pair, triple)] == [1, 2, 3]
    assert np.array_equal(one[:, 0], pair[:, 0]) and np.array_equal(pair, triple[:, :2])
    assert abs(float(np.corrcoef(triple[:, 0], triple[:, 1])[0, 1])) < 0.2, "each unit has its own"


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.text(max_size=8), st.text(max_size=8))
@settings(max_examples=50)
def test_streams_are_named_and_every_name_counts(seed: int, replication: int, one: str, other: str) -> None:
    streams = Streams(seed, replication)
    first = streams.named(one, other).integers(0, 1 << 62, 4).tolist()
    assert first == Streams(seed, replication).named(one, other).integers(0, 1 << 62, 4).tolist()
    for different in (Streams(seed + 1, replication), Streams(seed, replication + 1)):
        assert different.named(one, other).integers(0, 1 << 62, 4).tolist() != first
    assert streams.named(one, other, "more").integers(0, 1 << 62, 4).tolist() != first


def test_longer_runs_begin_as_shorter_ones_do() -> None:
    """Arrivals of the first hours do not depend on how long the run is where rates are those of one hour of one kind."""
    short, long = drawn(CITY, days=1), drawn(CITY, days=3)
    counts = [np.bincount(calls.at_ms[calls.at_ms < 86_400_000] // 3_600_000, minlength=24).tolist() for calls in (short, long)]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("days", [0.01, 0.5, 1, 6.99])
def test_no_call_comes_after_the_end(days: float) -> None:
    calls = drawn(SQUARE._replace(kinds=tuple(replace(kind, per_hour=(60.0,) * 168) for kind in SQUARE.kinds)), days=days)
    assert calls.size and calls.at_ms.max() < days * 86_400_000 and calls.at_ms.min() >= 0


def test_rates_follow_the_hours_of_the_week() -> None:
    """Calls in one hour of the week only: on Wednesdays from 5 to 6."""
    hour = 2 * 24 + 5
    only = tuple(50.0 if nth == hour else 0.0 for nth in range(168))
    calls = drawn(kind_of(kind_of(SQUARE, 0, per_hour=only), 1, per_hour=(0.0,) * 168), days=21)
    assert set((calls.at_ms // 3_600_000 % 168).tolist()) == {hour}
    assert calls.size == pytest.approx(150, abs=4 * 150**0.5)


# ---- spans


@pytest.mark.parametrize(
    ("span", "middle", "share_below_mean"),
    [
        (Span(60_000), 60_000, 0.0),
        (Span(60_000, "exponential"), 60_000 * np.log(2), 1 - np.exp(-1)),
        (Span(60_000, "lognormal", 0.5), 60_000 * np.exp(-0.125), 0.5987),
        (Span(60_000, "gamma", 1.0), 60_000 * np.log(2), 1 - np.exp(-1)),
        (Span(0, "observed", values_ms=(1, 2, 9)), 2, None),
    ],
    ids=lambda one: getattr(one, "law", ""),
)
def test_laws_have_their_middles(span: Span, middle: float, share_below_mean: float | None) -> None:
    """Medians known in closed form; of the log-normal, half its variance below the mean: Φ(sigma / 2)."""
    handover_ms = drawn(kind_of(kind_of(SQUARE, 0, handover=span), 1, handover=span), days=40).handover_ms
    assert float(np.median(handover_ms)) == pytest.approx(middle, rel=0.05)
    if share_below_mean is not None:
        assert float(np.mean(handover_ms < 60_000)) == pytest.approx(share_below_mean, abs=0.02)


def test_spans_are_whole_and_never_negative() -> None:
    for span in (Span(1, "exponential"), Span(3, "lognormal", 2.0), Span(2, "gamma", 0.1), Span(0)):
        ms = drawn(kind_of(SQUARE, 0, on_scene=span)).on_scene_ms
        assert ms.dtype == np.int64 and ms.min() >= 0


# ---- wrong priorities


def test_who_is_told_wrongly_is_told_a_neighbour_that_there_is() -> None:
    always = CITY._replace(wrong_priority_ppm=1_000_000)
    calls = drawn(always)
    assert np.array_equal(calls.told_priority, 1 - calls.priority), "of two priorities the other"
    alone = always._replace(priorities=always.priorities[:1], kinds=(URGENT, replace(OTHER, priority=0)))
    assert np.array_equal(drawn(alone).told_priority, drawn(alone).priority), "of one there is no other"


# ---- several reports, few call-takers


def queued(city: City, takers: int) -> Calls:
    return drawn(city._replace(call_takers=takers), days=1)


def test_one_call_taker_serves_one_after_the_other() -> None:
    """By hand: ready = the later of coming and the last one's end, and five minutes."""
    city = kind_of(kind_of(SQUARE._replace(call_taking=Span(300_000)), 0, second_report_ppm=0), 1, second_report_ppm=0)
    calls, done_ms, expected = queued(city, 1), 0, []
    for at_ms in calls.at_ms.tolist():
        done_ms = max(at_ms, done_ms) + 300_000
        expected.append(done_ms)
    assert calls.ready_ms.tolist() == expected
    assert max(np.array(expected) - calls.at_ms) > 300_000, "somebody waited"


@pytest.mark.parametrize("takers", [1, 2, 3, 8])
def test_more_call_takers_never_make_anybody_wait_longer(takers: int) -> None:
    city = CITY._replace(call_taking=Span(240_000, "exponential"))
    fewer, more, endless = queued(city, takers), queued(city, takers + 1), queued(city, 0)
    assert np.all(more.ready_ms <= fewer.ready_ms) and np.all(endless.ready_ms <= more.ready_ms)
    assert changed(fewer, endless) <= {"ready_ms"}


def test_further_reports_take_call_takers_from_others_and_change_nothing_else() -> None:
    """The same events, told by one and by many: whoever calls next waits behind the reports."""
    city = kind_of(kind_of(CITY._replace(call_taking=Span(200_000)), 0, second_report_ppm=0), 1, second_report_ppm=0)
    told = kind_of(kind_of(city, 0, second_report_ppm=700_000), 1, second_report_ppm=700_000)
    once, often = queued(city, 1), queued(told, 1)
    assert changed(once, often) == {"ready_ms", "reports"} and often.reports.mean() > 2
    assert np.all(often.ready_ms >= once.ready_ms) and (often.ready_ms > once.ready_ms).mean() > 0.5
    assert changed(queued(city, 0), queued(told, 0)) == {"reports"}, "where nobody waits for a call-taker reports cost nothing"


def test_further_reports_come_about_a_minute_later() -> None:
    """With a call-taker for each, an event is ready when its first report has been taken."""
    city = kind_of(CITY._replace(call_taking=Span(100_000)), 0, second_report_ppm=900_000)
    calls = queued(city, 500)
    assert set((calls.ready_ms - calls.at_ms).tolist()) == {100_000} and FURTHER_REPORT_MS == 60_000


@pytest.mark.parametrize(("ppm", "mean"), [(0, 1.0), (500_000, 2.0), (800_000, 5.0)])
def test_reports_are_a_chain(ppm: int, mean: float) -> None:
    """Again with the same chance: geometric, mean 1 / (1 - p)."""
    calls = drawn(kind_of(kind_of(SQUARE, 0, second_report_ppm=ppm), 1, second_report_ppm=ppm), days=30)
    assert calls.reports.min() == 1 and float(calls.reports.mean()) == pytest.approx(mean, rel=0.05)


# ---- surges


def test_a_surge_is_so_many_of_its_kind_at_its_place_in_its_time() -> None:
    surge = Surge(begins_ms=5_000_000, within_ms=1_200_000, kind=1, calls=25, place=17)
    calls = drawn(kind_of(kind_of(CITY, 0, per_hour=(0.0,) * 168), 1, per_hour=(0.0,) * 168)._replace(surges=(surge,)))
    assert calls.size == 25 and set(calls.place.tolist()) == {17} and set(calls.kind.tolist()) == {1} == set(calls.priority.tolist())
    assert calls.at_ms.min() >= 5_000_000 and calls.at_ms.max() < 6_200_000 and np.all(np.diff(calls.at_ms) >= 0)


def test_two_surges_of_one_sort_are_not_the_same_calls() -> None:
    surge = Surge(begins_ms=5_000_000, within_ms=1_200_000, kind=1, calls=25, place=17)
    quiet = kind_of(kind_of(CITY, 0, per_hour=(0.0,) * 168), 1, per_hour=(0.0,) * 168)
    calls = drawn(quiet._replace(surges=(surge, surge)))
    assert calls.size == 50 and len(set(calls.at_ms.tolist())) > 40
    assert set(drawn(quiet._replace(surges=(surge,))).at_ms.tolist()) <= set(calls.at_ms.tolist())


@pytest.mark.parametrize(("within_ms", "spread"), [(0, 0), (1, 0), (2, 1)])
def test_a_surge_all_at_once(within_ms: int, spread: int) -> None:
    city = CITY._replace(surges=(Surge(1_000, within_ms, 0, 40, 0),))
    at_ms = [at for at in drawn(city).at_ms.tolist() if 1_000 <= at <= 1_001]
    assert len(at_ms) == 40 and max(at_ms) - min(at_ms) == spread


def test_load_multiplies_what_comes_by_itself_and_no_surge() -> None:
    surge = Surge(begins_ms=5_000_000, within_ms=600_000, kind=0, calls=30, place=3)
    for load in (0.25, 4.0):
        with_surge, without = drawn(CITY._replace(surges=(surge,)), load=load), drawn(CITY, load=load)
        assert with_surge.size - without.size == 30
    assert drawn(CITY, load=4.0, days=20).size == pytest.approx(16 * drawn(CITY, load=0.25, days=20).size, rel=0.1)


def test_a_surge_after_the_end_does_not_come() -> None:
    late = CITY._replace(surges=(Surge(2 * 86_400_000, 600_000, 0, 30, 3),))
    assert changed(drawn(late, days=2), drawn(CITY, days=2)) == set() and drawn(late, days=2.1).size > drawn(CITY, days=2.1).size


def test_a_city_that_nobody_calls_about_anything_in_is_told() -> None:
    with pytest.raises(BadInput) as caught:
        drawn(CITY._replace(kinds=()))
    assert (caught.value.code, caught.value.field) == ("draw_no_kinds", "kinds")
