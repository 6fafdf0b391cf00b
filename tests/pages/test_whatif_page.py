"""The page and the tables of a what-if by their parts: words, marks, order, what is told of too little."""

import re
from io import StringIO
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from command_line import untranslated
from tocsin.pages.numerals import Numerals
from tocsin.pages.whatif import (
    MOST_PLOTTED,
    area_named,
    area_plot,
    around,
    assumptions,
    clock,
    plotted,
    points_between,
    render,
    seconds_between,
    shortfalls,
    signed,
    targets,
    warnings,
)
from tocsin.shown.whatif import MOST_AREAS, relived
from tocsin.views.experiment_answer import Partial
from tocsin.views.whatif_answer import Between, CallTold, Fit, Group, KindLoad, Remark, Side, StationTold, WhatifAnswer
from tocsin.words import languages, say

SVG = "{http://www.w3.org/2000/svg}"


def a_group(mean: float = 0.0, *, is_shown: bool = False, is_few: bool = False, n: int = 50) -> Group:
    one = Side(400.0, 390.0, 4_000.0, 0.1)
    apart = Between(mean, mean - 2, mean + 2, is_shown, is_few)
    return Group(n, one, one, apart, Between(mean / 1000, mean / 1000 - 0.01, mean / 1000 + 0.01, is_shown, is_few), apart)


def a_station(*areas: str, is_closed: bool = True, **fields: object) -> StationTold:
    one = StationTold(is_closed, ("E1", "M1"), (), (), areas, a_group(9.0, is_shown=True))
    return msgspec.structs.replace(one, **fields)


def an_answer(areas: dict[str, Group] | None = None, **fields: object) -> WhatifAnswer:
    told = WhatifAnswer(
        centre="Town & Co <b>", journal_head="ab" * 32, policy_base="closest", policy_changed="closest",
        changes=(Remark("close", {"what": "North"}),), seed=1, replications=3, replications_asked=3, calls=1_200, incidents=1_250,
        measured=1_100, resampled="days", targets_s={"P1": 480.0, "P2": 3_725.0}, targets_source={"P1": "plan", "P2": "log"},
        fit={"all": Fit(1_100, 400.0, 410.0, 390.0, 395.0, 4_000.0, 4_100.0, 0.8, "good")}, every=a_group(1.0),
        priorities={"P1": a_group(1.0)}, areas=areas or {"north": a_group(9.0, is_shown=True), "south": a_group(-1.0)},
        stations={"North": a_station("north")}, kinds={"engine": KindLoad(3, 2, 0.2, 0.25)}, unreached_base=0, unreached_changed=0,
        newly_unreached={},
        better=3, worse=1_234, best=(), worst=(CallTold("i", "2026-07-01 10:00:00", "fire", "P1", "north", 300.0, 4_000.4),),
    )  # fmt: skip
    return msgspec.structs.replace(told, **fields)


def text_of(answer: WhatifAnswer, language: str = "en", width: int = 110) -> str:
    out = StringIO()
    relived(Console(file=out, width=width, highlight=False, markup=False, emoji=False), answer, language)
    return out.getvalue()


def drawn(answer: WhatifAnswer, language: str = "en") -> ElementTree.Element:
    plot = area_plot(answer, language)
    assert plot is not None
    return ElementTree.fromstring(plot)


# ---- numbers


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00"), (59.4, "0:59"), (59.5, "1:00"), (187, "3:07"), (3_599.4, "59:59"), (3_599.5, "1:00:00"), (3_725, "1:02:05"),
     (36_000, "10:00:00"), (None, "–")],
)  # fmt: skip
def test_an_hour_and_more_has_hours(seconds: float | None, told: str) -> None:
    assert clock(seconds) == told


@given(st.integers(0, 400_000))
def test_clocks_are_read_back_as_they_were_written(tenths: int) -> None:
    parts = [int(part) for part in clock(tenths / 10).split(":")]
    read = 0
    for part in parts:
        read = read * 60 + part
    assert abs(read - tenths / 10) <= 0.5 and all(part < 60 for part in parts[1:]) and (len(parts) < 3 or parts[0] > 0)


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, "0.0"), (-0.0, "0.0"), (0.04, "0.0"), (-0.04, "0.0"), (0.06, "+0.1"), (-0.06, "−0.1"), (1234.5, "+1,234.5")]
)
def test_signs_stand_only_before_something(value: float, told: str) -> None:
    assert signed(value, Numerals("en")) == told


