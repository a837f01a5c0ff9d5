"""A city on both sides of the antimeridian is one city: measured, drawn and written as one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from analysis.model.crs import local_crs, scale_error
from exports.formats.gis import geojson_bytes
from layers.load import load_city
from maps.geometry import lonlat, lonlat_bounds
from tests.layers.toy import HEAD, NOWHERE, write_communities

WEST, EAST = shapely.box(179.9, -16.9, 180, -16.8), shapely.box(-180, -16.9, -179.9, -16.8)
ON = shapely.box(179.9, -16.9, 180.1, -16.8)
WRAPPED = shapely.Polygon([(179.9, -16.9), (-179.9, -16.9), (-179.9, -16.8), (179.9, -16.8)])
TOILETS = """
[[layers]]
kind = "toilet"
file = "t.csv"
columns = { lon = "lon", lat = "lat" }
"""


@pytest.fixture(params=[shapely.MultiPolygon([WEST, EAST]), ON, WRAPPED], ids=["cut", "on", "wrap"])
def city(tmp_path, request):
    write_communities(tmp_path, [request.param])
    (tmp_path / "t.csv").write_text("lon,lat\n179.99,-16.85\n-179.99,-16.85\n180.01,-16.85\n")
    (tmp_path / "city.toml").write_text(HEAD + TOILETS)
    return load_city(tmp_path, city_data=NOWHERE)


def test_it_is_measured_as_one(city):
    community = city.communities.geometry.iloc[0]
    parallel = np.cos(np.radians(16.85)) * 6_378_137 * np.pi / 180
    assert community.area == pytest.approx(0.2 * parallel * 0.1 * 110_650, rel=0.005)
    assert city.scale_error < 1e-4
    apart = city.facilities.geometry.iloc[0].distance(city.facilities.geometry.iloc[1])
    assert apart == pytest.approx(0.02 * parallel, rel=0.005)
    assert city.facilities.geometry.iloc[1].distance(city.facilities.geometry.iloc[2]) < 0.01
    assert city.facilities.within(community).all()


def test_it_is_drawn_on_one_side_of_the_map(city):
    west, _, east, _ = lonlat_bounds(city.communities)
    assert (west % 360, east % 360) == pytest.approx((179.9, 180.1), abs=0.001)
    assert 0.19 < east - west < 0.21
    lon, _ = lonlat(city.facilities.geometry.x, city.facilities.geometry.y, crs=city.crs)
    assert np.ptp(lon) == pytest.approx(0.02, abs=1e-6)


def test_it_is_written_cut_in_two_as_geojson_asks(city):
    frame = city.communities.reset_index()[["community_id", "geometry"]]
    written = json.loads(geojson_bytes(frame, identifiers=["community_id"]))
    shape = shapely.from_geojson(json.dumps(written["features"][0]["geometry"]))
    parts = sorted(shapely.get_parts(shape), key=lambda part: part.bounds)
    assert [part.bounds[0] for part in parts] == pytest.approx([-180, 179.9], abs=1e-5)
    assert [part.bounds[2] for part in parts] == pytest.approx([-179.9, 180], abs=1e-5)


def test_the_system_is_that_of_the_same_city_elsewhere():
    bounds = (179.9, -16.9, 180.1, -16.8)
    there, here = local_crs(bounds), local_crs((-0.1, -16.9, 0.1, -16.8))
    assert "lon_0=180" in there.srs
    assert scale_error(there, bounds) == pytest.approx(scale_error(here, (-0.1, -16.9, 0.1, -16.8)))
