"""Water, residential land, built-up land and named quarters of an extract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.osm.communities import PLACE_AREAS
from layers.osm.shapes import Aside, metric_polygons, missing_of, names_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from layers.osm.extract import Extract, Tags
    from layers.osm.study_area import Area

BUILT_UP = ("residential", "commercial", "retail", "industrial", "institutional", "education")


def is_water(tags: Tags) -> bool:
    """Tell whether an area is water."""
    return (
        tags.get("natural") == "water"
        or tags.get("waterway") in {"riverbank", "dock"}
        or tags.get("landuse") in {"reservoir", "basin"}
    )


SORTS: dict[str, Callable[[Tags], bool]] = {
    "water": is_water,
    "residential": lambda tags: tags.get("landuse") == "residential",
    "built_up": lambda tags: tags.get("landuse") in BUILT_UP,
    "zone": lambda tags: tags.get("place") in PLACE_AREAS and bool(tags.get("name")),
}
"""What belongs to each layer of land."""


def land_of(kind: str, extract: Extract, area: Area) -> tuple[gpd.GeoDataFrame, list[Aside]]:
    """Make a layer of land near the area, and list what of it has no shape or lies elsewhere."""
    wanted = SORTS[kind]
    shapes = [shape for shape in extract.shapes if wanted(shape.tags)]
    polygons = metric_polygons(shapes, area.crs)
    broken = shapely.is_missing(polygons)
    near = area.near(polygons)
    aside = missing_of(extract, kind, [wanted(each.tags) for each in extract.missing])
    for shape, lost, taken in zip(shapes, broken, near, strict=True):
        if not taken:
            reason = "shape_broken" if lost else "outside"
            aside.append(Aside(kind, shape.id, shape.tags.get("name", ""), reason))
    rows = [
        {"id": s.id, **names_of(s.tags)} for s, taken in zip(shapes, near, strict=True) if taken
    ]
    columns = ["id", "name", *(("name_en", "name_zh") if kind == "zone" else ())]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    told = [name for name in columns if name in {"id", "name"} or frame[name].any()]
    return gpd.GeoDataFrame(frame[told], geometry=polygons[np.asarray(near)], crs=area.crs), aside
