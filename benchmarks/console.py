"""The console in a real browser (software GL), against the targets of the design note: from a durable event to the screen, a large unit
board, thousands of units on the map, the keyboard, what is loaded, what a seat costs the line.

Server: ``event`` and ``key`` run on the real centre (``served_centre.py``), reports posted at 50 a second, 19 further streams beside the
one browser. ``board`` and ``map`` run on the real server and page with made-up changes (``console_desk.py``). Times are from the machine's
one clock, read on both sides. A screen has an event when the frame that shows it has been handed over (``requestAnimationFrame`` behind the
change of the page, and the task after it).

``main_ms`` is the busy time of the page's main thread per update (Chromium's ``TaskDuration``), less what the same page takes at rest.
Rounds are repeated, best counts: neighbours on the machine only ever add. ``console_load`` says how busy the machine was before.
``TOCSIN_CONSOLE_PARTS`` names some of ``event board map seat``.
"""

import asyncio
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from served_centre import make_centre
from serving_load import MOST_OF_SESSION, Process, call, listen, status

ROOT: Final = Path(__file__).resolve().parents[1]
BUILT: Final = ROOT / "src" / "tocsin" / "web" / "console"
ARGUMENTS: Final = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-renderer-backgrounding",
]  # fmt: skip
SCREENS, PER_S, LASTS_S, ROUNDS = 20, 50, 8, 3
UNITS, ROWS, UPDATES = 2_000, 20, 20
MOVING = 5_000
SEATED = 200
STEADY_S, REPORT_EVERY_S = 30, 30.0
MAP_CHUNKS: Final = ("MapPane", "ground", "maplibre", "view-")
PATIENCE_MS: Final = 60_000

GATES = {
    "console_event_p50_ms": ("at_most", 50.0),
    "console_event_p95_ms": ("at_most", 150.0),
    "console_key_echo_ms": ("at_most", 50.0),
    "console_enter_ack_ms": ("at_most", 100.0),
    "console_board_main_ms": ("at_most", 5.0),
    "console_board_fps": ("at_least", 55.0),
    "console_board_p95_ms": ("at_most", 50.0),
    "console_map_main_ms": ("at_most", 30.0),
    "console_map_longest_gap_ms": ("at_most", 200.0),
    "console_shell_kb": ("at_most", 120.0),
    "console_whole_kb": ("at_most", 600.0),
    "console_foreign_requests": ("at_most", 0.0),
    "console_seat_bytes_per_s": ("at_most", 2_000.0),
}

WATCH = """
window.seen = []; window.frames = []; window.keys = []; window.acks = [];
window.now = () => performance.timeOrigin + performance.now();
window.shown = (take) => requestAnimationFrame(() => {
  const port = new MessageChannel();
  port.port1.onmessage = take;
  port.port2.postMessage(0);
});
window.watchRows = (of) => new MutationObserver((changes) => {
  const rows = new Map();
  for (const one of changes) {
    const node = one.target.nodeType === 3 ? one.target.parentElement : one.target;
    const row = node?.closest?.('.row');
    if (row?.id) rows.set(row.id, row);
  }
  for (const row of rows.values()) { const told = of(row); if (told) shown(() => seen.push([row.id, told, now()])); }
}).observe(document.querySelector('[data-zone=units] .grid'), { subtree: true, childList: true, characterData: true });
window.watchFrames = () => { const next = (at) => { frames.push(at); requestAnimationFrame(next); }; requestAnimationFrame(next); };
window.watchKeys = () => {
  const line = document.querySelector('section.line input');
  line.addEventListener('keydown', (event) => {
    const at = event.timeStamp;
    if (event.key.length === 1) shown(() => keys.push(performance.now() - at));
    if (event.key !== 'Enter') return;
    const watch = new MutationObserver(() => { watch.disconnect(); shown(() => acks.push(performance.now() - at)); });
    watch.observe(document.querySelector('.acts'), { subtree: true, childList: true });
  }, { capture: true });
};
"""


@contextmanager
def process(script: str, *words: object) -> Iterator[Process]:
    """A server with a folder of its own."""
    with TemporaryDirectory() as folder:
        centre = Path(folder) / "centre"
        if script == "served_centre.py":
            make_centre(centre)
        with Process(script, str(centre), *map(str, words)) as one:
            yield one


