"""Density clusters: equal to the reference, whatever the order; each case in one place."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist
from shapely.geometry import LineString, box
from sklearn.cluster import DBSCAN

from analysis.hotspots import dbscan
from analysis.hotspots.clusters import CLUSTER_COLUMNS, find_clusters
from analysis.hotspots.dbscan import density_clusters, squares
from analysis.issues.issue_set import issue_set
from analysis.model.errors import SampleError, SettingsError
from tests.frames import CRS, issues

AS_OF = dt.date(2026, 6, 30)


def issues_at(xy):
    x, y = np.asarray(xy, dtype=float).reshape(-1, 2).T
    return issues(x=x, y=y).assign(category="litter", unit="A")


@st.composite
def crowds(draw):
    """Points on a lattice, so that many share a place and many are at the limit exactly."""
    side = draw(st.integers(0, 12))
    spots = st.tuples(st.integers(-side, side), st.integers(-side, side))
    xy = np.array(draw(st.lists(spots, min_size=1, max_size=80)), dtype=float)
    step, away = draw(st.sampled_from([1.0, 0.5, 3.0])), draw(st.sampled_from([0.0, 4e6]))
    return xy * step + away


distances = st.sampled_from([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 13.0])
leasts = st.integers(1, 9)


@given(xy=crowds(), distance=distances, least=leasts, block=st.sampled_from([5, 17, 1 << 19]))
def test_core_points_and_their_clusters_are_those_of_the_reference(xy, distance, least, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbscan, "BLOCK", block)
        cluster, is_core = density_clusters(xy, distance=distance, least=least)
    found = DBSCAN(eps=distance, min_samples=least).fit(xy)
    expected = np.zeros(len(xy), dtype=bool)
    expected[found.core_sample_indices_] = True
    assert is_core.tolist() == expected.tolist()
    assert (cluster == 0).tolist() == (found.labels_ == -1).tolist()
    pairs = {*zip(cluster[is_core].tolist(), found.labels_[is_core].tolist(), strict=True)}
    assert len(pairs) == len({ours for ours, _ in pairs}) == len({theirs for _, theirs in pairs})


@given(xy=crowds(), distance=distances, least=leasts)
def test_a_point_at_the_edge_belongs_to_its_nearest_core_point(xy, distance, least):
    cluster, is_core = density_clusters(xy, distance=distance, least=least)
    core = np.flatnonzero(is_core)
    core = core[np.lexsort((xy[core, 1], xy[core, 0]))]
    for point in np.flatnonzero((cluster > 0) & ~is_core):
        away = cdist(xy[[point]], xy[core])[0]
        assert cluster[point] == cluster[core[away.argmin()]]


@given(xy=crowds(), distance=distances, least=leasts, seed=st.integers(0, 99))
def test_neither_order_nor_place_matters(xy, distance, least, seed):
    order = np.random.default_rng(seed).permutation(len(xy))
    cluster, is_core = density_clusters(xy, distance=distance, least=least)
    other, others = density_clusters(xy[order] + (512, -64), distance=distance, least=least)
    assert other.tolist() == cluster[order].tolist()
    assert others.tolist() == is_core[order].tolist()


@given(xy=crowds(), distance=distances, least=leasts)
def test_clusters_are_numbered_by_their_points(xy, distance, least):
    cluster, _ = density_clusters(xy, distance=distance, least=least)
    sizes = np.bincount(cluster)[1:]
    assert (sizes > 0).all()
    assert (np.diff(sizes) <= 0).all()


def test_agrees_with_the_reference_on_thousands_of_places():
    rng = np.random.default_rng(3)
    heaps = rng.normal(rng.uniform(0, 4_000, (30, 2)).repeat(150, axis=0), 60)
    xy = np.vstack([heaps, rng.uniform(0, 4_000, (3_000, 2))]).round(1)
    cluster, is_core = density_clusters(xy, distance=50, least=10)
    found = DBSCAN(eps=50, min_samples=10).fit(xy)
    assert np.flatnonzero(is_core).tolist() == found.core_sample_indices_.tolist()
    assert (cluster == 0).tolist() == (found.labels_ == -1).tolist()
    ours, theirs = cluster[is_core], found.labels_[is_core]
    assert len({*zip(ours.tolist(), theirs.tolist(), strict=True)}) == ours.max() > 10


def test_all_points_of_a_square_are_near_each_other():
    for distance in (1.0, 7.3, 50.0, 333.3):
        side = squares(distance).cell_size
        assert np.hypot(side, side) < distance < np.hypot(side, side) * 1.000001


@pytest.mark.parametrize(("distance", "least"), [(0, 3), (-1, 3), (1, 0)])
def test_limits_of_no_sense_are_a_mistake_of_the_caller(distance, least):
    with pytest.raises(ValueError, match="positive"):
        density_clusters(np.zeros((1, 2)), distance=distance, least=least)


def test_no_points_no_clusters():
    cluster, is_core = density_clusters(np.empty((0, 2)), distance=1, least=2)
    assert len(cluster) == len(is_core) == 0


# ----------------------------------------------------------------------------- the recipe


@pytest.fixture
def town():
    """Two communities, west and east, 1 km² each."""
    names = pd.Index(["west", "east"], name="community_id", dtype="str")
    return gpd.GeoDataFrame(
        {"name": ["West", "East"], "parent": "Town"},
        geometry=[box(0, 0, 1_000, 1_000), box(1_000, 0, 2_000, 1_000)],
        index=names,
        crs=CRS,
    )


@pytest.fixture
def heaps():
    """12 at one address, a row of 11 that are 20 m apart, 3 strays, one outside, one nowhere."""
    address = [(100.0, 100.0)] * 12
    row = [(1_200.0 + 20 * step, 500.0) for step in range(11)]
    stray = [(600.0, 600.0), (610.0, 900.0), (1_900.0, 100.0)]
    return issues_at([*address, *row, *stray, (-5.0, 5.0), (np.nan, np.nan)])


def test_sums_done_by_hand(town, heaps):
    streets = gpd.GeoDataFrame(
        {"name": ["Long Row"]}, geometry=[LineString([(1_100, 510), (1_500, 510)])], crs=CRS
    )
    found = find_clusters(
        issue_set(heaps, town, as_of=AS_OF), distance=50, least=5, streets=streets
    )
    assert (found.cases, found.outside, found.unlocated) == (26, 1, 1)
    table = found.table
    assert table.columns.tolist() == list(CLUSTER_COLUMNS)
    assert table["rank"].tolist() == [1, 2]
    assert table["community_id"].tolist() == ["west", "east"]
    assert table["street"].tolist() == ["", "Long Row"]
    assert table["cases"].tolist() == [12, 11]
    assert table["core_cases"].tolist() == [12, 7]
    assert table["sites"].tolist() == [1, 11]
    assert table["span_m"].tolist() == [0.0, 200.0]
    assert table["cases_share"].tolist() == [12 / 26, 11 / 26]
    assert table[["x", "y"]].iloc[1].tolist() == [1_300.0, 500.0]
    side = squares(50).cell_size
    assert table["area_m2"].iloc[0] == side**2
    columns = {int((1_200 + 20 * step) // side) for step in range(11)}
    assert (found.squares["rank"] == 2).sum() == len(columns)
    assert found.inside == 23
    assert table["top_category_cases"].tolist() == [12, 11]
    assert table["second_category_cases"].tolist() == [0, 0]
    assert table["units"].tolist() == ["A (12)", "A (11)"]


def test_every_case_is_counted_once_and_spans_are_those_of_the_cases(town):
    rng = np.random.default_rng(5)
    xy = np.vstack([rng.normal((700, 300), 60, (200, 2)), rng.uniform(0, 1_000, (300, 2))])
    reports = issues_at(xy)
    found = find_clusters(issue_set(reports, town, as_of=AS_OF), distance=40, least=8)
    number, _ = density_clusters(xy, distance=40, least=8)
    assert found.table["cases"].tolist() == np.bincount(number)[1:].tolist()
    spans = [pdist(xy[number == rank]).max() for rank in found.table["rank"]]
    np.testing.assert_allclose(found.table["span_m"], spans)
    shuffled = find_clusters(
        issue_set(reports.sample(frac=1, random_state=1), town, as_of=AS_OF), distance=40, least=8
    )
    pd.testing.assert_frame_equal(shuffled.table, found.table)


def test_where_nothing_is_dense_the_table_is_empty(town):
    found = find_clusters(issue_set(issues_at([(5.0, 5.0)]), town, as_of=AS_OF))
    assert found.table.empty
    assert found.table.columns.tolist() == list(CLUSTER_COLUMNS)
    assert found.squares.empty
    none = find_clusters(issue_set(issues_at(np.empty((0, 2))), town, as_of=AS_OF))
    assert (len(none.table), none.cases) == (0, 0)


def test_cases_without_any_place_are_refused(town):
    with pytest.raises(SampleError) as caught:
        find_clusters(issue_set(issues_at([(np.nan, np.nan)]), town, as_of=AS_OF))
    assert caught.value.problem == "no_places"


@pytest.mark.parametrize(
    "limits", [{"distance": 0.5}, {"distance": 6_000}, {"distance": np.nan}, {"least": 1}]
)
def test_limits_that_make_no_clusters_are_refused(town, heaps, limits):
    with pytest.raises(SettingsError) as caught:
        find_clusters(issue_set(heaps, town, as_of=AS_OF), **limits)
    assert caught.value.problem == "number_range"
