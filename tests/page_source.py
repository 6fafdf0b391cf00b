"""What a page is made of, for tests of pages that stand alone."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser


class Tags(HTMLParser):
    """Collects what a page is made of and fails when elements are not closed as they were opened."""

    VOID = frozenset({"meta", "input", "br", "rect", "circle", "line", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag, tag


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Tags()
    reader.feed(page)
    assert reader.open == []
    return reader.seen


def pictures(page: str) -> list[ET.Element]:
    return [ET.fromstring(text) for text in re.findall(r"<svg\b.*?</svg>", page, re.DOTALL)]


def check_alone(page: str) -> None:
    """No script, nothing that is fetched, no address but the name of SVG."""
    found = tags(page)
    assert {tag for tag, _ in found} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"} == set()
    assert all(not name.startswith("on") for _, attributes in found for name in attributes)
    assert all("src" not in attributes for _, attributes in found)
    assert all((attributes.get("href") or "#").startswith("#") for _, attributes in found)
    assert "url(" not in page and "@import" not in page
    beyond_namespace = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?:", beyond_namespace) == []


def boxes(picture: ET.Element, class_: str, letter: float) -> list[tuple[float, float, float, float]]:
    """Rough boxes of texts, by a mean width of letters."""
    found = []
    for text in picture.iter("{http://www.w3.org/2000/svg}text"):
        if class_ in (text.get("class") or ""):
            x, y, wide = float(text.get("x", 0)), float(text.get("y", 0)), len(text.text or "") * letter
            left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.get("text-anchor", "start")]
            found.append((left, y - 11, left + wide, y + 3))
    return found


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