async def opened(browser: Browser, desk: Process, path: str = "/", **options: Any) -> tuple[Page, list[str]]:
    """A signed-in page with its rows, and the addresses that it asked."""
    context = await browser.new_context(viewport={"width": 1920, "height": 1080}, **options)
    token, _ = desk.session(0)
    address = desk.said["address"].rstrip("/")
    await context.add_cookies([{"name": desk.cookie, "value": token, "url": address}])
    await context.add_init_script(WATCH)
    page, asked = await context.new_page(), list[str]()
    context.on("request", lambda request: asked.append(request.url))
    await page.goto(address + path)
    await page.wait_for_selector("[data-zone=units] .grid .row, .one .grid .row, .one .map", timeout=PATIENCE_MS)
    if await page.locator(".map").count():
        await page.wait_for_selector('.map[data-ready="true"]', timeout=PATIENCE_MS)
    return page, asked


METERS: dict[Page, CDPSession] = {}


async def busy_ms(page: Page) -> float:
    """Of the main thread, since first asked."""
    if page not in METERS:
        METERS[page] = await page.context.new_cdp_session(page)
        await METERS[page].send("Performance.enable")
    told = await METERS[page].send("Performance.getMetrics")
    return next(float(one["value"]) for one in told["metrics"] if one["name"] == "TaskDuration") * 1e3


async def ask(desk: Process, wish: object) -> dict[str, Any]:
    """Without holding up the loop."""
    return await asyncio.to_thread(desk.ask, wish)


def p95(values: list[float]) -> float:
    """Of at least two."""
    return quantiles(values, n=20)[18]


# ---- from the durable event to the screen, and the keyboard meanwhile


