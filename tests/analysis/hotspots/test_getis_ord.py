"""Gi* against hand sums, the reference library and its laws."""

import esda
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy.spatial import cKDTree

from analysis.hotspots.getis_ord import gi_star
from analysis.hotspots.lattice import Lattice
from analysis.model.errors import SampleError, SettingsError


def reference_z(counts, inside, rings):
    """Let the reference library do it, from a list of neighbours that includes the cell."""
    number = {tuple(cell): n for n, cell in enumerate(np.argwhere(inside))}
    steps = range(-rings, rings + 1)
    pairs = [
        (n, number[row + up, col + right])
        for (row, col), n in number.items()
        for up in steps
        for right in steps
        if (row + up, col + right) in number
    ]
    focal, neighbour = np.array(pairs).T
    weights = Graph.from_arrays(focal, neighbour, np.ones(len(pairs)))
    values = counts[inside].astype(float)
    return esda.G_Local(values, weights, transform="B", star=True, permutations=0).Zs


def hexagons_touching(inside, rings):
    """Pairs of hexagons whose outlines touch, over and over for each ring."""
    row, col = np.nonzero(inside)
    lattice = Lattice("hexagon", 1.0)
    centre = np.column_stack(lattice.centres(col, row))
    near = cKDTree(centre).query_pairs(1.01 * lattice.spacing, output_type="ndarray")
    links = np.eye(len(centre), dtype=bool)
    links[near[:, 0], near[:, 1]] = links[near[:, 1], near[:, 0]] = True
    return np.linalg.matrix_power(links.astype(int), rings) > 0


@pytest.mark.parametrize("rings", [1, 2])
@pytest.mark.parametrize("values", ["counts", "rates"])
def test_equals_the_reference_on_hexagons(rings, values):
    rng = np.random.default_rng(rings)
    inside = np.ones((13, 11), dtype=bool)
    counts = rng.negative_binomial(1, 0.2, inside.shape)
    if values == "rates":
        counts = counts / rng.uniform(1, 90, inside.shape)
    focal, neighbour = np.nonzero(hexagons_touching(inside, rings))
    weights = Graph.from_arrays(focal, neighbour, np.ones(len(focal)))
    expected = esda.G_Local(
        counts[inside].astype(float), weights, transform="B", star=True, permutations=0
    ).Zs
    z = gi_star(counts, inside, rings=rings, shape="hexagon")[inside]
    np.testing.assert_allclose(z, expected, rtol=0, atol=1e-9)


def masks(rng, shape):
    yield np.ones(shape, dtype=bool)
    yield rng.random(shape) < 0.6
    row, col = np.indices(shape)
    yield (row - 8) ** 2 + (col - 10) ** 2 < 80


@pytest.mark.parametrize("rings", [1, 2, 3])
@pytest.mark.parametrize("mean", [0.3, 5, 400])
def test_equals_the_reference_on_full_and_masked_grids(rings, mean):
    rng = np.random.default_rng(rings)
    for inside in masks(rng, (17, 23)):
        counts = rng.negative_binomial(1, 1 / (1 + mean), inside.shape)
        z = gi_star(counts, inside, rings=rings)
        expected = reference_z(counts, inside, rings)
        np.testing.assert_allclose(z[inside], expected, rtol=0, atol=1e-9)
        assert np.isnan(z[~inside]).all()


def test_sum_by_hand():
    # ȳ = 1, S = √3; the first cell has W = 2, the second W = 3, the fourth W = 2
    z = gi_star(np.array([[4, 0, 0, 0]]), np.ones((1, 4), dtype=bool))
    np.testing.assert_allclose(z, [[1, 1 / np.sqrt(3), -np.sqrt(3), -1]])


grids = st.integers(0, 2**32 - 1)


@settings(max_examples=30, deadline=None)
@given(seed=grids, factor=st.integers(2, 9), more=st.integers(0, 50))
def test_z_does_not_change_when_all_counts_are_scaled_or_shifted(seed, factor, more):
    rng = np.random.default_rng(seed)
    counts, inside = rng.poisson(3, (9, 11)), rng.random((9, 11)) < 0.8
    z = gi_star(counts, inside)
    np.testing.assert_allclose(gi_star(factor * counts + more, inside), z, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seed=grids)
def test_z_turns_with_the_map(seed):
    rng = np.random.default_rng(seed)
    counts, inside = rng.poisson(3, (9, 11)), rng.random((9, 11)) < 0.8
    z = gi_star(counts, inside, rings=2)
    np.testing.assert_allclose(gi_star(counts.T, inside.T, rings=2), z.T, atol=1e-12)
    turned = gi_star(counts[::-1, ::-1], inside[::-1, ::-1], rings=2)
    np.testing.assert_allclose(turned, z[::-1, ::-1], atol=1e-12)


def test_what_lies_outside_the_study_area_does_not_matter():
    rng = np.random.default_rng(4)
    counts, inside = rng.poisson(3, (12, 12)), rng.random((12, 12)) < 0.7
    other = np.where(inside, counts, 1_000)
    np.testing.assert_array_equal(gi_star(other, inside), gi_star(counts, inside))


@pytest.mark.parametrize("count", [0, 7])
def test_refuses_equal_cells(count):
    with pytest.raises(SampleError, match="none stands out") as caught:
        gi_star(np.full((6, 6), count), np.ones((6, 6), dtype=bool))
    assert caught.value.problem == "cells_equal"


def test_refuses_a_neighbourhood_that_is_the_whole_city():
    with pytest.raises(SettingsError, match="all 9 cells") as caught:
        gi_star(np.arange(9).reshape(3, 3), np.ones((3, 3), dtype=bool))
    assert caught.value.problem == "rings_too_many"


def test_refuses_no_ring_at_all():
    with pytest.raises(ValueError, match="`rings` must be 1 or more"):
        gi_star(np.arange(9).reshape(3, 3), np.ones((3, 3), dtype=bool), rings=0)
