"""What-ifs on the centre's own log, by the process of an experiment: which calls, which sides, in the order asked, and how it is told."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

from relived_town import Told, past_of_town, records_of, service
from tocsin.base.faults import BadInput
from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.line import encode
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.lab.journal.fold import hear
from tocsin.lab.relived.past import Past
from tocsin.lab.relived.serving import Service, rehomed
from tocsin.views.experiment_answer import Partial
from tocsin.views.whatif_answer import Between, WhatifAnswer
from tocsin.web.lab_told import LabChange, LabWish, LabWorked
from tocsin.wiring.lab_asked import LabAsked
from tocsin.wiring.lab_relive import relived, sides_of
from tocsin.wiring.lab_words import code_of, relived_words
from tocsin.wiring.lab_work import work
from tocsin.wiring.whatif import last_of
from tocsin.words import languages

UNITS = {"E1": ("engine", "A"), "E2": ("engine", "B"), "M1": ("ambulance", "A")}
CALLS = tuple(Told(600 + nth * 2_000, (nth % 5) + 0.5, ("E1", "E2")[nth % 2]) for nth in range(12))
HOUR_DAYS = 1 / 24


def journal_of(path: Path, calls: Sequence[Told] = CALLS) -> Path:
    """A log of the town on the disk."""
    journal = SqliteJournal.create(path)
    # One stream from its first version on, as a journal on the disk wants it.
    told = enumerate(records_of(calls, UNITS), start=1)
    records = [msgspec.structs.replace(one, stream="test", ver=nth) for nth, one in told]
    journal.append([encode(record) for record in records], expected=0)
    journal.close()
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre without roads: straight lines then."""
    path = tmp_path_factory.mktemp("centre") / "town"
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("centre")) as shipped:
        copytree(shipped, path)
    told = (path / "centre.toml").read_text("utf-8")
    (path / "centre.toml").write_text("".join(line for line in told.splitlines(keepends=True) if not line.startswith("region")), "utf-8")
    (path / "lab.toml").unlink(missing_ok=True)
    journal_of(path / "centre.journal")
    return path


@pytest.fixture(scope="module")
def past() -> Past:
    return past_of_town(CALLS, UNITS)


def wish_of(*policies: str, changes: tuple[LabChange, ...] = (), days: float = 30.0, replications: int = 2) -> LabWish:
    return LabWish("x", policies, changes, days=days, replications=replications, calls="log")


def lived(folder: Path, wish: LabWish) -> LabWorked:
    return work(LabAsked(folder, folder / "centre.journal", wish), lambda *_: None)


def of_log(folder: Path, wish: LabWish) -> WhatifAnswer:
    told = lived(folder, wish).relived
    assert told is not None
    return told


# ---- the work


def test_every_call_of_the_log_is_lived_again_and_none_is_named(folder: Path) -> None:
    worked = lived(folder, wish_of("closest", "road-time"))
    told = worked.relived
    assert told is not None and worked.answer is None and worked.map is None
    assert (told.incidents, told.calls, told.replications) == (12, 12, 2)
    assert told.best == () == told.worst, "no call leaves the process by its name"
    assert not any(f"I{nth:03d}" in msgspec.json.encode(worked).decode() for nth in range(12))
    span = worked.demand
    assert span.calls == 12 and span.begins is not None and span.until is not None
    assert span.until - span.begins == 11 * 2_000_000


def test_only_the_last_days_are_lived(folder: Path) -> None:
    told, span = relived(folder / "centre.journal", folder, wish_of("closest", "road-time", days=HOUR_DAYS), lambda *_: None)
    assert told.incidents == 2 == span.calls, "calls are 2,000 s apart: the last and the one before it"


def test_progress_is_told_run_by_run(folder: Path) -> None:
    said: list[tuple[int, int | None, str]] = []
    work(LabAsked(folder, folder / "centre.journal", wish_of("closest", "road-time", replications=3)), lambda *one: said.append(one))
    assert [done for done, _, stage in said if stage == "relive"] == [1, 2, 3]
    assert said[0][2] == "lab_begins"


def test_the_same_policy_twice_is_no_difference_and_the_same_again_is_the_same(folder: Path) -> None:
    wish = wish_of("closest", changes=(LabChange("add_unit", "X1", station="C", like="M1"),))
    told = of_log(folder, wish)
    assert told == of_log(folder, wish)
    assert told.every.late_share.mean == 0 and told.better == told.worse == 0, "an ambulance more changes nothing for fires"
    assert told.kinds["ambulance"].units_changed == told.kinds["ambulance"].units_base + 1


