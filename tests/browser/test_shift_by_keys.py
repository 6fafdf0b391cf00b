"""A whole incident without a mouse, in every language: call, place, dispatch, crew's way, end. The journal holds exactly that."""

import pytest
from playwright.sync_api import expect

from browser_stage import Desk, Opens, Seat

ALIASES = {
    "en": {"n": "new", "d": "send", "ack": "roger", "en": "enroute", "os": "onscene", "av": "clear", "c": "close", "s": "select"},
    "pt": {"n": "nova", "d": "despachar", "ack": "ciente", "en": "caminho", "os": "chegou", "av": "livre", "c": "encerrar", "s": "sel"},
    "fr": {"n": "nouvel", "d": "envoyer", "ack": "compris", "en": "parti", "os": "lieux", "av": "libre", "c": "cloturer", "s": "choisir"},
    "es": {"n": "nueva", "d": "enviar", "ack": "enterado", "en": "camino", "os": "llego", "av": "libre", "c": "cerrar", "s": "seleccionar"},
}
EXPECTED = [
    "CallReceived", "IncidentOpened", "UnitsRecommended", "UnitsDispatched", "UnitStatusChanged", "UnitStatusChanged", "UnitStatusChanged",
    "UnitStatusChanged", "UnitCleared", "IncidentClosed",
]  # fmt: skip
"""The last unit that clears closes the incident."""
ADVICE = ("MoveUpAdvised", "StayAdvised")
"""What the desk itself says of cover now and then; nobody's work."""
MOUSE = """
window.mouseUsed = 0;
for (const what of ["pointerdown", "mousedown", "touchstart"]) addEventListener(what, () => (window.mouseUsed += 1), true);
"""


def take_call(seat: Seat, begin: str, place: str, kind: str) -> None:
    """From the first key to Ctrl+Enter; the intake is open and in its first field after ``begin``."""
    page, keys = seat.page, seat.page.keyboard
    if begin == "F7":
        keys.press("F7")
    else:
        seat.types(begin)
    expect(page.locator("#intake-place")).to_be_focused()
    keys.type(place)
    options = page.locator("#intake-places [role=option]")
    expect(options.first).to_be_visible()
    keys.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = options.first.locator(".main").inner_text()
    keys.press("Enter")
    expect(page.locator("#intake-place")).to_have_value(chosen)
    go_to(seat, "#intake-type")
    keys.type(kind)
    go_to(seat, "input[name=intake-priority]")
    keys.press("2")
    expect(page.locator("#intake-priority-1")).to_be_checked()
    go_to(seat, "#intake-words")
    keys.type("fell from a ladder")
    keys.press("Control+Enter")


def go_to(seat: Seat, field: str) -> None:
    """By Tab, as often as it takes."""
    for _ in range(8):
        seat.page.keyboard.press("Tab")
        if seat.page.evaluate("(field) => document.activeElement.matches(field)", field):
            return
    raise AssertionError(f"Tab does not lead to {field}")


@pytest.mark.parametrize("language", ALIASES)
def test_a_shift_without_a_mouse(language: str, desk: Desk, seat: Opens) -> None:
    say = ALIASES[language]
    ana = seat(desk.address, locale=language)
    ana.context.add_init_script(MOUSE)
    ana.enter_by_keys("ana")
    expect(ana.page.locator("html")).to_have_attribute("lang", language)
    begun = desk.head()

    take_call(ana, "F7" if language in ("en", "fr") else say["n"], "Arturo Prat", "fall")
    expect(ana.pane("detail")).to_be_visible()
    opened = next(event for event in desk.events(begun) if event["what"] == "IncidentOpened")
    number = str(int(opened["incident"][-4:]))
    row = ana.row(opened["incident"])
    expect(row).to_have_attribute("aria-selected", "true")
    expect(row).to_contain_text("Arturo Prat")
    pick = ana.pane("detail").locator(".slots .pick .mono").first
    expect(pick).to_be_visible()
    unit = pick.inner_text()

    ana.does(f"{say['d']} {number} !")
    expect(ana.unit_on(unit)).to_contain_text("DISP")
    for verb, code in (("ack", "ACK"), ("en", "ENRT"), ("os", "ONSC")):
        ana.does(f"{say[verb]} {unit}")
        expect(ana.unit_on(unit)).to_contain_text(code)
    ana.does(f"{say['av']} {unit}")
    expect(ana.unit_on(unit)).to_have_class("is-over")
    expect(row).to_have_count(0)

    told = [event for event in desk.events(begun) if event["what"] not in ADVICE]
    assert [event["what"] for event in told] == EXPECTED
    statuses = [event["phase"] for event in told if event["what"] == "UnitStatusChanged"]
    assert statuses == ["acknowledged", "en_route", "on_scene", "on_radio"]
    assert {event["unit"] for event in told if event["what"] == "UnitStatusChanged"} == {unit}
    assert {
        event["actor"] for event in told if event["what"] in ("CallReceived", "IncidentOpened", "UnitsDispatched", "UnitStatusChanged")
    } == {"ana"}
    assert ana.page.evaluate("window.mouseUsed") == 0
