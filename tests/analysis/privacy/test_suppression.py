"""Nobody can work a small count out of what is shown, by subtraction or by solving for it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.privacy.suppression import publishable

MINIMUM = 11


def table_of(shape, values):
    names = ["district", "category", "year"][: len(shape)]
    index = pd.MultiIndex.from_product([range(size) for size in shape], names=names)
    return pd.Series(values, index=index)


def random_table(shape, seed):
    random = np.random.default_rng(seed)
    return table_of(shape, random.poisson(random.choice([1.0, 6.0, 40.0], np.prod(shape))))


def singles(counts):
    return [[name] for name in counts.index.names]


def pairs(counts):
    return [list(pair) for pair in itertools.combinations(counts.index.names, 2)] + singles(counts)


def attacked(table, names, *, whole=True):
    """
    Solve for every hidden count: its least and greatest value that agrees with what is shown.

    Built from the published rows alone: each sum is the sum of the counts it covers, shown or not,
    and whoever looks knows that a hidden count is at least 1.
    """
    shown = table["count"].to_numpy(dtype=float, na_value=np.nan)
    base = table[names].notna().all(axis=1).to_numpy()
    equations, right = [], []
    for row in np.flatnonzero(~base):
        keys = table.loc[row, names].dropna()
        covers = base & (table[list(keys.index)] == keys).all(axis=1).to_numpy()
        equations.append(covers.astype(float) - (np.arange(len(table)) == row))
        right.append(0.0)
    bounds = [(1, None) if np.isnan(count) else (count, count) for count in shown]
    ends = {}
    for row in np.flatnonzero(np.isnan(shown)):
        aim = (np.arange(len(table)) == row).astype(float)
        least, most = (
            linprog(sign * aim, A_eq=equations, b_eq=right, bounds=bounds, method="highs")
            for sign in (1, -1)
        )
        assert least.success
        ends[row] = (least.fun, -most.fun if most.success else np.inf)
    return ends


def disclosed(counts, table):
    """Which hidden small counts and sums the attack tells to be small, or tells outright."""
    ends = attacked(table, list(counts.index.names))
    small = table["true"].between(1, MINIMUM - 1)
    return [
        row
        for row, (least, most) in ends.items()
        if (small[row] and most < MINIMUM - 1e-6) or most - least < 1e-6
    ]


def published(counts, marginals):
    table = publishable(counts, marginals=marginals, minimum=MINIMUM)
    return table.assign(true=publishable(counts, marginals=marginals, minimum=1)["count"])


@pytest.mark.parametrize("seed", range(2))
def test_no_count_of_a_table_with_totals_is_recovered(seed):
    counts = random_table((6, 5), seed)
    table = published(counts, singles(counts))
    assert table["hidden"].any()
    assert disclosed(counts, table) == []
    assert not (table["count"].between(1, MINIMUM - 1)).any()
    shown = table[~table["hidden"]]
    assert (shown["count"] == shown["true"]).all()


def test_hiding_small_counts_alone_is_broken_by_the_same_attack():
    """The attack works: half the counts hidden without complement are told."""
    told = hidden = 0
    for seed in range(2):
        counts = random_table((6, 5), seed)
        table = published(counts, singles(counts))
        small = table["true"].between(1, MINIMUM - 1)
        table["count"] = table["true"].where(~small)
        told += len(disclosed(counts, table))
        hidden += int(small.sum())
    assert told > hidden / 4


def test_no_count_is_recovered_from_several_marginals():
    counts = random_table((4, 3, 3), 5)
    table = published(counts, pairs(counts))
    assert table["hidden"].any()
    assert disclosed(counts, table) == []


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 160))
def test_no_count_of_many_tables_is_recovered(seed):
    counts = random_table(((6, 5), (8, 4), (4, 3, 3), (3, 3, 4))[seed % 4], seed)
    assert disclosed(counts, published(counts, pairs(counts))) == []


@given(st.lists(st.integers(0, 30), min_size=6, max_size=6))
@settings(max_examples=8, deadline=None)
def test_any_table_is_safe(values):
    counts = table_of((2, 3), values)
    assert disclosed(counts, published(counts, singles(counts))) == []


def test_a_single_small_count_takes_its_sums_with_it():
    counts = table_of((1, 1), [3])
    table = published(counts, singles(counts))
    assert table["hidden"].all()


def test_large_counts_and_none_are_shown():
    counts = table_of((2, 2), [0, 20, 30, 40])
    table = published(counts, singles(counts))
    assert not table["hidden"].any()
    assert list(table["count"]) == [0, 20, 30, 40, 20, 70, 30, 60, 90]


def test_no_counts_at_all_are_one_sum_of_none():
    counts = table_of((2, 2), [1, 2, 3, 4]).iloc[:0]
    table = publishable(counts, marginals=singles(counts))
    assert list(table["count"]) == [0]


@pytest.mark.parametrize("values", [[-1, 2], [0.5, 2]])
def test_counts_are_whole_and_none_negative(values):
    with pytest.raises(ValueError, match="whole numbers"):
        publishable(table_of((2,), values))


def test_a_marginal_names_levels():
    with pytest.raises(ValueError, match="colour"):
        publishable(table_of((2,), [1, 2]), marginals=[["colour"]])
