"""Fifty updates a second from all sides while somebody types: no letter lost, no caret moved, no menu shut, no row shifted."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import expect

from browser_stage import Desk, Opens

PER_S = 50
MORE = 25
TYPED = "note 1 ; the caller says that two people are still on the second floor and that the stairs are"


class Driver:
    """Positions from devices, reports of crews, calls: ``PER_S`` a second together, from threads of their own."""

    def __init__(self, desk: Desk, calls: int) -> None:
        self.desk, self.calls_left, self.done, self.faults = desk, calls, 0, list[str]()
        self._over, self._lock = threading.Event(), threading.Lock()
        self.tokens = [desk.token(unit) for unit in ("M1", "M2", "M3", "M4", "E11", "E21", "E31", "E41")]
        self.incidents: list[str] = []
        self._threads = [threading.Thread(target=self._go, args=(nth,), daemon=True) for nth in range(4)]

    def _go(self, nth: int) -> None:
        hand = self.desk.by_hand("ben")
        device = httpx.Client(base_url=self.desk.address, timeout=30)
        begun, turn = time.monotonic(), 0
        while not self._over.is_set():
            try:
                self._one(hand, device, nth, turn)
            except Exception as fault:  # noqa: BLE001 - told by the test, whatever it was
                self.faults.append(repr(fault))
            turn += 1
            self._over.wait(max(0.0, begun + turn * 4 / PER_S - time.monotonic()))

    def _one(self, hand: object, device: httpx.Client, nth: int, turn: int) -> None:
        with self._lock:
            is_call = self.calls_left > 0 and turn % 3 == 0
            self.calls_left -= is_call
            self.done += 1
        if is_call:
            opened = hand.calls("crash", priority="red")
            self.incidents.append(opened["incident"])
        elif turn % 3 == 1:
            token = self.tokens[(nth * 2 + turn) % len(self.tokens)]
            place = {"lat": f"{-29.90 - turn % 50 / 1e4:.5f}", "lon": f"{-71.25 - nth / 1e3:.5f}"}
            answer = device.post("/api/positions", params=place, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in (200, 204), answer.text
        else:
            unit = ("M5", "M6", "M7", "M8")[nth]
            hand.types(f"oos {unit} mech" if turn % 6 < 3 else f"av {unit}")

    @contextmanager
    def driving(self) -> Iterator["Driver"]:
        """As long as somebody does something else."""
        begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(30)
            self.rate = self.done / (time.monotonic() - begun)
            print(f"{self.done} updates, {self.rate:.0f}/s")


@pytest.fixture
def begun(own_desk: Desk) -> Desk:
    """Three incidents before it begins."""
    sofia = own_desk.by_hand("sofia")
    for kind in ("fall", "sick", "fall"):
        sofia.calls(kind)
    return own_desk


def test_a_line_typed_under_updates_is_what_was_typed(begun: Desk, seat: Opens) -> None:
    ana = seat(begun.address).enter_by_keys("ana")
    keys = ana.page.keyboard
    expect(ana.page.locator('[data-zone="queue"] .row').nth(2)).to_be_visible()
    before = begun.head()
    with Driver(begun, 20).driving() as driver:
        expect(ana.page.locator('[data-zone="queue"] .row').nth(4)).to_be_visible()
        ana.to_line()
        keys.type(TYPED, delay=15)
        for _ in range(len(" and that the stairs are")):
            keys.press("ArrowLeft")
        keys.type(", one of them hurt,", delay=15)
        wanted = TYPED.replace(" and that the stairs are", ", one of them hurt, and that the stairs are")
        expect(ana.line).to_have_value(wanted)
        caret = len(wanted) - len(" and that the stairs are")
        assert ana.line.evaluate("(one) => [one.selectionStart, one.selectionEnd]") == [caret, caret]
        expect(ana.line).to_be_focused()

        keys.press("ControlOrMeta+a")
        keys.type("d 1 M")
        options = ana.told.locator("[role=option]")
        expect(options.nth(2)).to_be_visible()
        keys.press("ArrowDown")
        keys.press("ArrowDown")
        chosen = options.nth(1).inner_text()
        done = driver.done
        while driver.done < done + 2 * PER_S:
            ana.page.wait_for_timeout(100)
            expect(options.nth(1)).to_have_attribute("aria-selected", "true")
            assert options.nth(1).inner_text() == chosen
            expect(ana.line).to_have_value("d 1 M")

        ana.page.locator("details.menu > summary").click()
        done = driver.done
        while driver.done < done + PER_S:
            ana.page.wait_for_timeout(100)
            expect(ana.page.locator("details.menu .sheet")).to_be_visible()
    assert driver.faults == []
    assert driver.rate > PER_S / 2
    assert begun.head() > before + 100


def test_the_row_in_use_stays_where_it_is_and_the_call_as_it_was(begun: Desk, seat: Opens) -> None:
    sofia = begun.by_hand("sofia")
    # More than fit: a list that fits stands at its top, and holds nothing.
    for _ in range(MORE):
        sofia.calls("sick")
    ana = seat(begun.address).enter_by_keys("ana")
    page, keys = ana.page, ana.page.keyboard
    keys.press("F7")
    expect(page.locator("#intake-place")).to_be_focused()
    keys.type("Arturo Prat 400")
    page.locator("#intake-words").fill("kept as it was said")
    page.locator("#intake-number").fill("+56 51 555 0199")
    keys.press("F2")
    expect(page.locator('[data-zone="queue"] .grid')).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    selected = page.locator('[data-zone="queue"] [role=row][aria-selected="true"]')
    expect(selected).to_have_count(1)
    name, top = selected.get_attribute("id"), selected.bounding_box()
    with Driver(begun, 50).driving() as driver:
        while driver.calls_left > 0 or len(driver.incidents) < 50:
            page.wait_for_timeout(50)
            now = selected.bounding_box()
            assert (selected.get_attribute("id"), now and round(now["y"])) == (name, top and round(top["y"]))
            assert driver.faults == []
        expect(page.locator('[data-zone="queue"] .grid')).to_have_attribute("aria-rowcount", str(3 + MORE + 50 + 1))
    assert (selected.get_attribute("id"), selected.bounding_box()) == (name, top)
    expect(page.locator('[data-zone="queue"] .fresh')).to_be_visible()
    expect(page.locator("#intake-place")).to_have_value("Arturo Prat 400")
    expect(page.locator("#intake-words")).to_have_value("kept as it was said")
    expect(page.locator("#intake-number")).to_have_value("+56 51 555 0199")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    assert driver.faults == [] and len(driver.incidents) == 50
    page.on("dialog", lambda dialog: dialog.accept())
