"""What helps to find one's way in the demo city: green, main streets, names of places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from tools.demo_city.ground import HILL_CENTRE, HILL_RADIUS, river_line
from tools.demo_city.streets import BRIDGE_X
from tools.demo_city.words import BRIDGES, HILL, RIVER, RIVERSIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.demo_city.ground import CommunityLand

    Shapes = NDArray[np.object_]

PARK_M = 90.0
"""Metres of park along the north bank."""
PARK_FROM, PARK_TO = -2600.0, 1700.0
DETAIL = 8.0
RIVER_NAMES_X = (-3600.0, 400.0, 3400.0)
HILL_SIZE, RIVER_SIZE, BRIDGE_SIZE = 1400, 1600, 500
"""Metres that a name is meant for."""


def green(ground: CommunityLand) -> tuple[pd.DataFrame, Shapes]:
    """Draw the hill and the park along the river."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = HILL_RADIUS * (0.92 + 0.09 * np.sin(3 * angle) + 0.05 * np.sin(7 * angle + 2))
    hill = shapely.Polygon(
        np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None] + HILL_CENTRE
    )
    x = np.linspace(PARK_FROM, PARK_TO, 120)
    above = shapely.Polygon(
        [*zip(x, river_line(x), strict=True), (PARK_TO, 4000), (PARK_FROM, 4000)]
    )
    bank = ground.river.buffer(PARK_M).difference(ground.river).intersection(above)
    park = max(shapely.get_parts(bank), key=shapely.area).simplify(DETAIL)
    return _named([HILL, RIVERSIDE]), np.array([hill, park], dtype=object)


def main_streets(streets: pd.DataFrame) -> tuple[pd.DataFrame, Shapes]:
    """Join the edges of each named street into lines."""
    named = streets[streets["name"] != ""]
    rows, lines = [], []
    for names, part in named.groupby(["name", "name_en"], sort=False)["geometry"]:
        merged = shapely.line_merge(shapely.multilinestrings(part.to_list()))
        for line in shapely.get_parts(merged):
            rows.append(names)
            lines.append(shapely.simplify(line, DETAIL))
    return _named(rows), np.array(lines, dtype=object)


def place_names(streets: pd.DataFrame) -> tuple[pd.DataFrame, Shapes]:
    """Name the hill, the river and its bridges."""
    at = np.array(RIVER_NAMES_X)
    middles = streets[streets["road_class"] == "桥梁"]["geometry"].to_list()
    points = [
        shapely.Point(HILL_CENTRE),
        *shapely.points(at, river_line(at)),
        *(line.interpolate(0.5, normalized=True) for line in middles),
    ]
    names = _named([HILL, *[RIVER] * len(at), *BRIDGES[: len(BRIDGE_X)]])
    sizes = [HILL_SIZE, *[RIVER_SIZE] * len(at), *[BRIDGE_SIZE] * len(BRIDGE_X)]
    return names.assign(size_m=sizes), np.array(points, dtype=object)


def _named(names: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(names, columns=["name", "name_en"])
