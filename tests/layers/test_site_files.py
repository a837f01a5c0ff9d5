"""Points, plots and zones from files: what is read of them, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from analysis.model.errors import SourceError
from layers.site_files import read_sites, read_zone


@pytest.fixture(scope="module")
def middle(city):
    west, south, east, north = city.communities.to_crs(4326).total_bounds
    return (west + east) / 2, (south + north) / 2


def test_a_table_of_places_with_costs(city, middle, tmp_path):
    lon, lat = middle
    path = tmp_path / "sites.csv"
    path.write_text(f"name,lon,lat,cost\nA,{lon},{lat},20\nB,{lon},{lat + 0.01},\n", "utf-8")
    found = read_sites(path, city, entry="--plots")
    assert found["name"].tolist() == ["A", "B"]
    assert found["cost"].fillna(-1).tolist() == [20, -1]
    back = found.to_crs(4326).geometry
    assert (back.x.iloc[0], back.y.iloc[0]) == pytest.approx((lon, lat), abs=1e-7)


def test_a_plot_is_a_point_inside_and_a_zone_its_area(city, middle, tmp_path):
    square = shapely.Point(middle).buffer(0.01, quad_segs=1)
    frame = gpd.GeoDataFrame({"造价": [7]}, geometry=[square], crs=4326)
    frame.to_file(tmp_path / "plots.geojson")
    found = read_sites(tmp_path / "plots.geojson", city, entry="--plots")
    zone = read_zone(tmp_path / "plots.geojson", city, entry="--within")
    assert found["cost"].tolist() == [7]
    assert zone.contains(found.geometry.iloc[0])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,lon,lat,cost\nA,{lon},{lat},-3\n", "site_file_cost"),
        ("name,lon,lat\nA,{lon},\n", "site_file_row"),
        ("name,lon,lat\nA,10,50\n", "site_file_elsewhere"),
    ],
)
def test_what_is_wrong_is_said_with_its_file(city, middle, tmp_path, text, problem):
    path = tmp_path / "sites.csv"
    path.write_text(text.format(lon=middle[0], lat=middle[1]), "utf-8")
    with pytest.raises(SourceError) as caught:
        read_sites(path, city, entry="--plots")
    assert caught.value.problem == problem
    assert "sites.csv" in str(caught.value)


def test_points_are_no_zone(city, middle, tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.Point(middle)], crs=4326).to_file(tmp_path / "a.geojson")
    with pytest.raises(SourceError) as caught:
        read_zone(tmp_path / "a.geojson", city, entry="--within")
    assert caught.value.problem == "site_zone_flat"
