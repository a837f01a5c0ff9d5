"""Small cities written to files, for what the demo city has and they lack."""

from __future__ import annotations

import json

import geopandas as gpd
import shapely

RECIPE = """
name = { zh = "小城", en = "Small Town" }
language = "en"
time_zone = "Asia/Shanghai"
crs = "auto"
as_of = "2026-06-30"
standard = "cn-life-circle"

[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { id = "id", name = "name" }
source = "a test"

[[layers]]
kind = "toilet"
file = "toilets.csv"
crs = "EPSG:4326"
columns = { id = "id", lon = "lon", lat = "lat" }
source = "a test"
"""


def write_town(folder, toilets):
    """A town of two squares; no residents, no issues, toilets as given."""
    folder.mkdir()
    squares = {"a": 121.00, "b": 121.01}
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "name": f"Square {name}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[lon, 31], [lon + 0.01, 31], [lon + 0.01, 31.01], [lon, 31.01], [lon, 31]]
                ],
            },
        }
        for name, lon in squares.items()
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "communities.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "toilets.csv").write_text(toilets, encoding="utf-8")
    (folder / "city.toml").write_text(RECIPE, encoding="utf-8")
    return folder


def write_great_town(folder, wide=100, long=70):
    """A town of 7,000 squares with one toilet."""
    write_town(folder, "id,lon,lat\nt1,121.005,31.005\n")
    places = [(121 + x / 100, 30.5 + y / 100) for y in range(long) for x in range(wide)]
    squares = [shapely.box(lon, lat, lon + 0.01, lat + 0.01) for lon, lat in places]
    names = [f"Square {number} of the town" for number in range(len(squares))]
    frame = gpd.GeoDataFrame({"id": names, "name": names}, geometry=squares, crs=4326)
    frame.to_file(folder / "communities.geojson")
    return folder
