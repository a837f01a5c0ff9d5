"""Mann and Kendall's test against hand sums, the reference library, and chance."""

import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.trends.mann_kendall import mann_kendall, prewhitened


def seeded(make):
    return given(seed=st.integers(0, 2**32 - 1))(make)


@pytest.mark.parametrize("steps", [3, 10, 24])
@pytest.mark.parametrize("mean", [0.2, 3, 1_000])
def test_equals_the_reference_with_and_without_ties(steps, mean):
    series = np.random.default_rng(steps).poisson(mean, (steps, 60)).astype(float)
    found = mann_kendall(series)
    for place, values in enumerate(series.T):
        if values.min() == values.max():
            continue  # the reference divides by zero
        theirs = pymannkendall.original_test(values)
        assert (found.s[place], found.variance[place]) == (theirs.s, theirs.var_s)
        assert found.z[place] == pytest.approx(theirs.z, abs=1e-12)
        assert found.p[place] == pytest.approx(theirs.p, abs=1e-12)


def test_sum_by_hand():
    # of 1, 3, 2, 2: up, up, up, down, down, tie; S = 3 - 2; ties of two take 2 · 1 · 9 / 18
    found = mann_kendall(np.array([[1.0], [3.0], [2.0], [2.0]]))
    assert found.s.tolist() == [1]
    assert found.variance[0] == pytest.approx(4 * 3 * 13 / 18 - 1)
    assert found.z.tolist() == [0.0]


def test_the_correction_by_hand():
    # mean 3, slope 0 leave 1, 1, -1, -1, -1, -1, 1, 1: r = 3 / 8, made up to 2, cut to 0.9
    series = np.array([[4.0, 4, 2, 2, 2, 2, 4, 4]]).T
    expected = np.array([[4.0, 2, 2, 2, 2, 4, 4]]).T - 0.9 * series[:-1]
    np.testing.assert_allclose(prewhitened(series), expected)


def test_the_correction_leaves_a_series_that_swings_as_it_is():
    series = np.array([[1.0, 5, 1, 5, 1, 5, 1, 5, 1, 5]]).T
    np.testing.assert_array_equal(prewhitened(series), series[1:])


def test_a_constant_series_has_no_trend():
    found = mann_kendall(prewhitened(np.full((12, 2), 7.0)))
    assert found.s.tolist() == [0, 0]
    assert found.p.tolist() == [1.0, 1.0]


@seeded
def test_turning_time_around_turns_the_sign(seed):
    series = np.random.default_rng(seed).poisson(2, (11, 5)).astype(float)
    ahead, back = mann_kendall(series), mann_kendall(series[::-1])
    np.testing.assert_array_equal(ahead.s, -back.s)
    np.testing.assert_allclose(ahead.p, back.p)


def autocorrelated(rng, *, steps, follows, count=8_000):
    noise = rng.normal(size=(steps + 50, count))
    series = noise.copy()
    for step in range(1, len(series)):
        series[step] += follows * series[step - 1]
    return series[50:]


@pytest.mark.parametrize("steps", [10, 24])
@pytest.mark.parametrize("follows", [0.0, 0.3, 0.6])
def test_series_that_follow_themselves_pass_for_trends_only_uncorrected(steps, follows):
    series = autocorrelated(np.random.default_rng(7), steps=steps, follows=follows)
    plain = (mann_kendall(series).p <= 0.05).mean()
    corrected = (mann_kendall(prewhitened(series)).p <= 0.05).mean()
    assert corrected <= 0.085
    assert plain > 0.2 if follows == 0.6 else plain < 0.2


@pytest.mark.parametrize(("rise", "found"), [(3, 0.8), (6, 0.98)])
def test_a_steady_rise_survives_the_correction(rise, found):
    series = np.random.default_rng(3).normal(size=(24, 1_000))
    series += np.linspace(0, rise, 24)[:, None]
    assert (mann_kendall(prewhitened(series)).p <= 0.05).mean() > found


def test_refuses_a_single_step():
    with pytest.raises(ValueError, match="two steps"):
        mann_kendall(np.ones((1, 3)))
    with pytest.raises(ValueError, match="more than 5 steps"):
        prewhitened(np.ones((5, 3)))
