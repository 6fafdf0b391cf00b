"""How the lab writes numbers: the terminal and the page alike, nothing that cannot be, points told apart from per cent."""

import io
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from experiment_told import MAP, SOURCE, compared_answer, simulated_answer
from tocsin.lab.experiment.intervals import difference
from tocsin.pages.experiment import Source, render_compared, render_simulated
from tocsin.pages.experiment_words import ENOUGH, MEASURES, Kind, LabTongue, is_beyond, is_change_beyond, targets_told
from tocsin.pages.numerals import clock
from tocsin.shown import lab as shown
from tocsin.shown.lab_signs import KINDS, Told
from tocsin.views.experiment_answer import CompareAnswer, Difference, SimulateAnswer, Target
from tocsin.words import languages


@pytest.fixture(scope="module")
def answer() -> CompareAnswer:
    return compared_answer()


@pytest.fixture(scope="module")
def lone() -> SimulateAnswer:
    return simulated_answer()


def text_of(answer: CompareAnswer | SimulateAnswer, language: str = "en", width: int = 80) -> str:
    written = io.StringIO()
    out = Console(file=written, width=width, highlight=False, markup=False)
    (shown.compared if isinstance(answer, CompareAnswer) else shown.simulated)(out, answer, language, None)  # type: ignore[operator]
    return written.getvalue()


# ---- clocks


@given(st.integers(0, 3_000_000))
def test_a_clock_can_be_read_back(seconds: int) -> None:
    parts = [int(part) for part in clock(seconds).split(":")]
    assert len(parts) == (3 if seconds >= 3600 else 2)
    total = 0
    for part in parts:
        total = total * 60 + part
    assert total == seconds
    assert all(0 <= part < 60 for part in parts[1:])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-90, "-1:30"), (-0.4, "0:00"), (0.5, "0:01"), (2.5, "0:03"), (59.5, "1:00"), (3599.5, "1:00:00"), (-3600, "-1:00:00")],
)
def test_half_seconds_go_up_and_less_than_nothing_has_a_sign(seconds: float, text: str) -> None:
    assert clock(seconds) == text


# ---- intervals that cannot be


@pytest.mark.parametrize(
    ("kind", "value", "half", "count", "wanted"),
    [
        ("points", 0.30, 0.20, 3, False),
        ("points", 0.30, 0.31, 3, True),
        ("points", 0.80, 0.21, 3, True),
        ("points", 0.80, 0.21, ENOUGH, False),
        ("points", 0.80, None, 1, False),
        ("seconds", 300.0, 299.0, 2, False),
        ("seconds", 300.0, 301.0, 2, True),
        ("times", 40.0, 30.0, 2, False),
    ],
)
def test_a_level_is_not_less_than_nothing_nor_more_than_all(kind: Kind, value: float, half: float | None, count: int, wanted: bool) -> None:
    assert is_beyond(kind, value, half, count) is wanted


pairs = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=ENOUGH + 2)


@given(pairs)
def test_a_change_is_beyond_only_where_few_pairs_show_nothing(both: list[tuple[float, float]]) -> None:
    base, other = [before for before, _ in both], [after for _, after in both]
    one = difference(base, other)
    assert one.half_width is not None
    told = is_change_beyond("points", one)
    if one.is_shown or len(both) >= ENOUGH:
        assert not told
    elif sum(base) / len(base) + one.mean - one.half_width < -1e-6:
        assert told == bool(one.relative) or abs(one.mean) + one.half_width > 1, "less than nothing would be left"
    text = Told("en").change("share", one)
    assert (text == "too few replications") == told
    assert (text == "no difference shown") == (not told and not one.is_shown)


@pytest.mark.parametrize("language", languages())
def test_too_few_is_told_in_the_terminal_and_on_the_page(answer: CompareAnswer, language: str) -> None:
    first = answer.differences[0]
    wild = Difference(-0.01, 0.9, False, -0.05, 4.0, 3)
    told = msgspec.structs.replace(
        answer,
        replications=3,
        differences=(msgspec.structs.replace(first, measures={**first.measures, "high_late_share": wild}), *answer.differences[1:]),
    )
    sentence = Told(language)("too_few")
    assert sentence == LabTongue(language).say("too_few"), "one word for one thing"
    assert sentence in text_of(told, language) and sentence in render_compared(told, MAP, SOURCE, language=language)
    assert "0.9" not in text_of(told).split("Relative")[0] and sentence not in text_of(answer, language)


