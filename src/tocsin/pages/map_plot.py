"""The map: streets faint below, cells coloured by response time, stations with their names."""

from collections.abc import Iterator, Sequence
from math import cos, radians
from typing import NamedTuple

from markupsafe import Markup

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Millis
from tocsin.base.ranks import nearest_rank
from tocsin.pages.svg import hint, tag, words
from tocsin.pages.svg import picture as drawn
from tocsin.pages.tongue import Tongue
from tocsin.views.report_answer import MapCell, ReportAnswer, ReportMap, StationMark

WIDTH, MOST_HEIGHT = 960.0, 900.0
LEAST = 5
"""Fewer measured incidents than this do not make a 90th percentile: the cell is drawn hollow."""
METRES_PER_DEGREE = 111_195.0

CLASS_STEPS_S = (5, 10, 15, 30, 60, 120, 180, 240, 300, 600, 900, 1200, 1800, 3600)
"""Widths of the colour classes that people can read off."""

Streets = Sequence[Sequence[Sequence[float]]]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Frame(NamedTuple):
    """What part of the earth is drawn, and how large."""

    west: float
    north: float
    east: float
    south: float
    x_per_degree: float
    y_per_degree: float

    def x(self, lon: float) -> float:
        """Units from the left edge."""
        return (lon - self.west) * self.x_per_degree

    def y(self, lat: float) -> float:
        """Units from the upper edge."""
        return (self.north - lat) * self.y_per_degree

    def holds(self, at: LonLat) -> bool:
        """Whether a point is drawn at all."""
        return self.west <= at.lon <= self.east and self.south <= at.lat <= self.north

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in units."""
        return self.x(self.east), self.y(self.south)


class MapDrawing(NamedTuple):
    """The picture, its legend's edges and how much lies outside."""

    picture: Markup
    edges_s: list[int]
    outside: int


def map_plot(answer: ReportAnswer, streets: Streets, tongue: Tongue) -> MapDrawing | None:
    """The map, or None when no incident has a place. Raises BadInput ``streets_form``."""
    cells = answer.map.cells
    if not cells:
        return None
    frame = frame_of(answer.map)
    edges_s = edges_of(cells)
    shown = [cell for cell in cells if frame.holds(cell.at)]
    enough = sum(1 for cell in shown if cell.total_response.n >= LEAST)
    about = tongue.say("area.plot_desc", cells=len(cells), shown=enough, least=LEAST)
    inside = [
        tag("path", d=_street_data(streets, frame), class_="streets") if streets else Markup(""),
        *(_cell(cell, answer.map, frame, edges_s, tongue) for cell in shown),
        *_stations([one for one in answer.stations if one.at is not None and frame.holds(one.at)], frame),
        *scale_bar(frame, tongue),
    ]
    outside = sum(cell.incidents for cell in cells if not frame.holds(cell.at))
    return MapDrawing(drawn("map", frame.size, tongue.say("area.plot"), about, inside), edges_s, outside)


def frame_of(grid: ReportMap) -> Frame:
    """Holds all cells but those of the outermost 0.3 % of incidents on each side: one stray point must not shrink the city."""
    west, east = middle([(cell.at.lon, cell.incidents) for cell in grid.cells])
    south, north = middle([(cell.at.lat, cell.incidents) for cell in grid.cells])
    return framed((west - 1.5 * grid.lon_step, east + 1.5 * grid.lon_step), (south - 1.5 * grid.lat_step, north + 1.5 * grid.lat_step))


def framed(lon: tuple[float, float], lat: tuple[float, float]) -> Frame:
    """The part of the earth between two longitudes and two latitudes, as large as fits."""
    (west, east), (south, north) = lon, lat
    squeeze = cos(radians((south + north) / 2))
    per_degree = min(WIDTH / ((east - west) * squeeze), MOST_HEIGHT / (north - south))
    return Frame(west, north, east, south, per_degree * squeeze, per_degree)


