"""What if, in the browser: set up by keys, watched, read, put side by side, cancelled; by the rules of every other page."""

import json
import re

from playwright.sync_api import Locator, expect
from test_axe import flaws, found_by_axe, in_both_themes

from browser_stage import Desk, Opens, Seat

SLOW_MS = 60_000
"""A city is made and lived through behind everything else that this machine does."""


def focused(seat: Seat, control: Locator) -> Locator:
    """The control, with the keyboard in it: reached by Tab alone, from wherever the keyboard is."""
    for _ in range(60):
        if control.evaluate("(one) => one === document.activeElement"):
            return control
        seat.page.keyboard.press("Tab")
    raise AssertionError(f"not reached by Tab: {control}")


def opened(seat: Seat) -> Seat:
    """The page of the lab, in front of a supervisor."""
    seat.enter_by_keys("sofia", "lab")
    expect(seat.page.locator("form.setup")).to_be_visible()
    return seat


def run_named(seat: Seat, name: str) -> Locator:
    """The line of an experiment."""
    return seat.page.locator("[data-run]").filter(has=seat.page.locator(".name", has_text=re.compile(f"^{re.escape(name)}$")))


def fill(seat: Seat, label: str, value: str) -> None:
    """A number of the form, by keys."""
    focused(seat, seat.page.locator("form.setup").get_by_label(label))
    seat.page.keyboard.press("ControlOrMeta+a")
    seat.page.keyboard.type(value)


def small(seat: Seat, name: str) -> None:
    """Two short replications under a name; started with Enter."""
    fill(seat, "Days", "3")
    fill(seat, "Runs", "3")
    focused(seat, seat.page.get_by_label("Name", exact=False).last)
    seat.page.keyboard.type(name)
    seat.page.keyboard.press("Enter")
    expect(run_named(seat, name)).to_be_visible()


def test_a_what_if_from_the_menu_to_its_results_and_another_cancelled(desk: Desk, seat: Opens) -> None:
    one = seat(desk.address)
    one.enter_by_keys("sofia")
    one.page.locator("details.menu > summary").click()
    expect(one.page.locator('.menu a[href="/lab"]')).to_have_text("What if? (lab)")
    one.page.goto(one.address + "lab")
    one.is_live()
    page = one.page
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
    focused(one, page.get_by_role("button", name="Add this change")).press("Enter")
    expect(page.locator(".changes li")).to_have_text(re.compile("A1 closed"))
    found = in_both_themes(one, "set up") + flaws(page, "set up")

    small(one, "without A1")
    expect(page.locator(".result h3")).to_have_text("without A1", timeout=SLOW_MS)
    expect(run_named(one, "without A1")).to_have_attribute("data-state", "done")
    expect(page.locator(".verdict")).to_contain_text(re.compile("The changed city|no difference shown"))
    expect(page.locator(".result tbody").first.locator("tr")).to_have_count(10)
    assert "Late and avoidable" not in page.locator(".result").inner_text(), "two cities have two floors"
    for row in page.locator(".result tbody").first.locator("tr").all():
        is_hollow = row.locator("circle:not(.shown)").count() > 0
        assert not is_hollow or "no difference shown" in row.inner_text()

    focused(one, page.get_by_label("Other stations or units")).press("ArrowDown")
    expect(page.get_by_label("Other rules of dispatch")).to_be_checked()
    small(one, "rules")
    expect(page.locator(".beside")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".beside thead th")).to_have_count(3)
    found += in_both_themes(one, "results") + flaws(page, "results")

    fill(one, "Days", "300")
    fill(one, "Runs", "900")
    focused(one, page.get_by_role("button", name="Start")).press("Enter")
    running = page.locator('[data-state="running"]')
    expect(running.locator("progress")).to_be_visible()
    found += found_by_axe(page, "running")
    running.get_by_role("button", name=re.compile("^Cancel")).press("Enter")
    expect(page.locator('[data-state="cancelled"]')).to_be_visible(timeout=SLOW_MS)
    assert found == []


def test_what_is_downloaded_is_what_stands_there_and_in_four_languages(desk: Desk, seat: Opens) -> None:
    one = opened(seat(desk.address))
    page = one.page
    if not page.locator("[data-state=done]").count():  # run by itself
        focused(one, page.get_by_role("button", name="Add this change")).press("Enter")
        small(one, "alone")
    box = page.locator("[data-state=done] input[type=checkbox]").last
    if not box.is_checked(timeout=SLOW_MS):
        box.check()
    expect(page.locator(".result")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download JSON").first.click()
    told = json.loads(waiting.value.path().read_text("utf-8"))
    assert waiting.value.suggested_filename.endswith(".json")
    assert told["arms"] == "changes" and told["answer"]["asked"]["seed"] == 1
    assert f"{told['answer']['policies']['changed']['high']['late_share'] * 100:.1f} %" in page.locator(".result").inner_text()
    titles = set()
    for language in ("pt", "fr", "es", "en"):
        page.locator("details.menu > summary").click()
        page.locator(".menu select").first.select_option(language)
        expect(page.locator("html")).to_have_attribute("lang", language)
        titles.add(page.locator(".verdict").inner_text() if page.wait_for_timeout(600) is None else "")
        assert "console." not in page.locator("main").inner_text()
        page.keyboard.press("Escape")
    assert len(titles) == 4


def test_at_200_percent_and_in_forced_colours(desk: Desk, seat: Opens) -> None:
    one = opened(seat(desk.address, viewport={"width": 683, "height": 384}, device_scale_factor=2))
    for box in one.page.locator("[data-state=done] input[type=checkbox]").all():
        box.check()
    found = flaws(one.page, "at 200 %")
    one.page.emulate_media(forced_colors="active")
    found += found_by_axe(one.page, "forced colours")
    assert found == []


def test_whoever_may_not_is_not_led_there_and_is_told(desk: Desk, seat: Opens) -> None:
    one = seat(desk.address)
    one.enter_by_keys("ana")
    one.page.locator("details.menu > summary").click()
    expect(one.page.locator('.menu a[href="/wall"]')).to_be_visible()
    expect(one.page.locator('.menu a[href="/lab"]')).to_have_count(0)
    one.page.goto(one.address + "lab")
    expect(one.page.locator("main [role=alert]")).to_contain_text("There is no lab here")


def test_a_desk_that_is_gone_is_told_and_nothing_is_asked_of_it(own_desk: Desk, seat: Opens) -> None:
    one = opened(seat(own_desk.address))
    one.may_be_down = True
    focused(one, one.page.get_by_role("button", name="Add this change")).press("Enter")
    expect(one.page.get_by_role("button", name="Start")).to_be_enabled()
    own_desk.kill()
    expect(one.page.locator(".not-live")).to_be_visible()
    expect(one.page.get_by_role("button", name="Start")).to_be_disabled()
    expect(one.page.locator(".intro .problem")).to_contain_text("as of")
