"""Equity: shares and ratios by hand, indices against sums over every pair of people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.coverage.equity import (
    DISTANCE_COLUMNS,
    EQUITY_COLUMNS,
    concentration_index,
    distance_classes,
    equity,
    gini,
    palma,
    weighted_quantile,
)
from tests.analysis.coverage.test_assessment import rule, standard
from tests.frames import points, polygons, residents

HOMES = [(100, 500, 40), (200, 500, 30), (400, 500, 20), (900, 500, 10)]
"""100, 200, 400 and 900 m from the toilet at (0, 500)."""


def judged(people, *, toilets=((0, 500),)):
    shops = points(list(toilets)) if toilets else points([(0, 0)]).iloc[:0]
    ready = prepare(polygons([box(0, 0, 1000, 1000)]), shops, people, kinds=["toilet"])
    return ready, assess(ready, standard(rule("a", figure="population_covered_share", radius=300)))


def test_groups_by_hand():
    people = residents(HOMES).assign(elderly=[0.0, 10.0, 10.0, 5.0], children=[8.0, np.nan, 2.0, 0])
    found = equity(*judged(people)).set_index("group")
    assert list(found.reset_index())[:4] == ["group", *EQUITY_COLUMNS[:3]]
    assert found.index.tolist() == ["everyone", "children", "elderly"]
    whole, old, young = (found.loc[name] for name in ("everyone", "elderly", "children"))
    assert (whole["people"], whole["people_beyond"], whole["beyond_share"]) == (100, 30, 0.3)
    assert (old["people"], old["people_beyond"], old["people_unknown"]) == (25, 15, 0)
    assert old["ratio_to_all"] == pytest.approx(15 / 25 / 0.3)
    assert (young["people"], young["people_unknown"]) == (10, 30)
    assert young["beyond_share"] == pytest.approx(0.2)
    # within 0.69 x 300 m = 207 m live those at 100 and at 200 m
    assert whole["beyond_slow_share"] == pytest.approx(0.3)
    assert whole["distance_mean_m"] == pytest.approx((4000 + 6000 + 8000 + 9000) / 100)
    assert (whole["distance_median_m"], whole["distance_p90_m"]) == (200, 400)
    # furthest tenth: 10 x 900 m; nearest four tenths: 40 x 100 m
    assert whole["palma"] == pytest.approx(9000 / 4000)
    assert np.isnan(whole["concentration_distance"])


def test_classes_of_100_m_by_hand():
    found = distance_classes(*judged(residents(HOMES)))
    assert tuple(found.columns) == DISTANCE_COLUMNS
    assert found["people"].tolist() == [40, 30, 0, 20, 0, 0, 0, 0, 10]
    assert found["share_within"].tolist() == pytest.approx([0.4, 0.7, 0.7, *[0.9] * 5, 1.0])
    assert (found["from_m"].iloc[1], found["to_m"].iloc[1]) == (100, 200)


def test_income_tells_whether_the_poor_live_further_away():
    poor_far = residents(HOMES).assign(income=[4.0, 3.0, 2.0, 1.0])
    row = equity(*judged(poor_far)).iloc[0]
    assert row["concentration_distance"] < 0 < row["concentration_reach"]
    rich_far = residents(HOMES).assign(income=[1.0, 2.0, 3.0, 4.0])
    row = equity(*judged(rich_far)).iloc[0]
    assert row["concentration_reach"] < 0 < row["concentration_distance"]


def test_nothing_is_told_without_residents_and_no_distance_without_a_facility():
    assert equity(*judged(None)).empty
    assert distance_classes(*judged(None)).empty
    row = equity(*judged(residents(HOMES), toilets=())).iloc[0]
    assert row["beyond_share"] == 1
    assert np.isnan(
        row[["distance_mean_m", "distance_median_m", "gini", "palma"]].astype(float)
    ).all()


amounts = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 5), st.integers(1, 4)), min_size=2, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(rows=amounts)
def test_indices_agree_with_sums_over_every_pair_of_people(rows):
    values, weight, income = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    each, rich = np.repeat(values, weight.astype(int)), np.repeat(income, weight.astype(int))
    n, mean = len(each), each.mean()
    assert weighted_quantile(values, weight, 0.5) == np.sort(each)[(n + 1) // 2 - 1]
    if mean == 0:
        assert np.isnan(gini(values, weight))
        assert np.isnan(concentration_index(values, weight, income))
        return
    pairs = np.abs(each[:, None] - each[None, :]).sum()
    assert gini(values, weight) == pytest.approx(pairs / (2 * n * n * mean), abs=1e-12)
    rank = (pd.Series(rich).rank(method="average") - 0.5) / n
    expected = 2 * np.mean((each - mean) * (rank - 0.5)) / mean
    assert concentration_index(values, weight, income) == pytest.approx(expected, abs=1e-12)
    # one person in ten equal parts, so that tenths of the people are whole
    parts = np.sort(np.repeat(each, 10))
    low = parts[: 4 * n].sum()
    if low > 0:
        assert palma(values, weight) == pytest.approx(parts[9 * n :].sum() / low)
