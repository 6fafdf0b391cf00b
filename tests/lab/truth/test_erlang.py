"""Erlang's formulas against published values, against each other, and against chains solved by force."""

import json
from math import exp, factorial, inf, lgamma, log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.lab.queueing.erlang import erlang_b, erlang_c, mean_wait, servers_for, wait_beyond
from tocsin.words import tell

LOADS = st.floats(0.01, 60)
SERVERS = st.integers(1, 80)


@pytest.fixture(scope="module")
def truth(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "data/orlib/queueing_truth.json").read_text())
    return found


def test_published_values_of_erlang_c(truth: dict[str, Any]) -> None:
    for case in truth["erlang_c"]:
        assert round(erlang_c(case["c"], case["a"]), 4) == case["P_wait"]


def test_published_values_of_erlang_b(truth: dict[str, Any]) -> None:
    for case in truth["erlang_b_insensitive_to_service_law"]:
        assert round(erlang_b(case["c"], case["a"]), 6) == case["P_block"]


@given(st.integers(1, 25), st.floats(0.05, 30))
def test_the_recursion_is_the_sum(servers: int, offered: float) -> None:
    terms = [offered**k / factorial(k) for k in range(servers + 1)]
    assert erlang_b(servers, offered) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)


@given(SERVERS, LOADS)
def test_waiting_is_one_more_than_blocking(servers: int, offered: float) -> None:
    """1/C = 1/B - (a/c)(1/B - 1), and both fall with every server more."""
    blocked, waits = erlang_b(servers, offered), erlang_c(servers, offered)
    assert 0 <= blocked <= waits <= 1
    assert erlang_b(servers + 1, offered) < blocked or blocked == 0
    if offered < servers and blocked > 1e-200:
        assert 1 / waits == pytest.approx(1 / blocked - offered / servers * (1 / blocked - 1), rel=1e-9)


def test_one_server_is_the_book_case() -> None:
    """M/M/1: waits = rho; mean wait rho/(1-rho); beyond t rho·exp(-(1-rho)t)."""
    assert erlang_c(1, 0.6) == pytest.approx(0.6)
    assert mean_wait(1, 0.6) == pytest.approx(1.5)
    assert wait_beyond(1, 0.6, 2.0) == pytest.approx(0.6 * exp(-0.8))


@given(SERVERS, LOADS, st.floats(0.5, 0.999), st.floats(0, 2))
def test_the_least_number_of_servers_is_the_least(servers: int, offered: float, share: float, waited: float) -> None:
    del servers
    found = servers_for(offered, share=share, waited=waited)
    assert 1 - wait_beyond(found, offered, waited) >= share
    assert found == 1 or found - 1 <= offered or 1 - wait_beyond(found - 1, offered, waited) < share


def test_beyond_what_can_be_carried() -> None:
    assert erlang_c(3, 3.0) == 1 and mean_wait(3, 4.0) == inf and wait_beyond(3, 4.0, 9.0) == 1


def test_a_thousand_servers_neither_overflow_nor_cancel() -> None:
    terms = [exp(k * log(900.0) - lgamma(k + 1) - 900.0) for k in range(1001)]
    assert erlang_b(1000, 900.0) == pytest.approx(terms[-1] / sum(terms), rel=1e-9)
    assert 0 < erlang_c(1000, 990.0) < 1


@pytest.mark.parametrize(("servers", "offered"), [(0, 1.0), (-2, 1.0), (3, -1.0), (3, inf), (3, float("nan")), (10**9, 1.0)])
def test_bad_questions_are_told(servers: int, offered: float) -> None:
    with pytest.raises(BadInput) as caught:
        erlang_b(servers, offered)
    assert caught.value.code in {"queueing_servers", "queueing_load"}
    assert "{" not in tell(caught.value) and "faults." not in tell(caught.value, "pt")


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan")])
def test_a_share_that_nobody_reaches(share: float) -> None:
    with pytest.raises(BadInput, match="queueing_share"):
        servers_for(3.0, share=share)
