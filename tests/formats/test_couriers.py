"""``[[courier]]`` tables: read, written back the same, and every fault on its line."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centre_texts import CENTRE, line_of, texts
from tocsin.formats.centre_files import check, read_centre, write_centre
from tocsin.formats.couriers import EVENTS, CourierSetting, is_url
from tocsin.words import languages, tell

COURIERS = """
[[courier]]
name = "pager"
kind = "webhook"
url = "https://pager.example:8443/in?centre=bay"
secret_file = "pager.secret"
events = ["UnitsDispatched", "AssignmentCancelled"]

[[courier]]
name = "printer"
kind = "folder"
folder = "printer"
events = ["UnitsDispatched"]
"""
WITH = CENTRE + COURIERS


def test_couriers_are_read_and_written_back() -> None:
    centre = read_centre(texts(centre=WITH))
    assert centre.couriers == (
        CourierSetting("pager", "webhook", ("UnitsDispatched", "AssignmentCancelled"), "https://pager.example:8443/in?centre=bay",
                       secret_file="pager.secret"),
        CourierSetting("printer", "folder", ("UnitsDispatched",), folder="printer"),
    )  # fmt: skip
    written = write_centre(centre)
    assert read_centre(written) == centre
    assert written["centre.toml"].count("[[courier]]") == 2


def test_a_centre_without_couriers_is_written_as_before() -> None:
    centre = read_centre(texts())
    assert centre.couriers == () and "courier" not in write_centre(centre)["centre.toml"]


CASES = [
    ('name = "printer"', 'name = "pager"', "courier_doubled", 'name = "pager"\nkind = "folder"'),
    ('name = "printer"', 'name = "the printer"', "courier_name", 'name = "the printer"'),
    ('name = "printer"', 'name = ""', "courier_name", 'name = ""'),
    ('kind = "folder"', 'kind = "fax"', "value_choice", 'kind = "fax"'),
    ('kind = "folder"\n', "", "setting_missing", '[[courier]]\nname = "printer"'),
    ('events = ["UnitsDispatched"]', "events = []", "courier_events", "events = []"),
    ('events = ["UnitsDispatched"]', 'events = ["UnitDispatched"]', "courier_event", 'events = ["UnitDispatched"]'),
    ('events = ["UnitsDispatched"]', 'events = "UnitsDispatched"', "value_kind", 'events = "UnitsDispatched"'),
    ('events = ["UnitsDispatched"]\n', "", "setting_missing", '[[courier]]\nname = "printer"'),
    ('folder = "printer"\n', "", "courier_lacks", '[[courier]]\nname = "printer"'),
    ('folder = "printer"', 'folder = "printer"\nurl = "http://a/"', "courier_foreign", 'url = "http://a/"'),
    ('folder = "printer"', 'folder = "printer"\nfolders = "b"', "setting_unknown", 'folders = "b"'),
    ('secret_file = "pager.secret"\n', "", "courier_lacks", '[[courier]]\nname = "pager"'),
    ("https://pager.example:8443", "ftp://pager.example", "courier_url", "url ="),
    ("https://pager.example:8443", "https://ana:word@pager.example", "courier_url", "url ="),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "where"), CASES)
def test_a_fault_is_told_with_its_line(old: str, new: str, code: str, where: str) -> None:
    text = WITH.replace(old, new)
    assert text != WITH
    [problem] = check(texts(centre=text))
    assert (problem.code, problem.file, problem.line) == (code, "centre.toml", line_of(text, where)), str(problem)
    for language in languages():
        assert problem.code not in tell(problem, language) and "{" not in tell(problem, language)


def test_a_near_event_is_suggested() -> None:
    [problem] = check(texts(centre=WITH.replace('["UnitsDispatched"]', '["UnitDispatched"]')))
    assert problem.values["nearest"].startswith("UnitsDispatched")


@pytest.mark.parametrize("url", ["http://a", "https://10.0.0.7:8443/in", "http://[::1]:80/x?y=1&z=%20", "https://pager.example/"])
def test_what_can_be_posted_to(url: str) -> None:
    assert is_url(url)


@pytest.mark.parametrize(
    "url",
    ["", "pager", "//a/b", "http://", "http:///x", "http://a:0/", "http://a:x/", "http://a:99999/", "http://[::1/", "http://a b/", "http://a/\n",
     "http://a/\r\nX: y", "http://é.example/", "http://u@a/", "http://a/#b", "file:///etc", f"http://{'a' * 70}.b/", "http://a..b/"],
)  # fmt: skip
def test_what_cannot(url: str) -> None:
    assert not is_url(url)


@settings(max_examples=300)
@given(st.text(max_size=40) | st.text("htps:/.[]@#?%a1 \r\n", max_size=30).map(lambda rest: f"http://{rest}"))
def test_no_text_is_too_much(text: str) -> None:
    assert is_url(text) in (True, False)


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", fullmatch=True)
SOME_EVENTS = st.lists(st.sampled_from(sorted(EVENTS)), min_size=1, max_size=4).map(tuple)
PATHS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)
SETTINGS = st.one_of(
    st.builds(CourierSetting, NAMES, st.just("folder"), SOME_EVENTS, folder=PATHS),
    st.builds(CourierSetting, NAMES, st.just("webhook"), SOME_EVENTS, url=st.just("https://a.example/b"), secret_file=PATHS),
)


@settings(max_examples=100)
@given(st.lists(SETTINGS, max_size=4, unique_by=lambda one: one.name))
def test_any_couriers_read_back_as_they_were_written(couriers: list[CourierSetting]) -> None:
    texts_of = texts(centre=CENTRE)
    texts_of["centre.toml"] = write_centre(msgspec.structs.replace(read_centre(texts()), couriers=tuple(couriers)))["centre.toml"]
    assert read_centre(texts_of).couriers == tuple(couriers)