def test_who_is_taken_away_is_missed(folder: Path) -> None:
    told = of_log(folder, wish_of("closest", changes=(LabChange("remove_unit", "E2"),)))
    assert told.every.mean_s.mean > 0 and told.worse > 0 == told.better
    assert [one.code for one in told.changes] == ["remove"]


def test_a_stopped_one_has_what_was_whole(folder: Path) -> None:
    """As the side process stops it: KeyboardInterrupt in the middle."""

    def interrupt(done: int, of: int | None, stage: str) -> None:
        if stage == "relive" and done == 1:
            raise KeyboardInterrupt

    asked = LabAsked(folder, folder / "centre.journal", wish_of("closest", "road-time", replications=3))
    told = work(asked, interrupt).relived
    assert told is not None and told.partial == Partial("cancelled") and told.replications == 1
    words = relived_words(told, asked.wish, "en")
    assert "1" in words.partial and "3" in words.partial


@pytest.mark.parametrize("journal", [None, "gone.journal"])
def test_without_a_log_it_is_told(folder: Path, journal: str | None) -> None:
    path = None if journal is None else folder / journal
    with pytest.raises(BadInput) as told:
        work(LabAsked(folder, path, wish_of("closest", "default")), lambda *_: None)
    assert (told.value.code, told.value.field) == ("lab_log_absent", "calls")


def test_a_log_without_calls_is_told(folder: Path, tmp_path: Path) -> None:
    journal = SqliteJournal.create(tmp_path / "empty.journal")
    journal.append([encode(records_of(CALLS, UNITS)[0])], expected=0)
    journal.close()
    with pytest.raises(BadInput) as told:
        work(LabAsked(folder, tmp_path / "empty.journal", wish_of("closest", "default")), lambda *_: None)
    assert told.value.code == "journal_without_calls"


# ---- the last days


def test_drives_to_calls_that_are_left_out_are_left_out_too() -> None:
    heard = hear(records_of(CALLS, UNITS))

    class Drive:
        def __init__(self, incident: str) -> None:
            self.incident = incident

    kept, trips = last_of(heard, [Drive(row.incident) for row in heard.rows], HOUR_DAYS)  # type: ignore[list-item]
    assert [row.incident for row in kept.rows] == ["I010", "I011"] == [one.incident for one in trips]
    assert last_of(heard, [], 365.0)[0] == heard, "a longer span than the log is the log"


def test_a_late_call_to_which_nobody_was_sent_does_not_push_the_others_out() -> None:
    heard = hear(records_of(CALLS, UNITS))
    stray = heard.rows[-1]._replace(incident=IncidentId("late"), arrived=Instant(heard.rows[-1].arrived + 90 * 86_400_000), sent=())
    kept, _ = last_of(heard._replace(rows=(*heard.rows, stray)), [], HOUR_DAYS)
    assert [row.incident for row in kept.rows] == ["I010", "I011", "late"]
    alone = heard._replace(rows=(stray,))
    assert last_of(alone, [], 1.0)[0] == alone, "told as a log without calls by whoever lives it"


# ---- the sides


def homes(one: Service) -> dict[str, str]:
    return {unit.name: one.stations[unit.station].name for unit in one.units}


def test_both_sides_have_the_policy_that_was_asked_for_not_the_log_s(past: Past) -> None:
    own = service(past, "road-time")
    first, second, told = sides_of(wish_of("closest", "preserve"), own)
    assert (first.policy, second.policy) == ("closest", "preserve") and homes(first) == homes(second) == homes(own)
    assert [(one.code, one.values) for one in told] == [("policy", {"what": "preserve", "before": "closest"})]
    same, changed, _ = sides_of(wish_of("preserve", changes=(LabChange("close_station", "A"),)), own)
    assert same.policy == changed.policy == "preserve"


def test_changes_are_made_in_the_order_asked(past: Past) -> None:
    first, changed, told = sides_of(
        wish_of("closest", changes=(
            LabChange("add_unit", "X:1", station="B", like="M1"), LabChange("move_unit", "X:1", station="C"),
            LabChange("remove_unit", "E2"), LabChange("close_station", "A"),
        )), service(past),
    )  # fmt: skip
    assert homes(first) == {"E1": "A", "E2": "B", "M1": "A"}, "the log's own side stays"
    assert homes(rehomed(changed, past.ground)[0]) == {"E1": "B", "M1": "B", "X:1": "C"}
    assert [one.code for one in told] == ["add", "move", "remove", "close"]
    assert told[0].values["what"] == "X:1 → B"
    added = next(one for one in changed.units if one.name == "X:1")
    assert (added.kind, added.is_guessed) == ("ambulance", False)


