"""The pictures of the README: the live demo, stopped at one moment. Written only where ``TOCSIN_PICTURES=1`` asks for it; otherwise
the test holds that there is something to be seen in each."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import expect

from browser_stage import ROOT, Opens, Seat
from looks_stage import settle

PICTURES = ROOT / "docs" / "pictures"
IS_WANTED = os.environ.get("TOCSIN_PICTURES") == "1"
LINK = re.compile(r"As ([\w-]+)[^\n]*?:\s+(http://127\.0\.0\.1:\d+/)#key=(\S+)")
LONGEST_S = 60.0


class Shown(NamedTuple):
    """A demo whose time stands still, and who may come in."""

    address: str
    cookies: dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def demo(console_built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The same day each time (its seed), stopped when it was ready."""
    folder = tmp_path_factory.mktemp("pictures")
    printed = folder / "printed.txt"
    around = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with printed.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin", "demo", "--out", str(folder / "demo"), "--port", "0", "--speed", "1", "--seed", "1"],
            stdout=out, stderr=out, env={**around, "TOCSIN_LANGUAGE": "en", "PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
        )  # fmt: skip
    until = time.monotonic() + LONGEST_S
    while len(links := LINK.findall(printed.read_text("utf-8"))) < 3:
        assert time.monotonic() < until and process.poll() is None, printed.read_text("utf-8")
        time.sleep(0.1)
    cookies = {}
    for role, address, key in links:
        with httpx.Client(base_url=address) as door:
            told = door.post("/api/session", json={"key": key})
            assert told.status_code == 200, told.text
            cookies[role] = next((one.name, one.value or "") for one in door.cookies.jar)
            if role == "dispatcher":
                stopped = door.post("/api/clock", json={"is_paused": True}, headers={"X-Tocsin-Csrf": told.json()["csrf"]})
                assert stopped.status_code == 200, stopped.text
    yield Shown(links[0][1], cookies)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


def opened(seat: Opens, demo: Shown, role: str, path: str, scheme: str) -> Seat:
    """A window of that role."""
    one = seat(demo.address, viewport={"width": 1600, "height": 900}, color_scheme=scheme)
    name, value = demo.cookies[role]
    one.context.add_cookies([{"name": name, "value": value, "url": demo.address}])
    one.page.goto(demo.address.rstrip("/") + path)
    one.is_live()
    settle(one.page)
    return one


def keep(one: Seat, name: str) -> None:
    """Write the picture, if it is wanted; it must be one in any case."""
    one.page.mouse.move(2, 2)
    shot = one.page.screenshot()
    assert len(shot) > 50_000
    if IS_WANTED:
        (PICTURES / name).write_bytes(shot)


@pytest.mark.parametrize(("scheme", "name"), [("light", "console.png"), ("dark", "console-dark.png")])
def test_the_console(demo: Shown, seat: Opens, scheme: str, name: str) -> None:
    one = opened(seat, demo, "dispatcher", "/", scheme)
    hide = one.page.locator("aside.guide button").first
    if hide.count():  # the guide has pictures of its own
        one.page.locator("aside.guide").evaluate("(guide) => { guide.hidden = true; }")
    expect(one.page.locator("html")).to_have_attribute("data-theme", scheme)
    rows = one.page.locator("[data-zone=queue] .grid .row")
    fire = rows.filter(has_text="Structure fire")
    (fire if fire.count() else rows).first.click()
    expect(one.page.locator(".detail .past li, .detail .past tr").nth(3)).to_be_visible()
    expect(one.page.locator('.mode[data-mode="demo"]')).to_be_visible()
    number = one.page.locator(".detail h2").inner_text().removeprefix("#")
    free = one.page.locator('.grid .row:has(.mark[data-look="avail"]) .name').first.inner_text()
    one.line.click()
    one.page.keyboard.type(f"d {number} {free}", delay=20)
    expect(one.told.locator(".preview")).to_contain_text(free)
    settle(one.page)
    one.page.wait_for_timeout(1500)  # tiles of the last movement of the map
    keep(one, name)


def test_the_wall(demo: Shown, seat: Opens) -> None:
    one = opened(seat, demo, "wall", "/wall", "dark")
    expect(one.page.locator("[data-zone=units] .mark").nth(3)).to_be_visible()
    one.page.wait_for_timeout(1500)
    keep(one, "wall.png")
