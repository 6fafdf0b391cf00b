"""What may be said of tuned settings, and what is left of a tuning that was stopped."""

import io
import signal
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from command_line import LANGUAGES, tocsin, untranslated
from lab.city.jemss_folder import texts, written
from tocsin.base.faults import BadInput
from tocsin.core.engine.move_up import MoveUpRule, rule_of
from tocsin.lab.experiment.tuning import Limits, Setting, _lifted, kept_of
from tocsin.shown.tune import tuned
from tocsin.views.tuning_answer import TuneAnswer, Verdict
from tocsin.wiring.cities import no_progress
from tocsin.wiring.experiments import ExperimentAsked
from tocsin.wiring.tune import TuneAsked, tune

BASE = (0.30, 0.32, 0.28, 0.31)


def less(points: float, wobble: float = 0.001) -> tuple[float, ...]:
    """As the base, so many points less, never quite alike."""
    return tuple(share - points / 100 + wobble * (-1) ** nth for nth, share in enumerate(BASE))


@pytest.mark.parametrize(
    ("untuned", "own", "verdict"),
    [
        (less(5), less(4), "kept"),
        (less(5), less(0, 0.05), "not_settled"),
        (less(5), less(-4), "not_settled"),
        (less(0, 0.05), less(4), "no_gain"),
        (less(-5), less(4), "no_gain"),
        ((None,) * 4, less(4), "no_gain"),
    ],
)
def test_a_share_is_told_only_of_a_gain_that_is_shown(untuned: tuple[float, ...], own: tuple[float, ...], verdict: Verdict) -> None:
    found, kept = kept_of(BASE, untuned, own)
    assert found == verdict
    assert (kept is not None) == (verdict == "kept")


def test_the_share_kept_is_the_ratio_of_mean_gains_by_hand() -> None:
    """Gains of 4, 6 and 5 points untuned; 3, 3 and 3 tuned: three fifths stay."""
    _, kept = kept_of((0.30, 0.30, 0.30), (0.26, 0.24, 0.25), (0.27, 0.27, 0.27 + 1e-9))
    assert kept is not None and kept.relative is not None and kept.relative_half_width is not None
    assert 1 + kept.relative == pytest.approx(0.6, abs=1e-6)
    assert 0 < kept.relative_half_width < 0.6
    _, all_of_it = kept_of(BASE, less(5), less(5))
    assert all_of_it is not None and all_of_it.relative == pytest.approx(0) and all_of_it.relative_half_width == pytest.approx(0)


def test_one_replication_settles_nothing_and_none_is_not_judged() -> None:
    assert kept_of((0.3,), (0.2,), (0.25,)) == ("not_settled", None)
    assert kept_of((), (), ()) == ("not_judged", None)


def test_replications_without_high_calls_are_left_out_of_the_pairs() -> None:
    _, kept = kept_of((*BASE, None), (*less(5), None), (*less(4), None))
    assert kept is not None and kept.pairs == 4


@pytest.mark.parametrize(
    ("permille", "change", "guard", "after"),
    [
        (1000, 0.2, 1.0, 1000),  # below what is aimed at: stays
        (1000, 4.3, 1.0, 1200),  # four points over the aim of 0.3: a fifth more
        (1000, 60.0, 1.0, 1500),  # never more than half as much again at once
        (1000, -3.0, 1.0, 1000),  # gains a little: stays
        (1000, -13.0, 1.0, 960),  # gains much: gives some away
        (1000, -90.0, 1.0, 900),  # never more than a tenth at once
    ],
)
def test_weights_follow_what_an_area_lost(permille: int, change: float, guard: float, after: int) -> None:
    assert _lifted(permille, change, guard) == after


@pytest.mark.parametrize("price_ppb", [10_000, 12_345, 400_000, 399])
def test_engines_go_by_the_price_that_the_plan_can_state(price_ppb: int) -> None:
    """A plan says parts per million and minute: what is tuned is rounded to that before it is tried."""
    setting = Setting(price_ppb, (1000,))
    rule = setting.rule(MoveUpRule())
    assert rule.price_ppb_per_s == rule_of(0, setting.price_ppm_per_min).price_ppb_per_s
    assert abs(rule.price_ppb_per_s - price_ppb) <= 9, "half a part per million and minute"


def test_areas_that_count_as_they_are_are_not_written() -> None:
    assert Setting(0, (1000, 900, 1001)).by_area(("a", "b", "c")) == {"b": 900, "c": 1001}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return written(tmp_path_factory.mktemp("tuning") / "square", texts())


