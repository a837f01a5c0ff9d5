"""Smoothed rates against the reference library and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given
from hypothesis import strategies as st

from analysis.hotspots.rates import smoothed_rate


@pytest.mark.parametrize("seed", range(6))
def test_equals_the_reference(seed):
    rng = np.random.default_rng(seed)
    people = rng.integers(1, 3_000, 200)
    cases = rng.poisson(people * rng.gamma(2, 0.02, 200))
    expected = np.ravel(Empirical_Bayes(cases, people).r)
    np.testing.assert_allclose(smoothed_rate(cases, people), expected, rtol=0, atol=1e-9)


counts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 400)), min_size=1, max_size=20)


@given(table=counts)
def test_lies_between_the_rate_and_the_mean_and_is_missing_where_nobody_lives(table):
    cases, people = np.array(table, dtype=float).T
    rate, lived = smoothed_rate(cases, people), people > 0
    assert np.isnan(rate[~lived]).all()
    if lived.any():
        crude = cases[lived] / people[lived]
        mean = cases[lived].sum() / people[lived].sum()
        low, high = np.minimum(crude, mean), np.maximum(crude, mean)
        assert ((rate[lived] >= low - 1e-12) & (rate[lived] <= high + 1e-12)).all()


def test_rates_that_differ_no_more_than_by_chance_are_all_the_mean():
    rate = smoothed_rate([10, 10, 10], [100, 100, 100])
    assert rate.tolist() == pytest.approx([0.1] * 3)
    assert np.isnan(smoothed_rate([1, 2], [0, 0])).all()
