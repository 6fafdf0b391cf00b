"""The live demo with its guide: one call by keys alone, every step ticked by what happened; put away, called back; a link that was used."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from browser_stage import Opens, Seat

STEPS = ["take", "where", "what", "open", "advice", "send", "watch", "log"]
LONGEST_S = 120.0
A_LINK = re.compile(r"(http://127\.0\.0\.1:\d+/)#key=(\S+)")


class LiveDemo:
    """``tocsin demo`` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.printed = folder / "printed.txt"
        command = [sys.executable, "-m", "tocsin", "demo", "--out", str(folder / "demo"), "--port", "0", "--speed", "10"]
        environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        with self.printed.open("w") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, env={**environment, "TOCSIN_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
            )

    def links(self, at_least: int) -> list[tuple[str, str]]:
        """Addresses and keys in the order of their printing."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            found = A_LINK.findall(self.printed.read_text("utf-8"))
            if len(found) >= at_least:
                return found
            assert self.process.poll() is None, self.printed.read_text("utf-8")
            time.sleep(0.1)
        raise AssertionError(self.printed.read_text("utf-8"))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def demo(console_built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDemo]:
    one = LiveDemo(tmp_path_factory.mktemp("live"))
    yield one
    one.stop()


def guide(seat: Seat) -> Locator:
    return seat.page.locator("aside.guide")


def is_ticked(seat: Seat, step: str) -> None:
    expect(guide(seat).locator(f"[data-step={step}]")).to_have_class("done")


def is_at(seat: Seat, step: str) -> None:
    expect(guide(seat).locator("[aria-current=step]")).to_have_attribute("data-step", step)


def boxes(seat: Seat) -> list[dict[str, float]]:
    """Where the zones stand."""
    return [zone.bounding_box() or {} for zone in seat.page.locator(".zone").all()]


def fresh(demo: LiveDemo, opens: Opens, **more: object) -> Seat:
    """A browser that has followed the latest dispatcher's link."""
    before = len(demo.links(3))
    address, key = demo.links(3)[0 if before == 3 else -1]
    seat = opens(address, **more)
    seat.enter_by_key(key)
    demo.links(before + 1)
    return seat


def test_a_call_by_keys_in_two_minutes(demo: LiveDemo, seat: Opens) -> None:
    ana = fresh(demo, seat, locale="en")
    page, keys = ana.page, ana.page.keyboard
    began = time.monotonic()
    is_at(ana, "take")
    expect(ana.line).to_be_focused()
    page.evaluate("document.fonts.ready.then(() => true)")
    stood = boxes(ana)

    ana.types("n")
    expect(page.locator("#intake-place")).to_be_focused()
    is_ticked(ana, "take")
    is_at(ana, "where")
    place = re.search(r"Type “(.+?)”, press", guide(ana).inner_text())
    assert place is not None
    keys.type(place[1])
    options = page.locator("#intake-places [role=option]")
    expect(options.first).to_contain_text("±")
    keys.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    is_at(ana, "what")
    keys.press("Tab")
    while not page.evaluate("document.activeElement.matches('#intake-type')"):
        keys.press("Tab")
    keys.type("fall")
    while not page.evaluate("document.activeElement.matches('input[name=intake-priority]')"):
        keys.press("Tab")
    keys.press("2")
    is_at(ana, "open")
    keys.press("Control+Enter")
    is_at(ana, "advice")
    is_ticked(ana, "advice")
    expect(ana.pane("detail").locator(".slots .pick .mono").first).to_be_visible()
    focused = page.evaluate("document.activeElement.closest('aside') === null")

    keys.press("Alt+g")
    expect(guide(ana).locator("[data-first]")).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    is_at(ana, "send")
    command = re.search(r"d \d+ !", guide(ana).inner_text())
    assert command is not None and focused
    ana.types(command[0])
    is_ticked(ana, "send")
    is_at(ana, "watch")
    is_ticked(ana, "watch")
    expect(guide(ana).locator(".way .done")).to_have_count(3, timeout=90_000)
    keys.press("F6")
    is_ticked(ana, "log")
    expect(guide(ana).locator("li.done")).to_have_count(len(STEPS))
    expect(guide(ana).locator("h2")).to_have_text("That was a whole call")
    assert time.monotonic() - began < LONGEST_S
    assert boxes(ana) == stood, f"a zone has moved: {stood} -> {boxes(ana)}"
    assert not page.evaluate("document.documentElement.scrollHeight > innerHeight")


def test_shows_a_part_is_put_away_and_called_back(demo: LiveDemo, seat: Opens) -> None:
    ben = fresh(demo, seat, locale="pt", viewport={"width": 1366, "height": 768})
    page = ben.page
    box = guide(ben)
    expect(box).to_contain_text("Chega uma chamada")
    for step in STEPS:
        is_at(ben, step)
        box.locator("[aria-pressed]").click()
        expect(page.locator("[data-guided]")).to_have_count(1)
        expect(page.locator("[data-guided]")).to_be_visible()
        box.get_by_role("button", name="Saltar").click()
        expect(page.locator("[data-guided]")).to_have_count(0)
    box.get_by_role("button", name="Voltar").click()
    is_at(ben, "log")
    found = Axe().run(page, "aside.guide")
    assert [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")] == []

    box.get_by_role("button", name="Guardar").click()
    expect(box).to_have_count(0)
    expect(ben.line).to_be_focused()
    page.reload()
    ben.is_live()
    expect(box).to_have_count(0)
    page.locator(".menu > summary").click()
    page.locator(".menu").get_by_role("button", name="Guia para uma primeira chamada").click()
    is_at(ben, "log")


def test_a_used_link_is_no_dead_end(demo: LiveDemo, seat: Opens) -> None:
    ana = fresh(demo, seat, locale="en")
    address, spent = demo.links(3)[0]
    page = ana.page
    page.goto("about:blank")
    page.goto(f"{address}#key={spent}")
    ana.is_live()  # this browser was let in before
    other = seat(address, locale="en")
    other.page.goto(f"{address}#key={spent}")
    expect(other.page.get_by_role("alert")).to_contain_text("A fresh one stands in the terminal")
    other.page.goto("about:blank")
    other.enter_by_key(demo.links(3)[-1][1])
