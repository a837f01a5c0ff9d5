"""The grid over a study area: which cells, which cell a point has, how large a cell."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import Point, box

from analysis.hotspots.grid import (
    CASES_PER_CELL,
    MAX_CELLS,
    cell_of_points,
    study_grid,
    suggest_cell_size,
)
from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.crs import local_crs
from analysis.model.errors import SettingsError
from exports.formats.csv import safe_text

CRS = local_crs((120.9, 30.9, 121.1, 31.1))


def area(*polygons):
    names = [f"c{n}" for n in range(len(polygons))]
    return gpd.GeoDataFrame(
        {"name": names, "parent": "Town"},
        geometry=list(polygons),
        index=pd.Index(names, name="community_id", dtype="str"),
        crs=CRS,
    )


def issues_at(xy):
    index = pd.Index([f"i{n}" for n in range(len(xy))], name="issue_id", dtype="str")
    issues = pd.DataFrame(index=index, columns=list(ISSUE_COLUMNS)).assign(status="open")
    issues = issues.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    issues[["x", "y"]] = np.asarray(xy, dtype=float).reshape(-1, 2)
    return issues


def centres_tested(communities, grid):
    """Test every centre of the rectangle against the united communities."""
    row, col = np.indices(grid.inside.shape)
    x = (col + grid.first_col + 0.5) * grid.cell_size
    y = (row + grid.first_row + 0.5) * grid.cell_size
    return shapely.contains_xy(communities.union_all(), x, y)


def test_a_square_of_two_by_three_cells_has_those_cells():
    cells = study_grid(area(box(200, -100, 400, 200)), cell_size=100).cells()
    assert list(cells.index) == ["g2_-1", "g3_-1", "g2_0", "g3_0", "g2_1", "g3_1"]
    assert list(cells["x"]) == [250, 350] * 3
    assert list(cells["y"]) == [-50, -50, 50, 50, 150, 150]
    assert cells.index.name == "cell_id"
    assert [safe_text(name) for name in cells.index] == list(cells.index)  # joins with any file


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    cell_size=st.sampled_from([37.0, 100.0, 250.0]),
    count=st.integers(1, 6),
)
def test_the_sweep_finds_the_centres_that_lie_in_a_community(seed, cell_size, count):
    rng = np.random.default_rng(seed)
    polygons = []
    for _ in range(count):
        centre, side = Point(rng.uniform(-3e3, 3e3, 2)), rng.uniform(100, 2e3)
        ring = centre.buffer(side, quad_segs=3).difference(centre.buffer(side / 3))
        polygons.append(rotate(ring, rng.uniform(0, 90)))
    polygons.append(shapely.union_all([translate(polygons[0], 5e3), Point(-4e3, 0).buffer(500)]))
    communities = area(*polygons)
    grid = study_grid(communities, cell_size=cell_size)
    np.testing.assert_array_equal(grid.inside, centres_tested(communities, grid))


def test_a_centre_on_the_border_of_two_communities_counts_once():
    grid = study_grid(area(box(0, 0, 50, 100), box(50, 0, 100, 100)), cell_size=100)
    assert grid.size == 1


def test_a_centre_on_the_rim_is_in_to_the_west_and_south_only():
    assert study_grid(area(box(50, 50, 90, 90)), cell_size=100).size == 1
    assert study_grid(area(box(10, 10, 50, 50)), cell_size=100).size == 0


@settings(max_examples=20, deadline=None)
@given(east=st.integers(-500, 500), north=st.integers(-500, 500))
def test_cells_move_with_the_city_by_whole_cells(east, north):
    city = Point(0, 0).buffer(2_000)
    here = study_grid(area(city), cell_size=128)
    there = study_grid(area(translate(city, 128 * east, 128 * north)), cell_size=128)
    np.testing.assert_array_equal(here.inside, there.inside)
    assert (there.first_col, there.first_row) == (here.first_col + east, here.first_row + north)


def test_the_order_of_communities_does_not_matter():
    communities = area(box(0, 0, 900, 900), Point(1200, 300).buffer(500), box(900, 0, 1800, 500))
    grid, turned = (study_grid(c, cell_size=70) for c in (communities, communities.iloc[::-1]))
    pd.testing.assert_frame_equal(grid.cells(), turned.cells())


def test_area_of_the_cells_is_about_that_of_the_city():
    city = area(Point(0, 0).buffer(5_000))
    grid = study_grid(city, cell_size=100)
    assert grid.size * 100**2 == pytest.approx(city.area.sum(), rel=0.005)


def test_a_point_has_the_cell_around_it():
    grid = study_grid(area(box(0, 0, 1000, 1000)), cell_size=100)
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 1000, (500, 2))
    cells = grid.cells().iloc[cell_of_points(grid, xy)]
    np.testing.assert_array_equal(cells["col"], xy[:, 0] // 100)
    np.testing.assert_array_equal(cells["row"], xy[:, 1] // 100)


def test_a_point_of_the_fringe_has_the_nearest_cell_and_a_far_one_none():
    # cells 0..2 × 0..2; the city reaches 40 m into the fourth column, and has an islet
    grid = study_grid(area(box(0, 0, 340, 300), box(900, 900, 910, 910)), cell_size=100)
    cells = grid.cells()
    found = cell_of_points(grid, np.array([[330.0, 110.0], [310.0, 299.0], [905.0, 905.0]]))
    assert list(cells.index[found[:2]]) == ["g2_1", "g2_2"]
    assert found[2] == -1


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_point_has_the_nearest_of_the_nine_cells_unless_its_own_is_in(seed):
    rng = np.random.default_rng(seed)
    grid = study_grid(area(Point(0, 0).buffer(450)), cell_size=100)
    xy = rng.uniform(-900, 900, (50, 2))
    cells = grid.cells()
    for point, found in zip(xy, cell_of_points(grid, xy), strict=True):
        col, row = np.floor(point / 100)
        near = cells[(abs(cells["col"] - col) <= 1) & (abs(cells["row"] - row) <= 1)]
        own = near[(near["col"] == col) & (near["row"] == row)]
        away = np.hypot(near["x"] - point[0], near["y"] - point[1])
        expected = "none" if near.empty else away.idxmin() if own.empty else own.index[0]
        assert expected == ("none" if found < 0 else cells.index[found])


@pytest.mark.parametrize("cell_size", [0, -5, float("nan"), float("inf")])
def test_refuses_a_cell_without_size(cell_size):
    with pytest.raises(SettingsError, match="allowed are 1 to 1,000,000 m") as caught:
        study_grid(area(box(0, 0, 1000, 1000)), cell_size=cell_size)
    assert caught.value.problem == "cell_size_value"


def test_refuses_too_many_cells_and_names_a_size_that_works():
    communities = area(box(0, 0, 10_000, 10_000))
    with pytest.raises(SettingsError, match="1,000,000 cells") as caught:
        study_grid(communities, cell_size=10)
    assert caught.value.problem == "cells_too_many"
    least = float(caught.value.facts["least"])
    assert study_grid(communities, cell_size=least).size <= MAX_CELLS


def test_refuses_a_rectangle_that_is_nearly_all_empty():
    with pytest.raises(SettingsError, match="rectangle of 16") as caught:
        study_grid(area(box(0, 0, 100, 100), box(40_000, 40_000, 40_100, 40_100)), cell_size=10)
    assert caught.value.problem == "cells_too_many"


def test_suggests_the_next_round_size_at_five_cases_a_cell():
    # 100 km² and 9,000 cases: √(5 · 100 / 9,000) km = 236 m, so 250 m, 1,600 cells
    xy = np.random.default_rng(0).uniform(0, 10_000, (9_000, 2))
    size = suggest_cell_size(issues_at([*xy, [-5, 5]]), area(box(0, 0, 10_000, 10_000)))
    assert (size.metres, size.reason, size.cases, size.cells) == (250, "cases", 9_000, 1_600)
    assert size.area_km2 == pytest.approx(100)
    assert size.cases_per_cell == pytest.approx(5.625)


@pytest.mark.parametrize(("cases", "reason"), [(0, "few_cells"), (40, "few_cells")])
def test_a_small_sample_still_gets_a_hundred_cells(cases, reason):
    xy = np.full((cases, 2), 500.0)
    size = suggest_cell_size(issues_at(xy), area(box(0, 0, 10_000, 10_000)))
    assert (size.metres, size.reason, size.cells) == (1_000, reason, 100)


@settings(max_examples=30, deadline=None)
@given(cases=st.integers(1, 5_000), side=st.floats(300, 30_000))
def test_suggested_cells_hold_enough_cases_or_are_at_least_a_hundred(cases, side):
    xy = np.full((cases, 2), side / 2)
    size = suggest_cell_size(issues_at(xy), area(box(0, 0, side, side)))
    enough = size.cases_per_cell >= CASES_PER_CELL * (1 - 1e-9)
    assert enough if size.reason == "cases" else size.cells >= 100
