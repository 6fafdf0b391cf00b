"""The report's page: it stands alone, says everything in four languages, lets nothing foreign in, and shows the answer's numbers."""

import re
from itertools import combinations
from pathlib import Path

import msgspec
import pytest

from fire_log import LOG, records_of
from page_source import boxes, check_alone, contrast, luminance, pictures, tags
from report_shift import shift
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, CommandId, IncidentId, StationId, UnitId
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.centre import CentreOpened, LogImported
from tocsin.core.messages.incident import IncidentOpened
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import STATUS, UnitEnrolled, UnitStatusChanged
from tocsin.edge import targets
from tocsin.pages.numerals import Numerals
from tocsin.pages.report import render
from tocsin.shown.figures import duration
from tocsin.views.report_answer import HeadTold, ReportAnswer
from tocsin.views.response_times import response_times
from tocsin.words import languages

HOSTILE = "<script>alert('x')</script>&\"quoted\""
NUMBERS_THAT_PEOPLE_READ = ("p50_s", "p90_s", "mean_s")

SHIFT = "".join(
    f"""
    0{hour}:00:00 call C{hour} answered 0{hour}:00:1{hour}
    0{hour}:00:30 open I{hour} fire P{1 + hour % 2} C{hour}
    0{hour}:00:40 place I{hour} -71.3{hour} -29.9{hour} A{hour % 3}
    0{hour}:01:00 send I{hour} E1 E2
    0{hour}:02:0{hour} E1 en_route I{hour}
    0{hour}:03:00 E2 off I{hour}
    0{hour}:08:3{hour} E1 on_scene I{hour}
    0{hour}:40:00 E1 clear I{hour}
    0{hour}:41:00 close I{hour}
    """
    for hour in range(10)
)


@pytest.fixture(scope="module")
def answer() -> ReportAnswer:
    return response_times(shift(SHIFT), targets.load("nfpa-1710"), head=HeadTold(92, "ab" * 32), with_excluded=True)


@pytest.fixture(scope="module")
def page(answer: ReportAnswer) -> str:
    return render(answer)


@pytest.fixture(scope="module")
def fortnight(shared: Path) -> ReportAnswer:
    return response_times(records_of(shared / LOG), targets.load("nfpa-1710"), head=HeadTold(61694, "9f" * 32))


def hostile_answer() -> ReportAnswer:
    """Every text that comes from outside is an attack."""
    at = 1_600_000_000_000
    said: list[Event] = [
        CentreOpened(HOSTILE, HOSTILE, "UTC", "imported", (HOSTILE,)),
        LogImported(HOSTILE, HOSTILE, 2, 1, {HOSTILE: 1}, {HOSTILE: 1}),
        StationOpened(StationId(HOSTILE), HOSTILE, Place(LonLat(1.0, 1.0), area=HOSTILE)),
        UnitEnrolled(UnitId(HOSTILE), HOSTILE, (), StationId(HOSTILE)),
        CallReceived(CallId(HOSTILE), at, at + 1),
        IncidentOpened(IncidentId(HOSTILE), HOSTILE, HOSTILE, Place(LonLat(1.0, 1.0), HOSTILE, HOSTILE), (CallId(HOSTILE),)),
        UnitsDispatched(IncidentId(HOSTILE), (UnitId(HOSTILE),)),
        UnitStatusChanged(UnitId(HOSTILE), STATUS["on_scene"], IncidentId(HOSTILE)),
    ]
    records = [Record("x", n, at + n * 60_000, at + n * 60_000, "x", CommandId(str(n)), 1, event) for n, event in enumerate(said, 1)]
    profile = msgspec.structs.replace(targets.load("nfpa-1710"), title=HOSTILE, edition=HOSTILE, source=HOSTILE, note={"en": HOSTILE})
    return response_times(records, profile, head=HeadTold(8, HOSTILE), with_excluded=True)


@pytest.mark.parametrize("language", languages())
def test_the_page_stands_alone(answer: ReportAnswer, language: str) -> None:
    page = render(answer, language=language)
    check_alone(page)


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything(answer: ReportAnswer, language: str) -> None:
    page = render(answer, language=language)
    assert f'<html lang="{language}">' in page
    visible = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert re.findall(r"\breport\.[a-z_0-9.]+", visible) == []
    assert re.findall(r"[{]\w+[}]", visible) == [], "a value was not put in"
    english = render(answer)
    if language != "en":
        headings = [re.findall(r"<h[23][^>]*>([^<]+)", text) for text in (page, english)]
        assert len(headings[0]) == len(headings[1])
        assert len(set(headings[0]) & set(headings[1])) <= 2, "headings that were not translated"


