"""What screens are looked at for: a staged shift with something in every pane, probes that run in the page, and pictures as numbers.

The shift is told by commands, always the same in the same order.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from browser_stage import PASSWORD, ByHand, Seat

PROBES = Path(__file__).resolve().parent / "page_probes"

CALLS = (
    ("cardiac", "red", -71.2520, -29.9027, "Calle Balmaceda"),
    ("structure-fire", "red", -71.2400, -29.9100, "Avenida Cuatro Esquinas"),
    ("fall", "yellow", -71.3380, -29.9530, "Calle Aldunate"),
    ("sick", "green", -71.2450, -29.9270, "Avenida Balmaceda"),
    ("fall", "yellow", -71.3010, -29.9690, "Avenida La Cantera"),
    ("sick", "green", -71.3340, -29.9850, "Avenida Videla"),
    ("cardiac", "red", -71.3300, -29.9620, "Avenida Costanera"),
)
"""Type, priority, place."""

LINES = (
    "d 1 M1", "en M1", "os M1", "tr M1 >Hospital",
    "d 2 E31 L11 E11 C11", "en E31 L11 E11 C11", "os E31 L11",
    "d 3 M6", "en M6",
    "d 4 M3",
    "h 6 30",
    "de 5 M8", "os M8", "tr M8 >Hospital", "ho M8 >Hospital",
    "oos W71 mech",
    "oos M7 crew",
    "note 2 ; humo visible desde la calle",
)  # fmt: skip
"""What a dispatcher types."""

SECRETS = ("Rosa Barrios", "555 0101", "Hay humo negro", "humo visible")
"""What callers said of themselves, and what was noted for nobody else's eyes."""


def stage_shift(hand: ByHand) -> list[str]:
    """Every priority, nearly every status; the incidents in order of their numbers. The last one waits for somebody to be sent."""
    found = []
    for kind, priority, lon, lat, street in CALLS:
        place = {"at": [lon, lat], "text": street, "uncertainty_m": 25}
        caller = {"caller_name": "Rosa Barrios", "caller_number": "+56 51 555 0101", "words": "Hay humo negro"}
        found.append(str(hand.calls(kind, place, priority=priority, **caller)["incident"]))
    for text in LINES:
        told = hand.types(text)
        assert told["answers"] and not told["problem"] and not any(one["refusal"] for one in told["answers"]), (text, told)
    return found


def stage_alarm(hand: ByHand) -> None:
    """Something of every rank but the lowest, at once: a unit that was sent ten minutes ago and has not said a word since, and an incident
    that was moved while somebody was on the road to it."""
    now = hand.http.get("/health").json()["now"]
    opens: dict[str, Any] = {
        "type": "OpenIncident", "incident": "late-1", "incident_type": "structure-fire", "priority": "red",
        "place": {"at": [-71.25, -29.905], "text": "Calle Brasil"},
    }  # fmt: skip
    sends = {"type": "DispatchUnits", "incident": "late-1", "units": ["E21"]}
    moves = {"type": "RelocateIncident", "incident": "late-1", "place": {"at": [-71.252, -29.903], "text": "Calle Brasil 500"}}
    for key, command, ago_ms in (("late-1", opens, 900_000), ("late-2", sends, 600_000), ("late-3", moves, 0)):
        told = hand.http.post("/api/commands", json={"id": key, "command": command, "at": now - ago_ms})
        assert told.status_code == 200, told.text


def enter(seat: Seat, name: str | None, path: str = "/") -> Seat:
    """Somebody (or nobody) is signed in, and the page stands."""
    if name is not None:
        answer = seat.context.request.post(f"{seat.address}api/session", data={"name": name, "password": PASSWORD})
        assert answer.ok, answer.text()
    seat.page.goto(seat.address.rstrip("/") + path)
    seat.page.wait_for_selector(".signin form" if name is None else ".console, .paper, .case-card .facts")
    return seat


def settle(page: Page) -> None:
    """Rows are there, the map stands, fonts are loaded."""
    for part, ready in ((".grid", ".grid .row"), (".map", '.map[data-ready="true"]')):
        if page.locator(part).locator("visible=true").count():
            page.locator(ready).locator("visible=true").first.wait_for()
    page.evaluate("document.fonts.ready.then(() => null)")


def select(seat: Seat, incident: str) -> None:
    """One incident in the queue, its detail in front."""
    seat.row(incident).click()
    tab(seat, "detail")
    seat.page.wait_for_selector(".detail")


def tab(seat: Seat, pane: str) -> None:
    """Brings a pane to the front."""
    seat.page.locator(f"#tab-{pane}").click()


PROBE = (PROBES / "probe.js").read_text("utf-8")
"""Controls of the page as it stands: too small, cut by what holds them, under something else, spilt by their own text; text below 14 px."""


def probe(page: Page) -> dict[str, Any]:
    """Run it."""
    return dict(page.evaluate(PROBE))


LENGTHEN = (PROBES / "lengthen.js").read_text("utf-8")
"""Every word on the page becomes 40 % longer, in letters that run from right to left."""


def pixels(shot: bytes) -> NDArray[np.float64]:
    """A picture as rows × columns × red, green, blue in 0 … 1."""
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=np.float64) / 255


def grey(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lightness only, weighed as ITU-R BT.709 does."""
    return np.asarray(picture @ np.array([0.2126, 0.7152, 0.0722]))


def saturation(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    """S of HSV."""
    most, least = picture.max(axis=2), picture.min(axis=2)
    return np.asarray(np.where(most > 0, (most - least) / np.maximum(most, 1e-9), 0.0))