def test_what_is_shown_what_may_be_chance_and_what_is_too_few() -> None:
    assert seconds_between(Between(12.0, 3.0, 21.0, True), "en") == "+12.0 (+3.0 … +21.0)"
    assert seconds_between(Between(12.0, -3.0, 21.0), "en") == "≈ +12.0 (−3.0 … +21.0)"
    assert seconds_between(Between(12.0, -3.0, 21.0, is_few=True), "en") == "≈ +12.0 (too few)", (
        "an interval that means nothing is not told"
    )
    assert seconds_between(Between(12.0, is_few=True), "en") == seconds_between(Between(12.0), "en") == "≈ +12.0 (too few)"
    assert seconds_between(Between(-12.5, -14.0, -1.0, True), "pt") == "−12,5 (−14,0 … −1,0)"
    assert points_between(Between(-0.0512, -0.101, -0.01, True), "en") == "−5.1 (−10.1 … −1.0)"
    assert points_between(Between(-0.0512, -0.5, 0.0, is_few=True), "fr") == "≈ −5,1 (trop peu)"


def test_json_always_says_whether_it_is_shown_and_whether_it_is_too_few() -> None:
    told = msgspec.json.decode(msgspec.json.encode(an_answer()))
    groups = [told["every"], *told["priorities"].values(), *told["areas"].values(), told["stations"]["North"]["around"]]
    for group in groups:
        for name in ("mean_s", "late_share", "p90_s"):
            assert set(group[name]) == {"mean", "low", "high", "is_shown", "is_few"}
    assert told["targets_source"] == {"P1": "plan", "P2": "log"} and told["partial"] is None


# ---- sentences


@pytest.mark.parametrize("language", languages())
def test_every_sentence_of_it_is_told_in_every_language(language: str) -> None:
    fitted = {"drives": "3333", "factor": "0.75", "constant_s": "9", "plain_factor": "1.50", "plain_constant_s": "8"}
    answer = an_answer(
        {"": a_group(9.0, is_shown=True), "south": a_group(-1.0)},
        targets_s=dict.fromkeys("abcde", 60.0),
        targets_source=dict(zip("abcde", ("asked", "lab", "plan", "log", "default"), strict=True)),
        stations={"North": a_station("", posted=("R1",), around=None), "East": a_station("south", is_closed=False)},
        partial=Partial("cancelled"),
        replications=2,
        is_overloaded=True,
        unreached_base=2,
        unreached_changed=1_003,
        newly_unreached={"south": 1_001, "": 2},
        remarks=(Remark("not_fitted"), Remark("fitted", fitted), Remark("lost", {"count": "1002"})),
    )
    text, page = text_of(answer, language), render(answer, language=language)
    for told in (text, page):
        assert untranslated(told) == [] and "{" not in re.sub(r"<style>.*?</style>", "", told, flags=re.DOTALL)
    for sentence in (*assumptions(answer, language), *warnings(answer, language), *(source for _, _, source in targets(answer, language))):
        assert " ".join(sentence.split()) in " ".join(text.replace("\n! ", " ").replace("\n  ", " ").split())
    assert len({source for _, _, source in targets(answer, language)}) == 5
    decimal = say("report.decimal", language)
    assert f"0{decimal}75" in text and Numerals(language).count(3333) in text and Numerals(language).count(1003) in text


@pytest.mark.parametrize("language", languages())
def test_what_it_is_held_against_has_one_name(language: str) -> None:
    name = say("cli.whatif.before", language)
    heads = ("mean", "late", "p90_short", "again_mean", "again_p50", "again_p90", "busy", "trust")
    for key in heads:
        assert name.lower() in say(f"cli.whatif.{key}", language).lower(), key
    text, page = text_of(an_answer(), language), render(an_answer(), language=language)
    assert text.lower().count(name.lower()) >= 8 and page.lower().count(name.lower()) >= 10