def test_an_unknown_language_is_refused(answer: ReportAnswer) -> None:
    with pytest.raises(BadInput, match="language"):
        render(answer, language="xx")


def test_hostile_names_stay_text() -> None:
    page = render(hostile_answer(), streets=[[[0.99, 1.0], [1.01, 1.0]]])
    assert "<script" not in page.lower()
    assert "&lt;script&gt;" in page
    assert not any(
        "alert" in (value or "") and name not in ("title", "aria-label") for _, all_ in tags(page) for name, value in all_.items()
    )
    for picture in pictures(page):
        assert "script" not in {element.tag.rpartition("}")[2] for element in picture.iter()}


def test_pictures_are_xml_that_says_what_it_shows(page: str) -> None:
    drawn = pictures(page)
    plots = [picture for picture in drawn if picture.get("role") == "img"]
    # Five intervals, hours, week, map, load, days; the rest are legend keys and range bars, hidden from readers.
    assert len(plots) == 10
    space = "{http://www.w3.org/2000/svg}"
    for plot in plots:
        title, about = plot.find(f"{space}title"), plot.find(f"{space}desc")
        assert title is not None and title.text and about is not None and about.text
        assert plot.get("aria-labelledby") == f"{title.get('id')} {about.get('id')}"
    assert all(picture.get("aria-hidden") == "true" for picture in drawn if picture not in plots)


def test_identifiers_are_used_once_and_labels_lead_to_them(page: str) -> None:
    found = tags(page)
    names = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(names) == len(set(names))
    wanted = {attributes["for"] for _, attributes in found if "for" in attributes}
    wanted |= {name for _, attributes in found for name in (attributes.get("aria-labelledby") or "").split()}
    assert wanted <= set(names)


def test_every_plot_has_its_table(page: str) -> None:
    main = page[page.index("<main>") :]
    for name in ("spread-travel", "hours", "week", "days"):
        after = main[main.index(f'id="{name}-title"') :]
        assert "<details>" in after[: after.index("</section>")], name
    assert main.count("<details>") >= 9


def test_it_shows_the_answers_numbers(page: str, answer: ReportAnswer) -> None:
    shown = {float(text) for text in re.findall(r'<time datetime="PT([\d.]+)S">', page)}
    exact = {float(text) for text in re.findall(r'<data value="([\d.]+)">', page)}
    for one in answer.intervals.values():
        for field in NUMBERS_THAT_PEOPLE_READ:
            assert getattr(one, field) in shown, field
            assert getattr(one, field) in exact, field
    for group in (*answer.by_type, *answer.by_area, *answer.by_priority):
        for name in ("turnout", "travel", "total_response"):
            assert {group.intervals[name].p50_s, group.intervals[name].p90_s} <= shown | {None}
    for hour in answer.by_hour:
        assert {hour.total_response.p50_s, hour.total_response.p90_s} <= exact | {None}


@pytest.mark.parametrize(
    ("language", "n", "mean"), [("en", "10,207", "53.217"), ("fr", "10\u202f207", "53,217"), ("es", "10\u202f207", "53,217")]
)
def test_numbers_are_written_as_the_language_writes_them(fortnight: ReportAnswer, language: str, n: str, mean: str) -> None:
    page = render(fortnight, language=language)
    assert f"<dd>{n}</dd>" in page
    assert f'<data value="53.217">{mean}</data>' in page
    assert ('<time datetime="PT1027S">17:07</time>') in page


@pytest.mark.parametrize("footing", ["demo", "exercise", "imported"])
def test_what_is_not_live_is_marked_before_anything_else(footing: str) -> None:
    page = render(response_times(shift(SHIFT, footing), targets.load("plain")))
    body = page[page.index("<body>") :]
    assert body.index(f'class="footing footing-{footing}"') < body.index("<h1>")
    assert footing.upper() in body


def test_a_live_report_has_no_such_mark(page: str) -> None:
    assert 'class="footing ' not in page


def test_it_says_whose_how_old_from_where_and_how_computed(page: str, answer: ReportAnswer) -> None:
    for text in (answer.centre.name, "ab" * 32, "nearest rank", "primary text not seen", answer.period.first_local[:16]):
        assert text in page, text
    assert "called off first" in page, "exclusions stand in words"
    assert "NENA-STA-020.1-2020" in page, "sources that disagree are shown"


