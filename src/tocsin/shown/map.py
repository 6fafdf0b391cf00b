"""What a map holds, as tables."""

from collections.abc import Sequence

from rich.console import Console

from tocsin.pages.numerals import Numerals
from tocsin.shown.figures import closed_told, facts, paragraph, section, sheet, whole
from tocsin.wiring.map import MapAnswer
from tocsin.words import say


def mapped(out: Console, answer: MapAnswer, closed: Sequence[str | None], language: str) -> None:
    """Layers, tiles by zoom, areas; ``closed``: names of closed streets."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.map.{key}", language, **values)

    counts = [
        (told("stations"), numerals.count(answer.stations)),
        (told("closures"), numerals.count(answer.closed_streets)),
        (told("bytes"), numerals.count(answer.bytes)),
    ]
    section(out, answer.name, facts(counts))
    closed_told(out, closed, language)
    layers = ", ".join(say(f"map.layer.{layer}", language) for layer in answer.layers)
    paragraph(out, f"{told('layers')}: {layers}")
    rows = [(str(one.zoom), numerals.count(one.tiles), numerals.count(one.bytes)) for one in answer.zooms]
    section(out, told("stored" if answer.is_stored else "cut"), sheet(told("zoom"), told("count"), told("bytes"), rows=rows))
    if answer.areas:
        areas = [(str(one.minutes), numerals.decimal(one.area_km2), numerals.percent(one.street_share)) for one in answer.areas]
        out.print()
        out.print(sheet(told("minutes"), told("area"), told("share"), rows=areas))
    if answer.page is not None:
        out.print()
        whole(out, told("page"), answer.page)
