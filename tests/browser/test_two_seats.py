"""Two dispatchers at once: both see the same, nobody overwrites anybody, and what one takes back goes back at both."""

import re
import time

import pytest
from playwright.sync_api import expect

from browser_stage import Desk, Opens, Seat


def at_work(desk: Desk, seat: Opens) -> tuple[Seat, Seat, str, str]:
    """Two people with one new incident in front of them; its id and number."""
    opened = desk.by_hand("sofia").calls()
    ana, ben = seat(desk.address).enter_by_keys("ana"), seat(desk.address).enter_by_keys("ben")
    number = str(opened["number"])
    for one in (ana, ben):
        expect(one.row(opened["incident"])).to_be_visible()
        one.does(f"s {number}")
        expect(one.pane("detail").locator(".slots .pick").first).to_be_visible()
    return ana, ben, opened["incident"], number


def test_both_send_the_same_unit_and_one_is_told_why_not(desk: Desk, seat: Opens) -> None:
    ana, ben, _, number = at_work(desk, seat)
    begun, text = desk.head(), f"d {number} M3"
    for one in (ana, ben):
        one.to_line()
        one.page.keyboard.type(text)
        expect(one.told.locator(".preview kbd").first).to_be_visible()
    for one in (ana, ben):
        one.page.keyboard.press("Enter")
    for one in (ana, ben):
        expect(one.told.locator(".done, .problem")).to_be_visible()
    done = [one for one in (ana, ben) if one.told.locator(".done").is_visible()]
    refused = [one for one in (ana, ben) if one.told.locator(".problem").is_visible()]
    assert len(done) == len(refused) == 1
    expect(done[0].line).to_have_value("")
    expect(refused[0].line).to_have_value(text)
    assert "M3" in refused[0].told.locator(".problem").inner_text()
    assert desk.words_of(begun).count("UnitsDispatched") == 1
    for one in (ana, ben):
        expect(one.unit_on("M3")).to_have_count(1)
        expect(one.unit_on("M3")).to_contain_text("DISP")


def test_a_priority_that_two_edit_is_never_the_later_ones_by_chance(desk: Desk, seat: Opens) -> None:
    ana, ben, incident, number = at_work(desk, seat)
    begun = desk.head()
    detail = ben.pane("detail")
    detail.get_by_role("button", name="Change Priority").click()
    detail.locator("label.choice", has_text="red").click()
    ana.does(f"pri {number} green")
    conflict = detail.locator(".conflict")
    expect(conflict).to_contain_text("ana")
    expect(conflict).to_contain_text("green")
    expect(detail.locator("input[name=edit-priority][value=red]")).to_be_checked()
    expect(ben.row(incident)).to_contain_text("green")
    changed = [(event["actor"], event.get("priority")) for event in desk.events(begun) if event["what"] == "IncidentReclassified"]
    assert changed == [("ana", "green")]
    conflict.locator("button.primary").click()
    expect(ana.row(incident)).to_contain_text("red")
    changed = [(event["actor"], event.get("priority")) for event in desk.events(begun) if event["what"] == "IncidentReclassified"]
    assert changed == [("ana", "green"), ("ben", "red")]


def test_what_one_does_the_other_sees_and_takes_back_goes_back_at_both(desk: Desk, seat: Opens) -> None:
    ana, ben, _, number = at_work(desk, seat)
    ana.does(f"d {number} M5")
    expect(ben.unit_on("M5")).to_contain_text("DISP")
    spans = []
    for verb, code in (("ack", "ACK"), ("en", "ENRT"), ("os", "ONSC")):
        ana.to_line()
        ana.page.keyboard.type(f"{verb} M5")
        expect(ana.told.locator(".preview kbd").first).to_be_visible()
        begun = time.monotonic()
        ana.page.keyboard.press("Enter")
        ben.page.wait_for_function(
            "([code]) => [...document.querySelectorAll('.units-on tbody tr')].some((row) => row.innerText.includes(code))", arg=[code]
        )
        spans.append(time.monotonic() - begun)
    print(f"one's status on the other's screen, s: {[round(span, 3) for span in spans]}")
    assert sorted(spans)[1] <= 1.0 and max(spans) <= 5.0

    begun_at = desk.head()
    ana.does("undo")
    for one in (ana, ben):
        expect(one.unit_on("M5")).to_contain_text("ENRT")
    ana.does("os M5")
    expect(ben.unit_on("M5")).to_contain_text("ONSC")
    ana.pane("detail").get_by_role("button", name=re.compile("^Undo")).click()
    for one in (ana, ben):
        expect(one.unit_on("M5")).to_contain_text("ENRT")
    undone = [(event["actor"], event["unit"]) for event in desk.events(begun_at) if event["what"] == "StatusUndone"]
    assert undone == [("ana", "M5")] * 2
    ben.types("undo")
    expect(ben.told.locator(".problem")).to_be_visible()
    assert desk.words_of(begun_at).count("StatusUndone") == 2


@pytest.mark.parametrize("text", ["d {number} X9", "d {number} E"])
def test_a_unit_is_never_guessed(text: str, desk: Desk, seat: Opens) -> None:
    ana, _, _, number = at_work(desk, seat)
    begun, typed = desk.head(), text.format(number=number)
    ana.to_line()
    ana.page.keyboard.type(typed)
    expect(ana.told.locator(".hint, .candidates:not([hidden])").first).to_be_visible()
    ana.page.keyboard.press("Enter")
    expect(ana.line).to_have_value(typed)
    expect(ana.told.locator(".problem, .candidates:not([hidden])").first).to_be_visible()
    assert desk.words_of(begun) == []
