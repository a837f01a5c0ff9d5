"""Lattices: the cell around a point is that of the nearest centre, and cells fill the plane."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from analysis.hotspots.grid import cell_of_points, study_grid
from analysis.hotspots.lattice import HEXAGON, SHAPES, Lattice
from tests.analysis.hotspots.test_grid import area


def around(lattice, reach=8):
    col, row = (part.ravel() for part in np.meshgrid(*[np.arange(-reach, reach + 1)] * 2))
    return np.column_stack(lattice.centres(col, row))


@pytest.mark.parametrize("shape", SHAPES)
def test_outlines_have_the_area_asked_for_and_leave_no_room(shape):
    lattice = Lattice(shape, 100.0)
    centres = around(lattice)
    cells = lattice.outlines(*centres.T)
    np.testing.assert_allclose(shapely.area(cells), 100.0**2, rtol=1e-9)
    together = shapely.union_all(cells, grid_size=1e-6)
    assert together.area == pytest.approx(len(cells) * 100.0**2, rel=1e-9)
    assert not list(together.interiors)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES), size=st.floats(1, 500))
def test_the_cell_of_a_point_is_that_of_the_nearest_centre_and_holds_it(seed, shape, size):
    lattice = Lattice(shape, size)
    xy = np.random.default_rng(seed).uniform(-3 * size, 3 * size, (40, 2))
    centres = around(lattice)
    found = lattice.cell_of(xy)
    away = np.hypot(*(xy[:, None] - centres[None]).transpose(2, 0, 1))
    nearest = away.min(axis=1)
    own = np.hypot(*(xy - np.column_stack(lattice.centres(*found))).T)
    np.testing.assert_allclose(own, nearest, rtol=0, atol=1e-6 * size)
    cells = lattice.outlines(*lattice.centres(*found))
    assert (shapely.distance(cells, shapely.points(xy)) < 1e-6 * size).all()


@pytest.mark.parametrize(("shape", "counts"), [("square", [8, 24, 48]), (HEXAGON, [6, 18, 36])])
def test_rings_hold_the_cells_that_are_that_many_steps_away(shape, counts):
    lattice = Lattice(shape, 1.0)
    for rings, count in enumerate(counts, start=1):
        cells = [
            (step, col)
            for step, first, last in lattice.neighbours(rings)
            for col in range(first, last + 1)
        ]
        assert len(set(cells)) == len(cells) == count + 1
        row, col = np.array(cells).T
        away = np.hypot(*lattice.centres(col, row) - np.array(lattice.centres(0, 0))[:, None])
        farthest = rings * np.sqrt(2) if shape == "square" else rings * lattice.spacing
        assert away.max() == pytest.approx(farthest)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from([37.0, 90.0]))
def test_hexagons_of_a_study_area_are_those_whose_centre_lies_in_it(seed, size):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-600, 600, (5, 2))
    boxes = [box(x, y, x + 300, y + 250) for x, y in corners]
    town = area(*boxes)
    grid = study_grid(town, cell_size=size, shape=HEXAGON)
    row, col = np.indices(grid.inside.shape)
    x, y = grid.lattice.centres(col + grid.first_col, row + grid.first_row)
    np.testing.assert_array_equal(grid.inside, shapely.contains_xy(town.union_all(), x, y))
    assert not grid.inside[[0, -1]].any()
    assert not grid.inside[:, [0, -1]].any()


def test_points_of_the_fringe_go_to_the_nearest_hexagon_that_touches():
    grid = study_grid(area(box(0, 0, 1000, 1000)), cell_size=100, shape=HEXAGON)
    xy = np.random.default_rng(2).uniform(0, 1000, (3_000, 2))
    cells = grid.cells()
    found = cell_of_points(grid, xy)
    assert (found >= 0).all()
    own = np.hypot(*(xy - cells[["x", "y"]].to_numpy()[found]).T)
    away = np.hypot(*(xy[:, None] - cells[["x", "y"]].to_numpy()[None]).transpose(2, 0, 1))
    np.testing.assert_allclose(own, away.min(axis=1), rtol=0, atol=1e-9)
