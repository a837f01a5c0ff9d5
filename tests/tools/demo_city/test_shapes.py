"""Wavy cells tile the plane and never overlap."""

import numpy as np
import pytest
import shapely

from tools.demo_city.shapes import wavy_cells


def test_wavy_cells_tile_and_never_overlap():
    rng = np.random.default_rng(7)
    seeds = rng.uniform(0, 100, (400, 2))
    kept = (np.abs(seeds - 50) < 30).all(axis=1)
    cells = wavy_cells(seeds, kept, rng, step=0.2, roughness=1.5)
    assert len(cells.polygons) == kept.sum()
    assert shapely.is_valid(cells.polygons).all()
    assert shapely.coverage_is_valid(cells.polygons)
    union = shapely.union_all(cells.polygons)
    assert union.area == pytest.approx(shapely.area(cells.polygons).sum())


def test_wavy_cells_refuse_a_seed_without_a_bounded_cell():
    seeds = np.array([[0.0, 0], [10, 0], [0, 10], [10, 10], [5, 5]])
    with pytest.raises(ValueError, match="guard seeds"):
        wavy_cells(
            seeds, np.full(5, fill_value=True), np.random.default_rng(1), step=1, roughness=0
        )
