"""The density surface against exact kernel sums, and its laws."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from shapely.geometry import box
from sklearn.neighbors import KernelDensity

from analysis.hotspots.density import density_surface
from analysis.model.contracts import ISSUE_COLUMNS, TIME_COLUMNS
from analysis.model.crs import local_crs
from analysis.model.errors import SettingsError

SIDE = 4_000


@pytest.fixture(scope="module")
def town():
    return gpd.GeoDataFrame(
        {"name": ["Town"], "parent": ["City"]},
        geometry=[box(0, 0, SIDE, SIDE)],
        index=pd.Index(["t"], name="community_id", dtype="str"),
        crs=local_crs((120.9, 30.9, 121.1, 31.1)),
    )


def issues_at(xy):
    index = pd.Index([f"i{n}" for n in range(len(xy))], name="issue_id", dtype="str")
    issues = pd.DataFrame(index=index, columns=list(ISSUE_COLUMNS)).assign(status="open")
    issues = issues.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))
    issues[["x", "y"]] = np.asarray(xy, dtype=float).reshape(-1, 2)
    return issues


def density_of(xy, town, *, bandwidth, pixel):
    return density_surface(issues_at(xy), town, bandwidth=bandwidth, pixel=pixel)


def centres(surface):
    row, col = np.indices(surface.values.shape)
    x = surface.x0 + (col + 0.5) * surface.pixel
    y = surface.y0 + (row + 0.5) * surface.pixel
    return np.column_stack([x.ravel(), y.ravel()])


def exact(surface, xy):
    """Sum the kernels one by one, in cases per km²."""
    kernels = KernelDensity(bandwidth=surface.bandwidth, rtol=1e-9).fit(np.asarray(xy))
    density = np.exp(kernels.score_samples(centres(surface))) * len(xy) * 1e6
    return density.reshape(surface.values.shape)


def test_a_city_is_within_1_percent_of_exact_sums(town):
    rng = np.random.default_rng(0)
    xy = np.vstack([rng.uniform(0, SIDE, (1_500, 2)), rng.normal(2_500, 300, (500, 2))])
    surface = density_of(xy, town, bandwidth=250, pixel=50)
    expected = exact(surface, xy)
    assert np.abs(surface.values - expected).max() <= 0.002 * expected.max()
    thick = expected > 0.05 * expected.max()
    np.testing.assert_allclose(surface.values[thick], expected[thick], rtol=0.01)


@settings(max_examples=25, deadline=None)
@given(x=st.floats(1_500, 2_500), y=st.floats(1_500, 2_500), finer=st.floats(1, 3))
def test_one_case_anywhere_is_within_1_percent_of_its_peak(town, x, y, finer):
    surface = density_of([(x, y)], town, bandwidth=300, pixel=60 / finer)
    peak = 1e6 / (2 * np.pi * 300**2)
    assert np.abs(surface.values - exact(surface, [(x, y)])).max() <= 0.01 * peak


def test_the_sum_of_any_cases_is_within_1_2_percent_of_its_peak(town):
    # The peak of a sum of kernels K is no less than its mean weighted by any density w, so the
    # error is at most the greatest |e| / (K * w) of one case, here with w normal of 0.8 bandwidths.
    bandwidth, wide = 300, 300**2 * (1 + 0.8**2)
    most = []
    for x, y in np.ndindex(4, 4):
        place = (2_000 + 10 * x, 2_000 + 10 * y)  # half a pixel in steps of 10 m
        surface = density_of([place], town, bandwidth=bandwidth, pixel=60)
        off = ((centres(surface) - place) ** 2).sum(axis=1).reshape(surface.values.shape)
        error = surface.values - np.exp(-off / 2 / bandwidth**2) * 1e6 / (2 * np.pi * bandwidth**2)
        least = np.exp(-off / 2 / wide) * 1e6 / (2 * np.pi * wide)
        most.append((np.abs(error) / least).max())
    assert 0.005 < max(most) <= 0.012


def test_row_0_is_the_south_and_column_0_the_west(town):
    surface = density_surface(issues_at([(3_000, 500)]), town, bandwidth=200, pixel=40)
    row, col = np.unravel_index(surface.values.argmax(), surface.values.shape)
    assert surface.x0 + col * 40 <= 3_000 <= surface.x0 + (col + 1) * 40
    assert surface.y0 + row * 40 <= 500 <= surface.y0 + (row + 1) * 40
    assert (surface.x0, surface.y0) == (-40, -40)


def test_a_case_in_the_middle_keeps_its_mass_and_one_at_the_corner_a_quarter(town):
    # one free pixel of 10 m lies beyond the corner
    for xy, mass in (((2_000, 2_000), 1), ((0, 0), ndtr(10 / 200) ** 2)):
        surface = density_of([xy], town, bandwidth=200, pixel=10)
        assert surface.values.sum() * 0.01**2 == pytest.approx(mass, rel=1e-4)


def test_only_cases_in_the_city_count(town):
    xy = [(2_000, 2_000), (-10, 2_000), (np.nan, np.nan)]
    surface = density_of(xy, town, bandwidth=200, pixel=40)
    assert (surface.cases, surface.unlocated, surface.outside) == (1, 1, 1)
    alone = density_surface(issues_at(xy[:1]), town, bandwidth=200, pixel=40)
    np.testing.assert_array_equal(surface.values, alone.values)


def test_no_case_is_a_surface_of_zeros(town):
    surface = density_surface(issues_at([]), town, bandwidth=200, pixel=40)
    assert surface.values.shape == (102, 102)
    assert not surface.values.any()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_surfaces_add_up_whatever_the_order_of_the_cases(town, seed):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, SIDE, (60, 2))
    whole = density_of(xy, town, bandwidth=300, pixel=60).values
    order = rng.permutation(60)
    parts = [
        density_surface(issues_at(xy[half]), town, bandwidth=300, pixel=60).values
        for half in (order[:20], order[20:])
    ]
    np.testing.assert_allclose(sum(parts), whole, atol=1e-9 * whole.max())


@pytest.mark.parametrize(
    ("bandwidth", "pixel", "problem"),
    [
        (0, 10, "density_lengths"),
        (float("nan"), 10, "density_lengths"),
        (200, 0, "density_lengths"),
        (200, 41, "pixel_too_coarse"),
        (200, 1, "pixels_too_many"),
    ],
)
def test_refuses_lengths_that_do_not_fit(town, bandwidth, pixel, problem):
    with pytest.raises(SettingsError) as caught:
        density_surface(issues_at([(1, 1)]), town, bandwidth=bandwidth, pixel=pixel)
    assert caught.value.problem == problem