def test_a_level_of_two_replications_has_a_question_mark(lone: SimulateAnswer) -> None:
    halves = {"late_share": 0.9, "mean_s": 99_999.0, "p90_s": 4.04}
    high = msgspec.structs.replace(lone.high, half_widths=halves)
    few = msgspec.structs.replace(lone, replications=2, high=high, figures=msgspec.structs.replace(lone.figures, replications=2, high=high))
    page, text = render_simulated(few, MAP, SOURCE), text_of(few)
    assert page.count("± ?") >= 3 and "With only 2 replications" in page
    assert text.count("± ?") >= 2 and "Only 2 replications" in text
    assert "± 4.0 s" in text and "± 4.0 s" in page, "what can be is told as it is"
    assert "± ?" not in text_of(lone) and "Only" not in text_of(lone)


# ---- the same numbers everywhere


@pytest.mark.parametrize("language", languages())
def test_terminal_and_page_round_alike(answer: CompareAnswer, language: str) -> None:
    told, tongue = Told(language), LabTongue(language)
    kinds = dict(shown.MEASURES)
    for one in answer.differences:
        for name, found in one.measures.items():
            assert KINDS[kinds[name]] == MEASURES[name]
            if found.is_shown:
                assert told.change(kinds[name], found).split(" ± ")[0] == tongue.of_kind(found.mean, MEASURES[name])


def test_levels_are_the_same_on_the_page(lone: SimulateAnswer) -> None:
    page, text = render_simulated(lone, MAP, SOURCE), text_of(lone)
    halves = lone.figures.half_widths or {}
    mean = f"{clock(lone.mean_response_s or 0)} ± {halves['mean_response_s']:.1f} s"
    late = f"{(lone.high.late_share or 0) * 100:.1f}% ± {(lone.high.half_widths or {})['late_share'] * 100:.1f}"
    assert mean in page and mean in text
    assert f"{late} points" in page and f"{late} pts" in text, "half an interval of a percentage is in points"
    assert not re.search(r"% ± [\d.]+ ?%", page)


def test_the_verdict_is_of_all_calls_and_the_relative_one_of_the_late(answer: CompareAnswer) -> None:
    first = answer.differences[0]
    sure = msgspec.structs.replace(first, measures={**first.measures, "high_late_share": Difference(-0.031, 0.004, True, -0.12, 0.02, 8)})
    page = render_compared(msgspec.structs.replace(answer, differences=(sure,)), MAP, SOURCE)
    assert "of all high-priority calls, 3.10 percentage points fewer were late than with closest (2.70 to 3.50)." in page
    assert "That is −12.0% of those that were late." in page


# ---- targets


TARGETS = (
    Target("P1", 480.0, True, "plan"),
    Target("P2", 720.0, True, "default"),
    Target("P3", 4_000.0, False, "plan"),
)


def test_targets_are_told_by_who_states_them() -> None:
    assert (
        targets_told(TARGETS, "en") == "P1 8:00, P3 1:06:40 (response plan, shortest of the cards); P2 12:00 (default: nobody states one)"
    )
    assert targets_told((), "en") == ""


@pytest.mark.parametrize("language", languages())
def test_every_source_has_words_on_page_and_terminal(answer: CompareAnswer, lone: SimulateAnswer, language: str) -> None:
    told = tuple(Target(source, 60.0, True, source) for source in ("plan", "lab", "city", "log", "default"))
    sentence = targets_told(told, language)
    assert "lab.experiment" not in sentence and sentence.count(";") == 4
    for one in (msgspec.structs.replace(answer, targets=told), msgspec.structs.replace(lone, targets=told)):
        flat = " ".join(text_of(one, language).split())
        assert sentence in flat
    page = render_simulated(msgspec.structs.replace(lone, targets=told), MAP, SOURCE, language=language)
    assert LabTongue(language).say("head.targets") in page and "lab 1:00" in page


def test_what_is_not_stated_is_not_on_the_page(lone: SimulateAnswer) -> None:
    assert "Data up to" in render_simulated(lone, MAP, SOURCE)
    assert "Data up to" not in render_simulated(lone, MAP, Source("tocsin simulate town"))


# ---- what one pair does not show


@pytest.mark.parametrize("language", languages())
def test_one_pair_says_nothing_of_areas(answer: CompareAnswer, language: str) -> None:
    first = answer.differences[0]
    areas = {area: Difference(0.001, None, False, 0.1, None, 1) for area in first.fairness.areas}
    fair = msgspec.structs.replace(first.fairness, areas=areas, worse=(), better=(), guard=None)
    alone = msgspec.structs.replace(answer, replications=1, differences=(msgspec.structs.replace(first, fairness=fair),))
    none_worse = Told(language)("no_worse_areas", points="0.5").split("0.5")[0].strip()
    assert none_worse not in text_of(alone, language)
    pages = [render_compared(msgspec.structs.replace(alone, replications=count), MAP, SOURCE, language=language) for count in (1, 2)]
    sentence = LabTongue(language).say("areas.none_worse", policy=first.policy, points=LabTongue(language).numerals.exact_s(0.5))
    assert [sentence in page for page in pages] == [False, True]
