"""The page of an experiment in a browser: axe finds nothing, it asks nobody for anything, and is never wider than its window."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from experiment_told import MAP, SOURCE, compared_answer, simulated_answer
from tocsin.pages.experiment import render_compared, render_simulated

LOOKS = (
    {"color_scheme": "light", "viewport": {"width": 640, "height": 480}},  # 1280 wide at 200 %
    {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
    {"color_scheme": "light", "forced_colors": "active"},
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """In the language with the longest words, too."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {
        "compared": render_compared(compared_answer(), MAP, SOURCE, language="fr"),
        "simulated": render_simulated(simulated_answer(), MAP, SOURCE),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return sorted(folder.iterdir())


def test_everybody_can_read_it(browser: Browser, files: list[Path]) -> None:
    found: list[str] = []
    for look in LOOKS:
        context = browser.new_context(**look)  # type: ignore[arg-type]
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, found=found: found.append(f"said: {message.text}"))
        for file in files:
            page.goto(file.as_uri())
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            found += [f"{file.stem} {look}: {one['id']} {node['target']}" for one in violations for node in one["nodes"]]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{file.stem} {look}: {wide} wider than the window"] if wide > 0 else []
        assert [url for url in asked if not url.startswith("file:")] == []
        context.close()
    assert found == []
