"""Geometry in the few digits that a map needs, read back as the map draws it."""

from __future__ import annotations

import json
from functools import reduce

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from maps.geometry import GRID, grid_json, lonlat_bounds, points_columns, polygons_json

UTM = CRS("EPSG:32651")


def read(content):
    """Polygons in degrees, as the map would draw them; outer and inner rings alike."""

    def place(steps):
        x, y = (np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / GRID - 0.5).T * 2 * np.pi
        return shapely.Polygon(np.degrees(np.column_stack([x, np.arcsin(np.tanh(-y))])))

    rows = json.loads(content)
    return np.array([reduce(shapely.symmetric_difference, map(place, row)) for row in rows])


def test_neighbours_keep_one_border_and_lose_detail(squares):
    drawn = read(polygons_json(squares, tolerance=20))
    assert shapely.get_num_coordinates(drawn).sum() < 150
    assert shapely.get_num_coordinates(squares.to_numpy()).sum() > 1200
    assert shapely.coverage_is_valid(drawn)
    back = gpd.GeoSeries(drawn, crs=4326).to_crs(UTM)
    assert np.allclose(back.area, squares.area, rtol=0.01)


def test_without_tolerance_only_the_decimals_are_lost(squares):
    back = gpd.GeoSeries(read(polygons_json(squares, tolerance=0)), crs=4326).to_crs(UTM)
    assert (back.hausdorff_distance(squares) < 1).all()


def test_holes_and_parts_are_rings_of_one_row(squares):
    yard = squares.iloc[0].difference(squares.iloc[0].centroid.buffer(200))
    both = gpd.GeoSeries([shapely.union_all([yard, squares.iloc[2]]), squares.iloc[1]], crs=UTM)
    content = polygons_json(both, tolerance=0)
    assert [len(row) for row in json.loads(content)] == [3, 1]
    back = gpd.GeoSeries(read(content), crs=4326).to_crs(UTM)
    assert np.allclose(back.area, both.area, rtol=0.005)


def test_no_polygons_make_no_rows(squares):
    assert json.loads(polygons_json(squares.iloc[:0])) == []


def test_cells_are_squares_around_their_centres():
    cells = read(grid_json([350_100, 350_300], [3_450_100, 3_450_100], cell=200, crs=UTM))
    back = gpd.GeoSeries(cells, crs=4326).to_crs(UTM)
    assert np.allclose(back.area, 40_000, rtol=0.02)
    assert np.allclose(back.iloc[1].centroid.coords[0], (350_300, 3_450_100), atol=1)


def test_points_stand_in_columns(squares):
    facilities = gpd.GeoDataFrame(
        {"kind": ["market", "toilet"], "name": [None, "A<b>"], "status": ["open", "closed"]},
        geometry=squares.iloc[:2].centroid,
        crs=UTM,
    )
    columns = points_columns(facilities, kinds=("toilet", "market"), details=[["24 h"], []])
    assert columns["kind"] == [1, 0]
    assert columns["status"] == [0, 1]
    assert columns["name"] == ["", "A<b>"]
    assert columns["details"] == [["24 h"], []]
    west, south, east, north = lonlat_bounds(squares)
    assert west < columns["lon"][0] < columns["lon"][1] < east
    assert south < columns["lat"][0] < north


@pytest.mark.parametrize("apart", [50, 400])
def test_the_map_is_told_how_close_points_mostly_lie(apart):
    x, y = (axis.ravel() * apart for axis in np.meshgrid(range(20), range(20)))
    lonely = [350_000 + 90_000, 350_000 + 99_000]  # a few far away change nothing
    facilities = gpd.GeoDataFrame(
        {"kind": "toilet", "name": "", "status": "open"},
        geometry=gpd.points_from_xy(
            [*(350_000 + x), *lonely], [*(3_450_000 + y), *[3_450_000] * 2]
        ),
        index=range(len(x) + 2),
        crs=UTM,
    )
    spacing = points_columns(facilities, kinds=("toilet",))["spacing"]
    assert spacing == pytest.approx(apart, rel=0.2)


def test_no_facilities_make_empty_columns():
    nothing = gpd.GeoDataFrame({"kind": [], "name": [], "status": []}, geometry=[], crs=UTM)
    columns = points_columns(nothing, kinds=())
    assert columns.pop("spacing") is None
    assert set(map(len, columns.values())) == {0}
