"""GeoPackage and GeoJSON are read back and compared with the frames they were made from."""

from __future__ import annotations

import dataclasses
import io
import json
import re

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from exports.formats.csv import rounded
from exports.formats.gis import geojson_bytes
from exports.tables.facilities import (
    community_table,
    gap_table,
    rule_columns,
)
from tests.exports.reading import assert_same
from tests.exports.toy import (
    CRS,
    NAMES,
    STANDARD,
    TABLES,
    coverage_bundle,
)


@pytest.fixture
def package(files, tmp_path):
    file = tmp_path / "read.gpkg"
    file.write_bytes(files["coverage.gpkg"])
    return file


def test_geopackage_holds_communities_with_the_figures(package, city, assessment):
    assert [name for name, _ in pyogrio.list_layers(package)] == [
        "communities", "gaps", "facilities",
    ]  # fmt: skip
    found = gpd.read_file(package, layer="communities")
    assert found.crs == city.crs
    columns = rule_columns(assessment, table="communities")
    expected = rounded(pd.DataFrame(community_table(city.communities, assessment)), columns)
    assert_same(pd.DataFrame(found.drop(columns="geometry")), expected)
    assert found["community"].tolist() == NAMES
    assert shapely.equals(found.geometry.to_numpy(), city.communities.geometry.to_numpy()).all()
    assert found["market_500_verdict"].tolist() == ["cannot_judge"] * 4


def test_geopackage_holds_gaps_and_facilities(package, city, gaps):
    found = gpd.read_file(package, layer="gaps")
    made = gap_table(STANDARD, gaps, crs=CRS)
    columns = TABLES["gaps"].columns
    assert_same(pd.DataFrame(found.drop(columns="geometry")), rounded(pd.DataFrame(made), columns))
    assert found.area.sum() == pytest.approx(made.area.sum())
    assert set(found["rule"]) == {"toilet-300", "toilet-area"}
    places = gpd.read_file(package, layer="facilities")
    assert places["facility_id"].tolist() == ["t0", "t1", "t2"]
    assert places["supply"].astype(bool).tolist() == [True, True, False]
    assert places["name"].tolist()[0] == "=1+1"
    assert shapely.equals(places.geometry.to_numpy(), city.facilities.geometry.to_numpy()).all()


def test_gap_geojson_is_rfc_7946(files, gaps):
    content = json.loads(files["gaps.geojson"])
    assert set(content) == {"type", "features"}
    made = gap_table(STANDARD, gaps, crs=CRS)
    assert [each["id"] for each in content["features"]] == [
        "/".join(key) for key in zip(made["rule"], made["measure"], made["gap_id"], strict=True)
    ]
    found = gpd.read_file(io.BytesIO(files["gaps.geojson"]))
    assert found.crs.to_epsg() == 4326
    assert shapely.is_valid(found.geometry.to_numpy()).all()
    rings = shapely.get_exterior_ring(shapely.get_parts(found.geometry.to_numpy()))
    assert shapely.is_ccw(rings).all()
    assert not re.search(rb"\d\.\d{7,}", files["gaps.geojson"].split(b'"geometry"')[1])
    difference = found.to_crs(CRS).symmetric_difference(made.geometry).area
    assert (difference / made.area).max() < 1e-3
    expected = rounded(pd.DataFrame(made), TABLES["gaps"].columns)
    properties = pd.DataFrame([each["properties"] for each in content["features"]])
    assert_same(properties, expected)


def test_geojson_keeps_a_shape_that_is_too_small_as_null():
    tiny = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(0, 0, 0.001, 0.001)], crs=CRS)
    feature = json.loads(geojson_bytes(tiny, identifiers=("id",)))["features"][0]
    assert feature["geometry"] is None
    assert feature["properties"] == {"id": "a"}


def test_geojson_of_a_border_that_crosses_itself_only_in_degrees():
    ring = [(482, 55), (679, 172), (679, 72), (535.73672078457, 86.9147021915), (492, -45)]
    shape = shapely.Polygon([(400_000 + x, 3_400_000 + y) for x, y in ring])
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs="EPSG:32649")
    assert shape.is_valid
    assert not frame.to_crs(4326).is_valid.all()
    written = gpd.read_file(io.BytesIO(geojson_bytes(frame, identifiers=("id",))))
    assert written.is_valid.all()
    assert set(written.geom_type) <= {"Polygon", "MultiPolygon"}
    assert written.to_crs(frame.crs).area.sum() == pytest.approx(shape.area, rel=1e-3)


def test_geojson_of_a_layer_in_degrees_leaves_the_layer_as_it_was():
    corners = [(112.6, 30.7), (112.61, 30.71), (112.61, 30.7), (112.6, 30.71)]
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Polygon(corners)], crs=4326)
    before = frame.copy()
    shape = json.loads(geojson_bytes(frame, identifiers=("id",)))["features"][0]["geometry"]
    assert shapely.area(shapely.from_geojson(json.dumps(shape))) == pytest.approx(0.01**2 / 2)
    assert frame.geometry.equals(before.geometry)


def test_communities_geojson_has_the_figures(files, assessment):
    content = json.loads(files["coverage.geojson"])
    first = content["features"][0]["properties"]
    coverage = assessment.coverage.set_index(["rule", "community_id"]).loc[("toilet-300", "c0")]
    assert first["toilet_300_area_covered_share"] == round(coverage["area_covered_share"], 6)
    assert first["toilet_density_service_radius_m"] is None


def test_no_gaps_give_an_empty_layer(city, tmp_path):
    rule = dataclasses.replace(STANDARD.rules[0], service_radius_m=9_000.0)
    everywhere = dataclasses.replace(STANDARD, rules=(rule,))
    made = coverage_bundle(city, standard=everywhere)
    file = tmp_path / "none.gpkg"
    file.write_bytes(made["coverage.gpkg"])
    found = gpd.read_file(file, layer="gaps")
    assert (len(found), found.crs) == (0, city.crs)
    assert json.loads(made["gaps.geojson"])["features"] == []
