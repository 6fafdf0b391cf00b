"""Replications that were stopped because the queue grew without end: never among others, and always said to be what they are."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, Rows, compared, gather
from tocsin.lab.experiment.figures import measure, span_of
from tocsin.lab.experiment.job import Arm, Ground, Job
from tocsin.lab.run import run
from tocsin.pages.experiment_words import partial_told
from tocsin.views.experiment_answer import CompareAnswer, Partial
from tocsin.words import languages

CITY = sealed(square_city(6, 4, calls_per_hour=2.5))
GROUND = Ground({CITY.digest: CITY})
ARMS = tuple(Arm(name, CITY.digest, POLICIES[name]) for name in ("closest", "road-time"))
ONE = Experiment(ARMS, days=1.0, load=1.0, seed=3, replications=4, warm_up_days=0.0, guard_points=1.0)


class Overloading(InProcess):
    """The real work; the rows of some arms in some replications are then said to have been stopped."""

    def __init__(self, *stopped: tuple[int, str]) -> None:
        self.stopped = stopped

    def each(self, work: Any, ground: Any, jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        for index, done in super().each(work, ground, jobs):
            job: Job = jobs[index]
            yield (
                index,
                tuple(
                    tuple(
                        row._replace(is_overloaded=(job.first + nth, arm.name) in self.stopped, waiting=201)
                        for arm, row in zip(job.arms, rows, strict=True)
                    )
                    for nth, rows in enumerate(done)
                ),
            )


def rows_of(*stopped: tuple[int, str]) -> Rows:
    return gather(ONE, GROUND, Overloading(*stopped), lambda done, of: None)


def told(rows: Rows, language: str = "en") -> list[str]:
    answer = compared(ONE, GROUND, rows)
    assert answer.partial is not None
    return partial_told(answer.partial, answer.asked, list(answer.policies.values()), language)


@pytest.mark.parametrize("arm", ["closest", "road-time"])
def test_one_that_is_stopped_later_is_left_out_with_all_after_it(arm: str) -> None:
    rows = rows_of((3, arm), (4, "closest"))
    assert rows.replications == 2
    assert rows.by_arm == gather(ONE._replace(replications=2), GROUND, Overloading(), lambda done, of: None).by_arm
    assert rows.partial is not None
    assert (rows.partial.code, rows.partial.values["policy"], rows.partial.values["replication"]) == ("overload", arm, "3")
    answer = compared(ONE, GROUND, rows)
    assert [one.overloaded for one in answer.policies.values()] == [(), ()]
    first, why, of = told(rows)
    assert "2 of 4" in first and f"under {arm}" in why and "201 calls" in why
    assert "Replication 3 is in no figure below" in of and "the 2 before it" in of and "better than they are" in of


def test_the_first_one_stands_alone_and_is_marked_by_policy() -> None:
    rows = rows_of((1, "road-time"), (2, "closest"))
    assert rows.replications == 1
    answer = compared(ONE, GROUND, rows)
    assert {name: one.overloaded for name, one in answer.policies.items()} == {"closest": (), "road-time": (1,)}
    assert not any(change.is_shown for change in answer.differences[0].measures.values()), "nothing is shown by runs of unequal length"
    _, why, of, uneven = told(rows)
    assert "under road-time" in why
    assert "figures of road-time are of replication 1" in of and "only of the calls that were reached" in of and "count as late" in of
    assert "show nothing" in uneven


def test_both_stopped_are_both_named() -> None:
    rows = rows_of((1, "closest"), (1, "road-time"))
    assert "figures of closest, road-time are" in told(rows)[2]


def test_one_policy_alone_has_no_differences_to_warn_of() -> None:
    alone = ONE._replace(arms=ARMS[:1])
    answer = compared(alone, GROUND, gather(alone, GROUND, Overloading((1, "closest")), lambda done, of: None))
    assert answer.partial is not None
    assert len(partial_told(answer.partial, answer.asked, list(answer.policies.values()), "en")) == 3


@pytest.mark.parametrize("language", languages())
def test_every_language_tells_the_numbers(language: str) -> None:
    for stopped, numbers in (((3, "closest"), ("2", "3", "4", "201")), ((1, "closest"), ("1", "201"))):
        text = " ".join(told(rows_of(stopped), language))
        assert all(number in text for number in (*numbers, "closest"))
        assert "{" not in text and "lab." not in text


@pytest.mark.parametrize(("code", "values"), [
    ("cancelled", {}),
    ("policy_failed", {"policy": "half", "replication": "3", "why": "ZeroDivisionError"}),
    ("workers_lost", {"times": "3", "left": "12"}),
])  # fmt: skip
def test_other_ends_are_told_in_two_sentences(code: str, values: dict[str, str]) -> None:
    answer: CompareAnswer = compared(ONE, GROUND, rows_of())
    cut = msgspec.structs.replace(answer, partial=Partial(code, values))
    assert cut.partial is not None
    for language in languages():
        lines = partial_told(cut.partial, cut.asked, list(cut.policies.values()), language)
        assert len(lines) == 2 and all(value in lines[1] for value in values.values())


def test_a_real_overload_counts_who_waited_beyond_the_target_as_late() -> None:
    """Not one call of those that waited too long is lost, and times are of those that were reached."""
    calls = draw_calls(CITY, seed=1, replication=1, days=30.0, load=9.0)
    outcome = run(CITY, calls, POLICIES["closest"], engine="plain")
    assert outcome.is_overloaded
    row = measure(CITY, calls, outcome, span_of(30.0, 1.0), 5)
    came = (calls.at_ms <= row.ended_ms) & (calls.at_ms >= (0 if row.ended_ms <= 86_400_000 else 86_400_000))
    waiting = came & (outcome.on_scene_ms < 0)
    target_ms = [one.target_ms for one in CITY.priorities]
    overdue = sum(1 for nth in waiting.nonzero()[0] if outcome.ended_ms - calls.at_ms[nth] > target_ms[calls.priority[nth]])
    reached = int((came & (outcome.on_scene_ms >= 0)).sum())
    assert (row.every.n, row.every.reached, row.unreached) == (reached + overdue, reached, int(waiting.sum()))
    assert overdue > 0 and row.every.late >= overdue
    assert row.is_overloaded and row.replication == 5
