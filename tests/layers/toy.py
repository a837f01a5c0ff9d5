"""A city of one square community, to which a test adds the layer that it is about."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

NOWHERE = Path("nowhere")
SQUARE = shapely.box(116.30, 39.85, 116.50, 39.95)
HEAD = """
time_zone = "Asia/Shanghai"
[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { id = "id", name = "name" }
"""


def write_communities(folder, shapes=(SQUARE,), **columns):
    columns = {
        "id": [f"{i:03d}" for i in range(len(shapes))],
        "name": ["A"] * len(shapes),
    } | columns
    features = [
        {
            "type": "Feature",
            "properties": {name: values[i] for name, values in columns.items()},
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for i, shape in enumerate(shapes)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "communities.geojson").write_text(text, encoding="utf-8")
