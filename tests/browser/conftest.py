"""One city for the whole run; a browser and a server for every module; windows for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser_stage import Beyond, Desk, Opens, build_console, launch, make_city, seats, served


@pytest.fixture(scope="session")
def console_built() -> None:
    """Built, or the tests fail and say why not."""
    build_console()


@pytest.fixture(scope="session")
def beyond() -> Iterator[Beyond]:
    """Who asked for anything that is not on this machine."""
    door = Beyond()
    yield door
    door.close()


@pytest.fixture(scope="module")
def browser(console_built: None, beyond: Beyond) -> Iterator[Browser]:
    """One for a module: as long as it is there, its loop of events runs, and nothing else in this process may start one."""
    with sync_playwright() as playwright:
        launched = launch(playwright, beyond)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def city(console_built: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The centre that others are copied from."""
    return make_city(tmp_path_factory.mktemp("city") / "centre")


@pytest.fixture(scope="module")
def desk(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server that the tests of a module share."""
    with served(city, tmp_path_factory.mktemp("served") / "centre") as one:
        yield one


@pytest.fixture
def own_desk(city: Path, tmp_path: Path) -> Iterator[Desk]:
    """A server of one test's own."""
    with served(city, tmp_path / "centre") as one:
        yield one


@pytest.fixture
def seat(browser: Browser, beyond: Beyond) -> Iterator[Opens]:
    """Opens windows; fails the test in the end where any of them asked elsewhere, told of an error or broke its own policy."""
    with seats(browser, beyond) as opens:
        yield opens
