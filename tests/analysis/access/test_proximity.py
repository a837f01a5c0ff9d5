"""Counts of facilities and distances to them, against brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access import proximity
from analysis.access.proximity import (
    Vicinity,
    facilities_in_reach,
    facilities_inside,
    nearest_distance,
    pairs_in_reach,
)
from analysis.model.errors import CrsError

EAST, NORTH = 500_000, 3_500_000
CRS = "EPSG:32651"
TILES = tuple(shapely.box(x, y, x + 500, y + 500) for x in (0, 500) for y in (0, 500))
HOLED = shapely.box(0, 0, 1000, 1000).difference(shapely.box(250, 250, 750, 750))


def communities(*polygons):
    moved = shapely.transform(
        np.array(polygons, dtype=object), lambda xy: xy + np.array([EAST, NORTH])
    )
    index = pd.Index([f"c{n}" for n in range(len(polygons))], name="community_id")
    return gpd.GeoDataFrame({"name": index, "parent": "p"}, geometry=moved, crs=CRS, index=index)


def facilities(*points):
    places = np.array(points, dtype=float).reshape(-1, 2) + np.array([EAST, NORTH])
    index = pd.Index([f"f{n}" for n in range(len(places))], name="facility_id")
    columns = {"kind": "k", "name": index, "status": "open"}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(places), crs=CRS, index=index)


places = st.lists(
    st.tuples(st.integers(-4, 12).map(lambda n: n * 125.0), st.floats(-500, 1500)), max_size=15
)


def test_a_facility_on_a_shared_border_counts_for_the_first():
    inside = facilities_inside(communities(*TILES), facilities((500, 500), (500, 10), (9e3, 0)))
    expected = pd.Series(
        [2, 0, 0, 0],
        index=pd.Index(["c0", "c1", "c2", "c3"], name="community_id"),
        name="facilities_inside",
    )
    pd.testing.assert_series_equal(inside, expected)


def test_facilities_at_one_place_all_count_and_a_hole_is_outside():
    inside = facilities_inside(communities(HOLED), facilities((9, 9), (9, 9), (500, 500)))
    assert inside.tolist() == [2]


@settings(max_examples=50, deadline=None)
@given(points=places)
def test_every_facility_in_the_city_counts_once(points):
    supply = facilities(*points)
    x, y = supply.geometry.x - EAST, supply.geometry.y - NORTH
    found = facilities_inside(communities(*TILES), supply).sum()
    assert found == (x.between(0, 1000) & y.between(0, 1000)).sum()


@settings(max_examples=50, deadline=None)
@given(points=places, radius=st.floats(1, 600))
def test_counts_in_reach_are_those_of_brute_force(points, radius):
    shapes, supply = communities(HOLED, *TILES), facilities(*points)
    counted = facilities_in_reach(shapes, supply, service_radius=radius)
    apart = shapely.distance(shapes.geometry.to_numpy()[:, None], supply.geometry.to_numpy())
    assert counted.tolist() == (apart <= radius).sum(axis=1).tolist()
    assert counted.index.equals(shapes.index)
    assert (counted >= facilities_inside(shapes, supply)).all()


@settings(max_examples=50, deadline=None)
@given(points=places, radii=st.lists(st.sampled_from([1, 125, 250, 300.5, 375, 900]), min_size=1))
def test_one_radius_after_another_finds_what_each_alone_does(points, radii):
    shapes, supply = communities(HOLED, *TILES), facilities(*points)
    vicinity = Vicinity(shapes, supply)
    for radius in radii:
        alone = pairs_in_reach(shapes, supply, service_radius=radius)
        found = vicinity.pairs(radius)
        assert sorted(zip(*map(list, found), strict=True)) == sorted(
            zip(*map(list, alone), strict=True)
        )
        counts = facilities_in_reach(shapes, supply, service_radius=radius)
        assert vicinity.counts(radius).tolist() == counts.tolist()


def test_distances_are_measured_once_for_many_steps(monkeypatch):
    shapes, supply = communities(*TILES), facilities((0, 0), (700, 700))
    vicinity, looked = Vicinity(shapes, supply), []
    find = proximity.pairs_in_reach
    monkeypatch.setattr(
        proximity,
        "pairs_in_reach",
        lambda *frames, service_radius: (
            looked.append(service_radius) or find(*frames, service_radius=service_radius)
        ),
    )
    perhaps = vicinity._perhaps
    monkeypatch.setattr(
        Vicinity, "_perhaps", lambda _, radius: looked.append(radius) or perhaps(radius)
    )
    for radius in (300, 300, 310, 320, 250, 387, 300):
        vicinity.pairs(radius)
    assert looked == [300, 310 * proximity.GROWTH]  # 250 has distances of what is known measured
    for radius in (900, 200, 210):
        vicinity.pairs(radius)
    assert looked[2:] == [900, 200, 210 * proximity.GROWTH]


def test_reach_ends_at_exactly_the_radius():
    square = communities(TILES[0])
    assert facilities_in_reach(square, facilities((-300, 0)), service_radius=300).tolist() == [1]
    assert facilities_in_reach(square, facilities((-300.01, 0)), service_radius=300).tolist() == [0]


@settings(max_examples=50, deadline=None)
@given(points=places.filter(bool), homes=places.filter(bool))
def test_nearest_distance_is_that_of_brute_force(points, homes):
    x, y = (np.array(homes) + np.array([EAST, NORTH])).T
    supply = facilities(*points)
    apart = shapely.distance(shapely.points(x, y)[:, None], supply.geometry.to_numpy())
    np.testing.assert_allclose(nearest_distance(x, y, supply), apart.min(axis=1), atol=1e-8)


def test_without_facilities_the_nearest_is_infinitely_far():
    assert nearest_distance([0.0, 1.0], [0.0, 1.0], facilities()).tolist() == [np.inf, np.inf]
    assert nearest_distance([], [], facilities((0, 0))).shape == (0,)


def test_refuses_two_systems_and_no_radius():
    shapes, elsewhere = communities(*TILES), facilities((0, 0)).to_crs(32650)
    with pytest.raises(CrsError, match="communities in"):
        facilities_inside(shapes, elsewhere)
    with pytest.raises(CrsError, match="communities in"):
        facilities_in_reach(shapes, elsewhere, service_radius=300)
    with pytest.raises(ValueError, match="positive metres"):
        facilities_in_reach(shapes, facilities((0, 0)), service_radius=-1)
