"""The matrix of communities and categories, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from analysis.handling.matrix import disorder_matrix, wide_matrix
from analysis.issues.location import locate_cases
from analysis.model.taxonomy import LEVELS
from layers.knowledge.taxonomy import load_taxonomy
from tests.frames import issues, polygons

TAXONOMY = load_taxonomy()

NOON = pd.Timestamp("2026-03-31")


def test_matrix_by_hand():
    city = polygons([shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 3000, 1000)])
    cases = issues(
        category=["暴露垃圾", "道路不洁", "店外经营", "商业噪音", "暴露垃圾", "暴露垃圾", "谜"],
        x=[10, 20, 30, 40, 2000, 9000, np.nan],
        y=[10, 20, 30, 40, 500, 500, np.nan],
    )
    home = locate_cases(cases, city)
    matrix = disorder_matrix(cases, city, home, TAXONOMY, area_m2=city.area)
    counts = wide_matrix(matrix, level="ten", value="cases")
    assert counts.loc["c0", ["dump", "stall", "", "post"]].tolist() == [2, 1, 1, 0]
    assert counts.loc["c1"].sum() == 1
    assert counts.columns[-1] == ""
    dense = wide_matrix(matrix, level="ten", value="cases_per_km2")
    assert (dense.loc["c0", "dump"], dense.loc["c1", "dump"]) == (2, 0.5)
    tops = wide_matrix(matrix, level="ten", value="top")
    assert tops.loc["c0", ["dump", "stall"]].tolist() == [1, 2]
    assert np.isnan(tops.loc["c0", ""])
    for level in LEVELS:
        assert wide_matrix(matrix, level=level, value="cases").to_numpy().sum() == 5
    assert wide_matrix(matrix, level="category", value="cases").columns.tolist() == [
        "E0102", "E0104", "E0504", "E0508",
    ]  # fmt: skip


def test_matrix_of_nothing_has_every_community_and_no_case():
    city = polygons([shapely.box(0, 0, 10, 10)])
    cases = issues(category=["x"])
    matrix = disorder_matrix(cases, city, locate_cases(cases, city), TAXONOMY, area_m2=city.area)
    assert wide_matrix(matrix, level="ten", value="cases").to_numpy().sum() == 0
    assert wide_matrix(matrix, level="category", value="cases").shape == (0, 0)