def middle(weighted: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Least and greatest value without the outermost 0.3 % of the weight on each side."""
    spare = sum(weight for _, weight in weighted) * 0.003
    ends = []
    for ordered in (sorted(weighted), sorted(weighted, reverse=True)):
        passed = 0.0
        for value, weight in ordered:
            passed += weight
            if passed > spare:
                ends.append(value)
                break
    return ends[0], ends[1]


def edges_of(cells: Sequence[MapCell]) -> list[int]:
    """Four round edges between five classes, from the second to the eighth tenth of the cells that count."""
    counted = [cell.total_response for cell in cells if cell.total_response.n >= LEAST]
    spans = sorted(Millis(round(one.p90_s * 1000)) for one in counted if one.p90_s is not None)
    if not spans:
        return []
    low, high = (nearest_rank(spans, percent) / 1000 for percent in (20, 80))
    step = next((step for step in CLASS_STEPS_S if step >= (high - low) / 3), CLASS_STEPS_S[-1])
    first = max(round(low / step), 1) * step
    return [first + at * step for at in range(4)]


def _cell(cell: MapCell, grid: ReportMap, frame: Frame, edges_s: list[int], tongue: Tongue) -> Markup:
    figures = cell.total_response
    is_enough = figures.n >= LEAST and figures.p90_s is not None
    shade = sum(1 for edge in edges_s if figures.p90_s is not None and figures.p90_s >= edge)
    label = f"{tongue.numerals.clock(figures.p90_s)} · {tongue.numerals.count(cell.incidents)}"
    width, height = grid.lon_step * frame.x_per_degree, grid.lat_step * frame.y_per_degree
    left, top = frame.x(cell.at.lon) - width / 2, frame.y(cell.at.lat) - height / 2
    if is_enough:
        return tag(
            "rect", hint(label), x=left + 0.5, y=top + 0.5, width=width - 1, height=height - 1, class_=f"cell q{shade}"
        )  # fmt: skip
    return tag("circle", hint(label), cx=left + width / 2, cy=top + height / 2, r=min(width, height) * 0.11, class_="few")


def _street_data(streets: Streets, frame: Frame) -> str:
    """One path for all streets; points nearer than two units to the last are left out, and lines that lie outside."""
    width, height = frame.size
    lines = []
    for street in streets:
        try:
            points = [(frame.x(float(lon)), frame.y(float(lat))) for lon, lat in street]
        except (TypeError, ValueError):
            raise BadInput("streets_form") from None
        kept = _simple([(x, y) for x, y in points if -9 <= x <= width + 9 and -9 <= y <= height + 9])
        if len(kept) > 1:
            lines.append("M" + " ".join(f"{x:.0f} {y:.0f}" for x, y in kept))
    return "".join(lines)


def _simple(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    kept = points[:1]
    for x, y in points[1:]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= 2:
            kept.append((x, y))
    return kept


def _stations(marks: Sequence[StationMark], frame: Frame) -> Iterator[Markup]:
    """A dark square with a light rim, and its name where it covers no other."""
    places = [(one, frame.x(one.at.lon), frame.y(one.at.lat)) for one in marks if one.at is not None]
    taken = [(x - 6, y - 6, x + 6, y + 6) for _, x, y in places]
    labels = []
    for one, x, y in places:
        yield tag("rect", hint(one.name), x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, class_="station")
        text = _short(one, len(places))
        wide = len(text) * 8.2
        for left, top in ((x + 7, y - 8), (x - 7 - wide, y - 8), (x - wide / 2, y - 23), (x - wide / 2, y + 7)):
            box = (left, top, left + wide, top + 16)
            if is_free(box, taken, frame):
                taken.append(box)
                labels.append(words(text, left, top + 13, "station-name"))
                break
    yield from labels


def _short(one: StationMark, stations: int) -> str:
    """The name; with many stations only their number or identifier: the table below has the names."""
    return one.name if stations <= 12 and len(one.name) <= 24 else str(one.station).rpartition(":")[2][:12]


def is_free(box: Box, taken: Sequence[Box], frame: Frame) -> bool:
    """Whether a label there lies inside the picture and covers no other."""
    width, height = frame.size
    if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
        return False
    return all(box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1] for other in taken)


def scale_bar(frame: Frame, tongue: Tongue) -> Iterator[Markup]:
    """A bar of a round number of kilometres in the lower left corner."""
    km = max((km for km in (1, 2, 5, 10, 20, 50, 100, 200) if km * 1000 / METRES_PER_DEGREE * frame.y_per_degree <= 180), default=1)
    length, height = km * 1000 / METRES_PER_DEGREE * frame.y_per_degree, frame.size[1]
    yield tag("path", d=f"M10 {height - 18:.1f}v6h{length:.1f}v-6", class_="scale")
    yield words(tongue.say("area.scale", n=km), 10 + length / 2, height - 18, "label", "middle")
