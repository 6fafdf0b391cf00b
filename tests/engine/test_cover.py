"""Counting cover, held against counting from scratch; where one more is worth most; whom the engine spares, held against trying all."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.engine.cover import MOST_COUNTED, Cover, counted, worth_ppb
from tocsin.core.engine.move_up import NO_WAY_MS, MoveUpRule, best_station, table_station
from tocsin.core.engine.recommend import Contender, recommend
from tocsin.core.messages.cover import PPB, CoverModel, CoverRow
from tocsin.core.messages.plan import Slot

STATIONS = 4
rows = st.lists(
    st.tuples(
        st.sampled_from(["north", "south"]),
        st.sets(st.integers(0, STATIONS - 1)).map(lambda names: tuple(sorted(names))),
        st.integers(0, PPB),
    ),
    min_size=1,
    max_size=6,
)
models = st.builds(
    lambda told, busy: CoverModel("", tuple(f"S{nth}" for nth in range(STATIONS)), tuple(CoverRow(*row) for row in told), busy),
    rows,
    st.sampled_from([0, 300_000, 999_999]),
)
steps = st.lists(st.tuples(st.booleans(), st.integers(0, STATIONS - 1)), max_size=40)


def covered(model: CoverModel, at: list[int]) -> dict[str, int]:
    """By area, from the definition; the worth of each further unit rounded down as the module says."""
    total: dict[str, int] = {}
    for row in model.rows:
        reach = sum(station in row.stations for station in at)
        total[row.area] = total.get(row.area, 0) + sum(worth_ppb(row.weight_ppb, model.busy_ppm)[:reach])
    return total


def less(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {area: one[area] - other[area] for area in one if one[area] != other[area]}


@settings(max_examples=300)
@given(models, steps)
def test_every_number_is_what_counting_anew_gives(model: CoverModel, moves: list[tuple[bool, int]]) -> None:
    cover, at = Cover(model), list[int]()
    for is_put, station in moves:
        if is_put:
            cover.put(station)
            at.append(station)
        elif station in at:
            cover.take(station)
            at.remove(station)
    fresh, now = counted(model, at), covered(model, at)
    assert (cover.counts, cover.gain_ppb, cover.loss_ppb) == (fresh.counts, fresh.gain_ppb, fresh.loss_ppb)
    assert cover.covered_ppb() == sum(now.values())
    for station in range(STATIONS):
        more = less(covered(model, [*at, station]), now)
        assert cover.gain_ppb[station] == sum(more.values())
        assert cover.gained_by_area(station) == more
        if station in at:
            fewer = less(now, covered(model, [*at[: at.index(station)], *at[at.index(station) + 1 :]]))
            assert cover.loss_ppb[station] == sum(fewer.values())
            assert cover.lost_by_area([station]) == fewer
    assert cover.lost_by_area(at) == {area: ppb for area, ppb in now.items() if ppb}


def test_a_copy_is_tried_on_and_changes_nothing() -> None:
    model = CoverModel("", ("S0", "S1"), (CoverRow("a", (0,), 400_000_000), CoverRow("b", (0, 1), 600_000_000)))
    cover = counted(model, [0, 1])
    before = (list(cover.counts), list(cover.gain_ppb), list(cover.loss_ppb))
    twin = cover.copy()
    twin.take(0)
    assert (cover.counts, cover.gain_ppb, cover.loss_ppb) == before
    assert (twin.counts, twin.gain_ppb) == ([0, 1], counted(model, [1]).gain_ppb)


def test_the_first_units_worth_most() -> None:
    worths = worth_ppb(PPB, 300_000)
    assert worths[:3] == (700_000_000, 210_000_000, 63_000_000)
    assert worths[MOST_COUNTED] == 0
    assert all(abs(worth - Fraction(7, 10) * Fraction(3, 10) ** nth * PPB) <= 1_001 for nth, worth in enumerate(worths[:-1]))


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from([NO_WAY_MS, 0, 1000, 2000, 60_000])), min_size=1, max_size=6),
    st.integers(0, 5),
    st.builds(MoveUpRule, st.integers(0, 3), st.integers(0, 2)),
)
def test_the_best_station_is_found_by_trying_all(told: list[tuple[int, int]], own: int, rule: MoveUpRule) -> None:
    own %= len(told)
    gains, drives = [gain for gain, _ in told], [ms for _, ms in told]
    best = best_station(gains, drives, own, rule)

    def worth(station: int) -> int:
        if station == own:
            return gains[own] + rule.least_gain_ppb
        longer_ms = max(0, drives[station] - drives[own]) if drives[own] >= 0 else 0
        return gains[station] - rule.price_ppb_per_s * longer_ms // 1000

    allowed = [station for station in range(len(told)) if drives[station] >= 0] or [own]
    assert best in allowed
    assert worth(best) == max(map(worth, allowed))
    assert best == own or drives[own] < 0 or worth(own) < worth(best)


def test_a_table_sends_home_first_and_else_to_the_nearest_gap() -> None:
    assert table_station([True, True], [500, 10], 0) == 0
    assert table_station([False, True, True], [0, 500, 90], 0) == 2
    assert table_station([False, True], [0, NO_WAY_MS], 0) == 0
    assert table_station([True, True], [NO_WAY_MS, 500], 0) == 1
    assert table_station([True, False], [NO_WAY_MS, 500], 0) == 0
    assert table_station([False, False], [0, 10], 0) == 0


etas = st.integers(0, 8).map(lambda nth: nth * 60_000)
units = st.lists(
    st.tuples(etas, st.integers(0, 4), st.sampled_from([None, None, 60_000]), st.sampled_from([0, 0, 120_000])), min_size=1, max_size=6
)


def fleet_of(told: list[tuple[int, int, int | None, int]]) -> list[Contender]:
    """Some would have to be diverted, some asked for."""
    return [
        Contender(
            f"U{nth}", f"U{nth}", frozenset(("pump",)), "free" if gain_ms is None else "divertible", eta_ms, None,
            handicap_ms=gain_ms or 0, diverted_from=None if gain_ms is None else "I9", loss_ppb=loss if gain_ms is None else None,
            cost_ms=cost_ms,
        )
        for nth, (eta_ms, loss, gain_ms, cost_ms) in enumerate(told)
    ]  # fmt: skip


@settings(max_examples=400)
@given(units, st.sampled_from([None, 60_000, 240_000]))
def test_cover_is_spared_only_by_who_is_in_time(told: list[tuple[int, int, int | None, int]], target_ms: int | None) -> None:
    fleet = fleet_of(told)
    pick = recommend([Slot("engine", ("pump",))], fleet, target_ms=target_ms).picks[0]
    taken = next(one for one in fleet if one.unit == pick.unit)
    free = [one for one in fleet if one.diverted_from is None]
    in_time = [one for one in fleet if target_ms is not None and one.eta_ms <= target_ms]
    assert not in_time or not pick.is_late, "one that is late is never sent while one in time can be"

    def order(one: Contender) -> tuple[bool, int, int]:
        is_late = target_ms is not None and one.eta_ms > target_ms
        return is_late, one.loss_ppb or 0 if target_ms is not None and not is_late else 0, one.eta_ms + one.handicap_ms + one.cost_ms

    if taken.diverted_from is None:
        assert order(taken) == min(map(order, free))
    elif free:
        best = min(free, key=order)
        wins_ms = best.eta_ms + best.cost_ms - taken.eta_ms - taken.cost_ms
        assert order(best)[0] > order(taken)[0] or wins_ms >= taken.handicap_ms, "a divert has to win by what the rule asks"


@settings(max_examples=200)
@given(units, st.sampled_from([None, 60_000]))
def test_what_is_not_weighed_changes_nothing(told: list[tuple[int, int, int | None, int]], target_ms: int | None) -> None:
    fleet = [one._replace(loss_ppb=None) for one in fleet_of(told)]
    nothing = [one._replace(loss_ppb=0 if one.diverted_from is None else None) for one in fleet]
    slots = [Slot("engine", ("pump",), 2)]
    assert recommend(slots, fleet, target_ms=target_ms).picks == recommend(slots, nothing, target_ms=target_ms).picks