def test_exclusions_are_listed_to_a_length_and_the_rest_is_counted() -> None:
    answer = hostile_answer()
    many = msgspec.structs.replace(answer, excluded_records=answer.excluded_records[:1] * 700)
    page = render(many)
    assert page.count("<td>never reported rolling</td>") >= 500
    assert "200 more in the journal" in page


def test_an_empty_journal_has_a_page_without_false_zeros() -> None:
    page = render(response_times([], targets.load("nfpa-1710")))
    assert page.count("No figure: nothing could be measured.") == 5
    assert "No incident has a place on the map." in page
    assert 'id="spread-' not in page
    tags(page)


def test_streets_lie_below_the_cells_and_wrong_ones_are_refused(answer: ReportAnswer) -> None:
    page = render(answer, streets=[[[-71.35, -29.95], [-71.33, -29.95], [-71.33, -29.93]], [[0, 0], [1, 1]]])
    drawn = next(picture for picture in pictures(page) if "plot-map" in (picture.get("class") or ""))
    classes = [element.get("class") or "" for element in drawn]
    assert classes.index("streets") < min(at for at, name in enumerate(classes) if name.startswith(("cell", "few")))
    data = drawn[classes.index("streets")].get("d") or ""
    assert data.count("M") == 1, "a street on another continent is not drawn"
    for wrong in ([[1.0, 2.0]], [[["a", "b"], ["c", "d"]]], [[[1.0], [2.0]]]):
        with pytest.raises(BadInput, match="streets_form"):
            render(answer, streets=wrong)


def test_no_label_covers_another_in_the_citys_fortnight(fortnight: ReportAnswer) -> None:
    for language in languages():
        for picture in pictures(render(fortnight, language=language)):
            kind = picture.get("class") or ""
            letter = 6.4
            for class_ in ("tick", "label", "station-name"):
                for one, other in combinations(boxes(picture, class_, letter), 2):
                    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                    assert apart, (language, kind, class_, one, other)
            if "plot" in kind:
                width = float((picture.get("viewBox") or "0 0 0 0").split()[2])
                assert all(box[0] >= -2 and box[2] <= width + 2 for box in boxes(picture, "", letter)), (language, kind)


def test_all_drawn_cells_and_stations_lie_inside_the_map(fortnight: ReportAnswer) -> None:
    drawn = next(picture for picture in pictures(render(fortnight)) if "plot-map" in (picture.get("class") or ""))
    _, _, width, height = map(float, (drawn.get("viewBox") or "").split())
    for rect in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        assert -1 <= float(rect.get("x", -9)) <= width and -1 <= float(rect.get("y", -9)) <= height
    cells = [one for one in drawn.iter() if (one.get("class") or "").startswith(("cell", "few"))]
    assert len(cells) > 0.9 * len(fortnight.map.cells)


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0, "0.0%"), (1.0, "100.0%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (0.7323, "73.2%")]
)
def test_shares_never_hide_an_exception(share: float | None, text: str) -> None:
    assert Numerals("en").percent(share) == text


@pytest.mark.parametrize(
    ("value_s", "text"), [
        (None, "–"), (0.0, "0:00"), (59.4, "0:59"), (59.5, "1:00"), (1027.0, "17:07"), (3599.4, "59:59"), (3599.5, "1:00:00"),
        (6903.0, "1:55:03"), (90_061.0, "25:01:01"),
    ],
)  # fmt: skip
def test_spans_are_minutes_and_seconds(value_s: float | None, text: str) -> None:
    assert Numerals("en").clock(value_s) == duration(value_s) == text, "pages and terminal round alike"


CONTRAST = {"ink": 4.5, "quiet": 4.5, "p90": 4.5, "p50": 4.5, "target-ink": 4.5, "met": 4.5, "not-met": 4.5, "target": 3.0}


def test_text_and_marks_have_contrast_in_both_themes(page: str) -> None:
    """WCAG 2.2: text 4.5 to 1, marks 3 to 1."""
    roots = re.findall(r":root \{([^}]*)\}", page)
    themes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root)) for root in roots[:2]]
    assert all(len(theme) > 20 for theme in themes)
    for theme in themes:
        for name, least in CONTRAST.items():
            for ground in ("sheet", "page"):
                assert contrast(theme[name], theme[ground]) >= least, (name, ground, theme[name])
        for shade in range(5):
            assert contrast(theme[f"q{shade}"], theme[f"on-q{shade}"]) >= 4.5, (shade, theme[f"q{shade}"])
        ladder = [luminance(theme[f"q{shade}"]) for shade in range(5)]
        assert ladder in (sorted(ladder), sorted(ladder, reverse=True)), "shades rise in lightness, so that grey print keeps them"
