"""Who is signed in, until when, and what each may see and do."""

import re
import time
from contextlib import closing

from playwright.sync_api import expect

from browser_stage import Desk, Opens
from tocsin.edge.accounts import open_or_create_accounts

PERSONAL = ("+56 51 555 0177", "Rosa Aguirre", "the stairs are burning")


def test_signing_out_ends_the_stream_and_shows_the_door(desk: Desk, seat: Opens) -> None:
    ana = seat(desk.address).enter_by_keys("ana")
    other = ana.context.new_page()
    other.goto(desk.address)
    expect(other.locator('.link[data-link="live"]')).to_be_visible()
    ana.page.locator("details.menu > summary").click()
    ana.page.get_by_role("button", name="Sign out").click()
    expect(ana.page.locator(".signin input").first).to_be_focused()
    expect(ana.page.locator(".zones")).to_have_count(0)
    expect(other.locator(".signin input").first).to_be_visible()
    expect(other.locator(".zones")).to_have_count(0)
    assert ana.page.evaluate("fetch('/api/situation').then((answer) => answer.status)") == 401
    assert ana.page.evaluate("fetch('/api/stream').then((answer) => answer.status)") == 401


def test_a_session_that_has_ended_is_told_and_one_goes_on_after_signing_in_again(own_desk: Desk, seat: Opens) -> None:
    desk = own_desk
    ana = seat(desk.address).enter_by_keys("ana")
    opened = desk.by_hand("sofia").calls()
    ana.does(f"s {opened['number']}")
    begun = desk.head()
    desk.end_sessions()
    ana.to_line()
    ana.page.keyboard.type(f"note {opened['number']} ; still here")
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator(".signin, .told .problem").first).to_be_visible()
    expect(ana.page.locator(".signin input").first).to_be_visible(timeout=20_000)
    assert desk.words_of(begun) == []
    ana.page.locator(".signin input").first.fill("ana")
    ana.page.locator(".signin input[type=password]").fill("four words apart")
    ana.page.keyboard.press("Enter")
    ana.is_live()
    ana.page.keyboard.press("ArrowUp") if ana.line.input_value() == "" else None
    expect(ana.line).to_have_value(re.compile("still here"))
    ana.page.keyboard.press("Enter")
    expect(ana.line).to_have_value("")
    until = time.monotonic() + 15
    while desk.words_of(begun) != ["NoteAdded"]:
        assert time.monotonic() < until, desk.words_of(begun)
        time.sleep(0.1)


def test_the_wall_shows_no_caller_and_takes_no_command(desk: Desk, seat: Opens) -> None:
    number, name, words = PERSONAL
    opened = desk.by_hand("sofia").calls(caller_number=number, caller_name=name, words=words, caller_place="third floor, left")
    wall = seat(desk.address).enter_by_keys("muro")
    expect(wall.row(opened["incident"])).to_be_visible()
    expect(wall.line).to_have_count(0)
    expect(
        wall.page.locator(".actions, .menu, [data-pane=detail], [data-pane=intake], [data-pane=messages], [data-pane=log]")
    ).to_have_count(0)
    told = wall.page.evaluate("document.documentElement.innerHTML") + wall.page.evaluate(
        "fetch('/api/situation').then((answer) => answer.text())"
    )
    assert not any(text in told for text in (*PERSONAL, "third floor, left"))
    for key in ("F7", "n", "/"):
        wall.page.keyboard.press(key)
    expect(wall.page.locator("#intake-place")).to_have_count(0)
    asked = "(path) => fetch(path).then((answer) => answer.status)"
    assert wall.page.evaluate(asked, f"/api/incidents/{opened['incident']}") == 403


def test_a_call_taker_takes_calls_and_is_told_plainly_that_sending_is_not_theirs(desk: Desk, seat: Opens) -> None:
    opened = desk.by_hand("sofia").calls()
    tomas = seat(desk.address).enter_by_keys("tomas")
    expect(tomas.row(opened["incident"])).to_be_visible()
    begun = desk.head()
    tomas.to_line()
    tomas.page.keyboard.type(f"d {opened['number']} M2")
    tomas.page.keyboard.press("Enter")
    problem = tomas.told.locator(".problem")
    expect(problem).to_be_visible()
    assert problem.inner_text().strip()
    print(f"a call-taker who sends is told: {problem.inner_text()}")
    expect(tomas.line).to_have_value(f"d {opened['number']} M2")
    assert "UnitsDispatched" not in desk.words_of(begun)
    tomas.does(f"note {opened['number']} ; caller rang again")
    assert desk.words_of(begun)[-1] == "NoteAdded"


def test_a_one_time_key_lets_in_once_and_stands_nowhere(own_desk: Desk, seat: Opens) -> None:
    now = own_desk.by_hand("sofia").http.get("/health").json()["now"]
    with closing(open_or_create_accounts(own_desk.centre / "accounts.db")) as accounts:
        key = accounts.draw_key("ben", expires=now + 60_000)
    ben = seat(own_desk.address).enter_by_key(key)
    assert key not in ben.page.url and "#" not in ben.page.url
    again = seat(own_desk.address)
    again.page.goto(f"{own_desk.address}#key={key}")
    expect(again.page.locator(".signin .problem")).not_to_be_empty()
    expect(again.page.locator(".zones")).to_have_count(0)
