"""The centre's own log lived again, in the browser: set up by keys, told how far to trust it, still there after the server was killed."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect
from test_axe import flaws, found_by_axe, in_both_themes
from test_lab_page import SLOW_MS, fill, focused, opened, run_named, small

from browser_stage import ByHand, Desk, Opens


def serve(ben: ByHand, place: list[float]) -> str:
    """One call from its beginning to its end; the unit that went."""
    incident = str(ben.calls(place={"at": place, "text": "Plaza"})["incident"])
    number = int(incident[-4:])
    told = ben.types(f"d {number} !")
    assert told["problem"] is None
    unit = re.search(r"Dispatch (\w+) ", told["preview"][0]["told"])[1]  # type: ignore[index]
    for verb in ("en", "os", "av"):
        assert ben.types(f"{verb} {unit}")["problem"] is None
    return unit


@pytest.fixture
def with_calls(own_desk: Desk) -> Desk:
    """A centre with a log of four calls."""
    ben = own_desk.by_hand("ben")
    for nth in range(4):
        serve(ben, [-71.2520 + nth * 0.004, -29.9027])
    assert own_desk.words_of().count("IncidentClosed") == 4
    return own_desk


def choose_log(one: Any) -> None:
    """Of the two ways to have calls, by keys."""
    focused(one, one.page.get_by_label("Drawn, as often as the city has them")).press("ArrowDown")
    expect(one.page.get_by_label("This centre’s own log")).to_be_checked()


def test_a_log_is_lived_again_and_its_result_outlives_the_server(with_calls: Desk, seat: Opens) -> None:
    one = opened(seat(with_calls.address))
    page = one.page
    one.may_be_down = True
    choose_log(one)
    expect(page.get_by_label("Load")).to_have_count(0)
    expect(page.get_by_label("Guard")).to_have_count(0)
    focused(one, page.get_by_role("button", name="Add this change")).press("Enter")
    fill(one, "Last days", "2")
    fill(one, "Runs", "2")
    focused(one, page.get_by_label("Name", exact=False).last)
    page.keyboard.type("our own")
    page.keyboard.press("Enter")
    result = page.locator(".result")
    expect(result.locator("h3")).to_have_text("our own", timeout=SLOW_MS)
    expect(result.locator("[data-trust]")).to_have_attribute("data-trust", re.compile("few|poor|fair|good"))
    expect(result.locator(".trust")).not_to_be_empty()
    expect(result).to_contain_text("Station A1 is closed.")
    expect(result).to_contain_text("4 lived again")
    expect(result.locator("table")).to_have_count(4)
    found = in_both_themes(one, "a log") + flaws(page, "a log")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download JSON").first.click()
    told = json.loads(waiting.value.path().read_text("utf-8"))
    assert told["answer"] is None and told["relived"]["calls"] == 4 == told["demand"]["calls"]
    assert told["relived"]["best"] == [] == told["relived"]["worst"] and "sofia" in told["run"]["by"]

    with_calls.kill()
    expect(page.locator(".not-live")).to_be_visible()
    with_calls.start()
    one.is_live()
    line = run_named(one, "our own")
    expect(line.locator(".about .quiet")).not_to_contain_text("sofia", timeout=SLOW_MS)
    expect(page.locator(".intro")).to_contain_text("kept with the centre for 30 days")
    expect(line).not_to_contain_text("not written to disk")
    page.goto(with_calls.address + "lab")
    one.is_live()
    expect(page.locator(".result")).to_have_count(0)
    focused(one, run_named(one, "our own").get_by_role("checkbox")).press(" ")
    expect(page.locator(".result")).to_contain_text("Station A1 is closed.")
    focused(one, page.get_by_role("button", name="Forget our own")).press("Enter")
    expect(page.locator("[data-run]")).to_have_count(0)
    expect(page.locator(".result")).to_have_count(0)
    assert not list((with_calls.centre / "experiments").glob("*.json"))
    assert found == []


def test_a_log_without_calls_says_so_and_what_was_typed_stays(own_desk: Desk, seat: Opens) -> None:
    one = opened(seat(own_desk.address))
    choose_log(one)
    focused(one, one.page.get_by_label("Other stations or units")).press("ArrowDown")
    rules = one.page.locator("fieldset.policies input")
    assert {box.get_attribute("type") for box in rules.all()} == {"radio"}, "a log is lived twice: one policy beside the base"
    fill(one, "Last days", "3")
    one.page.keyboard.press("Enter")
    line = one.page.locator("[data-run]")
    expect(line).to_have_attribute("data-state", "failed", timeout=SLOW_MS)
    expect(line.locator(".problem")).not_to_be_empty()
    expect(one.page.get_by_label("Last days")).to_have_value("3")
    assert found_by_axe(one.page, "failed") == []


def test_a_guard_is_told_with_sign_and_areas_and_the_map_in_words(desk: Desk, seat: Opens) -> None:
    one = opened(seat(desk.address))
    page = one.page
    focused(one, page.get_by_role("button", name="Add this change")).press("Enter")
    fill(one, "Guard", "0")
    small(one, "guarded")
    result = page.locator(".result")
    guard = result.locator("[data-guard]")
    expect(guard).to_be_visible(timeout=SLOW_MS)
    sign = {"kept": "✓", "broken": "✗"}[guard.get_attribute("data-guard") or ""]
    assert guard.inner_text().startswith(sign)
    drawing = result.get_by_role("img", name=re.compile(r"Map of \d+ areas: \d+ worse, \d+ better"))
    expect(drawing).to_be_visible()
    shapes = page.evaluate("[...document.querySelectorAll('.area-map .mark')].map((one) => one.classList[1])")
    assert shapes and set(shapes) <= {"worse", "better", "none"}
    rings = page.locator(".area-map .mark.none circle").count()
    triangles = page.locator(".area-map .mark path").count()
    assert rings + triangles == len(shapes) and rings == shapes.count("none"), "told by shape, not by colour"
    found = in_both_themes(one, "guard and map") + flaws(page, "guard and map")
    page.emulate_media(forced_colors="active")
    found += found_by_axe(page, "forced colours")
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 683, "height": 384})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scroll at 200 %"
    found += flaws(page, "at 200 %")
    assert found == []
