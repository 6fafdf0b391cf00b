"""The page of an experiment: it stands alone, says plainly what was shown and what was not, and shows the answer's numbers."""

import re
from itertools import combinations

import msgspec
import pytest

from experiment_told import CITY, MAP, SOURCE, compared_answer, simulated_answer
from page_source import boxes, check_alone, contrast, pictures, tags
from tocsin.base.faults import BadInput
from tocsin.pages.change_map import change_class, share_edges
from tocsin.pages.experiment import Source, render_compared, render_simulated, verdict
from tocsin.pages.experiment_plots import mark, reached_by_minute, shown_minutes
from tocsin.pages.experiment_words import MEASURES, LabTongue
from tocsin.views.experiment_answer import CityMap, CompareAnswer, Difference, Group, Partial, Remark, SimulateAnswer
from tocsin.words import languages

HOSTILE = "<script>alert('x')</script>&\"quoted\""


@pytest.fixture(scope="module")
def answer() -> CompareAnswer:
    return compared_answer()


@pytest.fixture(scope="module")
def lone() -> SimulateAnswer:
    return simulated_answer()


@pytest.fixture(scope="module")
def page(answer: CompareAnswer) -> str:
    return render_compared(answer, MAP, SOURCE)


@pytest.mark.parametrize("language", languages())
def test_the_pages_stand_alone(answer: CompareAnswer, lone: SimulateAnswer, language: str) -> None:
    for text in (render_compared(answer, MAP, SOURCE, language=language), render_simulated(lone, MAP, SOURCE, language=language)):
        assert text.lower().startswith("<!doctype html"), "our own pages are known by how they begin"
        check_alone(text)


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything(answer: CompareAnswer, lone: SimulateAnswer, language: str) -> None:
    for render, told in ((render_compared, answer), (render_simulated, lone)):
        text, english = (render(told, MAP, SOURCE, language=one) for one in (language, "en"))  # type: ignore[operator]
        visible = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
        assert f'<html lang="{language}">' in text
        assert re.findall(r"\b(?:lab|report)\.[a-z_0-9.]+", visible) == []
        assert re.findall(r"[{]\w+[}]", visible) == [], "a value was not put in"
        if language != "en":
            headings = [re.findall(r"<h[23][^>]*>([^<]+)", one) for one in (text, english)]
            assert len(headings[0]) == len(headings[1]) and not set(headings[0]) & set(headings[1])


def test_an_unknown_language_is_refused(answer: CompareAnswer) -> None:
    with pytest.raises(BadInput, match="language"):
        render_compared(answer, MAP, SOURCE, language="xx")


def test_pictures_say_what_they_show_and_identifiers_are_used_once(page: str) -> None:
    drawn = pictures(page)
    plots = [one for one in drawn if one.get("role") == "img"]
    # Differences, a map for each policy, how soon, areas, hours; the rest are keys, hidden from readers.
    assert len(plots) == 6
    space = "{http://www.w3.org/2000/svg}"
    for plot in plots:
        title, about = plot.find(f"{space}title"), plot.find(f"{space}desc")
        assert title is not None and title.text and about is not None and about.text
    assert all(one.get("aria-hidden") == "true" for one in drawn if one not in plots)
    names = [attributes["id"] for _, attributes in tags(page) if "id" in attributes]
    assert len(names) == len(set(names))


def test_no_label_covers_another_or_leaves_its_picture(answer: CompareAnswer, lone: SimulateAnswer) -> None:
    for language in languages():
        for text in (render_compared(answer, MAP, SOURCE, language=language), render_simulated(lone, MAP, SOURCE, language=language)):
            for picture in (one for one in pictures(text) if one.get("role") == "img"):
                kind, width = picture.get("class") or "", float((picture.get("viewBox") or "0 0 0 0").split()[2])
                for class_ in ("tick", "label", "row-head", "station-name"):
                    found = boxes(picture, class_, 6.4)
                    assert all(box[0] >= -2 and box[2] <= width + 2 for box in found), (language, kind, class_)
                    for one, other in combinations(found, 2):
                        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                        assert apart, (language, kind, class_, one, other)