def asked(folder: Path, out: Path | None, *, replications: int = 2, guard: float = 0.5) -> TuneAsked:
    one = ExperimentAsked(folder, ("closest", "default"), days=1.0, seed=3, replications=replications, workers=1)
    return TuneAsked(one, Limits(guard, 0.1), out, "en")


def stop_at(stage: str, done: int) -> object:
    """A progress that presses Ctrl-C."""

    def heard(at: int, _of: int | None, of_stage: str) -> None:
        if of_stage == stage and at == done:
            signal.raise_signal(signal.SIGINT)

    return heard


def text_of(answer: TuneAnswer, language: str = "en") -> str:
    out = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    tuned(out, answer, language, None)
    return str(out.file.getvalue())  # type: ignore[attr-defined]


@pytest.fixture
def hears_interrupts() -> object:
    """Where the tests run in a shell's background they are deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
def test_stopped_while_tuning_the_best_so_far_is_told_and_not_written(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "cover.toml"
    answer = tune(asked(folder, out, guard=-5.0), progress=stop_at("tune", 2)).answer  # type: ignore[arg-type]
    assert answer.partial is not None and (answer.partial.code, answer.partial.values) == ("cancelled", {"at": "tuning"})
    assert len(answer.tries) == 2 and answer.judged is None and answer.verdict == "not_judged" and answer.kept is None
    assert answer.file is None and not out.exists()
    for language in LANGUAGES:
        told = text_of(answer, language)
        assert told.lstrip().startswith("!") and untranslated(told) == [] and "lab.tune" not in told


@pytest.mark.usefixtures("hears_interrupts")
def test_stopped_while_judging_whole_replications_are_kept(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "cover.toml"
    wish = asked(folder, out, replications=3, guard=-5.0)
    answer = tune(wish, progress=stop_at("replications", 2)).answer  # type: ignore[arg-type]
    assert answer.partial is not None and answer.partial.values == {"at": "judging"}
    assert answer.judged is not None and answer.judged.replications == 2 and not out.exists()
    none = tune(wish, progress=stop_at("replications", 0)).answer  # type: ignore[arg-type]
    assert none.judged is None and none.verdict == "not_judged" and len(none.tries) > 2


def test_judged_settings_are_written_and_said_in_every_language(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "cover.toml"
    answer = tune(asked(folder, out), progress=no_progress).answer
    assert answer.file == str(out) and answer.partial is None and answer.city == "square"
    assert tomllib.loads(out.read_text("utf-8"))["cover"]["price_ppm_per_min"] == answer.price_ppm_per_min
    assert (answer.kept is None) == (answer.verdict != "kept")
    for language in LANGUAGES:
        told = text_of(answer, language)
        assert "lab.tune" not in told and "lab.experiment" not in told
        assert all(len(line) <= 80 for line in told.splitlines() if answer.file not in line), "paths stay whole"
    again = tune(asked(folder, out), progress=no_progress).answer
    assert again == answer, "the same, and its own file is written anew"


def test_a_plan_of_one_s_own_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text("# our own plan\n", "utf-8")
    with pytest.raises(BadInput, match="file_kept"):
        tune(asked(folder, plan), progress=no_progress)
    assert plan.read_text("utf-8") == "# our own plan\n"


@pytest.mark.parametrize(
    ("words", "code", "needle"),
    [
        ((), "tune_limits", "--guard"),
        (("--guard", "-1"), "lab_not_negative", "--guard"),
        (("--most-driving", "-5"), "lab_not_negative", "--most-driving"),
        (("--most-driving", "nan"), "lab_not_negative", "--most-driving"),
        (("--guard", "1", "--days", "0"), "lab_number", "--days"),
        (("--guard", "1", "--replications", "0"), "lab_count", "--replications"),
        (("--guard", "1", "--workers", "0"), "lab_count", "--workers"),
        (("--guard", "1", "--load", "inf"), "lab_number", "--load"),
        (("--guard", "one"), "usage", "--guard"),
    ],
)
def test_slips_are_told(folder: Path, words: tuple[str, ...], code: str, needle: str) -> None:
    run = tocsin("tune", folder, *words, "--json")
    assert run.status == 2 and run.json["error"]["code"] == code
    assert needle in run.err and needle in tocsin("tune", folder, *words).err


def test_settings_that_nowhere_can_be_written_are_told_before_the_work(folder: Path, tmp_path: Path) -> None:
    run = tocsin("tune", folder, "--guard", 1, "--out-file", tmp_path / "nowhere" / "cover.toml", "--json")
    assert run.status == 2 and run.json["error"]["code"] == "file_write"
