"""What screens look like: a quiet shift is grey, statuses are told apart without colour, a wall holds nothing of callers, paper fits."""

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from browser_stage import ByHand, Desk, Opens
from looks_stage import SECRETS, enter, grey, pixels, saturation, settle, stage_alarm, stage_shift, tab

LOOKS = {"avail", "disp", "enrt", "onsc", "trans", "hosp", "oos"}
GLYPH_DOTS = 4
"""Dots to a pixel when a glyph is looked at."""
APART = 0.08
"""Of a glyph's square, how much must be light in one and dark in the other."""
LOUD, MOST_LOUD = 0.5, 0.02
"""Saturation; share of the screen on a quiet shift (console note, rule 8)."""
CSS_PER_MM = 96 / 25.4
PAPERS = {"A4": 210.0, "Letter": 215.9}
MARGIN_MM = 15.0


@pytest.fixture(scope="module")
def incidents(desk: Desk) -> Iterator[list[str]]:
    """A shift without an alarm."""
    hand = ByHand(desk.address, "ana")
    yield stage_shift(hand)
    hand.http.close()


def shape(shot: bytes) -> NDArray[np.bool_]:
    """Where a glyph is dark against its ground: only lightness counts, and only whether, not how much."""
    light = grey(pixels(shot))[: 16 * GLYPH_DOTS, : 16 * GLYPH_DOTS]
    ground = np.median(np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]]))
    return np.asarray(np.abs(light - ground) > 0.12)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_statuses_are_told_apart_without_colour(desk: Desk, incidents: list[str], seat: Opens, scheme: str) -> None:
    one = seat(desk.address, viewport={"width": 1600, "height": 1500}, device_scale_factor=GLYPH_DOTS, color_scheme=scheme)
    enter(one, "ana", "/?pane=units")
    settle(one.page)
    glyphs = {}
    for look in LOOKS:
        glyph = one.page.locator(f".grid .row:not([aria-selected=true]) .mark[data-look={look}]").first
        glyphs[look] = shape(glyph.screenshot())
    for one_look, other in combinations(sorted(glyphs), 2):
        apart = float(np.mean(glyphs[one_look] ^ glyphs[other]))
        assert apart > APART, f"{one_look} and {other} look alike in grey: {apart:.3f}"
    codes = set(one.page.locator(".grid .row:not(.heading) [role=gridcell]:nth-child(2)").all_inner_texts())
    assert len(codes) >= len(LOOKS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_quiet_shift_is_grey(desk: Desk, incidents: list[str], seat: Opens, scheme: str) -> None:
    one = seat(desk.address, viewport={"width": 1920, "height": 1080}, color_scheme=scheme)
    enter(one, "ana")
    settle(one.page)
    one.row(incidents[0]).click()
    one.page.locator(".detail").wait_for()
    one.page.locator("html[data-mode=live]").wait_for()  # only what is not live has a coloured frame
    picture = pixels(one.page.screenshot())
    share = float(np.mean(saturation(picture) > LOUD))
    print(f"saturated on a quiet shift, {scheme}: {share:.4%}")
    assert share < MOST_LOUD


def test_a_wall_holds_nothing_of_callers(desk: Desk, incidents: list[str], seat: Opens) -> None:
    """Neither on the screen nor in anything that was sent to it, and there is nothing on it to press."""
    one = seat(desk.address, viewport={"width": 1920, "height": 1080})
    sent: list[str] = []

    def heard(response: object) -> None:
        if "/api/" in response.url and "/api/stream" not in response.url and "/tiles/" not in response.url:  # type: ignore[attr-defined]
            sent.append(response.text())  # type: ignore[attr-defined]

    one.page.on("requestfinished", lambda request: heard(request.response()))
    enter(one, "muro", "/wall")
    settle(one.page)
    shown = one.page.content()
    assert sent and not [secret for secret in SECRETS for text in (shown, *sent) if secret in text]
    assert (
        one.page.locator("section.line, .actions, [data-pane=intake], [data-pane=messages], [data-pane=log]")
        .locator("visible=true")
        .count()
        == 0
    )
    rows = one.page.locator("[data-zone=queue] .grid .row").count()
    assert rows == len(incidents)
    size = one.page.evaluate("parseFloat(getComputedStyle(document.querySelector('.grid .row')).fontSize)")
    assert size >= 18


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("page_of", ["unit-board", "card"])
def test_paper_fits(desk: Desk, incidents: list[str], seat: Opens, paper: str, page_of: str) -> None:
    """Black on white, nothing beside the sheet, no row on two sheets."""
    width = int((PAPERS[paper] - 2 * MARGIN_MM) * CSS_PER_MM)
    one = seat(desk.address, viewport={"width": width, "height": 900}, color_scheme="dark")
    enter(one, "ana", "/unit-board" if page_of == "unit-board" else f"/?print={incidents[1]}")
    one.page.locator("tbody tr").nth(3).wait_for()
    one.page.emulate_media(media="print")
    told = one.page.evaluate(PAPER)
    assert told["sideways"] <= 0 and told["cut"] == [] and told["may_break"] == [] and told["rows"] > 3
    assert told["ink"] == ["rgb(0, 0, 0)"] and told["buttons"] == 0
    document = one.page.pdf(format=paper, prefer_css_page_size=False)
    assert len(re.findall(rb"/Type\s*/Page\b", document)) in (1, 2)


PAPER = """
() => ({
  rows: document.querySelectorAll('tr').length,
  sideways: document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
  cut: [...document.querySelectorAll('td, th')].filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent),
  may_break: [...document.querySelectorAll('tr')].filter((row) => getComputedStyle(row).breakInside !== 'avoid')
    .map((row) => row.textContent),
  ink: [...new Set([...document.querySelectorAll('td, th, h1')].map((cell) => getComputedStyle(cell).color))],
  buttons: [...document.querySelectorAll('button')].filter((button) => button.checkVisibility()).length,
})
"""


def test_a_shift_with_alarms_says_so_in_shape(own_desk: Desk, seat: Opens) -> None:
    """What is overdue has a sign of its own beside its colour, and stands above what is not."""
    hand = ByHand(own_desk.address, "ana")
    stage_shift(hand)
    stage_alarm(hand)
    one = seat(own_desk.address)
    enter(one, "ana")
    settle(one.page)
    one.page.locator(".alarmcount.any").wait_for()
    first = one.page.locator("[data-zone=queue] .grid .row").first
    assert "▲" in first.inner_text()
    tab(one, "alarms")
    assert one.page.locator(".alarms li .rank").first.inner_text().strip()
