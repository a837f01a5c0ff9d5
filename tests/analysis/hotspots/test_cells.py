"""Hot spots: cells, levels, chance, refusals and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import false_discovery_control
from shapely.affinity import translate
from shapely.geometry import Point, box
from statsmodels.stats.multitest import multipletests

from analysis.hotspots.cells import hot_spots
from analysis.hotspots.getis_ord import gi_star
from analysis.hotspots.grid import CASES_PER_CELL
from analysis.hotspots.places import hottest_places
from analysis.issues.issue_set import issue_set
from analysis.model.errors import SampleError
from tests.analysis.hotspots.toy import AS_OF, SIDE, area, issues_at, scattered


def test_counts_of_every_cell_and_of_what_is_on_none(town):
    xy = [*scattered(), (np.nan, np.nan), (-1, 5), (5, SIDE + 1)]
    result = hot_spots(issues_at(xy), town, cell_size=100)
    assert (result.cases, result.unlocated, result.outside, result.off_grid) == (3_000, 1, 2, 0)
    by_hand = pd.Series([f"g{x // 100:.0f}_{y // 100:.0f}" for x, y in scattered()]).value_counts()
    expected = by_hand.reindex(result.cells.index, fill_value=0)
    pd.testing.assert_series_equal(result.cells["count"], expected, check_names=False)
    assert len(result.cells) == 400
    assert result.neighbourhood_cases == 3_000 / 400 * 9


def test_cases_of_an_islet_smaller_than_a_cell_are_counted_apart(town):
    islet = area(*town.geometry, box(9_010, 9_010, 9_020, 9_020))
    result = hot_spots(issues_at([*scattered(), (9_015, 9_015)]), islet, cell_size=100)
    assert (result.cases, result.off_grid) == (3_000, 1)


def test_p_and_q_are_two_sided_and_those_of_the_reference(town, planted):
    cells = hot_spots(planted, town, cell_size=100).cells
    np.testing.assert_allclose(cells["p"], 2 * (1 - ndtr(cells["z"].abs())), atol=1e-12)
    q = multipletests(cells["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(cells["q"], q, rtol=0, atol=1e-12)


def test_levels_follow_q_and_the_sign_of_z():
    rng = np.random.default_rng(2)
    hot = rng.normal((1_500, 1_500), 500, (3_000, 2))
    xy = np.vstack([scattered(cases=4_000), hot[(hot > 0).all(axis=1) & (hot < SIDE).all(axis=1)]])
    cells = hot_spots(issues_at(xy), area(box(0, 0, SIDE, SIDE)), cell_size=100).cells
    percent = pd.cut(cells["q"], [-1, 0.01, 0.05, 0.1, 2], labels=["01", "05", "10", "none"])
    side = np.where(cells["z"] > 0, "hot_", "cold_")
    expected = np.where(percent == "none", "none", side + percent.astype(str))
    assert list(cells["level"]) == list(expected)
    assert set(expected) >= {"hot_01", "hot_05", "cold_01", "cold_05", "none"}


def test_finds_the_planted_hot_spot_and_nothing_else(town, planted):
    result = hot_spots(planted, town, cell_size=100)
    hot = result.cells[result.cells["level"].isin(["hot_01", "hot_05"])]
    assert "g15_4" in hot.index
    assert np.hypot(hot["x"] - 1_550, hot["y"] - 450).max() < 350
    places = hottest_places(result, issue_set(planted, town, as_of=AS_OF))
    assert len(places) == 1
    assert np.hypot(places["x"].iloc[0] - 1_550, places["y"].iloc[0] - 450) < 50


def chance_maps(inside, *, maps, seed):
    """Share of maps of independent Poisson counts with any cell at q ≤ 0.05, hot or cold."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(maps):
        z = gi_star(rng.poisson(CASES_PER_CELL, inside.shape), inside)[inside]
        found += false_discovery_control(2 * ndtr(-np.abs(z))).min() <= 0.05
    return found / maps


def test_at_most_8_maps_of_chance_in_100_show_any_spot_at_the_suggested_density():
    row, col = np.indices((26, 26))
    disc = (row - 12.5) ** 2 + (col - 12.5) ** 2 < 140
    assert chance_maps(np.ones((20, 20), dtype=bool), maps=500, seed=1) <= 0.08
    assert chance_maps(disc, maps=500, seed=2) <= 0.08


def test_a_round_city_of_chance_has_no_cold_rim():
    city = area(Point(0, 0).buffer(1_200))
    rng = np.random.default_rng(5)
    shown = 0
    for _ in range(25):
        xy = rng.uniform(-1_200, 1_200, (4_000, 2))
        cells = hot_spots(issues_at(xy), city, cell_size=100).cells
        shown += (cells["q"] <= 0.05).any()
    assert shown <= 4


