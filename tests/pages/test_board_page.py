"""The printed board: all that is going on stands on it, nothing of callers does, and it needs nothing else."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import msgspec
import pytest

from paper_shift import SECRETS, play_afternoon
from tocsin.base.faults import BadInput
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.core.messages.centre import Footing
from tocsin.core.messages.line import decode
from tocsin.core.messages.place import Place
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.pages.board import SLIPS, render
from tocsin.views.situation import Situation
from tocsin.views.situation_rows import Rows
from tocsin.words import languages

AT = parse_iso("2020-04-07T16:35:00Z")
HOSTILE = "</style><script>alert('x')</script>&\"quoted\""
NEXT = IncidentId("20200407-0044")


class Text(HTMLParser):
    """Elements, and the text as rows of cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements that do not close in order"
        if tag in ("td", "th"):
            self.text += "|"
        elif tag in ("tr", "h1", "h2", "h3", "p", "div"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += " ".join(data.split()) + (" " if data.strip() else "")

    @property
    def rows(self) -> list[str]:
        """Lines without the blanks around cells."""
        return [re.sub(r" *\| *", "|", line).strip() for line in self.text.splitlines() if line.strip(" |")]


def afternoon(at: Instant = AT, footing: Footing = "live") -> Situation:
    """What screens would show at its end."""
    journal, rows = MemoryJournal("paper"), Rows()
    desk = play_afternoon(journal, footing=footing)
    rows.take((stored.pos, decode(stored.body)) for stored in journal.read())
    return rows.situation(desk.board, journal=journal.journal_id, pos=journal.head().pos, at=at)


def page_of(language: str = "en", footing: Footing = "live") -> str:
    """The afternoon's board."""
    return render(afternoon(footing=footing), next_incident=NEXT, language=language)


@pytest.fixture(scope="module")
def rows() -> list[str]:
    """The page as lines of text."""
    return Text(page_of()).rows


def test_whose_board_and_of_when(rows: list[str]) -> None:
    assert rows[0] == "Board – Bahía – 2020-04-07 12:35 Bahía"
    assert "as of 2020-04-07 12:35" in rows
    assert "3 open · 4 units: 2 free, 2 at work" in rows
    assert any(line.startswith("Times of America/Santiago · journal paper, position ") for line in rows)


def test_incidents_with_units_and_stamps_most_urgent_first(rows: list[str]) -> None:
    heads = [line for line in rows if re.match(r"#\d+ (high|low)", line)]
    assert heads == [
        "#41 high fire since 12:00 (0:35 h)",
        "#43 high sick since 12:20 (0:15 h)",
        "#42 low fire NOBODY SENT since 12:10 (0:25 h)",
    ]
    assert "E1|12:01|12:02|12:06||||" in rows
    assert "M1|12:21|||||off 12:22|" in rows and "M2|12:22||||||" in rows


def test_units_by_station_alarms_closures_and_calls(rows: list[str]) -> None:
    begin = rows.index("Units (4)")
    fleet = rows[begin + 2 : begin + 9]
    assert fleet[:4] == ["Station S1|", "E1|engine|on scene|12:06|#41||", "M1|ambulance|at its station|12:22|||", "Station S2|"]
    assert fleet[5:] == ["Without a station|", "M2|ambulance|dispatched|12:22|#43||"]
    begin = rows.index("Alarms (4)")
    assert rows[begin + 2 : begin + 6] == [
        "1|Nobody has been sent|#42|12:31||",
        "2|A call belongs to no incident|C1|12:31||",
        "2|Dispatch not acknowledged|#43 M2|12:31||",
        "2|Not rolling yet|#43 M2|12:31||",
    ]
    assert "K1|burst main|0.10000, 0.00000|12:00|19:00|" in rows
    assert "C2|12:30|voice|" in rows


def test_units_stand_as_people_count() -> None:
    told = afternoon()
    told.units = [msgspec.structs.replace(told.units[0], unit=UnitId(name)) for name in ("E10", "M1", "E2", "E9")]
    found = re.findall(r"^(\w+)\|engine", "\n".join(Text(render(told, next_incident=NEXT)).rows), re.MULTILINE)
    assert found == ["E2", "E9", "E10", "M1"]


def test_slips_go_on_with_the_numbers(rows: list[str]) -> None:
    numbers = [line for line in rows if re.fullmatch(r"#\d+ 2020\d{4}-\d{4}", line)]
    assert numbers == [f"#{44 + nth} 20200407-{44 + nth:04d}" for nth in range(SLIPS)]
    assert any("given after 2020-04-07 12:35" in line for line in rows)


@pytest.mark.parametrize("language", languages())
def test_nothing_of_callers_and_no_words_of_people(language: str) -> None:
    page = page_of(language)
    assert [secret for secret in SECRETS if secret in page] == []
    assert "sealed" not in page and "board." not in Text(page).text, "boxes and keys of sentences"


@pytest.mark.parametrize("footing", ["exercise", "demo", "imported", "live"])
def test_a_footing_is_marked_on_every_sheet(footing: Footing) -> None:
    page = page_of("pt", footing)
    mark = {"exercise": "EXERCÍCIO", "demo": "DEMONSTRAÇÃO", "imported": "REGISTO IMPORTADO", "live": ""}[footing]
    assert f'@top-center {{ content: "{mark}"; }}' in page
    assert page.count(f'<p class="mark">{mark}</p>') == bool(mark) and ('class="mark"' in page) == bool(mark)


def test_it_needs_nothing_and_runs_nothing() -> None:
    page = page_of()
    assert set(Text(page).tags) & {"script", "link", "img", "iframe", "object", "form", "a", "audio", "video"} == set()
    assert "url(" not in page and "@import" not in page and "http:" not in page and "https:" not in page
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in page and "default-src 'none'" in page
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", style)) == {"#000", "#fff"}, "black on white"


def test_names_of_anybody_stay_text() -> None:
    told = afternoon()
    assert told.centre is not None
    told.centre = msgspec.structs.replace(told.centre, name=HOSTILE)
    told.incidents = [msgspec.structs.replace(one, place=Place(text=HOSTILE), incident_type=HOSTILE) for one in told.incidents]
    told.units = [msgspec.structs.replace(one, kind=HOSTILE) for one in told.units]
    told.closures = [msgspec.structs.replace(one, reason=HOSTILE) for one in told.closures]
    page = render(told, next_incident=NEXT)
    assert "<script" not in page and page.count("</style>") == 1
    assert Text(page).text.count("alert('x')") == 1 + 1 + 2 * 3 + 4 + 1


def test_an_empty_desk_and_another_day_have_a_page_too() -> None:
    empty = Situation("j", 0, AT, None, None, [], [], [], [], [], [], [], [])
    text = Text(render(empty, next_incident=IncidentId("20200407-0001"))).text
    assert text.count("None.") == 4 and "Centre without a name" in text and "#12 " in text
    later = afternoon(parse_iso("2020-04-08T16:35:00Z"))
    assert "#41 high fire since 04-07 12:00 (24:35 h)" in Text(render(later, next_incident=NEXT)).rows


def test_a_language_that_is_not_shipped_is_told() -> None:
    with pytest.raises(BadInput, match="language"):
        page_of("xx")