# What is said.


def test_the_differences_are_the_answers(page: str, answer: CompareAnswer) -> None:
    english = LabTongue("en")
    for one in answer.differences:
        for key, found in one.measures.items():
            text = f"{english.with_unit(found.mean, MEASURES[key])} ({english.interval(found, MEASURES[key])})"
            assert text in page, (one.policy, key)
    for area, group in answer.policies["closest"].areas.items():
        assert area in page and f"{group.n:,}" in page
    assert SOURCE.command in page and SOURCE.data_to in page and CITY.digest in page and SOURCE.attribution[0] in page


def changed(answer: CompareAnswer, difference: Difference | None) -> CompareAnswer:
    """The first policy's main figure as given."""
    first = answer.differences[0]
    measures = {key: one for key, one in first.measures.items() if key != "high_late_share"}
    measures |= {"high_late_share": difference} if difference else {}
    return msgspec.structs.replace(answer, differences=(msgspec.structs.replace(first, measures=measures),))


@pytest.mark.parametrize(
    ("difference", "code", "sentence"),
    [
        (Difference(-0.031, 0.004, True, -0.12), "fewer", "of all high-priority calls, 3.10 percentage points fewer were late"),
        (Difference(0.02, 0.005, True, 0.1), "more", "of all high-priority calls, 2.00 percentage points more were late"),
        (Difference(-0.01, 0.02, False, -0.05), "none", "no difference shown against closest"),
        (Difference(-0.05, None, False), "one", "one pair of replications cannot show a difference"),
        (None, "empty", "no high-priority call was measured"),
    ],
)
def test_the_verdict_says_no_more_than_was_shown(answer: CompareAnswer, difference: Difference | None, code: str, sentence: str) -> None:
    told = changed(answer, difference)
    assert verdict(told.differences[0], told.base, LabTongue("en")).code == code
    page = render_compared(told, MAP, SOURCE)
    head = page[page.index("<header>") : page.index("</header>")]
    assert sentence in head and f'<li class="{code}">' in head
    if code == "none":
        assert "−3.00 to +1.00 percentage points holds 0" in head and "fewer" not in head


VALUES = dict.fromkeys(("policy", "replication", "at_day", "waiting", "why", "times", "left"), "7")


def test_a_cut_short_experiment_is_marked_before_its_figures(answer: CompareAnswer) -> None:
    for code in ("cancelled", "overload", "policy_failed", "workers_lost"):
        page = render_compared(msgspec.structs.replace(answer, partial=Partial(code, VALUES)), MAP, SOURCE)
        assert page.index('class="partial"') < page.index('class="lead-verdicts"')
    assert 'class="partial"' not in render_compared(answer, MAP, SOURCE)


def test_a_simulation_says_how_it_did(lone: SimulateAnswer) -> None:
    page = render_simulated(lone, MAP, SOURCE)
    assert f"Of {lone.high.n:,} high-priority calls, {lone.high.late:,} came too late" in page
    assert "ab" * 32 in page and 'class="lead-verdicts"' not in page


def test_an_experiment_without_urgent_calls_has_a_page(lone: SimulateAnswer) -> None:
    nobody = Group(0, 0)
    figures = msgspec.structs.replace(
        lone.figures, high=nobody, areas={}, high_by_minute=(), hours_n=(0,) * 24, hours_late=(0,) * 24, worst_area=None, spread=None,
        worst_area_late_share=None, avoidable_late_share=None, mean_response_s=None, return_min_per_call=None,
    )  # fmt: skip
    page = render_simulated(msgspec.structs.replace(lone, high=nobody, figures=figures), CityMap("x", (), (), (), ()), Source())
    tags(page)
    assert "No high-priority call was measured." in page and 'role="img"' not in page


def test_what_was_assumed_is_said(answer: CompareAnswer) -> None:
    told = msgspec.structs.replace(answer, remarks=(Remark("queueing_home"), Remark("nobody_knows_this")))
    page = render_compared(told, MAP, SOURCE)
    assert "Units on their way home count at their stations" in page and "nobody_knows_this" in page


