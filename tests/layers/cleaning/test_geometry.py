"""Communities keep all their land: in collections, several rows, rings outside, tangles."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from analysis.model.errors import PlanningError
from layers.cleaning.crs import _way, transform_geometry
from layers.cleaning.geometry import _crossings
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, SQUARE, write_communities

WEST = shapely.box(116.30, 39.85, 116.35, 39.95)
EAST = shapely.box(116.40, 39.85, 116.45, 39.90)


def load(folder, shapes, *, crs="", **columns):
    write_communities(folder, shapes, **columns)
    stated = f'crs = "{crs}"\n' if crs else ""
    (folder / "city.toml").write_text(HEAD + stated, encoding="utf-8")
    return load_city(folder, city_data=NOWHERE)


def rules(city):
    return [(note.outcome, note.rule, note.count) for note in city.reports[0].notes]


def area(city, *shapes):
    return gpd.GeoSeries(shapes, crs=4326).to_crs(city.crs).area.sum()


@pytest.mark.parametrize(
    "shape",
    [
        shapely.GeometryCollection([WEST, shapely.Point(116.31, 39.9), EAST]),
        shapely.GeometryCollection([shapely.MultiPolygon([WEST, EAST])]),
        shapely.GeometryCollection(
            [WEST, shapely.GeometryCollection([EAST, shapely.LineString([(116, 39), (117, 40)])])]
        ),
    ],
)
def test_a_collection_gives_its_polygons(tmp_path, shape):
    city = load(tmp_path, [shape])
    assert rules(city) == [("repaired", "collection_parts", 1)]
    assert city.communities.area.item() == pytest.approx(area(city, WEST, EAST))


def test_a_collection_without_polygons_is_none(tmp_path):
    labels = shapely.GeometryCollection([shapely.Point(116.31, 39.9)])
    assert ("quarantined", "geometry_type", 1) in rules(load(tmp_path, [SQUARE, labels]))


def test_a_ring_outside_its_shell_is_land_and_one_inside_is_not(tmp_path):
    hole = shapely.box(116.31, 39.86, 116.32, 39.87)
    shape = shapely.Polygon(WEST.exterior, [hole.exterior, EAST.exterior])
    city = load(tmp_path, [shape])
    assert rules(city) == [("repaired", "geometry_repaired", 1)]
    expected = area(city, WEST, EAST) - area(city, hole)
    assert city.communities.area.item() == pytest.approx(expected)


def tangle(count):
    """A saw whose `count` teeth of a few metres cross each other, on one side of a square."""
    rng = np.random.default_rng(count)
    along = np.linspace(116.30, 116.50, count)
    steps = along + rng.normal(0, 0.002, count)
    teeth = np.column_stack([steps, 39.95 + rng.uniform(0, 0.0002, count)])
    return shapely.Polygon([*teeth, (116.50, 39.85), (116.30, 39.85)])


@pytest.mark.parametrize("count", [200, 500, 1000])
def test_small_tangles_are_mended_whatever_their_number(tmp_path, count):
    shape = tangle(count)
    assert not shape.is_valid
    city = load(tmp_path, [shape])
    assert [rule for _, rule, _ in rules(city)] == ["geometry_repaired"]
    assert city.communities.area.item() == pytest.approx(area(city, SQUARE), rel=0.01)


def test_the_number_of_crossings_is_estimated():
    wild = shapely.Polygon(np.random.default_rng(2).uniform(0, 1, (300, 2)))
    lines = [shapely.LineString(pair) for pair in zip(*[iter(pairs(wild))] * 2, strict=True)]
    met = sum(one.crosses(other) for i, one in enumerate(lines) for other in lines[:i])
    assert _crossings(wild) == pytest.approx(met, rel=0.15)


def pairs(shape):
    """The ends of its segments, one after another."""
    points = shapely.get_coordinates(shape)
    return np.repeat(points, 2, axis=0)[1:-1]


def test_equal_rows_of_one_identifier_are_one_community(tmp_path):
    city = load(
        tmp_path, [WEST, EAST, SQUARE], id=["a", "a", "b"], name=["A", "A", "B"], people=[5, 5, 6]
    )
    assert rules(city) == [
        ("repaired", "community_parts", 1),
        ("noted", "communities_overlap", 2),
    ]
    assert city.communities.index.tolist() == ["a", "b"]
    assert city.communities.area["a"] == pytest.approx(area(city, WEST, EAST))
    assert city.reports[0].loaded == 3


def test_unequal_rows_of_one_identifier_say_what_differs(tmp_path):
    city = load(tmp_path, [WEST, EAST], id=["a", "a"], name=["A", "Z"])
    assert rules(city) == [("quarantined", "identifier_twice", 1)]
    assert city.quarantine["detail"].tolist() == ["name: A / Z"]


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:4547", "EPSG:2263"])
def test_degrees_under_a_metric_name_are_refused(tmp_path, crs):
    with pytest.raises(
        PlanningError, match=rf"read as {crs} the city would be .* m wide"
    ) as caught:
        load(tmp_path, [SQUARE], crs=crs)
    assert "correct `crs`" in caught.value.hint


def test_latitude_first_is_refused(tmp_path):
    flipped = shapely.transform(SQUARE, lambda points: points[:, ::-1])
    with pytest.raises(PlanningError, match="latitude and longitude") as caught:
        load(tmp_path, [flipped])
    assert caught.value.problem == "extent_exchanged"


@pytest.mark.parametrize("code", [4326, 4549, 2451, 3857, 32650])
def test_shapes_stay_in_their_own_system_as_they_are(code):
    texts = ["POINT (500000 4400000)", "POLYGON ((0 0, 0 91, 720 inf, 0 0))", "POINT EMPTY",
             "POINT Z (1 2 3)", "POINT M (1 2 3)", "LINESTRING Z (1 2 3, 4 5 6)"]  # fmt: skip
    system = CRS.from_epsg(code)
    for count in (1, 3, 6):
        shapes = np.array([*shapely.from_wkt(texts[:count]), None])
        found = transform_geometry(shapes, system, CRS.from_user_input(system.to_wkt()))
        moved = shapely.transform(
            shapes, lambda xy: np.column_stack(_way(system, system).transform(*xy.T))
        )
        assert shapely.to_wkb(found).tolist() == shapely.to_wkb(moved).tolist()
        assert found is not shapes
