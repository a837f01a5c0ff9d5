"""Units beyond chance and usual differences: false alarms as rare as stated, real ones found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy

from analysis.handling.funnel import (
    compare_shares,
    expected_hits,
    funnel_limits,
    judge_shares,
    usual_spread,
)
from analysis.handling.ranking import rank_shares

SPREADS = {
    "equal": ("correlation", 0.0),
    "correlation 0.005": ("correlation", 0.005),
    "correlation 0.05": ("correlation", 0.05),
    "odds vary by 0.2": ("odds", 0.2),
    "log odds vary by 0.2": ("log odds", 0.2),
}
"""How units differ without a reason of their own: cases of a unit depend on each other, or rates
vary by a gamma law or a normal one."""


def drawn(rng, n, share, kind, spread):
    """Hits of units whose own shares vary about one share."""
    if spread == 0:
        own = np.full(len(n), share)
    elif kind == "correlation":
        size = 1 / spread - 1
        own = rng.beta(share * size, (1 - share) * size, len(n))
    elif kind == "odds":
        odds = share / (1 - share) * rng.gamma(1 / spread, spread, len(n))
        own = odds / (1 + odds)
    else:
        middle = scipy.special.logit(share)
        own = scipy.special.expit(middle + np.sqrt(spread) * rng.standard_normal(len(n)))
    return rng.binomial(n, own)


def units(rng, count):
    return np.maximum(10, rng.lognormal(4, 1, count).astype(int))


def judged(hits, n):
    hits, n = pd.Series(hits), pd.Series(n)
    return judge_shares(hits, n, n * hits.sum() / n.sum(), more_is_better=True)


def false_alarms(count, share, kind, spread, *, runs):
    """Share of runs in which any of some units that do not differ for a reason is called."""
    rng, called = np.random.default_rng(5), 0
    for _ in range(runs):
        n = units(rng, count)
        called += judged(drawn(rng, n, share, kind, spread), n)["verdict"].ne("same").any()
    return called / runs


@pytest.mark.parametrize("spread", SPREADS)
def test_units_that_vary_as_usual_are_called_in_at_most_one_of_twenty_runs(spread):
    # Two standard errors of 60 runs above 5 %.
    assert false_alarms(60, 0.8, *SPREADS[spread], runs=60) <= 0.106


@pytest.mark.full
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("count", [6, 15, 60, 200])
def test_few_and_many_units_rare_and_common_hits_hold_the_rate(count, share, spread):
    # Two standard errors of 400 runs above 5 %.
    assert false_alarms(count, share, *SPREADS[spread], runs=400) <= 0.072


def test_units_that_vary_as_usual_get_no_ranks():
    rng, apart = np.random.default_rng(7), 0
    for _ in range(60):
        n = units(rng, 60)
        hits = pd.Series(drawn(rng, n, 0.8, "correlation", 0.005))
        apart += rank_shares(hits, pd.Series(n), more_is_better=True)["rank"].gt(1).any()
    assert apart <= 3


def test_a_unit_far_below_the_usual_is_found():
    rng, found = np.random.default_rng(5), 0
    for _ in range(50):
        n = units(rng, 60)
        hits = drawn(rng, n, 0.8, "correlation", 0.005)
        n[0], hits[0] = 150, rng.binomial(150, 0.45)
        found += judged(hits, n)["verdict"].iloc[0] == "worse"
    assert found >= 45


def test_a_change_is_one_beyond_usual_changes():
    rng, called, found = np.random.default_rng(3), 0, 0
    for _ in range(60):
        n = units(rng, 60)
        now, before = (
            pd.DataFrame({"n": n, "hits": drawn(rng, n, 0.8, "correlation", 0.02)})
            for _ in range(2)
        )
        called += compare_shares(now, before, more_is_better=True).ne("same").any()
        for each, share in ((now, 0.3), (before, 0.9)):
            each.loc[0] = 200, rng.binomial(200, share)
        found += compare_shares(now, before, more_is_better=True).iloc[0] == "worse"
    assert called <= 3
    assert found >= 55


def test_a_minority_does_not_hide_itself():
    rng = np.random.default_rng(1)
    squares = rng.standard_normal(100) ** 2
    few = squares.copy()
    few[:5] = 400.0
    assert usual_spread(squares, np.full(100, 50)) < 0.003
    assert usual_spread(few, np.full(100, 50)) < 0.01
    assert usual_spread([], []) == usual_spread([9.0], [50]) == 0


def test_the_mix_of_cases_explains_a_share():
    # Waste is closed on time in 9 of 10 cases, noise in 1 of 2; "hard" has noise alone.
    category = pd.Series(["waste"] * 100 + ["noise"] * 100)
    unit = pd.Series(["easy"] * 100 + ["hard"] * 100)
    hits = pd.Series([True] * 90 + [False] * 10 + [True] * 50 + [False] * 50)
    expected = expected_hits(hits, unit, category)
    assert expected.to_dict() == pytest.approx({"easy": 90, "hard": 50})
    table = rank_shares(
        hits.groupby(unit).sum(), unit.value_counts(), more_is_better=True, expected=expected
    )
    assert table["verdict"].tolist() == ["same", "same"]
    assert table["compared_share"].to_numpy() == pytest.approx([0.7, 0.7])
    assert table["share"].to_dict() == {"easy": 0.9, "hard": 0.5}


def test_the_funnel_narrows_to_the_spread_of_units():
    limits = funnel_limits([10, 100, 10_000_000], 0.8, spread=0.02, units=60)
    assert limits["low_95"].is_monotonic_increasing
    assert (limits["low_998"] < limits["low_95"]).all()
    assert limits["high_95"].iloc[-1] < 1
    # Ever more cases leave the differences between units: t x sqrt(0.02 / (0.8 x 0.2)).
    half = scipy.stats.t.isf(0.025, 20) * np.sqrt(0.02 / 0.16)
    assert scipy.special.logit(limits["high_95"].iloc[-1]) == pytest.approx(
        scipy.special.logit(0.8) + half, abs=1e-4
    )