def test_targets_stand_with_whoever_set_them_in_text_and_page() -> None:
    assert targets(an_answer(), "en")[1][:2] == ("P2", "1:02:05")
    page = render(an_answer())
    for name, later, source in targets(an_answer(), "en"):
        assert re.search(rf"^{name} +{later} +{re.escape(source[:30])}", text_of(an_answer()), re.MULTILINE)
        assert f'<tr><th scope="row">{name}</th><td>{later}</td><td>{source}</td></tr>' in page.replace("&#39;", "'")


def test_a_station_s_units_without_a_home_are_no_units_of_its_own() -> None:
    one = a_station("north", units_base=("E1", "R1"), units_changed=("R1",), posted=("R1",))
    assert around("N", one, "en") == (
        "Station N is closed; its units were E1. It serves: north. R1 have no station of their own and still wait near it: "
        "closing it does not move them."
    )
    moved = a_station("north", "", is_closed=False, units_base=(), units_changed=("E1",), around=None)
    assert around("N", moved, "en") == (
        "Station N: as it was nobody; changed E1. It serves: north, (none named). No measured call was nearest to it."
    )


def test_a_run_that_was_stopped_says_so_before_any_figure() -> None:
    answer = an_answer(partial=Partial("cancelled"), replications=2, replications_asked=9)
    assert warnings(an_answer(), "en") == [] and warnings(answer, "en")[0].startswith("PARTIAL: 2 of 9 replications.")
    text, page = text_of(answer), render(answer)
    assert text.index("PARTIAL: 2 of 9") < text.index("How far to trust it")
    assert page.index("PARTIAL: 2 of 9") < page.index("How far to trust it") and 'class="partial"' in page
    assert 'class="partial"' not in render(an_answer())


def test_calls_that_nobody_comes_to_any_more_are_told_before_any_figure() -> None:
    answer = an_answer(newly_unreached={"north": 12, "south": 1})
    told = "To 13 calls that were reached as it was, nobody comes any more with the changes (by area: ◆ north 12, south 1)."
    for shown in (" ".join(text_of(answer).split()), render(answer)):
        assert shown.index(told) < shown.index("How far to trust it")
    assert warnings(answer, "en") == shortfalls(answer, "en")


# ---- areas

MANY = {f"area {nth:03d}": a_group(60.0 - nth, is_shown=nth % 2 == 0) for nth in range(120)}


def test_an_area_that_a_changing_station_serves_is_always_there() -> None:
    answer = an_answer(MANY, stations={"North": a_station("area 059", "area 061")})
    assert not MANY["area 061"].mean_s.is_shown, "though nothing is shown of it"
    text, page = text_of(answer), render(answer)
    for name in ("area 059", "area 061"):
        assert f"◆ {name}" in text and f"◆ {name}" in page and name in dict(plotted(answer))
    assert text.count("◆") == 2 + 1, "and the title"
    assert area_named(answer, "area 000", "en") == "area 000"


def test_the_worst_stand_first_and_what_is_cut_is_counted() -> None:
    answer = an_answer(MANY, stations={"North": a_station("area 119")})
    text = text_of(answer)
    rows = re.findall(r"^(?:◆ )?(area \d+)", text, re.MULTILINE)
    assert rows == [*[f"area {nth:03d}" for nth in range(0, 2 * MOST_AREAS, 2)], "area 119"]
    assert f"{60 - MOST_AREAS} more areas change beyond chance" in text
    assert [name for name, _ in plotted(answer)] == sorted(name for name, _ in plotted(answer)), "in their own order"
    assert len(plotted(answer)) == MOST_PLOTTED and "area 000" in dict(plotted(answer)) and "area 119" in dict(plotted(answer))


@given(st.integers(1, 130), st.sets(st.integers(0, 129), max_size=50))
def test_the_plot_has_room_and_keeps_what_changes(count: int, own: set[int]) -> None:
    areas = {f"area {nth:03d}": MANY.get(f"area {nth:03d}", a_group()) for nth in range(count)}
    touched = [f"area {nth:03d}" for nth in sorted(own) if nth < count]
    kept = [name for name, _ in plotted(an_answer(areas, stations={"N": a_station(*touched)}))]
    assert len(kept) == min(count, MOST_PLOTTED) and kept == [name for name in areas if name in kept]
    assert set(touched) <= set(kept) or set(kept) <= set(touched)


