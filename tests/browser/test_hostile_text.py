"""What people may send as words: shown as words everywhere, run nowhere, kept to the letter."""

import pytest
from playwright.sync_api import Page, expect

from browser_stage import Desk, Opens, Seat
from tocsin.edge.accounts import open_or_create_accounts

MARKUP = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script><b>bold</b>{{7*7}}${window.pwned=1}"
RIGHT_TO_LEFT = "שלום مرحبا x"  # signs that turn the direction round are refused (tests/web)
SIGNS = "🔥👩‍🚒🇨🇱 e̊́̂̃ 𝕏 \u200b\ufeff '\"`\\ javascript:window.pwned=1"
LONG = "W" * 400
TEXTS = {"markup": MARKUP, "right-to-left": RIGHT_TO_LEFT, "signs": SIGNS, "long": LONG}


def is_whole(page: Page) -> None:
    """Nothing ran, nothing became markup, and the page does not scroll."""
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src='x'], main b, main script").count() == 0
    sizes = "(one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]"
    root = page.evaluate(f"[document.documentElement, document.body].map({sizes})")
    assert all(across <= 0 and down <= 0 for across, down in root), root


@pytest.mark.parametrize("name", TEXTS)
def test_words_of_a_call_are_words(name: str, desk: Desk, seat: Opens) -> None:
    text, begun = TEXTS[name], desk.head()
    words = (text * 40)[:4000].strip()
    ana = seat(desk.address).enter_by_keys("ana")
    page, keys = ana.page, ana.page.keyboard
    keys.press("F7")
    expect(page.locator("#intake-place")).to_be_focused()
    page.locator("#intake-place").fill(text[:190])
    page.locator("#pane-intake button", has_text="Go on").or_(page.locator("#pane-intake .place button").last).last.click()
    page.locator("#intake-type").fill(text[:190])
    keys.press("Escape")
    page.locator("label.choice", has_text="green").click()
    page.locator("#intake-name").fill(text[:190])
    page.locator("#intake-words").fill(words)
    page.locator("#intake-words").press("Control+Enter")
    expect(ana.pane("detail").locator("h2.num")).to_be_visible()
    opened = next(event for event in desk.events(begun) if event["what"] == "IncidentOpened")
    expect(ana.row(opened["incident"])).to_be_visible()
    is_whole(page)

    number = str(int(opened["incident"][-4:]))
    write_note(ana, words)
    reason = text[:190]
    page.locator(".look > button").click()
    page.locator("#look-reason").fill(reason)
    page.locator("#look-reason").press("Enter")
    said = page.locator(".look .said")
    expect(said.nth(1)).to_be_visible()
    assert said.nth(0).evaluate("(one) => one.textContent") == words
    assert words in said.nth(1).evaluate("(one) => one.textContent")
    assert page.locator(".look dd").nth(1).evaluate("(one) => one.textContent").strip() == reason.strip()
    is_whole(page)

    page.locator(".detail button", has_text="Cancel #").click()
    page.locator("#detail-doing").fill(reason)
    page.locator("#detail-doing").press("Enter")
    expect(ana.row(opened["incident"])).to_have_count(0)
    keys.press("F6")
    expect(page.locator(".log .window [role=row]").first).to_be_visible()
    is_whole(page)

    events = {event["what"]: event for event in desk.events(begun)}
    kept = desk.by_hand("sofia").http.get(f"/api/incidents/{opened['incident']}").json()["incident"]
    assert kept["place"]["text"] == text[:190].strip() and kept["incident_type"] == text[:190].strip()
    assert not kept["is_type_known"] and number
    assert events["PersonalDataSeen"]["reason"].strip() == reason.strip()[:120] or events["PersonalDataSeen"]["reason"] == reason.strip()
    assert b"window.pwned" not in text.encode() or words.encode() not in (desk.centre / "centre.journal").read_bytes()
    paper = page.context.new_page()
    paper.goto(f"{desk.address}?print={opened['incident']}")
    expect(paper.locator("body")).to_contain_text(f"#{number}")
    assert paper.evaluate("window.pwned") is None and paper.locator("img[src='x']").count() == 0


def write_note(ana: Seat, words: str) -> None:
    """At the incident that is selected."""
    ana.page.locator(".detail button", has_text="Add note").first.click()
    ana.page.locator("textarea#detail-doing").fill(words)
    ana.page.locator(".doing button[type=submit]").click()
    expect(ana.page.locator("#detail-doing")).to_have_count(0)


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_line_is_only_a_line_that_means_nothing(name: str, desk: Desk, seat: Opens) -> None:
    begun = desk.head()
    ana = seat(desk.address).enter_by_keys("ana")
    ana.line.fill(TEXTS[name][:480])
    expect(ana.told.locator(".hint, .preview, .candidates:not([hidden])").first).to_be_visible()
    is_whole(ana.page)
    ana.line.press("Enter")
    expect(ana.told.locator(".problem, .hint, .done").first).to_be_visible()  # what begins with no verb is a search
    is_whole(ana.page)
    assert desk.words_of(begun) == []


def test_names_of_seats_in_any_script_and_none_that_deceive(desk: Desk, seat: Opens) -> None:
    accounts = open_or_create_accounts(desk.centre / "accounts.db")
    accounts.add("مریم-Ωμέγα.七", "dispatcher", password="four words apart")
    accounts.close()
    maryam = seat(desk.address).enter_by_keys("مریم-Ωμέγα.七")
    expect(maryam.page.locator("header.bar")).to_contain_text("مریم-Ωμέγα.七")
    number = desk.by_hand("sofia").calls("<script>window.pwned=1</script>")["number"]
    maryam.does(f"h {number} 5")
    maryam.page.keyboard.press("F6")
    expect(maryam.page.locator(".log")).to_contain_text("مریم-Ωμέγα.七")
    is_whole(maryam.page)
