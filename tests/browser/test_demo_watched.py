"""The demo and a past shift in the browser: soon there, and not to be mistaken for the real thing."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect

from browser_stage import Opens

FIRST_PAINT_S = 60.0


@contextmanager
def demo(*words: object) -> Iterator[tuple[str, list[str]]]:
    """A running demo: its address and the keys of its links, the dispatcher's first."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "demo", *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment | {"COLUMNS": "200", "TOCSIN_LANGUAGE": "en"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl+C" in line:
                break
        links = [line for line in lines if "#key=" in line]
        assert links, "".join(lines) + process.communicate(timeout=30)[1]
        address = "http://" + links[0].rpartition("http://")[2].partition("#")[0].strip()
        yield address, [line.rpartition("#key=")[2].strip() for line in links]
    finally:
        process.kill()
        process.communicate()


def test_the_demo_is_soon_on_the_screen_and_says_what_it_is(seat: Opens, tmp_path: Path) -> None:
    begun = time.monotonic()
    with demo("--out", tmp_path / "demo", "--port", 0) as (address, keys):
        eva = seat(address).enter_by_key(keys[0])
        expect(eva.page.locator('[data-zone="queue"] .row').first).to_be_visible()
        painted_s = time.monotonic() - begun
        print(f"tocsin demo to the first queue on the screen: {painted_s:.1f} s")
        assert painted_s <= FIRST_PAINT_S
        frame(eva.page.locator("html"), "demo")
        expect(eva.page.locator("header .mode")).to_contain_text("DEMO")
        expect(eva.page.locator(".maplibregl-canvas, canvas").first).to_be_visible()


def frame(root: object, mode: str) -> None:
    """The page is marked as one of its kind, and has a frame of a colour."""
    expect(root).to_have_attribute("data-mode", mode)
    width = root.evaluate(
        """() => Math.max(...[document.documentElement, document.body, ...document.querySelectorAll('.console, .console *')]
            .flatMap((one) => [getComputedStyle(one), getComputedStyle(one, '::before'), getComputedStyle(one, '::after')])
            .map((look) => Math.max(
                parseFloat(look.borderTopWidth) || 0, look.outlineStyle === 'none' ? 0 : parseFloat(look.outlineWidth))))"""
    )
    assert width >= 3


def test_a_past_shift_is_framed_and_takes_no_commands(seat: Opens, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "demo", "--hours", "2", "--out", str(tmp_path / "demo")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    journal, region = tmp_path / "demo" / "demo.journal", tmp_path / "demo" / "centre" / "coquimbo.region"
    before = journal.read_bytes()
    with demo("--replay", journal, "--region", region, "--out", tmp_path / "watch", "--port", 0, "--speed", 60) as (address, keys):
        eva = seat(address).enter_by_key(keys[0])
        eva.may_be_refused = True
        frame(eva.page.locator("html"), "replay")
        expect(eva.page.locator("header .mode")).to_contain_text(re.compile(r"REPLAY.*\d\d:\d\d:\d\d", re.DOTALL))
        text = eva.page.locator("header .mode").inner_text()
        expect(eva.page.locator("header .mode")).not_to_have_text(text)
        if eva.line.count():
            eva.to_line()
            eva.page.keyboard.type("av M1")
            eva.page.keyboard.press("Enter")
            expect(eva.told.locator(".problem")).to_be_visible()
            print(f"a command to the past is told: {eva.told.inner_text()}")
    assert journal.read_bytes() == before