def test_where_nothing_changes_beyond_chance_the_served_area_stands_with_that_sentence() -> None:
    answer = an_answer({"north": a_group(3.0), "south": a_group(-3.0)})
    text = text_of(answer)
    assert "◆ north" in text and "No other of the 2 areas changes beyond chance." in text and "\nsouth" not in text


def test_nothing_touched_and_nothing_changed_leaves_the_sentence_alone() -> None:
    text = text_of(an_answer({"north": a_group(), "south": a_group()}, stations={}))
    assert "No other of the 2 areas" in text and "Around the stations" not in text
    assert "Around the stations" not in render(an_answer(stations={}))


def test_many_areas_are_said_to_seem_changed_by_chance_alone() -> None:
    def told(areas: int, resampled: str) -> list[str]:
        answer = an_answer({f"a{nth}": a_group() for nth in range(areas)}, resampled=resampled)
        return [line for line in assumptions(answer, "en") if "by chance alone" in line]

    assert told(44, "days") == ["Of 44 areas up to 2 may stand as changed beyond chance by chance alone."]
    assert told(20, "hours") and not told(19, "days") and not told(44, ""), "nothing is shown where nothing is drawn again"


# ---- the plot

LONG = {
    "A very long name of an area that goes on and on": a_group(-98_765.4),
    "b": a_group(12_345.6, is_shown=True),
    "c": a_group(5.0, is_few=True),
}


@pytest.mark.parametrize("language", languages())
def test_the_plot_is_wide_enough_for_its_longest_words(language: str) -> None:
    root = drawn(an_answer(LONG), language)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    letter = 7.2  # of the plots' 14 px in a usual sans: half of that and some
    for text in root.iter(f"{SVG}text"):
        x, length = float(text.attrib["x"]), letter * len(text.text or "")
        anchor = text.attrib["text-anchor"]
        start = x if anchor == "start" else x - length if anchor == "end" else x - length / 2
        assert start >= 0 and start + length <= width, text.text
        assert 0 <= float(text.attrib["y"]) <= height
    for dot in root.iter(f"{SVG}circle"):
        assert 0 < float(dot.attrib["cx"]) < width


def test_hollow_is_chance_and_too_few_has_no_line() -> None:
    root = drawn(an_answer(LONG))
    dots, lines = list(root.iter(f"{SVG}circle")), [one for one in root.iter(f"{SVG}line") if "whisker" in one.attrib["class"]]
    assert ["hollow" in one.attrib["class"] for one in dots] == [True, False, True] and len(lines) == 2
    assert [float(one.attrib["cy"]) for one in dots] == sorted(float(one.attrib["cy"]) for one in dots)
    hints = [one.findtext(f"{SVG}title") or "" for one in dots]
    assert hints[0].startswith("A very long name of an area that goes on and on: "), "the whole name for whoever asks"


def test_one_area_needs_no_plot() -> None:
    assert area_plot(an_answer({"north": a_group()}), "en") is None and "<svg" not in render(an_answer({"north": a_group()}))


# ---- the page


@pytest.mark.parametrize("language", languages())
def test_the_page_needs_nothing_else_and_lets_nobody_s_name_be_code(language: str) -> None:
    page = render(an_answer(), language=language)
    assert "Town &amp; Co &lt;b&gt;" in page and "<b>" not in page
    assert f'<html lang="{language}">' in page and "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_tables_of_text_and_page_and_json_say_the_same() -> None:
    answer = an_answer()
    text, page = text_of(answer), render(answer)
    for told in ("1:06:40", "5:00", "+9.0 (+7.0 … +11.0)", "10.0%", "3 → 2", "25.0%"):
        assert told in text and told in page, told
    assert answer.worst[0].changed_s == 4_000.4 and page.count("1:06:40") >= 5


@pytest.mark.parametrize("verdict", ["good", "fair", "poor", "few"])
def test_how_far_to_trust_it_stands_before_what_changes(verdict: str) -> None:
    fit = msgspec.structs.replace(an_answer().fit["all"], verdict=verdict)
    sentence = say(f"cli.whatif.trust_{verdict}")
    text, page = text_of(an_answer(fit={"all": fit})), render(an_answer(fit={"all": fit}))
    assert text.index(sentence) < text.index("Around the stations") and page.index(sentence) < page.index("Around the stations")
    assert say(f"cli.whatif.verdict_{verdict}") in text
