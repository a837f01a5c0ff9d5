"""Shapes of an extract in the metres of its area, and what had to be left aside on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.osm.extract import Extract, Shape, Tags

_POLYGON = 2
NAMES = ("name", "name:en", "name:zh")
"""Names that go into the files, under `name`, `name_en`, `name_zh`."""


@dataclass(frozen=True)
class Aside:
    """
    An object that matches a layer and is not in it.

    Attributes
    ----------
    layer
        The kind of the layer.
    object, name
        Its number in OpenStreetMap, such as `way/12`, and its name.
    reason
        A code of the data dictionary, `aside_reason`.
    detail
        The value or the other object that decided; may be empty.
    """

    layer: str
    object: str
    name: str
    reason: str
    detail: str = ""


def metric_polygons(shapes: Sequence[Shape], crs: CRS) -> NDArray[np.object_]:
    """Build valid polygons in metres; `None` for those of which no area is left."""
    if not shapes:
        return np.empty(0, dtype=object)
    degrees = shapely.from_wkb([shape.wkb for shape in shapes], on_invalid="ignore")
    metres = gpd.GeoSeries(degrees, crs=4326).to_crs(crs).to_numpy(copy=True)
    wrong = ~shapely.is_valid(metres) & ~shapely.is_missing(metres)
    metres[wrong] = shapely.make_valid(metres[wrong], method="structure", keep_collapsed=False)
    metres[~(shapely.area(metres) > 0) | (shapely.get_dimensions(metres) != _POLYGON)] = None
    return np.asarray(metres, dtype=object)


def metric_points(lon: Sequence[float], lat: Sequence[float], crs: CRS) -> NDArray[np.object_]:
    """Build points in metres."""
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(crs)
    return np.asarray(points.to_numpy(), dtype=object)


def names_of(tags: Tags) -> dict[str, str]:
    """Take the names of an object in the languages of the dashboard."""
    chinese = tags.get("name:zh-Hans", tags.get("name:zh", ""))
    return {
        "name": tags.get("name", ""),
        "name_en": tags.get("name:en", ""),
        "name_zh": chinese,
    }


def missing_of(extract: Extract, layer: str, wanted: NDArray[np.bool_] | list[bool]) -> list[Aside]:
    """List the objects without place or shape that a layer would have had."""
    return [
        Aside(layer, each.id, each.tags.get("name", ""), each.reason)
        for each, yes in zip(extract.missing, wanted, strict=True)
        if yes
    ]