def test_sparse_says_when_chance_is_called_hot_too_often(town):
    sparse = hot_spots(issues_at(scattered(cases=1_999)), town, cell_size=100)
    enough = hot_spots(issues_at(scattered(cases=2_000)), town, cell_size=100)
    assert (sparse.sparse, enough.sparse) == (True, False)


@pytest.mark.parametrize(
    ("cases", "cell_size", "problem"),
    [
        (3_000, 500, "cells_too_few"),
        (29, 250, "cases_too_few"),
        (200, 100, "cases_too_sparse"),
        (0, 100, "cases_too_few"),
        (10, 50_000, "cells_too_few"),
    ],
)
def test_refuses_too_small_a_sample(town, cases, cell_size, problem):
    with pytest.raises(SampleError) as caught:
        hot_spots(issues_at(scattered(cases=cases)), town, cell_size=cell_size)
    assert caught.value.problem == problem
    assert caught.value.hint


def test_refuses_cells_that_are_all_equal(town):
    middle = np.arange(50, SIDE, 100.0)
    xy = np.array([(x, y) for x in middle for y in middle])
    with pytest.raises(SampleError) as caught:
        hot_spots(issues_at(xy), town, cell_size=100)
    assert caught.value.problem == "cells_equal"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed):
    town = area(box(0, 0, SIDE / 2, SIDE), box(SIDE / 2, 0, SIDE, SIDE))
    rng = np.random.default_rng(seed)
    issues = issues_at(np.vstack([scattered(seed), rng.normal(700, 50, (150, 2))]))
    other = issues.sample(frac=1, random_state=seed % 1000)
    first, second = (hot_spots(i, town, cell_size=100) for i in (issues, other))
    pd.testing.assert_frame_equal(first.cells, second.cells)
    one, two = (
        hottest_places(r, issue_set(i, town, as_of=AS_OF))
        for r, i in ((first, issues), (second, other))
    )
    pd.testing.assert_frame_equal(one, two)


def test_moves_with_the_city(town, planted):
    here = hot_spots(planted, town, cell_size=100).cells
    moved = town.set_geometry(translate_all(town.geometry, 12_800, -25_600))
    issues = planted.assign(x=planted["x"] + 12_800, y=planted["y"] - 25_600)
    there = hot_spots(issues, moved, cell_size=100).cells
    columns = ["count", "z", "p", "q", "level"]
    pd.testing.assert_frame_equal(
        there[columns].reset_index(drop=True), here[columns].reset_index(drop=True)
    )


def translate_all(geometry, east, north):
    return geometry.map(lambda polygon: translate(polygon, east, north))


def test_scales_with_the_city(town, planted):
    here = hot_spots(planted, town, cell_size=100).cells
    wide = town.set_geometry(town.geometry.scale(2, 2, origin=(0, 0)))
    issues = planted.assign(x=planted["x"] * 2, y=planted["y"] * 2)
    there = hot_spots(issues, wide, cell_size=200).cells
    columns = ["col", "row", "count", "z", "p", "q", "level"]
    pd.testing.assert_frame_equal(there[columns], here[columns])


def test_twice_the_cases_are_the_same_hot_spots(town, planted):
    twice = pd.concat([planted, planted.set_axis(planted.index + "b").rename_axis("issue_id")])
    one, two = (hot_spots(i, town, cell_size=100).cells for i in (planted, twice))
    np.testing.assert_allclose(two["z"], one["z"], atol=1e-9)
    assert list(two["count"]) == list(one["count"] * 2)


def test_nothing_given_is_changed(town, planted):
    before = town.copy(), planted.copy()
    result = hot_spots(planted, town, cell_size=100)
    hottest_places(result, issue_set(planted, town, as_of=AS_OF))
    pd.testing.assert_frame_equal(town, before[0])
    pd.testing.assert_frame_equal(planted, before[1])


def test_hexagons_of_a_town_hold_the_same_cases_and_find_the_same_place(town, planted):
    squares = hot_spots(planted, town, cell_size=100)
    hexagons = hot_spots(planted, town, cell_size=100, shape="hexagon")
    assert hexagons.cells["count"].sum() == squares.cells["count"].sum() == 3_200
    assert len(hexagons.cells) == pytest.approx(len(squares.cells), rel=0.05)
    assert hexagons.neighbourhood_cases == pytest.approx(3_200 / len(hexagons.cells) * 7)
    places = hottest_places(hexagons, issue_set(planted, town, as_of=AS_OF))
    assert len(places) == 1
    assert np.hypot(places["x"].iloc[0] - 1_550, places["y"].iloc[0] - 450) < 50
    assert places["area_m2"].iloc[0] == places["cells"].iloc[0] * 10_000