async def event_round(
    page: Page, desk: Process, callers: list[Any], units: list[str], key: str
) -> tuple[list[float], list[float], list[float]]:
    """Delays of one round, of the keys typed in it, and of Enter."""
    await page.evaluate("seen.length = keys.length = acks.length = 0")
    asked, answers, started = [], [], time.perf_counter()

    async def report(nth: int) -> None:
        unit = units[nth % len(units)]
        request = status(desk, f"{key}-{nth}", is_home=(nth // len(units)) % 2 == 1, unit=unit)
        told = json.loads(await callers[nth % len(callers)].ask(request))
        answers.append((told["pos"], unit))

    typing = asyncio.create_task(typed(page))
    for nth in range(PER_S * LASTS_S):
        await asyncio.sleep(max(0.0, started + nth / PER_S - time.perf_counter()))
        asked.append(asyncio.create_task(report(nth)))
    await asyncio.gather(*asked)
    await typing
    await page.wait_for_timeout(1_000)
    durable = {pos: at * 1e3 for pos, at in (await ask(desk, None))["durable"]}
    offset = (time.time() - time.perf_counter()) * 1e3
    seen = await page.evaluate("seen")
    return delays(sorted(answers), durable, seen, offset), await page.evaluate("keys"), await page.evaluate("acks")


def delays(answers: list[tuple[int, str]], durable: dict[int, float], seen: list[tuple[str, str, float]], offset: float) -> list[float]:
    """Of every report: until the first frame behind it in which its unit's row had changed."""
    found = []
    for pos, unit in answers:
        at = durable.get(pos, durable.get(pos - 1, 0.0)) + offset
        first = next((moment for row, _, moment in seen if row == f"units-{unit}" and moment > at), None)
        if first is not None:
            found.append(first - at)
    if len(found) < len(answers) * 0.95:
        raise AssertionError(f"only {len(found)} of {len(answers)} events were seen on the screen")
    return found


async def typed(page: Page) -> None:
    """Half a line, letter by letter, and a whole one that changes nothing of what is measured."""
    line = page.locator("section.line input")
    for _ in range(3):
        await line.click()
        await page.keyboard.type("note 1 ; walking", delay=60)
        await page.keyboard.press("Enter")
        await page.wait_for_timeout(600)
        await line.fill("")


async def measure_events(browser: Browser) -> dict[str, float]:
    """Event to screen with 20 screens, keys, and what was loaded."""
    with process("served_centre.py", "--sessions", -(-SCREENS // MOST_OF_SESSION) + 1) as desk:
        others = await listen(desk, SCREENS - 1, first=1)
        page, asked = await opened(browser, desk)
        callers = [await call(desk) for _ in range(8)]
        await page.locator(".by button").nth(1).click()  # by station: a row keeps its place, so what changes is what happened
        await page.wait_for_timeout(1_500)
        rows = await page.evaluate("[...document.querySelectorAll('[data-zone=units] .row:not(.heading)')].map((row) => row.id.slice(6))")
        units = [unit for unit in rows if unit[0] in "ELM"][:12]
        now = json.loads(await callers[0].ask(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"))["now"]
        await open_one(desk, callers[0], now)
        await page.evaluate("watchRows((row) => row.innerText); watchKeys();")
        best: list[float] = []
        keys: list[float] = []
        acks: list[float] = []
        for nth in range(ROUNDS):
            events, echoed, answered = await event_round(page, desk, callers, units, f"r{nth}")
            best = min(best or events, events, key=median)
            keys, acks = min(keys or echoed, echoed, key=median), min(acks or answered, answered, key=median)
        sizes = loaded(asked, desk.said["address"])
        for one in (*others, *callers):
            one.close()
        await page.context.close()
    return {
        "console_event_p50_ms": median(best), "console_event_p95_ms": p95(best),
        "console_key_echo_ms": median(keys), "console_key_echo_p95_ms": p95(keys), "console_enter_ack_ms": max(acks),
        **sizes,
    }  # fmt: skip


async def open_one(desk: Process, caller: Any, now: int) -> None:
    """Something to write notes at."""
    from serving_load import post  # noqa: PLC0415 - beside its only use

    place = {"at": [-71.25, -29.905], "text": "Calle Brasil"}
    body = {"id": "call-1", "arrived": now, "answered": now, "place": place, "incident_type": "fall", "priority": "yellow"}
    await caller.ask(post(desk, "/api/calls", body))


def loaded(asked: list[str], address: str) -> dict[str, float]:
    """Gzipped kB of what the page fetched, without and with the map; and how many requests went elsewhere."""
    names = {url.removeprefix(address).partition("?")[0] or "index.html" for url in asked if url.startswith(address)}
    files = {name: BUILT / name for name in names if (BUILT / name).is_file()}
    if gone := [name for name in names if name.startswith("assets/") and name not in files]:
        raise AssertionError(f"the console was built anew while it was measured: {gone[:3]}")
    sizes = {name: len(gzip.compress(path.read_bytes(), 9)) / 1e3 for name, path in files.items()}
    shell = sum(size for name, size in sizes.items() if not any(chunk in name for chunk in MAP_CHUNKS))
    foreign = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    return {"console_shell_kb": shell, "console_whole_kb": sum(sizes.values()), "console_foreign_requests": float(len(foreign))}


# ---- a large board, and a large fleet


async def rested_ms_per_s(page: Page, lasts_s: float) -> float:
    """What the page takes with nothing happening."""
    before = await busy_ms(page)
    await page.wait_for_timeout(lasts_s * 1e3)
    return (await busy_ms(page) - before) / lasts_s


async def board_round(page: Page, desk: Process, rest: float, lasts_s: float) -> dict[str, float]:
    """2,000 units, 20 updates a second of 20 rows each."""
    await page.evaluate("seen.length = frames.length = 0")
    before, started = await busy_ms(page), time.perf_counter()
    told = await ask(desk, {"rows": ROWS, "per_s": UPDATES, "lasts_s": lasts_s})
    took_s = time.perf_counter() - started
    spent = await busy_ms(page) - before - rest * took_s
    await page.wait_for_timeout(500)
    frames = await page.evaluate("frames")
    seen = {int(text): at for _, text, at in await page.evaluate("seen")}
    late = [
        min((at for shown, at in seen.items() if shown >= nth), default=float("inf")) - at_ms for nth, at_ms in enumerate(told["moments"])
    ]
    gaps = [after - before for before, after in pairwise(frames)]
    return {
        "console_board_main_ms": spent / len(told["moments"]),
        "console_board_fps": 1e3 * len(gaps) / (frames[-1] - frames[0]),
        "console_board_p95_ms": p95(late),
    }


async def measure_board(browser: Browser) -> dict[str, float]:
    """The windowed board."""
    with process("console_desk.py", "--units", UNITS) as desk:
        page, _ = await opened(browser, desk, "/?pane=units")
        await page.locator(".by button").nth(1).click()
        await page.evaluate("watchFrames()")
        await page.wait_for_timeout(2_000)
        await page.evaluate(
            "new MutationObserver(() => { const told = /engine (\\\\d+)/.exec(document.querySelector('.grid').textContent)?.[1];"
            " if (told) shown(() => seen.push(['', told, now()])); })"
            ".observe(document.querySelector('.grid'), { subtree: true, childList: true, characterData: true })".replace("\\\\", "\\")
        )
        rest = await rested_ms_per_s(page, 4)
        rounds = [await board_round(page, desk, rest, 6) for _ in range(ROUNDS)]
        await page.context.close()
    best = min(rounds, key=lambda one: one["console_board_main_ms"])
    return {**best, "console_board_rest_ms_per_s": rest, "console_board_fps": max(one["console_board_fps"] for one in rounds),
            "console_board_p95_ms": min(one["console_board_p95_ms"] for one in rounds)}  # fmt: skip


async def measure_map(browser: Browser) -> dict[str, float]:
    """5,000 units that move each second, on the map alone."""
    with process("console_desk.py", "--units", MOVING) as desk:
        page, _ = await opened(browser, desk, "/?pane=map")
        await page.evaluate("watchFrames()")
        await page.wait_for_timeout(3_000)
        rest = await rested_ms_per_s(page, 4)
        best: dict[str, float] = {}
        for _ in range(ROUNDS):
            await page.evaluate("frames.length = 0")
            before, started = await busy_ms(page), time.perf_counter()
            await ask(desk, {"moving": MOVING, "lasts_s": 8, "every_s": 1})
            took_s = time.perf_counter() - started
            spent = (await busy_ms(page) - before - rest * took_s) / took_s
            frames = await page.evaluate("frames")
            drawn = float(await page.evaluate("document.querySelectorAll('canvas.over')[1].dataset.ms ?? 0"))
            longest = max(after - before for before, after in pairwise(frames))
            told = {"console_map_main_ms": spent, "console_map_update_ms": drawn, "console_map_longest_gap_ms": longest}
            best = told if not best else {name: min(value, best[name]) for name, value in told.items()}
        await page.context.close()
    return {**best, "console_map_rest_ms_per_s": rest}


async def measure_seat() -> dict[str, float]:
    """200 units that each report every 30 s, and a change of status every 5 s."""
    with process("console_desk.py", "--units", SEATED) as desk:
        [screen] = await listen(desk, 1)
        await ask(desk, {"moving": SEATED, "lasts_s": 2, "every_s": 1})
        screen.forget()
        await ask(desk, {"moving": SEATED, "lasts_s": STEADY_S, "every_s": REPORT_EVERY_S})
        await ask(desk, {"rows": 1, "per_s": 0.2, "lasts_s": STEADY_S})
        heard = screen.bytes / (2 * STEADY_S) + 0.0
        screen.close()
    return {"console_seat_bytes_per_s": heard * 2}


async def measure() -> dict[str, float]:
    """One after the other."""
    load = os.getloadavg()[0]
    noted = ROOT / ".venv" / "browser"
    path = os.environ.get("TOCSIN_BROWSER") or (noted.read_text("utf-8").strip() if noted.is_file() else None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        found: dict[str, float] = {"console_load": load}
        parts = {
            "event": lambda: measure_events(browser),
            "board": lambda: measure_board(browser),
            "map": lambda: measure_map(browser),
            "seat": measure_seat,
        }
        for name in os.environ.get("TOCSIN_CONSOLE_PARTS", "event board map seat").split():
            found |= await parts[name]()
        await browser.close()
    return found


def run() -> dict[str, float]:
    """Milliseconds, frames, kB, bytes."""
    if not (BUILT / "index.html").is_file():
        raise SystemExit("the console is not built: make console")
    return asyncio.run(measure())


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:34} {value:12,.2f}", file=sys.stdout)
