"""A real server in a process of its own, and real people at it: each a window of a real browser that reaches nothing but this server."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import httpx
import msgspec
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, expect

from tocsin.base.identifiers import UnitId
from tocsin.core.messages.line import decode
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.password_hash import Passwords
from tocsin.views.log_rows import log_row
from tocsin.wiring.roads import make_region

ROOT = Path(__file__).resolve().parents[1]
CONSOLE = ROOT / "src" / "tocsin" / "web" / "console" / "index.html"
ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-first-run", "--disable-domain-reliability",
]  # fmt: skip
PATIENCE_MS = 15_000
"""For what a busy machine takes long over; what is said to be quick is measured by itself."""
PASSWORD = "four words apart"
STAFF = {"sofia": "supervisor", "ana": "dispatcher", "ben": "dispatcher", "tomas": "call_taker", "muro": "wall", "cora": "commander"}
LANGUAGES = ("en", "pt", "fr", "es")

expect.set_options(timeout=PATIENCE_MS)


def browser_path() -> str:
    """Where the Chromium is. Fails, and says what to do, where none is known."""
    told = ROOT / ".venv" / "browser"
    path = os.environ.get("TOCSIN_BROWSER") or (told.read_text("utf-8").strip() if told.is_file() else "")
    if not path or not Path(path).exists():
        raise AssertionError(
            f"no browser for the tests of the screens ({path or 'none is known'}): run `python scripts/find_browser.py .venv/browser`,"
            " or set TOCSIN_BROWSER to the path of a Chromium"
        )
    return path


def build_console() -> None:
    """Where it is not built yet."""
    if CONSOLE.is_file():
        return
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "build_console.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and CONSOLE.is_file(), f"the console could not be built:\n{done.stdout}{done.stderr}"


def make_city(folder: Path) -> Path:
    """The demo's centre as somebody's own, live one, with its road file and an account of every role; cheap hashes."""
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    with as_file(data.joinpath("centre")) as shipped:
        copytree(shipped, folder)
    with as_file(data.joinpath("streets.geojson.gz")) as streets:
        make_region(streets, folder / "coquimbo.region", mapping=None, name="coquimbo", progress=lambda *_: None)
    told = (folder / "centre.toml").read_text("utf-8").replace('footing = "demo"', 'footing = "live"')
    (folder / "centre.toml").write_text(told, "utf-8")
    with closing(open_or_create_accounts(folder / "accounts.db", Passwords(PasswordHasher(time_cost=1, memory_cost=32)))) as accounts:
        for name, role in STAFF.items():
            accounts.add(name, role, password=PASSWORD)
        accounts.add("m1", "crew", unit="M1", password=PASSWORD)
    return folder


MAKERS = re.compile(r"[ /.](google|googleapis|gvt1|gstatic)\.com[:/]")
"""What a Chromium asks its maker by itself (updates, forms). A page that asked for such a thing would be seen as its request."""


class Beyond:
    """Where everything that is not for this machine would have to pass: it writes down who asked, and lets nobody through."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._stand, daemon=True).start()

    def _stand(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:  # it was closed
                return
            with caller:
                caller.settimeout(5)
                self.asked.append(caller.recv(4096).partition(b"\r\n")[0].decode("latin-1"))

    def close(self) -> None:
        """Nobody stands there any more."""
        self._door.close()


def launch(playwright: Playwright, beyond: Beyond) -> Browser:
    """A browser of which every request that leaves this machine is seen, those of its workers and its own, too."""
    return playwright.chromium.launch(
        executable_path=browser_path(), args=ARGUMENTS, proxy={"server": beyond.address, "bypass": "127.0.0.1"}
    )


class Desk:
    """A served centre: to be killed and started again on the same port."""

    def __init__(self, centre: Path, *words: object) -> None:
        self.centre, self.words, self.port = centre, words, 0
        self.process: subprocess.Popen[str] | None = None
        self.told: dict[str, Any] = {}
        self.address = ""

    def start(self) -> "Desk":
        """Ready to be asked when this returns."""
        command = [sys.executable, "-m", "tocsin", "serve", str(self.centre), "--port", str(self.port), "--json", *map(str, self.words)]
        environment = {**os.environ, "TOCSIN_LANGUAGE": "en"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        text = ""
        for line in self.process.stdout:
            text += line
            if line.rstrip() == "}":
                break
        assert text, self.process.communicate(timeout=30)[1]
        self.told = json.loads(text)
        self.address = self.told["address"]
        self.port = int(self.address.rstrip("/").rpartition(":")[2])
        return self

    def kill(self) -> None:
        """As when somebody pulls the plug."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Everything on record behind a position, oldest first: name, position, seat, fields, and its values as the log tells them."""
        with closing(SqliteJournal.open_to_read(self.centre / "centre.journal")) as journal:
            records = [(line.pos, decode(line.body)) for line in journal.read(from_pos=after + 1)]
        return [
            {
                **msgspec.to_builtins(record.says),
                **log_row(record, pos).values,
                "pos": pos,
                "actor": record.actor,
                "what": type(record.says).__name__,
            }
            for pos, record in records
            if record.n > 0
        ]

    def head(self) -> int:
        """Position of the last event."""
        with closing(SqliteJournal.open_to_read(self.centre / "centre.journal")) as journal:
            return journal.head().pos

    def words_of(self, after: int = 0) -> list[str]:
        """Names of the events behind a position."""
        return [event["what"] for event in self.events(after)]

    def token(self, unit: str) -> str:
        """Of a device that speaks for a unit."""
        with closing(open_or_create_accounts(self.centre / "accounts.db")) as accounts:
            return accounts.draw_device(UnitId(unit), 0, is_further=True)

    def end_sessions(self) -> None:
        """As if everybody's shift were over: nobody is signed in any more."""
        import sqlite3  # noqa: PLC0415 - only here; what the accounts themselves offer ends one session by its name

        with closing(sqlite3.connect(self.centre / "accounts.db", timeout=10)) as store, store:
            store.execute("DELETE FROM session")

    def by_hand(self, name: str) -> "ByHand":
        """Somebody without a screen."""
        return ByHand(self.address, name)


class ByHand:
    """An account that works by plain HTTP."""

    def __init__(self, address: str, name: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=30)
        session = self.http.post("/api/session", json={"name": name, "password": PASSWORD})
        assert session.status_code == 200, session.text
        self.http.headers["X-Tocsin-Csrf"] = session.json()["csrf"]
        self.said = 0
        self.name = name

    def key(self) -> str:
        """One that was not used yet."""
        self.said += 1
        return f"{self.name}-{id(self)}-{self.said}"

    def situation(self) -> dict[str, Any]:
        """What every screen knows."""
        answer = self.http.get("/api/situation")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def calls(self, incident_type: str = "fall", place: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A call that is taken and becomes an incident."""
        now = self.http.get("/health").json()["now"]
        body = {"id": self.key(), "arrived": now, "answered": now, "incident_type": incident_type, "priority": "yellow",
                "place": place or {"at": [-71.2520, -29.9027], "text": "Plaza"}, **more}  # fmt: skip
        answer = self.http.post("/api/calls", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def says(self, **command: Any) -> httpx.Response:
        """One command."""
        return self.http.post("/api/commands", json={"id": self.key(), "command": command})

    def types(self, text: str) -> dict[str, Any]:
        """A line."""
        answer = self.http.post("/api/line", json={"id": self.key(), "text": text, "is_preview": False})
        return dict(answer.json())


WATCH = """
window.tocsinSaw = [];
document.addEventListener("securitypolicyviolation", (event) => window.tocsinSaw.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
"""Notes what the page's own policy refused."""

ORDINARY = re.compile(r"Failed to load resource: the server responded with a status of (401|403|409)")
"""A browser notes every refusal as an error of the console; these are answers."""
DOWN = re.compile(
    r"Failed to load resource: net::ERR_(CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|ABORTED)"
    r"|status of 503|Worker failed to load"
)
"""Nobody there."""


class Seat:
    """One person in front of one window."""

    def __init__(self, context: BrowserContext, desk_address: str) -> None:
        self.context, self.address = context, desk_address
        self.faults: list[str] = []
        self.beyond: list[str] = []
        self.may_be_down = False
        self.may_be_refused = False
        context.add_init_script(WATCH)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("request", self._asked)
        ours = re.escape(desk_address.rstrip("/"))
        context.route(re.compile(rf"^(?!{ours}(/|$)|data:|blob:)"), lambda route: route.abort())
        self.page: Page = context.new_page()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or ORDINARY.search(message.text):
            return
        if self.may_be_refused and "status of 400" in message.text:
            return
        if self.may_be_down and DOWN.search(message.text):
            return
        if "GL Driver Message" in message.text:  # of software graphics: nothing of ours
            return
        self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.beyond.append(request.url)

    def look_back(self) -> list[str]:
        """Everything that went wrong beside what the test looked at."""
        refused = [text for page in self.context.pages if not page.is_closed() for text in page.evaluate("window.tocsinSaw ?? []")]
        return [*self.faults, *(f"asked beyond: {url}" for url in self.beyond), *(f"refused by policy: {text}" for text in refused)]

    # Parts of the screen.

    @property
    def line(self) -> Locator:
        """The command line."""
        return self.page.locator("section.line input")

    @property
    def told(self) -> Locator:
        """What stands below it."""
        return self.page.locator("#line-told")

    def row(self, incident: str) -> Locator:
        """Of the queue."""
        return self.page.locator(f'[id="queue-{incident}"]')

    def unit(self, unit: str) -> Locator:
        """Of the units; only what is near the part in sight is in the page."""
        return self.page.locator(f'[id="units-{unit}"]')

    def unit_on(self, unit: str) -> Locator:
        """Of the units on the selected incident, in its detail."""
        return self.pane("detail").locator(".units-on tbody tr").filter(has=self.page.locator("th", has_text=re.compile(rf"^{unit}$")))

    def pane(self, name: str) -> Locator:
        """One of the panes."""
        return self.page.locator(f'[data-pane="{name}"]')

    # What a person does.

    def enter_by_keys(self, name: str, path: str = "") -> "Seat":
        """Signs in without a mouse: the first field has the keyboard."""
        self.page.goto(self.address + path)
        expect(self.page.locator(".signin input").first).to_be_focused()
        keys = self.page.keyboard
        keys.type(name)
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        return self.is_live()

    def enter_by_key(self, key: str, path: str = "") -> "Seat":
        """Follows a link with a one-time key."""
        self.page.goto(f"{self.address}{path}#key={key}")
        return self.is_live()

    def is_live(self) -> "Seat":
        """Waits until the desk is on the screen and alive."""
        expect(self.page.locator('.link[data-link="live"]')).to_be_visible()
        return self

    def to_line(self) -> None:
        """The keyboard into the command line, by keys, from wherever it is."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")
        expect(self.line).to_be_focused()

    def types(self, text: str) -> None:
        """A whole line, and Enter when its preview stands there; by keys."""
        self.to_line()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        expect(self.told.locator(".preview kbd").first).to_be_visible()
        self.page.keyboard.press("Enter")

    def does(self, text: str) -> None:
        """The same, and it was done."""
        self.types(text)
        expect(self.told.locator(".done, .problem")).to_be_visible()
        assert self.told.locator(".done").is_visible(), f"{text}: {self.told.inner_text()}"
        expect(self.line).to_have_value("")

    def is_refused(self, text: str) -> str:
        """The same, and it was refused: why. The text stays."""
        self.types(text)
        problem = self.told.locator(".problem strong")
        expect(problem).to_be_visible()
        expect(self.line).to_have_value(text)
        return problem.inner_text()


Opens = Callable[..., Seat]
"""``seat(desk, **what a browser's context takes)``."""


@contextmanager
def seats(browser: Browser, beyond: Beyond) -> Iterator[Opens]:
    """Opens windows; in the end nothing may have gone wrong in any of them, and nothing may have asked for anything elsewhere."""
    opened: list[Seat] = []
    before = len(beyond.asked)

    with ExitStack() as until:

        def open_one(address: str, **how: Any) -> Seat:
            context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "en-GB", **how})
            until.callback(context.close)
            seat = Seat(context, address)
            opened.append(seat)
            return seat

        yield open_one
        for seat in opened:
            flaws = seat.look_back()
            assert flaws == [], f"went wrong beside what was looked at: {flaws}"
    asked = [told for told in beyond.asked[before:] if not MAKERS.search(told)]
    assert asked == [], f"asked elsewhere: {asked}"


@contextmanager
def served(city: Path, folder: Path, *words: object) -> Iterator[Desk]:
    """A copy of the city in a folder, served until the end."""
    copytree(city, folder)
    desk = Desk(folder, *words).start()
    try:
        yield desk
    finally:
        if desk.process is not None and desk.process.poll() is None:
            desk.kill()
        rmtree(folder, ignore_errors=True)
