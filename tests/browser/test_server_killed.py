"""The server killed in the middle of a shift, three times: the screen says so, loses nothing, doubles nothing, and goes on by itself."""

import re
import time
from typing import Any

from playwright.sync_api import expect

from browser_stage import Desk, Opens, Seat

BACK_S = 4.0
"""From the server being ready to the page being live, on a busy machine; two seconds are meant."""

ROWS = """async () => {
  const box = document.querySelector('.log .window'), seen = {};
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (let top = 0; ; top += box.clientHeight / 2) {
    box.scrollTop = top;
    await frame();
    for (const row of box.querySelectorAll('[role=row]')) {
      (seen[row.ariaRowIndex] ??= new Set()).add(row.querySelector('[role=cell]:last-child').innerText.trim());
    }
    if (top > box.scrollHeight) break;
  }
  return { count: Number(box.ariaRowCount), rows: Object.fromEntries(Object.entries(seen).map(([at, texts]) => [at, [...texts]])) };
}"""
"""Reads the whole log as somebody who scrolls through it: row's number → everything that was ever seen in it."""


def log_of(seat: Seat) -> dict[str, Any]:
    """The shift log as it stands on the screen."""
    seat.page.keyboard.press("F6")
    expect(seat.page.locator(".log .window [role=row]").first).to_be_visible()
    return dict(seat.page.evaluate(ROWS))


def test_three_times_killed_and_nothing_lost(own_desk: Desk, seat: Opens) -> None:
    ana = seat(own_desk.address).enter_by_keys("ana")
    sofia = own_desk.by_hand("sofia")
    ana.may_be_down = True
    spans: list[tuple[float, float]] = []
    for turn in range(1, 4):
        opened = sofia.calls("sick")
        expect(ana.row(opened["incident"])).to_be_visible()
        own_desk.kill()
        killed = time.monotonic()

        # Asked before the screen can know: it goes again with the same key until it is answered.
        ana.to_line()
        ana.page.keyboard.type(f"h {opened['number']} 3{turn}")
        ana.page.keyboard.press("Enter")
        expect(ana.page.locator('.acts [data-state="again"]')).to_be_visible()

        banner = ana.told.locator(".not-live")
        expect(banner).to_be_visible(timeout=8_000)
        down_s = time.monotonic() - killed
        assert "NOT LIVE" in banner.inner_text()
        expect(ana.page.locator("html")).to_have_attribute("data-link", "lost")
        grey = ana.page.locator('[data-zone="queue"] .grid').evaluate(
            "(one) => [getComputedStyle(one).filter, getComputedStyle(one).opacity]"
        )
        zones = ana.page.locator(".zones").evaluate("(one) => [getComputedStyle(one).filter, getComputedStyle(one).opacity]")
        assert any("grayscale" in look[0] or float(look[1]) < 1 for look in (grey, zones)), (grey, zones)

        # Asked when the screen knows: refused plainly, and the text stays.
        text = f"note {opened['number']} ; turn {turn}"
        ana.page.keyboard.press("ControlOrMeta+a")
        ana.page.keyboard.type(text)
        ana.page.keyboard.press("Enter")
        expect(ana.page.get_by_role("status")).to_contain_text(re.compile("Not sent"))
        expect(ana.line).to_have_value(text)

        own_desk.start()
        ready = time.monotonic()
        expect(ana.page.locator('.link[data-link="live"]')).to_be_visible()
        spans.append((down_s, time.monotonic() - ready))
        expect(ana.page.locator(".signin")).to_have_count(0)
        expect(ana.page.locator('.acts [data-state="again"]')).to_have_count(0)
        expect(ana.line).to_have_value(text)
        ana.page.keyboard.press("Enter")
        expect(ana.line).to_have_value("")
        sofia.http.close()
        sofia = own_desk.by_hand("sofia")
    print(f"killed → told, ready → live again, s: {[(round(one, 2), round(other, 2)) for one, other in spans]}")
    assert all(down <= 7.5 and back <= BACK_S for down, back in spans), spans

    told = own_desk.events()
    assert [event["what"] for event in told].count("IncidentHeld") == 3
    assert [event["what"] for event in told].count("NoteAdded") == 3
    log = log_of(ana)
    assert log["count"] == len(told)
    assert all(len(texts) == 1 for texts in log["rows"].values())
    shown = [log["rows"][str(at)][0] for at in sorted(map(int, log["rows"]))]
    assert len(shown) == len(told)
    numbers = [match[1] for text in shown if (match := re.match(r"#(\d+) opened", text))]
    assert numbers == ["1", "2", "3"]