def test_hostile_names_stay_text(answer: CompareAnswer) -> None:
    first = answer.differences[0]
    told = msgspec.structs.replace(
        answer,
        asked=msgspec.structs.replace(answer.asked, city=HOSTILE, city_digest=HOSTILE),
        policies={"closest": answer.policies["closest"], HOSTILE: answer.policies["default"]},
        differences=(msgspec.structs.replace(first, policy=HOSTILE),),
        remarks=(Remark(HOSTILE),),
    )
    ground = msgspec.structs.replace(MAP, name=HOSTILE, stations=(msgspec.structs.replace(MAP.stations[0], name=HOSTILE),))
    page = render_compared(told, ground, Source(HOSTILE, HOSTILE, (HOSTILE,)))
    assert "<script" not in page.lower() and "&lt;script&gt;" in page
    check_alone(page)


# Marks.


def test_the_map_colours_only_what_was_shown(page: str, answer: CompareAnswer) -> None:
    for one in answer.differences:
        drawn = next(p for p in pictures(page) if f"map-{one.policy}-title" in (p.get("aria-labelledby") or ""))
        for path in drawn.iter("{http://www.w3.org/2000/svg}path"):
            class_ = (path.get("class") or "").split()
            if class_[0] == "dots":
                area = path[0].text or ""
                assert class_[1] == change_class(one.fairness.areas.get(area)), area
                assert (class_[1] == "n0") == (area not in one.fairness.areas or not one.fairness.areas[area].is_shown)


def test_classes_of_change() -> None:
    shown = [change_class(Difference(mean, 0.001, True)) for mean in (-0.2, -0.01, 0.01, 0.2)]
    assert shown == ["b2", "b1", "w1", "w2"]
    assert change_class(Difference(-0.2, 0.3, False)) == change_class(None) == "n0"


def test_one_far_village_does_not_grey_the_city() -> None:
    edges = share_edges([0.10, 0.12, 0.15, 0.18, 0.2, 0.22, 1.0])
    assert edges == pytest.approx([0.15, 0.2, 0.25, 0.3])
    assert len(share_edges([])) == 4 and len(share_edges([0.3])) == 4


def test_policies_differ_in_shape_and_dash_not_in_colour_alone(page: str) -> None:
    shapes = {re.sub(r"s\d|[\d.-]+", "", str(mark(look, 100, 100))) for look in range(5)}
    assert len(shapes) >= 4
    styles = page[page.index("<style>") : page.index("</style>")]
    dashes = re.findall(r"svg \.line\.s\d \{ stroke-dasharray: ([\d ]+);", styles)
    assert len(dashes) == len(set(dashes)) == 5, "one is drawn through"


def test_curves_rise_and_end_where_nearly_all_are_reached(answer: CompareAnswer) -> None:
    curves = [reached_by_minute(one) for one in answer.policies.values()]
    for one in curves:
        assert one == sorted(one) and one[0] >= 0 and one[-1] <= 1
    minutes = shown_minutes(curves)
    assert 5 <= minutes <= 60 and min(one[minutes - 1] for one in curves) >= 0.98


def test_marks_have_contrast_in_both_themes(page: str) -> None:
    """WCAG 2.2: names of policies 4.5 to 1, marks and dots 3 to 1."""
    style = page[page.index("<style>") : page.index("</style>")]
    roots = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root)) for root in re.findall(r":root \{([^}]*)\}", style)]
    light = {**roots[0], **next(root for root in roots if "s0" in root)}
    dark = {**roots[1], **[root for root in roots if "s0" in root][1]}
    for theme in (light, dark):
        for name in ("s0", "s1", "s2", "s3", "s4", "s5"):
            assert contrast(theme[name], theme["page"]) >= 4.5, (name, theme[name])
        for name in ("b1", "b2", "w1", "w2", "n0", "d0", "d1", "d2", "d3", "d4"):
            assert contrast(theme[name], theme["sheet"]) >= (2.7 if name == "d0" else 3), (name, theme[name])
