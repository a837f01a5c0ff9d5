"""Green, main streets and place names of an extract: for finding one's way, simplified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.osm.extract import MAIN_ROADS
from layers.osm.shapes import metric_points, metric_polygons, names_of
from layers.recipe.schema import GREEN, MAIN_STREETS, PLACE_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.osm.extract import Extract, Tags
    from layers.osm.study_area import Area

DETAIL_M = 10.0
"""Metres by which a border or a line may stray: less than what a map of a city shows."""
SMALLEST_M2 = 5_000.0
"""Green of a smaller area is no landmark."""
_GREEN = {
    "leisure": {"park", "nature_reserve", "golf_course", "common"},
    "landuse": {"forest", "recreation_ground", "village_green", "cemetery"},
    "natural": {"wood"},
}
SIZES_M = {
    "city": 12_000, "borough": 6_000, "town": 5_000, "suburb": 3_000, "quarter": 2_000,
    "village": 1_500, "neighbourhood": 1_000, "hamlet": 600,
}  # fmt: skip
"""Metres that the name of a place is meant for, by its class."""
_NAMES = ["id", "name", "name_en", "name_zh"]


def background_of(extract: Extract, area: Area) -> dict[str, gpd.GeoDataFrame]:
    """Make the layers, by kind; one without anything near the area is left out."""
    made = {GREEN: _green(extract, area), MAIN_STREETS: _main_streets(extract, area)}
    made[PLACE_NAMES] = _place_names(extract, area)
    return {kind: frame for kind, frame in made.items() if len(frame)}


def is_green(tags: Tags) -> bool:
    """Tell whether an area is green by which people know their way."""
    return any(tags.get(key) in values for key, values in _GREEN.items())


def _green(extract: Extract, area: Area) -> gpd.GeoDataFrame:
    shapes = [shape for shape in extract.shapes if is_green(shape.tags)]
    polygons = metric_polygons(shapes, area.crs)
    taken = np.flatnonzero(area.near(polygons) & (shapely.area(polygons) >= SMALLEST_M2))
    simple = shapely.simplify(polygons[taken], DETAIL_M)
    rows = [{"id": shapes[at].id, **names_of(shapes[at].tags)} for at in taken]
    return _frame(rows, np.asarray(simple, dtype=object), area)


def _main_streets(extract: Extract, area: Area) -> gpd.GeoDataFrame:
    """Join the ways of one class and one name into lines."""
    lines = [shapely.LineString(places) for _, _, places in extract.roads]
    metres = gpd.GeoSeries(lines, crs=4326).to_crs(area.crs).to_numpy()
    near = area.near(np.asarray(metres, dtype=object))
    named: dict[tuple[str, ...], list[int]] = {}
    for at in np.flatnonzero(near):
        tags = extract.roads[at][1]
        named.setdefault((tags["highway"], *names_of(tags).values()), []).append(int(at))
    rows: list[dict[str, str]] = []
    joined: list[shapely.Geometry] = []
    ranked = sorted(named.items(), key=lambda each: MAIN_ROADS.index(each[0][0]))
    for (_, *names), ways in ranked:
        merged = shapely.line_merge(shapely.multilinestrings(metres[ways].tolist()))
        joined.append(shapely.simplify(merged, DETAIL_M))
        rows.append({"id": extract.roads[ways[0]][0], **dict(zip(_NAMES[1:], names, strict=True))})
    return _frame(rows, np.array(joined, dtype=object), area)


def _place_names(extract: Extract, area: Area) -> gpd.GeoDataFrame:
    """Take named places but the area's own name, which stands over the map."""
    own = area.tags.get("name")
    points = [
        each
        for each in extract.points
        if each.tags.get("place") in SIZES_M and each.tags.get("name", own) != own
    ]
    shapes = metric_points([p.lon for p in points], [p.lat for p in points], area.crs)
    near = area.near(shapes)
    rows = [
        {"id": each.id, **names_of(each.tags), "size_m": str(SIZES_M[each.tags["place"]])}
        for each, taken in zip(points, near, strict=True)
        if taken
    ]
    return _frame(rows, shapes[near], area, "size_m")


def _frame(
    rows: list[dict[str, str]], shapes: NDArray[np.object_], area: Area, *more: str
) -> gpd.GeoDataFrame:
    columns = [*_NAMES, *more]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    told = [name for name in columns if name in {"id", "name", *more} or frame[name].any()]
    return gpd.GeoDataFrame(frame[told], geometry=shapes, crs=area.crs)
