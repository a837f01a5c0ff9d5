"""People by community and within reach, against sums by hand and brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.residents import covered_population, locate_residents, population_of
from analysis.geometry.locate import FEW_PLACES, OUTSIDE, community_of
from tests.frames import polygons as toy_communities

EAST, NORTH = 500_000, 3_500_000
CRS = "EPSG:32651"
TILES = tuple(shapely.box(x, y, x + 500, y + 500) for x in (0, 500) for y in (0, 500))
HOLED = shapely.box(0, 0, 1000, 1000).difference(shapely.box(250, 250, 750, 750))
STAR = shapely.Polygon(
    [(0, 0), (500, 200), (1000, 0), (800, 500), (1000, 1000), (500, 800), (0, 1000)]
)


def communities(*polygons):
    moved = shapely.transform(
        np.array(polygons, dtype=object), lambda xy: xy + np.array([EAST, NORTH])
    )
    index = pd.Index([f"c{n}" for n in range(len(polygons))], name="community_id")
    return gpd.GeoDataFrame({"name": index, "parent": "p"}, geometry=moved, crs=CRS, index=index)


def residents(rows):
    table = np.array(rows, dtype=float).reshape(-1, 3)
    index = pd.RangeIndex(len(table), name="resident_id")
    columns = {"x": table[:, 0] + EAST, "y": table[:, 1] + NORTH, "population": table[:, 2]}
    return pd.DataFrame(columns, index=index)


HOMES = residents([(10, 10, 1), (10, 510, 2), (500, 500, 4), (700, 700, 8), (-1, 0, 16)])
IDS = pd.Index(["c0", "c1", "c2", "c3"], name="community_id")


def test_people_are_summed_by_community_and_none_are_lost():
    demand = locate_residents(HOMES, communities(*TILES))
    expected = pd.Series([5.0, 2.0, 0.0, 8.0], index=IDS, name="population")
    pd.testing.assert_series_equal(demand.population, expected)
    pd.testing.assert_series_equal(population_of(HOMES, communities(*TILES)), expected)
    assert demand.outside == 16


def test_people_within_reach():
    demand = locate_residents(HOMES, communities(*TILES))
    distance = np.array([300, 300.001, 299, np.inf, 0])
    covered = covered_population(demand, distance, service_radius=300)
    expected = pd.Series([5.0, 0.0, 0.0, 0.0], index=IDS, name="population_covered")
    pd.testing.assert_series_equal(covered, expected)


def test_no_residents_means_no_people():
    demand = locate_residents(residents([]), communities(*TILES))
    assert demand.population.tolist() == [0, 0, 0, 0]
    assert covered_population(demand, np.empty(0), service_radius=1).tolist() == [0, 0, 0, 0]
    assert demand.outside == 0


place = st.tuples(
    st.one_of(st.integers(-2, 10).map(lambda n: n * 125.0), st.floats(-200, 1200)),
    st.one_of(st.integers(-2, 10).map(lambda n: n * 125.0), st.floats(-200, 1200)),
    st.integers(0, 50),
)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(place, min_size=1, max_size=60))
def test_every_place_is_where_geometry_says_the_first_at_borders(rows):
    shapes, homes = communities(STAR, HOLED, *TILES), residents(rows)
    touched = shapely.intersects(
        shapes.geometry.to_numpy(), shapely.points(homes["x"], homes["y"])[:, None]
    )
    first = np.where(touched.any(axis=1), touched.argmax(axis=1), OUTSIDE)
    np.testing.assert_array_equal(community_of(homes["x"], homes["y"], shapes), first)
    demand = locate_residents(homes, shapes)
    assert demand.population.sum() + demand.outside == homes["population"].sum()


def test_many_places_in_a_city_of_odd_shapes_are_where_geometry_says():
    rng = np.random.default_rng(4)
    centres = rng.uniform(0, 10_000, (60, 2))
    shapes = communities(*shapely.buffer(shapely.points(centres), rng.uniform(50, 2000, 60)))
    x, y = rng.uniform([[EAST], [NORTH]], [[EAST + 10_000], [NORTH + 10_000]], (2, 30_000))
    inside = shapely.contains_xy(shapes.geometry.to_numpy()[:, None], x, y)
    first = np.where(inside.any(axis=0), inside.argmax(axis=0), OUTSIDE)
    np.testing.assert_array_equal(community_of(x, y, shapes), first)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(place, min_size=1, max_size=40), radius=st.floats(1, 500))
def test_covered_people_are_some_of_the_people_and_more_with_more_reach(rows, radius):
    demand = locate_residents(residents(rows), communities(*TILES))
    distance = np.abs(np.array(rows)[:, 0])
    near = covered_population(demand, distance, service_radius=radius)
    far = covered_population(demand, distance, service_radius=2 * radius)
    assert (near >= 0).all()
    assert (near <= far).all()
    assert (far <= demand.population).all()


def test_refuses_a_radius_that_is_none():
    demand = locate_residents(HOMES, communities(*TILES))
    with pytest.raises(ValueError, match="positive metres"):
        covered_population(demand, np.zeros(5), service_radius=0)


def test_many_places_are_settled_as_one_by_one():
    rng = np.random.default_rng(7)
    ring = shapely.box(0, 0, 900, 900).difference(shapely.Point(400, 400).buffer(150))
    shapes = [
        ring,
        shapely.box(800, 100, 1500, 700),
        shapely.box(300, 300, 500, 500),
        shapely.MultiPolygon([shapely.box(0, 1000, 300, 1200), shapely.box(600, 1000, 800, 1100)]),
    ]
    frame = toy_communities(shapes)
    xy = rng.uniform(-100, 1600, size=(FEW_PLACES * 3, 2))
    xy[::2] = xy[::2].round(-2)
    xy[:4] = [(0, 0), (900, 450), (800, 400), (np.nan, np.nan)]
    found = community_of(xy[:, 0], xy[:, 1], frame)
    inside = np.array([shapely.intersects_xy(shape, xy[:, 0], xy[:, 1]) for shape in shapes])
    first = np.where(inside.any(axis=0), inside.argmax(axis=0), OUTSIDE)
    assert (found == first).all()
    assert set(np.unique(found)) == {OUTSIDE, 0, 1, 2, 3}


@pytest.mark.parametrize("shape", [shapely.box(0, 0, 1e6, 1e-3), shapely.box(-1e6, 0, 1e6, 10)])
def test_a_thread_of_land_does_not_make_an_endless_raster(shape):
    rng = np.random.default_rng(8)
    xy = rng.uniform([-1e6, -1], [2e6, 11], (2 * FEW_PLACES, 2))
    found = community_of(xy[:, 0], xy[:, 1], toy_communities([shape]))
    inside = shapely.intersects_xy(shape, xy[:, 0], xy[:, 1])
    np.testing.assert_array_equal(found, np.where(inside, 0, OUTSIDE))
