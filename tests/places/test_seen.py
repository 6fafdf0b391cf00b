"""What a log teaches about blocks, and what it must not."""

from pathlib import Path

import msgspec
import pytest
from test_hundreds import grid, place

from command_line import tocsin
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import CommandId, IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.centre import CentreOpened, Footing
from tocsin.core.messages.incident import IncidentOpened
from tocsin.core.messages.line import encode
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.street_places import read_geojson_places
from tocsin.places.hundreds import infer_stretches
from tocsin.places.rows import Stretch
from tocsin.places.seen import Report, SeenBlock, seen_blocks, with_seen
from tocsin.wiring.places import open_locator
from tocsin.wiring.seen import blocks_of_journal

HERE = LonLat(-122.4, 37.78)
NEAR = LonLat(-122.4001, 37.7801)


def test_a_block_is_learned_from_two_incidents_and_not_from_one_told_twice() -> None:
    text = "800 Block of ELLIS ST"
    assert seen_blocks([Report("1", text, HERE), Report("1", text, NEAR)]) == []
    (learned,) = seen_blocks([Report("1", text, HERE), Report("2", "8xx ellis street", NEAR)])
    assert (learned.street, learned.first) == ("ellis st", 800)
    assert flat_distance_m(start=learned.place, end=HERE) < 20


@pytest.mark.parametrize("text", ["812 ELLIS ST", "ELLIS ST / POLK ST", "ELLIS ST", "Flat 3, 812 ELLIS ST", "", "37.78, -122.4"])
def test_nothing_but_blocks_is_learned(text: str) -> None:
    assert seen_blocks([Report(str(number), text, HERE) for number in range(5)]) == []


def test_incidents_of_one_block_that_contradict_each_other_teach_nothing() -> None:
    text = "800 Block of ELLIS ST"
    assert seen_blocks([Report("1", text, HERE), Report("2", text, LonLat(-122.41, 37.78))]) == []


def test_nothing_of_an_incident_is_kept() -> None:
    assert SeenBlock.__struct_fields__ == ("street", "first", "place")


def middle(street: int, cross: int) -> LonLat:
    low, high = place(street, cross), place(street, cross + 1)
    return LonLat((low.lon + high.lon) / 2, (low.lat + high.lat) / 2)


def test_one_seen_block_sets_the_whole_street_right_and_stated_numbers_stay() -> None:
    blocks = grid({0: 300, 4: 300})
    seen = [SeenBlock("c", 1200, middle(2, 2)), SeenBlock("a", 9900, middle(0, 1)), SeenBlock("no such street", 100, middle(2, 1))]
    numbered = with_seen(blocks, seen)
    assert [one.low for one in numbered if one.is_seen] == [1200]
    assert [one for one in numbered if one.street == "A"] == [one for one in blocks if one.street == "A"]
    found = {one.line[0]: one.first for one in infer_stretches(numbered) if one.street == "C"}
    assert found == {place(2, 0): 1000, place(2, 1): 1100, place(2, 3): 1300, place(2, 4): 1400}


def test_a_seen_block_far_from_its_street_is_left_out() -> None:
    blocks = grid({0: 300})
    assert with_seen(blocks, [SeenBlock("c", 1200, place(0, 2))]) == blocks


def journal_of(path: Path, events: list[Event]) -> Path:
    records = [Record("c", at + 1, Instant(0), Instant(0), "log", CommandId(str(at)), 1, event) for at, event in enumerate(events)]
    journal = SqliteJournal.create(path)
    journal.append([encode(record) for record in records], expected=0)
    journal.close()
    return path


def told(footing: Footing, *places: Place) -> list[Event]:
    opened: list[Event] = [CentreOpened("c", "C", "UTC", footing)]
    return opened + [IncidentOpened(IncidentId(str(row)), "fire", "1", one) for row, one in enumerate(places)]


def test_a_journal_teaches_only_what_was_sure(tmp_path: Path) -> None:
    sure, guess = Place(HERE, "800 Block of ELLIS ST"), Place(HERE, "900 Block of ELLIS ST")
    guess = msgspec.structs.replace(guess, uncertainty_m=170.0)
    taught = blocks_of_journal(journal_of(tmp_path / "j", told("imported", sure, guess, sure, guess, Place(None, sure.text))))
    assert [(one.street, one.first) for one in taught] == [("ellis st", 800)]


def test_an_exercise_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="seen_footing"):
        blocks_of_journal(journal_of(tmp_path / "j", told("exercise", Place(HERE, "800 Block of ELLIS ST"))))


def streets(path: Path) -> Path:
    """A grid as a file: A states numbers, D ends in words, the others state none."""
    features = []
    for row, one in enumerate(grid({0: 300})):
        said: dict[str, object] = {"seg": row, "f": one.tail, "t": one.head, "len_m": one.length_m, "oneway": "both", "name": one.street}
        if one.low is not None:
            said |= {"left_from": one.low, "left_to": one.high, "right_from": 0, "right_to": 0}
        if one.street == "D" and one.line[0] == place(3, 4):
            said["limits"] = "cross 4  -  End: 2401-2499 Block"
        if one.street == "E" and one.line[0] == place(4, 0):
            said["limits"] = "Start: 00-0 Block  -  cross 1"
        line = [[point.lon, point.lat] for point in one.line]
        features.append({"type": "Feature", "properties": said, "geometry": {"type": "LineString", "coordinates": line}})
    path.write_bytes(msgspec.json.encode({"type": "FeatureCollection", "features": features}))
    return path


def test_numbers_in_the_words_of_limits_are_stated_numbers(tmp_path: Path) -> None:
    rows = [row for row in read_geojson_places(streets(tmp_path / "s.geojson")) if isinstance(row, Stretch)]
    assert [(row.first, row.last) for row in rows if row.origin == "stated" and row.street == "D"] == [(2401, 2499)]
    assert not [row for row in rows if row.origin == "stated" and row.street == "E"]
    assert {row.first for row in rows if row.origin == "inferred" and row.street == "D"} == {2000, 2100, 2200, 2300}


def test_a_region_built_with_a_journal_answers_where_its_incidents_lay(tmp_path: Path) -> None:
    given = Place(middle(2, 2), "1200 Block of C")
    journal = journal_of(tmp_path / "j.journal", told("live", given, given))
    source, out = streets(tmp_path / "s.geojson"), tmp_path / "s.region"
    run = tocsin("region", "build", source, "--out", out, "--journal", journal)
    assert run.status == 0, run.err
    locator = open_locator(out)
    seen, counted = (locator.find(f"{number} block of C").candidates[0] for number in (1200, 1300))
    assert (seen.reason, counted.reason) == ("seen", "inferred")
    assert flat_distance_m(start=LonLat(seen.lon, seen.lat), end=middle(2, 2)) < 1.0
    assert flat_distance_m(start=LonLat(counted.lon, counted.lat), end=middle(2, 3)) < 1.0
    assert seen.uncertainty_m < counted.uncertainty_m
    exercise = journal_of(tmp_path / "e.journal", told("exercise", given, given))
    refused = tocsin("region", "build", source, "--out", tmp_path / "e.region", "--journal", exercise)
    assert refused.status != 0 and "exercise" in refused.err and not (tmp_path / "e.region").exists()
