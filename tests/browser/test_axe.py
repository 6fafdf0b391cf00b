"""Every page of the console, for everybody: axe finds nothing serious, controls can be hit and are never cut or covered, in both themes,
at 200 %, from right to left with longer words, in forced colours and without motion."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browser_stage import ByHand, Desk, Opens, Seat
from looks_stage import LENGTHEN, PROBES, enter, probe, select, settle, stage_alarm, stage_shift, tab

RING = (PROBES / "ring.js").read_text("utf-8")
RULES = {"resultTypes": ["violations"]}
BARRED = ("serious", "critical")


class Staged(NamedTuple):
    """A server with a shift on it."""

    desk: Desk
    incidents: list[str]


@pytest.fixture(scope="module")
def staged(desk: Desk) -> Iterator[Staged]:
    """Once for the module: nothing here changes it."""
    hand = ByHand(desk.address, "ana")
    incidents = stage_shift(hand)
    stage_alarm(hand)
    yield Staged(desk, incidents)
    hand.http.close()


def found_by_axe(page: Page, where: str) -> list[str]:
    """What is barred, with the place."""
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{where}: {one['id']} {node['target']}" for one in violations if one["impact"] in BARRED for node in one["nodes"]]


def in_both_themes(seat: Seat, where: str) -> list[str]:
    """The page follows the system; both looks."""
    found = []
    for scheme in ("light", "dark"):
        seat.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        seat.page.locator(f"html[data-theme={scheme}]").wait_for()
        found += found_by_axe(seat.page, f"{where} {scheme}")
    seat.page.emulate_media(color_scheme="light")
    return found


def flaws(page: Page, where: str, *, may_cover: bool = False) -> list[str]:
    """What the probe finds wrong."""
    told = probe(page)
    kinds = ("small", "cut", "spilt", "fine") if may_cover else ("small", "cut", "spilt", "fine", "covered")
    return [f"{where} {kind}: {one}" for kind in kinds for one in told[kind]] + ([f"{where}: sideways"] if told["sideways"] > 0 else [])


PANES = ("detail", "intake", "log", "messages", "alarms", "map")


def each_pane(seat: Seat, incident: str) -> Iterator[str]:
    """The console with one after the other in front."""
    enter(seat, "ana")
    settle(seat.page)
    select(seat, incident)
    for pane in PANES:
        tab(seat, pane)
        seat.pane(pane).locator("visible=true").first.wait_for()
        settle(seat.page)
        yield pane


def test_the_console_by_the_rules(staged: Staged, seat: Opens) -> None:
    one = seat(staged.desk.address)
    found: list[str] = []
    for pane in each_pane(one, staged.incidents[-1]):
        found += in_both_themes(one, pane)
        told = probe(one.page)
        assert told["downwards"] <= 0, "the page scrolls at 1366 × 768"
        assert told["controls"] > 20
        found += flaws(one.page, pane)
    tab(one, "detail")
    one.page.locator(".detail .row button[aria-expanded]").first.click()
    found += in_both_themes(one, "detail, holding")
    one.to_line()
    one.page.keyboard.type("?")
    one.page.locator(".help").wait_for()
    found += in_both_themes(one, "help") + flaws(one.page, "help", may_cover=True)
    one.page.keyboard.press("Escape")
    one.page.locator("details.menu > summary").click()
    found += in_both_themes(one, "menu") + flaws(one.page, "menu", may_cover=True)
    assert found == []


@pytest.mark.parametrize(
    "path", ["/unit-board", "print", "/?pane=map", "/?pane=queue", "/?pane=units", "/?pane=detail", "/wall", "signed out"]
)
def test_every_other_page_by_the_rules(staged: Staged, seat: Opens, path: str) -> None:
    one = seat(staged.desk.address)
    if path == "signed out":
        enter(one, None)
    else:
        enter(one, "muro" if path == "/wall" else "ana", f"/?print={staged.incidents[1]}" if path == "print" else path)
        settle(one.page)
    found = in_both_themes(one, path) + flaws(one.page, path)
    assert found == []


@pytest.mark.parametrize(("width", "height"), [(683, 384), (960, 540)])
def test_at_200_percent_everything_can_be_reached(staged: Staged, seat: Opens, width: int, height: int) -> None:
    """As a browser zooms: half the window, twice the dots. One column that scrolls downwards only."""
    one = seat(staged.desk.address, viewport={"width": width, "height": height}, device_scale_factor=2)
    found: list[str] = []
    controls = set()
    for pane in each_pane(one, staged.incidents[-1]):
        found += flaws(one.page, pane)
        controls.add(probe(one.page)["controls"] > 20)
    assert found == [] and controls == {True}


def test_from_right_to_left_with_longer_words(staged: Staged, seat: Opens) -> None:
    one = seat(staged.desk.address)
    found: list[str] = []
    for pane in each_pane(one, staged.incidents[-1]):
        one.page.evaluate("document.documentElement.dir = 'rtl'")
        one.page.evaluate(LENGTHEN)
        found += flaws(one.page, pane)
    boxes = [one.page.locator(f"[data-zone={zone}]").bounding_box() for zone in ("queue", "units", "side")]
    lefts = [box["x"] for box in boxes if box]
    assert lefts == sorted(lefts, reverse=True), "the page is not mirrored"
    assert found == []


def test_the_ring_of_the_focus(staged: Staged, seat: Opens) -> None:
    """2 px at 3 : 1 at least, wherever the keyboard goes."""
    one = seat(staged.desk.address)
    enter(one, "ana")
    settle(one.page)
    select(one, staged.incidents[-1])
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        one.to_line()
        seen: list[dict[str, Any]] = []
        for _ in range(40):
            one.page.keyboard.press("Tab")
            ring = one.page.evaluate(RING)
            seen += [ring] if ring else []  # null where the keyboard has left the page for the browser
        weak = [ring for ring in seen if ring["width"] < 2 or ring["ratio"] < 3]
        assert len({ring["name"] for ring in seen}) > 15
        assert weak == []


def test_forced_colours_keep_states(staged: Staged, seat: Opens) -> None:
    one = seat(staged.desk.address)
    one.page.emulate_media(forced_colors="active")
    enter(one, "ana")
    settle(one.page)
    paints = one.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.grid .mark')].map((mark) =>
             [mark.dataset.look, ['fill', 'stroke'].map((part) => getComputedStyle(mark.querySelector('path'))[part]).join()]))"""
    )
    assert len(paints) >= 3 and len(set(paints.values())) == len(paints)
    codes = one.page.locator("[data-zone=units] .row:not(.heading) [role=gridcell]:nth-child(2)").all_inner_texts()
    assert all(code.strip() for code in codes)
    chosen = one.row(staged.incidents[0])
    chosen.click()
    assert chosen.evaluate("(row) => getComputedStyle(row).outlineStyle") == "solid"
    assert found_by_axe(one.page, "forced colours") == []


def test_whoever_asks_for_rest_sees_nothing_move(staged: Staged, seat: Opens) -> None:
    one = seat(staged.desk.address, reduced_motion="reduce")
    enter(one, "ana")
    settle(one.page)
    tab(one, "alarms")
    one.page.locator(".alarms li").first.wait_for()
    running = (
        "document.getAnimations().filter((one) => one.playState === 'running').map((one) => one.animationName ?? one.transitionProperty)"
    )
    assert one.page.evaluate(running) == []
    one.page.emulate_media(reduced_motion="no-preference")
    one.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))")
    assert set(one.page.evaluate(running)) == {"blink"}, "with motion nothing but an alarm that nobody has taken blinks"
    blinks = "[...document.querySelectorAll('.blinks')].map((one) => parseFloat(getComputedStyle(one).animationDuration)).filter(Boolean)"
    assert all(duration_s >= 0.5 for duration_s in one.page.evaluate(blinks))
