"""Predictive value: sums by hand, and maps that are never judged on what they were drawn from."""

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from analysis.issues.issue_set import issue_set
from analysis.trends.prediction import PREDICTION_COLUMNS, predict_next, predictive_value
from analysis.trends.space_time_cube import case_cube
from tests.frames import polygons, reports_at

SIDE = 1_000
MONTHS = pd.date_range("2025-01-01", periods=12, freq="MS")


def test_sums_by_hand():
    # 3 of 10 on a tenth, 1 of 30 on a twentieth: 4 of 40; chance would have given 1 + 1.5
    rate, pai = predictive_value(np.array([3, 1]), np.array([10, 30]), np.array([0.1, 0.05]))
    assert (rate, pai) == (0.1, 1.6)


def test_nothing_flagged_and_nothing_reported_have_no_value():
    rate, pai = predictive_value(np.array([0]), np.array([10]), np.array([0.0]))
    assert rate == 0
    assert np.isnan(pai)
    assert np.isnan(predictive_value(np.array([0]), np.array([0]), np.array([0.1]))[0])


def cube_of(spots):
    """Chance over 100 cells, and 60 cases a month at the given place of each month."""
    rng = np.random.default_rng(0)
    xy, days = [], []
    for month, spot in zip(MONTHS, spots, strict=True):
        xy.append(np.vstack([rng.uniform(0, SIDE, (200, 2)), rng.normal(spot, 3, (60, 2))]))
        days.append(month + pd.to_timedelta(rng.integers(0, 28, 260), unit="D"))
    town = polygons([box(0, 0, SIDE, SIDE)])
    cases = reports_at(np.vstack(xy), np.concatenate(days))
    return case_cube(issue_set(cases, town, as_of=pd.Timestamp("2025-12-31")), cell_size=100)


def test_a_place_that_stays_is_foretold_by_every_method():
    cube = cube_of([(450, 450)] * 12)
    found = predict_next(cube).set_index("method")
    assert ["method", *found.columns] == list(PREDICTION_COLUMNS)
    assert (found["months"] == 11).all()
    row = found.loc["counts_1"]
    cell = cube.counts.sum(axis=0).argmax()
    assert row["hits"] == cube.counts[1:, cell].sum()
    assert row["cases"] == 11 * 260
    assert row["area_share"] == pytest.approx(0.01)
    assert row["pai"] == pytest.approx(row["hit_rate"] / 0.01)
    last = cube.counts[-1]
    assert row["hit_rate_last"] == pytest.approx(last[cell] / last.sum())
    assert found.loc["repeat", "hits"] >= row["hits"]
    assert (found["pai"] > 1).all()


def test_a_map_is_never_judged_on_its_own_month():
    """The place moves far each month: whoever looked at the month itself would score."""
    spots = [(50 + 300 * (n % 4), 50 + 300 * (n % 3)) for n in range(12)]
    found = predict_next(cube_of(spots)).set_index("method")
    assert (found.loc[["density_1", "counts_1"], "pai"] < 2).all()


def test_empty_cells_are_never_flagged():
    town = polygons([box(0, 0, SIDE, SIDE)])
    xy = [(n % 3 * 100 + 50, 50) for n in range(360)]
    days = [MONTHS[n % 12] for n in range(360)]
    cube = case_cube(
        issue_set(reports_at(xy, days), town, as_of=pd.Timestamp("2025-12-31")), cell_size=100
    )
    found = predict_next(cube).set_index("method")
    assert found.loc["counts_5", "cells_mean"] <= 3
