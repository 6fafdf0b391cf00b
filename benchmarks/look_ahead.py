"""Variants of look-ahead against the default policy, with the same calls: what they win, and what a decision takes.

python benchmarks/look_ahead.py ../shared/data/jemss/auckland --load 0.6 --days 20 --replications 8 --variants base,margin-0
"""

import argparse
import time
from pathlib import Path

from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.cover import cover_model
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.figures import Row, measure, span_of
from tocsin.lab.experiment.intervals import paired
from tocsin.lab.experiment.summary import MEASURES
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.lookahead.look import LookAhead
from tocsin.lab.plain.engine import run_plain
from tocsin.lab.run import run
from tocsin.wiring.cities import open_city

VARIANTS: dict[str, dict[str, int]] = {
    "base": {},
    "one-look": {"looks": 1},
    "margin-0": {"margin_percent": 0, "looks": 1},
    "margin-1.64": {"margin_percent": 164},
    "margin-3": {"margin_percent": 300},
    "margin-half": {"margin_percent": 50},
    "margin-0-looks": {"margin_percent": 0},
    "five": {"candidates": 5},
    "all-60": {"candidates": 99, "futures": 60, "margin_percent": 0, "looks": 1},
    "20-min": {"horizon_ms": 20 * 60_000},
    "90-min": {"horizon_ms": 90 * 60_000},
    "100-futures": {"futures": 100},
    "1000-futures": {"futures": 1000},
}
SHOWN = ("high_late_share", "high_avoidable_late_share", "high_mean_s", "mean_response_s", "return_min_per_call")


def main() -> None:
    """Print one line for each variant, as soon as it is known."""
    asked = options()
    city = open_city(asked.city, lab=None, progress=lambda *_: None)
    model, policy, rule = cover_model(city), POLICIES["look-ahead"], MoveUpRule()
    span = span_of(asked.days, 1.0)
    drawn = [
        draw_calls(city, seed=asked.seed, replication=nth, days=asked.days, load=asked.load) for nth in range(1, asked.replications + 1)
    ]
    base = [measure(city, calls, run(city, calls, POLICIES["default"], cover=model), span, nth) for nth, calls in enumerate(drawn, start=1)]
    for name in asked.variants.split(","):
        rows: list[Row] = []
        took_s: list[float] = []
        changed = 0
        for nth, calls in enumerate(drawn, start=1):
            ahead = Ahead(asked.seed, nth, asked.load)._replace(**VARIANTS[name])
            advisor = Timed(LookAhead(city, policy, model, rule, ahead))
            rows.append(measure(city, calls, run_plain(city, calls, policy, model, rule, advisor), span, nth))
            took_s += advisor.took_s
            changed += advisor.advisor.changed
        tell(city, name, base, rows, sorted(took_s), changed)


class Timed:
    """An advisor with a watch."""

    def __init__(self, advisor: LookAhead) -> None:
        self.advisor, self.took_s = advisor, []

    def __call__(self, *asked) -> int:
        begun = time.thread_time()
        station = self.advisor(*asked)
        self.took_s.append(time.thread_time() - begun)
        return station


def tell(city, name, base, rows, took_s, changed) -> None:
    parts = []
    for measure_name in SHOWN:
        one = MEASURES[measure_name]
        told = paired([one(row) for row in base], [one(row) for row in rows])
        parts.append(f"{measure_name} {told.mean:+.4f} = {told.relative:+.2%} ± {told.relative_half_width:.2%}")
    print(
        f"{name}: {'; '.join(parts)}; changed {changed / len(took_s):.1%}; median {took_s[len(took_s) // 2] * 1e3:.2f} ms, "
        f"p99 {took_s[int(len(took_s) * 0.99)] * 1e3:.2f} ms",
        flush=True,
    )


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("--load", type=float, default=0.6)
    parser.add_argument("--days", type=float, default=10.0)
    parser.add_argument("--replications", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variants", default="base")
    return parser.parse_args()


if __name__ == "__main__":
    main()
