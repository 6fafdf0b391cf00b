"""Draws docs/pictures/learned-speeds.svg from the table in a file of learned speeds.

python scripts/learned_speeds_picture.py sf.speeds docs/pictures/learned-speeds.svg
"""

import sys
from pathlib import Path

from tocsin.roads.speeds import Judged, read_speeds
from tocsin.words import say

WIDTH, ROW, LEFT, HALF = 760, 26, 190, 230
GREY, BLUE = "#b9bfc7", "#1f5fa8"


def main() -> int:
    """Read, draw, write."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    rows = [row for row in read_speeds(source).judged if (row.among, row.since) == ("known_start", "rolled")]
    out.write_text(picture(rows), "utf-8")
    return 0


def picture(rows: list[Judged]) -> str:
    """Two bars per method: mean error in seconds, and pairs in the right order in per cent."""
    height = 50 + ROW * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13" role="img">']
    parts.append(f'<rect width="{WIDTH}" height="{height}" fill="white"/>')
    heads = (("Mean error, seconds (shorter is better)", LEFT), ("Pairs in the right order, % (longer is better)", LEFT + HALF + 60))
    parts += [f'<text x="{x}" y="24" font-weight="bold" font-size="12">{text}</text>' for text, x in heads]
    for nth, row in enumerate(rows):
        y, colour = 40 + ROW * nth, BLUE if row.method == "learned" else GREY
        parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{say(f"cli.fit.method_{row.method}")}</text>')
        order = 100 * (row.order_right or 0)
        for value, most, x in ((row.mae_s, 160, LEFT), (order, 100, LEFT + HALF + 60)):
            length = HALF * value / most
            parts.append(f'<rect x="{x}" y="{y}" width="{length:.1f}" height="18" fill="{colour}"/>')
            parts.append(f'<text x="{x + length + 5:.1f}" y="{y + 14}">{value:.0f}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    sys.exit(main())
