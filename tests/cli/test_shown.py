"""Tables as a terminal of 80 columns shows them, and numbers as the reader's language writes them."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from command_line import LANGUAGES
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres, Millis
from tocsin.roads.info import RegionInfo, RouteRow
from tocsin.roads.learning.answer import ClassFactor, FitAnswer
from tocsin.roads.speeds import Constants, Judged, LearnedFrom
from tocsin.shown import figures
from tocsin.shown.fit import fitted
from tocsin.words import say

METHODS = ("learned", "road", "road_kinds", "straight", "straight_kinds", "constant", "paper")
THIN = "\u202f"


def printed(show: Callable[[Console], None], width: int = 80) -> str:
    with io.StringIO() as text:
        show(Console(file=text, width=width, highlight=False, markup=False, emoji=False))
        return text.getvalue()


def fit_answer() -> FitAnswer:
    """Of the widest figures that a centre is likely to see."""
    row = {"mae_s": 123.0, "bias_s": -123.0, "median_error_s": 123.0, "rank": -0.812, "order_right": 0.512, "covered": 0.798}
    source = LearnedFrom(
        journal="j", head="h", first="2020-04-01T00:00:00Z", last="2020-04-14T00:00:00Z", trips=12_345, sure_trips=10_410,
        left_out={"too_long": 1_234}, settings={"zones": 6.0, "bins": 4.0},
    )  # fmt: skip
    constants = {"engine": Constants(61_000, 43_000, 9_876), "*": Constants(60_000, 40_000, 0)}
    return FitAnswer(
        id="fitted-0e97ccee1234",
        out=None,
        learned_from=source,
        classes=(ClassFactor(road_class="motorway_link", least=812, middle=1_250, most=2_031),),
        plain_permille=1_310,
        constants={"rolled": constants, "told": constants},
        judged_on=1_234,
        judged=tuple(
            Judged(among="known_start", since="told", method=method, trips=1_234, order_pairs=9, width_s=1234.0, **row)
            for method in METHODS
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fit_fits_a_terminal_with_every_row_named(language: str) -> None:
    text = printed(lambda out: fitted(out, fit_answer(), language))
    told = text.split()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(word in told for method in METHODS for word in say(f"cli.fit.method_{method}", language).split())
    assert all(word in told for word in say("cli.fit.method", language).split())
    assert text.count("51.2%" if language == "en" else "51,2") == len(METHODS) and "…" not in text


@pytest.mark.parametrize(("language", "metres"), [("en", "3,858 m"), *((one, f"3{THIN}858 m") for one in ("es", "fr"))])
def test_metres_are_grouped_as_the_language_does(language: str, metres: str) -> None:
    here = LonLat(9.5, 47.1)
    row = RouteRow(from_=here, to=here, time_ms=Millis(1), distance_m=Metres(3858.0), snap_m=Metres(1.0))
    assert metres in printed(lambda out: figures.routes(out, [row], [], language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_can_be_read_as_another(language: str) -> None:
    found = RegionInfo(
        name="r", bbox=(0.0, 0.0, 1.0, 1.0), nodes=12_345, directed_edges=23_456, strong_nodes=12_000, named=9_999, dropped={"area": 1_234},
        version=3, sections={"tiles": 1_234_567_890},
    )  # fmt: skip
    text = printed(lambda out: figures.region(out, found, language))
    group, decimal = say("report.group", language), say("report.decimal", language)
    assert f"12{group}345" in text and f"1{group}234{decimal}57 MB" in text
    assert language == "en" or not any(mark in text for mark in ("12,345", "12.345", "1,234", "1.234"))
