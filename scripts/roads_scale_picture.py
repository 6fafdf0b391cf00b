"""Draws docs/pictures/roads-scale.svg from the figures of ``benchmarks/road_scale.py``.

python benchmarks/road_scale.py ../shared > scale.json
python scripts/roads_scale_picture.py scale.json
"""

import json
import sys
from math import ceil, floor, log10
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "roads-scale.svg"
WIDE, HIGH, LEFT, TOP = 250, 220, 62, 46
CITIES = {"1": ("New York, 264 k nodes", "#0b5fa5"), "3": ("nine of it, 2.4 M nodes", "#b3470b")}
PANELS = {
    "units asked, one place": ("query_{}_us", (10, 30, 100, 300, 1_000, 3_000, 10_000), "µs", "units"),
    "units relabelled": ("relabel_{}_ms", (10, 30, 100, 300, 1_000, 3_000, 10_000), "ms", "units"),
    "closures put in force": ("closing_{}_ms", (1, 10, 100, 1_000, 5_000), "ms", "directed streets closed"),
}

Points = list[tuple[float, float]]


def panel(number: int, title: str, lines: dict[str, Points], units: tuple[str, str]) -> list[str]:
    """One plot, both axes logarithmic."""
    x0 = LEFT + number * (WIDE + 78)
    places = [point for points in lines.values() for point in points]
    low_x, high_x = log10(min(x for x, _ in places)), log10(max(x for x, _ in places))
    low_y, high_y = floor(log10(min(y for _, y in places))), ceil(log10(max(y for _, y in places)))

    def at(x: float, y: float) -> tuple[float, float]:
        return x0 + (log10(x) - low_x) / (high_x - low_x) * WIDE, TOP + HIGH - (log10(y) - low_y) / (high_y - low_y) * HIGH

    drawn = [f'<text x="{x0}" y="{TOP - 14}" class="title">{title}</text>']
    for power in range(low_y, high_y + 1):
        _, y = at(10**low_x, 10**power)
        drawn.append(f'<line x1="{x0}" y1="{y:.1f}" x2="{x0 + WIDE}" y2="{y:.1f}" class="grid"/>')
        drawn.append(f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{10**power:g} {units[0]}</text>')
    for power in range(ceil(low_x), floor(high_x) + 1):
        x, _ = at(10**power, 10**low_y)
        drawn.append(f'<text x="{x:.1f}" y="{TOP + HIGH + 16}" text-anchor="middle">{10**power:,}</text>')
    drawn.append(f'<text x="{x0 + WIDE / 2}" y="{TOP + HIGH + 34}" text-anchor="middle">{units[1]}</text>')
    for row, (city, points) in enumerate(lines.items()):
        colour = CITIES[city][1]
        spots = [at(*point) for point in points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        drawn.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in spots:
            round_or_square = (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"' if row == 0 else f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"'
            )
            drawn.append(f'{round_or_square} fill="{colour}"/>')
    return drawn


def picture(figures: dict[str, dict[str, float]]) -> str:
    """The whole drawing."""
    drawn: list[str] = []
    for number, (title, (name, counts, unit, what)) in enumerate(PANELS.items()):
        lines = {city: [(count, figures[city][name.format(count)]) for count in counts] for city in figures}
        drawn += panel(number, title, lines, (unit, what))
    width, height = LEFT + 3 * (WIDE + 78) - 40, TOP + HIGH + 70
    for row, city in enumerate(figures):
        name, colour = CITIES[city]
        x = LEFT + row * 240
        drawn.append(
            f'<rect x="{x}" y="{height - 18}" width="12" height="12" fill="{colour}"/><text x="{x + 18}" y="{height - 8}">{name}</text>'
        )
    style = "text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.grid{stroke:#ddd}"
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Costs of the road kernel by units, relabelled units and closures">\n'
        f'<style>{style}</style>\n<rect width="{width}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    OUT.write_text(picture(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
    print(OUT)