def test_an_added_unit_is_like_the_first_of_its_station_else_like_the_first_of_all(past: Past) -> None:
    def kind_at(station: str) -> str:
        return sides_of(wish_of("closest", changes=(LabChange("add_unit", "X", station=station),)), service(past))[1].units[-1].kind

    assert kind_at("B") == "engine"
    assert kind_at("C") == service(past).units[0].kind, "nobody waits there"


@pytest.mark.parametrize(
    ("changes", "code", "nth"),
    [
        ((LabChange("close_station", "Z"),), "whatif_station", 0),
        ((LabChange("remove_unit", "E1"), LabChange("move_unit", "E1", station="B")), "whatif_unit", 1),
        ((LabChange("add_unit", "E1", station="B"),), "whatif_unit_taken", 0),
        ((LabChange("add_unit", "X", station="B", like="Q"),), "whatif_unit", 0),
        ((LabChange("add_unit", "X", station="Q"),), "whatif_station", 0),
        (tuple(LabChange("close_station", one) for one in "ABC"), "whatif_all_closed", 2),
        (tuple(LabChange("remove_unit", one) for one in UNITS), "whatif_no_units", 2),
    ],
)
def test_a_change_that_the_log_does_not_allow_is_told_with_its_number(
    past: Past, changes: tuple[LabChange, ...], code: str, nth: int
) -> None:
    with pytest.raises(BadInput) as told:
        sides_of(wish_of("closest", changes=changes), service(past))
    assert (told.value.code, told.value.field) == (code, f"changes[{nth}]")


# ---- the words


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Between(-0.1), "one"),
        (Between(-0.1, -0.2, -0.05, is_shown=True, is_few=True), "one"),
        (Between(-0.1, -0.2, 0.05), "none"),
        (Between(-0.1, -0.2, -0.05, is_shown=True), "fewer"),
        (Between(0.1, 0.05, 0.2, is_shown=True), "more"),
    ],
)
def test_what_may_be_said(found: Between, code: str) -> None:
    assert code_of(found) == code


@pytest.fixture(scope="module")
def told(folder: Path) -> WhatifAnswer:
    return of_log(folder, wish_of("closest", changes=(LabChange("remove_unit", "E2"),)))


def with_late(told: WhatifAnswer, late: Between) -> WhatifAnswer:
    return msgspec.structs.replace(told, every=msgspec.structs.replace(told.every, late_share=late))


def test_the_verdict_names_both_sides_and_its_ends_from_the_near_one(told: WhatifAnswer) -> None:
    fewer = with_late(told, Between(-0.1, -0.2, -0.05, is_shown=True))
    (verdict,) = relived_words(fewer, wish_of("closest", changes=(LabChange("remove_unit", "E2"),)), "en").verdicts
    assert (verdict.arm, verdict.code) == ("changed", "fewer")
    for word in ("10.00", "5.00 to 20.00", "the changed city", "the city as it is"):
        assert word in verdict.text
    (verdict,) = relived_words(fewer, wish_of("closest", "preserve"), "en").verdicts
    assert verdict.arm == "preserve" and "preserve" in verdict.text and "closest" in verdict.text
    none = with_late(told, Between(-0.01, -0.02, 0.015))
    text = relived_words(none, wish_of("closest", "preserve"), "en").verdicts[0].text
    assert "−2.00 to 1.50" in text and "no difference shown" in text


def test_it_is_told_in_every_language_and_nothing_is_left_untold(told: WhatifAnswer) -> None:
    wish = wish_of("closest", changes=(LabChange("remove_unit", "E2"),))
    every = [relived_words(msgspec.structs.replace(told, partial=Partial("cancelled")), wish, language) for language in languages()]
    for part in ("trust", "partial"):
        assert len({getattr(words, part) for words in every}) == len(languages())
    assert len({words.verdicts[0].text for words in every}) == len(languages())
    assert len({words.changes[0] for words in every}) == len(languages()) and all("E2" in words.changes[0] for words in every)
    for words in every:
        assert not any("lab." in text or "{" in text for text in (*words.changes, *words.remarks, words.trust, words.partial))
